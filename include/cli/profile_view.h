/* A look at a data file, as text and as JSON. */
#ifndef NN_CLI_PROFILE_VIEW_H
#define NN_CLI_PROFILE_VIEW_H

#include "base/text.h"
#include "data/profile.h"

/* `unicode`: with blocks, not in ASCII. */
void nn_profile_put_report(const nn_profile *p, bool unicode, nn_buf *out);
void nn_profile_put_json(const nn_profile *p, nn_buf *out);

#endif
