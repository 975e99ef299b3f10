/* Fitting an encoder: what becomes of missing fields, which categories there are. */
#include "data/encoder.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/refuse.h"

/* A column and the training rows. */
typedef struct source {
    const nn_view *train;
    const nn_raw *raw;
    int k;
    const nn_raw_column *column;
    double *value;   /* [count] what the rows have, for numbers; room for all rows */
    size_t count;    /* rows where it is not missing */
    size_t *rows_of; /* [words] how many rows have each word */
} source;

static float raw_at(const source *s, size_t i)
{
    const size_t row = nn_view_row(s->train, i);

    return (float)nn_dataset_value(s->train->data, row * (size_t)s->raw->count + (size_t)s->k);
}

static nn_code refuse(const source *s, const nn_encoded *c, nn_err *err, const char *what)
{
    char name[NN_SHOWN];

    return nn_err_set(err, NN_EDATA, s->train->data->name,
                      c->name != NULL ? "column \"%s\": %s" : "column %s: %s",
                      nn_encoded_name(c, name), what);
}

/* ---- numbers ---- */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The most frequent value; the least of equals. The values are sorted. */
static double mode_of(const source *s)
{
    size_t most = 0;
    double best = 0;

    for (size_t i = 0, first = 0; i < s->count; i++) {
        if (s->value[i] != s->value[first])
            first = i;
        if (i + 1 - first > most) {
            most = i + 1 - first;
            best = s->value[i];
        }
    }
    return best;
}

static double fill_of(source *s)
{
    const nn_column_conf *conf = &s->column->conf;
    double sum = 0;

    switch ((nn_impute)conf->impute) {
    case NN_IMPUTE_MEAN:
        for (size_t i = 0; i < s->count; i++)
            sum += s->value[i];
        return sum / (double)s->count;
    case NN_IMPUTE_MEDIAN:
        qsort(s->value, s->count, sizeof *s->value, compare);
        return (s->value[(s->count - 1) / 2] + s->value[s->count / 2]) / 2;
    case NN_IMPUTE_MODE:
        qsort(s->value, s->count, sizeof *s->value, compare);
        return mode_of(s);
    case NN_IMPUTE_CONSTANT:
        return nn_node_number(conf->value);
    default:
        return 0;
    }
}

static nn_code fit_number(nn_encoded *c, source *s, const nn_data_conf *conf, nn_err *err)
{
    const nn_column_conf *own = &s->column->conf;

    c->kind = NN_ENCODING_NUMBER;
    c->width = 1;
    c->log1p = own->log1p;
    c->clip = !nn_node_is(own->clip, NN_JSON_NONE);
    c->low = nn_node_number(nn_node_at(own->clip, 0));
    c->high = nn_node_number(nn_node_at(own->clip, 1));
    c->scale = own->scale != NN_SCALE_AUTO ? own->scale : conf->scale;
    c->scale = c->scale == NN_SCALE_AUTO ? NN_SCALE_STANDARD : c->scale;
    if (!c->impute)
        return NN_OK;
    s->value = nn_alloc(s->train->count, sizeof *s->value);
    if (s->value == NULL)
        return nn_err_memory(err, "the columns", s->train->count * sizeof *s->value);
    for (size_t i = 0; i < s->train->count; i++)
        if (!isnan(raw_at(s, i)))
            s->value[s->count++] = (double)raw_at(s, i);
    if (s->count == 0)
        return refuse(s, c, err, "every value is missing in the training rows");
    c->fill = fill_of(s);
    return NN_OK;
}

