/* The weights of a recurrent layer as one matrix, for one call of forward or backward. */
#ifndef NN_SRC_LAYERS_RECURRENT_STACK_H
#define NN_SRC_LAYERS_RECURRENT_STACK_H

#include "recurrent.h"

/* Reals that either form of a stack takes. */
size_t nn_stack_reals(int rows, int width);
/* Both fill `work`; the turned one has no bias. */
nn_stack nn_stack_load(const nn_layer *l, nn_pool *pool, nn_real *const *w, nn_real *work);
nn_stack nn_stack_turn(const nn_layer *l, nn_pool *pool, nn_real *const *w, nn_real *work);

#endif
