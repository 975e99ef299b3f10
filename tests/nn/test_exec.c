/* Running graphs: whose memory is whose, what is computed and what is left out, no allocation. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "nn/support/net.h"

#include <math.h>

enum { N = 5 };

static const char chain[] =
    "[{\"type\":\"Dense\",\"units\":6,\"activation\":\"tanh\",\"name\":\"a\"},"
    "{\"type\":\"Reshape\",\"target_shape\":[2,3],\"name\":\"view\"},"
    "{\"type\":\"Dropout\",\"rate\":0.5,\"name\":\"drop\"},"
    "{\"type\":\"Flatten\",\"name\":\"flat\"},"
    "{\"type\":\"Dense\",\"units\":2,\"name\":\"b\"}]";

static void test_views_share_their_inputs_memory(void **state)
{
    nn_real x[N * 4];
    net t;

    (void)state;
    net_make(&t, chain, nn_shape_1(4), N, 1, NN_TRAIN);
    net_numbers(x, N * 4, 1);
    (void)nn_exec_forward(t.exec, x, N, true, 0);
    assert_ptr_equal(nn_exec_output(t.exec, 1), nn_exec_output(t.exec, 0));
    assert_ptr_not_equal(nn_exec_output(t.exec, 2), nn_exec_output(t.exec, 1));
    assert_ptr_equal(nn_exec_output(t.exec, 3), nn_exec_output(t.exec, 2));
    net_free(&t);
}

static void test_what_does_nothing_in_inference_shares_as_well(void **state)
{
    nn_exec_memory trains, infers;
    net t;
    nn_err err = {0};

    (void)state;
    net_make(&t, chain, nn_shape_1(4), N, 1, NN_INFER);
    assert_ok(nn_exec_plan(t.graph, 100, 1, NN_TRAIN, &trains, &err), err);
    assert_ok(nn_exec_plan(t.graph, 100, 1, NN_INFER, &infers, &err), err);
    /* In lines of 64 bytes: outputs of a and b at the same time, and nothing else. */
    const size_t a = 100 * 6 * sizeof(nn_real), b = 100 * 2 * sizeof(nn_real);
    assert_int_equal(infers.activations, (a + 63) / 64 * 64 + (b + 63) / 64 * 64);
    assert_int_equal(infers.saved, 0);
    assert_int_equal(infers.gradients, 0);
    assert_int_equal(trains.saved, (100 * 6 + 63) / 64 * 64); /* what Dropout kept */
    assert_int_equal(trains.gradients, t.graph->weights_len * sizeof(nn_real));
    assert_true(trains.activations > infers.activations);
    net_free(&t);
}

static void test_the_output_is_never_the_input(void **state)
{
    static const char *const lists[] = {"[{\"type\":\"Flatten\"}]",
                                        "[{\"type\":\"Flatten\"},{\"type\":\"Flatten\"}]",
                                        "[{\"type\":\"Dropout\",\"rate\":0.5}]"};
    nn_real x[N * 4];

    (void)state;
    net_numbers(x, N * 4, 1);
    for (size_t i = 0; i < 3; i++) {
        net t;

        net_make(&t, lists[i], nn_shape_1(4), N, 1, NN_INFER);
        nn_real *y = nn_exec_forward(t.exec, x, N, false, 0);
        assert_ptr_not_equal(y, x);
        assert_memory_equal(y, x, sizeof(x));
        y[0] = 3; /* it may be written */
        net_free(&t);
    }
}

/* 3 x 3 units and gates over 4 steps of 5 features. */
static void test_arithmetic_of_backward_is_counted_by_what_is_wanted(void **state)
{
    const double input = 2 * 4 * 3 * 3 * 5, within = 2 * 4 * 3 * 3 * 3;
    net t;

    (void)state;
    net_make(&t,
             "[{\"type\":\"GRU\",\"units\":3,\"return_sequences\":true},"
             "{\"type\":\"GRU\",\"units\":3,\"trainable\":false},"
             "{\"type\":\"Dense\",\"units\":2}]",
             nn_shape_2(4, 5), N, 1, NN_TRAIN);
    assert_true(t.graph->layer[0]->flops == input + within);
    assert_true(nn_exec_backward_flops(t.exec, 0) == input + within + within);
    assert_true(nn_exec_backward_flops(t.exec, 1) == 2 * within);
    assert_true(nn_exec_backward_flops(t.exec, 2) == 2 * 2 * 3 * 2);
    net_free(&t);
}

