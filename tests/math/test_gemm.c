/* Matrix products: right for every shape and flag, each element once, the same bits on any threads.
 */
#include "support/nn_test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "math/gemm.h"
#include "math/isa.h"
#include "math/vec.h"

#include <math.h>

enum { GAP = 3 }; /* columns of memory beyond a matrix's width, which must stay untouched */

typedef struct fixture {
    nn_gemm g;
    nn_real *a, *b, *c, *bias;
    size_t a_len, b_len, c_len;
} fixture;

static nn_real *random_reals(size_t n, uint32_t stream)
{
    const nn_rng rng = {.seed = 7, .stream = stream};
    nn_real *x = nn_alloc(n, sizeof *x);

    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = (nn_real)(nn_rng_uniform(&rng, i) - 0.5);
    return x;
}

/* Leaves one in five. */
static void thin_out(nn_real *x, size_t n)
{
    const nn_rng rng = {.seed = 7, .stream = 5};

    for (size_t i = 0; i < n; i++)
        if (nn_rng_below(&rng, i, 5) > 0)
            x[i] = 0;
}

/* Flags: 1 ta, 2 tb, 4 add, 8 bias, 16 wide rows, 32 packed rows whose widths are given, 64 an A
 * that is mostly zeros and said to be. */
static fixture make(int m, int n, int k, int flags)
{
    fixture f = {.g = {.m = m, .n = n, .k = k}};
    const bool ta = (flags & 1) != 0, tb = (flags & 2) != 0;
    const int gap = flags & 16 ? GAP : 0;
    const int a_width = (ta ? m : k) + gap, b_width = (tb ? k : n) + gap;

    f.a_len = (size_t)(ta ? k : m) * (size_t)a_width;
    f.b_len = (size_t)(tb ? n : k) * (size_t)b_width;
    f.c_len = (size_t)m * (size_t)(n + gap);
    f.a = random_reals(f.a_len, 1);
    f.b = random_reals(f.b_len, 2);
    f.c = random_reals(f.c_len, 3);
    f.bias = random_reals((size_t)n, 4);
    if (flags & 64)
        thin_out(f.a, f.a_len);
    f.g.zeros = (flags & 64) != 0;
    f.g.a = f.a;
    f.g.b = f.b;
    f.g.c = f.c;
    f.g.ta = ta;
    f.g.tb = tb;
    f.g.add = (flags & 4) != 0;
    f.g.bias = flags & 8 ? f.bias : NULL;
    if (flags & (16 | 32)) {
        f.g.lda = a_width;
        f.g.ldb = b_width;
        f.g.ldc = n + gap;
    }
    return f;
}

static void drop(fixture *f)
{
    nn_free(f->a);
    nn_free(f->b);
    nn_free(f->c);
    nn_free(f->bias);
}

static double expected(const fixture *f, const nn_real *before, int i, int j)
{
    const nn_gemm *g = &f->g;
    const int lda = g->lda ? g->lda : g->ta ? g->m : g->k;
    const int ldb = g->ldb ? g->ldb : g->tb ? g->k : g->n;
    const int ldc = g->ldc ? g->ldc : g->n;
    double sum = g->add ? (double)before[i * ldc + j] : 0;

    sum += g->bias != NULL ? (double)g->bias[j] : 0;
    for (int p = 0; p < g->k; p++)
        sum += (double)(g->ta ? f->a[p * lda + i] : f->a[i * lda + p]) *
               (double)(g->tb ? f->b[j * ldb + p] : f->b[p * ldb + j]);
    return sum;
}

/* The kernel on all of C: the plain one in one tile, the sparse one in tiles as it takes them. */
static void run_kernel(const nn_kernel *kernel, const nn_gemm *g)
{
    for (int at = 0; g->zeros && at < g->n; at += NN_SPARSE_COLS)
        kernel->sparse(g, 0, g->m, at, g->n - at < NN_SPARSE_COLS ? g->n - at : NN_SPARSE_COLS);
    if (!g->zeros)
        kernel->tile(g, 0, g->m, 0, g->n);
}

