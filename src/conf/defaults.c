/* Defaults: the fallback texts of fields, which the program itself wrote, as values. */
#include "fields.h"

#include <assert.h>
#include <string.h>

#include "doc.h"

/* The text without its double quotes. */
static const char *unquote(const char *json, size_t *len)
{
    *len = strlen(json) - 2;
    assert(json[0] == '"' && json[*len + 1] == '"' && strchr(json, '\\') == NULL);
    return json + 1;
}

/* Whole numbers of "3" or "[1,2]"; returns how many. */
static int parse_ints(const char *json, int *out, int most)
{
    int count = 0;

    for (const char *at = json + strspn(json, "[ "); *at != '\0' && *at != ']';) {
        const size_t len = strcspn(at, ",] ");
        int64_t value = 0;
        const bool ok = nn_parse_i64(at, len, &value);

        assert(ok && count < most);
        (void)ok;
        (void)most;
        out[count++] = (int)value;
        at += len;
        at += strspn(at, ", ");
    }
    return count;
}

static double parse_number(const char *json)
{
    double value = 0;
    const nn_number read = nn_parse_double(json, strlen(json), &value);

    assert(read == NN_NUMBER_OK);
    (void)read;
    return value;
}

static int parse_word(const nn_field *f)
{
    size_t len = 0;
    const char *word = unquote(f->fallback, &len);
    int i = 0;

    while (strncmp(f->words[i], word, len) != 0 || f->words[i][len] != '\0') {
        i++;
        assert(f->words[i] != NULL);
    }
    return i;
}

const nn_kind *nn_field_default_kind(const nn_field *f)
{
    size_t len = 0;
    const char *name = NULL;

    if (f->fallback == NULL || f->fallback[0] != '"')
        return NULL;
    name = unquote(f->fallback, &len);
    for (const nn_kind *const *k = f->family->kinds; *k != NULL; k++) {
        if (strncmp((*k)->name, name, len) == 0 && (*k)->name[len] == '\0')
            return *k;
    }
    assert(!"the fallback of a choice is in its family");
    return NULL;
}

static void default_text(const nn_field *f, nn_doc *doc, const char **at)
{
    size_t len = 0;
    const char *text = unquote(f->fallback, &len);

    assert(doc != NULL);
    *at = nn_doc_keep(doc, text, len);
}

static void default_shape(const nn_field *f, nn_shape *at)
{
    *at = (nn_shape){0};
    at->rank = parse_ints(f->fallback, at->dim, NN_MAX_RANK);
}

static void default_pair(const nn_field *f, int *at)
{
    if (parse_ints(f->fallback, at, 2) == 1)
        at[1] = at[0];
}

static void set_default(const nn_field *f, nn_doc *doc, void *at)
{
    switch (f->type) {
    case NN_FIELD_INT:
        *(int *)at = (int)parse_number(f->fallback);
        break;
    case NN_FIELD_SEED:
        *(uint64_t *)at = (uint64_t)parse_number(f->fallback);
        break;
    case NN_FIELD_NUM:
        *(double *)at = parse_number(f->fallback);
        break;
    case NN_FIELD_BOOL:
        *(bool *)at = strcmp(f->fallback, "true") == 0;
        break;
    case NN_FIELD_TEXT:
        default_text(f, doc, at);
        break;
    case NN_FIELD_WORD:
        *(int *)at = parse_word(f);
        break;
    case NN_FIELD_CHOICE:
        nn_choice_default(at, nn_field_default_kind(f));
        break;
    case NN_FIELD_SHAPE:
        default_shape(f, at);
        break;
    case NN_FIELD_PAIR:
        default_pair(f, at);
        break;
    case NN_FIELD_OBJECT:
        nn_fields_default(f->table->fields, doc, at);
        break;
    case NN_FIELD_NODE:
    case NN_FIELD_LIST:
        break;
    }
}

void nn_fields_default(const nn_field *fields, nn_doc *doc, void *conf)
{
    NN_EACH_FIELD(f, fields)
    {
        void *at = (char *)conf + f->at;

        if (f->type == NN_FIELD_NODE || f->type == NN_FIELD_LIST)
            *(nn_node *)at = (nn_node){doc, NULL};
        else if (f->fallback != NULL && !nn_field_is_optional(f))
            set_default(f, doc, at);
    }
}
