/* A document: its texts, its tree, and where every item of the tree stands. */
#include "doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void *take(size_t bytes)
{
    return nn_alloc(1, bytes);
}

void nn_origin_locate(const nn_origin *origin, size_t offset, int *line, int *column)
{
    size_t low = 0;
    size_t high = origin->lines;

    *line = *column = 0;
    if (origin->line == NULL)
        return;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;

        if (origin->line[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    *line = (int)low + 1;
    *column = (int)(offset - origin->line[low]) + 1;
}

static nn_code find_lines(nn_origin *origin, nn_err *err)
{
    size_t capacity = 0;

    for (size_t i = 0; i <= origin->len; i++) {
        if (i > 0 && origin->text[i - 1] != '\n')
            continue;
        NN_TRY(nn_grow(&origin->line, &capacity, origin->lines + 1, sizeof(*origin->line), err));
        origin->line[origin->lines++] = (uint32_t)i;
    }
    return NN_OK;
}

nn_code nn_doc_add_origin(nn_doc *doc, const char *name, const char *text, size_t len, int *origin,
                          nn_err *err)
{
    nn_origin *o = NULL;

    NN_TRY(nn_grow(&doc->origins, &doc->origin_capacity, doc->origin_count + 1, sizeof(*o), err));
    o = &doc->origins[doc->origin_count];
    *o = (nn_origin){.name = nn_strdup(name), .text = nn_alloc(1, len + 1), .len = len};
    *origin = (int)doc->origin_count++;
    if (o->name == NULL || o->text == NULL)
        return nn_err_memory(err, "a JSON text", len);
    memcpy(o->text, text, len);
    return NN_OK;
}

nn_code nn_doc_add_spot(nn_doc *doc, cJSON *item, int origin, nn_err *err)
{
    NN_TRY(nn_grow(&doc->spots, &doc->capacity, doc->count + 1, sizeof(*doc->spots), err));
    item->valueint = (int)doc->count;
    doc->spots[doc->count++] = (nn_spot){.item = item, .parent = -1, .origin = origin};
    return NN_OK;
}

/* Spots are in document order, and so is this walk. Returns the index after the last. */
static size_t link_items(nn_doc *doc, cJSON *item, size_t index)
{
    doc->spots[index].item = item;
    item->valueint = (int)index++;
    for (cJSON *child = item->child; child != NULL; child = child->next)
        index = link_items(doc, child, index);
    return index;
}

static nn_code adopt_spots(nn_doc *doc, const nn_scan *scan, cJSON *tree, nn_err *err)
{
    const size_t base = doc->count;

    NN_TRY(nn_grow(&doc->spots, &doc->capacity, base + scan->count, sizeof(*doc->spots), err));
    for (size_t i = 0; i < scan->count; i++) {
        nn_spot *spot = &doc->spots[base + i];

        *spot = scan->spots[i];
        spot->parent += i == 0 ? 0 : (int)base;
        spot->origin = (int)doc->origin_count - 1;
    }
    doc->count += scan->count;
    (void)link_items(doc, tree, base);
    return NN_OK;
}

nn_code nn_doc_build(nn_doc *doc, nn_scan *scan, cJSON **tree, nn_err *err)
{
    cJSON_Hooks hooks = {take, nn_free};
    const char *end = NULL;
    nn_code rc = nn_scan_run(scan, err);

    *tree = NULL;
    if (rc == NN_OK) {
        cJSON_InitHooks(&hooks); /* a global of cJSON's, always set to the same */
        *tree = cJSON_ParseWithLengthOpts(scan->text, scan->len + 1, &end, 1);
        rc = *tree != NULL ? adopt_spots(doc, scan, *tree, err)
                           : nn_err_memory(err, "a JSON document", 0);
    }
    if (rc != NN_OK) {
        cJSON_Delete(*tree);
        *tree = NULL;
    }
    nn_free(scan->spots);
    scan->spots = NULL;
    return rc;
}

/* Adds a fault of the text to the problems, and the first one to *err. */
static nn_code refuse(nn_doc *doc, size_t at, const char *path, const char *hint,
                      const char *message, nn_err *err)
{
    nn_place place = {doc->origins[0].name, 0, 0, path};
    char where[NN_WHERE_SIZE];

    if (doc->reported[NN_ERROR]++ >= NN_DOC_MAX_REPORTED)
        return doc->code;
    nn_origin_locate(&doc->origins[0], at, &place.line, &place.column);
    nn_problems_add(doc->problems, NN_ERROR, doc->code, place, hint, "%s", message);
    if (doc->reported[NN_ERROR] > 1)
        return doc->code; /* *err says the first */
    (void)snprintf(where, sizeof(where), "%.256s:%d:%d", place.file, place.line, place.column);
    return nn_err_set(err, doc->code, where, "%s%s%s", message, hint != NULL ? "; " : "",
                      hint != NULL ? hint : "");
}

/* By key, and equal keys by their order in the text. */
static int compare_members(const void *a, const void *b)
{
    const cJSON *x = *(const cJSON *const *)a;
    const cJSON *y = *(const cJSON *const *)b;
    const int order = strcmp(x->string, y->string);

    return order != 0 ? order : (x->valueint > y->valueint) - (x->valueint < y->valueint);
}

static nn_code refuse_repeated(nn_doc *doc, const cJSON *first, const cJSON *again, nn_err *err)
{
    const nn_spot *spot = &doc->spots[again->valueint];
    const nn_node around = {doc, doc->spots[spot->parent].item};
    const nn_origin *origin = &doc->origins[spot->origin];
    char shown[NN_SHOWN];
    char path[NN_PATH_TEXT];
    char message[NN_SCAN_MESSAGE];
    int line = 0;
    int column = 0;

    (void)nn_text_show(shown, sizeof(shown), again->string, strlen(again->string), 40);
    if (origin->line == NULL)
        return nn_err_set(err, NN_EUSAGE, origin->name, "repeated key \"%s\"", shown);
    nn_origin_locate(origin, doc->spots[first->valueint].key, &line, &column);
    (void)snprintf(message, sizeof(message), "repeated key \"%s\", first at line %d, column %d",
                   shown, line, column);
    return refuse(doc, spot->key, nn_node_path(around, path, sizeof(path)), NULL, message, err);
}

/* cJSON keeps both of two equal keys. Sorting finds them, and no input makes it slow. */
static nn_code check_members(nn_doc *doc, const cJSON *object, const cJSON **sorted, nn_err *err)
{
    size_t count = 0;
    size_t first = 0;
    nn_code rc = NN_OK;

    for (const cJSON *member = object->child; member != NULL; member = member->next)
        sorted[count++] = member;
    qsort(sorted, count, sizeof(*sorted), compare_members);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[first]->string, sorted[i]->string) == 0)
            rc = refuse_repeated(doc, sorted[first], sorted[i], err);
        else
            first = i;
    }
    return rc;
}

