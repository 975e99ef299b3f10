/*
 * Watches a training for what goes wrong without a number that is none: gradients that leave the
 * size they had, a loss that has left the ground. A step costs it a few comparisons.
 */
#ifndef NN_RUN_GUARD_H
#define NN_RUN_GUARD_H

#include "run/checkpoint.h"

enum {
    NN_GUARD_STEPS = 64, /* whose median says what size of gradients is usual */
    NN_GUARD_FIRST = 10, /* steps whose largest loss is where the training began */
    NN_GUARD_LOST = 100  /* steps in a row with a loss far above that */
};

typedef struct nn_guard {
    double norm[NN_GUARD_STEPS]; /* of the last steps */
    double usual, first_usual;   /* medians: of the last full row, of the first; 0: not yet */
    double first_loss;           /* the largest of the first steps */
    uint64_t steps;
    int32_t lost;  /* steps in a row */
    int32_t told;  /* the gradients' size was told of */
    int32_t bad;   /* steps of this epoch that were skipped or rolled back */
    int32_t all;   /* likewise of the whole training, up to where they are no longer told */
    double factor; /* of the learning rate, after roll-backs */
} nn_guard;

typedef enum nn_alarm {
    NN_CALM,
    NN_STEEP, /* the gradients are far larger than usual, and than at first; once a training */
    NN_LOST   /* the loss has been far above the first ones for long */
} nn_alarm;

void nn_guard_start(nn_guard *g);
/* After a step, with the mean loss of its rows and the norm of all gradients. */
nn_alarm nn_guard_see(nn_guard *g, double loss, double norm);
void nn_guard_blocks(nn_guard *g, nn_blocks *blocks);

#endif
