/* The JSON schema (draft-07) of a table, so that editors complete and check configs. */
#include "fields.h"

#include <math.h>
#include <string.h>

/* `"key":"text",` */
static void put_text(const char *key, const char *text, nn_buf *out)
{
    nn_buf_json(out, key);
    nn_buf_char(out, ':');
    nn_buf_json(out, text);
    nn_buf_char(out, ',');
}

static void put_bound(const char *key, double value, nn_buf *out)
{
    if (isinf(value))
        return;
    nn_buf_printf(out, ",\"%s\":", key);
    nn_buf_double(out, value);
}

static void put_number(const nn_field *f, nn_buf *out)
{
    const nn_range range = nn_field_range(f);

    nn_buf_put(out, nn_field_is_whole(f) ? "\"type\":\"integer\"" : "\"type\":\"number\"");
    put_bound(range.open_low ? "exclusiveMinimum" : "minimum", range.low, out);
    put_bound(range.open_high ? "exclusiveMaximum" : "maximum", range.high, out);
}

static void put_numbers(const nn_field *f, int least, int most, nn_buf *out)
{
    nn_buf_put(out, "\"type\":\"array\",\"items\":{");
    put_number(f, out);
    nn_buf_printf(out, "},\"minItems\":%d,\"maxItems\":%d", least, most);
}

static void put_enum(const char *const *words, nn_buf *out)
{
    nn_buf_put(out, "\"enum\":[");
    for (size_t i = 0; words[i] != NULL; i++) {
        nn_buf_put(out, i == 0 ? "" : ",");
        nn_buf_json(out, words[i]);
    }
    nn_buf_char(out, ']');
}

static void put_ref(const nn_field *f, nn_buf *out)
{
    nn_ref ref = {0};

    if (!nn_field_ref(f, &ref))
        return;
    nn_buf_put(out, "\"$ref\":\"#/definitions/");
    nn_ref_put_word(&ref, '_', out);
    nn_buf_char(out, '"');
}

/* What a NODE's owner says, what the field refers to, or both as alternatives. */
static void put_node(const nn_field *f, nn_buf *out)
{
    nn_ref ref = {0};

    if (f->form == NULL) {
        put_ref(f, out);
        return;
    }
    nn_buf_printf(out, "\"anyOf\":[%s", f->form);
    if (nn_field_ref(f, &ref)) {
        nn_buf_put(out, ",{");
        put_ref(f, out);
        nn_buf_char(out, '}');
    }
    nn_buf_char(out, ']');
}

/* The members of the schema of a value, without its braces. */
static void put_value(const nn_field *f, nn_buf *out)
{
    switch (f->type) {
    case NN_FIELD_INT:
    case NN_FIELD_NUM:
        put_number(f, out);
        break;
    case NN_FIELD_SEED:
        nn_buf_put(out, "\"anyOf\":[{\"type\":\"integer\",\"minimum\":0,"
                        "\"maximum\":9007199254740992},"
                        "{\"type\":\"string\",\"pattern\":\"^[0-9]{1,20}$\"}]");
        break;
    case NN_FIELD_BOOL:
        nn_buf_put(out, "\"type\":\"boolean\"");
        break;
    case NN_FIELD_TEXT:
        nn_buf_put(out, "\"type\":\"string\"");
        break;
    case NN_FIELD_WORD:
        put_enum(f->words, out);
        break;
    case NN_FIELD_SHAPE:
        put_numbers(f, 1, NN_MAX_RANK, out);
        break;
    case NN_FIELD_PAIR:
        nn_buf_put(out, "\"anyOf\":[{");
        put_number(f, out);
        nn_buf_put(out, "},{");
        put_numbers(f, 2, 2, out);
        nn_buf_put(out, "}]");
        break;
    case NN_FIELD_CHOICE:
    case NN_FIELD_OBJECT:
        put_ref(f, out);
        break;
    case NN_FIELD_NODE:
        put_node(f, out);
        break;
    case NN_FIELD_LIST:
        nn_buf_put(out, "\"type\":\"array\",\"items\":{");
        put_ref(f, out);
        nn_buf_char(out, '}');
        break;
    }
}

/* In draft-07 nothing beside a "$ref" counts, so a reference stands in braces of its own. */
static bool needs_braces(const nn_field *f)
{
    return f->type == NN_FIELD_CHOICE || f->type == NN_FIELD_OBJECT ||
           (f->type == NN_FIELD_NODE && f->form == NULL);
}

