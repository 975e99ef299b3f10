/* Building graphs: names, order, shapes, weights by hand, and every fault in the user's words. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "nn/support/net.h"

/* The layers must give exactly these problems, in this order; the list ends with NULL. */
static void expect_list(const char *layers, nn_shape in, const char *const *expected)
{
    char got[NN_MSG_SIZE + NN_WHERE_SIZE];
    nn_err err = {0};
    size_t i = 0;
    net t;

    assert_int_equal(net_read(&t, layers, in, NULL, &err), NN_ECONFIG);
    assert_null(t.graph);
    for (; i < t.problems.count && expected[i] != NULL; i++)
        assert_string_equal(net_problem(&t, i, got, sizeof(got)), expected[i]);
    if (i < t.problems.count)
        fail_msg("one more problem: %s", net_problem(&t, i, got, sizeof(got)));
    if (expected[i] != NULL)
        fail_msg("missing: %s", expected[i]);
    net_free(&t);
}

#define expect_faults(layers, in, ...)                                                             \
    expect_list(layers, in, (const char *const[]){__VA_ARGS__, NULL})

static void read_ok(net *t, const char *layers, nn_shape in)
{
    nn_err err = {0};

    assert_ok(net_read(t, layers, in, NULL, &err), err);
}

static void test_default_names_are_keras(void **state)
{
    net t;

    (void)state;
    read_ok(&t,
            "[{\"type\":\"Dense\",\"units\":2},{\"type\":\"GaussianNoise\",\"stddev\":1},"
            "{\"type\":\"Dense\",\"units\":2},{\"type\":\"Dense\",\"units\":2}]",
            nn_shape_1(3));
    assert_string_equal(t.graph->layer[0]->name, "dense");
    assert_string_equal(t.graph->layer[1]->name, "gaussian_noise");
    assert_string_equal(t.graph->layer[2]->name, "dense_1");
    assert_string_equal(t.graph->layer[3]->name, "dense_2");
    net_free(&t);
}

#define FIVE  nn_shape_1(NET_COLUMNS) /* of which net_categories are numbers of categories */
#define EMBED "{\"type\":\"ColumnEmbedding\""

static void test_columns_become_rows_of_their_own_embeddings(void **state)
{
    const nn_real x[2][NET_COLUMNS] = {{0.5, 4, -2, 0, 5}, {-7, 0, 3, -1, 6}};
    const nn_real *y = NULL, *w = NULL;
    net t;

    (void)state;
    net_make(&t, "[" EMBED ",\"output_dim\":2}]", FIVE, 2, 1, NN_INFER);
    assert_int_equal(nn_shape_len(&t.graph->out), 2 + 3 * 2);
    assert_string_equal(t.graph->layer[0]->weight[0].name, "embeddings");
    assert_int_equal(t.graph->layer[0]->weight[0].shape.dim[0], 5 + 9 + 6);
    w = t.weights + t.graph->layer[0]->weight[0].at;
    y = nn_exec_forward(t.exec, &x[0][0], 2, false, 0);
    assert_true(y[0] == x[0][0] && y[3] == x[0][2]);
    assert_memory_equal(&y[1], w + 2 * 4, 2 * sizeof *w);
    assert_memory_equal(&y[4], w + 2 * 5, 2 * sizeof *w);
    assert_memory_equal(&y[6], w + 2 * (5 + 9 + 5), 2 * sizeof *w);
    assert_true(y[8] == x[1][0] && y[11] == x[1][2]);
    assert_memory_equal(&y[9], w, 2 * sizeof *w);
    assert_true(y[12] == 0 && y[13] == 0);         /* none of the categories */
    assert_true(y[14] != y[14] && y[15] != y[15]); /* one that there is not: NaN */
    net_free(&t);
}

static void test_categories_are_embedded_before_a_network_that_does_not_say_how(void **state)
{
    const int none[NET_COLUMNS] = {0};
    nn_buf text = {0};
    nn_err err = {0};
    nn_graph *g = NULL;
    net t;

    (void)state;
    /* The name makes the support hand over its categories. */
    read_ok(&t,
            "[{\"type\":\"Dense\",\"units\":2,\"name\":\"noColumnEmbedding\"},"
            "{\"type\":\"Dense\",\"units\":2,\"inputs\":[\"input\"],\"name\":\"b\"},"
            "{\"type\":\"Add\",\"inputs\":[\"b\",\"noColumnEmbedding\"]}]",
            FIVE);
    assert_int_equal(t.graph->count, 4);
    assert_string_equal(t.graph->layer[0]->name, "column_embedding");
    assert_int_equal(t.graph->layer[0]->from[0], -1);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(t.graph->layer[i]->from[0], 0);
        assert_int_equal(nn_shape_len(&t.graph->layer[i]->in[0]), 2 + 3 * 8);
    }
    nn_graph_write(t.graph, &text);
    assert_ptr_equal(strstr(text.data, EMBED), text.data + 1); /* resolved, it is said */
    nn_buf_free(&text);
    assert_ok(nn_graph_new(&g, nn_doc_root(t.doc), FIVE, NULL, none, &err), err);
    assert_int_equal(g->count, 3);
    nn_graph_free(g);
    net_free(&t);
}

