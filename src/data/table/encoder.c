/* Applying an encoder: raw rows into samples. */
#include "data/encoder.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/load.h"

enum { UNKNOWN = -1 };

void nn_encoder_free(nn_encoder *e)
{
    if (e == NULL)
        return;
    for (int k = 0; k < e->count; k++) {
        nn_free(e->column[k].name);
        nn_words_free(&e->column[k].words);
    }
    nn_free(e->column);
    nn_free(e->target);
    nn_free(e->delimiter);
    nn_words_free(&e->missing);
    nn_words_free(&e->names);
    nn_free(e);
}

void nn_encoder_scales(const nn_encoder *e, nn_scale *scale)
{
    for (int k = 0; k < e->features; k++)
        scale[k] = NN_SCALE_NONE; /* zeros and ones stay as they are */
    for (int k = 0; k < e->count; k++)
        scale[e->column[k].at] = (nn_scale)e->column[k].scale;
}

nn_code nn_encoder_categories(int **out, const nn_encoder *e, const nn_shape *shape, nn_code code,
                              nn_err *err)
{
    int embedded = 0;

    *out = NULL;
    for (int k = 0; e != NULL && k < e->count; k++)
        embedded += e->column[k].kind == NN_ENCODING_EMBEDDING;
    if (embedded == 0)
        return NN_OK;
    if (nn_shape_last(shape) != e->features)
        return nn_err_set(err, code, "data.shape",
                          "columns encoded as \"embedding\" must stay in a row, but %d features "
                          "become rows of %d",
                          e->features, nn_shape_last(shape));
    *out = nn_alloc((size_t)e->features, sizeof **out);
    if (*out == NULL)
        return nn_err_memory(err, "the categories", 0);
    for (int k = 0; k < e->count; k++)
        if (e->column[k].kind == NN_ENCODING_EMBEDDING)
            (*out)[e->column[k].at] = e->column[k].words.count + e->column[k].pooled;
    return NN_OK;
}

const char *nn_encoded_name(const nn_encoded *c, char *dst)
{
    if (c->name != NULL)
        return nn_text_show(dst, NN_SHOWN, c->name, strlen(c->name), 40);
    snprintf(dst, NN_SHOWN, "%d", c->place + 1);
    return dst;
}

/* ---- names of features ---- */

static nn_code add_name(char ***names, int *count, const char *name, const char *link,
                        const char *what, nn_err *err)
{
    nn_buf text = {0};

    nn_buf_printf(&text, "%s%s%s", name, link, what);
    NN_TRY(nn_buf_check(&text, err));
    (*names)[*count] = nn_strdup(text.data);
    nn_buf_free(&text);
    if ((*names)[*count] == NULL)
        return nn_err_memory(err, "the names of features", 0);
    (*count)++;
    return NN_OK;
}

static nn_code add_names(const nn_encoded *c, char ***names, int *count, nn_err *err)
{
    if (c->kind != NN_ENCODING_ONEHOT)
        NN_TRY(add_name(names, count, c->name, "", "", err));
    for (int i = 0; c->kind == NN_ENCODING_ONEHOT && i < c->words.count; i++)
        NN_TRY(add_name(names, count, c->name, "=", c->words.text[i], err));
    if (c->kind == NN_ENCODING_ONEHOT && c->pooled)
        NN_TRY(add_name(names, count, c->name, "=", "other", err));
    return c->indicator ? add_name(names, count, c->name, " is ", "missing", err) : NN_OK;
}

nn_code nn_encoder_names(const nn_encoder *e, char ***out, nn_err *err)
{
    char **names = NULL;
    int count = 0;
    nn_code rc = NN_OK;

    *out = NULL;
    if (e->column[0].name == NULL)
        return NN_OK;
    names = nn_alloc((size_t)e->features, sizeof *names);
    if (names == NULL)
        return nn_err_memory(err, "the names of features", 0);
    for (int k = 0; rc == NN_OK && k < e->count; k++)
        rc = add_names(&e->column[k], &names, &count, err);
    if (rc == NN_OK) {
        *out = names;
        return NN_OK;
    }
    while (count > 0)
        nn_free(names[--count]);
    nn_free(names);
    return rc;
}

/* ---- rows ---- */

/* What the rows of one dataset are encoded with. */
typedef struct work {
    const nn_encoder *e;
    nn_dataset *d;
    const nn_raw *raw;
    int **category; /* [count][words of the raw column] the category of each, UNKNOWN */
} work;

static nn_code refuse(const work *w, size_t row, const nn_encoded *c, nn_err *err, const char *what,
                      const char *shown, const char *advice)
{
    char where[NN_WHERE_SIZE], name[NN_SHOWN];

    return nn_err_set(err, NN_EDATA, nn_dataset_where(w->d, row, where),
                      c->name != NULL ? "column \"%s\": %s%s%s" : "column %s: %s%s%s",
                      nn_encoded_name(c, name), what, shown, advice);
}

static nn_code encode_number(const work *w, size_t row, int k, float raw, float *to, nn_err *err)
{
    const nn_encoded *c = &w->e->column[k];
    double value = isnan(raw) ? c->fill : (double)raw;
    char text[NN_NUMBER_TEXT];

    if (c->indicator)
        to[c->width - 1] = isnan(raw) ? 1 : 0;
    if (c->clip)
        value = value < c->low ? c->low : value > c->high ? c->high : value;
    if (c->log1p && value <= -1)
        return refuse(w, row, c, err, "log1p needs numbers above -1, got ",
                      nn_format_double(text, value), "; set its clip");
    to[0] = (float)(c->log1p ? log1p(value) : value);
    return NN_OK;
}

