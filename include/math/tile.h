/*
 * Inside math only: what the kernel under gemm (src/math/tile.c) and the packing for it
 * (src/math/pack.c) share. Both are compiled once per instruction set.
 */
#ifndef NN_MATH_TILE_H
#define NN_MATH_TILE_H

#include "math/real.h"

#include <string.h>

#ifndef NN_ISA
#define NN_ISA baseline
#endif
#define NN_PASTE_(a, b) a##b
#define NN_PASTE(a, b)  NN_PASTE_(a, b)

/* 8 x 2 of 32 registers, 6 x 2 of 16, and 4 x 2 of the 16 that SSE2 has (32 on AArch64). */
#if defined(__AVX512F__)
enum { VECTOR = 64, ROWS = 8 };
#elif defined(__AVX2__)
enum { VECTOR = 32, ROWS = 6 };
#else
enum { VECTOR = 16, ROWS = 4 };
#endif
enum {
    WIDTH = VECTOR / sizeof(nn_real),
    VECTORS = 2,
    COLS = VECTORS * WIDTH,
    DEPTH = 24576 / (int)sizeof(nn_real) / COLS, /* of a packed panel of B: 24 KiB, so that a first
                                                    cache of 32 holds what else is needed */
    GROUP = 2 * ROWS, /* rows of A transposed that are packed side by side, */
    /* and how far it is from one group to the next: an odd number of lines, so that the groups
     * spread over all sets of a cache. */
    GROUP_SIZE = DEPTH * GROUP + NN_REAL_LINE,
};

typedef nn_real vector __attribute__((vector_size(VECTOR)));

static inline vector load(const nn_real *p)
{
    vector v;
    memcpy(&v, p, sizeof v); /* any alignment */
    return v;
}

#define nn_pack_rows   NN_PASTE(nn_pack_rows_, NN_ISA)
#define nn_pack_turned NN_PASTE(nn_pack_turned_, NN_ISA)
#define nn_pack_groups NN_PASTE(nn_pack_groups_, NN_ISA)
/* Copies `cols` columns into rows of COLS and sets the rest to zero. */
void nn_pack_rows(nn_real *to, const nn_real *from, ptrdiff_t ld, int rows, int cols);
/* Turns `cols` rows into columns, `depth` rows of COLS, zero to the end of the last vector. */
void nn_pack_turned(nn_real *to, const nn_real *from, ptrdiff_t ld, int depth, int cols);
/* Turns a piece of A transposed, [depth][rows], into groups: [rows / GROUP][depth][GROUP]. */
void nn_pack_groups(nn_real *to, const nn_real *from, ptrdiff_t ld, int depth, int rows);

#endif
