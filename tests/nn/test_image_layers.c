/* Layers on images: what is refused and in which words, names, fans, states, and NaN. */
#include "support/nn_test.h"

#include "nn/support/net.h"

#include <math.h>

typedef struct mistake {
    nn_shape in;
    const char *layers, *expected;
} mistake;

static const mistake mistakes[] = {
    {{2, {28, 28}},
     "[{\"type\": \"Conv2D\", \"filters\": 2, \"kernel_size\": 3}]",
     "[0]: Conv2D needs [height, width, channels], got [28, 28]; a Reshape before it with "
     "target_shape [28, 28, 1], or data.shape, adds the channel"},
    {{1, {9}},
     "[{\"type\": \"Conv1D\", \"filters\": 2, \"kernel_size\": 3}]",
     "[0]: Conv1D needs [length, channels], got [9]; a Reshape before it with target_shape [9, 1], "
     "or data.shape, adds the channel"},
    {{1, {9}},
     "[{\"type\": \"MaxPooling2D\"}]",
     "[0]: MaxPooling2D needs [height, width, channels], got [9]"},
    {{3, {4, 2, 3}},
     "[{\"type\": \"Conv2D\", \"filters\": 2, \"kernel_size\": 3}]",
     "[0]: Conv2D: a window of 3 x 3 does not fit into [4, 2, 3]"},
    {{3, {4, 4, 3}},
     "[{\"type\": \"DepthwiseConv2D\", \"kernel_size\": 2, \"dilation_rate\": [1, 4]}]",
     "[0]: DepthwiseConv2D: a window of 2 x 5 does not fit into [4, 4, 3]"},
    {{2, {4, 3}},
     "[{\"type\": \"AveragePooling1D\", \"pool_size\": 5}]",
     "[0]: AveragePooling1D: a window of 5 does not fit into [4, 3]"},
    {{3, {300, 300, 1}},
     "[{\"type\": \"MaxPooling2D\", \"pool_size\": 300}]",
     "[0]: MaxPooling2D: a window of 300 x 300 is too large: it may have 65535 places"},
    {{3, {2, 2, 1}},
     "[{\"type\": \"ZeroPadding2D\", \"padding\": [1, -1]}]",
     "[0].padding: expected n, [rows, columns] or [[top, bottom], [left, right]] of whole numbers "
     "from 0 to 65536, got a list"},
    {{3, {4, 4, 3}},
     "[{\"type\": \"Conv2D\", \"filters\": 3, \"kernel_size\": 3, \"name\": \"a\"},"
     " {\"type\": \"Add\", \"inputs\": [\"a\", \"input\"]}]",
     "[1]: Add: inputs \"a\" [2, 2, 3] and \"input\" [4, 4, 3] must have the same shape"},
};

static void test_each_mistake_is_named(void **state)
{
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        const mistake *m = &mistakes[i];
        nn_err err = {0};
        net t;

        assert_int_equal(net_read(&t, m->layers, m->in, NULL, &err), NN_ECONFIG);
        assert_string_equal(net_problem(&t, 0, text, sizeof text), m->expected);
        net_free(&t);
    }
}

/* Windows and padding whose numbers overflow must be refused, not allocated. */
static void test_sizes_that_overflow_are_refused(void **state)
{
    static const char *const layers[] = {
        "[{\"type\": \"Conv2D\", \"filters\": 1048576, \"kernel_size\": 4096, \"padding\": "
        "\"same\"}]",
        "[{\"type\": \"Conv2D\", \"filters\": 1, \"kernel_size\": 4096, \"dilation_rate\": 4096,"
        " \"padding\": \"same\"}]",
        "[{\"type\": \"UpSampling2D\", \"size\": 4096}]",
        "[{\"type\": \"ZeroPadding2D\", \"padding\": 65536}]"};

    (void)state;
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        nn_err err = {0};
        net t;

        assert_int_equal(net_read(&t, layers[i], nn_shape_3(20, 20, 1000), NULL, &err), NN_ECONFIG);
        net_free(&t);
    }
}