static void test_an_embedding_of_columns_needs_columns(void **state)
{
    static const char fault[] =
        "[1]: ColumnEmbedding takes the model's input, a row of a table in which data.columns "
        "encodes a column as \"embedding\"";

    (void)state;
    expect_faults("[{\"type\":\"Dense\",\"units\":5}," EMBED "}]", FIVE, fault);
}

static void test_axes_count_from_either_end(void **state)
{
    static const char text[] =
        "[{\"type\":\"Concatenate\",\"axis\":%d,\"inputs\":[\"input\",\"input\"]}]";
    static const int axis[] = {1, -2, 2, -1};

    (void)state;
    for (int i = 0; i < 4; i++) {
        char layers[sizeof text + 16];
        net t;

        (void)snprintf(layers, sizeof layers, text, axis[i]);
        read_ok(&t, layers, nn_shape_2(2, 3));
        assert_int_equal(t.graph->out.dim[0], i < 2 ? 4 : 2);
        assert_int_equal(t.graph->out.dim[1], i < 2 ? 3 : 6);
        net_free(&t);
    }
}

/* An optimizer's decay would move it, whatever its gradient. */
static void test_what_a_layer_moves_itself_no_optimizer_moves(void **state)
{
    net t;

    (void)state;
    read_ok(&t, "[{\"type\":\"BatchNormalization\"}]", nn_shape_1(3));
    const nn_layer *l = t.graph->layer[0];
    for (int i = 0; i < l->weights; i++)
        assert_int_equal(l->weight[i].trainable, strncmp(l->weight[i].name, "moving_", 7) != 0);
    assert_int_equal(t.graph->trainable, 2 * 3);
    assert_int_equal(t.graph->parameters, 4 * 3);
    net_free(&t);
}

static void test_default_names_avoid_given_ones(void **state)
{
    net t;

    (void)state;
    read_ok(
        &t,
        "[{\"type\":\"Dense\",\"units\":2},{\"type\":\"Dense\",\"units\":2,\"name\":\"dense_1\"},"
        "{\"type\":\"Dense\",\"units\":2},{\"type\":\"Flatten\",\"name\":\"dense\"}]",
        nn_shape_1(3));
    assert_string_equal(t.graph->layer[0]->name, "dense_2");
    assert_string_equal(t.graph->layer[2]->name, "dense_3");
    assert_ptr_equal(nn_graph_find(t.graph, "dense"), t.graph->layer[3]);
    assert_null(nn_graph_find(t.graph, "dense_4"));
    net_free(&t);
}

static void test_names_that_cannot_be_are_refused(void **state)
{
    (void)state;
    expect_faults(
        "[{\"type\":\"Flatten\",\"name\":\"-a\"},{\"type\":\"Flatten\",\"name\":\"a/b\"},"
        "{\"type\":\"Flatten\",\"name\":\"input\"},{\"type\":\"Flatten\",\"name\":\"\"}]",
        nn_shape_1(3),
        "[0].name: expected a name of letters, digits, \".\", \"_\" and \"-\", at most 64, "
        "got \"-a\"",
        "[1].name: expected a name of letters, digits, \".\", \"_\" and \"-\", at most 64, "
        "got \"a/b\"",
        "[2].name: \"input\" is the model's input; choose another name",
        "[3].name: expected a name of letters, digits, \".\", \"_\" and \"-\", at most 64, "
        "got \"\"");
}

static void test_a_name_of_64_characters_is_the_longest(void **state)
{
    char layers[160];
    nn_err err = {0};
    net t;

    (void)state;
    for (int len = 64; len <= 65; len++) {
        snprintf(layers, sizeof(layers), "[{\"type\":\"Flatten\",\"name\":\"%.*s\"}]", len,
                 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
        assert_int_equal(net_read(&t, layers, nn_shape_1(1), NULL, &err),
                         len == 64 ? NN_OK : NN_ECONFIG);
        net_free(&t);
    }
}

static void test_repeated_names_are_refused_with_both_places(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"Flatten\",\"name\":\"a\"},{\"type\":\"Flatten\"},"
                  "{\"type\":\"Flatten\",\"name\":\"a\"}]",
                  nn_shape_1(3), "[2].name: the name \"a\" is already taken by [0]");
}

