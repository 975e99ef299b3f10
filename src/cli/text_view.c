/* What a look at a plain text found. */
#include "cli/text_view.h"

#include <string.h>

#include "view/format.h"

static bool is_utf8(const nn_text_profile *p)
{
    return p->bad == p->bytes;
}

static const char *plural_of(const nn_token_profile *t)
{
    return t->kind == NN_TOKEN_WORD ? "words" : t->kind == NN_TOKEN_CHAR ? "characters" : "bytes";
}

/* Numbers that a vocabulary of all tokens has: with padding and the unknown. */
static size_t vocabulary_of(const nn_token_profile *t)
{
    return t->distinct + NN_TOKEN_FIRST;
}

static void put_top(const nn_token_profile *t, nn_buf *out)
{
    char shown[NN_SHOWN];

    nn_buf_put(out, "            ");
    for (int i = 0; i < t->tops; i++)
        nn_buf_printf(out, "%s\"%s\" %.1f %%", i == 0 ? "" : ", ",
                      nn_text_show(shown, sizeof shown, t->top[i], strlen(t->top[i]), 20),
                      100 * (double)t->top_count[i] / (double)t->count);
    nn_buf_put(out, (size_t)t->tops < t->distinct ? ", ...\n" : "\n");
}

static void put_tokens(const nn_token_profile *t, nn_buf *out)
{
    char count[NN_FORMAT_TEXT], distinct[NN_FORMAT_TEXT], once[NN_FORMAT_TEXT];

    if (t->count == 0)
        return;
    nn_buf_printf(out, "%-10s  %s, %s different, %s of them once; a vocabulary of all has ",
                  plural_of(t), nn_format_count(count, t->count),
                  nn_format_count(distinct, t->distinct), nn_format_count(once, t->once));
    nn_buf_printf(out, "%s numbers\n", nn_format_count(count, vocabulary_of(t)));
    put_top(t, out);
}

void nn_text_profile_put_report(const nn_text_profile *p, nn_buf *out)
{
    char count[NN_FORMAT_TEXT];

    nn_buf_printf(out, ": text, %s%s\n", nn_format_bytes(count, p->bytes),
                  is_utf8(p) ? ", UTF-8" : "");
    if (!is_utf8(p))
        nn_buf_printf(out,
                      "encoding    byte %zu is no UTF-8: convert it with iconv, or set text.tokens "
                      "to \"byte\"\n",
                      p->bad);
    put_tokens(&p->letter, out);
    put_tokens(&p->word, out);
    nn_buf_printf(out, "lines       %s", nn_format_count(count, p->lines));
    nn_buf_printf(out, ", the longest is line %zu with %s %s\n", p->longest_line,
                  nn_format_count(count, p->longest), plural_of(&p->letter));
}

/* A byte that is no character of its own is told by its number. */
static void put_token(const nn_token_profile *t, const char *token, nn_buf *out)
{
    if (t->kind == NN_TOKEN_BYTE)
        nn_buf_printf(out, "%d", (unsigned char)token[0]);
    else
        nn_buf_json(out, token);
}

static void put_tokens_json(const nn_token_profile *t, nn_buf *out)
{
    nn_buf_printf(out,
                  ",\"%s\":{\"count\":%zu,\"distinct\":%zu,\"once\":%zu,\"vocabulary\":%zu,"
                  "\"most_frequent\":[",
                  plural_of(t), t->count, t->distinct, t->once, vocabulary_of(t));
    for (int i = 0; i < t->tops; i++) {
        nn_buf_put(out, i == 0 ? "{\"token\":" : ",{\"token\":");
        put_token(t, t->top[i], out);
        nn_buf_printf(out, ",\"count\":%zu}", t->top_count[i]);
    }
    nn_buf_put(out, "]}");
}

void nn_text_profile_put_json(const nn_text_profile *p, nn_buf *out)
{
    nn_buf_printf(out, ",\"size\":%zu,\"utf8\":%s", p->bytes, is_utf8(p) ? "true" : "false");
    put_tokens_json(&p->letter, out);
    if (is_utf8(p))
        put_tokens_json(&p->word, out);
    nn_buf_printf(out, ",\"lines\":%zu,\"longest_line\":{\"line\":%zu,\"%s\":%zu}", p->lines,
                  p->longest_line, plural_of(&p->letter), p->longest);
}
