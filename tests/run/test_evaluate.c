/* Evaluation: loss, metrics and confusion against numbers worked out by hand. */
#include "run/support/runs.h"

#include <math.h>

#include "base/mem.h"
#include "run/evaluate.h"
#include "run/held.h"

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
    "{'kernel': [[1,0,0],[0,1,0],[0,0,1]]}}]}, 'metrics': ['accuracy', 'top_k']}";

typedef struct judged {
    nn_config *config;
    nn_setup *setup;
    nn_pool *pool;
    nn_real *weights;
    nn_evaluator *evaluator;
    nn_scores scores;
} judged;

static void judge(judged *j, const char *text, bool confusion)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    nn_err err = {0};

    j->config = nn_test_config(text);
    assert_ok(nn_setup_new(&j->setup, j->config, &options, &err), err);
    assert_ok(nn_pool_new(&j->pool, 2, &err), err);
    j->weights = nn_alloc(j->setup->graph->weights_len, sizeof *j->weights);
    nn_graph_init(j->setup->graph, 0, j->weights);
    const nn_subject subject = nn_setup_subject(j->setup, j->weights, j->pool);
    assert_ok(nn_evaluator_new(&j->evaluator, &subject, j->setup->train_set, j->setup->train.count,
                               confusion, &err),
              err);
    nn_evaluate(j->evaluator, &j->setup->train, &j->scores);
}

static void release(judged *j)
{
    nn_evaluator_free(j->evaluator);
    nn_free(j->weights);
    nn_pool_free(j->pool);
    nn_setup_free(j->setup);
    nn_config_free(j->config);
}

static void test_numbers_are_scored_as_worked_out_by_hand(void **state)
{
    judged j;

    (void)state;
    judge(&j, numbers, false);
    assert_int_equal(j.scores.samples, 4);
    assert_float_equal(j.scores.loss, 1, 1e-6); /* errors 0, 2, 0, 2 */
    assert_float_equal(j.scores.mae, 1, 1e-6);
    assert_float_equal(j.scores.mse, 2, 1e-6);
    assert_float_equal(j.scores.rmse, sqrt(2), 1e-6);
    assert_float_equal(j.scores.r2, 1 - 8.0 / 6.0, 1e-6); /* targets 1, 4, 3, 4: mean 3, spread 6 */
    assert_null(j.scores.confusion);
    release(&j);
}

static void test_classes_are_counted_as_worked_out_by_hand(void **state)
{
    static const size_t expected[9] = {2, 0, 0, 1, 2, 0, 0, 1, 0};
    judged j;

    (void)state;
    judge(&j, classes, true);
    assert_int_equal(j.scores.classes, 3);
    assert_memory_equal(j.scores.confusion, expected, sizeof expected);
    assert_float_equal(j.scores.metric[0], 4.0 / 6.0, 1e-6);
    const double right = log(1 + 2 * exp(-5)), wrong = right + 5;
    assert_float_equal(j.scores.loss, (4 * right + 2 * wrong) / 6, 1e-5);
    assert_true(isnan(j.scores.mse));
    const nn_class_score second = nn_class_score_of(j.scores.confusion, 3, 1);
    assert_float_equal(second.precision, 2.0 / 3.0, 1e-12);
    assert_float_equal(second.recall, 2.0 / 3.0, 1e-12);
    assert_float_equal(second.f1, 2.0 / 3.0, 1e-12);
    assert_int_equal(second.support, 3);
    assert_true(isnan(nn_class_score_of(j.scores.confusion, 3, 2).precision)); /* never said */
    release(&j);
}

/*
 * The first sample has two steps, the second one, the third none. Softmax of the inputs; class 0
 * fills up.
 */
static const char steps[] =
    "{'validation': 0, 'data': {'task': 'multiclass', 'scale': 'none', 'shape': [3,2], 'train': "
    "{'inline': {'x': [[5,0,0,5,0,0],[5,0,0,0,0,0],[0,0,0,0,0,0]], "
    "'y': [[0,0,1],[0,1,1],[0,1,0]]}}},"
    "'model': {'layers': [{'type': 'Masking'}, {'type': 'Dense', 'units': 2, 'use_bias': false, "
    "'activation': 'softmax', 'weights': {'kernel': [[1,0],[0,1]]}}]}, 'metrics': ['accuracy']}";

