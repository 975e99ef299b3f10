/* A config for a table, proposed from a look at it: commented, and one that trains well at once. */
#ifndef NN_RUN_PROPOSE_H
#define NN_RUN_PROPOSE_H

#include "base/text.h"
#include "data/profile.h"

/*
 * `table` was looked at with its target; `path` is what the config calls the file. NN_EDATA when
 * there is nothing to learn: no features, a target with gaps or with another word in every row.
 */
NN_MUST_CHECK nn_code nn_propose(nn_buf *out, const nn_profile *table, const char *path,
                                 nn_err *err);

/* The same for a plain text: a model that goes on with it. */
NN_MUST_CHECK nn_code nn_propose_text(nn_buf *out, const nn_text_profile *p, const char *path,
                                      nn_err *err);

#endif
