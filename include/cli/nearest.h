/* "did you mean": the nearest of names that are tried one by one. */
#ifndef NN_CLI_NEAREST_H
#define NN_CLI_NEAREST_H

#include "base/text.h"

#include <string.h>

typedef struct nn_nearest {
    const char *word;   /* as the user wrote it, without the prefix */
    const char *prefix; /* "--" for options, to be shown before words and names */
    const char *name;   /* NULL while none is near */
    int distance;
} nn_nearest;

static inline void nn_nearest_try(nn_nearest *n, const char *name)
{
    const int distance = nn_text_distance(n->word, name);

    if (nn_text_is_near(n->word, distance) && (n->name == NULL || distance < n->distance)) {
        n->name = name;
        n->distance = distance;
    }
}

/* NN_EUSAGE: `unknown <noun> "word"`, with the nearest name, or else with `otherwise`. */
NN_MUST_CHECK nn_code nn_nearest_refuse(const nn_nearest *n, const char *where, const char *noun,
                                        const char *otherwise, nn_err *err);

#endif