/* Runs (`kernel` in one tile) and compares; memory between the rows of C must keep its bits. */
static void check(nn_pool *pool, const nn_kernel *kernel, int m, int n, int k, int flags)
{
    fixture f = make(m, n, k, flags);
    const int ldc = f.g.ldc ? f.g.ldc : n;
    const double tolerance = (NN_REAL_IS_DOUBLE ? 1e-15 : 3e-7) * (4 + sqrt(k)) * 2;
    nn_real *before = nn_alloc(f.c_len, sizeof *before);

    assert_non_null(before);
    memcpy(before, f.c, f.c_len * sizeof *before);
    if (kernel != NULL)
        run_kernel(kernel, &f.g);
    else
        nn_gemm_run(pool, &f.g);
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
            const double want = expected(&f, before, i, j), got = (double)f.c[i * ldc + j];
            if (!(fabs(got - want) <= tolerance))
                fail_msg("%dx%dx%d flags %d: c[%d,%d] is %.9g, not %.9g", m, n, k, flags, i, j, got,
                         want);
        }
        for (int j = n; j < ldc; j++)
            assert_memory_equal(&f.c[i * ldc + j], &before[i * ldc + j], sizeof(nn_real));
    }
    nn_free(before);
    drop(&f);
}

static nn_pool *pool_of(int threads)
{
    nn_err err = {0};
    nn_pool *pool = NULL;

    assert_ok(nn_pool_new(&pool, threads, &err), err);
    return pool;
}

static void check_sizes(nn_pool *pool, const nn_kernel *kernel, int flags, int also)
{
    static const int sizes[] = {1, 2, 3, 5, 7, 8, 9, 13, 16, 17, 31, 32, 33, 47, 64, 65};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    const nn_rng rng = {.seed = 11, .stream = 5};

    for (uint64_t i = 0; i < 24; i++) {
        const uint64_t at = ((uint64_t)flags * 24 + i) * 3;
        check(pool, kernel, sizes[nn_rng_below(&rng, at, COUNT)],
              sizes[nn_rng_below(&rng, at + 1, COUNT)], sizes[nn_rng_below(&rng, at + 2, COUNT)],
              flags | also);
    }
}

static void check_small(nn_pool *pool, const nn_kernel *kernel, int also)
{
    for (int flags = 0; flags < 32; flags++)
        check_sizes(pool, kernel, flags, also);
}

static void test_every_small_shape_and_flag_gives_the_plain_sums(void **state)
{
    nn_pool *pool = pool_of(2);

    (void)state;
    check_small(pool, NULL, 0);
    nn_pool_free(pool);
}

static void test_the_kernel_of_every_instruction_set_gives_the_plain_sums(void **state)
{
    (void)state;
    for (int i = 0; nn_kernel_usable(i) != NULL; i++) {
        check_small(NULL, nn_kernel_usable(i), 32);
        check(NULL, nn_kernel_usable(i), 20, 100, 1100, 32 | 8);
        check(NULL, nn_kernel_usable(i), 20, 150, 600, 32 | 3);
        check(NULL, nn_kernel_usable(i), 45, 270, 410, 32 | 8);     /* B packed */
        check(NULL, nn_kernel_usable(i), 45, 85, 410, 16 | 2 | 8);  /* and turned */
        check(NULL, nn_kernel_usable(i), 301, 140, 210, 32 | 1);    /* both sides packed, */
        check(NULL, nn_kernel_usable(i), 270, 130, 70, 16 | 7 | 8); /* and turned */
        for (int flags = 0; flags < 32; flags++) {
            if ((flags & 2) == 0 && (flags & 12) != 12) /* what the sparse kernel takes */
                check_sizes(NULL, nn_kernel_usable(i), flags, 32 | 64);
        }
        check(NULL, nn_kernel_usable(i), 33, 131, 1100, 64 | 32 | 8);
        check(NULL, nn_kernel_usable(i), 100, 150, 1050, 64 | 32 | 1);
        check(NULL, nn_kernel_usable(i), 256, 40, 150, 64 | 32 | 1); /* A is brought together */
        check(NULL, nn_kernel_usable(i), 130, 90, 129, 64 | 32 | 4); /* more rows than are looked */
        check(NULL, nn_kernel_usable(i), 261, 77, 63, 64 | 32 | 9);  /* at together */
    }
}

static void test_shapes_of_networks_give_the_plain_sums(void **state)
{
    static const int shape[][4] = {
        {32, 128, 784, 8},   {784, 128, 32, 1},   {32, 10, 128, 8},    {32, 128, 10, 2},
        {128, 10, 32, 5},    {1, 128, 784, 8},    {257, 130, 300, 16}, {300, 129, 257, 3},
        {64, 513, 1000, 12}, {200, 300, 513, 31}, {1, 1, 5000, 3},     {1000, 1, 3, 7},
        {64, 200, 512, 2},   {66, 201, 515, 30},  {32, 128, 784, 72},  {784, 128, 32, 65},
        {256, 130, 784, 72}, {70, 16, 784, 76},   {784, 200, 70, 69},  {64, 100, 784, 66}};
    nn_pool *pool = pool_of(2);

    (void)state;
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++)
        check(pool, NULL, shape[i][0], shape[i][1], shape[i][2], shape[i][3]);
    nn_pool_free(pool);
}

