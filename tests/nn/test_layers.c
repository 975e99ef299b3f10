/*
 * Every layer kind on the networks of layer_cases.def: gradients against central differences
 * (double build only), the same bytes on any number of threads, the same values in inference.
 */
#include "support/nn_test.h"

#include "base/mem.h"
#include "nn/support/layer_cases.h"
#include "nn/support/net.h"

#include <math.h>

/* The batch of threads and inference; enough for several tasks even of small layers. */
enum { BATCH = 300, STEP = 4 };

static const layer_case *case_of(void **state)
{
    return &layer_cases[(uintptr_t)*state];
}

/* Numbers for a whole batch: inputs, gradients of the output, room for gradients of the input. */
typedef struct batch {
    int n;
    size_t in, out; /* numbers, of all samples */
    nn_real *x, *dy, *dx;
} batch;

static batch batch_make(const nn_graph *g, int n)
{
    batch b = {.n = n};

    b.in = (size_t)n * nn_shape_len(&g->in);
    b.out = (size_t)n * nn_shape_len(&g->out);
    b.x = nn_alloc(b.in, sizeof(nn_real));
    b.dx = nn_alloc(b.in, sizeof(nn_real));
    b.dy = nn_alloc(b.out, sizeof(nn_real));
    assert_true(b.x != NULL && b.dx != NULL && b.dy != NULL);
    net_numbers(b.x, b.in, 1);
    net_numbers(b.dy, b.out, 2);
    return b;
}

static void batch_free(batch *b)
{
    nn_free(b->x);
    nn_free(b->dx);
    nn_free(b->dy);
}

/* Moves the weights away from their often special first values, biases of 0 above all. */
static void shake(const net *t)
{
    const nn_layer *l = NULL;
    const nn_weight *w = NULL;

    for (int i = 0; (w = nn_graph_weight(t->graph, i, &l)) != NULL; i++) {
        const nn_rng rng = {99, (uint32_t)i, 0};

        for (size_t k = 0; k < w->size.count && !w->is_state; k++)
            t->weights[w->at + k] += (nn_real)(0.3 * nn_rng_normal(&rng, k));
    }
}

static void backward(const net *t, const batch *b)
{
    nn_exec_want_input_gradient(t->exec, b->dx);
    (void)nn_exec_forward(t->exec, b->x, b->n, true, STEP);
    memcpy(nn_exec_dy(t->exec), b->dy, b->out * sizeof(nn_real));
    nn_exec_backward(t->exec, b->n);
}

#if NN_REAL_IS_DOUBLE
static const double width = 1e-5, tolerance = 1e-7;

/* What the gradients are of: the outputs weighted by dy. */
static double objective(const net *t, const batch *b)
{
    const nn_real *y = nn_exec_forward(t->exec, b->x, b->n, true, STEP);
    double sum = 0;

    for (size_t i = 0; i < b->out; i++)
        sum += y[i] * b->dy[i];
    return sum;
}

/* The slope at *x by differences. Where the slopes on both sides differ there is a kink: no such
 * luck. */
static double slope(const net *t, const batch *b, nn_real *x)
{
    const double here = *x, middle = objective(t, b);

    *x = here + width;
    const double above = objective(t, b);
    *x = here - width;
    const double below = objective(t, b);
    *x = here;
    if (fabs((above - middle) - (middle - below)) > 1e-3 * width * (1 + fabs(middle)))
        fail_msg("the case has a kink within %g of a number: change its numbers", width);
    return (above - below) / (2 * width);
}

/* Softmax does not see what all scores of a row share, so the bias of keys has no effect at all. */
static bool has_no_effect(const char *what)
{
    return strcmp(what, "key_bias") == 0;
}

/* `gradient` must be that of the count numbers at x, and not all zero. */
static void check(const net *t, const batch *b, const char *what, nn_real *x, size_t count,
                  const nn_real *gradient)
{
    double largest = 0;

    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(gradient[i]));
    if (largest < 1e-4 && !has_no_effect(what))
        fail_msg("the gradient of %s is zero", what);
    for (size_t i = 0; i < count; i++) {
        const double expected = slope(t, b, &x[i]);

        if (!(fabs(gradient[i] - expected) <= tolerance * fmax(largest, 1)))
            fail_msg("%s[%zu]: expected %.12g, got %.12g", what, i, expected, gradient[i]);
    }
}

