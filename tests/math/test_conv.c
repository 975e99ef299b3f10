/*
 * Convolutions: the ways agree at many shapes, with pooling and without, on any threads, and every
 * instruction set's kernels do what their headers say.
 */
#include "support/nn_test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "math/conv_kernel.h"
#include "math/conv_parts.h"

#include <math.h>

#if NN_REAL_IS_DOUBLE
static const double tolerance = 1e-12;
#else
static const double tolerance = 2e-5;
#endif

enum { SHAPES = 120, MOST_IMAGES = 21 };

/* A number from least to most that depends on the shape and the use. */
static int pick(int shape, int use, int least, int most)
{
    const nn_rng rng = {4321, (uint32_t)use, 0};

    return least + (int)nn_rng_below(&rng, (uint64_t)shape, (uint64_t)(most - least + 1));
}

static nn_axis pick_axis(int shape, int use, nn_padding padding)
{
    nn_axis a = {.in = pick(shape, use, 1, 13),
                 .size = pick(shape, use + 1, 1, 5),
                 .stride = pick(shape, use + 2, 1, 3),
                 .dilation = pick(shape, use + 3, 0, 3)};

    a.dilation = a.dilation == 0 ? 1 : a.dilation; /* mostly none */
    while (!nn_axis_plan(&a, padding))
        a.in++;
    return a;
}

static nn_conv pick_conv(int shape)
{
    static const int channels[] = {1, 2, 3, 8, 15, 16, 17, 31, 33, 64};
    const nn_padding padding = (nn_padding)pick(shape, 1, NN_PAD_VALID, NN_PAD_CAUSAL);

    return (nn_conv){.rows = pick_axis(shape, 10, padding),
                     .cols = pick_axis(shape, 20, padding),
                     .in = channels[pick(shape, 2, 0, 9)],
                     .out = channels[pick(shape, 3, 0, 9)]};
}

/* Numbers of which a share is zero, as ReLU leaves them. */
static nn_real *numbers(size_t count, uint32_t stream, double zeros)
{
    const nn_rng rng = {77, stream, 0}, drop = {78, stream, 0};
    nn_real *x = nn_alloc(count, sizeof(*x));

    assert_non_null(x);
    for (size_t i = 0; i < count; i++)
        x[i] = nn_rng_uniform(&drop, i) < zeros ? 0 : (nn_real)nn_rng_normal(&rng, i);
    return x;
}

typedef struct results {
    nn_real *y, *dx, *dw, *dbias;
    nn_tap *from; /* [outputs] with pooling */
    size_t outputs, inputs, weights, channels;
} results;

/* How often an image was said to be there. */
typedef struct tally {
    int *calls; /* [images] */
} tally;

static void count_call(const void *context, int image)
{
    const tally *t = context;

    t->calls[image]++;
}

static void expect_calls(const tally *t, int images, int calls)
{
    for (int i = 0; i < images; i++)
        assert_int_equal(t->calls[i], calls);
}