static void test_memory_in_inference_is_that_of_two_layers(void **state)
{
    static const char deep[] =
        "[{\"type\":\"Dense\",\"units\":16},{\"type\":\"Dense\",\"units\":16},"
        "{\"type\":\"Dense\",\"units\":16},{\"type\":\"Dense\",\"units\":16},"
        "{\"type\":\"Dense\",\"units\":16},{\"type\":\"Dense\",\"units\":16}]";
    nn_exec_memory memory;
    net t;
    nn_err err = {0};

    (void)state;
    net_make(&t, deep, nn_shape_1(4), N, 1, NN_INFER);
    assert_ok(nn_exec_plan(t.graph, 64, 1, NN_INFER, &memory, &err), err);
    assert_int_equal(memory.activations, 2 * 64 * 16 * sizeof(nn_real));
    net_free(&t);
}

static void test_a_batch_that_is_too_large_is_refused(void **state)
{
    nn_exec_memory memory;
    nn_exec *exec = NULL;
    nn_err err = {0};
    net t;

    (void)state;
    net_make(&t, "[{\"type\":\"Dense\",\"units\":1000}]", nn_shape_1(4), N, 1, NN_TRAIN);
    assert_int_equal(nn_exec_plan(t.graph, 3000000, 1, NN_TRAIN, &memory, &err), NN_ELIMIT);
    assert_int_equal(nn_exec_new(&exec, t.graph, t.weights, t.pool, 3000000, NN_TRAIN, 0, &err),
                     NN_ELIMIT);
    assert_string_equal(err.msg, "a batch of 3000000 samples is too large for this model");
    assert_null(exec);
    net_free(&t);
}

static void test_a_step_allocates_nothing(void **state)
{
    nn_real x[N * 4], dx[N * 4];
    net t;

    (void)state;
    net_make(&t, chain, nn_shape_1(4), N, 2, NN_TRAIN);
    net_numbers(x, N * 4, 1);
    nn_exec_want_input_gradient(t.exec, dx);
    const uint64_t before = nn_mem_read().calls;
    for (uint64_t step = 0; step < 3; step++) {
        (void)nn_exec_forward(t.exec, x, N, true, step);
        net_numbers(nn_exec_dy(t.exec), N * 2, 2);
        nn_exec_backward(t.exec, N);
    }
    assert_int_equal(nn_mem_read().calls, before);
    net_free(&t);
}

/* One training step of `t` on fixed numbers. */
static void step(const net *t, const nn_real *x, size_t outputs)
{
    (void)nn_exec_forward(t->exec, x, N, true, 0);
    net_numbers(nn_exec_dy(t->exec), outputs, 2);
    nn_exec_backward(t->exec, N);
}

static void test_frozen_weights_get_no_gradient(void **state)
{
    static const char layers[] =
        "[{\"type\":\"Dense\",\"units\":3,\"trainable\":false},{\"type\":\"Dense\",\"units\":2},"
        "{\"type\":\"Dense\",\"units\":2,\"trainable\":false}]";
    nn_real x[N * 4];
    net t;

    (void)state;
    net_make(&t, layers, nn_shape_1(4), N, 1, NN_TRAIN);
    net_numbers(x, N * 4, 1);
    step(&t, x, N * 2);
    const nn_real *dw = nn_exec_gradients(t.exec);
    for (int i = 0; i < t.graph->count; i++) {
        const nn_weight *kernel = &t.graph->layer[i]->weight[0];

        assert_true((fabs((double)dw[kernel->at]) > 0) == (i == 1));
    }
    net_free(&t);
}

