/* A vocabulary in the model file, and back. */
#include "data/text.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "data/refuse.h"

/* Bytes are numbers there: not every byte is text of its own. */
void nn_vocabulary_write(const nn_vocabulary *v, nn_buf *out)
{
    nn_buf_printf(out, "{\"tokens\":\"%s\",\"lower\":%s,\"length\":%d,\"table\":%s",
                  nn_token_words[v->kind], v->lower ? "true" : "false", v->length,
                  v->table ? "true" : "false");
    if (!v->table)
        nn_buf_printf(out, ",\"stride\":%d,\"every\":%s", v->stride, v->every ? "true" : "false");
    if (v->table) {
        nn_buf_printf(out, ",\"place\":%d", v->place);
        if (v->column != NULL) {
            nn_buf_put(out, ",\"column\":");
            nn_buf_json(out, v->column);
        }
    }
    for (int i = 0; i < v->words.count; i++) {
        nn_buf_put(out, i == 0 ? ",\"vocabulary\":[" : ",");
        if (v->kind == NN_TOKEN_BYTE)
            nn_buf_printf(out, "%d", (unsigned char)v->words.text[i][0]);
        else
            nn_buf_json(out, v->words.text[i]);
    }
    nn_buf_put(out, "]}");
}

typedef struct stored {
    int tokens, length, place, stride;
    bool lower, table, every;
    const char *column;
    nn_node vocabulary;
} stored;

static const nn_field fields[] = {
    {.key = "tokens",
     .type = NN_FIELD_WORD,
     .at = offsetof(stored, tokens),
     .words = nn_token_words},
    {.key = "lower", .type = NN_FIELD_BOOL, .at = offsetof(stored, lower)},
    {.key = "length", .type = NN_FIELD_INT, .at = offsetof(stored, length), .range = "[1,65536]"},
    {.key = "table", .type = NN_FIELD_BOOL, .at = offsetof(stored, table)},
    {.key = "place",
     .type = NN_FIELD_INT,
     .at = offsetof(stored, place),
     .fallback = "0",
     .range = "[0,1000000]"},
    {.key = "stride",
     .type = NN_FIELD_INT,
     .at = offsetof(stored, stride),
     .fallback = "1",
     .range = "[1,1048576]"},
    {.key = "every", .type = NN_FIELD_BOOL, .at = offsetof(stored, every), .fallback = "false"},
    {.key = "column", .type = NN_FIELD_TEXT, .at = offsetof(stored, column), .fallback = "null"},
    {.key = "vocabulary", .type = NN_FIELD_NODE, .at = offsetof(stored, vocabulary)},
    {.key = NULL},
};

/* The text of one token, as it was cut from a text of this kind. */
static nn_code read_token(const nn_vocabulary *v, nn_node n, char *byte, const char **text,
                          nn_err *err)
{
    const double number = nn_node_number(n);
    const size_t len = strlen(nn_node_text(n));
    char shown[NN_SHOWN];

    *text = nn_node_text(n);
    if (v->kind == NN_TOKEN_BYTE) {
        byte[0] = (char)(unsigned char)number;
        byte[1] = '\0';
        *text = byte;
        if (nn_node_is(n, NN_JSON_NUMBER) && number >= 1 && number <= 255 && number == (int)number)
            return NN_OK;
        return nn_refuse_node(n, err, NULL, "expected a byte from 1 to 255, got %s",
                              nn_node_show(n, shown));
    }
    if (len > 0 && len <= NN_MAX_TOKEN &&
        (v->kind == NN_TOKEN_WORD || nn_utf8_len(*text, len) == (int)len))
        return NN_OK;
    return nn_refuse_node(n, err, NULL, "expected a %s, got %s", nn_token_words[v->kind],
                          nn_node_show(n, shown));
}

static nn_code read_tokens(nn_vocabulary *v, nn_node list, nn_err *err)
{
    char shown[NN_SHOWN], byte[2];
    const char *text = NULL;
    bool fresh = false;
    int id = 0;

    if (!nn_node_is(list, NN_JSON_ARRAY) || nn_node_count(list) == 0 ||
        nn_node_count(list) > NN_MAX_VOCABULARY - NN_TOKEN_FIRST)
        return nn_refuse_node(list, err, NULL, "expected a list of 1 to %d tokens, got %s",
                              NN_MAX_VOCABULARY - NN_TOKEN_FIRST, nn_node_show(list, shown));
    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n)) {
        NN_TRY(read_token(v, n, byte, &text, err));
        NN_TRY(nn_words_add(&v->words, text, strlen(text), &id, &fresh, err));
        if (!fresh)
            return nn_refuse_node(n, err, NULL, "the token %s is there twice",
                                  nn_node_show(n, shown));
    }
    return NN_OK;
}

static nn_code fill(nn_vocabulary *v, nn_node object, nn_err *err)
{
    nn_problems *problems = nn_doc_problems(object.doc);
    const size_t before = nn_problems_errors(problems);
    stored s = {0};

    nn_fields_read(fields, object, NULL, &s);
    if (nn_problems_errors(problems) > before)
        return nn_problems_check(problems, err);
    if (s.tokens == NN_TOKEN_AUTO)
        return nn_refuse_node(nn_node_get(object, "tokens"), err, NULL,
                              "\"auto\" is no kind of tokens of a model");
    v->kind = (nn_token_kind)s.tokens;
    v->lower = s.lower;
    v->length = s.length;
    v->table = s.table;
    v->place = s.place;
    v->stride = s.stride;
    v->every = s.every;
    if (s.column != NULL && (v->column = nn_strdup(s.column)) == NULL)
        return nn_err_memory(err, "a column name", 0);
    return read_tokens(v, s.vocabulary, err);
}

nn_code nn_vocabulary_read(nn_vocabulary **out, nn_node object, nn_err *err)
{
    nn_vocabulary *v = nn_alloc(1, sizeof *v);
    nn_code rc = v == NULL ? nn_err_memory(err, "the vocabulary", sizeof *v) : NN_OK;

    *out = NULL;
    if (rc == NN_OK)
        rc = fill(v, object, err);
    if (rc != NN_OK)
        nn_vocabulary_free(v);
    else
        *out = v;
    return rc;
}
