/* What this machine's matrix products can reach: the yardstick that figures are held against. */
#ifndef NN_MATH_LIMIT_H
#define NN_MATH_LIMIT_H

#include "math/pool.h"

/* A large product for each thread, over and over. Release with nn_limit_free. */
typedef struct nn_limit nn_limit;
NN_MUST_CHECK nn_code nn_limit_new(nn_limit **out, nn_pool *pool, nn_err *err);
void nn_limit_free(nn_limit *l); /* NULL is fine */
/* FLOPs per second of all threads together, measured once; it takes some 20 ms. */
double nn_limit_measure(nn_limit *l);

#endif
