/* What layers that see time promise beside their values: causality, dropout, first values, rows. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "nn/stepper.h"
#include "nn/support/net.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS = 7, FEATURES = 3, SAMPLES = 5 };

/* changed[t]: does the output of step t change, in any sample, when the inputs from step `from` on
 * do? */
static void find_changed(const char *layers, int from, bool changed[STEPS])
{
    const nn_shape in = nn_shape_2(STEPS, FEATURES);
    const size_t sample = (size_t)STEPS * FEATURES;
    nn_real x[SAMPLES * STEPS * FEATURES];
    net t;

    net_make(&t, layers, in, SAMPLES, 2, NN_INFER);
    const size_t width = (size_t)nn_shape_last(&t.graph->out), len = SAMPLES * STEPS * width;
    nn_real *before = nn_alloc(len, sizeof(*before));

    assert_int_equal(t.graph->out.dim[0], STEPS);
    net_numbers(x, SAMPLES * sample, 1);
    memcpy(before, nn_exec_forward(t.exec, x, SAMPLES, false, 0), len * sizeof(*before));
    for (size_t i = 0; i < SAMPLES * sample; i++)
        x[i] += i % sample >= (size_t)from * FEATURES ? 1 : 0;
    const nn_real *after = nn_exec_forward(t.exec, x, SAMPLES, false, 0);
    for (size_t i = 0; i < SAMPLES * STEPS; i++)
        changed[i % STEPS] |=
            memcmp(before + i * width, after + i * width, width * sizeof(*after)) != 0;
    nn_free(before);
    net_free(&t);
}

/* Every step before `from` must stay as it was, and from there on change. */
static void expect_causal(const char *layers)
{
    for (int from = 1; from < STEPS; from++) {
        bool changed[STEPS] = {false};

        find_changed(layers, from, changed);
        for (int t = 0; t < STEPS; t++) {
            if (changed[t] != (t >= from))
                fail_msg("%s: step %d %s when the inputs from step %d on do", layers, t,
                         changed[t] ? "changes" : "stays", from);
        }
    }
}

static void test_causal_layers_do_not_see_what_comes_after(void **state)
{
    (void)state;
    expect_causal("[{\"type\":\"SimpleRNN\",\"units\":4,\"return_sequences\":true}]");
    expect_causal("[{\"type\":\"LSTM\",\"units\":4,\"return_sequences\":true}]");
    expect_causal("[{\"type\":\"GRU\",\"units\":4,\"return_sequences\":true}]");
    expect_causal(
        "[{\"type\":\"MultiHeadAttention\",\"num_heads\":2,\"key_dim\":3,\"causal\":true}]");
    expect_causal("[{\"type\":\"Conv1D\",\"filters\":3,\"kernel_size\":7,"
                  "\"padding\":\"causal\"}]");
    expect_causal("[{\"type\":\"PositionalEncoding\",\"name\":\"in\"},"
                  "{\"type\":\"MultiHeadAttention\",\"num_heads\":2,\"key_dim\":3,\"causal\":true},"
                  "{\"type\":\"Add\",\"inputs\":[\"in\",\"multi_head_attention\"],\"name\":\"a\"},"
                  "{\"type\":\"TimeDistributed\",\"layer\":{\"type\":\"Dense\",\"units\":3}},"
                  "{\"type\":\"Add\",\"inputs\":[\"a\",\"time_distributed\"]}]");
}

static void test_attention_and_both_directions_see_everything(void **state)
{
    bool attention[STEPS] = {false}, both[STEPS] = {false};

    (void)state;
    find_changed("[{\"type\":\"MultiHeadAttention\",\"num_heads\":2,\"key_dim\":3}]", STEPS - 1,
                 attention);
    find_changed("[{\"type\":\"Bidirectional\",\"layer\":"
                 "{\"type\":\"GRU\",\"units\":3,\"return_sequences\":true}}]",
                 STEPS - 1, both);
    for (int t = 0; t < STEPS; t++)
        assert_true(attention[t] && both[t]);
}