/* The trainer's usual case must give the same as the one that also wants the input's gradient. */
static void test_the_inputs_gradient_can_be_had_and_left_out(void **state)
{
    nn_real x[N * 4], dx[N * 4] = {0}, zero[N * 4] = {0};
    net t;

    (void)state;
    net_make(&t, chain, nn_shape_1(4), N, 1, NN_TRAIN);
    net_numbers(x, N * 4, 1);
    const size_t bytes = t.graph->weights_len * sizeof(nn_real);
    nn_real *without = nn_alloc(1, bytes);
    step(&t, x, N * 2);
    memcpy(without, nn_exec_gradients(t.exec), bytes);
    nn_exec_want_input_gradient(t.exec, dx);
    step(&t, x, N * 2);
    assert_memory_not_equal(dx, zero, sizeof(dx));
    assert_memory_equal(without, nn_exec_gradients(t.exec), bytes);
    nn_exec_want_input_gradient(t.exec, NULL);
    memset(dx, 0, sizeof(dx));
    step(&t, x, N * 2);
    assert_memory_equal(dx, zero, sizeof(dx));
    nn_free(without);
    net_free(&t);
}

static void test_dropout_keeps_the_share_it_should_and_scales_it(void **state)
{
    enum { WIDE = 20000 };
    nn_real *x = nn_alloc(WIDE, sizeof(*x));
    int kept = 0;
    net t;

    (void)state;
    for (int i = 0; i < WIDE; i++)
        x[i] = 1;
    net_make(&t, "[{\"type\":\"Dropout\",\"rate\":0.2}]", nn_shape_1(WIDE), 1, 2, NN_TRAIN);
    const nn_real *y = nn_exec_forward(t.exec, x, 1, true, 0);
    for (int i = 0; i < WIDE; i++) {
        assert_true(y[i] == 0 || y[i] == (nn_real)1.25);
        kept += y[i] != 0;
    }
    assert_true(abs(kept - WIDE * 4 / 5) < 4 * 57); /* four standard deviations */
    y = nn_exec_forward(t.exec, x, 1, false, 0);
    assert_memory_equal(x, y, WIDE * sizeof(*x));
    nn_free(x);
    net_free(&t);
}

static void test_randomness_is_a_function_of_step_and_layer(void **state)
{
    enum { WIDE = 64 };
    static const char layers[] =
        "[{\"type\":\"GaussianNoise\",\"stddev\":1},"
        "{\"type\":\"GaussianNoise\",\"stddev\":1},{\"type\":\"Flatten\"}]";
    nn_real x[WIDE] = {0}, first[WIDE], second[WIDE];
    net t;

    (void)state;
    net_make(&t, layers, nn_shape_1(WIDE), 1, 1, NN_TRAIN);
    memcpy(first, nn_exec_forward(t.exec, x, 1, true, 3), sizeof(first));
    memcpy(second, nn_exec_forward(t.exec, x, 1, true, 4), sizeof(second));
    assert_memory_not_equal(first, second, sizeof(first));
    assert_memory_equal(first, nn_exec_forward(t.exec, x, 1, true, 3), sizeof(first));
    for (int i = 0; i < WIDE; i++) /* the second layer does not add what the first did */
        assert_true(first[i] != 2 * nn_exec_output(t.exec, 0)[i]);
    net_free(&t);
}

static void test_the_first_layer_with_nan_is_named(void **state)
{
    nn_real x[N * 4];
    net t;

    (void)state;
    net_make(&t, chain, nn_shape_1(4), N, 1, NN_TRAIN);
    net_numbers(x, N * 4, 1);
    (void)nn_exec_forward(t.exec, x, N, true, 0);
    assert_int_equal(nn_exec_first_nonfinite(t.exec, N), -1);
    t.weights[t.graph->layer[4]->weight[1].at] = (nn_real)INFINITY;
    (void)nn_exec_forward(t.exec, x, N, true, 0);
    assert_int_equal(nn_exec_first_nonfinite(t.exec, N), 4);
    x[4 * (N - 1)] = (nn_real)NAN; /* in the last sample */
    (void)nn_exec_forward(t.exec, x, N, true, 0);
    assert_int_equal(nn_exec_first_nonfinite(t.exec, N), 0);
    assert_int_equal(nn_exec_first_nonfinite(t.exec, N - 1), 4);
    net_free(&t);
}

#define POOLED                                                                                     \
    "[{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":2,\"activation\":\"relu\",\"name\":"      \
    "\"c\"},"                                                                                      \
    "{\"type\":\"MaxPooling2D\",\"name\":\"p\"},{\"type\":\"Flatten\",\"name\":\"f\"},"

