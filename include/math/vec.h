/*
 * Vectors: elementwise functions several values at a time, by own polynomials (a few ulp), compiled
 * for each instruction set and chosen once. In and out may be the same array. NaN in gives NaN out.
 */
#ifndef NN_MATH_VEC_H
#define NN_MATH_VEC_H

#include "math/real.h"

#include <stdbool.h>
#include <stdint.h>

void nn_vec_exp(nn_real *y, const nn_real *x, size_t n);
void nn_vec_log(nn_real *y, const nn_real *x, size_t n);
void nn_vec_tanh(nn_real *y, const nn_real *x, size_t n);
void nn_vec_sigmoid(nn_real *y, const nn_real *x, size_t n);
void nn_vec_erf(nn_real *y, const nn_real *x, size_t n);
void nn_vec_relu(nn_real *y, const nn_real *x, size_t n);
/* dx = y > 0 ? dy : 0 */
void nn_vec_relu_back(nn_real *dx, const nn_real *y, const nn_real *dy, size_t n);

void nn_vec_add(nn_real *y, const nn_real *a, const nn_real *b, size_t n);
/* y += the sum of some rows of x, one after the other. */
void nn_vec_add_rows(nn_real *y, const nn_real *x, size_t rows, size_t n);
void nn_vec_mul(nn_real *y, const nn_real *a, const nn_real *b, size_t n);
void nn_vec_scale(nn_real *y, const nn_real *x, nn_real factor, size_t n);
void nn_vec_axpy(nn_real *y, nn_real factor, const nn_real *x, size_t n); /* y += factor * x */
/* y = (x - shift) * scale for bytes and reals: how batches are filled. */
void nn_vec_from_u8(nn_real *y, const uint8_t *x, nn_real shift, nn_real scale, size_t n);
void nn_vec_affine(nn_real *y, const nn_real *x, nn_real shift, nn_real scale, size_t n);

/* Sums in a fixed order, in double. */
double nn_vec_sum(const nn_real *x, size_t n);
double nn_vec_sum_squares(const nn_real *x, size_t n);
double nn_vec_dot(const nn_real *a, const nn_real *b, size_t n);
bool nn_vec_finite(const nn_real *x, size_t n);

/* Stable softmax of each of `rows` rows of `width`, in place allowed. */
void nn_vec_softmax(nn_real *y, const nn_real *x, size_t rows, int width);

#endif
