/* The vocabulary of training rows, and numbers for tokens. */
#include "data/vocabulary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { LONGEST_BY_ITSELF = 512 /* tokens, where the config gives no length */ };

void nn_vocabulary_free(nn_vocabulary *v)
{
    if (v == NULL)
        return;
    nn_words_free(&v->words);
    nn_free(v->column);
    nn_free(v);
}

int nn_vocabulary_count(const nn_vocabulary *v)
{
    return v->words.count + NN_TOKEN_FIRST;
}

const char *nn_vocabulary_text(const nn_vocabulary *v, int token)
{
    if (token < NN_TOKEN_FIRST)
        return token == NN_TOKEN_UNKNOWN ? "\xEF\xBF\xBD" : "";
    return v->words.text[token - NN_TOKEN_FIRST];
}

const char *nn_vocabulary_name(const nn_vocabulary *v, int token, char *dst)
{
    const char *text = nn_vocabulary_text(v, token);

    if (token < NN_TOKEN_FIRST)
        snprintf(dst, NN_SHOWN, token == NN_TOKEN_PADDING ? "<padding>" : "<unknown>");
    else if (strcmp(text, "\n") == 0)
        snprintf(dst, NN_SHOWN, "\\n");
    else if (v->kind == NN_TOKEN_WORD)
        snprintf(dst, NN_SHOWN, "%.*s", NN_SHOWN - 1, text);
    else
        nn_text_show(dst, NN_SHOWN, text, strlen(text), 40);
    return dst;
}

/* ---- fitting ---- */

typedef struct counted {
    const char *text;
    size_t count;
} counted;

static int by_count(const void *a, const void *b)
{
    const counted *x = a, *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->text, y->text);
}

/* Where the tokens of a row begin and end. */
static size_t row_begin(const nn_raw_text *t, size_t row)
{
    return t->end == NULL ? row : row == 0 ? 0 : t->end[row - 1];
}

static size_t row_end(const nn_raw_text *t, size_t row)
{
    return t->end == NULL ? row + 1 : t->end[row];
}

/* How often each token came; the longest row. */
static size_t count_tokens(counted *c, const nn_view *train)
{
    const nn_raw_text *t = train->data->raw_text;
    size_t longest = 0;

    for (int i = 0; i < t->words.count; i++)
        c[i].text = t->words.text[i];
    for (size_t i = 0; i < train->count; i++) {
        const size_t row = nn_view_row(train, i), begin = row_begin(t, row), end = row_end(t, row);

        longest = end - begin > longest ? end - begin : longest;
        for (size_t k = begin; k < end; k++)
            c[t->token[k]].count++;
    }
    return longest;
}

static nn_code keep_common(nn_vocabulary *v, counted *c, int count, const nn_text_conf *conf,
                           nn_err *err)
{
    const int most = conf->vocabulary > 0 ? conf->vocabulary : NN_TEXT_VOCABULARY;
    int id = 0;

    qsort(c, (size_t)count, sizeof *c, by_count);
    for (int i = 0; i < count && v->words.count + NN_TOKEN_FIRST < most; i++) {
        if (c[i].count < (size_t)conf->min_count || c[i].count == 0)
            break;
        NN_TRY(nn_words_add(&v->words, c[i].text, strlen(c[i].text), &id, NULL, err));
    }
    return NN_OK;
}

static nn_code fit(nn_vocabulary *v, const nn_view *train, const nn_text_conf *conf, bool every,
                   nn_err *err)
{
    const nn_dataset *d = train->data;
    const nn_raw_text *t = d->raw_text;
    counted *c = nn_alloc((size_t)t->words.count + 1, sizeof *c);
    nn_code rc = NN_OK;
    size_t longest = 0;

    if (c == NULL)
        return nn_err_memory(err, "the vocabulary", (size_t)t->words.count * sizeof *c);
    longest = count_tokens(c, train);
    rc = keep_common(v, c, t->words.count, conf, err);
    nn_free(c);
    if (rc == NN_OK && v->words.count == 0)
        rc = nn_err_set(err, NN_EDATA, d->name, "no token in the training rows");
    v->kind = t->kind;
    v->lower = t->lower;
    v->table = t->end != NULL;
    longest = longest > LONGEST_BY_ITSELF ? LONGEST_BY_ITSELF : longest;
    v->length = conf->length > 0 ? conf->length : v->table ? (int)longest : NN_TEXT_LENGTH;
    v->place = d->text_column.place;
    v->every = every && !v->table;
    v->stride = conf->stride > 0 ? conf->stride : every ? v->length : 1;
    if (rc == NN_OK && d->text_column.name != NULL &&
        (v->column = nn_strdup(d->text_column.name)) == NULL)
        rc = nn_err_memory(err, "a column name", 0);
    return rc;
}

nn_code nn_vocabulary_fit(nn_vocabulary **out, const nn_view *train, const nn_text_conf *conf,
                          bool every, nn_err *err)
{
    nn_vocabulary *v = nn_alloc(1, sizeof *v);
    nn_code rc = v == NULL ? nn_err_memory(err, "the vocabulary", sizeof *v) : NN_OK;

    *out = NULL;
    if (rc == NN_OK)
        rc = fit(v, train, conf, every, err);
    if (rc != NN_OK)
        nn_vocabulary_free(v);
    else
        *out = v;
    return rc;
}