/* Which steps of the output count, of samples whose steps from `len` on are zeros; "": all do. */
static void expect_mask(const char *layers, size_t len, const char *expected)
{
    nn_real x[SAMPLES * STEPS * FEATURES];
    net t;

    net_make(&t, layers, nn_shape_2(STEPS, FEATURES), SAMPLES, 2, NN_INFER);
    for (size_t i = 0; i < SAMPLES * STEPS * FEATURES; i++)
        x[i] = i / FEATURES % STEPS < len ? (nn_real)0.5 : 0;
    (void)nn_exec_forward(t.exec, x, SAMPLES, false, 0);
    const unsigned char *mask = nn_exec_mask(t.exec);
    const size_t steps = strlen(expected);

    assert_int_equal(mask != NULL, steps > 0);
    for (size_t i = 0; i < SAMPLES * steps; i++)
        assert_int_equal(mask[i], expected[i % steps] - '0');
    net_free(&t);
}

#define MASKING "[{\"type\":\"Masking\",\"name\":\"m\"},"

static void test_masks_go_as_far_as_steps_do(void **state)
{
    (void)state;
    expect_mask(MASKING
                "{\"type\":\"Dense\",\"units\":2},{\"type\":\"Dropout\",\"rate\":0.5},"
                "{\"type\":\"LayerNormalization\"},{\"type\":\"PositionalEncoding\"},"
                "{\"type\":\"MultiHeadAttention\",\"num_heads\":1,\"key_dim\":2},"
                "{\"type\":\"GRU\",\"units\":2,\"return_sequences\":true},"
                "{\"type\":\"TimeDistributed\",\"layer\":{\"type\":\"Dense\",\"units\":2}}]",
                5, "1111100");
    expect_mask(MASKING "{\"type\":\"GRU\",\"units\":2}]", 5, "");
    expect_mask(MASKING "{\"type\":\"Flatten\"}]", 5, "");
    expect_mask(MASKING "{\"type\":\"Conv1D\",\"filters\":2,\"kernel_size\":1}]", 5, "");
    expect_mask(MASKING "{\"type\":\"Add\",\"inputs\":[\"m\",\"m\"]}]", 3, "1110000");
    expect_mask(MASKING "{\"type\":\"Add\",\"inputs\":[\"m\",\"input\"]}]", 3, "");
    expect_mask(MASKING "{\"type\":\"Concatenate\",\"inputs\":[\"input\",\"m\"]}]", 3, "1110000");
    expect_mask(MASKING "{\"type\":\"Concatenate\",\"axis\":1,\"inputs\":[\"input\",\"m\"]}]", 3,
                "11111111110000");
}

/*
 * Two sequences of x, one step after another, twice over, against the whole at once: numbers for
 * `steps` steps as the graph's input, of `width` numbers each, whole numbers below `tokens` if any.
 */
