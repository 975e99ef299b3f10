/*
 * Inside math only: the kernel under gemm, compiled once per instruction set from src/math/tile.c,
 * and the choice among the builds by what the CPU can do.
 */
#ifndef NN_MATH_ISA_H
#define NN_MATH_ISA_H

#include "math/gemm.h"

typedef struct nn_kernel {
    const char *isa;
    int rows, cols; /* the block of C that is held in registers; tiles are best multiples of it */
    /* Computes one tile of C, but for `done`. All of lda, ldb and ldc are set. */
    void (*tile)(const nn_gemm *g, int row, int rows, int col, int cols);
    /*
     * The same for an A with many zeros, which it leaves out (src/math/sparse.c): without tb,
     * without both `add` and a bias, and at most NN_SPARSE_COLS columns.
     */
    void (*sparse)(const nn_gemm *g, int row, int rows, int col, int cols);
} nn_kernel;
enum { NN_SPARSE_COLS = 128 };

/*
 * Room for what a kernel packs, one for each thread, whose stack may be small, and for all kernels,
 * which keep nothing there from one call to the next. Aligned to lines.
 */
nn_real *nn_kernel_room(void);
enum { NN_KERNEL_ROOM = 55552 }; /* reals */

/* The kernels that this CPU can run, the best first; NULL after the last. */
const nn_kernel *nn_kernel_usable(int i);

#endif