nn_code nn_doc_check_repeated(nn_doc *doc, size_t from, nn_err *err)
{
    const cJSON **sorted = nn_alloc(doc->count, sizeof(*sorted));
    nn_code rc = NN_OK;

    if (sorted == NULL)
        return nn_err_memory(err, "a JSON document", doc->count * sizeof(*sorted));
    for (size_t i = from; i < doc->count; i++) {
        if (cJSON_IsObject(doc->spots[i].item)) {
            const nn_code found = check_members(doc, doc->spots[i].item, sorted, err);

            rc = rc == NN_OK ? found : rc;
        }
    }
    nn_free(sorted);
    return rc;
}

/* The text as the document's tree, or its syntax fault. */
static nn_code parse(nn_doc *doc, const nn_json_source *source, size_t max_text, nn_err *err)
{
    nn_origin *text = &doc->origins[0];
    nn_scan scan = {
        .text = text->text, .len = text->len, .comments = source->comments, .max_text = max_text};
    nn_code rc = find_lines(text, err);

    if (rc == NN_OK)
        rc = nn_doc_build(doc, &scan, &doc->root, err);
    if (rc == NN_ECONFIG)
        return refuse(doc, scan.fault_at, NULL, scan.hint, scan.message, err);
    return rc;
}

/* Hands out what could be parsed, repeated keys and all. */
static nn_code build(nn_doc **out, const nn_json_source *source, const char *text, size_t len,
                     size_t max_text, nn_problems *problems, nn_err *err)
{
    static const char mark[] = "\xef\xbb\xbf"; /* the byte order mark of UTF-8 says nothing */
    const size_t skip = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    nn_doc *doc = NULL;
    int origin = 0;
    nn_code rc = NN_OK;

    *out = NULL;
    if (len > NN_JSON_MAX_BYTES)
        return nn_err_set(err, NN_ELIMIT, source->name,
                          "expected at most %d bytes of JSON, got %zu", (int)NN_JSON_MAX_BYTES,
                          len);
    doc = nn_alloc(1, sizeof(*doc));
    if (doc == NULL)
        return nn_err_memory(err, "a JSON document", sizeof(*doc));
    doc->code = source->code;
    doc->problems = problems;
    rc = nn_doc_add_origin(doc, source->name, text + skip, len - skip, &origin, err);
    if (rc == NN_OK)
        rc = parse(doc, source, max_text, err);
    if (rc != NN_OK)
        nn_doc_free(doc);
    else
        *out = doc;
    return rc;
}