static bool is_absorbed(const char *layers, const char *name)
{
    nn_err err = {0};
    net t;

    assert_int_equal(net_read(&t, layers, nn_shape_3(6, 7, 2), NULL, &err), NN_OK);
    const bool is = nn_graph_find(t.graph, name)->is_absorbed;
    net_free(&t);
    return is;
}

/* A layer does the next one's work only when nobody sees the difference. */
static void test_what_may_be_absorbed(void **state)
{
    (void)state;
    assert_true(is_absorbed(POOLED "{\"type\":\"Dense\",\"units\":2}]", "p"));
    assert_false(is_absorbed(POOLED "{\"type\":\"Flatten\",\"name\":\"g\",\"inputs\":[\"c\"]},"
                                    "{\"type\":\"Concatenate\",\"inputs\":[\"f\",\"g\"]}]",
                             "p")); /* somebody else wants what comes before it */
    assert_true(is_absorbed(POOLED "{\"type\":\"Add\",\"inputs\":[\"f\",\"f\"]}]", "p"));
    assert_false(is_absorbed("[{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":2},"
                             "{\"type\":\"MaxPooling2D\",\"name\":\"p\"}]",
                             "p")); /* the output of the network */
    assert_false(is_absorbed("[{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":2,"
                             "\"activation\":\"gelu\"},{\"type\":\"MaxPooling2D\",\"name\":\"p\"},"
                             "{\"type\":\"Flatten\"}]",
                             "p")); /* it falls in places: the largest may not stay so */
    assert_false(
        is_absorbed("[{\"type\":\"Conv2D\",\"filters\":3,\"kernel_size\":2},"
                    "{\"type\":\"MaxPooling2D\"},{\"type\":\"MaxPooling2D\",\"name\":\"p\"},"
                    "{\"type\":\"Flatten\"}]",
                    "p")); /* the second one */
}

/* The whole output of the convolution stands nowhere. */
static void test_absorbed_layers_take_no_memory(void **state)
{
    const size_t pooled = (size_t)N * 2 * 3 * 3 * sizeof(nn_real), dense = N * 2 * sizeof(nn_real);
    nn_exec_memory memory;
    nn_real x[N * 6 * 7 * 2];
    net t;
    nn_err err = {0};

    (void)state;
    net_make(&t, POOLED "{\"type\":\"Dense\",\"units\":2}]", nn_shape_3(6, 7, 2), N, 1, NN_TRAIN);
    assert_ok(nn_exec_plan(t.graph, N, 1, NN_TRAIN, &memory, &err), err);
    assert_int_equal(memory.activations, 2 * ((pooled + 63) / 64 + (dense + 63) / 64) * 64);
    net_numbers(x, N * 6 * 7 * 2, 1);
    x[0] = (nn_real)NAN;
    (void)nn_exec_forward(t.exec, x, N, true, 0);
    assert_ptr_equal(nn_exec_output(t.exec, 1), nn_exec_output(t.exec, 0));
    assert_int_equal(nn_exec_output_len(t.exec, 0), 2 * 3 * 3);
    assert_int_equal(nn_exec_first_nonfinite(t.exec, N), 0);
    net_free(&t);
}

/* Outputs are still there after backward, so that a report can look for where NaN began. */
static void test_outputs_outlive_the_backward_pass(void **state)
{
    nn_real x[N * 4], before[N * 6];
    net t;

    (void)state;
    net_make(&t, chain, nn_shape_1(4), N, 1, NN_TRAIN);
    net_numbers(x, N * 4, 1);
    (void)nn_exec_forward(t.exec, x, N, true, 0);
    memcpy(before, nn_exec_output(t.exec, 0), sizeof(before));
    net_numbers(nn_exec_dy(t.exec), N * 2, 2);
    nn_exec_backward(t.exec, N);
    assert_memory_equal(before, nn_exec_output(t.exec, 0), sizeof(before));
    net_free(&t);
}

static void test_a_split_head_leaves_logits(void **state)
{
    nn_real x[N * 4], logits[N * 3];
    net t;

    (void)state;
    net_make(
        &t,
        "[{\"type\":\"Dense\",\"units\":3},{\"type\":\"Activation\",\"activation\":\"softmax\"}]",
        nn_shape_1(4), N, 1, NN_TRAIN);
    net_numbers(x, N * 4, 1);
    const nn_real *y = nn_exec_forward(t.exec, x, N, true, 0);
    memcpy(logits, nn_exec_output(t.exec, 0), sizeof(logits));
    assert_memory_not_equal(y, logits, sizeof(logits));
    assert_true(fabs((double)(y[0] + y[1] + y[2]) - 1) < 1e-6);
    assert_true(nn_graph_split_head(t.graph, "softmax"));
    y = nn_exec_forward(t.exec, x, N, true, 0);
    assert_memory_equal(y, logits, sizeof(logits));
    net_free(&t);
}