static results run_pooled(const nn_conv_way *way, const nn_conv *c, const nn_windows *pooled, int n,
                          double zeros, int threads)
{
    const size_t images = (size_t)n, rows = (way->scratch(c, pooled) + 63) / 64 * 64;
    results r = {.outputs = images * nn_conv_result(c, pooled),
                 .inputs = images * nn_conv_image(c),
                 .weights = nn_conv_weights(c),
                 .channels = (size_t)c->out};
    nn_real *x = numbers(r.inputs, 1, 0), *w = numbers(r.weights, 2, 0);
    nn_real *bias = numbers(r.channels, 3, 0), *dy = numbers(r.outputs, 4, zeros);
    void *scratch = nn_alloc((size_t)threads, rows), *shared = nn_alloc(1, way->shared(c));
    const tally each = {nn_alloc(images, sizeof(int))};
    nn_pool *pool = NULL;
    nn_err err = {0};

    r.y = nn_alloc(r.outputs, sizeof(nn_real));
    r.from = nn_alloc(r.outputs, sizeof(nn_tap));
    r.dx = nn_alloc(r.inputs, sizeof(nn_real));
    r.dw = nn_alloc(r.weights, sizeof(nn_real));
    r.dbias = nn_alloc(r.channels, sizeof(nn_real));
    memset(scratch, 0xff, (size_t)threads * rows); /* NaN: nothing may be left from before */
    memset(shared, 0xff, way->shared(c));
    assert_ok(nn_pool_new(&pool, threads, &err), err);
    const nn_conv_run run = {.n = n,
                             .x = x,
                             .w = w,
                             .bias = bias,
                             .pooled = pooled,
                             .from = pooled == NULL ? NULL : r.from,
                             .y = r.y,
                             .dy = dy,
                             .dx = r.dx,
                             .dw = r.dw,
                             .dbias = r.dbias,
                             .each = count_call,
                             .context = &each,
                             .scratch = scratch,
                             .scratch_bytes = rows,
                             .shared = shared};
    way->forward(pool, c, &run);
    expect_calls(&each, n, 1);
    way->backward(pool, c, &run);
    expect_calls(&each, n, 2);
    nn_pool_free(pool);
    nn_free(each.calls);
    nn_free(x);
    nn_free(w);
    nn_free(bias);
    nn_free(dy);
    nn_free(scratch);
    nn_free(shared);
    return r;
}

static results run_way(const nn_conv_way *way, const nn_conv *c, int n, double zeros, int threads)
{
    return run_pooled(way, c, NULL, n, zeros, threads);
}

static void free_results(results *r)
{
    nn_free(r->y);
    nn_free(r->from);
    nn_free(r->dx);
    nn_free(r->dw);
    nn_free(r->dbias);
}

/* The taps of a dilated window may all lie beside a small image; that should not be the rule. */
static int vanished;

static void compare(const char *what, int shape, const nn_real *a, const nn_real *b, size_t count)
{
    double largest = 0;

    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)a[i]));
    vanished += !(largest > 0);
    for (size_t i = 0; i < count; i++) {
        if (!(fabs((double)a[i] - (double)b[i]) <= tolerance * largest))
            fail_msg("shape %d: %s[%zu]: %.9g and %.9g", shape, what, i, (double)a[i],
                     (double)b[i]);
    }
}

static void hold_against_columns(const nn_conv_way *way, const nn_conv *c, int shape, double zeros)
{
    const int n = pick(shape, 4, 1, MOST_IMAGES);
    results a = run_way(&nn_conv_columns, c, n, n * c->out < 30 ? 0 : zeros, 1);
    results b = run_way(way, c, n, n * c->out < 30 ? 0 : zeros, 1);

    compare("y", shape, a.y, b.y, a.outputs);
    compare("dx", shape, a.dx, b.dx, a.inputs);
    compare("dw", shape, a.dw, b.dw, a.weights);
    compare("dbias", shape, a.dbias, b.dbias, a.channels);
    free_results(&a);
    free_results(&b);
}

static void test_both_ways_agree(void **state)
{
    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        const nn_conv c = pick_conv(shape);

        hold_against_columns(&nn_conv_direct, &c, shape, pick(shape, 5, 0, 1) == 0 ? 0 : 0.7);
    }
    assert_in_range(vanished, 0, 10);
}

/* Windows over the output of a convolution, which may overlap, leave gaps or reach beyond it. */
static nn_windows pick_windows(const nn_conv *c, int shape)
{
    const nn_padding padding = (nn_padding)pick(shape, 30, NN_PAD_VALID, NN_PAD_SAME);
    nn_windows w = {.rows = {.in = c->rows.out, .dilation = 1},
                    .cols = {.in = c->cols.out, .dilation = 1},
                    .channels = c->out};

    w.rows.size = pick(shape, 31, 1, c->rows.out < 3 ? c->rows.out : 3);
    w.cols.size = pick(shape, 32, 1, c->cols.out < 3 ? c->cols.out : 3);
    w.rows.stride = pick(shape, 33, 1, 3);
    w.cols.stride = pick(shape, 34, 1, 3);
    assert_true(nn_axis_plan(&w.rows, padding) && nn_axis_plan(&w.cols, padding));
    return w;
}

