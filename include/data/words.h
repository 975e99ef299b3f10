/* A set of texts that numbers them in the order in which they came: names of classes and columns.
 */
#ifndef NN_DATA_WORDS_H
#define NN_DATA_WORDS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Starts zeroed; release with nn_words_free. */
typedef struct nn_words {
    char **text; /* [count] */
    int count;
    size_t text_room;
    int32_t *slot; /* [slots]: index of a text, or -1; slots is a power of two */
    size_t slots;
} nn_words;

/* *id of the text; *fresh (may be NULL) tells whether it is new. */
NN_MUST_CHECK nn_code nn_words_add(nn_words *w, const char *text, size_t len, int *id, bool *fresh,
                                   nn_err *err);
int nn_words_find(const nn_words *w, const char *text, size_t len); /* -1 when there is none */
void nn_words_free(nn_words *w);

#endif
