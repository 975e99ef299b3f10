/* --set: "model.layers[0].units=64" applied to a document. */
#include "doc.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* One step of a path: a member's key, or (key NULL) an element's index. */
typedef struct step {
    const char *key;
    int index;
} step;

typedef struct assignment {
    nn_doc *doc;
    char *path; /* cut into keys by NULs */
    step steps[NN_JSON_MAX_DEPTH];
    int count;
    int origin;
    char name[NN_SHOWN + 8]; /* "--set model.layers[0].units" */
    nn_err *err;
} assignment;

static nn_code refuse(const assignment *a, const char *message)
{
    return nn_err_set(a->err, NN_EUSAGE, a->name, "%s", message);
}

static nn_code add_step(assignment *a, const char *key, int index)
{
    if (a->count == NN_JSON_MAX_DEPTH)
        return refuse(a, "the path has too many steps");
    a->steps[a->count++] = (step){key, index};
    return NN_OK;
}

/* The index at *at, which stands after its "[". */
static nn_code split_index(assignment *a, char **at)
{
    const size_t len = strspn(*at, "0123456789");
    int64_t index = 0;

    if ((*at)[len] != ']' || !nn_parse_i64(*at, len, &index) || index > INT32_MAX)
        return refuse(a, "expected a path such as model.layers[0].units");
    *at += len + 1;
    return add_step(a, NULL, (int)index);
}

static nn_code split(assignment *a)
{
    for (char *at = a->path;; at++) {
        const char *key = at;
        char next = '\0';

        at += strcspn(at, ".[]");
        next = *at;
        if (at == key)
            return refuse(a, "expected a path such as model.layers[0].units");
        *at = '\0';
        NN_TRY(add_step(a, key, 0));
        while (next == '[') {
            at++;
            NN_TRY(split_index(a, &at));
            next = *at;
        }
        if (next == '\0')
            return NN_OK;
        if (next != '.')
            return refuse(a, "expected a path such as model.layers[0].units");
    }
}

static cJSON *find(cJSON *parent, const step *at)
{
    return at->key != NULL ? cJSON_GetObjectItemCaseSensitive(parent, at->key)
                           : cJSON_GetArrayItem(parent, at->index);
}

/* Hangs `item` under `parent` in place of `old`, or as a new member. Takes it over. */
static nn_code attach(const assignment *a, cJSON *parent, const step *at, cJSON *old, cJSON *item)
{
    nn_spot *spot = &a->doc->spots[item->valueint];
    bool ok = true;

    spot->parent = parent->valueint;
    spot->position =
        old != NULL ? a->doc->spots[old->valueint].position : cJSON_GetArraySize(parent);
    if (at->key == NULL)
        ok = cJSON_ReplaceItemViaPointer(parent, old, item);
    else if (old != NULL)
        ok = cJSON_ReplaceItemInObjectCaseSensitive(parent, at->key, item) && item->string != NULL;
    else
        ok = cJSON_AddItemToObject(parent, at->key, item);
    if (ok)
        return NN_OK;
    if (item->prev == NULL) /* it hangs nowhere */
        cJSON_Delete(item);
    return nn_err_memory(a->err, "a value of --set", 0);
}

/* Gives a fresh item its spot, or releases it. */
static nn_code settle(const assignment *a, cJSON *item)
{
    nn_code rc = NN_OK;

    if (item == NULL)
        return nn_err_memory(a->err, "a value of --set", 0);
    rc = nn_doc_add_spot(a->doc, item, a->origin, a->err);
    if (rc != NN_OK)
        cJSON_Delete(item);
    return rc;
}

/* Puts the name that stood there into the object that takes its place. */
static nn_code put_type(const assignment *a, cJSON *object, const cJSON *old)
{
    static const step type = {"type", 0};
    cJSON *name = cJSON_CreateString(old->valuestring);

    NN_TRY(settle(a, name));
    const nn_spot *written = &a->doc->spots[old->valueint];

    /* Its faults stand where it was written. */
    a->doc->spots[name->valueint].begin = written->begin;
    a->doc->spots[name->valueint].origin = written->origin;
    return attach(a, object, &type, NULL, name);
}

/* A new object in place of `old`. A name becomes its "type", since both mean the same. */
static nn_code make_object(const assignment *a, cJSON *parent, const step *at, cJSON *old,
                           cJSON **object)
{
    cJSON *made = cJSON_CreateObject();

    NN_TRY(settle(a, made));
    if (cJSON_IsString(old)) {
        const nn_code rc = put_type(a, made, old);

        if (rc != NN_OK) {
            cJSON_Delete(made);
            return rc;
        }
    }
    *object = made;
    return attach(a, parent, at, old, made);
}