/* The same by the plain way, and by pooling after it. */
static results pool_after(const nn_conv *c, const nn_windows *w, const results *pooled, int n)
{
    const size_t out = nn_conv_output(c), given = nn_conv_result(c, w);
    results r = run_way(&nn_conv_columns, c, n, 0, 1);
    nn_real *y = nn_alloc((size_t)n * given, sizeof(*y));

    for (size_t i = 0; i < (size_t)n; i++)
        nn_max_pool_image(w, r.y + i * out, y + i * given, NULL);
    nn_free(r.y);
    r.y = y;
    r.outputs = pooled->outputs;
    return r;
}

/* What the gradients should be: those of the whole output, into which dy is spread by hand. */
static void hold_against_spread(const nn_conv *c, const nn_windows *w, const results *r, int shape,
                                int n, double zeros)
{
    const size_t out = nn_conv_output(c), given = nn_conv_result(c, w), images = (size_t)n;
    nn_real *dy = numbers(images * given, 4, zeros),
            *whole = nn_alloc(images * out, sizeof(*whole));
    nn_real *x = numbers(r->inputs, 1, 0), *weights = numbers(r->weights, 2, 0);
    nn_real *dx = nn_alloc(r->inputs, sizeof(*dx)), *dw = nn_alloc(r->weights, sizeof(*dw));
    nn_real *dbias = nn_alloc(r->channels, sizeof(*dbias));
    const size_t rows = (nn_conv_columns.scratch(c, NULL) + 63) / 64 * 64;
    void *scratch = nn_alloc(1, rows), *shared = nn_alloc(1, nn_conv_columns.shared(c));
    nn_pool *pool = NULL;
    nn_err err = {0};

    for (size_t i = 0; i < images; i++)
        nn_max_pool_image_back(w, dy + i * given, r->from + i * given, whole + i * out);
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    nn_conv_columns.backward(pool, c,
                             &(nn_conv_run){.n = n,
                                            .x = x,
                                            .w = weights,
                                            .dy = whole,
                                            .dx = dx,
                                            .dw = dw,
                                            .dbias = dbias,
                                            .scratch = scratch,
                                            .scratch_bytes = rows,
                                            .shared = shared});
    nn_pool_free(pool);
    compare("dx", shape, dx, r->dx, r->inputs);
    compare("dw", shape, dw, r->dw, r->weights);
    compare("dbias", shape, dbias, r->dbias, r->channels);
    void *const all[] = {dy, whole, x, weights, dx, dw, dbias, scratch, shared};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        nn_free(all[i]);
}

static void check_windows(const nn_conv_way *way, const nn_conv *c, const nn_windows *w, int n,
                          int shape)
{
    const double zeros = n * c->out < 30 || shape % 2 == 0 ? 0 : 0.5;
    results r = run_pooled(way, c, w, n, zeros, 1);
    results plain = pool_after(c, w, &r, n);

    compare("y", shape, plain.y, r.y, r.outputs);
    hold_against_spread(c, w, &r, shape, n, zeros);
    free_results(&plain);
    free_results(&r);
}

static void check_pooled(const nn_conv_way *way, const nn_conv *c, int shape)
{
    const nn_windows w = pick_windows(c, shape);

    check_windows(way, c, &w, pick(shape, 4, 1, MOST_IMAGES), shape);
}

static void test_pooled_outputs_are_those_of_pooling_after(void **state)
{
    (void)state;
    for (int shape = 0; shape < SHAPES; shape += 4) {
        nn_conv c = pick_conv(shape);

        check_pooled(&nn_conv_columns, &c, shape);
        check_pooled(&nn_conv_direct, &c, shape + 1);
        c.rows = (nn_axis){.in = 5 + shape % 7, .size = 3, .stride = 1, .dilation = 1};
        c.cols = (nn_axis){.in = 6 + shape % 5, .size = 3, .stride = 1, .dilation = 1};
        c.in = c.out = 32;
        assert_true(nn_axis_plan(&c.rows, NN_PAD_SAME) && nn_axis_plan(&c.cols, NN_PAD_VALID));
        if (shape % 8 == 0)
            check_pooled(&nn_conv_winograd, &c, shape);
    }
}