static void test_unknown_inputs_are_refused_with_the_nearest_name(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"Dense\",\"units\":2,\"name\":\"encoder\"},"
                  "{\"type\":\"Flatten\",\"inputs\":[\"encodr\"]},"
                  "{\"type\":\"Flatten\",\"inputs\":[\"inptu\"]},"
                  "{\"type\":\"Flatten\",\"inputs\":[\"xyzzy\"]},"
                  "{\"type\":\"Flatten\",\"inputs\":[3]}]",
                  nn_shape_1(3),
                  "[1].inputs[0]: there is no layer \"encodr\"; did you mean \"encoder\"?",
                  "[2].inputs[0]: there is no layer \"inptu\"; did you mean \"input\"?",
                  "[3].inputs[0]: there is no layer \"xyzzy\"",
                  "[4].inputs[0]: expected the name of a layer, got 3");
}

static void test_inputs_must_be_a_list_of_the_right_length(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"Flatten\",\"inputs\":\"input\"}]", nn_shape_1(3),
                  "[0].inputs: expected a list of 1 to 64 layer names, got \"input\"");
    expect_faults("[{\"type\":\"Flatten\",\"inputs\":[]}]", nn_shape_1(3),
                  "[0].inputs: expected a list of 1 to 64 layer names, got an empty list");
    expect_faults("[{\"type\":\"Flatten\",\"inputs\":[\"input\",\"input\"]}]", nn_shape_1(3),
                  "[0]: Flatten takes 1 input, got 2");
    expect_faults("[{\"type\":\"Add\"}]", nn_shape_1(3),
                  "[0]: Add takes at least 2 inputs, got 1; name them: \"inputs\": [\"a\", \"b\"]");
}

static void test_layers_may_come_in_any_order(void **state)
{
    net t;

    (void)state;
    read_ok(&t,
            "[{\"type\":\"Add\",\"inputs\":[\"b\",\"a\"]},"
            "{\"type\":\"Dense\",\"units\":4,\"name\":\"a\",\"inputs\":[\"input\"]},"
            "{\"type\":\"Dense\",\"units\":4,\"name\":\"b\"}]",
            nn_shape_1(3));
    assert_string_equal(t.graph->layer[0]->name, "a");
    assert_string_equal(t.graph->layer[1]->name, "b");
    assert_string_equal(t.graph->layer[2]->name, "add");
    assert_int_equal(t.graph->layer[0]->from[0], -1);
    assert_int_equal(t.graph->layer[1]->from[0], 0);
    assert_int_equal(t.graph->layer[2]->from[0], 1);
    assert_int_equal(t.graph->layer[2]->from[1], 0);
    net_free(&t);
}

static void test_a_cycle_is_refused_by_name(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"Flatten\",\"name\":\"first\"},"
                  "{\"type\":\"Add\",\"name\":\"a\",\"inputs\":[\"first\",\"c\"]},"
                  "{\"type\":\"Flatten\",\"name\":\"b\"},{\"type\":\"Flatten\",\"name\":\"c\"},"
                  "{\"type\":\"Flatten\",\"name\":\"d\",\"inputs\":[\"d\"]}]",
                  nn_shape_1(3), "[1].inputs: the inputs form a cycle: a -> b -> c -> a",
                  "[4].inputs: the inputs form a cycle: d -> d");
}

static void test_an_output_that_nobody_takes_is_refused(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"Dense\",\"units\":2,\"name\":\"lost\"},"
                  "{\"type\":\"Flatten\",\"inputs\":[\"input\"]},"
                  "{\"type\":\"Flatten\",\"name\":\"end\"}]",
                  nn_shape_1(3), "[0]: no layer takes the output of \"lost\"");
}

static void test_all_faults_of_all_layers_are_reported(void **state)
{
    (void)state;
    expect_faults(
        "[{\"type\":\"Dense\",\"units\":0,\"unitz\":3},{\"type\":\"Dense\"},"
        "{\"type\":\"Dens\",\"units\":3},{\"type\":\"Dense\",\"units\":3,\"activation\":\"rellu\"},"
        "{\"type\":\"Dropout\",\"rate\":1},{\"type\":\"Flatten\",\"name\":\"-\"},"
        "{\"type\":\"Reshape\",\"target_shape\":[4],\"inputs\":[\"input\"],\"name\":\"bad\"},"
        "{\"type\":\"Add\",\"inputs\":[\"flatten\",\"bad\"]}]",
        nn_shape_1(3), "[0]: unknown key \"unitz\"; did you mean \"units\"?",
        "[0].units: expected an integer from 1 to 1048576, got 0",
        "[1]: required key \"units\" is missing",
        "[2].type: unknown layer type \"Dens\"; did you mean \"Dense\"?",
        "[3].activation: unknown activation \"rellu\"; did you mean \"relu\"?",
        "[4].rate: expected a number from 0 to below 1, got 1",
        "[5].name: expected a name of letters, digits, \".\", \"_\" and \"-\", at most 64, got "
        "\"-\"",
        "[6]: Reshape cannot turn [3] into [4]");
}

