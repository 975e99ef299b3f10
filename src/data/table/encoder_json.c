/* An encoder as JSON in the model file, and back, with bounds on everything. */
#include "data/encoder.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "data/refuse.h"

static const char *const kind_words[] = {"number", "onehot", "ordinal", "binary", "embedding", NULL};

/* ---- writing ---- */

static void write_words(nn_buf *out, const char *key, const nn_words *words)
{
    nn_buf_printf(out, ",\"%s\":[", key);
    for (int i = 0; i < words->count; i++) {
        nn_buf_put(out, i == 0 ? "" : ",");
        nn_buf_json(out, words->text[i]);
    }
    nn_buf_char(out, ']');
}

static void write_flag(nn_buf *out, const char *key, bool set)
{
    if (set)
        nn_buf_printf(out, ",\"%s\":true", key);
}

static void write_column(const nn_encoded *c, nn_buf *out)
{
    nn_buf_printf(out,
                  "{\"kind\":\"%s\",\"place\":%d,\"scale\":\"%s\",\"fill\":", kind_words[c->kind],
                  c->place, nn_scale_words[c->scale]);
    nn_buf_double(out, c->fill);
    if (c->name != NULL) {
        nn_buf_put(out, ",\"name\":");
        nn_buf_json(out, c->name);
    }
    write_flag(out, "impute", c->impute);
    write_flag(out, "indicator", c->indicator);
    write_flag(out, "log1p", c->log1p);
    write_flag(out, "pooled", c->pooled);
    write_flag(out, "lenient", c->lenient);
    if (c->clip) {
        nn_buf_put(out, ",\"clip\":[");
        nn_buf_double(out, c->low);
        nn_buf_char(out, ',');
        nn_buf_double(out, c->high);
        nn_buf_char(out, ']');
    }
    if (c->kind != NN_ENCODING_NUMBER)
        write_words(out, "words", &c->words);
    nn_buf_char(out, '}');
}

void nn_encoder_write(const nn_encoder *e, nn_buf *out)
{
    nn_buf_printf(out, "{\"file_columns\":%d,\"decimal\":\"%s\"", e->file_columns,
                  nn_decimal_words[e->decimal]);
    if (e->delimiter != NULL) {
        nn_buf_put(out, ",\"delimiter\":");
        nn_buf_json(out, e->delimiter);
    }
    write_words(out, "missing", &e->missing);
    nn_buf_put(out, ",\"targets\":[");
    for (int i = 0; i < e->targets; i++)
        nn_buf_printf(out, i == 0 ? "%d" : ",%d", e->target[i]);
    nn_buf_put(out, "],\"columns\":[");
    for (int k = 0; k < e->count; k++) {
        nn_buf_put(out, k == 0 ? "" : ",");
        write_column(&e->column[k], out);
    }
    nn_buf_put(out, "]}");
}

/* ---- reading ---- */

typedef struct stored {
    int file_columns, decimal;
    const char *delimiter;
    nn_node missing, targets, columns;
} stored;

static const nn_field table_fields[] = {
    {.key = "file_columns",
     .type = NN_FIELD_INT,
     .at = offsetof(stored, file_columns),
     .range = "[1,1000000]"},
    {.key = "decimal",
     .type = NN_FIELD_WORD,
     .at = offsetof(stored, decimal),
     .words = nn_decimal_words},
    {.key = "delimiter",
     .type = NN_FIELD_TEXT,
     .at = offsetof(stored, delimiter),
     .fallback = "null"},
    {.key = "missing", .type = NN_FIELD_NODE, .at = offsetof(stored, missing)},
    {.key = "targets", .type = NN_FIELD_NODE, .at = offsetof(stored, targets)},
    {.key = "columns", .type = NN_FIELD_NODE, .at = offsetof(stored, columns)},
    {.key = NULL},
};

typedef struct stored_column {
    int kind, place, scale;
    double fill;
    const char *name;
    bool impute, indicator, log1p, pooled, lenient;
    nn_node clip, words;
} stored_column;

