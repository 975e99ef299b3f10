/*
 * Inside math only: the register-blocked kernel under gemm, compiled once per instruction set from
 * src/math/tile.c, and the choice among the builds by what the CPU can do.
 */
#ifndef NN_MATH_ISA_H
#define NN_MATH_ISA_H

#include "math/real.h"

#include <stdbool.h>
#include <stddef.h>

/* One block of C, at most `rows` x `cols` of the kernel: element (i, p) of A is a[i * a_row + p *
 * a_k]. */
typedef struct nn_tile {
    int rows, k;
    const nn_real *a;
    ptrdiff_t a_row, a_k;
    const nn_real *b; /* [k, the kernel's cols], row stride ldb */
    ptrdiff_t ldb;
    nn_real *c; /* [rows, the kernel's cols] */
    ptrdiff_t ldc;
    bool add;            /* the sums start from C */
    const nn_real *bias; /* else from bias[cols], or from 0 when it is NULL */
} nn_tile;

typedef struct nn_tile_kernel {
    const char *isa;
    int rows, cols; /* the block held in registers */
    void (*run)(const nn_tile *t);
} nn_tile_kernel;

/* The best kernel for this CPU. */
const nn_tile_kernel *nn_tile_best(void);

#endif