static void test_shape_faults_say_what_and_where(void **state)
{
    const nn_shape scalar = {0};

    (void)state;
    expect_faults("[{\"type\":\"Dense\",\"units\":2}]", scalar,
                  "[0]: Dense needs at least one dimension, got []");
    expect_faults("[{\"type\":\"Dense\",\"units\":8,\"name\":\"a\"},"
                  "{\"type\":\"Dense\",\"units\":4,\"name\":\"b\"},"
                  "{\"type\":\"Add\",\"inputs\":[\"a\",\"b\"]},{\"type\":\"Flatten\"}]",
                  nn_shape_1(3),
                  "[2]: Add: inputs \"a\" [8] and \"b\" [4] must have the same shape");
    expect_faults("[{\"type\":\"Dense\",\"units\":8},"
                  "{\"type\":\"Multiply\",\"inputs\":[\"input\",\"dense\"]}]",
                  nn_shape_2(2, 3),
                  "[1]: Multiply: inputs \"input\" [2, 3] and \"dense\" [2, 8] must have the same "
                  "shape");
    expect_faults(
        "[{\"type\":\"Dense\",\"units\":8},"
        "{\"type\":\"Concatenate\",\"axis\":1,\"inputs\":[\"input\",\"dense\"]}]",
        nn_shape_2(2, 3),
        "[1]: Concatenate: inputs \"input\" [2, 3] and \"dense\" [2, 8] must agree except "
        "in dimension 1");
    expect_faults("[{\"type\":\"Concatenate\",\"axis\":3,\"inputs\":[\"input\",\"input\"]}]",
                  nn_shape_2(2, 3), "[0]: Concatenate: [2, 3] has no axis 3");
    expect_faults("[{\"type\":\"Concatenate\",\"axis\":0,\"inputs\":[\"input\",\"input\"]}]",
                  nn_shape_2(2, 3),
                  "[0].axis: axis 0 is the batch; a sample's dimensions count from 1");
}

static void test_reshape_targets_that_cannot_be_are_refused(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"Reshape\",\"target_shape\":[5,-1]}]", nn_shape_1(12),
                  "[0]: Reshape cannot turn [12] into [5, -1]");
    expect_faults("[{\"type\":\"Reshape\",\"target_shape\":[-1,-1]}]", nn_shape_1(12),
                  "[0].target_shape: expected at most one -1, got 2");
    expect_faults("[{\"type\":\"Reshape\",\"target_shape\":[0]}]", nn_shape_1(12),
                  "[0].target_shape: expected dimensions of at least 1, or one -1, got 0");
    expect_faults("[{\"type\":\"Reshape\",\"target_shape\":[2147483647,2147483647,2147483647,8]}]",
                  nn_shape_1(12),
                  "[0]: Reshape cannot turn [12] into [2147483647, 2147483647, 2147483647, 8]");
}

static void test_sizes_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"Dense\",\"units\":1048576},{\"type\":\"Flatten\"}]",
                  nn_shape_2(4096, 3),
                  "[0]: the output [4096, 1048576] is too large: a sample may have 2147483647 "
                  "numbers");
    expect_faults(
        "[{\"type\":\"Flatten\"}]", nn_shape_3(65536, 65536, 1),
        ": the input [65536, 65536, 1] is too large: a sample may have 2147483647 numbers");
}

static void test_a_list_of_layers_is_needed(void **state)
{
    (void)state;
    expect_faults("[]", nn_shape_1(3), ": expected a list of layers, got an empty list");
    expect_faults("{}", nn_shape_1(3), ": expected a list of layers, got an empty object");
    expect_faults("[null]", nn_shape_1(3), "[0]: expected an object, got null");
}

static void test_more_layers_than_the_limit_are_refused(void **state)
{
    nn_buf layers = {0};
    nn_err err = {0};
    net t;

    (void)state;
    for (int count = NN_MAX_LAYERS; count <= NN_MAX_LAYERS + 1; count++) {
        nn_buf_clear(&layers);
        for (int i = 0; i < count; i++)
            nn_buf_put(&layers, i == 0 ? "[{\"type\":\"Flatten\"}" : ",{\"type\":\"Flatten\"}");
        nn_buf_char(&layers, ']');
        assert_int_equal(net_read(&t, layers.data, nn_shape_1(1), NULL, &err),
                         count == NN_MAX_LAYERS ? NN_OK : NN_ECONFIG);
        if (count > NN_MAX_LAYERS)
            assert_string_equal(err.msg, "expected at most 10000 layers, got 10001");
        net_free(&t);
    }
    nn_buf_free(&layers);
}

