/* Writing a filled struct back as JSON, every key with its value: resolved.json. */
#include "fields.h"

#include <inttypes.h>

#include "scan.h"

static void write_ints(const int *value, int count, nn_buf *out)
{
    nn_buf_char(out, '[');
    for (int i = 0; i < count; i++)
        nn_buf_printf(out, "%s%d", i == 0 ? "" : ",", value[i]);
    nn_buf_char(out, ']');
}

static void write_text(const char *text, nn_buf *out)
{
    if (text == NULL)
        nn_buf_put(out, "null");
    else
        nn_buf_json(out, text);
}

/* What stood in the document; its owner knows what the fallback stands for otherwise. */
static void write_node(const nn_field *f, nn_node n, nn_buf *out)
{
    if (n.item != NULL)
        nn_node_write(n, out);
    else
        nn_buf_put(out, f->fallback == NULL ? "null" : f->fallback);
}

static void write_value(const nn_field *f, const void *at, nn_buf *out)
{
    switch (f->type) {
    case NN_FIELD_INT:
        nn_buf_printf(out, "%d", *(const int *)at);
        break;
    case NN_FIELD_SEED:
        nn_buf_printf(out,
                      *(const uint64_t *)at > (uint64_t)NN_JSON_MAX_WHOLE ? "\"%" PRIu64 "\""
                                                                          : "%" PRIu64,
                      *(const uint64_t *)at);
        break;
    case NN_FIELD_NUM:
        nn_buf_double(out, *(const double *)at);
        break;
    case NN_FIELD_BOOL:
        nn_buf_put(out, *(const bool *)at ? "true" : "false");
        break;
    case NN_FIELD_TEXT:
        write_text(*(const char *const *)at, out);
        break;
    case NN_FIELD_WORD:
        nn_buf_json(out, f->words[*(const int *)at]);
        break;
    case NN_FIELD_CHOICE:
        nn_choice_write(at, out);
        break;
    case NN_FIELD_SHAPE:
        write_ints(((const nn_shape *)at)->dim, ((const nn_shape *)at)->rank, out);
        break;
    case NN_FIELD_PAIR:
        write_ints(at, 2, out);
        break;
    case NN_FIELD_OBJECT:
        nn_buf_char(out, '{');
        nn_fields_write(f->table->fields, at, true, out);
        nn_buf_char(out, '}');
        break;
    case NN_FIELD_NODE:
    case NN_FIELD_LIST:
        write_node(f, *(const nn_node *)at, out);
        break;
    }
}

static bool is_unset(const nn_field *f, const void *at);

static bool are_unset(const nn_field *fields, const void *conf)
{
    NN_EACH_FIELD(f, fields)
    {
        if (!is_unset(f, (const char *)conf + f->at))
            return false;
    }
    return true;
}

/* Is it what an absent key leaves: zero? */
static bool is_unset(const nn_field *f, const void *at)
{
    switch (f->type) {
    case NN_FIELD_INT:
    case NN_FIELD_WORD:
        return *(const int *)at == 0;
    case NN_FIELD_SEED:
        return *(const uint64_t *)at == 0;
    case NN_FIELD_NUM:
        return *(const double *)at == 0;
    case NN_FIELD_BOOL:
        return !*(const bool *)at;
    case NN_FIELD_TEXT:
        return *(const char *const *)at == NULL;
    case NN_FIELD_CHOICE:
        return ((const nn_choice *)at)->kind == NULL;
    case NN_FIELD_SHAPE:
        return ((const nn_shape *)at)->rank == 0;
    case NN_FIELD_PAIR:
        return ((const int *)at)[0] == 0 && ((const int *)at)[1] == 0;
    case NN_FIELD_OBJECT:
        return are_unset(f->table->fields, at);
    case NN_FIELD_NODE:
    case NN_FIELD_LIST:
        return ((const nn_node *)at)->item == NULL;
    }
    return false;
}

void nn_fields_write(const nn_field *fields, const void *conf, bool first, nn_buf *out)
{
    NN_EACH_FIELD(f, fields)
    {
        const void *at = (const char *)conf + f->at;

        if (nn_field_is_optional(f) && is_unset(f, at))
            continue;
        if (!first)
            nn_buf_char(out, ',');
        first = false;
        nn_buf_json(out, f->key);
        nn_buf_char(out, ':');
        write_value(f, at, out);
    }
}

void nn_choice_write(const nn_choice *choice, nn_buf *out)
{
    const nn_kind *kind = choice->kind;

    if (kind == NULL) {
        nn_buf_put(out, "null");
        return;
    }
    if (kind->fields == NULL || kind->fields->key == NULL) {
        nn_buf_json(out, kind->name);
        return;
    }
    nn_buf_put(out, "{\"type\":");
    nn_buf_json(out, kind->name);
    nn_fields_write(kind->fields, &choice->conf, false, out);
    nn_buf_char(out, '}');
}