/* `extra` reals of offset put every matrix on another alignment. */
static nn_real *run_shifted(nn_pool *pool, const fixture *f, size_t extra)
{
    nn_gemm g = f->g;
    nn_real *a = nn_alloc(f->a_len + extra, sizeof *a), *b = nn_alloc(f->b_len + extra, sizeof *b);
    nn_real *c = nn_alloc(f->c_len + extra, sizeof *c), *out = nn_alloc(f->c_len, sizeof *out);

    nn_real *room = NULL;

    if (f->g.room != NULL) /* it is there for all that ask for it */
        room = nn_alloc((size_t)NN_GEMM_PARTS * (size_t)g.m * (size_t)g.n, sizeof *room);
    assert_true(a != NULL && b != NULL && c != NULL && out != NULL);
    memcpy(a + extra, f->a, f->a_len * sizeof *a);
    memcpy(b + extra, f->b, f->b_len * sizeof *b);
    memcpy(c + extra, f->c, f->c_len * sizeof *c);
    g.a = a + extra;
    g.b = b + extra;
    g.c = c + extra;
    g.room = room;
    if (pool != NULL)
        nn_gemm_run(pool, &g);
    else
        nn_gemm_serial(&g);
    memcpy(out, c + extra, f->c_len * sizeof *out);
    nn_free(a);
    nn_free(b);
    nn_free(c);
    nn_free(room);
    return out;
}

static void test_threads_and_alignment_do_not_change_a_bit(void **state)
{
    static const int threads[] = {1, 2, 3, 4, 7};
    static const int shape[][4] = {{32, 128, 784, 8},  {784, 128, 32, 1},   {33, 77, 129, 28},
                                   {32, 128, 10, 2},   {300, 300, 700, 12}, {300, 310, 600, 3},
                                   {32, 128, 784, 72}, {784, 130, 33, 65}};

    (void)state;
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        fixture f = make(shape[i][0], shape[i][1], shape[i][2], shape[i][3]);
        nn_real *want = run_shifted(NULL, &f, 0);

        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            nn_pool *pool = pool_of(threads[t]);
            for (size_t extra = 0; extra < 4; extra++) {
                nn_real *got = run_shifted(pool, &f, extra * 5);
                assert_memory_equal(got, want, f.c_len * sizeof *got);
                nn_free(got);
            }
            nn_pool_free(pool);
        }
        nn_free(want);
        drop(&f);
    }
}

static void test_leaving_out_zeros_does_not_change_a_bit(void **state)
{
    static const int shape[][4] = {
        {32, 128, 784, 72}, {784, 128, 32, 65}, {33, 77, 1100, 68}, {100, 130, 600, 69}};

    (void)state;
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        fixture f = make(shape[i][0], shape[i][1], shape[i][2], shape[i][3] | 32);
        nn_real *sparse = run_shifted(NULL, &f, 0), *plain;

        f.g.zeros = false;
        plain = run_shifted(NULL, &f, 0);
        assert_memory_equal(sparse, plain, f.c_len * sizeof *plain);
        nn_free(sparse);
        nn_free(plain);
        drop(&f);
    }
}

/* The bytes could not tell: what stands against the zeros is not even read. */
static void test_zeros_are_left_out_where_there_are_many(void **state)
{
    (void)state;
    for (int flags = 0; flags < 2; flags++) {
        fixture f = make(64, 128, 200, flags | 64);

        for (int p = 0; p < 200; p += 2) { /* every other column of A is zero; B is NaN there */
            for (int i = 0; i < 64; i++)
                f.a[flags ? p * 64 + i : i * 200 + p] = 0;
            for (int j = 0; j < 128; j++)
                f.b[p * 128 + j] = NAN;
        }
        nn_gemm_serial(&f.g);
        assert_true(nn_vec_finite(f.c, f.c_len));
        f.g.zeros = false;
        nn_gemm_serial(&f.g);
        assert_false(nn_vec_finite(f.c, f.c_len));
        drop(&f);
    }
}