static void put_property(const nn_field *f, nn_buf *out)
{
    const char *open = "";

    nn_buf_json(out, f->key);
    nn_buf_put(out, ":{");
    put_text("description", f->help, out);
    if (nn_field_is_optional(f))
        open = "\"anyOf\":[{\"type\":\"null\"},{";
    else if (needs_braces(f))
        open = "\"allOf\":[{";
    if (f->fallback != NULL && !nn_field_is_optional(f))
        nn_buf_printf(out, "\"default\":%s,", f->fallback);
    nn_buf_put(out, open);
    put_value(f, out);
    nn_buf_put(out, *open == '\0' ? "}" : "}]}");
}

static void put_properties(const nn_field *fields, bool first, nn_buf *out)
{
    NN_EACH_FIELD(f, fields)
    {
        if (!first)
            nn_buf_char(out, ',');
        first = false;
        put_property(f, out);
    }
}

static void put_required(const nn_field *fields, bool first, nn_buf *out)
{
    NN_EACH_FIELD(f, fields)
    {
        if (f->fallback != NULL)
            continue;
        if (!first)
            nn_buf_char(out, ',');
        first = false;
        nn_buf_json(out, f->key);
    }
}

/* The schema of an object with these fields, without its braces. */
static void put_object(const nn_table *table, nn_buf *out)
{
    put_text("description", table->help, out);
    nn_buf_put(out, "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
    put_properties(table->fields, true, out);
    nn_buf_put(out, "},\"required\":[");
    put_required(table->fields, true, out);
    nn_buf_char(out, ']');
}

/* {"type": "name", ...} */
static void put_kind(const nn_kind *kind, const nn_table *common, nn_buf *out)
{
    nn_buf_char(out, '{');
    put_text("description", kind->help, out);
    nn_buf_put(out, "\"type\":\"object\",\"additionalProperties\":false,"
                    "\"properties\":{\"type\":{\"const\":");
    nn_buf_json(out, kind->name);
    nn_buf_char(out, '}');
    put_properties(kind->fields, false, out);
    put_properties(common == NULL ? NULL : common->fields, false, out);
    nn_buf_put(out, "},\"required\":[\"type\"");
    put_required(kind->fields, false, out);
    put_required(common == NULL ? NULL : common->fields, false, out);
    nn_buf_put(out, "]}");
}

/* The names that stand for a kind with all its defaults. */
static void put_names(const nn_family *family, nn_buf *out)
{
    const char *names[NN_MAX_NAMES];
    size_t kept = 0;

    nn_family_names(family, names);
    for (size_t i = 0; names[i] != NULL; i++) {
        if (!nn_kind_needs_keys(family->kinds[i]))
            names[kept++] = names[i];
    }
    names[kept] = NULL;
    if (kept == 0)
        return;
    nn_buf_char(out, '{');
    put_enum(names, out);
    nn_buf_put(out, "},");
}

static void put_family(const nn_ref *ref, nn_buf *out)
{
    put_text("description", ref->family->help, out);
    nn_buf_put(out, "\"anyOf\":[");
    if (ref->table == NULL)
        put_names(ref->family, out);
    for (size_t i = 0; ref->family->kinds[i] != NULL; i++) {
        nn_buf_put(out, i == 0 ? "" : ",");
        put_kind(ref->family->kinds[i], ref->table, out);
    }
    nn_buf_char(out, ']');
}

static void put_definition(const nn_ref *ref, nn_buf *out)
{
    nn_buf_char(out, '"');
    nn_ref_put_word(ref, '_', out);
    nn_buf_put(out, "\":{");
    if (ref->family != NULL)
        put_family(ref, out);
    else
        put_object(ref->table, out);
    nn_buf_char(out, '}');
}

void nn_table_schema(const nn_table *root, const char *title, nn_buf *out)
{
    nn_refs refs = {0};

    nn_refs_collect(&refs, root->fields);
    nn_buf_char(out, '{');
    put_text("$schema", "http://json-schema.org/draft-07/schema#", out);
    put_text("title", title, out);
    put_object(root, out);
    nn_buf_put(out, ",\"definitions\":{");
    for (size_t i = 0; i < refs.count; i++) {
        nn_buf_put(out, i == 0 ? "" : ",");
        put_definition(&refs.list[i], out);
    }
    nn_buf_put(out, "}}\n");
}
