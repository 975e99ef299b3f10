/* Activations: functions of one value (or, softmax, of a row), fused into the layer before them. */
#ifndef NN_NN_ACTIVATION_H
#define NN_NN_ACTIVATION_H

#include "conf/field.h"
#include "math/real.h"

#include <stdbool.h>

typedef struct nn_activation {
    nn_kind kind;
    bool by_row;  /* needs whole rows of the last dimension; otherwise any piece will do */
    bool rises;   /* never falls: the largest of values stays the largest */
    bool needs_x; /* backward reads the input; otherwise x is NULL there and the output suffices */
    /* y = f(x) for rows * width values; y may be x. */
    void (*forward)(const void *conf, const nn_real *x, nn_real *y, size_t rows, int width);
    /* dx = f'(x) dy; dx may be dy. */
    void (*backward)(const void *conf, const nn_real *x, const nn_real *y, const nn_real *dy,
                     nn_real *dx, size_t rows, int width);
} nn_activation;

extern const nn_family nn_activations; /* nn/activations.def */
extern const nn_activation nn_activation_linear;

static inline const nn_activation *nn_activation_of(const nn_choice *choice)
{
    return (const nn_activation *)choice->kind;
}
bool nn_activation_is_linear(const nn_choice *choice);

#endif