/* A word's category; the fill where the field is missing. */
static nn_code find_category(const work *w, size_t row, int k, float raw, int *category,
                             nn_err *err)
{
    const nn_encoded *c = &w->e->column[k];
    char shown[NN_SHOWN];

    *category = isnan(raw) ? (int)c->fill : w->category[k][(int)raw];
    if (*category != UNKNOWN)
        return NN_OK;
    w->d->unknown++;
    if (c->lenient)
        return NN_OK;
    const char *word = w->raw->column[k].words.text[(int)raw];
    return refuse(w, row, c, err, "a category that no training row has: \"",
                  nn_text_show(shown, sizeof shown, word, strlen(word), 40),
                  "\"; set its unknown to \"other\" to let such rows pass");
}

static nn_code encode_word(const work *w, size_t row, int k, float raw, float *to, nn_err *err)
{
    const nn_encoded *c = &w->e->column[k];
    int category = UNKNOWN;

    NN_TRY(find_category(w, row, k, raw, &category, err));
    memset(to, 0, (size_t)c->width * sizeof *to);
    if (category == UNKNOWN && c->pooled)
        category = c->words.count;
    if (c->indicator)
        to[c->width - 1] = isnan(raw) ? 1 : 0;
    if (c->kind == NN_ENCODING_ONEHOT && category != UNKNOWN)
        to[category] = 1;
    else if (c->kind == NN_ENCODING_BINARY)
        to[0] = category == UNKNOWN ? 0.5f : (float)category;
    else if (c->kind == NN_ENCODING_EMBEDDING)
        to[0] = (float)category;
    else if (c->kind == NN_ENCODING_ORDINAL)
        to[0] = category == UNKNOWN ? (float)c->fill : (float)category;
    return NN_OK;
}

/* Does a column of numbers stay as it is? */
static bool is_done(const nn_encoded *c)
{
    return c->kind == NN_ENCODING_NUMBER && !c->impute && !c->clip && !c->log1p;
}

/* From `from`, [rows][count], to `to`, [rows][features]; the same where no column becomes wider. */
static nn_code encode_rows(const work *w, const float *from, float *to, nn_err *err)
{
    const nn_encoder *e = w->e;

    for (int k = 0; k < e->count; k++) {
        const nn_encoded *c = &e->column[k];
        const bool number = c->kind == NN_ENCODING_NUMBER;

        if (from == to && is_done(c))
            continue;
        for (size_t i = 0; i < w->d->rows; i++) {
            const float raw = from[i * (size_t)e->count + (size_t)k];
            float *at = to + i * (size_t)e->features + c->at;

            NN_TRY(number ? encode_number(w, i, k, raw, at, err)
                          : encode_word(w, i, k, raw, at, err));
        }
    }
    return NN_OK;
}

static nn_code map_words(work *w, nn_err *err)
{
    const nn_encoder *e = w->e;

    w->category = nn_alloc((size_t)e->count, sizeof *w->category);
    if (w->category == NULL)
        return nn_err_memory(err, "the categories", 0);
    for (int k = 0; k < e->count; k++) {
        const nn_words *words = &w->raw->column[k].words;

        w->category[k] = nn_alloc((size_t)words->count + 1, sizeof **w->category);
        if (w->category[k] == NULL)
            return nn_err_memory(err, "the categories", 0);
        for (int i = 0; i < words->count; i++)
            w->category[k][i] =
                nn_words_find(&e->column[k].words, words->text[i], strlen(words->text[i]));
    }
    return NN_OK;
}

/* Bytes stay bytes where nothing is to be encoded; anything else is done to numbers. */
static nn_code widen(const work *w, nn_err *err)
{
    const nn_encoder *e = w->e;
    const size_t count = w->d->rows * (size_t)e->count; /* that many bytes are there */
    bool done = e->features == e->count;

    for (int k = 0; done && k < e->count; k++)
        done = is_done(&e->column[k]);
    return done || w->d->bytes == NULL ? NN_OK : nn_dataset_widen(w->d, count, count, NULL, err);
}

static nn_code encode(work *w, nn_err *err)
{
    nn_dataset *d = w->d;
    size_t count = 0;
    float *to = NULL;

    NN_TRY(map_words(w, err));
    NN_TRY(widen(w, err));
    if (w->e->features == w->e->count)
        return encode_rows(w, d->numbers, d->numbers, err);
    if (!nn_mul_size(d->rows, (size_t)w->e->features, &count) ||
        (to = nn_alloc(count, sizeof *to)) == NULL)
        return nn_err_memory(err, "the samples", count * sizeof *to);
    const nn_code rc = encode_rows(w, d->numbers, to, err);
    if (rc != NN_OK) {
        nn_free(to);
        return rc;
    }
    nn_free(d->numbers);
    d->numbers = to;
    return NN_OK;
}

nn_code nn_encoder_apply(const nn_encoder *e, nn_dataset *d, const nn_raw *raw,
                         const nn_shape *shape, nn_err *err)
{
    work w = {e, d, raw, NULL};
    const nn_shape found = nn_shape_1(e->features);
    nn_shape settled = {0};
    char **names = NULL;
    nn_code rc = nn_shape_settle(&settled, &found, shape, d->name, err);

    if (rc == NN_OK)
        rc = encode(&w, err);
    for (int k = 0; w.category != NULL && k < e->count; k++)
        nn_free(w.category[k]);
    nn_free(w.category);
    if (rc == NN_OK)
        rc = nn_encoder_names(e, &names, err);
    NN_TRY(rc);
    d->shape = settled;
    d->column = names;
    if (d->raw == raw) {
        nn_raw_free(d->raw);
        d->raw = NULL;
    }
    return NN_OK;
}