/* Windows of 2 x 2 side by side, which the kernels pool themselves. */
static void test_pairs_are_pooled_by_the_kernels(void **state)
{
    (void)state;
    for (int shape = 0; shape < 24; shape++) {
        const int more = shape % 8 == 4 ? 32 : 0; /* tiles are worked on in several shares */
        nn_conv c = {
            .rows = {.in = 4 + 2 * (shape % 4) + more, .size = 3, .stride = 1, .dilation = 1},
            .cols = {.in = 4 + 2 * (shape % 3) + more, .size = 3, .stride = 1, .dilation = 1},
            .in = shape % 2 == 0 ? 32 : 3,
            .out = 16 * (1 + shape % 5)};
        nn_windows w = {.rows = {.size = 2, .stride = 2, .dilation = 1},
                        .cols = {.size = 2, .stride = 2, .dilation = 1},
                        .channels = c.out};
        /* Small images are worked on together. */
        const int n = more > 0 ? 2 : pick(shape, 4, 1, 20);

        assert_true(nn_axis_plan(&c.rows, NN_PAD_VALID) && nn_axis_plan(&c.cols, NN_PAD_SAME));
        w.rows.in = c.rows.out;
        w.cols.in = c.cols.out;
        assert_true(nn_axis_plan(&w.rows, NN_PAD_VALID) && nn_axis_plan(&w.cols, NN_PAD_VALID));
        assert_true(nn_conv_pools(&c, &w));
        check_windows(&nn_conv_direct, &c, &w, n, shape);
        if (nn_conv_is_winograd(&c))
            check_windows(&nn_conv_winograd, &c, &w, n, shape);
        w.rows.in++; /* a row beside the windows */
        assert_false(nn_conv_pools(&c, &w));
    }
}

static void test_winograd_agrees(void **state)
{
    int met = 0;

    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        nn_conv c = pick_conv(shape);
        const nn_padding padding = (nn_padding)pick(shape, 1, NN_PAD_VALID, NN_PAD_CAUSAL);

        c.rows.size = c.cols.size = 3;
        c.rows.stride = c.cols.stride = c.rows.dilation = c.cols.dilation = 1;
        c.in = 16 * pick(shape, 6, 1, 3); /* whole vectors of any kind */
        c.out = 16 * pick(shape, 7, 1, 5);
        if (!nn_axis_plan(&c.rows, padding) || !nn_axis_plan(&c.cols, padding))
            continue;
        assert_true(nn_conv_is_winograd(&c));
        hold_against_columns(&nn_conv_winograd, &c, shape, 0);
        met++;
    }
    assert_in_range(met, SHAPES / 2, SHAPES);
}

static void expect_same_bytes_of(const nn_conv_way *way, const nn_conv *c, const nn_windows *pooled,
                                 int n)
{
    results one = run_pooled(way, c, pooled, n, 0.5, 1);

    for (int threads = 2; threads <= 5; threads += 3) {
        results more = run_pooled(way, c, pooled, n, 0.5, threads);

        assert_memory_equal(one.y, more.y, one.outputs * sizeof(nn_real));
        assert_memory_equal(one.dx, more.dx, one.inputs * sizeof(nn_real));
        assert_memory_equal(one.dw, more.dw, one.weights * sizeof(nn_real));
        assert_memory_equal(one.dbias, more.dbias, one.channels * sizeof(nn_real));
        free_results(&more);
    }
    free_results(&one);
}

static void expect_same_bytes(const nn_conv_way *way, const nn_conv *c, int n)
{
    const nn_windows w = pick_windows(c, n);

    expect_same_bytes_of(way, c, NULL, n);
    expect_same_bytes_of(way, c, &w, n);
}

