/*
 * Inside math only: the kernels under convolution and pooling, compiled once per instruction set
 * from src/math/conv_kernel.c. Stretches are runs of neighbouring numbers, such as the columns and
 * channels under one row of a window.
 */
#ifndef NN_MATH_CONV_KERNEL_H
#define NN_MATH_CONV_KERNEL_H

#include "math/max_pool.h"
#include "math/real.h"

#include <stdbool.h>

/*
 * A product whose left side is walked over where it lies:
 * C[i,j] = bias[j] + sum over s, p of A[row[i] + stretch[s] + p * step] * B[s * len + p, j],
 * or with `add` C instead of the bias. With `pools` every NN_POOLED rows are what a window of
 * max-pooling sees: C and `from` have a row for each window, of the largest and of where it was;
 * columns then fill whole vectors.
 */
enum { NN_POOLED = 4 };
typedef struct nn_walk {
    int rows, cols;
    const nn_real *a;
    const int *row;     /* [rows] */
    const int *stretch; /* [stretches] */
    int stretches, len;
    ptrdiff_t step;
    const nn_real *b; /* [stretches * len, cols], row stride ldb */
    ptrdiff_t ldb;
    nn_real *c; /* [rows, cols], row stride ldc */
    ptrdiff_t ldc;
    const nn_real *bias; /* [cols], or NULL */
    bool add;
    bool pools;
    nn_tap *from;    /* as long as C; or NULL */
    nn_real *packed; /* room for [stretches * len, nn_conv_kernel.cols], 64-byte aligned */
} nn_walk;

/*
 * Sums of few rows of B, each times a number: run k adds to a place of C
 * C[place[k] - shift + to[s] + p] += sum over its i of value[i] * B[at[i] * scale + from[s] + p],
 * p < vectors * width. Stretches of C may overlap where B has zeros, if those that come later stand
 * later. With `fresh` C is zero before, and places do not overlap.
 */
typedef struct nn_sparse {
    int runs;
    const int *first, *last; /* [runs]: first[k] <= i < last[k] */
    const int *at;
    const nn_real *value;
    const nn_real *b;
    ptrdiff_t scale;
    const int *from; /* [stretches] */
    nn_real *c;
    const int *place; /* [runs] */
    int shift;
    const int *to; /* [stretches] */
    int stretches;
    int vectors; /* of a stretch, */
    int most;    /* that are gone through at a time, so that what is read of B stays near */
    bool fresh;
} nn_sparse;

/* The largest values of a window, as nn_max_pool_image says. */
typedef struct nn_largest {
    int channels, down, across;
    const nn_real *x; /* its first row and column; columns stand `channels` apart */
    ptrdiff_t row;    /* rows so much */
    int tap, taps;    /* the number of the first tap, and how many a row has */
    nn_real *y;       /* [channels] */
    nn_tap *from;     /* [channels], or NULL */
} nn_largest;

typedef struct nn_conv_kernel {
    const char *isa;
    int width; /* numbers in a vector */
    int cols;  /* columns of a panel of B */
    void (*walk)(const nn_walk *w);
    void (*add_sparse)(const nn_sparse *s);
    /* Lists what is not zero: value[k] = x[at[k]]; both have room for n + width. */
    int (*list)(const nn_real *x, int n, nn_real *value, int *at);
    /* Of that, only what came from one tap of a window. */
    int (*list_tap)(const nn_real *x, const nn_tap *from, int tap, int n, nn_real *value, int *at);
    void (*largest)(const nn_largest *t);
    /*
     * Winograd's transformations of whole vectors of channels. Points, of which a tile has 16, and
     * taps of a window stand `gap` apart. A tile of 4 x 4 inputs whose rows stand `line` apart;
     * what becomes its 2 x 2 outputs, or the largest of them; the windows of one input channel.
     */
    void (*turn_tile)(const nn_real *tile, size_t line, nn_real *to, size_t gap, int channels);
    void (*turn_products)(const nn_real *from, size_t gap, nn_real *const y[4], int channels);
    void (*pool_products)(const nn_real *from, size_t gap, nn_real *y, nn_tap *tap, int channels);
    void (*turn_windows)(const nn_real *w, nn_real *to, size_t gap, int channels);
} nn_conv_kernel;

/* Of the i-th of nn_kernel_usable; NULL after the last. */
const nn_conv_kernel *nn_conv_kernel_usable(int i);

#endif