static nn_code give_up(nn_doc **out, nn_code rc)
{
    if (rc != NN_OK) {
        nn_doc_free(*out);
        *out = NULL;
    }
    return rc;
}

nn_code nn_doc_parse_limit(nn_doc **out, const nn_json_source *source, const char *text, size_t len,
                           size_t max_text, nn_problems *problems, nn_err *err)
{
    NN_TRY(build(out, source, text, len, max_text, problems, err));
    return give_up(out, nn_doc_check_repeated(*out, 0, err));
}

nn_code nn_doc_parse(nn_doc **out, const nn_json_source *source, const char *text, size_t len,
                     nn_problems *problems, nn_err *err)
{
    return nn_doc_parse_limit(out, source, text, len, NN_JSON_MAX_TEXT, problems, err);
}

nn_code nn_doc_parse_whole(nn_doc **out, const nn_json_source *source, const char *text, size_t len,
                           nn_problems *problems, nn_err *err)
{
    nn_err repeated = {0};
    nn_code rc;

    NN_TRY(build(out, source, text, len, NN_JSON_MAX_TEXT, problems, err));
    rc = nn_doc_check_repeated(*out, 0, &repeated);
    if (rc == NN_OK || rc == source->code)
        return NN_OK;
    return give_up(out, nn_err_set(err, rc, repeated.where, "%s", repeated.msg));
}

void nn_doc_free(nn_doc *doc)
{
    if (doc == NULL)
        return;
    cJSON_Delete(doc->root);
    for (size_t i = 0; i < doc->origin_count; i++) {
        nn_free(doc->origins[i].name);
        nn_free(doc->origins[i].text);
        nn_free(doc->origins[i].line);
    }
    for (size_t i = 0; i < doc->kept_count; i++)
        nn_free(doc->kept[i]);
    nn_free(doc->kept);
    nn_free(doc->origins);
    nn_free(doc->spots);
    nn_free(doc);
}

const char *nn_doc_keep(nn_doc *doc, const char *text, size_t len)
{
    nn_err ignored;
    char *copy = nn_strndup(text, len);

    if (copy == NULL || nn_grow(&doc->kept, &doc->kept_capacity, doc->kept_count + 1,
                                sizeof(*doc->kept), &ignored) != NN_OK) {
        nn_free(copy);
        doc->problems->lost = true;
        return NULL;
    }
    doc->kept[doc->kept_count++] = copy;
    return copy;
}

nn_node nn_doc_root(nn_doc *doc)
{
    return (nn_node){doc, doc->root};
}

nn_problems *nn_doc_problems(nn_doc *doc)
{
    return doc->problems;
}

const char *nn_doc_name(const nn_doc *doc)
{
    return doc->origins[0].name;
}
