/* What the live line says while a training is under way. */
#ifndef NN_CLI_TRAIN_LIVE_H
#define NN_CLI_TRAIN_LIVE_H

#include "cli/live.h"
#include "run/epoch.h"

/* Starts zeroed. */
typedef struct nn_train_live {
    double begin;                  /* nn_clock_now at the first step that this process makes */
    double done_before;            /* epochs that were behind then, with their fractions */
    double past[NN_STANDING_PAST]; /* losses of the last epochs: validation, or else training */
    int pasts;
} nn_train_live;

void nn_train_live_during(nn_train_live *t, nn_live *live, const nn_setup *s, const nn_epoch *e,
                          double share);
void nn_train_live_epoch(nn_train_live *t, const nn_epoch *e);

#endif
