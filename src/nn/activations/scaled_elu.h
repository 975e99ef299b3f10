/* What elu and selu share: y = scale x where x > 0, scale alpha (exp(x) - 1) elsewhere. */
#ifndef NN_SRC_ACTIVATION_SCALED_ELU_H
#define NN_SRC_ACTIVATION_SCALED_ELU_H

#include "pieces.h"

/* n <= NN_PIECE. */
void nn_scaled_elu(nn_real scale, nn_real alpha, const nn_real *restrict x, nn_real *restrict y,
                   size_t n);
void nn_scaled_elu_back(nn_real scale, nn_real alpha, const nn_real *restrict y,
                        const nn_real *restrict dy, nn_real *restrict dx, size_t n);

#endif