static void test_names_shapes_and_fans_are_kerass(void **state)
{
    static const char layers[] =
        "[{\"type\": \"Conv2D\", \"filters\": 5, \"kernel_size\": [3, 2]},"
        " {\"type\": \"DepthwiseConv2D\", \"kernel_size\": 2, \"padding\": \"same\"},"
        " {\"type\": \"BatchNormalization\"},"
        " {\"type\": \"MaxPooling2D\", \"padding\": \"same\"},"
        " {\"type\": \"UpSampling2D\"}, {\"type\": \"ZeroPadding2D\"},"
        " {\"type\": \"GlobalAveragePooling2D\"}]";
    static const char *const names[] = {
        "conv2d",        "depthwise_conv2d", "batch_normalization",     "max_pooling2d",
        "up_sampling2d", "zero_padding2d",   "global_average_pooling2d"};
    nn_err err = {0};
    net t;

    (void)state;
    assert_ok(net_read(&t, layers, nn_shape_3(9, 8, 4), NULL, &err), err);
    for (int i = 0; i < 7; i++)
        assert_string_equal(t.graph->layer[i]->name, names[i]);
    const nn_weight *kernel = &t.graph->layer[0]->weight[0];
    assert_int_equal(kernel->size.fan_in, 3 * 2 * 4);
    assert_int_equal(kernel->size.fan_out, 3 * 2 * 5);
    const nn_weight *depth = &t.graph->layer[1]->weight[0];
    const nn_shape expected = {4, {2, 2, 5, 1}};
    assert_true(nn_shape_equal(&depth->shape, &expected));
    assert_int_equal(depth->size.fan_in, 2 * 2 * 5);
    assert_int_equal(depth->size.fan_out, 2 * 2);
    const nn_shape pooled = {3, {4, 4, 5}}, padded = {3, {10, 10, 5}};
    assert_true(nn_shape_equal(&t.graph->layer[3]->out, &pooled));
    assert_true(nn_shape_equal(&t.graph->layer[5]->out, &padded));
    assert_int_equal(t.graph->parameters, 24 * 5 + 5 + 4 * 5 + 5 + 4 * 5);
    assert_int_equal(t.graph->trainable, 24 * 5 + 5 + 4 * 5 + 5 + 2 * 5);
    net_free(&t);
}

/* The average moves by the variance of the batch itself, as Keras's does, and only in training. */
static void test_statistics_move_in_training_only(void **state)
{
    const nn_real x[4] = {1, 2, 3, 6}; /* mean 3, variance 3.5 */
    const double close = 1e-6;
    net t;

    (void)state;
    net_make(&t, "[{\"type\": \"BatchNormalization\", \"momentum\": 0.9}]", nn_shape_1(1), 4, 1,
             NN_TRAIN);
    const nn_layer *l = t.graph->layer[0];
    const nn_real *mean = t.weights + l->weight[2].at, *variance = t.weights + l->weight[3].at;
    (void)nn_exec_forward(t.exec, x, 4, false, 0);
    assert_true(*mean == 0 && *variance == 1);
    (void)nn_exec_forward(t.exec, x, 4, true, 0);
    assert_true(fabs((double)*mean - 0.3) < close);
    assert_true(fabs((double)*variance - (0.9 + 0.35)) < close);
    net_free(&t);
}

static void test_pooling_hands_nan_on(void **state)
{
    static const char *const layers[] = {
        "[{\"type\": \"MaxPooling2D\"}]", "[{\"type\": \"AveragePooling2D\"}]",
        "[{\"type\": \"GlobalMaxPooling2D\"}]", "[{\"type\": \"GlobalAveragePooling2D\"}]"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        for (int at = 0; at < 4; at++) {
            for (int training = 0; training < 2; training++) {
                nn_real x[4] = {1, 2, 3, 4};
                net t;

                x[at] = (nn_real)NAN;
                net_make(&t, layers[i], nn_shape_3(2, 2, 1), 1, 1, NN_TRAIN);
                assert_true(isnan(nn_exec_forward(t.exec, x, 1, training == 1, 0)[0]));
                net_free(&t);
            }
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_mistake_is_named),
        cmocka_unit_test(test_sizes_that_overflow_are_refused),
        cmocka_unit_test(test_names_shapes_and_fans_are_kerass),
        cmocka_unit_test(test_statistics_move_in_training_only),
        cmocka_unit_test(test_pooling_hands_nan_on),
    };
    return nn_test_main(argc, argv, tests);
}