static void expect_steps(const char *layers, nn_shape in, int tokens)
{
    enum { PAIR = 2, MOST = 400 };
    const size_t steps = (size_t)in.dim[0], width = nn_shape_len(&in) / steps;
    nn_real x[MOST], pair[MOST];
    nn_stepper *s = NULL;
    nn_err err = {0};
    net t;

    net_make(&t, layers, in, PAIR, 2, NN_INFER);
    for (size_t i = 0; i < t.graph->weights_len; i++)
        t.weights[i] *= 2;
    net_numbers(x, PAIR * steps * width, 3);
    for (size_t i = 0; tokens > 0 && i < PAIR * steps * width; i++)
        x[i] = (nn_real)floor(fmod(fabs((double)x[i]) * 5, tokens));
    const nn_real *y = nn_exec_forward(t.exec, x, PAIR, false, 0);
    const size_t out = nn_shape_len(&t.graph->out);
    const bool each = t.graph->out.rank > 1;

    assert_ok(nn_stepper_new(&s, t.graph, t.weights, t.pool, PAIR, &err), err);
    assert_int_equal(nn_stepper_inputs(s), width);
    assert_int_equal(nn_stepper_outputs(s), each ? out / steps : out);
    for (size_t k = 0; k < 2 * steps; k++) {
        const size_t now = k % steps, len = nn_stepper_outputs(s);

        if (now == 0)
            nn_stepper_reset(s);
        for (size_t i = 0; i < PAIR; i++)
            memcpy(pair + i * width, x + (i * steps + now) * width, width * sizeof(*x));
        const nn_real *got = nn_stepper_run(s, pair);
        for (size_t i = 0; i < PAIR * len && (each || now == steps - 1); i++) {
            const nn_real want = y[i / len * out + (each ? now * len : 0) + i % len];

            if (!(fabs((double)(got[i] - want)) <= 2e-6 * (1 + fabs((double)want))))
                fail_msg("%s: step %zu: %g instead of %g", layers, now, (double)got[i],
                         (double)want);
        }
    }
    nn_stepper_free(s);
    net_free(&t);
}

#define TRANSFORMER                                                                                \
    "{\"type\":\"MultiHeadAttention\",\"num_heads\":2,\"key_dim\":3,\"causal\":true,\"name\":"     \
    "\"a\"},"                                                                                      \
    "{\"type\":\"Add\",\"inputs\":[\"in\",\"a\"],\"name\":\"b\"},{\"type\":"                       \
    "\"LayerNormalization\"},"                                                                     \
    "{\"type\":\"Dense\",\"units\":5,\"activation\":\"gelu\"},"                                    \
    "{\"type\":\"TimeDistributed\",\"layer\":{\"type\":\"Dense\",\"units\":4}},{\"type\":"         \
    "\"Dropout\","                                                                                 \
    "\"rate\":0.2,\"name\":\"c\"},{\"type\":\"Concatenate\",\"inputs\":[\"b\",\"c\"]},"            \
    "{\"type\":\"MultiHeadAttention\",\"num_heads\":1,\"key_dim\":2,\"causal\":true},"             \
    "{\"type\":\"Dense\",\"units\":6,\"activation\":\"softmax\"}]"

static void test_steps_give_what_the_whole_sequence_gives(void **state)
{
    const nn_shape numbers = nn_shape_2(STEPS, FEATURES), tokens = nn_shape_1(2 * STEPS);

    (void)state;
    expect_steps("[{\"type\":\"SimpleRNN\",\"units\":4,\"return_sequences\":true}]", numbers, 0);
    expect_steps("[{\"type\":\"LSTM\",\"units\":4,\"return_sequences\":true},"
                 "{\"type\":\"LSTM\",\"units\":3,\"return_sequences\":true},"
                 "{\"type\":\"BatchNormalization\"},{\"type\":\"Dense\",\"units\":2}]",
                 numbers, 0);
    expect_steps("[{\"type\":\"GRU\",\"units\":4,\"return_sequences\":true},"
                 "{\"type\":\"GRU\",\"units\":3,\"reset_after\":false},{\"type\":\"Reshape\","
                 "\"target_shape\":[3,1]},{\"type\":\"LSTM\",\"units\":2,\"go_backwards\":true}]",
                 numbers, 0);
    expect_steps("[{\"type\":\"Embedding\",\"input_dim\":5,\"output_dim\":4},"
                 "{\"type\":\"PositionalEncoding\",\"name\":\"in\"}," TRANSFORMER,
                 tokens, 5);
    expect_steps(
        "[{\"type\":\"Embedding\",\"input_dim\":3,\"output_dim\":4,\"mask_zero\":true},"
        "{\"type\":\"PositionalEncoding\",\"encoding\":\"learned\",\"name\":\"in\"}," TRANSFORMER,
        tokens, 3);
    expect_steps("[{\"type\":\"Embedding\",\"input_dim\":3,\"output_dim\":4,\"mask_zero\":true},"
                 "{\"type\":\"LSTM\",\"units\":4,\"return_sequences\":true},"
                 "{\"type\":\"GRU\",\"units\":2}]",
                 tokens, 3);
    expect_steps("[{\"type\":\"Conv1D\",\"filters\":5,\"kernel_size\":3,\"dilation_rate\":2,"
                 "\"padding\":\"causal\",\"activation\":\"gelu\"},{\"type\":\"Conv1D\","
                 "\"filters\":4,\"kernel_size\":1,\"padding\":\"causal\",\"use_bias\":false},"
                 "{\"type\":\"Conv1D\",\"filters\":3,\"kernel_size\":2,\"padding\":\"causal\"},"
                 "{\"type\":\"Activation\",\"activation\":\"softmax\"}]",
                 numbers, 0);
}

