/* A look at a plain text: how many tokens of each kind, which are the most frequent, its lines. */
#ifndef NN_DATA_TEXT_PROFILE_H
#define NN_DATA_TEXT_PROFILE_H

#include "data/text.h"

enum { NN_TEXT_PROFILE_TOP = 10 };

/* The text in tokens of one kind. */
typedef struct nn_token_profile {
    nn_token_kind kind;
    size_t count;
    size_t distinct; /* a vocabulary of all has two numbers more: padding and the unknown */
    size_t early;    /* that come in the first 89 of 100: in every text but its last tenth */
    size_t once;     /* of them came a single time */
    char *top[NN_TEXT_PROFILE_TOP]; /* the most frequent first */
    size_t top_count[NN_TEXT_PROFILE_TOP];
    int tops;
} nn_token_profile;

typedef struct nn_text_profile {
    size_t bytes;
    size_t bad;              /* the first byte that is no UTF-8, from 0; `bytes`: all is */
    nn_token_profile letter; /* characters, or bytes of what is no UTF-8 */
    nn_token_profile word;   /* none of what is no UTF-8 */
    size_t lines;
    size_t longest, longest_line; /* characters (bytes), and its number from 1 */
} nn_text_profile;

/* NN_EDATA for what is no text: a NUL, another format. */
NN_MUST_CHECK nn_code nn_text_profile_new(nn_text_profile **out, const char *path, nn_err *err);
void nn_text_profile_free(nn_text_profile *p); /* NULL is fine */

#endif
