/* Conditions of --fail-if. */
#include "support/nn_test.h"

#include <math.h>

#include "cli/condition.h"
#include "cli/status.h"

static void expect_fault(const char *text, const char *message)
{
    nn_condition c;
    nn_err err = {0};

    assert_int_equal(nn_condition_parse(&c, text, &err), NN_EUSAGE);
    assert_string_equal(err.where, "--fail-if");
    assert_string_equal(err.msg, message);
}

/* The status that a condition gives to a session when its value is `value`. */
static int judge(const char *text, double value)
{
    nn_session s = {.common = {.quiet = true}};
    nn_named_list list = {.count = 0};
    nn_condition c;
    nn_err err = {0};

    assert_ok(nn_condition_parse(&c, text, &err), err);
    nn_named_add(&list, "val_", "loss", value);
    assert_ok(nn_condition_check(&c, &list, &err), err);
    nn_condition_judge(&c, &list, &s);
    return s.status;
}

static void test_each_comparison_holds_where_it_should(void **state)
{
    static const struct {
        const char *text;
        bool below, equal, above;
    } cases[] = {{"val_loss<2", true, false, false},  {"val_loss <= 2", true, true, false},
                 {"val_loss>2", false, false, true},  {" val_loss >=\t2 ", false, true, true},
                 {"val_loss==2", false, true, false}, {"val_loss != 2", true, false, true}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(judge(cases[i].text, 1), cases[i].below);
        assert_int_equal(judge(cases[i].text, 2), cases[i].equal);
        assert_int_equal(judge(cases[i].text, 3), cases[i].above);
    }
}

static void test_a_value_that_is_not_defined_fails(void **state)
{
    (void)state;
    assert_int_equal(judge("val_loss<2", NAN), NN_STATUS_UNMET);
    assert_int_equal(judge("val_loss>2", NAN), NN_STATUS_UNMET);
}

static void test_shares_lie_between_0_and_1(void **state)
{
    nn_condition c;
    nn_err err = {0};

    (void)state;
    expect_fault("accuracy<1.5", "accuracy lies between 0 and 1, got 1.5");
    expect_fault("test_f1 < 97", "test_f1 lies between 0 and 1, got 97");
    expect_fault("val_auc>-0.1", "val_auc lies between 0 and 1, got -0.1");
    assert_ok(nn_condition_parse(&c, "rmse<1.5", &err), err);
    assert_ok(nn_condition_parse(&c, "r2<-1", &err), err);
    assert_ok(nn_condition_parse(&c, "accuracy<1", &err), err);
}

static void test_what_is_no_condition_is_refused(void **state)
{
    static const char *const bad[] = {"",       "loss",     "<1",       "loss<", "loss<x",
                                      "loss=1", "loss<1 2", "loss<nan", "a b<1"};
    nn_condition c;
    nn_err err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(nn_condition_parse(&c, bad[i], &err), NN_EUSAGE);
    expect_fault("loss", "expected NAME < NUMBER (or <= > >= == !=), got \"loss\"");
}

static void test_an_unknown_name_lists_the_known(void **state)
{
    nn_named_list list = {.count = 0};
    nn_condition c;
    nn_err err = {0};

    (void)state;
    nn_named_add(&list, "", "loss", 1);
    nn_named_add(&list, "", "loss", 2);
    nn_named_add(&list, "val_", "loss", 3);
    assert_ok(nn_condition_parse(&c, "los<1", &err), err);
    assert_int_equal(nn_condition_check(&c, &list, &err), NN_EUSAGE);
    assert_string_equal(err.msg, "unknown value \"los\"; there are loss, val_loss");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_comparison_holds_where_it_should),
        cmocka_unit_test(test_a_value_that_is_not_defined_fails),
        cmocka_unit_test(test_shares_lie_between_0_and_1),
        cmocka_unit_test(test_what_is_no_condition_is_refused),
        cmocka_unit_test(test_an_unknown_name_lists_the_known),
    };

    return nn_test_main(argc, argv, tests);
}
