/* Inside math only: OpenBLAS, loaded on first use. */
#ifndef NN_MATH_GEMM_BLAS_H
#define NN_MATH_GEMM_BLAS_H

#include "math/gemm.h"

/* Computes one tile of C, but for the bias and `done`. All of lda, ldb and ldc are set. */
typedef void nn_blas_tile_fn(const nn_gemm *g, int row, int rows, int col, int cols);

/* NULL when OpenBLAS cannot be loaded. */
nn_blas_tile_fn *nn_blas_tile(void);

#endif
