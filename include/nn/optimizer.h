/*
 * Optimizers: an update rule on a piece of the flat weights, gradients and slots. Keras's formulas.
 * Only trainable weights move; frozen ones have no penalty either.
 */
#ifndef NN_NN_OPTIMIZER_H
#define NN_NN_OPTIMIZER_H

#include "nn/exec.h"

enum { NN_MAX_SLOTS = 2 };

typedef struct nn_step {
    double lr;      /* of this step, from the schedule */
    uint64_t count; /* 1 for the first step */
} nn_step;

typedef struct nn_optimizer_class {
    nn_kind kind;                           /* its conf begins with nn_rate */
    const char *slot_name[NN_MAX_SLOTS];    /* for the state file; NULL past the last */
    int (*slots)(const void *conf);         /* how many slots this conf needs */
    double (*slot_start)(const void *conf); /* what the slots begin with; NULL: zero */
    /* w, g and the slots are pieces of n numbers with the same offsets. */
    void (*step)(const void *conf, const nn_step *s, nn_real *restrict w, const nn_real *restrict g,
                 nn_real *restrict slot0, nn_real *restrict slot1, size_t n);
} nn_optimizer_class;

/* How a conf begins, and its fields. A step of zero is a mistake unless it is said to be none. */
typedef struct nn_rate {
    double learning_rate;
    bool allow_zero_lr;
} nn_rate;
#define NN_LEARNING_RATE(number)                                                                   \
    {.key = "learning_rate",                                                                       \
     .type = NN_FIELD_NUM,                                                                         \
     .at = 0,                                                                                      \
     .fallback = number,                                                                           \
     .range = "[0,]",                                                                              \
     .help = "step size before the schedule; above 0"},                                            \
    {                                                                                              \
        .key = "allow_zero_lr", .type = NN_FIELD_BOOL, .at = offsetof(nn_rate, allow_zero_lr),     \
        .fallback = "null", .help = "learning_rate may be 0: nothing is learnt, on purpose"        \
    }

extern const nn_family nn_optimizers; /* nn/optimizers.def */

typedef struct nn_clip {
    double norm;  /* 0: off. Over all gradients together, penalties included */
    double value; /* 0: off. Each gradient into [-value, value]; before the norm */
} nn_clip;

/* An optimizer bound to a graph: owns the slots, knows the spans that may move. */
typedef struct nn_optimizer nn_optimizer;
NN_MUST_CHECK nn_code nn_optimizer_new(nn_optimizer **out, const nn_choice *choice,
                                       const nn_graph *g, nn_pool *pool, const nn_clip *clip,
                                       nn_err *err);
void nn_optimizer_free(nn_optimizer *o);
size_t nn_optimizer_bytes(const nn_choice *choice, const nn_graph *g); /* what it would allocate */
double nn_optimizer_base_lr(const nn_optimizer *o);

typedef struct nn_gradient_report {
    double penalty; /* sum of l1 and l2 terms at these weights */
    double norm;    /* of all gradients, before clipping by norm; not finite: something broke */
} nn_gradient_report;
/*
 * Adds the penalties' gradients to g, clips it, measures it. Moves no weight. A gradient that is
 * NaN or infinite stays so whatever the clipping: the norm shows it, and then g is not scaled.
 */
nn_gradient_report nn_optimizer_prepare(nn_optimizer *o, const nn_real *w, nn_real *g);
/* Moves the weights. `lr` from the schedule. */
void nn_optimizer_step(nn_optimizer *o, nn_real *w, const nn_real *g, double lr);
/* The penalty alone, for evaluation. */
double nn_optimizer_penalty(const nn_optimizer *o, const nn_real *w);

/* For checkpoints: slot i as a flat buffer laid out as the weights, and the step count. */
int nn_optimizer_slots(const nn_optimizer *o);
nn_real *nn_optimizer_slot(nn_optimizer *o, int i, const char **name);
uint64_t nn_optimizer_count(const nn_optimizer *o);
void nn_optimizer_set_count(nn_optimizer *o, uint64_t count);
/* The layer with the first gradient that is NaN or Inf, and the weight's name; -1: none. */
int nn_gradient_first_nonfinite(const nn_graph *g, const nn_real *gradients, const char **weight);

#endif