static nn_code refuse_step(const assignment *a, nn_node parent, const step *at)
{
    char path[NN_PATH_TEXT];
    char got[NN_SHOWN];

    (void)nn_node_path(parent, path, sizeof(path));
    if (at->key == NULL && nn_node_is(parent, NN_JSON_ARRAY))
        return nn_err_set(a->err, NN_EUSAGE, a->name, "%s has %d elements, so there is no [%d]",
                          path, nn_node_count(parent), at->index);
    return nn_err_set(a->err, NN_EUSAGE, a->name, "expected %s to be %s, got %s",
                      *path == '\0' ? "the document" : path,
                      at->key == NULL ? "a list" : "an object", nn_node_show(parent, got));
}

/* The right side as a tree with spots. What does not look like JSON is a text. */
static nn_code make_value(assignment *a, const char *right, cJSON **value)
{
    nn_doc *doc = a->doc;
    const size_t len = strlen(right);
    const size_t from = doc->count;
    nn_code rc = NN_OK;

    NN_TRY(nn_doc_add_origin(doc, a->name, right, len, &a->origin, a->err));
    nn_scan scan = {.text = doc->origins[a->origin].text, .len = len, .max_text = NN_JSON_MAX_TEXT};

    rc = nn_doc_build(doc, &scan, value, a->err);
    if (rc == NN_OK)
        return nn_doc_check_repeated(doc, from, a->err);
    if (rc != NN_ECONFIG)
        return rc;
    if (len > NN_JSON_MAX_TEXT || nn_utf8_check(right, len) < len ||
        (len > 0 && strchr("{[\"", *right) != NULL))
        return nn_err_set(a->err, NN_EUSAGE, a->name, "%s%s%s", scan.message,
                          scan.hint != NULL ? "; " : "", scan.hint != NULL ? scan.hint : "");
    cJSON *text = cJSON_CreateString(right);

    NN_TRY(settle(a, text));
    *value = text;
    return NN_OK;
}

/* Goes to the parent of the last step, making objects that are missing. */
static nn_code descend(const assignment *a, cJSON **parent)
{
    cJSON *here = a->doc->root;

    for (int i = 0;; i++) {
        const step *at = &a->steps[i];
        cJSON *child = find(here, at);

        if (at->key == NULL ? child == NULL || !cJSON_IsArray(here) : !cJSON_IsObject(here))
            return refuse_step(a, (nn_node){a->doc, here}, at);
        if (i == a->count - 1)
            break;
        if (a->steps[i + 1].key != NULL &&
            (child == NULL || cJSON_IsNull(child) || cJSON_IsString(child)))
            NN_TRY(make_object(a, here, at, child, &child));
        if (child == NULL)
            return nn_err_set(a->err, NN_EUSAGE, a->name, "there is no list \"%s\"", at->key);
        here = child;
    }
    *parent = here;
    return NN_OK;
}

static nn_code apply(assignment *a, const char *right)
{
    const step *last = NULL;
    cJSON *parent = NULL;
    cJSON *value = NULL;
    nn_code rc = split(a);

    if (rc == NN_OK)
        rc = make_value(a, right, &value);
    if (rc == NN_OK)
        rc = descend(a, &parent);
    if (rc != NN_OK) {
        cJSON_Delete(value);
        return rc;
    }
    last = &a->steps[a->count - 1];
    return attach(a, parent, last, find(parent, last), value);
}

nn_code nn_doc_set(nn_doc *doc, const char *text, nn_err *err)
{
    const size_t prefix = sizeof(NN_SET_PREFIX) - 1;
    const size_t len = strcspn(text, "=");
    assignment a = {.doc = doc, .err = err};
    nn_code rc = NN_OK;

    memcpy(a.name, NN_SET_PREFIX, prefix);
    (void)nn_text_show(a.name + prefix, sizeof(a.name) - prefix, text, len, 200);
    if (len == 0 || text[len] != '=')
        return nn_err_set(err, NN_EUSAGE, "--set", "expected PATH=JSON, got \"%.200s\"", text);
    a.path = nn_strndup(text, len);
    if (a.path == NULL)
        return nn_err_memory(err, "a path of --set", len);
    rc = apply(&a, text + len + 1);
    nn_free(a.path);
    return rc;
}