static const nn_field column_fields[] = {
    {.key = "kind",
     .type = NN_FIELD_WORD,
     .at = offsetof(stored_column, kind),
     .words = kind_words},
    {.key = "place",
     .type = NN_FIELD_INT,
     .at = offsetof(stored_column, place),
     .range = "[0,999999]"},
    {.key = "scale",
     .type = NN_FIELD_WORD,
     .at = offsetof(stored_column, scale),
     .words = nn_scale_words},
    {.key = "fill", .type = NN_FIELD_NUM, .at = offsetof(stored_column, fill)},
    {.key = "name", .type = NN_FIELD_TEXT, .at = offsetof(stored_column, name), .fallback = "null"},
    {.key = "impute",
     .type = NN_FIELD_BOOL,
     .at = offsetof(stored_column, impute),
     .fallback = "false"},
    {.key = "indicator",
     .type = NN_FIELD_BOOL,
     .at = offsetof(stored_column, indicator),
     .fallback = "false"},
    {.key = "log1p",
     .type = NN_FIELD_BOOL,
     .at = offsetof(stored_column, log1p),
     .fallback = "false"},
    {.key = "pooled",
     .type = NN_FIELD_BOOL,
     .at = offsetof(stored_column, pooled),
     .fallback = "false"},
    {.key = "lenient",
     .type = NN_FIELD_BOOL,
     .at = offsetof(stored_column, lenient),
     .fallback = "false"},
    {.key = "clip", .type = NN_FIELD_NODE, .at = offsetof(stored_column, clip), .fallback = "null"},
    {.key = "words",
     .type = NN_FIELD_NODE,
     .at = offsetof(stored_column, words),
     .fallback = "null"},
    {.key = NULL},
};

/* Reads an object by its fields; what they find wrong is an error value here. */
static nn_code read_fields(const nn_field *fields, nn_node object, void *out, nn_err *err)
{
    const nn_problems *problems = nn_doc_problems(object.doc);
    const size_t before = nn_problems_errors(problems);

    nn_fields_read(fields, object, NULL, out);
    return nn_problems_errors(problems) > before ? nn_problems_check(problems, err) : NN_OK;
}

/* Different texts; in the order of their bytes when they are `sorted`. */
static nn_code read_words(nn_words *out, nn_node list, bool sorted, nn_err *err)
{
    char shown[NN_SHOWN];
    bool fresh = true;
    int id = 0;

    if (!nn_node_is(list, NN_JSON_ARRAY) || nn_node_count(list) > NN_MAX_CLASSES)
        return nn_refuse_node(list, err, NULL, "expected a list of at most %d words, got %s",
                              NN_MAX_CLASSES, nn_node_show(list, shown));
    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n)) {
        const char *text = nn_node_text(n);

        if (!nn_node_is(n, NN_JSON_TEXT))
            return nn_refuse_node(n, err, NULL, "expected a word, got %s", nn_node_show(n, shown));
        if (sorted && out->count > 0 && strcmp(out->text[out->count - 1], text) >= 0)
            return nn_refuse_node(n, err, NULL, "expected words in the order of their bytes");
        NN_TRY(nn_words_add(out, text, strlen(text), &id, &fresh, err));
        if (!fresh)
            return nn_refuse_node(n, err, NULL, "the word %s is there twice",
                                  nn_node_show(n, shown));
    }
    return NN_OK;
}

static nn_code read_clip(nn_encoded *c, nn_node clip, nn_err *err)
{
    const nn_node low = nn_node_first(clip), high = nn_node_next(low);
    char shown[NN_SHOWN];

    if (nn_node_is(clip, NN_JSON_NONE))
        return NN_OK;
    if (!nn_node_is(clip, NN_JSON_ARRAY) || nn_node_count(clip) != 2 ||
        !nn_node_is(low, NN_JSON_NUMBER) || !nn_node_is(high, NN_JSON_NUMBER) ||
        !(nn_node_number(low) < nn_node_number(high)))
        return nn_refuse_node(clip, err, NULL, "expected [low, high], got %s",
                              nn_node_show(clip, shown));
    c->clip = true;
    c->low = nn_node_number(low);
    c->high = nn_node_number(high);
    return NN_OK;
}

/* What the kinds promise to those who encode. */
static nn_code check_column(const nn_encoded *c, nn_node n, nn_err *err)
{
    const bool number = c->kind == NN_ENCODING_NUMBER;
    const int words = c->words.count;

    if (c->scale == NN_SCALE_AUTO || !isfinite(c->fill))
        return nn_refuse_node(n, err, NULL,
                              "expected a scaling other than auto, and a finite fill");
    if (number ? c->pooled || c->lenient : c->log1p || c->clip)
        return nn_refuse_node(n, err, NULL, "numbers and categories have keys of their own");
    if (!number && words + c->pooled == 0)
        return nn_refuse_node(n, err, NULL, "a category column without categories");
    if (!number && (c->fill < 0 || c->fill != floor(c->fill) ||
                    (c->fill >= words && !(c->fill == 0 && words == 0))))
        return nn_refuse_node(n, err, NULL, "fill is no index of its %d words", words);
    if (c->kind == NN_ENCODING_BINARY && (words > 2 || c->pooled))
        return nn_refuse_node(n, err, NULL, "a binary column of %d words", words);
    return NN_OK;
}

