/* A benchmark run by hand: GFLOP/s of gemm against OpenBLAS on one thread, and the cost of a fork.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "math/gemm.h"

#include <stdio.h>

#include <cblas.h>

enum { RUNS = 7 };

typedef struct shape {
    int m, n, k;
    bool ta, tb;
} shape;

static void ours(nn_pool *pool, const nn_gemm *g)
{
    nn_gemm_run(pool, g);
}

static void theirs(nn_pool *pool, const nn_gemm *g)
{
    const enum CBLAS_TRANSPOSE ta = g->ta ? CblasTrans : CblasNoTrans;
    const enum CBLAS_TRANSPOSE tb = g->tb ? CblasTrans : CblasNoTrans;
    const int lda = g->ta ? g->m : g->k, ldb = g->tb ? g->k : g->n;

    (void)pool;
#if NN_REAL_IS_DOUBLE
    cblas_dgemm(CblasRowMajor, ta, tb, g->m, g->n, g->k, 1, g->a, lda, g->b, ldb, 0, g->c, g->n);
#else
    cblas_sgemm(CblasRowMajor, ta, tb, g->m, g->n, g->k, 1, g->a, lda, g->b, ldb, 0, g->c, g->n);
#endif
}

/* The best of some runs of 20 ms each: other programs only ever take time away. */
static double rate(void (*fn)(nn_pool *, const nn_gemm *), nn_pool *pool, const nn_gemm *g)
{
    const double work = 2.0 * g->m * g->n * g->k;
    double best = 0;

    fn(pool, g);
    for (int run = 0; run < RUNS; run++) {
        const double start = nn_clock_now();
        double seconds;
        int count = 0;
        do {
            fn(pool, g);
            count++;
        } while ((seconds = nn_clock_now() - start) < 0.02);
        if (work * count / seconds > best)
            best = work * count / seconds;
    }
    return best * 1e-9;
}

static int bench_shape(nn_pool *one, nn_pool *two, shape s)
{
    const size_t m = (size_t)s.m, n = (size_t)s.n, k = (size_t)s.k;
    nn_real *a = nn_alloc(m * k, sizeof *a), *b = nn_alloc(k * n, sizeof *b);
    nn_real *c = nn_alloc(m * n, sizeof *c);
    const nn_gemm g = {
        .m = s.m, .n = s.n, .k = s.k, .a = a, .b = b, .c = c, .ta = s.ta, .tb = s.tb};

    if (a == NULL || b == NULL || c == NULL)
        return 1;
    for (size_t i = 0; i < m * k; i++)
        a[i] = (nn_real)(i % 7) / 7;
    for (size_t i = 0; i < k * n; i++)
        b[i] = (nn_real)(i % 11) / 11;
    printf("%5d x %5d x %5d %s%s  %7.1f %7.1f %7.1f\n", s.m, s.n, s.k, s.ta ? "ta" : "  ",
           s.tb ? "tb" : "  ", rate(theirs, one, &g), rate(ours, one, &g), rate(ours, two, &g));
    nn_free(a);
    nn_free(b);
    nn_free(c);
    return 0;
}

static void nothing(void *context, int task, int worker)
{
    (void)context;
    (void)task;
    (void)worker;
}

static double fork_seconds(nn_pool *pool)
{
    enum { FORKS = 200000 };
    const double start = nn_clock_now();

    for (int i = 0; i < FORKS; i++)
        nn_pool_run(pool, 2, nothing, NULL);
    return (nn_clock_now() - start) / FORKS;
}

int main(void)
{
    static const shape shapes[] = {
        {32, 128, 784, 0, 0},    {784, 128, 32, 1, 0},    {32, 10, 128, 0, 0},
        {32, 128, 10, 0, 1},     {128, 10, 32, 1, 0},     {128, 128, 784, 0, 0},
        {784, 128, 128, 1, 0},   {1, 128, 784, 0, 0},     {64, 512, 156, 0, 0},
        {64, 156, 512, 0, 1},    {157, 512, 1792, 1, 0},  {256, 1024, 784, 0, 0},
        {256, 1024, 1024, 0, 0}, {256, 1024, 1024, 0, 1}, {1024, 1024, 256, 1, 0},
        {1152, 64, 288, 0, 0},   {1024, 1024, 1024, 0, 0}};
    nn_err err = {0};
    nn_pool *one = NULL, *two = NULL;
    int rc = 1;

    openblas_set_num_threads(1);
    if (nn_pool_new(&one, 1, &err) != NN_OK || nn_pool_new(&two, 2, &err) != NN_OK)
        goto out;
    printf("fork and join: %.2f us\n", fork_seconds(two) * 1e6);
    printf("kernel %s           OpenBLAS   gemm on 1 and 2 threads, GFLOP/s\n", nn_cpu_isa());
    rc = 0;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes && rc == 0; i++)
        rc = bench_shape(one, two, shapes[i]);
out:
    nn_pool_free(two);
    nn_pool_free(one);
    return rc;
}
