/* Matrix products, cut by shape into tiles; small ones by our own kernel, large ones by OpenBLAS.
 */
#include "math/gemm.h"

#include "math/isa.h"
#include "math/vec.h"

#include <assert.h>
#include <string.h>

#include <cblas.h>

enum {
    MOST_ROWS = 8, /* of any kernel's block */
    MOST_COLS = 32,
    DEPTH = 256,       /* of a packed panel of B: 32 KiB, half of a first-level cache */
    TILE_ROWS = 128,   /* of one task; a multiple of every kernel's rows but 6 */
    TASKS = 16,        /* as many as that keep several threads evenly busy */
    TASK_WORK = 20000, /* multiplications worth a task */
};

/* How a product is cut: a function of its shape alone. */
typedef struct cut {
    int rows, cols; /* of one tile */
    int down, across;
} cut;

static int ceil_div(int a, int b)
{
    return a / b + (a % b != 0);
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static cut cut_product(const nn_gemm *g, const nn_tile_kernel *kernel)
{
    const double work = (double)g->m * g->n * g->k;
    cut c = {.rows = g->m, .cols = g->n};

    if (g->n > kernel->cols)
        c.cols = kernel->cols;
    if (c.rows > TILE_ROWS)
        c.rows = TILE_ROWS;
    c.across = ceil_div(g->n, c.cols);
    c.down = ceil_div(g->m, c.rows);
    while (c.down * c.across < TASKS && c.rows > kernel->rows &&
           work / ((double)c.down * c.across) > 2 * TASK_WORK) {
        c.rows = ceil_div(ceil_div(c.rows, 2), kernel->rows) * kernel->rows;
        c.down = ceil_div(g->m, c.rows);
    }
    return c;
}

/* Copies a [depth, cols] piece of op(B) into rows of the kernel's width, the rest zero. */
static void pack(nn_real *to, const nn_gemm *g, int width, int p0, int depth, int col, int cols)
{
    for (int p = 0; p < depth; p++) {
        nn_real *row = to + (size_t)p * (size_t)width;
        if (g->tb) {
            for (int j = 0; j < cols; j++)
                row[j] = g->b[(ptrdiff_t)(col + j) * g->ldb + p0 + p];
        } else {
            memcpy(row, g->b + (ptrdiff_t)(p0 + p) * g->ldb + col, (size_t)cols * sizeof *row);
        }
        for (int j = cols; j < width; j++)
            row[j] = 0;
    }
}

/* One block of at most the kernel's size; columns that C does not have go to a spare block. */
static void block(const nn_tile_kernel *kernel, nn_tile *t, int cols)
{
    nn_real spare[MOST_ROWS * MOST_COLS];
    nn_real *c = t->c;
    const ptrdiff_t ldc = t->ldc;

    if (cols == kernel->cols) {
        kernel->run(t);
        return;
    }
    for (int i = 0; t->add && i < t->rows; i++) {
        memset(spare + i * kernel->cols, 0, (size_t)kernel->cols * sizeof *spare);
        memcpy(spare + i * kernel->cols, c + i * ldc, (size_t)cols * sizeof *spare);
    }
    t->c = spare;
    t->ldc = kernel->cols;
    kernel->run(t);
    for (int i = 0; i < t->rows; i++)
        memcpy(c + i * ldc, spare + i * kernel->cols, (size_t)cols * sizeof *spare);
    t->c = c;
    t->ldc = ldc;
}

/*
 * A panel of C as wide as the kernel. The depth is walked in pieces whose sums continue in C, so
 * every element stays one sum in one order.
 */
static void panel(const nn_tile_kernel *kernel, const nn_gemm *g, int row, int rows, int col,
                  int cols)
{
    _Alignas(64) nn_real packed[DEPTH * MOST_COLS];
    nn_real bias[MOST_COLS] = {0};
    const bool packs = g->tb || cols < kernel->cols;

    if (g->bias != NULL)
        memcpy(bias, g->bias + col, (size_t)cols * sizeof *bias);
    for (int p = 0; p < g->k; p += DEPTH) {
        const int depth = smaller(DEPTH, g->k - p);
        nn_tile t = {.k = depth, .ldb = g->ldb, .ldc = g->ldc, .add = g->add || p > 0};

        t.a_row = g->ta ? 1 : g->lda;
        t.a_k = g->ta ? g->lda : 1;
        t.bias = g->bias != NULL ? bias : NULL;
        t.b = g->b + (ptrdiff_t)p * g->ldb + col;
        if (packs) {
            pack(packed, g, kernel->cols, p, depth, col, cols);
            t.b = packed;
            t.ldb = kernel->cols;
        }
        for (int i = 0; i < rows; i += kernel->rows) {
            t.rows = smaller(kernel->rows, rows - i);
            t.a = g->a + (row + i) * t.a_row + p * t.a_k;
            t.c = g->c + (ptrdiff_t)(row + i) * g->ldc + col;
            block(kernel, &t, cols);
        }
    }
}

typedef struct job {
    nn_gemm g;
    const nn_tile_kernel *kernel;
    cut cut;
} job;

static void tile(void *context, int task, int worker)
{
    const job *j = context;
    const nn_gemm *g = &j->g;
    const int row = task % j->cut.down * j->cut.rows, col = task / j->cut.down * j->cut.cols;
    const int rows = smaller(j->cut.rows, g->m - row), cols = smaller(j->cut.cols, g->n - col);
    nn_real *c = g->c + (ptrdiff_t)row * g->ldc + col;

    (void)worker;
    if (g->add && g->bias != NULL) {
        for (int i = 0; i < rows; i++)
            nn_vec_add(c + (ptrdiff_t)i * g->ldc, c + (ptrdiff_t)i * g->ldc, g->bias + col,
                       (size_t)cols);
    }
    for (int at = 0; at < cols; at += j->kernel->cols)
        panel(j->kernel, g, row, rows, col + at, smaller(j->kernel->cols, cols - at));
    if (g->done != NULL)
        g->done(g->context, c, g->ldc, row, rows, col, cols);
}

static job plan(const nn_gemm *g)
{
    job j = {.g = *g, .kernel = nn_tile_best()};

    assert(g->m >= 1 && g->n >= 1 && g->k >= 1);
    if (j.g.lda == 0)
        j.g.lda = g->ta ? g->m : g->k;
    if (j.g.ldb == 0)
        j.g.ldb = g->tb ? g->k : g->n;
    if (j.g.ldc == 0)
        j.g.ldc = g->n;
    j.cut = cut_product(&j.g, j.kernel);
    return j;
}

void nn_gemm_run(nn_pool *pool, const nn_gemm *g)
{
    job j = plan(g);
    nn_pool_run(pool, j.cut.down * j.cut.across, tile, &j);
}

void nn_gemm_serial(const nn_gemm *g)
{
    job j = plan(g);
    for (int task = 0; task < j.cut.down * j.cut.across; task++)
        tile(&j, task, 0);
}

const char *nn_blas_name(void)
{
    return openblas_get_config();
}