static nn_code read_column(nn_encoded *c, nn_node n, nn_err *err)
{
    stored_column s = {0};

    NN_TRY(read_fields(column_fields, n, &s, err));
    c->kind = s.kind;
    c->place = s.place;
    c->scale = s.scale;
    c->fill = s.fill;
    c->impute = s.impute;
    c->indicator = s.indicator;
    c->log1p = s.log1p;
    c->pooled = s.pooled;
    c->lenient = s.lenient;
    NN_TRY(read_clip(c, s.clip, err));
    if (c->kind != NN_ENCODING_NUMBER && nn_node_is(s.words, NN_JSON_NONE))
        return nn_refuse_node(n, err, NULL, "a category column without words");
    if (c->kind != NN_ENCODING_NUMBER)
        NN_TRY(read_words(&c->words, s.words, true, err));
    if (s.name != NULL && (c->name = nn_strdup(s.name)) == NULL)
        return nn_err_memory(err, "the columns", 0);
    c->width = (c->kind == NN_ENCODING_ONEHOT ? c->words.count + c->pooled : 1) + c->indicator;
    return check_column(c, n, err);
}

static nn_code read_columns(nn_encoder *e, nn_node list, nn_err *err)
{
    char shown[NN_SHOWN];
    bool fresh = true;
    int id = 0;

    if (!nn_node_is(list, NN_JSON_ARRAY) || nn_node_count(list) == 0)
        return nn_refuse_node(list, err, NULL, "expected a list of columns, got %s",
                              nn_node_show(list, shown));
    e->column = nn_alloc((size_t)nn_node_count(list), sizeof *e->column);
    if (e->column == NULL)
        return nn_err_memory(err, "the columns", 0);
    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n)) {
        nn_encoded *c = &e->column[e->count++];

        NN_TRY(read_column(c, n, err));
        if ((c->name == NULL) != (e->column[0].name == NULL))
            return nn_refuse_node(n, err, NULL, "either all columns have names or none");
        if (c->name != NULL)
            NN_TRY(nn_words_add(&e->names, c->name, strlen(c->name), &id, &fresh, err));
        if (!fresh || c->place >= e->file_columns)
            return nn_refuse_node(n, err, NULL, "a name that is there twice, or a place outside");
        c->at = e->features;
        e->features += c->width;
        if (e->features > NN_CSV_MAX_COLUMNS)
            return nn_refuse_node(n, err, NULL, "more than %d features", NN_CSV_MAX_COLUMNS);
    }
    return NN_OK;
}

static nn_code read_targets(nn_encoder *e, nn_node list, nn_err *err)
{
    char shown[NN_SHOWN];

    if (!nn_node_is(list, NN_JSON_ARRAY) || nn_node_count(list) > e->file_columns)
        return nn_refuse_node(list, err, NULL, "expected a list of columns, got %s",
                              nn_node_show(list, shown));
    e->target = nn_alloc((size_t)nn_node_count(list) + 1, sizeof *e->target);
    if (e->target == NULL)
        return nn_err_memory(err, "the columns", 0);
    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n)) {
        const double value = nn_node_number(n);

        if (!nn_node_is(n, NN_JSON_NUMBER) || value < 0 || value >= e->file_columns ||
            value != floor(value))
            return nn_refuse_node(n, err, NULL, "expected the index of a column, got %s",
                                  nn_node_show(n, shown));
        e->target[e->targets++] = (int)value;
    }
    return NN_OK;
}

static nn_code fill(nn_encoder *e, nn_node object, nn_err *err)
{
    stored s = {0};

    NN_TRY(read_fields(table_fields, object, &s, err));
    e->file_columns = s.file_columns;
    e->decimal = s.decimal;
    if (s.delimiter != NULL && (e->delimiter = nn_strdup(s.delimiter)) == NULL)
        return nn_err_memory(err, "the columns", 0);
    NN_TRY(read_words(&e->missing, s.missing, false, err));
    NN_TRY(read_targets(e, s.targets, err));
    return read_columns(e, s.columns, err);
}

nn_code nn_encoder_read(nn_encoder **out, nn_node object, nn_err *err)
{
    nn_encoder *e = nn_alloc(1, sizeof *e);
    nn_code rc = NN_OK;

    *out = NULL;
    if (e == NULL)
        return nn_err_memory(err, "the columns", sizeof *e);
    rc = fill(e, object, err);
    if (rc != NN_OK)
        nn_encoder_free(e);
    else
        *out = e;
    return rc;
}
