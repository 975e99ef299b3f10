/* The lines of metrics.jsonl: figures as JSON, those that are no numbers among them. */
#include "support/nn_test.h"

#include <math.h>

#include "run/epoch.h"

static void assert_line(const nn_epoch *e, const char *expected)
{
    const nn_setup setup = {0};
    nn_buf line = {0};

    nn_epoch_metrics(&line, &setup, e);
    assert_string_equal(line.data, expected);
    nn_buf_free(&line);
}

static void test_values_that_are_no_numbers_are_null_and_named(void **state)
{
    nn_epoch e = {.epoch = 2, .step = 7, .loss = 0.5, .lr = 0.1, .validated = true, .val_loss = 1};

    (void)state;
    assert_line(&e, "{\"epoch\":2,\"step\":7,\"loss\":0.5,\"val_loss\":1,\"lr\":0.1,\"penalty\":0,"
                    "\"gradient_norm\":0}");
    e.val_loss = NAN;
    assert_line(&e, "{\"epoch\":2,\"step\":7,\"loss\":0.5,\"val_loss\":null,\"lr\":0.1,"
                    "\"penalty\":0,\"gradient_norm\":0,\"nonfinite\":\"nan\"}");
    e.val_loss = -INFINITY;
    assert_line(&e, "{\"epoch\":2,\"step\":7,\"loss\":0.5,\"val_loss\":null,\"lr\":0.1,"
                    "\"penalty\":0,\"gradient_norm\":0,\"nonfinite\":\"-inf\"}");
    e.validated = false; /* the value of an epoch without validation is not looked at */
    assert_line(&e, "{\"epoch\":2,\"step\":7,\"loss\":0.5,\"lr\":0.1,\"penalty\":0,"
                    "\"gradient_norm\":0}");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_that_are_no_numbers_are_null_and_named),
    };

    return nn_test_main(argc, argv, tests);
}
