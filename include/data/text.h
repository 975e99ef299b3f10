/*
 * Text as whole numbers: it is cut into tokens, and each token has a number in a vocabulary that is
 * taken from the training rows. 0 is padding, 1 a token that the vocabulary does not have, the
 * others follow by how often they came.
 *
 * A plain file is one long row of tokens, of which windows are samples and the token after each of
 * them, or after the last, what is to be told. A table has a column of texts, each a sample.
 */
#ifndef NN_DATA_TEXT_H
#define NN_DATA_TEXT_H

#include "base/limits.h"
#include "conf/field.h"
#include "data/words.h"

typedef enum nn_token_kind {
    NN_TOKEN_AUTO, /* characters of a plain file, words of a table */
    NN_TOKEN_CHAR, /* characters of UTF-8 */
    NN_TOKEN_BYTE,
    NN_TOKEN_WORD /* what stands between white space */
} nn_token_kind;
extern const char *const nn_token_words[]; /* "auto", "char", ...; ends with NULL */

typedef struct nn_text_conf {
    int tokens; /* nn_token_kind */
    int length; /* tokens of a sample; 0: 64, or those of the longest training row */
    int stride; /* 0: `length`, or 1 where only the last token is told */
    int vocabulary;
    int min_count;
    bool lower;
    nn_node column; /* of a table: name or index; NONE: "text", or the only one that is left */
} nn_text_conf;
extern const nn_table nn_text_table;

enum {
    NN_TOKEN_PADDING,
    NN_TOKEN_UNKNOWN,
    NN_TOKEN_FIRST, /* the first of the vocabulary */
    NN_TEXT_LENGTH = 64,
    NN_TEXT_VOCABULARY = 20000,
    NN_MAX_TEXT_LENGTH = 65536, /* tokens of a sample */
    NN_MAX_VOCABULARY = 65536
};

/* Tokens before there is a vocabulary. Starts zeroed but for kind and lower. */
typedef struct nn_raw_text {
    nn_token_kind kind;
    bool lower;
    nn_words words;
    int32_t *token; /* [count] numbers of `words` */
    size_t count, room;
    size_t *end; /* [rows] of a table: where a row's tokens end; NULL: one long row */
    size_t end_room;
} nn_raw_text;
void nn_raw_text_free(nn_raw_text *t); /* what it holds */

/* One piece of text ends within no token: all of a file, or a field. `where` is for messages. */
NN_MUST_CHECK nn_code nn_raw_text_add(nn_raw_text *t, const char *bytes, size_t len,
                                      const char *where, nn_err *err);

/* What became of them. */
typedef struct nn_vocabulary {
    nn_token_kind kind; /* never AUTO */
    bool lower;
    int length;     /* tokens of a sample */
    int stride;     /* of a plain file; likewise `every` */
    bool every;     /* every token's successor is told, not only that of a sample's last */
    bool table;     /* of a column of texts */
    char *column;   /* its name, or NULL */
    int place;      /* in the file, from 0 */
    nn_words words; /* tokens from NN_TOKEN_FIRST on */
} nn_vocabulary;
void nn_vocabulary_free(nn_vocabulary *v);       /* and v itself; NULL is fine */
int nn_vocabulary_count(const nn_vocabulary *v); /* padding and the unknown included */
/* The bytes of a token: "" for padding, U+FFFD for the unknown. */
const char *nn_vocabulary_text(const nn_vocabulary *v, int token);
/* A token as it can be shown and named: "a", "\n", "\xc3", "<padding>"; dst NN_SHOWN. */
const char *nn_vocabulary_name(const nn_vocabulary *v, int token, char *dst);
/* The numbers of the tokens of a text; *token is nn_free'd by the caller. */
NN_MUST_CHECK nn_code nn_vocabulary_encode(const nn_vocabulary *v, const char *bytes, size_t len,
                                           const char *where, int32_t **token, size_t *count,
                                           nn_err *err);

void nn_vocabulary_write(const nn_vocabulary *v, nn_buf *out);
NN_MUST_CHECK nn_code nn_vocabulary_read(nn_vocabulary **out, nn_node object, nn_err *err);

#endif