static void test_a_stepper_tells_how_far_it_can_go(void **state)
{
    const nn_real x[FEATURES] = {1, 2, 3};
    nn_stepper *s = NULL;
    nn_err err = {0};
    net t;

    (void)state;
    net_make(&t, "[{\"type\":\"GRU\",\"units\":2}]", nn_shape_2(STEPS, FEATURES), 1, 1, NN_INFER);
    assert_ok(nn_stepper_new(&s, t.graph, t.weights, t.pool, 1, &err), err);
    for (int i = 0; i < 3 * STEPS; i++)
        (void)nn_stepper_run(s, x);
    assert_true(nn_stepper_left(s) == SIZE_MAX);
    nn_stepper_free(s);
    net_free(&t);
    net_make(&t, "[{\"type\":\"PositionalEncoding\"},{\"type\":\"GRU\",\"units\":2}]",
             nn_shape_2(STEPS, FEATURES), 1, 1, NN_INFER);
    assert_ok(nn_stepper_new(&s, t.graph, t.weights, t.pool, 1, &err), err);
    assert_int_equal(nn_stepper_left(s), STEPS);
    (void)nn_stepper_run(s, x);
    assert_int_equal(nn_stepper_left(s), STEPS - 1);
    nn_stepper_reset(s);
    assert_int_equal(nn_stepper_left(s), STEPS);
    nn_stepper_free(s);
    net_free(&t);
}

static void test_a_stepper_survives_every_failed_allocation(void **state)
{
    const nn_real x[FEATURES] = {1, 2, 3};
    nn_code rc = NN_ELIMIT;
    nn_err err = {0};
    net t;

    (void)state;
    net_make(&t,
             "[{\"type\":\"TimeDistributed\",\"layer\":{\"type\":\"Dense\",\"units\":2}},"
             "{\"type\":\"LSTM\",\"units\":2}]",
             nn_shape_2(STEPS, FEATURES), 1, 1, NN_INFER);
    for (uint64_t n = 1; rc != NN_OK; n++) {
        const uint64_t before = nn_mem_read().live;
        nn_stepper *s = NULL;

        assert_true(n < 100);
        nn_mem_fail_at(n);
        rc = nn_stepper_new(&s, t.graph, t.weights, t.pool, 1, &err);
        if (rc == NN_OK)
            (void)nn_stepper_run(s, x); /* a step allocates nothing */
        assert_true(rc == NN_OK ? n > 9 && nn_mem_read().live > before
                                : rc == NN_ELIMIT && s == NULL);
        nn_mem_fail_at(0);
        nn_stepper_free(s);
        assert_int_equal(nn_mem_read().live, before);
    }
    net_free(&t);
}

