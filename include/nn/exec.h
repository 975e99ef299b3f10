/*
 * Runs a graph: owns the memory for activations, gradients, what layers save, and scratch,
 * allocated once for a largest batch. Activations are laid out by lifetime.
 */
#ifndef NN_NN_EXEC_H
#define NN_NN_EXEC_H

#include "nn/graph.h"
#include "nn/watch.h"

typedef struct nn_exec nn_exec;
typedef enum nn_exec_mode { NN_INFER, NN_TRAIN } nn_exec_mode;

typedef struct nn_exec_memory {
    size_t activations; /* bytes, gradients of activations included */
    size_t saved;
    size_t scratch;
    size_t gradients; /* of weights */
    size_t masks;
} nn_exec_memory;

/* What nn_exec_new would allocate. NN_ELIMIT when no machine could, or none is left to plan it. */
NN_MUST_CHECK nn_code nn_exec_plan(const nn_graph *g, int max_batch, int threads, nn_exec_mode mode,
                                   nn_exec_memory *out, nn_err *err);

/* `weights` (weights_len reals, 64-byte aligned) stay the caller's and must outlive the exec. */
NN_MUST_CHECK nn_code nn_exec_new(nn_exec **out, const nn_graph *g, nn_real *weights, nn_pool *pool,
                                  int max_batch, nn_exec_mode mode, uint64_t seed, nn_err *err);
void nn_exec_free(nn_exec *e);

/* [n][in] -> [n][out], owned by the exec, writable until the next call. `x` must stay until
 * backward. */
nn_real *nn_exec_forward(nn_exec *e, const nn_real *x, int n, bool training, uint64_t step);
/*
 * Which steps of the output count, after forward: [n][steps], where steps is the first dimension of
 * the output, 0 where one does not. NULL when all do: no layer made a mask, or it went lost on the
 * way.
 */
const unsigned char *nn_exec_mask(const nn_exec *e);
/* Where the loss puts the gradient of the output: [n][out]. Only in NN_TRAIN. */
nn_real *nn_exec_dy(nn_exec *e);
/* Gradients of all weights from nn_exec_dy; after a forward with training = true and the same n. */
void nn_exec_backward(nn_exec *e, int n);
/* The flat buffer of gradients, with the same layout as the weights. */
nn_real *nn_exec_gradients(nn_exec *e);
/* The gradient of the graph's input as well, into dx [n][in]; NULL switches it off again. */
void nn_exec_want_input_gradient(nn_exec *e, nn_real *dx);
/* Told after each layer; it stays the caller's. NULL: nobody is told. */
void nn_exec_watch(nn_exec *e, const nn_watch *watch);
/*
 * FLOPs of a layer's backward per sample: the gradients of the weights, and those of the inputs,
 * cost what forward does; without the latter there is still the way from step to step.
 */
double nn_exec_backward_flops(const nn_exec *e, int layer);
/*
 * The output of a layer after forward (valid in NN_TRAIN, or for the last layer): for reports. Of a
 * layer that has absorbed others it is what it gives.
 */
const nn_real *nn_exec_output(const nn_exec *e, int layer);
/* Numbers of it, per sample. */
size_t nn_exec_output_len(const nn_exec *e, int layer);
/* Index of the first layer whose output, for n samples, holds NaN or Inf; -1: none. NN_TRAIN only.
 */
int nn_exec_first_nonfinite(const nn_exec *e, int n);

#endif
