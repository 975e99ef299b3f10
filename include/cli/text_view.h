/* A look at a plain text, as text and as JSON: what follows the name of the file. */
#ifndef NN_CLI_TEXT_VIEW_H
#define NN_CLI_TEXT_VIEW_H

#include "base/text.h"
#include "data/text_profile.h"

void nn_text_profile_put_report(const nn_text_profile *p, nn_buf *out);
/* Members of an object, each with a comma before it. */
void nn_text_profile_put_json(const nn_text_profile *p, nn_buf *out);

#endif