static void test_threads_change_no_bit(void **state)
{
    (void)state;
    for (int shape = 0; shape < SHAPES; shape += 12) {
        const nn_conv c = pick_conv(shape);

        expect_same_bytes(&nn_conv_columns, &c, MOST_IMAGES);
        expect_same_bytes(&nn_conv_direct, &c, MOST_IMAGES);
    }
    nn_conv c = {.rows = {.in = 8, .size = 3, .stride = 1, .dilation = 1}, .in = 32, .out = 48};
    c.cols = c.rows;
    assert_true(nn_axis_plan(&c.rows, NN_PAD_SAME) && nn_axis_plan(&c.cols, NN_PAD_VALID));
    expect_same_bytes(&nn_conv_winograd, &c, MOST_IMAGES);
}

/* An image so large that both ways go through it in several bands. */
static void test_bands_of_large_images_join(void **state)
{
    nn_conv c = {.rows = {.in = 61, .size = 3, .stride = 1, .dilation = 1},
                 .cols = {.in = 67, .size = 3, .stride = 1, .dilation = 1},
                 .in = 16,
                 .out = 32};

    (void)state;
    assert_true(nn_axis_plan(&c.rows, NN_PAD_SAME) && nn_axis_plan(&c.cols, NN_PAD_SAME));
    results a = run_way(&nn_conv_columns, &c, 2, 0.6, 1);
    results b = run_way(&nn_conv_direct, &c, 2, 0.6, 1);
    compare("y", 0, a.y, b.y, a.outputs);
    compare("dx", 0, a.dx, b.dx, a.inputs);
    compare("dw", 0, a.dw, b.dw, a.weights);
    compare("dbias", 0, a.dbias, b.dbias, a.channels);
    results d = run_way(&nn_conv_winograd, &c, 2, 0.6, 1);
    compare("y by Winograd", 0, a.y, d.y, a.outputs);
    free_results(&a);
    free_results(&b);
    free_results(&d);
}

enum { ROWS = 23, MOST_COLS = 70, STRETCHES = 4, LEN = 5, STEP = 3, DEPTH = STRETCHES * LEN };

static double walked(const nn_walk *w, int i, int j)
{
    double sum = w->add ? (double)w->c[i * w->ldc + j] : w->bias != NULL ? (double)w->bias[j] : 0;

    for (int s = 0; s < w->stretches; s++) {
        for (int p = 0; p < w->len; p++)
            sum += (double)w->a[w->row[i] + w->stretch[s] + p * w->step] *
                   (double)w->b[(s * w->len + p) * w->ldb + j];
    }
    return sum;
}

static void check_walk(const nn_conv_kernel *kernel, int rows, int cols, bool add)
{
    static const int stretch[STRETCHES] = {0, 100, 50, 170};
    int row[ROWS];
    nn_real *a = numbers(400, 5, 0), *b = numbers((size_t)DEPTH * (size_t)cols, 6, 0);
    nn_real *bias = numbers((size_t)cols, 7, 0), *c = numbers((size_t)(rows * cols), 8, 0);
    nn_real *packed = nn_alloc((size_t)(DEPTH * kernel->cols), sizeof(*packed));
    double expected[ROWS * MOST_COLS];
    const nn_walk w = {.rows = rows,
                       .cols = cols,
                       .a = a,
                       .row = row,
                       .stretch = stretch,
                       .stretches = STRETCHES,
                       .len = LEN,
                       .step = STEP,
                       .b = b,
                       .ldb = cols,
                       .c = c,
                       .ldc = cols,
                       .bias = add ? NULL : bias,
                       .add = add,
                       .packed = packed};

    for (int i = 0; i < rows; i++)
        row[i] = (i * 37) % 200;
    for (int i = 0; i < rows * cols; i++)
        expected[i] = walked(&w, i / cols, i % cols);
    kernel->walk(&w);
    for (int i = 0; i < rows * cols; i++) {
        if (!(fabs((double)c[i] - expected[i]) <= tolerance * 20))
            fail_msg("%s: %d x %d: c[%d]: expected %.9g, got %.9g", kernel->isa, rows, cols, i,
                     expected[i], (double)c[i]);
    }
    nn_free(a);
    nn_free(b);
    nn_free(bias);
    nn_free(c);
    nn_free(packed);
}