static void test_masked_steps_count_in_no_score(void **state)
{
    static const size_t expected[4] = {2, 1, 0, 0};
    const double right = log(1 + exp(-5)), wrong = right + 5;
    judged j;

    (void)state;
    judge(&j, steps, true);
    assert_memory_equal(j.scores.confusion, expected, sizeof expected);
    assert_float_equal(j.scores.metric[0], 2.0 / 3.0, 1e-6);
    assert_float_equal(j.scores.loss, (2 * right + wrong) / 3, 1e-5);
    assert_int_equal(j.scores.samples, 3);
    release(&j);
}

/* Two numbers a step, scaled; the errors of what counts are 1, 2 and 3, -4. */
static const char masked_numbers[] =
    "{'validation': 0, 'data': {'task': 'regression', 'scale': 'none', 'shape': [3,2], 'train': "
    "{'inline': {'x': [[1,1,1,1,0,0],[0,0,0,0,0,0]], 'y': [[0,-1,-2,5,90,91],[9,8,7,6,5,4]]}}},"
    "'model': {'layers': [{'type': 'Masking'}, {'type': 'Dense', 'units': 2, 'weights': {"
    "'kernel': [[1,0],[0,1]], 'bias': [0,0]}}]}}";

static void test_masked_steps_of_numbers_count_in_no_score(void **state)
{
    judged j;

    (void)state;
    judge(&j, masked_numbers, false);
    assert_float_equal(j.scores.loss, (1 + 4 + 9 + 16) / 4.0, 1e-5);
    assert_float_equal(j.scores.mae, (1 + 2 + 3 + 4) / 4.0, 1e-5);
    assert_float_equal(j.scores.mse, (1 + 4 + 9 + 16) / 4.0, 1e-5);
    /* By output: targets 0 and -2, errors 1 and 3; -1 and 5, errors 2 and -4. */
    assert_float_equal(j.scores.r2, (1 - 10.0 / 2 + 1 - 20.0 / 18) / 2, 1e-5);
    release(&j);
}

static void test_judging_twice_gives_the_same(void **state)
{
    judged j;
    nn_scores again;

    (void)state;
    judge(&j, classes, true);
    nn_evaluate(j.evaluator, &j.setup->train, &again);
    assert_float_equal(again.loss, j.scores.loss, 0);
    assert_float_equal(again.metric[0], j.scores.metric[0], 0);
    assert_int_equal(again.confusion[0], 2);
    release(&j);
}

/* What `eval RUN` loads again must be what training held back. */
static void test_the_splits_of_a_run_are_found_again(void **state)
{
    static const char text[] =
        "{'seed': 9, 'validation': 0.25, 'data': {'task': 'multiclass', 'train': {'inline': {'x': "
        "[[1],[2],[3],[4],[5],[6],[7],[8],[9],[10],[11],[12]], 'y': [0,1,0,1,0,1,0,1,0,1,0,1]}}, "
        "'test': {'inline': "
        "{'x': [[1],[2]], 'y': [1,1]}}}, 'model': {'layers': [{'type': 'Dense', 'units': 2, "
        "'activation': 'softmax'}]},"
        "'training': {'epochs': 1}}";
    static const char *const name[] = {"train", "validation", "test"};
    char program[] = "nnctl";
    char *const argv[] = {program};
    nn_test_run r;
    nn_model *m = NULL;
    nn_err err = {0};

    (void)state;
    nn_test_train(&r, text, &(nn_train_options){.threads = 1});
    const nn_run_facts facts = {.setup = r.setup,
                                .config_path = "c",
                                .argc = 1,
                                .argv = argv,
                                .threads = 1,
                                .status = "done",
                                .exit_code = 0};
    assert_ok(nn_rundir_record(r.run, &facts, &err), err);
    assert_ok(nn_model_open(&m, r.run->path, "", NULL, 0, &err), err);
    const nn_view *const view[] = {&r.setup->train, &r.setup->validation, &r.setup->test};
    for (int i = 0; i < 3; i++) {
        nn_held held;

        assert_ok(nn_held_split(&held, m, name[i], &err), err);
        assert_int_equal(held.view.count, view[i]->count);
        for (size_t k = 0; k < held.view.count; k++)
            assert_int_equal(nn_view_row(&held.view, k), nn_view_row(view[i], k));
        nn_held_free(&held);
    }
    nn_model_free(m);
    nn_test_run_free(&r);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_scored_as_worked_out_by_hand),
        cmocka_unit_test(test_classes_are_counted_as_worked_out_by_hand),
        cmocka_unit_test(test_masked_steps_count_in_no_score),
        cmocka_unit_test(test_masked_steps_of_numbers_count_in_no_score),
        cmocka_unit_test(test_judging_twice_gives_the_same),
        cmocka_unit_test(test_the_splits_of_a_run_are_found_again),
    };

    return nn_test_main(argc, argv, tests);
}
