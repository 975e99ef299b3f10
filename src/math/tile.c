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
enum { WIDTH = VECTOR / sizeof(nn_real), VECTORS = 2 };

typedef nn_real vector __attribute__((vector_size(VECTOR)));

static inline vector load(const nn_real *p)
{
    vector v;
    memcpy(&v, p, sizeof v); /* any alignment */
    return v;
}

/* `rows` is a constant in every caller, so that the loops over rows unroll and `sum` is registers.
 */
static inline __attribute__((always_inline)) void block(const nn_tile *t, const int rows)
{
    const nn_real *a = t->a, *b = t->b;
    vector sum[ROWS][VECTORS];

    for (int i = 0; i < rows; i++) {
        for (int v = 0; v < VECTORS; v++) {
            if (t->add)
                sum[i][v] = load(t->c + i * t->ldc + v * WIDTH);
            else
                sum[i][v] = t->bias != NULL ? load(t->bias + v * WIDTH) : (vector){0};
        }
    }
    for (int p = 0; p < t->k; p++, a += t->a_k, b += t->ldb) {
        const vector b0 = load(b), b1 = load(b + WIDTH);
        for (int i = 0; i < rows; i++) {
            const nn_real x = a[i * t->a_row];
            sum[i][0] += x * b0;
            sum[i][1] += x * b1;
        }
    }
    for (int i = 0; i < rows; i++)
        memcpy(t->c + i * t->ldc, sum[i], sizeof sum[i]);
}

static void run(const nn_tile *t)
{
    switch (t->rows) {
    case 1:
        block(t, 1);
        break;
    case 2:
        block(t, 2);
        break;
    case 3:
        block(t, 3);
        break;
#if defined(__AVX2__)
    case 4:
        block(t, 4);
        break;
    case 5:
        block(t, 5);
        break;
#endif
#if defined(__AVX512F__)
    case 6:
        block(t, 6);
        break;
    case 7:
        block(t, 7);
        break;
#endif
    default:
        block(t, ROWS);
        break;
    }
}

extern const nn_tile_kernel PASTE(nn_tile_, NN_ISA);
const nn_tile_kernel PASTE(nn_tile_, NN_ISA) = {TEXT(NN_ISA), ROWS, VECTORS *WIDTH, run};