static void test_weights_given_by_hand_are_used(void **state)
{
    const nn_real kernel[] = {1, 2, 3, 4, 5, (nn_real)-6.5};
    net t;

    (void)state;
    read_ok(&t,
            "[{\"type\":\"Dense\",\"units\":2,"
            "\"weights\":{\"kernel\":[[1,2],[3,4],[5,-6.5]],\"bias\":[7,8]}},"
            "{\"type\":\"Dense\",\"units\":1,\"weights\":{\"bias\":[9]}}]",
            nn_shape_1(3));
    assert_false(nn_graph_is_given(t.graph)); /* the second kernel is not */
    net_start(&t, 1, 1, NN_INFER);
    assert_memory_equal(t.weights, kernel, sizeof(kernel));
    assert_true(t.weights[t.graph->layer[0]->weight[1].at + 1] == 8);
    assert_true(t.weights[t.graph->layer[1]->weight[1].at] == 9);
    net_free(&t);
    read_ok(&t, "[{\"type\":\"Dense\",\"units\":1,\"weights\":{\"bias\":[1],\"kernel\":[[2]]}}]",
            nn_shape_1(1));
    assert_true(nn_graph_is_given(t.graph));
    net_free(&t);
}

static void test_weights_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    expect_faults(
        "[{\"type\":\"Dense\",\"units\":2,\"weights\":{\"kernel\":[[1,2],[3]],\"bais\":[1,2]}},"
        "{\"type\":\"Dense\",\"units\":2,\"weights\":{\"kernel\":[1,2],\"gamma\":1}},"
        "{\"type\":\"Dense\",\"units\":1,\"weights\":{\"kernel\":[[1],[\"x\"]],\"bias\":[]}},"
        "{\"type\":\"Flatten\",\"weights\":[1]}]",
        nn_shape_1(2), "[0].weights.kernel[1]: expected 2 elements for the shape [2, 2], got 1",
        "[0].weights.bais: Dense \"dense\" has no weight \"bais\"; did you mean \"bias\"?",
        "[1].weights.kernel[0]: expected a list of 2 for the shape [2, 2], got 1",
        "[1].weights.gamma: Dense \"dense_1\" has no weight \"gamma\"",
        "[2].weights.kernel[1][0]: expected a number, got \"x\"",
        "[2].weights.bias: expected 1 element for the shape [1], got 0",
        "[3].weights: expected an object of weights by name, got a list");
}

#if !NN_REAL_IS_DOUBLE
static void test_a_given_number_beyond_float_is_refused(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"Dense\",\"units\":1,\"weights\":{\"kernel\":[[1e39]]}}]",
                  nn_shape_1(1), "[0].weights.kernel[0][0]: expected a smaller number, got 1e39");
}
#endif

static void test_weights_are_placed_in_cache_lines(void **state)
{
    const nn_layer *l = NULL;
    net t;

    (void)state;
    read_ok(&t,
            "[{\"type\":\"Dense\",\"units\":3},{\"type\":\"Dense\",\"units\":2,\"trainable\":false,"
            "\"use_bias\":false}]",
            nn_shape_1(5));
    assert_string_equal(nn_graph_weight(t.graph, 0, &l)->name, "kernel");
    assert_string_equal(nn_graph_weight(t.graph, 1, &l)->name, "bias");
    assert_ptr_equal(l, t.graph->layer[0]);
    const nn_weight *last = nn_graph_weight(t.graph, 2, &l);
    assert_ptr_equal(l, t.graph->layer[1]);
    assert_false(last->trainable);
    assert_int_equal(last->at, nn_real_padded(15) + nn_real_padded(3));
    assert_int_equal(t.graph->weights_len, last->at + nn_real_padded(6));
    assert_null(nn_graph_weight(t.graph, 3, &l));
    assert_int_equal(t.graph->parameters, 15 + 3 + 6);
    assert_int_equal(t.graph->trainable, 15 + 3);
    assert_true(t.graph->flops == 2 * (15 + 6));
    net_free(&t);
}

static void test_the_networks_penalty_is_for_kernels_without_their_own(void **state)
{
    const nn_penalty penalty = {0.5, 0.25};
    nn_err err = {0};
    net t;

    (void)state;
    assert_ok(net_read(&t,
                       "[{\"type\":\"Dense\",\"units\":1},{\"type\":\"Dense\",\"units\":1,"
                       "\"kernel_regularizer\":{\"l2\":2}}]",
                       nn_shape_1(1), &penalty, &err),
              err);
    const nn_weight *kernel = t.graph->layer[0]->weight, *own = t.graph->layer[1]->weight;
    assert_true(kernel[0].penalty.l1 == 0.5 && kernel[0].penalty.l2 == 0.25);
    assert_true(kernel[1].penalty.l1 == 0 && kernel[1].penalty.l2 == 0);
    assert_true(own[0].penalty.l1 == 0 && own[0].penalty.l2 == 2);
    net_free(&t);
}

