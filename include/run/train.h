/* Training: epochs, validation, the best model kept, early stopping, and a stop with everything
 * saved. */
#ifndef NN_RUN_TRAIN_H
#define NN_RUN_TRAIN_H

#include "run/epoch.h"
#include "run/evaluate.h"
#include "run/rundir.h"

/* How the trainer tells and asks; every member may be NULL. Called between steps, never inside. */
typedef struct nn_train_watch {
    void *context;
    nn_code (*started)(void *context, nn_err *err); /* all is ready; a failure ends the training */
    void (*begun)(void *context);                   /* the run directory stands */
    void (*warn)(void *context, const char *text);  /* something went wrong, and it goes on */
    void (*epoch)(void *context, const nn_setup *s, const nn_epoch *e);
    /*
     * Asked after every step, so it must be cheap; when true, `during` gets the figures of the
     * epoch so far, and what share of its steps is behind.
     */
    bool (*asks)(void *context);
    void (*during)(void *context, const nn_setup *s, const nn_epoch *so_far, double share);
    bool (*stop)(
        void *context); /* asked before every step; true: save everything and return NN_ESTOPPED */
} nn_train_watch;

typedef struct nn_train_options {
    int threads;
    const char *init_weights; /* a safetensors file, or NULL */
    bool resume;              /* go on from the directory's state.safetensors */
    bool exact;               /* refuse to go on where the last bits might differ */
    bool other_data;          /* go on with other rows, as many as before */
    bool overfit_batch;       /* train on the first batch alone, over and over; no validation */
    nn_train_watch watch;
} nn_train_options;

typedef struct nn_train_result {
    int epochs; /* that were finished */
    int best_epoch;
    nn_epoch last;
    bool tested;
    nn_scores test; /* confusion NULL */
    bool stopped_early;
} nn_train_result;

/* Trains and leaves model.safetensors, last.safetensors, metrics.jsonl and timing.jsonl in `dir`.
 */
NN_MUST_CHECK nn_code nn_train(nn_setup *s, nn_rundir *dir, const nn_train_options *options,
                               nn_train_result *result, nn_err *err);

#endif