/* ---- words ---- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static nn_code count_words(source *s, nn_err *err)
{
    s->rows_of = nn_alloc((size_t)s->column->words.count + 1, sizeof *s->rows_of);
    if (s->rows_of == NULL)
        return nn_err_memory(err, "the categories", 0);
    for (size_t i = 0; i < s->train->count; i++) {
        const float raw = raw_at(s, i);

        if (isnan(raw))
            continue;
        s->rows_of[(int)raw]++;
        s->count++;
    }
    return NN_OK;
}

/* The constant that missing fields become is a category, whether a row has it or not. */
static const char *constant_of(const source *s)
{
    return s->column->conf.impute == NN_IMPUTE_CONSTANT ? nn_node_text(s->column->conf.value)
                                                        : NULL;
}

/* The words of enough training rows, sorted. */
static nn_code keep_words(nn_encoded *c, const source *s, nn_err *err)
{
    const nn_words *words = &s->column->words;
    const char **kept = nn_alloc((size_t)words->count + 1, sizeof *kept);
    const char *constant = constant_of(s);
    nn_code rc = kept == NULL ? nn_err_memory(err, "the categories", 0) : NN_OK;
    size_t count = 0;
    int id = 0;

    if (rc == NN_OK && constant != NULL)
        kept[count++] = constant;
    for (int i = 0; rc == NN_OK && i < words->count; i++) {
        if (s->rows_of[i] == 0 || (constant != NULL && strcmp(constant, words->text[i]) == 0))
            continue;
        if (s->rows_of[i] >= (size_t)s->column->conf.min_count)
            kept[count++] = words->text[i];
        else
            c->pooled = true;
    }
    if (rc == NN_OK)
        qsort(kept, count, sizeof *kept, compare_texts);
    for (size_t i = 0; rc == NN_OK && i < count; i++)
        rc = nn_words_add(&c->words, kept[i], strlen(kept[i]), &id, NULL, err);
    nn_free(kept);
    return rc;
}

/* The index of the category that the most rows have. */
static int mode_word(const nn_encoded *c, const source *s)
{
    const nn_words *words = &s->column->words;
    size_t most = 0;
    int best = 0;

    for (int k = 0; k < c->words.count; k++) {
        const int i = nn_words_find(words, c->words.text[k], strlen(c->words.text[k]));

        if (i >= 0 && s->rows_of[i] > most) {
            most = s->rows_of[i];
            best = k;
        }
    }
    return best;
}

static nn_code settle_kind(nn_encoded *c, const source *s, const nn_data_conf *conf, nn_err *err)
{
    const nn_column_conf *own = &s->column->conf;
    const bool two = c->words.count == 2 && !c->pooled;

    c->kind = NN_ENCODING_ONEHOT;
    if (own->type == NN_COLUMN_BINARY && (c->words.count > 2 || c->pooled))
        return refuse(s, c, err, "a binary column has two values, and the training rows have more");
    if (own->encode == NN_ENCODE_ORDINAL)
        c->kind = NN_ENCODING_ORDINAL;
    else if (own->encode == NN_ENCODE_EMBEDDING)
        c->kind = NN_ENCODING_EMBEDDING;
    else if (own->type == NN_COLUMN_BINARY ||
             (own->type == NN_COLUMN_AUTO && own->encode == NN_ENCODE_AUTO && two))
        c->kind = NN_ENCODING_BINARY;
    c->width = c->kind == NN_ENCODING_ONEHOT ? c->words.count + c->pooled : 1;
    c->scale = NN_SCALE_NONE;
    if (c->kind == NN_ENCODING_ORDINAL) {
        c->scale = own->scale != NN_SCALE_AUTO ? own->scale : conf->scale;
        c->scale = c->scale == NN_SCALE_AUTO ? NN_SCALE_STANDARD : c->scale;
    }
    return NN_OK;
}

static nn_code fit_words(nn_encoded *c, source *s, const nn_data_conf *conf, nn_err *err)
{
    const char *constant = constant_of(s);

    NN_TRY(count_words(s, err));
    if (s->count == 0)
        return refuse(s, c, err, "every value is missing in the training rows");
    if (constant != NULL && *constant == '\0')
        return nn_refuse_node(s->column->conf.value, err, NULL,
                              "expected a category, since the column holds words");
    NN_TRY(keep_words(c, s, err));
    NN_TRY(settle_kind(c, s, conf, err));
    c->lenient = s->column->conf.unknown != 0 || c->pooled;
    c->fill =
        constant != NULL ? nn_words_find(&c->words, constant, strlen(constant)) : mode_word(c, s);
    return NN_OK;
}