static void expect_no_steps(const char *layers, nn_shape in, const char *message)
{
    nn_stepper *s = NULL;
    nn_err err = {0};
    net t;

    net_make(&t, layers, in, 1, 1, NN_INFER);
    assert_int_equal(nn_stepper_new(&s, t.graph, t.weights, t.pool, 1, &err), NN_EMODEL);
    assert_string_equal(err.msg, message);
    assert_null(s);
    net_free(&t);
}

static void test_what_sees_ahead_cannot_run_step_by_step(void **state)
{
    const nn_shape in = nn_shape_2(STEPS, FEATURES);

    (void)state;
#define CANNOT "the network cannot run step by step: "
#define AHEAD                                                                                      \
    " sees steps that come after, or mixes steps; attention with `causal`, Conv1D with padding "   \
    "\"causal\" and strides 1, and recurrent layers without go_backwards only look back"
    expect_no_steps("[{\"type\":\"MultiHeadAttention\",\"num_heads\":2,\"key_dim\":2}]", in,
                    CANNOT "\"multi_head_attention\" (MultiHeadAttention)" AHEAD);
    expect_no_steps("[{\"type\":\"GRU\",\"units\":2,\"go_backwards\":true}]", in,
                    CANNOT "\"gru\" (GRU)" AHEAD);
    expect_no_steps("[{\"type\":\"Conv1D\",\"filters\":2,\"kernel_size\":2}]", in,
                    CANNOT "\"conv1d\" (Conv1D)" AHEAD);
    expect_no_steps("[{\"type\":\"Conv1D\",\"filters\":2,\"kernel_size\":2,\"strides\":2,"
                    "\"padding\":\"causal\"}]",
                    in, CANNOT "\"conv1d\" (Conv1D)" AHEAD);
    expect_no_steps("[{\"type\":\"Bidirectional\",\"layer\":{\"type\":\"GRU\",\"units\":2}}]", in,
                    CANNOT "\"bidirectional\" (Bidirectional)" AHEAD);
    expect_no_steps("[{\"type\":\"Dense\",\"units\":2},{\"type\":\"Flatten\"}]", in,
                    CANNOT "\"flatten\" (Flatten)" AHEAD);
    expect_no_steps("[{\"type\":\"Dense\",\"units\":2}]", nn_shape_1(3),
                    CANNOT "its input is not a sequence");
}

/* What an untrained layer gives for inputs of ones, in training or not; [SAMPLES][units]. */
static void run_ones(const char *layers, bool training, uint64_t step, nn_real *y, size_t len)
{
    nn_real x[SAMPLES * STEPS * FEATURES];
    net t;

    for (size_t i = 0; i < SAMPLES * STEPS * FEATURES; i++)
        x[i] = 1;
    net_make(&t, layers, nn_shape_2(STEPS, FEATURES), SAMPLES, 1, NN_TRAIN);
    assert_int_equal(SAMPLES * nn_shape_len(&t.graph->out), len);
    memcpy(y, nn_exec_forward(t.exec, x, SAMPLES, training, step), len * sizeof(*y));
    net_free(&t);
}

static bool are_equal(const nn_real *a, const nn_real *b, size_t len)
{
    return memcmp(a, b, len * sizeof(*a)) == 0;
}

static void expect_dropout(const char *plain, const char *drops)
{
    enum { LEN = SAMPLES * 6 };
    nn_real whole[LEN], quiet[LEN], first[LEN], again[LEN], second[LEN];

    run_ones(plain, true, 0, whole, LEN);
    run_ones(drops, false, 0, quiet, LEN);
    run_ones(drops, true, 0, first, LEN);
    run_ones(drops, true, 0, again, LEN);
    run_ones(drops, true, 1, second, LEN);
    assert_true(are_equal(whole, quiet, LEN));    /* nothing is dropped without training */
    assert_false(are_equal(whole, first, LEN));   /* but then it is, */
    assert_true(are_equal(first, again, LEN));    /* the same at the same step, */
    assert_false(are_equal(first, second, LEN));  /* and something else at the next */
    assert_false(are_equal(first, first + 6, 6)); /* for every sample its own */
}

