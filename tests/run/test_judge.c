/* Scores beyond loss and metrics, the naive answer, and the worst rows, worked out by hand. */
#include "run/support/runs.h"

#include <math.h>

#include "base/mem.h"
#include "run/judge.h"

/* An identity layer, so that the predictions are the inputs. */
static const char numbers[] = "{'validation': 0, 'data': {'task': 'regression', 'train': "
                              "{'inline': {'x': [[1],[2],[3],[6]], 'y': [1,4,3,4]}}},"
                              "'model': {'layers': [{'type': 'Dense', 'units': 1, 'weights': "
                              "{'kernel': [[1]], 'bias': [0]}}]}, 'loss': 'mae'}";
/* Softmax of the inputs: the largest says the class. Class 2 is never said. */
static const char classes[] =
    "{'validation': 0, 'data': {'task': 'multiclass', 'train': {'inline': {'x': "
    "[[5,0,0],[5,0,0],[0,5,0],[0,5,0],[0,5,0],[5,0,0]], 'y': [0,0,1,1,2,1]}}},"
    "'model': {'layers': [{'type': 'Dense', 'units': 3, 'use_bias': false, 'activation': "
    "'softmax', 'weights': "
    "{'kernel': [[1,0,0],[0,1,0],[0,0,1]]}}]}, 'metrics': ['accuracy']}";
static const char binary[] =
    "{'validation': 0, 'data': {'task': 'binary', 'train': {'inline': {'x': [[2],[-2],[1],[3]], "
    "'y': [1,0,0,1]}}}, 'model': {'layers': [{'type': 'Dense', 'units': 1, 'use_bias': false, "
    "'activation': 'sigmoid', 'weights': {'kernel': [[1]]}}]}}";

typedef struct judged {
    nn_config *config;
    nn_setup *setup;
    nn_pool *pool;
    nn_real *weights;
    nn_evaluator *evaluator;
    nn_judge *judge;
    nn_scores scores;
    nn_verdict verdict;
} judged;

static void judge(judged *j, const char *text, size_t worst)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    nn_err err = {0};

    j->config = nn_test_config(text);
    assert_ok(nn_setup_new(&j->setup, j->config, &options, &err), err);
    assert_ok(nn_pool_new(&j->pool, 2, &err), err);
    j->weights = nn_alloc(j->setup->graph->weights_len, sizeof *j->weights);
    nn_graph_init(j->setup->graph, 0, j->weights);
    const nn_subject subject = nn_setup_subject(j->setup, j->weights, j->pool);
    const nn_view *view = &j->setup->train;
    assert_ok(nn_evaluator_new(&j->evaluator, &subject, view->data, view->count, true, &err), err);
    assert_ok(nn_judge_new(&j->judge, &subject, view, worst, &err), err);
    nn_evaluate_watched(j->evaluator, view, nn_judge_look, j->judge, &j->scores);
    nn_judge_end(j->judge, &j->scores, &j->verdict);
}

static void release(judged *j)
{
    nn_judge_free(j->judge);
    nn_evaluator_free(j->evaluator);
    nn_free(j->weights);
    nn_pool_free(j->pool);
    nn_setup_free(j->setup);
    nn_config_free(j->config);
}

static const nn_measure *measure(const judged *j, const char *name)
{
    for (int i = 0; i < j->verdict.measures; i++)
        if (strcmp(j->verdict.measure[i].name, name) == 0)
            return &j->verdict.measure[i];
    fail_msg("there is no %s", name);
    return NULL;
}

static void assert_measure(const judged *j, const char *name, double model, double naive)
{
    assert_float_equal(measure(j, name)->model, model, 1e-6);
    assert_float_equal(measure(j, name)->naive, naive, 1e-6);
}

static void test_classes_stand_beside_the_most_common_one(void **state)
{
    const double hit = exp(5) / (exp(5) + 2), miss = 1 / (exp(5) + 2);
    judged j;

    (void)state;
    judge(&j, classes, 0);
    assert_int_equal(j.verdict.naive_class, 1);
    assert_measure(&j, "accuracy", 4.0 / 6, 0.5);
    assert_measure(&j, "balanced_accuracy", (1 + 2.0 / 3 + 0) / 3, 1.0 / 3);
    assert_measure(&j, "log_loss", -(4 * log(hit) + 2 * log(miss)) / 6,
                   -(2 * log(2.0 / 6) + 3 * log(0.5) + log(1.0 / 6)) / 6);
    assert_float_equal(measure(&j, "auc")->naive, 0.5, 1e-9);
    assert_float_equal(j.verdict.macro.recall, 5.0 / 9, 1e-9);
    /* class 0: 2 of 3 said, class 1: 2 of 3 said, class 2 never said: 0 */
    assert_float_equal(j.verdict.macro.precision, (2.0 / 3 + 2.0 / 3 + 0) / 3, 1e-9);
    assert_int_equal(j.verdict.worst_count, 0);
    release(&j);
}

static int place_of(const judged *j, size_t row)
{
    int i = 0;

    while (i < (int)j->verdict.worst_count && j->verdict.worst[i].row != row)
        i++;
    return i;
}