/* What nn_graph_write says must give a graph that writes the same. */
static void test_written_layers_read_back_as_the_same(void **state)
{
    const nn_penalty penalty = {0, 0.25};
    nn_buf first = {0}, second = {0};
    nn_err err = {0};
    net t;

    (void)state;
    assert_ok(net_read(&t,
                       "[{\"type\":\"Add\",\"inputs\":[\"a\",\"dense\"]},"
                       "{\"type\":\"Dense\",\"units\":2,\"name\":\"a\",\"inputs\":[\"input\"],"
                       "\"activation\":{\"type\":\"elu\",\"alpha\":0.1},"
                       "\"weights\":{\"kernel\":[[0.1,1e-20],[3,-4]]}},"
                       "{\"type\":\"Dense\",\"units\":2,\"trainable\":false,"
                       "\"kernel_regularizer\":{\"l1\":0}}]",
                       nn_shape_1(2), &penalty, &err),
              err);
    nn_graph_write(t.graph, &first);
    net_free(&t);
    assert_string_equal(
        first.data,
        "[{\"type\":\"Dense\",\"name\":\"a\",\"trainable\":true,\"units\":2,"
        "\"activation\":{\"type\":\"elu\",\"alpha\":0.1},\"use_bias\":true,"
        "\"kernel_initializer\":\"glorot_uniform\",\"bias_initializer\":\"zeros\","
        "\"kernel_regularizer\":{\"l1\":0,\"l2\":0.25},"
        "\"weights\":{\"kernel\":[[0.1,1e-20],[3,-4]]}},"
        "{\"type\":\"Dense\",\"name\":\"dense\",\"trainable\":false,\"units\":2,"
        "\"activation\":\"linear\",\"use_bias\":true,\"kernel_initializer\":\"glorot_uniform\","
        "\"bias_initializer\":\"zeros\",\"kernel_regularizer\":{\"l1\":0,\"l2\":0}},"
        "{\"type\":\"Add\",\"name\":\"add\",\"trainable\":true,\"inputs\":[\"a\",\"dense\"]}]");
    assert_ok(net_read(&t, first.data, nn_shape_1(2), &penalty, &err), err);
    nn_graph_write(t.graph, &second);
    assert_string_equal(first.data, second.data);
    net_free(&t);
    nn_buf_free(&first);
    nn_buf_free(&second);
}

static void test_inner_layers_are_read_like_any_other(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"TimeDistributed\",\"layer\":"
                  "{\"type\":\"Flatten\",\"name\":\"a\"}},"
                  "{\"type\":\"Bidirectional\",\"layer\":{\"type\":\"LSTMM\",\"units\":3}},"
                  "{\"type\":\"Bidirectional\"},"
                  "{\"type\":\"Bidirectional\",\"layer\":{\"type\":\"LSTM\",\"units\":0}},"
                  "{\"type\":\"Bidirectional\",\"layer\":{\"type\":\"Dense\",\"units\":3}},"
                  "{\"type\":\"TimeDistributed\",\"layer\":{\"type\":\"Add\"}},"
                  "{\"type\":\"TimeDistributed\",\"layer\":\"Flatten\"}]",
                  nn_shape_2(3, 2), "[0].layer: unknown key \"name\"; known keys: type",
                  "[1].layer.type: unknown layer type \"LSTMM\"; did you mean \"LSTM\"?",
                  "[2]: required key \"layer\" is missing",
                  "[3].layer.units: expected an integer from 1 to 65536, got 0",
                  "[4].layer: expected SimpleRNN, LSTM or GRU, got Dense",
                  "[5].layer: expected a layer of one input, got Add",
                  "[6].layer: expected an object, got \"Flatten\"");
}

#define NEEDS_SEQUENCES "; a recurrent layer before it must have return_sequences"