static void test_dropout_is_for_training_and_new_at_every_step(void **state)
{
    (void)state;
    expect_dropout("[{\"type\":\"LSTM\",\"units\":6}]",
                   "[{\"type\":\"LSTM\",\"units\":6,\"dropout\":0.5}]");
    expect_dropout("[{\"type\":\"LSTM\",\"units\":6}]",
                   "[{\"type\":\"LSTM\",\"units\":6,\"recurrent_dropout\":0.5}]");
    expect_dropout("[{\"type\":\"GRU\",\"units\":6}]",
                   "[{\"type\":\"GRU\",\"units\":6,\"recurrent_dropout\":0.5}]");
}

/* The two directions have the same weights and see the same, but for what they drop. */
static void test_each_direction_drops_numbers_of_its_own(void **state)
{
    enum { LEN = SAMPLES * 8 };
    const char *layers =
        "[{\"type\":\"Bidirectional\",\"layer\":{\"type\":\"SimpleRNN\",\"units\":4,"
        "\"kernel_initializer\":\"ones\",\"recurrent_initializer\":\"zeros\","
        "\"dropout\":0.5}}]";
    nn_real quiet[LEN], drops[LEN];
    bool differ = false;

    (void)state;
    run_ones(layers, false, 0, quiet, LEN);
    run_ones(layers, true, 0, drops, LEN);
    for (size_t i = 0; i < SAMPLES; i++) {
        assert_true(are_equal(quiet + 8 * i, quiet + 8 * i + 4, 4));
        differ |= !are_equal(drops + 8 * i, drops + 8 * i + 4, 4);
    }
    assert_true(differ);
}

/*
 * Both kernels 1, no activation: y = k x + r k x after two steps, where k and r are 0 or 4/3, each
 * by itself, for what is kept of the input and of the state.
 */
static void test_dropout_masks_stay_through_time_and_do_not_depend_on_each_other(void **state)
{
    enum { MANY = 400 };
    static const double values[] = {0, 4, 4 + 16 / 3.0};
    nn_real x[MANY * 2];
    int met[3] = {0};
    net t;

    (void)state;
    net_make(&t,
             "[{\"type\":\"SimpleRNN\",\"units\":1,\"activation\":\"linear\",\"dropout\":0.25,"
             "\"recurrent_dropout\":0.25,"
             "\"kernel_initializer\":\"ones\",\"recurrent_initializer\":\"ones\"}]",
             nn_shape_2(2, 1), MANY, 2, NN_TRAIN);
    for (size_t i = 0; i < MANY * 2; i++)
        x[i] = 3;
    const nn_real *y = nn_exec_forward(t.exec, x, MANY, true, 0);
    for (size_t i = 0; i < MANY; i++) {
        int k = 0;

        while (k < 3 && fabs((double)y[i] - values[k]) > 1e-5)
            k++;
        if (k == 3)
            fail_msg("y[%zu] is %g", i, (double)y[i]);
        met[k]++;
    }
    assert_true(abs(met[0] - MANY / 4) < 40); /* 100, 75 and 225 are expected */
    assert_true(abs(met[1] - 3 * MANY / 16) < 35);
    assert_memory_not_equal(y, y + 16, 16 * sizeof(*y)); /* other samples, other numbers */
    net_free(&t);
}

static const nn_real *weight_of(const net *t, int i)
{
    const nn_layer *l = NULL;

    return t->weights + nn_graph_weight(t->graph, i, &l)->at;
}

