/* Initializers: the first values of a weight, a pure function of (seed, weight index). */
#ifndef NN_NN_INIT_H
#define NN_NN_INIT_H

#include "base/rng.h"
#include "conf/field.h"
#include "math/real.h"

typedef struct nn_weight_size {
    size_t count;
    int fan_in, fan_out; /* as Keras counts them: a convolution's include the window */
    int rows, cols;      /* the matrix that `orthogonal` makes: leading dimensions x the last */
} nn_weight_size;

typedef struct nn_initializer {
    nn_kind kind;
    void (*fill)(const void *conf, const nn_rng *rng, const nn_weight_size *size, nn_real *w);
} nn_initializer;

extern const nn_family nn_initializers; /* nn/initializers.def */

#endif
