/* The reference of a table and everything it refers to, in Markdown. */
#include "fields.h"

#include <string.h>

/* Text of a table cell: a bar would end it. */
static void put_cell(const char *text, nn_buf *out)
{
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c++) {
        if (*c == '|')
            nn_buf_char(out, '\\');
        nn_buf_char(out, *c);
    }
}

static void put_link(const nn_field *f, nn_buf *out)
{
    nn_ref ref = {0};

    if (!nn_field_ref(f, &ref))
        return;
    nn_buf_printf(out, "[%s](#", nn_ref_name(&ref));
    nn_ref_put_word(&ref, '-', out);
    nn_buf_char(out, ')');
}

static void put_words(const char *const *words, nn_buf *out)
{
    for (size_t i = 0; words[i] != NULL; i++)
        nn_buf_printf(out, "%s`%s`", i == 0 ? "" : ", ", words[i]);
}

static void put_type(const nn_field *f, nn_buf *out)
{
    static const char *const names[] = {
        [NN_FIELD_INT] = "integer", [NN_FIELD_SEED] = "integer, or text",
        [NN_FIELD_NUM] = "number",  [NN_FIELD_BOOL] = "true or false",
        [NN_FIELD_TEXT] = "text",   [NN_FIELD_SHAPE] = "list of integers",
        [NN_FIELD_NODE] = "value",  [NN_FIELD_PAIR] = "integer, or two in a list",
    };
    nn_ref ref = {0};

    if (f->type == NN_FIELD_WORD) {
        put_words(f->words, out);
    } else if (nn_field_ref(f, &ref)) {
        nn_buf_put(out, f->type == NN_FIELD_LIST ? "list of " : "");
        put_link(f, out);
        nn_buf_put(out, f->form != NULL ? ", or value" : "");
    } else {
        nn_buf_put(out, names[f->type]);
    }
}

static void put_range(const nn_field *f, nn_buf *out)
{
    const nn_range range = nn_field_range(f);
    char words[NN_RANGE_TEXT];

    if (f->range != NULL)
        nn_buf_put(out, nn_range_text(&range, words));
    else if (f->type == NN_FIELD_SEED)
        nn_buf_put(out, "from 0 to 9007199254740992; as text to 18446744073709551615");
}

static void put_default(const nn_field *f, nn_buf *out)
{
    if (f->fallback == NULL)
        nn_buf_put(out, "required");
    else if (nn_field_is_optional(f))
        nn_buf_put(out, "none");
    else
        nn_buf_printf(out, "`%s`", f->fallback);
}

static void put_fields(const nn_field *fields, nn_buf *out)
{
    if (fields == NULL || fields->key == NULL)
        return;
    nn_buf_put(out, "| key | type | range | default | meaning |\n|---|---|---|---|---|\n");
    NN_EACH_FIELD(f, fields)
    {
        nn_buf_printf(out, "| `%s` | ", f->key);
        put_type(f, out);
        nn_buf_put(out, " | ");
        put_range(f, out);
        nn_buf_put(out, " | ");
        put_default(f, out);
        nn_buf_put(out, " | ");
        put_cell(f->help, out);
        nn_buf_put(out, " |\n");
    }
    nn_buf_char(out, '\n');
}

static void put_family(const nn_ref *ref, nn_buf *out)
{
    if (ref->table == NULL) {
        nn_buf_put(out,
                   "A name, or an object with the name as its `type` and any of the keys.\n\n");
    } else {
        nn_buf_put(out, "An object with a `type`, the keys of its type, and any of these:\n\n");
        put_fields(ref->table->fields, out);
    }
    for (const nn_kind *const *k = ref->family->kinds; *k != NULL; k++) {
        nn_buf_printf(out, "### `%s`\n\n%s\n\n", (*k)->name, (*k)->help);
        put_fields((*k)->fields, out);
    }
}

static void put_section(const nn_ref *ref, nn_buf *out)
{
    nn_buf_printf(out, "## %s\n\n%s\n\n", nn_ref_name(ref), nn_ref_help(ref));
    if (ref->family != NULL)
        put_family(ref, out);
    else
        put_fields(ref->table->fields, out);
}

void nn_table_manual(const nn_table *root, nn_buf *out)
{
    const nn_ref self = {NULL, root};
    nn_refs refs = {0};

    nn_refs_collect(&refs, root->fields);
    put_section(&self, out);
    for (size_t i = 0; i < refs.count; i++)
        put_section(&refs.list[i], out);
}
