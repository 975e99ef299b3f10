/* Writing the sheet of samples that `data info -o` asks for. */
#ifndef NN_CLI_CONTACT_H
#define NN_CLI_CONTACT_H

#include "base/file.h"
#include "cli/session.h"

typedef struct nn_contact_order {
    const char *file;
    const char *config; /* whose augmentation is shown; NULL: the samples alone */
    const char *out;
    int samples;
    nn_exists exists;
} nn_contact_order;

/* What is wrong with the config is printed. */
NN_MUST_CHECK nn_code nn_contact_save(nn_session *s, const nn_contact_order *o, nn_err *err);

#endif
