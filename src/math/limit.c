/* The limit of matrix products: each thread its own large one, by the best code there is for it. */
#include "math/limit.h"

#include "base/clock.h"
#include "base/mem.h"
#include "math/gemm_blas.h"
#include "math/isa.h"

enum { SIZE = 768, REPEATS = 2 }; /* 2.3 MB a matrix: what goes through it comes from L2 and L3 */

struct nn_limit {
    nn_pool *pool;
    nn_blas_tile_fn *tile;
    nn_real *a, *b; /* [SIZE][SIZE], read by all */
    nn_real *c;     /* [threads][SIZE][SIZE] */
};

nn_code nn_limit_new(nn_limit **out, nn_pool *pool, nn_err *err)
{
    const size_t count = (size_t)SIZE * SIZE;
    nn_limit *l = nn_alloc(1, sizeof *l);

    *out = NULL;
    if (l == NULL)
        return nn_err_memory(err, "a measurement", sizeof *l);
    l->pool = pool;
    l->tile = nn_blas_tile() != NULL ? nn_blas_tile() : nn_kernel_usable(0)->tile;
    l->a = nn_alloc(count, sizeof *l->a);
    l->b = nn_alloc(count, sizeof *l->b);
    l->c = nn_alloc(count * (size_t)nn_pool_threads(pool), sizeof *l->c);
    if (l->a == NULL || l->b == NULL || l->c == NULL) {
        nn_limit_free(l);
        return nn_err_memory(err, "a measurement", count * sizeof *l->c);
    }
    for (size_t i = 0; i < count; i++)
        l->a[i] = l->b[i] = (nn_real)(1.0 / (double)(i % 97 + 1));
    *out = l;
    return NN_OK;
}

void nn_limit_free(nn_limit *l)
{
    if (l == NULL)
        return;
    nn_free(l->a);
    nn_free(l->b);
    nn_free(l->c);
    nn_free(l);
}

static void multiply(void *context, int task, int worker)
{
    const nn_limit *l = context;
    nn_gemm g = {.m = SIZE, .n = SIZE, .k = SIZE, .a = l->a, .b = l->b};

    (void)worker;
    g.lda = g.ldb = g.ldc = SIZE;
    g.c = l->c + (size_t)task * SIZE * SIZE;
    for (int i = 0; i < REPEATS; i++)
        l->tile(&g, 0, SIZE, 0, SIZE);
}

double nn_limit_measure(nn_limit *l)
{
    const int threads = nn_pool_threads(l->pool);
    const double begin = nn_clock_now();

    nn_pool_run(l->pool, threads, multiply, l);
    return 2.0 * SIZE * SIZE * SIZE * REPEATS * threads / (nn_clock_now() - begin);
}
