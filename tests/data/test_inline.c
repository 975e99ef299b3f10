/* Samples written in the config: every fault stands in the document at its own line and column. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "data/support/files.h"

#define GIVEN(text) "{\"train\": {\"inline\": " text "}}"

static nn_dataset *load(const char *json)
{
    nn_dataset *d = NULL;
    nn_err err = {0};

    assert_ok(load_json(&d, json, &err), err);
    return d;
}

static void test_rows_and_classes(void **state)
{
    nn_dataset *d = load(GIVEN("{\"x\": [[1, 2.5], [-3, 4e1]], \"y\": [\"b\", \"a\"]}"));
    static const float expected[] = {1, 2.5f, -3, 40};

    (void)state;
    assert_int_equal(d->rows, 2);
    assert_int_equal(d->shape.rank, 1);
    assert_memory_equal(d->numbers, expected, sizeof expected);
    assert_string_equal(d->classes.name[0], "a");
    assert_int_equal(d->label[0], 1);
    assert_string_equal(d->name, "inline");
    assert_int_equal(d->files, 0);
    assert_false(d->table);
    nn_dataset_free(d);
}

static void test_whole_numbers_are_classes_and_fractions_numbers(void **state)
{
    nn_dataset *d = load(GIVEN("{\"x\": [[1], [2]], \"y\": [0, 1]}"));

    (void)state;
    assert_int_equal(d->classes.count, 2);
    nn_dataset_free(d);
    d = load(GIVEN("{\"x\": [[1], [2]], \"y\": [0.5, 1]}"));
    assert_int_equal(d->classes.count, 0);
    assert_float_equal(d->value[0], 0.5, 0);
    nn_dataset_free(d);
}

static void test_lists_are_several_outputs(void **state)
{
    nn_dataset *d = load(GIVEN("{\"x\": [[1], [2]], \"y\": [[0, 1], [1, 0]]}"));

    (void)state;
    assert_int_equal(d->width, 2);
    assert_float_equal(d->value[1], 1, 0);
    nn_dataset_free(d);
}

static void test_a_word_in_quotes_is_a_word_whatever_it_says(void **state)
{
    nn_dataset *d = load(GIVEN("{\"x\": [[1], [2]], \"y\": [\"10\", \"9\"]}"));

    (void)state;
    assert_string_equal(d->classes.name[0], "10"); /* by bytes */
    nn_dataset_free(d);
}

static void test_the_shape_gives_flat_rows_their_form(void **state)
{
    nn_dataset *d = load("{\"shape\": [2, 1], \"train\": {\"inline\": {\"x\": [[1, 2]], \"y\": "
                         "[0]}}}");

    (void)state;
    assert_int_equal(d->shape.rank, 2);
    nn_dataset_free(d);
    assert_refused("{\"shape\": [2, 2], \"train\": {\"inline\": {\"x\": [[1, 2]], \"y\": [0]}}}",
                   NN_ECONFIG, "c.json:1:46",
                   "train.inline.x[0]: expected 4 numbers for the shape [2, 2], got 2");
}

static void test_y_may_be_absent_only_where_that_is_said(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    config c;

    (void)state;
    config_read(&c, GIVEN("{\"x\": [[1]]}"));
    c.how.targets_optional = true;
    assert_ok(config_load(&d, &c, &err), err);
    assert_null(d->label);
    assert_null(d->value);
    nn_dataset_free(d);
    config_free(&c);
    assert_refused(GIVEN("{\"x\": [[1]]}"), NN_ECONFIG, "c.json:1:22",
                   "train.inline: missing key \"y\"");
}

