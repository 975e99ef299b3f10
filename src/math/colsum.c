/* Column sums, in double: stripes of columns and blocks of rows, cut by the shape alone. */
#include "math/gemm.h"

#include "math/hot.h"

#include <string.h>

enum {
    STRIPE = 64,  /* columns of a task: whole cache lines */
    PARTS = 16,   /* sums of blocks that are added up in the end */
    ROWS = 256,   /* as few are not cut into blocks */
    ALONE = 8192, /* so few numbers are summed sooner than another thread would begin */
};

typedef struct colsum {
    const nn_real *a; /* [m, n] */
    int m, n;
    int stripes, blocks, rows; /* rows: of one block */
    nn_real *out;              /* [n] */
    double part[PARTS][STRIPE];
} colsum;

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int ceil_div(int a, int b)
{
    return a / b + (a % b != 0);
}

NN_HOT_INLINE void add_rows(double *restrict sum, const nn_real *restrict a, int n, int rows,
                            const int cols)
{
    for (int i = 0; i < rows; i++, a += n) {
        for (int j = 0; j < cols; j++)
            sum[j] += (double)a[j];
    }
}

/* A full stripe has a constant width, so that its sums stay in registers. */
NN_HOT static void sum_rows(double *sum, const nn_real *a, int n, int rows, int cols)
{
    if (cols == STRIPE)
        add_rows(sum, a, n, rows, STRIPE);
    else
        add_rows(sum, a, n, rows, cols);
}

static void sum_block(void *context, int task, int worker)
{
    colsum *s = context;
    const int col = task % s->stripes * STRIPE, row = task / s->stripes * s->rows;
    const int cols = smaller(STRIPE, s->n - col);
    double sum[STRIPE] = {0};

    (void)worker;
    sum_rows(sum, s->a + (ptrdiff_t)row * s->n + col, s->n, smaller(s->rows, s->m - row), cols);
    if (s->blocks > 1)
        memcpy(s->part[task], sum, sizeof sum);
    for (int j = 0; s->blocks == 1 && j < cols; j++)
        s->out[col + j] = (nn_real)sum[j];
}

void nn_colsum_run(nn_pool *pool, const nn_real *a, int m, int n, nn_real *out)
{
    colsum s = {.a = a, .m = m, .n = n, .out = out, .rows = m, .blocks = 1};

    s.stripes = ceil_div(n, STRIPE);
    if (s.stripes <= PARTS / 2 && m > ROWS) {
        s.rows = ceil_div(m, smaller(PARTS / s.stripes, ceil_div(m, ROWS)));
        s.blocks = ceil_div(m, s.rows);
    }
    if ((size_t)m * (size_t)n <= ALONE)
        for (int task = 0; task < s.stripes; task++)
            sum_block(&s, task, 0);
    else
        nn_pool_run(pool, s.stripes * s.blocks, sum_block, &s);
    for (int j = 0; s.blocks > 1 && j < n; j++) {
        double sum = 0;
        for (int b = 0; b < s.blocks; b++)
            sum += s.part[b * s.stripes + j / STRIPE][j % STRIPE];
        out[j] = (nn_real)sum;
    }
}
