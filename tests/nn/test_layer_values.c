/* Outputs and gradients of small networks against PyTorch's in float64: nn/reference. */
#include "support/nn_test.h"

#include "base/file.h"
#include "base/mem.h"
#include "nn/support/net.h"

#include <math.h>

/* Of the largest number of a tensor: rounding of the build's type, and the ulps of exp, erf, ... */
#if NN_REAL_IS_DOUBLE
static const double tolerance = 1e-13;
#else
static const double tolerance = 3e-6;
#endif

enum { MOST_BYTES = 1 << 20, MOST_NUMBERS = 4096 };

typedef struct file {
    char *bytes;
    nn_problems problems;
    nn_doc *doc;
} file;

static void open_file(file *f, const char *name)
{
    const nn_json_source source = {name, NN_ECONFIG, false};
    char path[512];
    nn_err err = {0};
    size_t len = 0;

    memset(f, 0, sizeof(*f));
    snprintf(path, sizeof(path), NN_TESTS "/nn/reference/%s", name);
    assert_ok(nn_file_read(&f->bytes, &len, path, MOST_BYTES, &err), err);
    assert_ok(nn_doc_parse(&f->doc, &source, f->bytes, len, &f->problems, &err), err);
}

static void close_file(file *f)
{
    nn_doc_free(f->doc);
    nn_problems_free(&f->problems);
    nn_free(f->bytes);
}

static size_t read_numbers(nn_node list, nn_real *to)
{
    size_t count = 0;

    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n)) {
        assert_true(count < MOST_NUMBERS);
        to[count++] = (nn_real)nn_node_number(n);
    }
    return count;
}

static nn_shape read_shape(nn_node list)
{
    nn_shape shape = {0};

    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n))
        shape.dim[shape.rank++] = (int)nn_node_number(n);
    return shape;
}

/* The bias of keys has no effect: its gradient is what rounding leaves of numbers around 1. */
static double least_scale(const char *what)
{
    return strstr(what, "/key_bias") != NULL ? 1 : 1e-3;
}

static void compare(nn_node c, const char *what, nn_node expected, const nn_real *got, size_t count)
{
    const char *name = nn_node_text(nn_node_get(c, "name"));
    double largest = least_scale(what);
    size_t i = 0;

    assert_int_equal(nn_node_count(expected), count);
    for (nn_node n = nn_node_first(expected); n.item != NULL; n = nn_node_next(n))
        largest = fmax(largest, fabs(nn_node_number(n)));
    for (nn_node n = nn_node_first(expected); n.item != NULL; n = nn_node_next(n), i++) {
        if (!(fabs((double)got[i] - nn_node_number(n)) <= tolerance * largest))
            fail_msg("%s: %s[%zu]: expected %.17g, got %.17g", name, what, i, nn_node_number(n),
                     (double)got[i]);
    }
}

static void compare_gradients(const net *t, nn_node c)
{
    const nn_real *dw = nn_exec_gradients(t->exec);
    const nn_layer *l = NULL;
    const nn_weight *w = NULL;
    char key[2 * NN_NAME_SIZE];

    for (int i = 0; (w = nn_graph_weight(t->graph, i, &l)) != NULL; i++) {
        snprintf(key, sizeof(key), "%s/%s", l->name, w->name);
        compare(c, key, nn_node_get(nn_node_get(c, "dw"), key), dw + w->at, w->size.count);
    }
}

static void check_case(nn_node c)
{
    const int n = (int)nn_node_number(nn_node_get(c, "n"));
    nn_real x[MOST_NUMBERS], dx[MOST_NUMBERS];
    nn_buf layers = {0};
    net t;

    nn_node_write(nn_node_get(c, "layers"), &layers);
    net_make(&t, layers.data, read_shape(nn_node_get(c, "in")), n, 1, NN_TRAIN);
    assert_true(nn_graph_is_given(t.graph));
    const size_t inputs = read_numbers(nn_node_get(c, "x"), x);
    nn_exec_want_input_gradient(t.exec, dx);
    const nn_real *y = nn_exec_forward(t.exec, x, n, true, 0);
    compare(c, "y", nn_node_get(c, "y"), y, (size_t)n * nn_shape_len(&t.graph->out));
    (void)read_numbers(nn_node_get(c, "dy"), nn_exec_dy(t.exec));
    nn_exec_backward(t.exec, n);
    compare(c, "dx", nn_node_get(c, "dx"), dx, inputs);
    compare_gradients(&t, c);
    nn_buf_free(&layers);
    net_free(&t);
}