static void test_faults_stand_at_their_values(void **state)
{
    static const struct {
        const char *json, *where, *msg;
    } cases[] = {
        {GIVEN("5"), "c.json:1:22", "train.inline: expected an object with x and y, got 5"},
        {GIVEN("{\"x\": [[1]], \"z\": 1}"), "c.json:1:40",
         "train.inline.z: unknown key \"z\", expected x and y"},
        {GIVEN("{\"y\": [1]}"), "c.json:1:22", "train.inline: missing key \"x\""},
        {GIVEN("{\"x\": 1, \"y\": [1]}"), "c.json:1:28",
         "train.inline.x: expected a list of samples, got 1"},
        {GIVEN("{\"x\": [], \"y\": [1]}"), "c.json:1:28",
         "train.inline.x: expected a list of samples, got an empty one"},
        {GIVEN("{\"x\": [1], \"y\": [1]}"), "c.json:1:29",
         "train.inline.x[0]: expected a list of numbers, got 1"},
        {GIVEN("{\"x\": [[]], \"y\": [1]}"), "c.json:1:29",
         "train.inline.x[0]: expected a list of numbers, got an empty one"},
        {GIVEN("{\"x\": [[1,2],[3]], \"y\": [1,1]}"), "c.json:1:35",
         "train.inline.x[1]: expected 2 numbers, got 1"},
        {GIVEN("{\"x\": [[1,\n[2]]], \"y\": [1]}"), "c.json:2:1",
         "train.inline.x[0][1]: expected a number, got a list"},
        {GIVEN("{\"x\": [[1e39]], \"y\": [1]}"), "c.json:1:30",
         "train.inline.x[0][0]: a number out of the range of float32: 1e39"},
        {GIVEN("{\"x\": [[1]], \"y\": 1}"), "c.json:1:40",
         "train.inline.y: expected a list of targets, got 1"},
        {GIVEN("{\"x\": [[1]], \"y\": []}"), "c.json:1:40",
         "train.inline.y: expected a list of targets, got an empty one"},
        {GIVEN("{\"x\": [[1]], \"y\": [1,2]}"), "c.json:1:40",
         "train.inline.y: 2 targets for 1 samples"},
        {GIVEN("{\"x\": [[1]], \"y\": [true]}"), "c.json:1:41",
         "train.inline.y[0]: expected a number, a word or a list, got true"},
        {GIVEN("{\"x\": [[1],[2]], \"y\": [1,\"a\"]}"), "c.json:1:47",
         "train.inline.y[1]: expected a number as in the first row, got \"a\""},
        {GIVEN("{\"x\": [[1],[2]], \"y\": [\"a\",1]}"), "c.json:1:49",
         "train.inline.y[1]: expected a word as in the first row, got 1"},
        {GIVEN("{\"x\": [[1],[2]], \"y\": [[1],1]}"), "c.json:1:49",
         "train.inline.y[1]: expected a list of numbers as in the first row, got 1"},
        {GIVEN("{\"x\": [[1],[2]], \"y\": [[1,2],[1]]}"), "c.json:1:51",
         "train.inline.y[1]: expected 2 numbers, got 1"},
        {GIVEN("{\"x\": [[1]], \"y\": [[]]}"), "c.json:1:41",
         "train.inline.y[0]: expected a list of numbers, got an empty one"},
        {GIVEN("{\"x\": [[1]], \"y\": [[null]]}"), "c.json:1:42",
         "train.inline.y[0][0]: expected a number, got null"},
        {GIVEN("{\"x\": [[1]], \"y\": [\"\"]}"), "c.json:1:41",
         "train.inline.y[0]: a class name has 1 to 1024 bytes"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(cases[i].json, NN_ECONFIG, cases[i].where, cases[i].msg);
}

static void test_targets_against_the_task_stand_at_their_row(void **state)
{
    (void)state;
    assert_refused("{\"task\": \"multiclass\", \"train\": {\"inline\": {\"x\": [[1],[2]], "
                   "\"y\": [1, 1.5]}}}",
                   NN_ECONFIG, "c.json:1:70",
                   "train.inline.y[1]: expected a class number (a whole number from 0), got 1.5");
}

static void test_a_fault_is_reported_to_the_document_once(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    config c;

    (void)state;
    config_read(&c, GIVEN("{\"x\": [[true]], \"y\": [1]}"));
    assert_int_equal(config_load(&d, &c, &err), NN_ECONFIG);
    assert_int_equal(nn_problems_errors(&c.problems), 1);
    assert_string_equal(c.problems.list[0].path, "train.inline.x[0][0]");
    assert_string_equal(c.problems.list[0].message, "expected a number, got true");
    config_free(&c);
}

static void test_a_fault_of_a_value_that_was_set_names_the_setting(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    config c;

    (void)state;
    config_read(&c, GIVEN("{\"x\": [[1]], \"y\": [1]}"));
    assert_ok(nn_doc_set(c.doc, "train.inline.y=[1, 2]", &err), err);
    assert_int_equal(config_load(&d, &c, &err), NN_ECONFIG);
    assert_string_equal(err.where, "--set train.inline.y");
    assert_string_equal(err.msg, "2 targets for 1 samples");
    config_free(&c);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_classes),
        cmocka_unit_test(test_whole_numbers_are_classes_and_fractions_numbers),
        cmocka_unit_test(test_lists_are_several_outputs),
        cmocka_unit_test(test_a_word_in_quotes_is_a_word_whatever_it_says),
        cmocka_unit_test(test_the_shape_gives_flat_rows_their_form),
        cmocka_unit_test(test_y_may_be_absent_only_where_that_is_said),
        cmocka_unit_test(test_faults_stand_at_their_values),
        cmocka_unit_test(test_targets_against_the_task_stand_at_their_row),
        cmocka_unit_test(test_a_fault_is_reported_to_the_document_once),
        cmocka_unit_test(test_a_fault_of_a_value_that_was_set_names_the_setting),
    };

    return nn_test_main(argc, argv, tests);
}
