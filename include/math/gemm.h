/*
 * Matrix products, the only door to BLAS. The product is cut into tiles of the output by its shape,
 * and K, where there is room for it, into a few parts that are added up in the end: every element
 * is one sum in one order, whatever the threads.
 */
#ifndef NN_MATH_GEMM_H
#define NN_MATH_GEMM_H

#include "math/pool.h"
#include "math/real.h"

#include <stdbool.h>

/* Called on each finished tile of C while it is hot: rows r..r+rows, columns c..c+cols of the
 * whole. */
typedef void nn_tile_fn(const void *context, nn_real *tile, int ldc, int row, int rows, int col,
                        int cols);

/* C[m,n] = op(A)[m,k] op(B)[k,n] (+ C when `add`) (+ bias[n]). Row-major. */
typedef struct nn_gemm {
    int m, n, k;
    const nn_real *a;  /* [m,k], or [k,m] when ta */
    const nn_real *b;  /* [k,n], or [n,k] when tb */
    nn_real *c;        /* [m,n] */
    int lda, ldb, ldc; /* 0: the packed width */
    bool ta, tb;
    bool add;
    bool zeros; /* A may be mostly zeros: look, and if so leave them out, unread what B has for them
                 */
    const nn_real *bias; /* [n] or NULL */
    nn_tile_fn *done;    /* or NULL */
    const void *context;
    nn_real *room; /* [nn_gemm_parts][m][n] to cut K in; or NULL: it is not cut */
} nn_gemm;

enum { NN_GEMM_PARTS = 4 };
/*
 * How many parts K of C[m,n] = A[m,k] B[k,n] is cut in when there is room: more than one where B, a
 * weight, is larger than C and fits the caches. Then a thread meets the same rows of B when it
 * multiplies by it, when it makes the gradient (A transposed) and when that moves it; else they
 * would go to and fro between the cores, which takes longer than the arithmetic.
 */
int nn_gemm_parts(int m, int n, int k);

void nn_gemm_run(nn_pool *pool, const nn_gemm *g);
/* The same in the calling thread, for use inside a task. */
void nn_gemm_serial(const nn_gemm *g);

/* Column sums: out[n] = sum over the m rows of a[m,n], in a fixed order. For bias gradients. */
void nn_colsum_run(nn_pool *pool, const nn_real *a, int m, int n, nn_real *out);

#endif