static void check_file(const char *name)
{
    file f;
    int cases = 0;

    open_file(&f, name);
    nn_node c = nn_node_first(nn_node_get(nn_doc_root(f.doc), "cases"));
    for (; c.item != NULL; c = nn_node_next(c), cases++)
        check_case(c);
    assert_true(cases > 30);
    close_file(&f);
}

static void test_outputs_and_gradients_are_pytorchs(void **state)
{
    (void)state;
    check_file("layers.json");
}

static void test_sequences_are_pytorchs(void **state)
{
    (void)state;
    check_file("sequences.json");
}

static void test_images_are_pytorchs(void **state)
{
    (void)state;
    check_file("images.json");
}

static void test_every_activation_has_a_reference(void **state)
{
    char quoted[80];
    file f;

    (void)state;
    open_file(&f, "layers.json");
    for (const nn_kind *const *k = nn_activations.kinds; *k != NULL; k++) {
        snprintf(quoted, sizeof(quoted), "\"Dense %s\"", (*k)->name);
        if (strstr(f.bytes, quoted) == NULL)
            fail_msg("%s is not in tests/nn/reference/make_layers.py", (*k)->name);
    }
    close_file(&f);
}

/* Every activation must hand NaN on: that is how a diverged training is noticed. */
static void test_activations_hand_nan_on(void **state)
{
    (void)state;
    for (const nn_kind *const *k = nn_activations.kinds; *k != NULL; k++) {
        const nn_activation *act = (const nn_activation *)*k;
        nn_real x[3] = {1, (nn_real)NAN, -1};
        nn_choice choice;

        nn_choice_default(&choice, *k);
        act->forward(&choice.conf, x, x, 1, 3);
        if (!isnan(x[1]))
            fail_msg("%s turns NaN into %g", (*k)->name, (double)x[1]);
    }
}

/* Far out there is no overflow, neither in the value nor in the slope. */
static void test_activations_stay_finite_far_out(void **state)
{
    (void)state;
    for (const nn_kind *const *k = nn_activations.kinds; *k != NULL; k++) {
        const nn_activation *act = (const nn_activation *)*k;
        const nn_real x[4] = {-1000, -100, 100, 1000};
        nn_real y[4], dx[4] = {1, 1, 1, 1};
        nn_choice choice;

        nn_choice_default(&choice, *k);
        act->forward(&choice.conf, x, y, 1, 4);
        act->backward(&choice.conf, act->needs_x ? x : NULL, y, dx, dx, 1, 4);
        for (int i = 0; i < 4; i++) {
            if (!isfinite(y[i]) || !isfinite(dx[i]))
                fail_msg("%s(%g) = %g with slope %g", (*k)->name, (double)x[i], (double)y[i],
                         (double)dx[i]);
        }
    }
}

static nn_real value_at(const char *activation, nn_real x)
{
    const nn_kind *kind = nn_family_find(&nn_activations, activation);
    nn_choice choice;
    nn_real y = 0;

    nn_choice_default(&choice, kind);
    ((const nn_activation *)kind)->forward(&choice.conf, &x, &y, 1, 1);
    return y;
}

/* Small results keep their digits: 1 + exp(x) and exp(x) - 1 must not round them away. */
static void test_small_values_are_not_rounded_away(void **state)
{
    const double epsilon = NN_REAL_IS_DOUBLE ? 1e-14 : 2e-6;

    (void)state;
    for (int x = -60; x <= -5; x++) {
        const double expected = log1p(exp(x)), got = (double)value_at("softplus", (nn_real)x);

        if (!(fabs(got - expected) <= epsilon * expected))
            fail_msg("softplus(%d): expected %g, got %g", x, expected, got);
    }
    for (int power = 1; power <= 12; power++) {
        const nn_real x = (nn_real)-pow(10, -power);
        const double expected = expm1((double)x), got = (double)value_at("elu", x);

        if (!(fabs(got - expected) <= -epsilon * expected))
            fail_msg("elu(%g): expected %g, got %g", (double)x, expected, got);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outputs_and_gradients_are_pytorchs),
        cmocka_unit_test(test_sequences_are_pytorchs),
        cmocka_unit_test(test_images_are_pytorchs),
        cmocka_unit_test(test_every_activation_has_a_reference),
        cmocka_unit_test(test_activations_hand_nan_on),
        cmocka_unit_test(test_activations_stay_finite_far_out),
        cmocka_unit_test(test_small_values_are_not_rounded_away),
    };
    return nn_test_main(argc, argv, tests);
}