static void test_gradients(void **state)
{
    const layer_case *c = case_of(state);
    const nn_layer *l = NULL;
    const nn_weight *w = NULL;
    net t;

    net_make(&t, c->layers, c->in, 3, 1, NN_TRAIN);
    batch b = batch_make(t.graph, 3);
    shake(&t);
    backward(&t, &b);
    nn_real *gradients = nn_alloc(t.graph->weights_len + 1, sizeof(nn_real));
    memcpy(gradients, nn_exec_gradients(t.exec), t.graph->weights_len * sizeof(nn_real));
    check(&t, &b, "the input", b.x, b.in, b.dx);
    for (int i = 0; (w = nn_graph_weight(t.graph, i, &l)) != NULL; i++) {
        if (w->trainable)
            check(&t, &b, w->name, t.weights + w->at, w->size.count, gradients + w->at);
    }
    nn_free(gradients);
    batch_free(&b);
    net_free(&t);
}
#else
static void test_gradients(void **state)
{
    (void)state;
    skip(); /* differences of floats say nothing: see the gradcheck preset */
}
#endif

/* Output, gradients and moved states of a training step, one after the other. */
static nn_real *run_step(const layer_case *c, int threads, size_t *len)
{
    net t;

    net_make(&t, c->layers, c->in, BATCH, threads, NN_TRAIN);
    batch b = batch_make(t.graph, BATCH);
    const size_t weights = t.graph->weights_len;
    shake(&t);
    backward(&t, &b);
    *len = b.out + b.in + 2 * weights;
    nn_real *all = nn_alloc(*len, sizeof(*all));
    assert_non_null(all);
    memcpy(all, nn_exec_output(t.exec, t.graph->count - 1), b.out * sizeof(*all));
    memcpy(all + b.out, b.dx, b.in * sizeof(*all));
    memcpy(all + b.out + b.in, t.weights, weights * sizeof(*all));
    if (weights > 0)
        memcpy(all + b.out + b.in + weights, nn_exec_gradients(t.exec), weights * sizeof(*all));
    batch_free(&b);
    net_free(&t);
    return all;
}

static void test_threads(void **state)
{
    size_t len = 0;
    nn_real *one = run_step(case_of(state), 1, &len);

    for (int threads = 2; threads <= 3; threads++) {
        nn_real *more = run_step(case_of(state), threads, &len);

        assert_memory_equal(one, more, len * sizeof(*one));
        nn_free(more);
    }
    nn_free(one);
}

static void test_inference(void **state)
{
    const layer_case *c = case_of(state);
    net trains, infers;

    net_make(&trains, c->layers, c->in, BATCH, 1, NN_TRAIN);
    net_make(&infers, c->layers, c->in, BATCH, 1, NN_INFER);
    batch b = batch_make(trains.graph, BATCH);
    shake(&trains);
    shake(&infers);
    for (int n = BATCH; n >= 1; n -= BATCH - 1) { /* a smaller batch in the same memory as well */
        const nn_real *y = nn_exec_forward(trains.exec, b.x, n, false, 0);
        const nn_real *again = nn_exec_forward(infers.exec, b.x, n, false, 0);

        assert_memory_equal(y, again, (size_t)n * nn_shape_len(&infers.graph->out) * sizeof(*y));
    }
    batch_free(&b);
    net_free(&trains);
    net_free(&infers);
}

static bool has_case(const nn_kind *kind)
{
    char type[80];

    snprintf(type, sizeof(type), "\"type\": \"%s\"", kind->name);
    for (int i = 0; i < LAYER_CASES; i++) {
        if (strstr(layer_cases[i].layers, type) != NULL)
            return true;
    }
    return false;
}

static void test_every_kind_has_a_case(void **state)
{
    (void)state;
    for (const nn_kind *const *k = nn_layers.kinds; *k != NULL; k++) {
        if (!has_case(*k))
            fail_msg("%s has no row in tests/nn/support/layer_cases.def", (*k)->name);
    }
}

enum { PER_CASE = 3, NAME = 96 };

int main(int argc, char **argv)
{
    static const struct {
        const char *what;
        CMUnitTestFunction run;
    } kinds[PER_CASE] = {
        {"gradients", test_gradients}, {"threads", test_threads}, {"inference", test_inference}};
    char names[LAYER_CASES][PER_CASE][NAME];
    struct CMUnitTest tests[LAYER_CASES * PER_CASE + 1] = {
        cmocka_unit_test(test_every_kind_has_a_case)};

    for (int i = 0; i < LAYER_CASES; i++) {
        for (int k = 0; k < PER_CASE; k++) {
            struct CMUnitTest *test = &tests[1 + i * PER_CASE + k];

            snprintf(names[i][k], NAME, "%s: %s", layer_cases[i].name, kinds[k].what);
            test->name = names[i][k];
            test->test_func = kinds[k].run;
            test->initial_state = (void *)(uintptr_t)i;
        }
    }
    return nn_test_main(argc, argv, tests);
}