/* ---- numbers ---- */

/* The number of each raw token; nn_free it. */
static nn_code map_tokens(int32_t **out, const nn_vocabulary *v, const nn_words *words, nn_err *err)
{
    *out = nn_alloc((size_t)words->count + 1, sizeof **out);
    if (*out == NULL)
        return nn_err_memory(err, "the vocabulary", (size_t)words->count * sizeof **out);
    for (int i = 0; i < words->count; i++)
        (*out)[i] =
            nn_words_find(&v->words, words->text[i], strlen(words->text[i])) < 0
                ? NN_TOKEN_UNKNOWN
                : nn_words_find(&v->words, words->text[i], strlen(words->text[i])) + NN_TOKEN_FIRST;
    return NN_OK;
}

nn_code nn_vocabulary_encode(const nn_vocabulary *v, const char *bytes, size_t len,
                             const char *where, int32_t **token, size_t *count, nn_err *err)
{
    nn_raw_text raw = {.kind = v->kind, .lower = v->lower};
    int32_t *map = NULL;
    nn_code rc = nn_raw_text_add(&raw, bytes, len, where, err);

    *token = NULL;
    *count = raw.count;
    if (rc == NN_OK)
        rc = map_tokens(&map, v, &raw.words, err);
    if (rc == NN_OK) {
        for (size_t i = 0; i < raw.count; i++)
            raw.token[i] = map[raw.token[i]];
        *token = raw.token;
        raw.token = NULL;
    }
    nn_free(map);
    nn_raw_text_free(&raw);
    return rc;
}

static nn_code name_classes(nn_dataset *d, const nn_vocabulary *v, nn_err *err)
{
    const int count = nn_vocabulary_count(v);
    char name[NN_SHOWN];

    d->classes.name = nn_alloc((size_t)count + 1, sizeof *d->classes.name);
    if (d->classes.name == NULL)
        return nn_err_memory(err, "the names of tokens", 0);
    for (; d->classes.count < count; d->classes.count++)
        if ((d->classes.name[d->classes.count] =
                 nn_strdup(nn_vocabulary_name(v, d->classes.count, name))) == NULL)
            return nn_err_memory(err, "the names of tokens", 0);
    return NN_OK;
}

/* One long row: numbers to look at, and the same as labels of what came before. */
static nn_code apply_plain(const nn_vocabulary *v, nn_dataset *d, const int32_t *map, nn_err *err)
{
    nn_raw_text *t = d->raw_text;

    d->numbers = nn_alloc(t->count, sizeof *d->numbers);
    if (d->numbers == NULL)
        return nn_err_memory(err, "the text", t->count * sizeof *d->numbers);
    for (size_t i = 0; i < t->count; i++) {
        t->token[i] = map[t->token[i]];
        d->numbers[i] = (float)t->token[i];
    }
    d->label = t->token;
    t->token = NULL;
    d->shape = nn_shape_1(1);
    NN_TRY(name_classes(d, v, err));
    const nn_windows w = nn_vocabulary_windows(v);
    const nn_shape shape = nn_shape_1(v->length);
    return nn_dataset_window(d, &w, &shape, err);
}

/* A row of numbers for each text. */
static nn_code apply_table(const nn_vocabulary *v, nn_dataset *d, const int32_t *map, nn_err *err)
{
    const nn_raw_text *t = d->raw_text;
    const size_t length = (size_t)v->length;
    size_t count = 0;

    nn_free(d->numbers);
    d->numbers = nn_mul_size(d->rows, length, &count) ? nn_alloc(count, sizeof *d->numbers) : NULL;
    if (d->numbers == NULL)
        return nn_err_memory(err, "the texts", count * sizeof *d->numbers);
    for (size_t row = 0; row < d->rows; row++) {
        const size_t begin = row_begin(t, row), tokens = row_end(t, row) - begin;

        for (size_t k = 0; k < tokens && k < length; k++)
            d->numbers[row * length + k] = (float)map[t->token[begin + k]];
    }
    d->shape = nn_shape_1(v->length);
    return NN_OK;
}

nn_code nn_vocabulary_apply(const nn_vocabulary *v, nn_dataset *d, nn_err *err)
{
    int32_t *map = NULL;
    nn_code rc = map_tokens(&map, v, &d->raw_text->words, err);

    if (rc == NN_OK)
        rc = v->table ? apply_table(v, d, map, err) : apply_plain(v, d, map, err);
    nn_free(map);
    nn_raw_text_free(d->raw_text);
    nn_free(d->raw_text);
    d->raw_text = NULL;
    d->text = true;
    return rc;
}

nn_windows nn_vocabulary_windows(const nn_vocabulary *v)
{
    const nn_windows w = {.window = v->length,
                          .horizon = v->every ? v->length : 1,
                          .offset = v->every ? 1 : v->length,
                          .stride = v->stride};
    return w;
}
