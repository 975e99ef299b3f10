/* The config's `text`, and cutting text into tokens. */
#include "data/text.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

const char *const nn_token_words[] = {"auto", "char", "byte", "word", NULL};

#define COLUMN "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\",\"minimum\":0}]}"

static const nn_field fields[] = {
    {.key = "tokens",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_text_conf, tokens),
     .fallback = "\"auto\"",
     .words = nn_token_words,
     .help = "what a number stands for: a character of UTF-8, a byte, or a word between white "
             "space; auto: char for a plain file, word for a table"},
    {.key = "length",
     .type = NN_FIELD_INT,
     .at = offsetof(nn_text_conf, length),
     .fallback = "null",
     .range = "[1,65536]",
     .help = "tokens of a sample; texts of a table are cut there, shorter ones padded behind with "
             "0; absent: 64, or for a table the longest training text, at most 512"},
    {.key = "stride",
     .type = NN_FIELD_INT,
     .at = offsetof(nn_text_conf, stride),
     .fallback = "null",
     .range = "[1,1048576]",
     .help = "a plain file: tokens from the start of one sample to that of the next; absent: "
             "`length`, or 1 when the network tells only what follows the whole sample"},
    {.key = "vocabulary",
     .type = NN_FIELD_INT,
     .at = offsetof(nn_text_conf, vocabulary),
     .fallback = "20000",
     .range = "[3,65536]",
     .help = "numbers there are at most: 0 is padding, 1 an unknown token, then the most frequent "
             "tokens of the training rows"},
    {.key = "min_count",
     .type = NN_FIELD_INT,
     .at = offsetof(nn_text_conf, min_count),
     .fallback = "1",
     .range = "[1,1000000000]",
     .help = "tokens that are rarer in the training rows are unknown"},
    {.key = "lower",
     .type = NN_FIELD_BOOL,
     .at = offsetof(nn_text_conf, lower),
     .fallback = "false",
     .help = "take A to Z as a to z"},
    {.key = "column",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_text_conf, column),
     .fallback = "null",
     .form = COLUMN,
     .help = "a table: the column of the texts; absent: the one named text, or else the first that "
             "has no other use"},
    {.key = NULL},
};

const nn_table nn_text_table = {
    .name = "text", .help = "how text becomes numbers", .fields = fields};

void nn_raw_text_free(nn_raw_text *t)
{
    nn_words_free(&t->words);
    nn_free(t->token);
    nn_free(t->end);
    memset(t, 0, sizeof *t);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes of the token that begins here; 0: none does, one byte is passed over. */
static size_t token_len(const nn_raw_text *t, const char *at, size_t left)
{
    size_t len = 1;

    if (t->kind == NN_TOKEN_BYTE)
        return 1;
    if (t->kind == NN_TOKEN_CHAR) /* of a line's end \r\n, the first half is passed over */
        return *at == '\r' && left > 1 && at[1] == '\n' ? 0 : (size_t)nn_utf8_len(at, left);
    if (is_space(*at))
        return 0;
    while (len < left && !is_space(at[len]))
        len++;
    return len;
}

static nn_code refuse(const char *where, size_t at, const char *what, nn_err *err)
{
    return nn_err_set(err, NN_EDATA, where, "byte %zu: %s", at, what);
}

/* Text has no NUL, and is UTF-8 unless it is taken byte by byte. */
static nn_code check(const nn_raw_text *t, const char *bytes, size_t len, const char *where,
                     nn_err *err)
{
    const char *nul = memchr(bytes, 0, len);
    const size_t bad = t->kind == NN_TOKEN_BYTE ? len : nn_utf8_check(bytes, len);

    if (nul != NULL)
        return refuse(where, (size_t)(nul - bytes), "a NUL, which no text has", err);
    if (bad < len)
        return refuse(where, bad, "no UTF-8; convert it with iconv, or set text.tokens to \"byte\"",
                      err);
    return NN_OK;
}

static nn_code add_token(nn_raw_text *t, const char *bytes, size_t len, nn_err *err)
{
    char low[NN_MAX_TOKEN];
    int id = 0;

    for (size_t i = 0; t->lower && i < len; i++)
        low[i] = bytes[i] >= 'A' && bytes[i] <= 'Z' ? (char)(bytes[i] + 32) : bytes[i];
    NN_TRY(nn_words_add(&t->words, t->lower ? low : bytes, len, &id, NULL, err));
    NN_TRY(nn_grow(&t->token, &t->room, t->count + 1, sizeof *t->token, err));
    t->token[t->count++] = id;
    return NN_OK;
}

nn_code nn_raw_text_add(nn_raw_text *t, const char *bytes, size_t len, const char *where,
                        nn_err *err)
{
    NN_TRY(check(t, bytes, len, where, err));
    for (size_t at = 0, token = 0; at<len; at += token> 0 ? token : 1) {
        token = token_len(t, bytes + at, len - at);
        if (token > NN_MAX_TOKEN)
            return nn_err_set(err, NN_EDATA, where, "byte %zu: a word of more than %d bytes", at,
                              NN_MAX_TOKEN);
        if (token > 0)
            NN_TRY(add_token(t, bytes + at, token, err));
        if (t->words.count > NN_MAX_TEXT_TOKENS)
            return nn_err_set(err, NN_ELIMIT, where, "more than %d different words",
                              NN_MAX_TEXT_TOKENS);
    }
    return NN_OK;
}
