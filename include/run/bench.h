/*
 * How fast a network trains or predicts here, and where the time goes: steps in rounds, every other
 * round watched stage by stage, medians over the rounds.
 */
#ifndef NN_RUN_BENCH_H
#define NN_RUN_BENCH_H

#include "nn/watch.h"
#include "run/evaluate.h"

typedef struct nn_bench_options {
    double seconds; /* to measure for, roughly */
    int batch;      /* samples in a step of prediction */
    bool dense;     /* inputs of random numbers, none of them 0, in place of the data's own */
} nn_bench_options;

/* Times and FLOPs are of a whole step, a batch. */
typedef struct nn_bench_layer {
    double forward, backward; /* seconds; 0: it has nothing to do there */
    double forward_flops, backward_flops;
} nn_bench_layer;

typedef struct nn_bench {
    bool trains;
    int batch, threads;
    size_t steps;   /* measured in all */
    double limit;   /* FLOPs per second that sgemm reaches on these threads */
    double step;    /* seconds, not watched */
    double watched; /* seconds, watched: all that follows together */
    double between; /* of it, what no stage accounts for: the order of the rows, the loop */
    double flops;   /* of a step */
    double idle;    /* share of the threads' time in which they had nothing to do */
    double stage[NN_STAGES];
    nn_bench_layer *layer; /* [layers] */
    int layers;
} nn_bench;

/* Trains on copies of everything that training changes; the setup's data stays as it was, but for
 * `dense`. */
NN_MUST_CHECK nn_code nn_bench_train(nn_bench **out, nn_setup *s, nn_pool *pool,
                                     const nn_bench_options *options, nn_err *err);
/* Predicts samples of the view; NULL, or `dense`: random numbers of the same shape. */
NN_MUST_CHECK nn_code nn_bench_predict(nn_bench **out, const nn_subject *subject,
                                       const nn_view *view, const nn_bench_options *options,
                                       nn_err *err);
void nn_bench_free(nn_bench *b); /* NULL is fine */

#endif
