/*
 * Runs a causal network one step of time at a time, for generation: what each layer has to remember
 * (a recurrent state, keys and values, the position) is kept between steps, so that a step costs
 * the same wherever it stands. The outputs are those that a run over the whole sequence gives at
 * that step.
 *
 * The graph's input is a sequence: [steps, ...], or [steps] of whole numbers for an Embedding. A
 * step takes the graph's input without that dimension, and gives the output without it. A network
 * whose recurrent layer gives its last output only (no return_sequences) gives at every step what
 * it would if the sequence ended there.
 */
#ifndef NN_NN_STEPPER_H
#define NN_NN_STEPPER_H

#include "nn/graph.h"

typedef struct nn_stepper nn_stepper;

/*
 * For `sequences` sequences side by side. The graph and the weights (weights_len reals) stay the
 * caller's and must outlive the stepper. NN_EMODEL, with the layer's name and why, when the network
 * cannot be run so: a layer sees what comes after (attention without `causal`, go_backwards,
 * Bidirectional) or mixes steps. NN_ELIMIT without memory.
 */
NN_MUST_CHECK nn_code nn_stepper_new(nn_stepper **out, const nn_graph *g, nn_real *weights,
                                     nn_pool *pool, int sequences, nn_err *err);
void nn_stepper_free(nn_stepper *s); /* NULL is fine */

/* Numbers that a step of one sequence takes and gives. */
size_t nn_stepper_inputs(const nn_stepper *s);
size_t nn_stepper_outputs(const nn_stepper *s);

/* Forgets everything: the next step is the first. */
void nn_stepper_reset(nn_stepper *s);
/*
 * Steps that can still be made before the next reset. A purely recurrent network has no end
 * (SIZE_MAX); one with attention or positions ends after the steps of the graph's input. To go on
 * there, reset and run the last part of the sequence again.
 */
size_t nn_stepper_left(const nn_stepper *s);

/*
 * One step: x [sequences][inputs] -> [sequences][outputs], owned by the stepper, writable until the
 * next call. As nn_exec_forward: where the graph's head was split off, what goes into it. Allocates
 * nothing and cannot fail. Call it while nn_stepper_left is not 0.
 */
nn_real *nn_stepper_run(nn_stepper *s, const nn_real *x);

#endif
