/* Running one step of time after another: what a stepper hands to its exec. */
#ifndef NN_SRC_PAST_H
#define NN_SRC_PAST_H

#include "nn/exec.h"

/* For each layer of the graph. */
typedef struct nn_moment {
    bool in_time; /* it takes one step of what was a sequence */
    size_t past;  /* where what it remembers begins, in `bytes`; of no meaning without past_bytes */
} nn_moment;

typedef struct nn_past {
    const nn_moment *layer; /* [layers] */
    unsigned char *bytes;
    int position; /* of the step, from 0 */
} nn_past;

/* Forward passes from now on are steps, at past->position. The past stays the caller's. */
void nn_exec_take_past(nn_exec *e, const nn_past *past);

#endif