static void test_forget_gates_begin_open(void **state)
{
    net t;

    (void)state;
    net_make(&t,
             "[{\"type\":\"LSTM\",\"units\":2,\"bias_initializer\":{\"type\":\"constant\","
             "\"value\":0.5},\"return_sequences\":true},"
             "{\"type\":\"LSTM\",\"units\":2,\"unit_forget_bias\":false}]",
             nn_shape_2(2, 1), 1, 1, NN_INFER);
    for (int i = 0; i < 8; i++) {
        assert_true(weight_of(&t, 2)[i] == (i == 2 || i == 3 ? 1 : (nn_real)0.5));
        assert_true(weight_of(&t, 5)[i] == 0);
    }
    net_free(&t);
}

static void test_recurrent_kernels_begin_orthogonal(void **state)
{
    net t;

    (void)state;
    net_make(&t, "[{\"type\":\"GRU\",\"units\":4}]", nn_shape_2(2, 3), 1, 1, NN_INFER);
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 4; k++) {
            double dot = 0;

            for (int j = 0; j < 12; j++)
                dot += (double)weight_of(&t, 1)[12 * i + j] * (double)weight_of(&t, 1)[12 * k + j];
            assert_true(fabs(dot - (i == k)) < 1e-5);
        }
    }
    net_free(&t);
}

/* 2.9 stands for row 2, as in Keras; what is no row must not pass for one. */
static void test_embedding_gives_nan_for_numbers_without_a_row(void **state)
{
    const nn_real x[] = {0, 2, (nn_real)2.9, 3, -1, (nn_real)NAN, (nn_real)1e30};
    net t;

    (void)state;
    net_make(&t, "[{\"type\":\"Embedding\",\"input_dim\":3,\"output_dim\":2}]", nn_shape_1(7), 1, 1,
             NN_TRAIN);
    const nn_real *y = nn_exec_forward(t.exec, x, 1, true, 0);
    for (int i = 0; i < 7; i++) {
        if (i < 3)
            assert_memory_equal(y + 2 * i, weight_of(&t, 0) + (i == 0 ? 0 : 4), 2 * sizeof(*y));
        else
            assert_true(isnan(y[2 * i]) && isnan(y[2 * i + 1]));
    }
    for (int i = 0; i < 14; i++)
        nn_exec_dy(t.exec)[i] = (nn_real)(i + 1);
    nn_exec_backward(t.exec, 1); /* rows that are none add to nothing */
    const nn_real *dw = nn_exec_gradients(t.exec);
    assert_true(dw[0] == 1 && dw[1] == 2 && dw[2] == 0 && dw[3] == 0 && dw[4] == 3 + 5 &&
                dw[5] == 4 + 6);
    net_free(&t);
}

/* The gradient of a batch is the sum of its samples', however the batch is cut. */
static void test_gradients_of_large_batches_are_sums(void **state)
{
    enum { MANY = 70, IN = 4 * 3, OUT = 5 };
    static const char *const layers[] = {"[{\"type\":\"LSTM\",\"units\":5}]",
                                         "[{\"type\":\"GRU\",\"units\":5}]",
                                         "[{\"type\":\"GRU\",\"units\":5,\"reset_after\":false}]",
                                         "[{\"type\":\"SimpleRNN\",\"units\":5}]",
                                         ("[{\"type\":\"Bidirectional\",\"merge_mode\":\"mul\","
                                          "\"layer\":{\"type\":\"LSTM\",\"units\":5}}]")};
    nn_real x[MANY * IN], dy[MANY * OUT];

    (void)state;
    net_numbers(x, MANY * IN, 1);
    net_numbers(dy, MANY * OUT, 2);
    for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
        net t;

        net_make(&t, layers[i], nn_shape_2(4, 3), MANY, 2, NN_TRAIN);
        const size_t len = t.graph->weights_len;
        double *sum = nn_alloc(len, sizeof(*sum));

        for (size_t k = 0; k < MANY; k++) {
            (void)nn_exec_forward(t.exec, x + k * IN, 1, true, 0);
            memcpy(nn_exec_dy(t.exec), dy + k * OUT, OUT * sizeof(*dy));
            nn_exec_backward(t.exec, 1);
            for (size_t j = 0; j < len; j++)
                sum[j] += (double)nn_exec_gradients(t.exec)[j];
        }
        (void)nn_exec_forward(t.exec, x, MANY, true, 0);
        memcpy(nn_exec_dy(t.exec), dy, sizeof(dy));
        nn_exec_backward(t.exec, MANY);
        for (size_t j = 0; j < len; j++)
            assert_true(fabs((double)nn_exec_gradients(t.exec)[j] - sum[j]) < 1e-4);
        nn_free(sum);
        net_free(&t);
    }
}