/* Pooled, the same walk gives the largest of every four rows, and says which it was. */
static void check_pooled_walk(const nn_conv_kernel *kernel, int windows, int cols)
{
    static const int stretch[STRETCHES] = {0, 100, 50, 170};
    int row[ROWS];
    const int rows = windows * NN_POOLED;
    nn_real *a = numbers(400, 5, 0.2), *b = numbers((size_t)DEPTH * (size_t)cols, 6, 0);
    nn_real *all = nn_alloc((size_t)(rows * cols), sizeof(*all));
    nn_real *c = nn_alloc((size_t)(windows * cols), sizeof(*c));
    nn_real *packed = nn_alloc((size_t)(DEPTH * kernel->cols), sizeof(*packed));
    nn_tap *from = nn_alloc((size_t)(windows * cols), sizeof(*from));
    nn_walk w = {.rows = rows, .cols = cols, .a = a, .row = row, .stretch = stretch};

    for (int i = 0; i < rows; i++)
        row[i] = (i * 37) % 200;
    row[3] = row[1]; /* of equal ones the first counts */
    a[row[0]] = NAN; /* NaN is the largest */
    w.stretches = STRETCHES;
    w.len = LEN;
    w.step = STEP;
    w.b = b;
    w.ldb = w.ldc = cols;
    w.c = all;
    w.packed = packed;
    kernel->walk(&w);
    w.c = c;
    w.pools = true;
    w.from = from;
    kernel->walk(&w);
    for (int i = 0; i < windows * cols; i++) {
        int best = 0;

        for (int tap = 1; tap < NN_POOLED; tap++) {
            const nn_real v = all[(i / cols * NN_POOLED + tap) * cols + i % cols];

            if (v > all[(i / cols * NN_POOLED + best) * cols + i % cols] || isnan(v))
                best = tap;
        }
        assert_int_equal(from[i], best);
        assert_memory_equal(&c[i], &all[(i / cols * NN_POOLED + best) * cols + i % cols],
                            sizeof *c);
    }
    void *const made[] = {a, b, all, c, packed, from};
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
        nn_free(made[i]);
}

static void test_walks_pool(void **state)
{
    const nn_conv_kernel *kernel;

    (void)state;
    for (int i = 0; (kernel = nn_conv_kernel_usable(i)) != NULL; i++) {
        for (int windows = 1; windows <= ROWS / NN_POOLED; windows++) {
            for (int cols = kernel->width; cols <= MOST_COLS; cols += kernel->width)
                check_pooled_walk(kernel, windows, cols);
        }
    }
}

static void test_walks_give_the_product(void **state)
{
    const nn_conv_kernel *kernel;

    (void)state;
    for (int i = 0; (kernel = nn_conv_kernel_usable(i)) != NULL; i++) {
        for (int rows = 1; rows <= ROWS; rows += 3) {
            for (int cols = 1; cols <= MOST_COLS; cols += cols < 34 ? 3 : 9)
                check_walk(kernel, rows, cols, rows % 2 == 0);
        }
    }
}