static void test_the_worst_rows_come_first_and_of_equals_the_earlier(void **state)
{
    judged j;

    (void)state;
    judge(&j, classes, 3);
    assert_int_equal(j.verdict.worst_count, 3);
    assert_int_equal(j.verdict.worst[0].row, 4);
    assert_int_equal(j.verdict.worst[0].truth, 2);
    assert_int_equal(j.verdict.worst[0].said, 1);
    assert_float_equal(j.verdict.worst[0].probability, 1 / (exp(5) + 2), 1e-6);
    assert_int_equal(j.verdict.worst[1].row, 5);
    release(&j);
    judge(&j, classes, 100);
    assert_int_equal(j.verdict.worst_count, 6);
    assert_true(place_of(&j, 0) < place_of(&j, 1)); /* rows 0 and 1 are the same, as are 2 and 3 */
    assert_true(place_of(&j, 2) < place_of(&j, 3));
    release(&j);
}

/* Two steps count, and one of the second sample; class 1 is said once, and wrong. */
static const char steps[] =
    "{'validation': 0, 'data': {'task': 'multiclass', 'scale': 'none', 'shape': [3,2], 'train': "
    "{'inline': {'x': [[5,0,5,0,0,0],[0,5,0,0,0,0]], 'y': [[0,0,1],[0,1,1]]}}},"
    "'model': {'layers': [{'type': 'Masking'}, {'type': 'Dense', 'units': 2, 'use_bias': false, "
    "'activation': 'softmax', 'weights': {'kernel': [[1,0],[0,1]]}}]}}";

static void test_masked_steps_are_judged_by_nobody(void **state)
{
    const double right = log(1 + exp(-5)), wrong = right + 5;
    judged j;

    (void)state;
    judge(&j, steps, 100);
    assert_measure(&j, "accuracy", 2.0 / 3, 1);
    assert_measure(&j, "log_loss", (2 * right + wrong) / 3, -log(0.5));
    assert_int_equal(j.verdict.macro.support, 3);
    assert_int_equal(j.verdict.worst_count, 3);
    assert_int_equal(j.verdict.worst[0].row, 1);
    release(&j);
}

/* Every step of a sample has a mean of its own as its naive answer. */
static const char numbers_of_steps[] =
    "{'validation': 0, 'data': {'task': 'regression', 'scale': 'none', 'shape': [2,1], 'train': "
    "{'inline': {'x': [[1,1],[3,0]], 'y': [[1,5],[3,7]]}}},"
    "'model': {'layers': [{'type': 'Masking'}, {'type': 'Dense', 'units': 1, "
    "'weights': {'kernel': [[1]], 'bias': [0]}}]}}";

static void test_masked_numbers_stand_beside_the_means_of_their_steps(void **state)
{
    judged j;

    (void)state;
    judge(&j, numbers_of_steps, 0);
    assert_measure(&j, "mae", (0 + 4 + 0) / 3.0, (1 + 1 + 1) / 3.0); /* means 2 and 6 */
    release(&j);
}

static void test_numbers_stand_beside_their_mean(void **state)
{
    judged j;

    (void)state;
    judge(&j, numbers, 1);
    assert_int_equal(j.verdict.naive_class, -1);
    assert_float_equal(j.verdict.naive[0], 3, 1e-6);
    assert_measure(&j, "mae", 1, 1); /* distances from 3: 2, 1, 0, 1 */
    assert_measure(&j, "mse", 2, 1.5);
    assert_measure(&j, "rmse", sqrt(2), sqrt(1.5));
    assert_measure(&j, "r2", 1 - 8.0 / 6.0, 0);
    assert_int_equal(j.verdict.worst[0].row, 1); /* off by 2, as is row 3 */
    assert_float_equal(j.verdict.worst[0].values[0], 4, 0);
    assert_float_equal(j.verdict.worst[0].values[1], 2, 0);
    release(&j);
}

static void test_one_unit_of_two_classes_is_judged_as_both(void **state)
{
    judged j;

    (void)state;
    judge(&j, binary, 1);
    assert_int_equal(j.verdict.naive_class, 0); /* the first of equals */
    assert_measure(&j, "accuracy", 0.75, 0.5);
    assert_measure(&j, "auc", 1, 0.5);
    assert_float_equal(measure(&j, "log_loss")->naive, log(2), 1e-6);
    assert_int_equal(j.verdict.worst[0].row, 2);
    assert_float_equal(j.verdict.worst[0].probability, 1 - 1 / (1 + exp(-1)), 1e-6);
    release(&j);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_stand_beside_the_most_common_one),
        cmocka_unit_test(test_the_worst_rows_come_first_and_of_equals_the_earlier),
        cmocka_unit_test(test_masked_steps_are_judged_by_nobody),
        cmocka_unit_test(test_masked_numbers_stand_beside_the_means_of_their_steps),
        cmocka_unit_test(test_numbers_stand_beside_their_mean),
        cmocka_unit_test(test_one_unit_of_two_classes_is_judged_as_both),
    };
    return nn_test_main(argc, argv, tests);
}