static void test_layers_that_see_time_need_steps(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"GRU\",\"units\":2}]", nn_shape_1(4),
                  "[0]: GRU needs steps of features, got the shape [4]" NEEDS_SEQUENCES);
    expect_faults("[{\"type\":\"Bidirectional\",\"layer\":{\"type\":\"LSTM\",\"units\":2}}]",
                  nn_shape_1(4),
                  "[0]: LSTM needs steps of features, got the shape [4]" NEEDS_SEQUENCES);
    expect_faults("[{\"type\":\"TimeDistributed\",\"layer\":{\"type\":\"LSTM\",\"units\":2}}]",
                  nn_shape_2(3, 2),
                  "[0]: LSTM needs steps of features, got the shape [2]" NEEDS_SEQUENCES);
    expect_faults("[{\"type\":\"MultiHeadAttention\",\"num_heads\":1,\"key_dim\":2}]",
                  nn_shape_1(4),
                  "[0]: MultiHeadAttention needs steps of features, got the shape [4]");
    expect_faults("[{\"type\":\"PositionalEncoding\"}]", nn_shape_1(4),
                  "[0]: PositionalEncoding needs steps of features, got the shape [4]");
}

static void test_sequences_that_no_memory_holds_are_refused(void **state)
{
    (void)state;
    expect_faults("[{\"type\":\"MultiHeadAttention\",\"num_heads\":9,\"key_dim\":2}]",
                  nn_shape_2(2147483647, 1),
                  "[0]: MultiHeadAttention over 2147483647 steps is too large");
    expect_faults("[{\"type\":\"GRU\",\"units\":2}]", nn_shape_2(1, 2147483647),
                  "[0]: GRU takes at most 16777216 features, got 2147483647");
    expect_faults("[{\"type\":\"TimeDistributed\",\"layer\":{\"type\":\"TimeDistributed\","
                  "\"layer\":{\"type\":\"LSTM\",\"units\":1}}}]",
                  nn_shape_1(5), "[0]: TimeDistributed needs steps, got the shape []");
}

/* The network's penalty, unless the inner layer has its own. */
static void test_inner_layers_are_written_with_their_defaults(void **state)
{
    const nn_penalty penalty = {0, 0.25};
    const nn_layer *l = NULL;
    nn_buf first = {0}, second = {0};
    nn_err err = {0};
    net t;

    (void)state;
    assert_ok(net_read(&t,
                       "[{\"type\":\"TimeDistributed\",\"layer\":{\"type\":\"Dense\","
                       "\"units\":1,\"kernel_regularizer\":{\"l1\":0.5}}},"
                       "{\"type\":\"TimeDistributed\",\"layer\":{\"type\":\"Dense\","
                       "\"units\":1}}]",
                       nn_shape_2(2, 2), &penalty, &err),
              err);
    nn_graph_write(t.graph, &first);
    assert_non_null(strstr(first.data, "\"trainable\":true,\"layer\":{\"type\":\"Dense\","
                                       "\"units\":1,\"activation\":\"linear\","));
    assert_true(nn_graph_weight(t.graph, 0, &l)->penalty.l1 == 0.5);
    assert_true(nn_graph_weight(t.graph, 0, &l)->penalty.l2 == 0);
    assert_true(nn_graph_weight(t.graph, 2, &l)->penalty.l2 == 0.25);
    net_free(&t);
    assert_ok(net_read(&t, first.data, nn_shape_2(2, 2), &penalty, &err), err);
    nn_graph_write(t.graph, &second);
    assert_string_equal(first.data, second.data);
    net_free(&t);
    nn_buf_free(&first);
    nn_buf_free(&second);
}

static void test_only_the_last_layers_activation_is_split_off(void **state)
{
    nn_buf text = {0};
    net t;

    (void)state;
    read_ok(&t,
            "[{\"type\":\"Dense\",\"units\":2,\"activation\":\"sigmoid\"},"
            "{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}]",
            nn_shape_1(2));
    assert_false(nn_graph_split_head(t.graph, "sigmoid"));
    assert_true(nn_activation_is_linear(&t.graph->head));
    assert_true(nn_graph_split_head(t.graph, "softmax"));
    assert_true(nn_graph_split_head(t.graph, "softmax")); /* it has */
    assert_false(nn_graph_split_head(t.graph, "sigmoid"));
    assert_string_equal(t.graph->head.kind->name, "softmax");
    assert_true(nn_activation_is_linear(&t.graph->layer[1]->act));
    assert_false(nn_activation_is_linear(&t.graph->layer[0]->act));
    nn_graph_write(t.graph, &text); /* the description keeps it */
    assert_non_null(strstr(text.data, "\"activation\":\"softmax\""));
    nn_buf_free(&text);
    net_free(&t);
}

static void test_first_weights_depend_on_the_seed_alone(void **state)
{
    net t;

    (void)state;
    read_ok(&t, "[{\"type\":\"Dense\",\"units\":9},{\"type\":\"Dense\",\"units\":9}]",
            nn_shape_1(9));
    const size_t bytes = t.graph->weights_len * sizeof(nn_real);
    nn_real *a = nn_alloc(1, bytes), *b = nn_alloc(1, bytes), *c = nn_alloc(1, bytes);
    nn_graph_init(t.graph, 5, a);
    nn_graph_init(t.graph, 5, b);
    nn_graph_init(t.graph, 6, c);
    assert_memory_equal(a, b, bytes);
    assert_memory_not_equal(a, c, bytes);
    /* Two weights of the same size do not draw the same numbers. */
    assert_memory_not_equal(a, a + t.graph->layer[1]->weight[0].at, 81 * sizeof(nn_real));
    nn_free(a);
    nn_free(b);
    nn_free(c);
    net_free(&t);
}

