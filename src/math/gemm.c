/* Matrix products: which kernel, and how they are cut into tiles, by the shape alone. */
#include "math/gemm.h"

#include "math/gemm_blas.h"
#include "math/isa.h"
#include "math/vec.h"

#include <assert.h>
#include <string.h>

enum {
    TILE_ROWS =
        128, /* of one task at most. OpenBLAS packs both sides anew for every tile: for large */
    TILE_COLS = 128, /* products its tiles are twice as large, */
    TASKS = 16,      /* and half as many will do; so many keep several threads evenly busy */
};
static const double task_work = 20000; /* multiplications worth a task */

/* A product and how it is cut. */
typedef struct job {
    nn_gemm g;
    nn_blas_tile_fn *tile;
    bool bias_last;         /* the tile function knows nothing of the bias */
    int row_step, col_step; /* the tile's sizes are best multiples of these */
    int rows, cols;         /* of one tile */
    int down, across;
} job;

static int ceil_div(int a, int b)
{
    return a / b + (a % b != 0);
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/*
 * Multiplications from which on OpenBLAS is ahead, as measured on its tiles and ours: it packs both
 * sides where our kernel packs only what it must. The portable kernel is only for small change.
 */
static double blas_work(const nn_gemm *g, const nn_kernel *kernel)
{
    const bool wide = strcmp(kernel->isa, "avx512") == 0;

    if (strcmp(kernel->isa, "baseline") == 0)
        return 50e3;
    if (g->tb)
        return 4e6;
    return wide ? (g->ta ? 200e6 : 500e6) : 100e6;
}

/* Halves the larger side of the tile until there are enough tasks, or more would be too small. */
static void cut(job *j, int tasks)
{
    const double work = (double)j->g.m * j->g.n * j->g.k;

    for (;;) {
        const int steps_down = ceil_div(j->rows, j->row_step);
        const int steps_across = ceil_div(j->cols, j->col_step);

        j->down = ceil_div(j->g.m, j->rows);
        j->across = ceil_div(j->g.n, j->cols);
        if (j->down * j->across >= tasks || work < 2 * task_work * j->down * j->across ||
            (steps_down == 1 && steps_across == 1))
            return;
        if (steps_across >= steps_down)
            j->cols = ceil_div(steps_across, 2) * j->col_step;
        else
            j->rows = ceil_div(steps_down, 2) * j->row_step;
    }
}

static job plan(const nn_gemm *g)
{
    const nn_kernel *kernel = nn_kernel_usable(0);
    job j = {.g = *g, .tile = kernel->tile, .row_step = kernel->rows, .col_step = kernel->cols};
    const double work = (double)g->m * g->n * g->k;
    int size = 1;

    assert(g->m >= 1 && g->n >= 1 && g->k >= 1);
    j.g.lda = g->lda != 0 ? g->lda : g->ta ? g->m : g->k;
    j.g.ldb = g->ldb != 0 ? g->ldb : g->tb ? g->k : g->n;
    j.g.ldc = g->ldc != 0 ? g->ldc : g->n;
    if (work >= blas_work(g, kernel) && nn_blas_tile() != NULL) {
        j.tile = nn_blas_tile();
        j.bias_last = true;
        size = work >= 100e6 ? 2 : 1;
    }
    j.rows = smaller(g->m, size * TILE_ROWS / j.row_step * j.row_step);
    j.cols = smaller(g->n, size * TILE_COLS / j.col_step * j.col_step);
    cut(&j, TASKS / size);
    return j;
}

/* Tasks go down the columns first: neighbours share their part of B. */
static void run_task(void *context, int task, int worker)
{
    const job *j = context;
    const nn_gemm *g = &j->g;
    const int row = task % j->down * j->rows, col = task / j->down * j->cols;
    const int rows = smaller(j->rows, g->m - row), cols = smaller(j->cols, g->n - col);
    nn_real *c = g->c + (ptrdiff_t)row * g->ldc + col;

    (void)worker;
    j->tile(g, row, rows, col, cols);
    for (int i = 0; j->bias_last && g->bias != NULL && i < rows; i++)
        nn_vec_add(c + (ptrdiff_t)i * g->ldc, c + (ptrdiff_t)i * g->ldc, g->bias + col,
                   (size_t)cols);
    if (g->done != NULL)
        g->done(g->context, c, g->ldc, row, rows, col, cols);
}

void nn_gemm_run(nn_pool *pool, const nn_gemm *g)
{
    job j = plan(g);
    nn_pool_run(pool, j.down * j.across, run_task, &j);
}

void nn_gemm_serial(const nn_gemm *g)
{
    job j = plan(g);
    for (int task = 0; task < j.down * j.across; task++)
        run_task(&j, task, 0);
}