/* Three runs, of which the second is empty. */
static void check_sparse(const nn_conv_kernel *kernel, int count, int stretches, int vectors,
                         int most, bool fresh)
{
    enum { MOST = 8, LINE = 512, SCALE = 3, RUNS = 3, SHIFT = 5, PLACE = MOST * LINE };
    static const int at[] = {4, 0, 7, 30, 2};
    static const int from[MOST] = {0, 500, 40, 90, 200, 1, 333, 77};
    static const int to[MOST] = {0, LINE, 2 * LINE, 3 * LINE, 4 * LINE, 5 * LINE, 6 * LINE};
    static const int place[RUNS] = {SHIFT, PLACE + SHIFT, 2 * PLACE + SHIFT};
    const int first[RUNS] = {0, 3, 1}, last[RUNS] = {count, 3, 5};
    const int len = vectors * kernel->width;
    nn_real *b = numbers(2 * LINE, 9, 0), *c = numbers(RUNS * PLACE, 10, 0);
    nn_real *before = numbers(RUNS * PLACE, 10, 0), *value = numbers(5, 11, 0);

    kernel->add_sparse(&(nn_sparse){RUNS, first, last, at, value, b, SCALE, from, c, place, SHIFT,
                                    to, stretches, vectors, most, fresh});
    for (int i = 0; i < RUNS * PLACE; i++) {
        const int run = i / PLACE, k = i % PLACE / LINE, p = i % LINE;
        const bool meant = k < stretches && p < len;
        double sum = fresh && meant ? 0 : (double)before[i];

        for (int e = first[run]; meant && e < last[run]; e++)
            sum += (double)value[e] * (double)b[at[e] * SCALE + from[k] + p];
        if (!(fabs((double)c[i] - sum) <= tolerance * 10))
            fail_msg("%s: %d of %d x %d: c[%d]: expected %.9g, got %.9g", kernel->isa, count,
                     stretches, vectors, i, sum, (double)c[i]);
    }
    nn_free(b);
    nn_free(c);
    nn_free(before);
    nn_free(value);
}

static void test_sparse_sums_take_what_is_listed(void **state)
{
    const nn_conv_kernel *kernel;

    (void)state;
    for (int i = 0; (kernel = nn_conv_kernel_usable(i)) != NULL; i++) {
        for (int vectors = 1; vectors <= 19; vectors++) {
            for (int stretches = 1; stretches <= 7; stretches += 2)
                check_sparse(kernel, vectors % 6, stretches, vectors,
                             vectors % 4 * 20 + vectors / 4, stretches == 3);
        }
    }
}

/* NaN is not zero: a training that went wrong must not look right. */
static void test_lists_leave_out_nothing_but_zeros(void **state)
{
    const nn_conv_kernel *kernel;
    nn_real x[70], value[70 + 16];
    int at[70 + 16];

    (void)state;
    for (int i = 0; i < 70; i++)
        x[i] = i % 3 == 0 ? 0 : (nn_real)i;
    x[33] = (nn_real)NAN;
    x[6] = (nn_real)-0.0;
    for (int i = 0; (kernel = nn_conv_kernel_usable(i)) != NULL; i++) {
        for (int n = 0; n <= 70; n++) {
            const int count = kernel->list(x, n, value, at);
            int expected = 0;

            for (int k = 0; k < n; k++) {
                if (x[k] == 0)
                    continue;
                assert_int_equal(at[expected], k);
                assert_memory_equal(&value[expected], &x[k], sizeof x[k]);
                expected++;
            }
            assert_int_equal(count, expected);
        }
    }
}

static void test_lists_of_a_tap_leave_out_what_came_from_others(void **state)
{
    const nn_conv_kernel *kernel;
    nn_real x[70], value[70 + 16];
    nn_tap from[70];
    int at[70 + 16];

    (void)state;
    for (int i = 0; i < 70; i++) {
        x[i] = i % 3 == 0 ? 0 : (nn_real)i;
        from[i] = (nn_tap)(i % 4 == 3 ? 40000 : i % 4);
    }
    for (int i = 0; (kernel = nn_conv_kernel_usable(i)) != NULL; i++) {
        for (int n = 0; n <= 70; n += 7) {
            for (int tap = 0; tap < 3; tap++) {
                const int wanted = tap == 2 ? 40000 : tap;
                const int count = kernel->list_tap(x, from, wanted, n, value, at);
                int expected = 0;

                for (int k = 0; k < n; k++) {
                    if (x[k] == 0 || from[k] != wanted)
                        continue;
                    assert_int_equal(at[expected], k);
                    assert_true(value[expected++] == x[k]);
                }
                assert_int_equal(count, expected);
            }
        }
    }
}