/* A loss with a head turns the output into predictions; relu's backward looks at what it was. */
static void test_what_a_loss_makes_of_the_output_does_not_reach_backward(void **state)
{
    static const char text[] = "[{\"type\":\"Dense\",\"units\":3,\"activation\":\"relu\"},"
                               "{\"type\":\"Reshape\",\"target_shape\":[3]}]";
    nn_real x[N * 4], expected[4 * 3];
    nn_err err = {0};
    net t;

    (void)state;
    net_make(&t, text, nn_shape_1(4), N, 1, NN_TRAIN);
    nn_exec_free(t.exec);
    nn_choice_default(&t.graph->head, nn_family_find(&nn_activations, "softmax"));
    assert_int_equal(nn_exec_new(&t.exec, t.graph, t.weights, t.pool, N, NN_TRAIN, 0, &err), NN_OK);
    net_numbers(x, N * 4, 1);
    for (int pass = 0; pass < 2; pass++) {
        nn_real *y = nn_exec_forward(t.exec, x, N, true, 0);

        for (int i = 0; pass == 1 && i < N * 3; i++)
            y[i] = (nn_real)0.5;
        net_numbers(nn_exec_dy(t.exec), N * 3, 2);
        nn_exec_backward(t.exec, N);
        if (pass == 0)
            memcpy(expected, nn_exec_gradients(t.exec), sizeof(expected));
    }
    assert_memory_equal(expected, nn_exec_gradients(t.exec), sizeof(expected));
    net_free(&t);
}

static void test_every_failed_allocation_is_survived(void **state)
{
    nn_code rc = NN_ELIMIT;
    nn_err err = {0};
    net t;

    (void)state;
    net_make(&t, chain, nn_shape_1(4), N, 1, NN_TRAIN);
    for (uint64_t n = 1; rc != NN_OK; n++) {
        const uint64_t before = nn_mem_read().live;
        nn_exec *exec = NULL;

        assert_true(n < 100);
        nn_mem_fail_at(n);
        rc = nn_exec_new(&exec, t.graph, t.weights, t.pool, N, NN_TRAIN, 0, &err);
        nn_mem_fail_at(0);
        assert_true(rc == NN_OK ? exec != NULL && n > 5 : rc == NN_ELIMIT && exec == NULL);
        nn_exec_free(exec);
        assert_int_equal(nn_mem_read().live, before);
    }
    net_free(&t);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views_share_their_inputs_memory),
        cmocka_unit_test(test_what_does_nothing_in_inference_shares_as_well),
        cmocka_unit_test(test_the_output_is_never_the_input),
        cmocka_unit_test(test_arithmetic_of_backward_is_counted_by_what_is_wanted),
        cmocka_unit_test(test_memory_in_inference_is_that_of_two_layers),
        cmocka_unit_test(test_a_batch_that_is_too_large_is_refused),
        cmocka_unit_test(test_a_step_allocates_nothing),
        cmocka_unit_test(test_frozen_weights_get_no_gradient),
        cmocka_unit_test(test_the_inputs_gradient_can_be_had_and_left_out),
        cmocka_unit_test(test_dropout_keeps_the_share_it_should_and_scales_it),
        cmocka_unit_test(test_randomness_is_a_function_of_step_and_layer),
        cmocka_unit_test(test_the_first_layer_with_nan_is_named),
        cmocka_unit_test(test_what_may_be_absorbed),
        cmocka_unit_test(test_absorbed_layers_take_no_memory),
        cmocka_unit_test(test_outputs_outlive_the_backward_pass),
        cmocka_unit_test(test_a_split_head_leaves_logits),
        cmocka_unit_test(test_what_a_loss_makes_of_the_output_does_not_reach_backward),
        cmocka_unit_test(test_every_failed_allocation_is_survived),
    };
    return nn_test_main(argc, argv, tests);
}
