/* The event file of a run for TensorBoard: a record of all figures for every epoch. */
#ifndef NN_RUN_EVENTS_H
#define NN_RUN_EVENTS_H

#include "run/epoch.h"

typedef struct nn_events nn_events;

#define NN_EVENTS_FILE "events.out.tfevents.nnctl" /* in the run directory */

/*
 * Adds an epoch's figures, and opens the file of this run directory at the first one: *events
 * starts as NULL. In a run that goes on, the records of this epoch and later ones are cut off
 * first.
 */
NN_MUST_CHECK nn_code nn_events_add(nn_events **events, const char *run, const nn_setup *s,
                                    const nn_epoch *e, nn_err *err);
NN_MUST_CHECK nn_code nn_events_close(nn_events *events, nn_err *err); /* NULL is fine */

#endif
