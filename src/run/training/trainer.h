/* What a training holds, shared by its two halves: train.c runs epochs, keep.c is about the disk.
 */
#ifndef NN_RUN_TRAINER_H
#define NN_RUN_TRAINER_H

#include "guard.h"
#include "run/engine.h"
#include "run/settle.h"
#include "run/train.h"

typedef struct nn_trainer {
    nn_setup *s;
    nn_rundir *dir;
    const nn_train_options *options;
    const nn_train_watch *watch;
    nn_pool *pool;
    nn_engine *engine;
    nn_evaluator *judge; /* for validation and test; NULL: neither */
    nn_real *best;       /* [weights_len] */

    uint64_t steps_per_epoch;
    nn_plateau plateau;
    nn_monitor monitor; /* what makes a model the best */
    nn_monitor early;   /* what must get better */
    nn_monitor plateau_sees;

    bool best_is_written;
    double written;            /* nn_clock_now of the last checkpoint, also of one that failed */
    double best_written;       /* likewise of the best model */
    int failures;              /* of writes, one after another */
    bool log_fails;            /* the last line of a log is not on disk yet */
    nn_checkpoint_notes notes; /* on the state that a resume found */
    bool is_tidied;            /* what a killed run left behind is gone */

    /* What a resume brings back, beside the engine's and `best`; see blocks_of. */
    int32_t epoch;    /* the one being trained, from 1 */
    uint64_t batch;   /* batches of it that are done */
    nn_epoch_sum sum; /* over them */
    nn_guard guard;
    int32_t best_epoch; /* 0: none yet */
    double best_value;
    int32_t early_waited;
    double early_best;
    int32_t stopped_early;
    int32_t epochs;       /* that were planned when this was saved */
    uint64_t metrics_len; /* bytes of the logs */
    uint64_t timing_len;
} nn_trainer;

/* The learning rate of a step, counted from 0 over the whole run. */
double nn_trainer_rate(const nn_trainer *t, uint64_t step);
size_t nn_trainer_weights_bytes(const nn_trainer *t);
void nn_trainer_warn(const nn_trainer *t, const char *text);

/* A new run gets its first state: from here on it can be killed. */
NN_MUST_CHECK nn_code nn_keep_begin(nn_trainer *t, nn_err *err);
/* Everything is as the state on disk says. */
NN_MUST_CHECK nn_code nn_keep_go_on(nn_trainer *t, nn_err *err);
/* Warns of what the two have met, once it is known which run it is about. */
void nn_keep_tell(const nn_trainer *t);
/*
 * Within an epoch, and between two: writes what is due. A write that fails is told and tried again
 * when the next is due; the third in a row ends the training.
 */
NN_MUST_CHECK nn_code nn_keep_within(nn_trainer *t, nn_err *err);
NN_MUST_CHECK nn_code nn_keep_between(nn_trainer *t, const nn_epoch *e, nn_err *err);
/* A line for each log. One that cannot be written waits for the next. */
NN_MUST_CHECK nn_code nn_keep_record(nn_trainer *t, const nn_epoch *e, nn_err *err);
/* At the end, however it came (`rc`): all that is good goes to disk. */
NN_MUST_CHECK nn_code nn_keep_end(nn_trainer *t, nn_code rc, nn_err *err);

/* After a state was read: NN_EMODEL when no training can have left it so. */
NN_MUST_CHECK nn_code nn_state_check(const nn_trainer *t, nn_err *err);

/* ---- steps that go wrong: setback.c ---- */

/*
 * After every step, with what it said (`rc`). NN_OK when training goes on: the step was a good one,
 * or training.on_nonfinite has an answer to it.
 */
NN_MUST_CHECK nn_code nn_setback(nn_trainer *t, nn_code rc, nn_err *err);
/* The epoch has learnt something: NN_EDIVERGED when every step of it was skipped. */
NN_MUST_CHECK nn_code nn_setback_epoch(nn_trainer *t, nn_err *err);

#endif