/* ---- all columns ---- */

static nn_code fit_column(nn_encoded *c, source *s, const nn_data_conf *conf, nn_err *err)
{
    nn_code rc = NN_OK;

    c->place = s->column->place;
    c->impute = s->column->conf.impute != NN_IMPUTE_ERROR;
    c->indicator = s->column->conf.indicator;
    if (s->column->name != NULL && (c->name = nn_strdup(s->column->name)) == NULL)
        return nn_err_memory(err, "the column names", 0);
    rc = s->column->is_word ? fit_words(c, s, conf, err) : fit_number(c, s, conf, err);
    c->width += c->indicator;
    nn_free(s->value);
    nn_free(s->rows_of);
    return rc;
}

static nn_code take_file(nn_encoder *e, const nn_dataset *d, const nn_data_conf *conf, nn_err *err)
{
    const nn_raw *raw = d->raw;
    int id = 0;

    e->file_columns = raw->file_columns;
    e->decimal = conf->csv.decimal;
    if (conf->csv.delimiter != NULL && strcmp(conf->csv.delimiter, "auto") != 0 &&
        (e->delimiter = nn_strdup(conf->csv.delimiter)) == NULL)
        return nn_err_memory(err, "the columns", 0);
    NN_TRY(nn_csv_missing(&e->missing, conf->csv.missing, err));
    e->target = nn_alloc((size_t)raw->targets + 1, sizeof *e->target);
    if (e->target == NULL)
        return nn_err_memory(err, "the columns", 0);
    e->targets = raw->targets;
    for (int k = 0; k < raw->targets; k++)
        e->target[k] = raw->target[k];
    for (int k = 0; k < d->targets.count; k++)
        NN_TRY(nn_words_add(&e->names, d->targets.name[k], strlen(d->targets.name[k]), &id, NULL,
                            err));
    for (int k = 0; k < raw->count; k++)
        if (raw->column[k].name != NULL)
            NN_TRY(nn_words_add(&e->names, raw->column[k].name, strlen(raw->column[k].name), &id,
                                NULL, err));
    return NN_OK;
}

static nn_code fit(nn_encoder *e, const nn_view *train, const nn_data_conf *conf, nn_err *err)
{
    const nn_raw *raw = train->data->raw;

    NN_TRY(take_file(e, train->data, conf, err));
    e->column = nn_alloc((size_t)raw->count, sizeof *e->column);
    if (e->column == NULL)
        return nn_err_memory(err, "the columns", 0);
    for (int k = 0; k < raw->count; k++) {
        nn_encoded *c = &e->column[e->count++];
        source s = {.train = train, .raw = raw, .k = k, .column = &raw->column[k]};

        NN_TRY(fit_column(c, &s, conf, err));
        c->at = e->features;
        e->features += c->width;
        if (e->features > NN_CSV_MAX_COLUMNS)
            return nn_err_set(err, NN_ELIMIT, train->data->name,
                              "the columns become more than %d features", NN_CSV_MAX_COLUMNS);
    }
    return NN_OK;
}

nn_code nn_encoder_fit(nn_encoder **out, const nn_view *train, const nn_data_conf *conf,
                       nn_err *err)
{
    nn_encoder *e = nn_alloc(1, sizeof *e);
    nn_code rc = NN_OK;

    assert(train->data->raw != NULL);
    *out = NULL;
    if (e == NULL)
        return nn_err_memory(err, "the columns", sizeof *e);
    rc = fit(e, train, conf, err);
    if (rc != NN_OK)
        nn_encoder_free(e);
    else
        *out = e;
    return rc;
}
