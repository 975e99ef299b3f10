/* The networks on which layer kinds are tested. */
#include "nn/support/layer_cases.h"

/* clang-format off */
#define VECTOR(a) {1, {a}}
#define MATRIX(a, b) {2, {a, b}}
#define IMAGE(a, b, c) {3, {a, b, c}}
/* clang-format on */
#define LAYER_CASE(name, in, ...) {name, in, #__VA_ARGS__},

const layer_case layer_cases[LAYER_CASES] = {
#include "nn/support/layer_cases.def"
};
