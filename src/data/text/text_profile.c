/* Counting the tokens and lines of a plain text. */
#include "data/text_profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "data/load.h"

typedef struct counted {
    const char *text;
    size_t count;
} counted;

/* The most frequent first; of equals by their bytes. */
static int by_count(const void *a, const void *b)
{
    const counted *x = a, *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->text, y->text);
}

static nn_code keep_top(nn_token_profile *p, const counted *c, nn_err *err)
{
    for (; p->tops < NN_TEXT_PROFILE_TOP && (size_t)p->tops < p->distinct; p->tops++) {
        p->top_count[p->tops] = c[p->tops].count;
        if ((p->top[p->tops] = nn_strdup(c[p->tops].text)) == NULL)
            return nn_err_memory(err, "the most frequent tokens", 0);
    }
    return NN_OK;
}

static nn_code count(nn_token_profile *p, const nn_raw_text *t, nn_err *err)
{
    counted *c = nn_alloc((size_t)t->words.count + 1, sizeof *c);
    nn_code rc = NN_OK;

    if (c == NULL)
        return nn_err_memory(err, "the counts of tokens", (size_t)t->words.count * sizeof *c);
    for (int i = 0; i < t->words.count; i++)
        c[i].text = t->words.text[i];
    for (size_t i = 0; i < t->count; i++) {
        p->early += c[t->token[i]].count == 0 && i < t->count / 100 * 89;
        c[t->token[i]].count++;
    }
    p->count = t->count;
    p->distinct = (size_t)t->words.count;
    for (size_t i = 0; i < p->distinct; i++)
        p->once += c[i].count == 1;
    qsort(c, p->distinct, sizeof *c, by_count);
    rc = keep_top(p, c, err);
    nn_free(c);
    return rc;
}

static nn_code count_tokens(nn_token_profile *p, nn_token_kind kind, const char *bytes, size_t len,
                            const char *path, nn_err *err)
{
    nn_raw_text t = {.kind = kind};
    nn_code rc = nn_raw_text_add(&t, bytes, len, path, err);

    p->kind = kind;
    if (rc == NN_OK)
        rc = count(p, &t, err);
    nn_raw_text_free(&t);
    return rc;
}

/* Bytes that begin a character; of what is no UTF-8 all do. */
static bool begins(const nn_text_profile *p, char c)
{
    return p->bad < p->bytes || ((unsigned char)c & 0xC0) != 0x80;
}

static void count_lines(nn_text_profile *p, const char *bytes)
{
    size_t width = 0;

    for (size_t i = 0; i < p->bytes; i++) {
        const bool ends = bytes[i] == '\n', last = i + 1 == p->bytes;

        width += !ends && bytes[i] != '\r' && begins(p, bytes[i]);
        if (!ends && !last)
            continue;
        p->lines++;
        if (width > p->longest) {
            p->longest = width;
            p->longest_line = p->lines;
        }
        width = 0;
    }
}

static nn_code look(nn_text_profile *p, const char *bytes, size_t len, const char *path,
                    nn_err *err)
{
    p->bytes = len;
    p->bad = nn_utf8_check(bytes, len);
    count_lines(p, bytes);
    if (p->bad < len)
        return count_tokens(&p->letter, NN_TOKEN_BYTE, bytes, len, path, err);
    NN_TRY(count_tokens(&p->letter, NN_TOKEN_CHAR, bytes, len, path, err));
    return count_tokens(&p->word, NN_TOKEN_WORD, bytes, len, path, err);
}

nn_code nn_text_profile_new(nn_text_profile **out, const char *path, nn_err *err)
{
    nn_text_profile *p = nn_alloc(1, sizeof *p);
    char *bytes = NULL;
    size_t len = 0, mark = 0;
    nn_code rc = p == NULL ? nn_err_memory(err, "the look at a text", sizeof *p) : NN_OK;

    *out = NULL;
    if (rc == NN_OK)
        rc = nn_text_bytes(&bytes, &len, path, NULL, err);
    if (rc == NN_OK) {
        mark = nn_text_mark(bytes, len);
        rc = look(p, bytes + mark, len - mark, path, err);
    }
    nn_free(bytes);
    if (rc != NN_OK)
        nn_text_profile_free(p);
    else
        *out = p;
    return rc;
}

void nn_text_profile_free(nn_text_profile *p)
{
    if (p == NULL)
        return;
    for (int i = 0; i < NN_TEXT_PROFILE_TOP; i++) {
        nn_free(p->letter.top[i]);
        nn_free(p->word.top[i]);
    }
    nn_free(p);
}