/* Of equal values the first counts, NaN beats everything, on every instruction set. */
static void test_the_largest_of_windows(void **state)
{
    enum { MOST = 37, SIDE = 4, COLS = 3, GUARD = 77 };
    const nn_conv_kernel *kernel;
    nn_real x[SIDE * SIDE * MOST], y[MOST + 1];
    nn_tap from[MOST + 1];

    (void)state;
    for (int i = 0; i < SIDE * SIDE * MOST; i++)
        x[i] = (nn_real)(i * 7919 % 5 - 2); /* many equal ones */
    x[MOST + 3] = x[20] = (nn_real)NAN;
    for (int i = 0; (kernel = nn_conv_kernel_usable(i)) != NULL; i++) {
        for (int down = 1; down <= 3; down++) {
            for (int across = 1; across <= COLS; across++) {
                nn_largest t = {MOST, down, across, x, (ptrdiff_t)SIDE * MOST, 5, COLS, y, from};

                y[MOST] = GUARD;
                from[MOST] = GUARD;
                kernel->largest(&t);
                for (int c = 0; c < MOST; c++) {
                    nn_real best = x[c];
                    int tap = 5;

                    for (int k = 0; k < down * across; k++) {
                        const nn_real v = x[(k / across * SIDE + k % across) * MOST + c];

                        if (v > best || isnan(v)) {
                            best = v;
                            tap = 5 + k / across * COLS + k % across;
                        }
                    }
                    assert_true(y[c] == best || (isnan(y[c]) && isnan(best)));
                    assert_int_equal(from[c], isnan(best) ? from[c] : tap);
                }
                assert_true(y[MOST] == GUARD);
                assert_int_equal(from[MOST], GUARD);
                t.from = NULL;
                kernel->largest(&t); /* nobody will ask */
            }
        }
    }
}

static void test_windows_stand_where_keras_puts_them(void **state)
{
    static const struct {
        nn_axis axis;
        nn_padding padding;
        int before, after, out;
    } cases[] = {
        {{.in = 28, .size = 3, .stride = 1, .dilation = 1}, NN_PAD_VALID, 0, 0, 26},
        {{.in = 28, .size = 3, .stride = 1, .dilation = 1}, NN_PAD_SAME, 1, 1, 28},
        {{.in = 28, .size = 3, .stride = 2, .dilation = 1}, NN_PAD_SAME, 0, 1, 14},
        {{.in = 27, .size = 3, .stride = 2, .dilation = 1}, NN_PAD_SAME, 1, 1, 14},
        {{.in = 28, .size = 2, .stride = 1, .dilation = 1}, NN_PAD_SAME, 0, 1, 28},
        {{.in = 7, .size = 2, .stride = 3, .dilation = 1}, NN_PAD_SAME, 0, 1, 3},
        {{.in = 9, .size = 3, .stride = 1, .dilation = 2}, NN_PAD_CAUSAL, 4, 0, 9},
        {{.in = 9, .size = 3, .stride = 2, .dilation = 4}, NN_PAD_VALID, 0, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        nn_axis a = cases[i].axis;

        assert_true(nn_axis_plan(&a, cases[i].padding));
        assert_int_equal(a.before, cases[i].before);
        assert_int_equal(a.after, cases[i].after);
        assert_int_equal(a.out, cases[i].out);
    }
    nn_axis small = {.in = 8, .size = 3, .stride = 1, .dilation = 4};
    assert_false(nn_axis_plan(&small, NN_PAD_VALID));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways_agree),
        cmocka_unit_test(test_pooled_outputs_are_those_of_pooling_after),
        cmocka_unit_test(test_pairs_are_pooled_by_the_kernels),
        cmocka_unit_test(test_winograd_agrees),
        cmocka_unit_test(test_threads_change_no_bit),
        cmocka_unit_test(test_bands_of_large_images_join),
        cmocka_unit_test(test_walks_give_the_product),
        cmocka_unit_test(test_walks_pool),
        cmocka_unit_test(test_sparse_sums_take_what_is_listed),
        cmocka_unit_test(test_lists_leave_out_nothing_but_zeros),
        cmocka_unit_test(test_lists_of_a_tap_leave_out_what_came_from_others),
        cmocka_unit_test(test_the_largest_of_windows),
        cmocka_unit_test(test_windows_stand_where_keras_puts_them),
    };
    return nn_test_main(argc, argv, tests);
}
