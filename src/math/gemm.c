/* Matrix products: which kernel, and how they are cut into tiles, by the shape alone. */
#include "math/gemm.h"

#include "math/gemm_blas.h"
#include "math/isa.h"
#include "math/vec.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum {
    TILE_ROWS =
        128, /* of one task at most. Both sides are packed anew for every tile, at least in */
    TILE_COLS = 128, /* part: for large products tiles are twice as large, */
    TASKS = 16,      /* and half as many will do; so many keep several threads evenly busy */
    TURNED_ROWS = 4, /* blocks of rows for which it pays to turn a part of B transposed */
    STRIPE = 128, /* columns of a sparse product's tile: all that its rows are walked for at once */
    SUM_ROWS = 32, /* of a task that adds parts up */
    SAMPLES = 64,  /* elements that are looked at to guess how many are zero */
};
static const double task_work = 50000; /* multiplications worth a task */
/* The same where every task walks through all of B, while little is computed with it. */
static const double apart_work = 500e3;
static const double least_split = 64e3, most_split = 512e3; /* numbers in a B that is shared out */
static const double large_work = 100e6;                     /* multiplications of a large product */
static const double sparse_work = 200e3; /* from which on it is worth to look for zeros */

/* A product and how it is cut. */
typedef struct job {
    nn_gemm g;
    nn_blas_tile_fn *tile;
    bool skips;             /* zeros are left out */
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
 * Multiplications from which on OpenBLAS is used, as measured on its tiles and ours: it is level
 * with our kernel for AVX2 and behind the one for AVX-512. The portable kernel is only for small
 * change.
 */
static double blas_work(const nn_kernel *kernel)
{
    if (strcmp(kernel->isa, "avx512") == 0)
        return INFINITY;
    return strcmp(kernel->isa, "avx2") == 0 ? large_work : 50e3;
}

/* Halves the larger side of the tile until there are enough tasks, or more would be too small. */
static void cut(job *j, int tasks)
{
    const double share = j->skips ? 0.25 : 1; /* of the multiplications that are made */
    const double least = j->skips && !j->g.ta ? apart_work : task_work;
    const double work = share * j->g.m * j->g.n * j->g.k;

    for (;;) {
        const int steps_down = ceil_div(j->rows, j->row_step);
        const int steps_across = ceil_div(j->cols, j->col_step);

        j->down = ceil_div(j->g.m, j->rows);
        j->across = ceil_div(j->g.n, j->cols);
        if (j->down * j->across >= tasks || work < 2 * least * j->down * j->across ||
            (steps_down == 1 && steps_across == 1))
            return;
        if ((steps_across >= steps_down || (j->g.tb && steps_across > 1)) &&
            !(j->g.ta && steps_down > 1))
            j->cols = ceil_div(steps_across, 2) * j->col_step;
        else
            j->rows = ceil_div(steps_down, 2) * j->row_step;
    }
}

/*
 * Are so many elements of A zero that it pays to look for them all? A guess from some of them,
 * which decides about the time alone: both kernels give the same sums.
 */
static bool is_sparse(const nn_gemm *g)
{
    const int rows = g->ta ? g->k : g->m, cols = g->ta ? g->m : g->k;
    int zeros = 0;

    for (int i = 0; i < SAMPLES; i++) {
        const int row = (int)((int64_t)rows * i / SAMPLES);
        const int col = (int)((int64_t)cols * (i * 37 % SAMPLES) / SAMPLES);

        zeros += g->a[(ptrdiff_t)row * g->lda + col] == 0;
    }
    return 2 * zeros >= SAMPLES; /* from there on it is at least a fifth faster */
}

static job plan(const nn_gemm *g, int tasks)
{
    const nn_kernel *kernel = nn_kernel_usable(0);
    job j = {.g = *g, .tile = kernel->tile, .row_step = kernel->rows, .col_step = kernel->cols};
    const double work = (double)g->m * g->n * g->k;
    int tall = 1, wide = 1; /* times the usual height and width of a tile */

    assert(g->m >= 1 && g->n >= 1 && g->k >= 1);
    j.g.lda = g->lda != 0 ? g->lda : g->ta ? g->m : g->k;
    j.g.ldb = g->ldb != 0 ? g->ldb : g->tb ? g->k : g->n;
    j.g.ldc = g->ldc != 0 ? g->ldc : g->n;
    if (g->tb)
        j.row_step *= TURNED_ROWS;
    if (work >= large_work) {
        tall = 2;
        wide = g->ta ? 2 : 1; /* all of A is packed as well */
    }
    if (work >= blas_work(kernel) && nn_blas_tile() != NULL) {
        j.tile = nn_blas_tile();
        j.bias_last = true;
        wide = tall;
    }
    if (g->zeros && !g->tb && !(g->add && g->bias != NULL) && work >= sparse_work &&
        is_sparse(&j.g)) {
        j.tile = kernel->sparse;
        j.skips = true;
        j.bias_last = false;
        j.col_step = STRIPE;
        tall = wide = 1;
    }
    j.rows = smaller(g->m, tall * TILE_ROWS / j.row_step * j.row_step);
    j.cols = smaller(g->n, wide * TILE_COLS / j.col_step * j.col_step);
    cut(&j, tasks / tall);
    return j;
}

/*
 * Tasks go down the columns first: neighbours share their part of B, the weights. Gradients of
 * weights (A transposed) go along the rows, as an optimizer does: so a thread moves those that it
 * has made itself, which are in its own cache.
 */
static void run_job(const job *j, int task)
{
    const nn_gemm *g = &j->g;
    const int row = (g->ta ? task / j->across : task % j->down) * j->rows;
    const int col = (g->ta ? task % j->across : task / j->down) * j->cols;
    const int rows = smaller(j->rows, g->m - row), cols = smaller(j->cols, g->n - col);
    nn_real *c = g->c + (ptrdiff_t)row * g->ldc + col;

    j->tile(g, row, rows, col, cols);
    for (int i = 0; j->bias_last && g->bias != NULL && i < rows; i++)
        nn_vec_add(c + (ptrdiff_t)i * g->ldc, c + (ptrdiff_t)i * g->ldc, g->bias + col,
                   (size_t)cols);
    if (g->done != NULL)
        g->done(g->context, c, g->ldc, row, rows, col, cols);
}

static void run_task(void *context, int task, int worker)
{
    (void)worker;
    run_job(context, task);
}

/* A product whose K is cut: a job for each part, and what becomes of their results. */
typedef struct split {
    const nn_gemm *g;
    int parts;
    job part[NN_GEMM_PARTS];
} split;

int nn_gemm_parts(int m, int n, int k)
{
    const double weights = (double)k * n;

    if (weights < least_split || weights > most_split || m > k / 6)
        return 1;
    return m > k / 16 ? 2 : NN_GEMM_PARTS;
}

static void run_part(void *context, int task, int worker)
{
    const split *s = context;
    int p = 0;

    (void)worker;
    for (; task >= s->part[p].down * s->part[p].across; p++)
        task -= s->part[p].down * s->part[p].across;
    run_job(&s->part[p], task);
}

/* Adds the parts of some rows up, in their order. */
static void add_parts(void *context, int task, int worker)
{
    const split *s = context;
    const nn_gemm *g = s->g;
    const size_t size = (size_t)g->m * (size_t)g->n;
    const int row = task * SUM_ROWS, rows = smaller(SUM_ROWS, g->m - row);
    const int ldc = g->ldc != 0 ? g->ldc : g->n;

    (void)worker;
    for (int i = row; i < row + rows; i++) {
        const nn_real *from = g->room + (size_t)i * (size_t)g->n;
        nn_real *c = g->c + (ptrdiff_t)i * ldc;

        nn_vec_add(c, from, from + size, (size_t)g->n);
        for (int p = 2; p < s->parts; p++)
            nn_vec_add(c, c, from + (size_t)p * size, (size_t)g->n);
    }
    if (g->done != NULL)
        g->done(g->context, g->c + (ptrdiff_t)row * ldc, ldc, row, rows, 0, g->n);
}

static void run_split(nn_pool *pool, const nn_gemm *g, int parts)
{
    split s = {.g = g, .parts = parts};
    int tasks = 0;

    for (int p = 0; p < parts; p++) {
        const int begin = (int)((int64_t)g->k * p / parts);
        nn_gemm some = *g;

        some.k = (int)((int64_t)g->k * (p + 1) / parts) - begin;
        some.lda = g->lda != 0 ? g->lda : g->k;
        some.ldb = g->ldb != 0 ? g->ldb : g->n;
        some.ldc = g->n;
        some.a = g->a + begin;
        some.b = g->b + (ptrdiff_t)begin * some.ldb;
        some.c = g->room + (size_t)p * (size_t)g->m * (size_t)g->n;
        some.bias = p == 0 ? g->bias : NULL;
        some.done = NULL;
        s.part[p] = plan(&some, TASKS / 2 / parts);
        tasks += s.part[p].down * s.part[p].across;
    }
    nn_pool_run(pool, tasks, run_part, &s);
    nn_pool_run(pool, ceil_div(g->m, SUM_ROWS), add_parts, &s);
}

void nn_gemm_run(nn_pool *pool, const nn_gemm *g)
{
    const int parts =
        g->room != NULL && !g->ta && !g->tb && !g->add ? nn_gemm_parts(g->m, g->n, g->k) : 1;

    if (parts > 1) {
        run_split(pool, g, parts);
        return;
    }
    job j = plan(g, TASKS);
    nn_pool_run(pool, j.down * j.across, run_task, &j);
}

void nn_gemm_serial(const nn_gemm *g)
{
    job j = plan(g, TASKS);
    for (int task = 0; task < j.down * j.across; task++)
        run_task(&j, task, 0);
}
