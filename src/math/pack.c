/*
 * Brings what a product reads again and again together, in the order in which the kernel (tile.c)
 * reads it. Rows that lie a power of two apart would meet in the same few lines of a cache.
 */
#include "math/tile.h"

void nn_pack_rows(nn_real *restrict to, const nn_real *restrict from, ptrdiff_t ld, int rows,
                  int cols)
{
    for (int i = 0; i < rows; i++, to += COLS, from += ld) {
        if (cols == COLS) {
            memcpy(to, from, COLS * sizeof *to);
            continue;
        }
        for (int j = 0; j < COLS; j++)
            to[j] = j < cols ? from[j] : 0;
    }
}

/* Which lanes of two vectors make the first and the second vector of their elements by turns. */
#define LANES (VECTOR_BYTES / (NN_REAL_IS_DOUBLE ? 8 : 4))
#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif
#if LANES == 16
#define FIRST  0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define SECOND 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif LANES == 8
#define FIRST  0, 8, 1, 9, 2, 10, 3, 11
#define SECOND 4, 12, 5, 13, 6, 14, 7, 15
#elif LANES == 4
#define FIRST  0, 4, 1, 5
#define SECOND 2, 6, 3, 7
#else
#define FIRST  0, 2
#define SECOND 1, 3
#endif
_Static_assert(LANES == WIDTH, "the lanes are those of a vector");

#ifdef __clang__
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#if NN_REAL_IS_DOUBLE
typedef long long lanes __attribute__((vector_size(VECTOR)));
#else
typedef int lanes __attribute__((vector_size(VECTOR)));
#endif
#define PICK(a, b, ...) __builtin_shuffle(a, b, (lanes){__VA_ARGS__})
#endif

/*
 * A square of WIDTH x WIDTH is turned in registers: each round lays the rows of its upper and lower
 * half by turns into each other, and log2(WIDTH) such rounds have turned it. Rows past `rows` are
 * zero.
 */
static inline __attribute__((always_inline)) void turn_square(nn_real *to, const nn_real *from,
                                                              ptrdiff_t ld, int rows)
{
    vector row[WIDTH], next[WIDTH];

    for (int i = 0; i < WIDTH; i++)
        row[i] = i < rows ? load(from + i * ld) : (vector){0};
    for (int round = 1; round < WIDTH; round *= 2) {
        for (int i = 0; i < WIDTH / 2; i++) {
            next[2 * i] = PICK(row[i], row[i + WIDTH / 2], FIRST);
            next[2 * i + 1] = PICK(row[i], row[i + WIDTH / 2], SECOND);
        }
        memcpy(row, next, sizeof row);
    }
    for (int i = 0; i < WIDTH; i++)
        memcpy(to + i * COLS, &row[i], sizeof row[i]);
}

/* Turns at most WIDTH rows into columns, where they are too short for a square. */
static void turn_rest(nn_real *restrict to, const nn_real *restrict from, ptrdiff_t ld, int depth,
                      int cols)
{
    for (int p = 0; p < depth; p++, to += COLS, from++) {
        for (int j = 0; j < WIDTH; j++)
            to[j] = j < cols ? from[j * ld] : 0;
    }
}

void nn_pack_turned(nn_real *restrict to, const nn_real *restrict from, ptrdiff_t ld, int depth,
                    int cols)
{
    for (int at = 0; at < cols; at += WIDTH) {
        const nn_real *rows = from + at * ld;
        int p = 0;

        for (; p + WIDTH <= depth; p += WIDTH)
            turn_square(to + p * COLS + at, rows + p, ld, cols - at);
        turn_rest(to + p * COLS + at, rows + p, ld, depth - p, cols - at);
    }
}

void nn_pack_groups(nn_real *restrict to, const nn_real *restrict from, ptrdiff_t ld, int depth,
                    int rows)
{
    for (int p = 0; p < depth; p++, to += GROUP, from += ld) {
        nn_real *group = to;
        int i = 0;

        for (; i + GROUP <= rows; i += GROUP, group += GROUP_SIZE)
            memcpy(group, from + i, GROUP * sizeof *to);
        for (int rest = 0; i + rest < rows; rest++)
            group[rest] = from[i + rest];
    }
}
