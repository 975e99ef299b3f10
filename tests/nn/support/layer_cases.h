/* The networks on which layer kinds are tested: nn/support/layer_cases.def as an array. */
#ifndef NN_TEST_LAYER_CASES_H
#define NN_TEST_LAYER_CASES_H

#include "base/shape.h"

typedef struct layer_case {
    const char *name;
    nn_shape in;
    const char *layers; /* JSON */
} layer_case;

enum {
#define LAYER_CASE(...) +1
    LAYER_CASES = 0
#include "nn/support/layer_cases.def"
#undef LAYER_CASE
};

extern const layer_case layer_cases[LAYER_CASES];

#endif