/* One NaN or infinity in A or B: seen by all that it is a part of, and by nothing else. */
static void check_spread(const nn_kernel *kernel, int flags, nn_real odd, bool in_a)
{
    enum { M = 37, N = 90, K = 131 };
    const bool ta = (flags & 1) != 0;
    fixture f = make(M, N, K, flags | 64 | 32);

    for (int p = 0; p < K; p += 13) {
        const int i = p % M, j = p * 7 % N;
        nn_real *const a = &f.a[ta ? p * M + i : i * K + p];

        memset(f.c, 0, f.c_len * sizeof *f.c);
        *(in_a ? a : &f.b[p * N + j]) = odd;
        run_kernel(kernel, &f.g);
        for (int r = 0; r < M; r++)
            for (int c = 0; c < N; c++) {
                const nn_real of_a = f.a[ta ? p * M + r : r * K + p];
                const bool meets = in_a ? r == i : c == j && of_a != 0;

                assert_int_equal(!isfinite(f.c[r * N + c]), meets);
            }
        *(in_a ? a : &f.b[p * N + j]) = (nn_real)0.25;
    }
    drop(&f);
}

static void test_what_is_not_finite_reaches_what_it_is_a_part_of(void **state)
{
    (void)state;
    for (int k = 0; nn_kernel_usable(k) != NULL; k++)
        for (int flags = 0; flags < 2; flags++) {
            check_spread(nn_kernel_usable(k), flags, (nn_real)NAN, true);
            check_spread(nn_kernel_usable(k), flags, (nn_real)INFINITY, true);
            check_spread(nn_kernel_usable(k), flags, (nn_real)NAN, false);
            check_spread(nn_kernel_usable(k), flags, (nn_real)-INFINITY, false);
        }
}

static void count_rows(const void *context, nn_real *tile, int ldc, int row, int rows, int col,
                       int cols)
{
    (void)context;
    (void)row;
    (void)col;
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++)
            tile[i * ldc + j] += 1000;
    }
}

/* With room K is cut by the shape alone: the plain sums, rounded otherwise, the same on any
 * threads. */
static void test_a_k_that_is_cut_gives_the_plain_sums_on_any_threads(void **state)
{
    static const int threads[] = {1, 2, 3, 4, 7};
    static const int shape[][4] = {{32, 128, 784, 8},
                                   {32, 128, 784, 72},
                                   {5, 130, 700, 24},
                                   {100, 128, 784, 64},
                                   {1, 64, 1100, 0}};
    nn_real here = 0;

    (void)state;
    assert_int_equal(nn_gemm_parts(32, 128, 784), 4);
    assert_int_equal(nn_gemm_parts(100, 128, 784), 2);
    assert_int_equal(nn_gemm_parts(256, 128, 784), 1);
    assert_int_equal(nn_gemm_parts(32, 128, 10), 1);
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        fixture f = make(shape[i][0], shape[i][1], shape[i][2], shape[i][3]);
        nn_real *plain = run_shifted(NULL, &f, 0), *want = NULL;

        f.g.room = &here;
        f.g.done = count_rows;
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            nn_pool *pool = pool_of(threads[t]);
            nn_real *got = run_shifted(pool, &f, t);

            if (want == NULL)
                want = got;
            assert_memory_equal(got, want, f.c_len * sizeof *got);
            if (got != want)
                nn_free(got);
            nn_pool_free(pool);
        }
        for (int r = 0; r < f.g.m; r++) {
            const int ldc = f.g.ldc != 0 ? f.g.ldc : f.g.n;
            for (int j = 0; j < f.g.n; j++)
                assert_true(fabs((double)want[r * ldc + j] - 1000 - (double)plain[r * ldc + j]) <
                            (NN_REAL_IS_DOUBLE ? 1e-9 : 5e-4));
        }
        nn_free(want);
        nn_free(plain);
        drop(&f);
    }
}

static void test_old_values_of_c_are_not_read_without_add(void **state)
{
    static const int shape[][3] = {{1, 1, 1}, {32, 10, 128}, {33, 65, 300}, {300, 300, 700}};
    nn_pool *pool = pool_of(2);

    (void)state;
    for (int flags = 0; flags < 4; flags++) {
        for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
            fixture f = make(shape[i][0], shape[i][1], shape[i][2], flags);
            for (size_t j = 0; j < f.c_len; j++)
                f.c[j] = NAN;
            nn_gemm_run(pool, &f.g);
            assert_true(nn_vec_finite(f.c, f.c_len));
            drop(&f);
        }
    }
    nn_pool_free(pool);
}

