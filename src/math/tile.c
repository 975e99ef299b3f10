/*
 * The kernel under gemm: a block of C held in registers, A broadcast, B by vectors. Compiled once
 * per instruction set (isa.cmake), each with the block that just fills its registers.
 */
#include "math/isa.h"

#include <string.h>

#ifndef NN_ISA
#define NN_ISA baseline
#endif
#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define TEXT_(a)     #a
#define TEXT(a)      TEXT_(a)

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
    DEPTH = 32768 / (int)sizeof(nn_real) / COLS, /* of a packed panel of B: 32 KiB */
};

typedef nn_real vector __attribute__((vector_size(VECTOR)));

/* A piece of the depth: C += A[rows, k] B[k, cols], for one panel of at most COLS columns. */
typedef struct piece {
    int k;
    const nn_real *a; /* element (i, p) is a[i * a_row + p * a_k] */
    ptrdiff_t a_row, a_k;
    const nn_real *b; /* [k, COLS], row stride ldb */
    ptrdiff_t ldb;
    nn_real *c; /* [rows, COLS] */
    ptrdiff_t ldc;
    bool add;            /* the sums start from C, */
    const nn_real *bias; /* [COLS]; else from here */
} piece;

static inline vector load(const nn_real *p)
{
    vector v;
    memcpy(&v, p, sizeof v); /* any alignment */
    return v;
}

/* All callers give constants, so that the loops unroll and `sum` is registers. */
static inline __attribute__((always_inline)) void block(const piece *t, const int rows,
                                                        const int vectors)
{
    const nn_real *a = t->a, *b = t->b;
    vector sum[ROWS][VECTORS];

    for (int i = 0; i < rows; i++) {
        for (int v = 0; v < vectors; v++)
            sum[i][v] = load((t->add ? t->c + i * t->ldc : t->bias) + v * WIDTH);
    }
    for (int p = 0; p < t->k; p++, a += t->a_k, b += t->ldb) {
        for (int i = 0; i < rows; i++) {
            for (int v = 0; v < vectors; v++)
                sum[i][v] += a[i * t->a_row] * load(b + v * WIDTH);
        }
    }
    for (int i = 0; i < rows; i++) {
        for (int v = 0; v < vectors; v++)
            memcpy(t->c + i * t->ldc + v * WIDTH, &sum[i][v], sizeof sum[i][v]);
    }
}

/* As many of the rows as one block takes, of two vectors or one; returns how many. */
static int some_rows(const piece *t, int rows, int cols)
{
    const bool half = cols <= WIDTH;

    if (rows >= ROWS) {
        half ? block(t, ROWS, 1) : block(t, ROWS, VECTORS);
        return ROWS;
    }
    if (rows >= 4) {
        half ? block(t, 4, 1) : block(t, 4, VECTORS);
        return 4;
    }
    if (rows >= 2) {
        half ? block(t, 2, 1) : block(t, 2, VECTORS);
        return 2;
    }
    half ? block(t, 1, 1) : block(t, 1, VECTORS);
    return 1;
}

/* Copies `cols` columns into rows of COLS and sets the rest to zero. */
static void widen(nn_real *restrict to, const nn_real *restrict from, ptrdiff_t ld, int rows,
                  int cols)
{
    for (int i = 0; i < rows; i++, to += COLS, from += ld) {
        for (int j = 0; j < COLS; j++)
            to[j] = j < cols ? from[j] : 0;
    }
}

/* Copies the first `cols` columns of rows of COLS. */
static void narrow(nn_real *restrict to, ptrdiff_t ld, const nn_real *restrict from, int rows,
                   int cols)
{
    for (int i = 0; i < rows; i++, to += ld, from += COLS) {
        for (int j = 0; j < COLS; j++) {
            if (j < cols) /* a masked store where there is one */
                to[j] = from[j];
        }
    }
}

/* Turns `cols` rows of B into rows of COLS; the rest of those is zero. */
static void transpose(nn_real *restrict to, const nn_real *restrict from, ptrdiff_t ld, int depth,
                      int cols)
{
    for (int p = 0; p < depth; p++, to += COLS, from++) {
        for (int j = 0; j < COLS; j++)
            to[j] = j < cols ? from[j * ld] : 0;
    }
}

/* The same as some_rows where C has fewer columns than the vectors: by way of a spare block. */
static int some_rows_of_edge(const piece *t, int rows, int cols)
{
    nn_real spare[ROWS * COLS];
    piece edge = *t;

    edge.c = spare;
    edge.ldc = COLS;
    if (t->add)
        widen(spare, t->c, t->ldc, rows < ROWS ? rows : ROWS, cols);
    rows = some_rows(&edge, rows, cols);
    narrow(t->c, t->ldc, spare, rows, cols);
    return rows;
}

/*
 * A panel of C, at most COLS wide. The depth is walked in pieces whose sums continue in C, so every
 * element stays one sum in one order.
 */
static void panel(const nn_gemm *g, int row, int rows, int col, int cols)
{
    static _Thread_local _Alignas(64) nn_real packed[DEPTH * COLS]; /* stacks may be small */
    nn_real bias[COLS] = {0};
    const bool packs = g->tb || cols < COLS || (rows > 4 * ROWS && g->ldb > 256);
    const bool edge = cols % WIDTH != 0;

    for (int j = 0; g->bias != NULL && j < cols; j++)
        bias[j] = g->bias[col + j];
    for (int p = 0; p < g->k; p += DEPTH) {
        piece t = {.ldb = g->ldb, .ldc = g->ldc, .add = g->add || p > 0, .bias = bias};

        t.k = g->k - p < DEPTH ? g->k - p : DEPTH;
        t.a_row = g->ta ? 1 : g->lda;
        t.a_k = g->ta ? g->lda : 1;
        t.b = g->b + (ptrdiff_t)p * g->ldb + col;
        if (packs) {
            if (g->tb)
                transpose(packed, g->b + (ptrdiff_t)col * g->ldb + p, g->ldb, t.k, cols);
            else
                widen(packed, t.b, g->ldb, t.k, cols);
            t.b = packed;
            t.ldb = COLS;
        }
        for (int i = 0; i < rows;) {
            t.a = g->a + (row + i) * t.a_row + p * t.a_k;
            t.c = g->c + (ptrdiff_t)(row + i) * g->ldc + col;
            i += edge ? some_rows_of_edge(&t, rows - i, cols) : some_rows(&t, rows - i, cols);
        }
    }
}

/* With both `add` and a bias, the bias is put on C first, and the sums start from there. */
static void add_bias(const nn_gemm *g, int row, int rows, int col, int cols)
{
    for (int i = row; i < row + rows; i++) {
        for (int j = col; j < col + cols; j++)
            g->c[(ptrdiff_t)i * g->ldc + j] += g->bias[j];
    }
}

static void tile(const nn_gemm *g, int row, int rows, int col, int cols)
{
    if (g->add && g->bias != NULL)
        add_bias(g, row, rows, col, cols);
    for (int at = 0; at < cols; at += COLS)
        panel(g, row, rows, col + at, cols - at < COLS ? cols - at : COLS);
}

void PASTE(nn_sparse_tile_, NN_ISA)(const nn_gemm *g, int row, int rows, int col, int cols);

extern const nn_kernel PASTE(nn_kernel_, NN_ISA);
const nn_kernel PASTE(nn_kernel_, NN_ISA) = {TEXT(NN_ISA), ROWS, COLS, tile,
                                             PASTE(nn_sparse_tile_, NN_ISA)};