/* Widths that fill no vector and no tile, and more shards than threads. */
static void test_uneven_sizes_give_the_same_bytes_on_any_number_of_threads(void **state)
{
    enum { MANY = 75, IN = 9 * 5, UNITS = 37 };
    static const char *const layers[] = {
        "[{\"type\":\"LSTM\",\"units\":37}]", "[{\"type\":\"GRU\",\"units\":37,\"dropout\":0.2}]",
        "[{\"type\":\"MultiHeadAttention\",\"num_heads\":3,\"key_dim\":7},"
        "{\"type\":\"Bidirectional\",\"layer\":{\"type\":\"SimpleRNN\",\"units\":37},"
        "\"merge_mode\":\"sum\"}]"};
    nn_real *x = nn_alloc(MANY * IN, sizeof(*x)), *dy = nn_alloc(MANY * UNITS, sizeof(*dy));

    (void)state;
    net_numbers(x, MANY * IN, 1);
    net_numbers(dy, MANY * UNITS, 2);
    for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
        nn_real *first = NULL;

        for (int threads = 1; threads <= 5; threads += threads == 3 ? 2 : 1) {
            net t;

            net_make(&t, layers[i], nn_shape_2(9, 5), MANY, threads, NN_TRAIN);
            const size_t len = t.graph->weights_len;
            const uint64_t calls = nn_mem_read().calls;

            (void)nn_exec_forward(t.exec, x, MANY, true, 3);
            memcpy(nn_exec_dy(t.exec), dy, MANY * UNITS * sizeof(*dy));
            nn_exec_backward(t.exec, MANY);
            assert_int_equal(nn_mem_read().calls, calls); /* a step allocates nothing */
            if (first == NULL) {
                first = nn_alloc(len, sizeof(*first));
                memcpy(first, nn_exec_gradients(t.exec), len * sizeof(*first));
            }
            assert_memory_equal(first, nn_exec_gradients(t.exec), len * sizeof(*first));
            net_free(&t);
        }
        nn_free(first);
    }
    nn_free(x);
    nn_free(dy);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causal_layers_do_not_see_what_comes_after),
        cmocka_unit_test(test_masks_go_as_far_as_steps_do),
        cmocka_unit_test(test_steps_give_what_the_whole_sequence_gives),
        cmocka_unit_test(test_a_stepper_tells_how_far_it_can_go),
        cmocka_unit_test(test_a_stepper_survives_every_failed_allocation),
        cmocka_unit_test(test_what_sees_ahead_cannot_run_step_by_step),
        cmocka_unit_test(test_attention_and_both_directions_see_everything),
        cmocka_unit_test(test_dropout_is_for_training_and_new_at_every_step),
        cmocka_unit_test(test_each_direction_drops_numbers_of_its_own),
        cmocka_unit_test(test_dropout_masks_stay_through_time_and_do_not_depend_on_each_other),
        cmocka_unit_test(test_forget_gates_begin_open),
        cmocka_unit_test(test_recurrent_kernels_begin_orthogonal),
        cmocka_unit_test(test_embedding_gives_nan_for_numbers_without_a_row),
        cmocka_unit_test(test_gradients_of_large_batches_are_sums),
        cmocka_unit_test(test_uneven_sizes_give_the_same_bytes_on_any_number_of_threads),
    };
    return nn_test_main(argc, argv, tests);
}