static void test_nan_and_infinity_reach_every_sum_they_belong_to(void **state)
{
    static const int shape[][3] = {{5, 3, 4}, {33, 65, 300}, {300, 300, 700}};
    nn_pool *pool = pool_of(2);

    (void)state;
    for (int flags = 0; flags < 4; flags++) {
        for (size_t s = 0; s < sizeof shape / sizeof *shape; s++) {
            fixture f = make(shape[s][0], shape[s][1], shape[s][2], flags);
            const int m = f.g.m, n = f.g.n, k = f.g.k;

            memset(f.b, 0, f.b_len * sizeof *f.b); /* 0 * infinity is NaN as well */
            f.a[f.g.ta ? (k - 1) * m + 1 : k + k - 1] = INFINITY;
            nn_gemm_run(pool, &f.g);
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++)
                    assert_int_equal(isnan(f.c[i * n + j]), i == 1);
            }
            drop(&f);
        }
    }
    nn_pool_free(pool);
}

/* Doubles what it is given, and so shows an element that is met twice or never. */
static void double_tile(const void *context, nn_real *tile, int ldc, int row, int rows, int col,
                        int cols)
{
    const nn_gemm *g = context;

    assert_true(tile == g->c + (size_t)row * (size_t)g->n + col);
    assert_int_equal(ldc, g->n);
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++)
            tile[i * ldc + j] *= 2;
    }
}

static void test_done_meets_every_finished_element_once(void **state)
{
    static const int shape[][4] = {
        {1, 1, 1, 0}, {33, 65, 300, 8}, {784, 128, 32, 1}, {300, 300, 700, 6}, {129, 10, 50, 12}};
    nn_pool *pool = pool_of(3);

    (void)state;
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        fixture f = make(shape[i][0], shape[i][1], shape[i][2], shape[i][3]);
        nn_real *plain = run_shifted(NULL, &f, 0);

        f.g.done = double_tile;
        f.g.context = &f.g;
        nn_gemm_run(pool, &f.g);
        for (size_t j = 0; j < f.c_len; j++)
            assert_true(f.c[j] == 2 * plain[j]);
        nn_free(plain);
        drop(&f);
    }
    nn_pool_free(pool);
}

static void test_column_sums_are_those_of_doubles_on_any_threads(void **state)
{
    static const int shape[][2] = {{1, 1}, {5, 10}, {32, 128}, {3000, 3}, {700, 130}, {20000, 33}};

    (void)state;
    for (size_t s = 0; s < sizeof shape / sizeof *shape; s++) {
        const int m = shape[s][0], n = shape[s][1];
        nn_real *a = random_reals((size_t)m * (size_t)n, 9);
        nn_real *first = nn_alloc((size_t)n, sizeof *first),
                *out = nn_alloc((size_t)n, sizeof *out);

        for (int threads = 1; threads <= 4; threads++) {
            nn_pool *pool = pool_of(threads);
            nn_colsum_run(pool, a, m, n, threads == 1 ? first : out);
            nn_pool_free(pool);
            if (threads > 1)
                assert_memory_equal(out, first, (size_t)n * sizeof *out);
        }
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int i = 0; i < m; i++)
                sum += (double)a[(size_t)i * (size_t)n + (size_t)j];
            assert_true(fabs(sum - (double)out[j]) <= (NN_REAL_IS_DOUBLE ? 1e-11 : 1e-5));
        }
        nn_free(a);
        nn_free(first);
        nn_free(out);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_small_shape_and_flag_gives_the_plain_sums),
        cmocka_unit_test(test_the_kernel_of_every_instruction_set_gives_the_plain_sums),
        cmocka_unit_test(test_shapes_of_networks_give_the_plain_sums),
        cmocka_unit_test(test_threads_and_alignment_do_not_change_a_bit),
        cmocka_unit_test(test_a_k_that_is_cut_gives_the_plain_sums_on_any_threads),
        cmocka_unit_test(test_leaving_out_zeros_does_not_change_a_bit),
        cmocka_unit_test(test_zeros_are_left_out_where_there_are_many),
        cmocka_unit_test(test_what_is_not_finite_reaches_what_it_is_a_part_of),
        cmocka_unit_test(test_old_values_of_c_are_not_read_without_add),
        cmocka_unit_test(test_nan_and_infinity_reach_every_sum_they_belong_to),
        cmocka_unit_test(test_done_meets_every_finished_element_once),
        cmocka_unit_test(test_column_sums_are_those_of_doubles_on_any_threads),
    };
    return nn_test_main(argc, argv, tests);
}
