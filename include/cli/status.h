/* Exit statuses: the one table that code, --help and the manual page go by. */
#ifndef NN_CLI_STATUS_H
#define NN_CLI_STATUS_H

#include "base/err.h"

enum { NN_STATUS_UNMET = 1, NN_STATUS_SIGNAL = 128 /* + its number */ };

typedef struct nn_status {
    int status;
    const char *meaning;
} nn_status;

extern const nn_status nn_statuses[]; /* ends with a row without meaning */

int nn_status_of(nn_code code);

#endif
