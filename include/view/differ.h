/* What differs between the configs of several runs. */
#ifndef NN_VIEW_DIFFER_H
#define NN_VIEW_DIFFER_H

#include "conf/json.h"
#include "data/words.h"

/* Values of configs by their paths. Starts zeroed; release with nn_differ_free. */
typedef struct nn_differ {
    nn_words path; /* "model.layers[1].units", in the order of the configs */
    char ***value; /* [path.count][runs] JSON text; NULL: this run has no such key */
    size_t room;
    int runs;
} nn_differ;

NN_MUST_CHECK nn_code nn_differ_take(nn_differ *d, const nn_node *root, int runs, nn_err *err);
bool nn_differ_is_same(const nn_differ *d, int path); /* have all runs the same there? */
void nn_differ_free(nn_differ *d);

#endif
