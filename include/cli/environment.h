/* The environment variables that nnctl understands; every other NNCTL_ one is an error. */
#ifndef NN_CLI_ENVIRONMENT_H
#define NN_CLI_ENVIRONMENT_H

#include "cli/session.h"

typedef struct nn_variable {
    const char *name;
    const char *value;
    const char *help; /* one line */
    nn_code (*take)(nn_session *s, const char *text, nn_err *err);
} nn_variable;

extern const nn_variable nn_variables[]; /* ends with a row without name */

/* Fills what the flags have left open. */
NN_MUST_CHECK nn_code nn_environment_read(nn_session *s, nn_err *err);

#endif