static void test_every_failed_allocation_is_survived(void **state)
{
    static const char layers[] =
        "[{\"type\":\"Dense\",\"units\":2,\"weights\":{\"bias\":[1,2]}},"
        "{\"type\":\"Reshape\",\"target_shape\":[1,2]},{\"type\":\"Bidirectional\","
        "\"layer\":{\"type\":\"LSTM\",\"units\":1},\"weights\":{\"backward/kernel\":"
        "[[1,2,3,4],[5,6,7,8]]}},{\"type\":\"Dropout\",\"rate\":0.5}]";
    const nn_json_source source = {"net.json", NN_ECONFIG, false};
    nn_problems problems = {0};
    nn_doc *doc = NULL;
    nn_err err = {0};
    nn_code rc = NN_ELIMIT;

    (void)state;
    assert_ok(nn_doc_parse(&doc, &source, layers, strlen(layers), &problems, &err), err);
    for (uint64_t n = 1; rc != NN_OK; n++) {
        nn_graph *g = NULL;
        const uint64_t before = nn_mem_read().live;

        assert_true(n < 100);
        nn_mem_fail_at(n);
        rc = nn_graph_new(&g, nn_doc_root(doc), nn_shape_1(2), NULL, NULL, &err);
        nn_mem_fail_at(0);
        assert_true(rc == NN_OK ? g != NULL && n > 5 : rc == NN_ELIMIT && g == NULL);
        nn_graph_free(g);
        assert_int_equal(nn_mem_read().live, before);
    }
    nn_doc_free(doc);
    nn_problems_free(&problems);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_names_are_keras),
        cmocka_unit_test(test_columns_become_rows_of_their_own_embeddings),
        cmocka_unit_test(test_categories_are_embedded_before_a_network_that_does_not_say_how),
        cmocka_unit_test(test_an_embedding_of_columns_needs_columns),
        cmocka_unit_test(test_axes_count_from_either_end),
        cmocka_unit_test(test_what_a_layer_moves_itself_no_optimizer_moves),
        cmocka_unit_test(test_default_names_avoid_given_ones),
        cmocka_unit_test(test_names_that_cannot_be_are_refused),
        cmocka_unit_test(test_a_name_of_64_characters_is_the_longest),
        cmocka_unit_test(test_repeated_names_are_refused_with_both_places),
        cmocka_unit_test(test_unknown_inputs_are_refused_with_the_nearest_name),
        cmocka_unit_test(test_inputs_must_be_a_list_of_the_right_length),
        cmocka_unit_test(test_layers_may_come_in_any_order),
        cmocka_unit_test(test_a_cycle_is_refused_by_name),
        cmocka_unit_test(test_an_output_that_nobody_takes_is_refused),
        cmocka_unit_test(test_all_faults_of_all_layers_are_reported),
        cmocka_unit_test(test_shape_faults_say_what_and_where),
        cmocka_unit_test(test_reshape_targets_that_cannot_be_are_refused),
        cmocka_unit_test(test_sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(test_a_list_of_layers_is_needed),
        cmocka_unit_test(test_more_layers_than_the_limit_are_refused),
        cmocka_unit_test(test_weights_given_by_hand_are_used),
        cmocka_unit_test(test_weights_that_do_not_fit_are_refused),
#if !NN_REAL_IS_DOUBLE
        cmocka_unit_test(test_a_given_number_beyond_float_is_refused),
#endif
        cmocka_unit_test(test_weights_are_placed_in_cache_lines),
        cmocka_unit_test(test_the_networks_penalty_is_for_kernels_without_their_own),
        cmocka_unit_test(test_written_layers_read_back_as_the_same),
        cmocka_unit_test(test_only_the_last_layers_activation_is_split_off),
        cmocka_unit_test(test_first_weights_depend_on_the_seed_alone),
        cmocka_unit_test(test_inner_layers_are_read_like_any_other),
        cmocka_unit_test(test_layers_that_see_time_need_steps),
        cmocka_unit_test(test_sequences_that_no_memory_holds_are_refused),
        cmocka_unit_test(test_inner_layers_are_written_with_their_defaults),
        cmocka_unit_test(test_every_failed_allocation_is_survived),
    };
    return nn_test_main(argc, argv, tests);
}
