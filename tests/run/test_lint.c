/* Mistakes of modelling: each rule finds its own, and keeps quiet where all is well. */
#include "run/support/runs.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "run/lint.h"

#define NUMBERS                                                                                    \
    "'data': {'train': {'inline': {'x': [[1],[2],[3],[4],[5],[6]], "                               \
    "'y': [0.5,1.5,2.5,3.5,4.5,5.5]}}}, "
#define DENSE(units, act) "{'type': 'Dense', 'units': " #units ", 'activation': '" act "'}"
#define MODEL(layers)     "'validation': 0, 'model': {'layers': [" layers "]}"
#define HEAD              DENSE(1, "linear")

/* The warnings of a config that can be trained, one a line. */
static char *warnings_of(const char *inner)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    char *text = nn_alloc(strlen(inner) + 8, 1);
    nn_setup *setup = NULL;
    nn_buf out = {0};
    char line[1024];
    nn_err err = {0};

    (void)sprintf(text, "{%s}", inner);
    nn_config *config = nn_test_config(text);
    assert_ok(nn_setup_new(&setup, config, &options, &err), err);
    assert_ok(nn_lint(setup, &err), err);
    nn_buf_put(&out, "");
    for (size_t i = 0; i < config->problems.count; i++) {
        nn_problem p = config->problems.list[i];
        assert_int_equal(p.severity, NN_WARNING);
        p.line = 0; /* the places have tests of their own */
        nn_problem_text(&p, line, sizeof line);
        nn_buf_printf(&out, "%s\n", line);
    }
    nn_setup_free(setup);
    nn_config_free(config);
    nn_free(text);
    return out.data;
}

typedef struct lint_case {
    const char *config, *expected;
} lint_case;

#define LINEAR_ROW                                                                                 \
    ": linear layers in a row are no more than one; give the first of them an activation such as " \
    "relu [no-activation]\n"

#define STEPS                                                                                      \
    "'data': {'shape': [2, 1], 'train': {'inline': {'x': [[1,2],[2,0],[3,4],[4,0],[5,6],[6,0]], "  \
    "'y': [0.5,1.5,2.5,3.5,4.5,5.5]}}}, "

static const lint_case cases[] = {
    {STEPS MODEL("{'type': 'Masking'}, {'type': 'GRU', 'units': 2}, " HEAD), ""},
    {STEPS MODEL("{'type': 'Masking'}, {'type': 'Dense', 'units': 2, 'activation': 'relu'}, "
                 "{'type': 'Flatten'}, " HEAD),
     "test.json: model.layers[2]: \"flatten\" (Flatten) does not know the mask that \"masking\" "
     "makes: from there on the steps that fill up short sequences count like all others; put a "
     "recurrent layer, attention or GlobalAveragePooling1D before it [mask-lost]\n"},
    {NUMBERS MODEL(DENSE(4, "relu") ", " HEAD), ""},
    {NUMBERS MODEL(HEAD), ""},
    {NUMBERS MODEL(DENSE(4, "linear") ", " HEAD),
     "test.json: model.layers[0]: no activation between \"dense\" and \"dense_1\"" LINEAR_ROW},
    {NUMBERS MODEL("{'type': 'Dense', 'units': 4, 'use_bias': false}, {'type': "
                   "'BatchNormalization'}, {'type': 'Dropout', 'rate': 0.5}, " HEAD),
     "test.json: model.layers[0]: no activation between \"dense\" and \"dense_1\"" LINEAR_ROW},
    {NUMBERS MODEL(DENSE(4, "linear") ", {'type': 'Activation', 'activation': 'relu'}, " HEAD), ""},
    {NUMBERS MODEL(DENSE(2, "tanh") "," DENSE(2, "sigmoid") "," DENSE(2, "tanh") "," DENSE(
         2, "tanh") "," HEAD),
     ""},
    {NUMBERS MODEL(DENSE(2, "tanh") "," DENSE(2, "sigmoid") "," DENSE(2, "tanh") "," DENSE(
         2, "linear") ", {'type': 'Activation', 'activation': 'tanh'}," DENSE(2, "tanh") "," HEAD),
     "test.json: model.layers[5]: \"dense_4\" is the last of 5 layers of sigmoid or tanh: "
     "gradients "
     "fade on their way through sigmoid and tanh; use relu, or BatchNormalization between the "
     "layers [saturating-stack]\n"},
    {NUMBERS MODEL(DENSE(2, "tanh") "," DENSE(2, "tanh") "," DENSE(2, "tanh") "," DENSE(
         2, "tanh") ", {'type': 'BatchNormalization'}," DENSE(2, "tanh") "," HEAD),
     ""},
    {NUMBERS MODEL(HEAD ", {'type': 'Dropout', 'rate': 0.5}"),
     "test.json: model.layers[1]: Dropout is the last layer: it disturbs the answer itself, while "
     "the "
     "loss looks at it; put it before the last layer that has weights [dropout-last]\n"},
    {NUMBERS MODEL("{'type': 'Dense', 'units': 4, 'name': 'a'}, {'type': 'BatchNormalization'}, "
                   "{'type': 'Activation', 'activation': 'relu'}, " HEAD),
     "test.json: model.layers[0]: \"a\" has a bias before \"batch_normalization\": the "
     "normalisation "
     "takes the mean away, and the bias with it; set use_bias to false "
     "[bias-before-normalization]\n"},
    {NUMBERS MODEL(DENSE(23, "relu") "," HEAD),
     "test.json: model: 70 trainable parameters for 6 rows: so many can learn the rows by heart; "
     "add "
     "Dropout, regularization or early_stopping, or take fewer units [many-parameters]\n"},
    {NUMBERS MODEL(DENSE(22, "relu") "," HEAD), ""},
    {NUMBERS MODEL(DENSE(23, "relu") ", {'type': 'Dropout', 'rate': 0.5}," HEAD), ""},
    {NUMBERS MODEL(DENSE(23, "relu") "," HEAD) ", 'regularization': {'l2': 0.01}", ""},
    {NUMBERS MODEL(HEAD) ", 'optimizer': {'type': 'adam', 'learning_rate': 2}",
     "test.json: optimizer.learning_rate: a learning rate of 2: hardly any network learns well "
     "with "
     "steps so small or so large; start from the optimizer's default [learning-rate]\n"},
    {NUMBERS MODEL(HEAD) ", 'optimizer': {'type': 'sgd', 'learning_rate': 1e-7}",
     "test.json: optimizer.learning_rate: a learning rate of 1e-07: hardly any network learns well "
     "with steps so small or so large; start from the optimizer's default [learning-rate]\n"},
    {NUMBERS MODEL(HEAD) ", 'optimizer': {'type': 'sgd', 'learning_rate': 2}", ""},
    {"'data': {'train': {'inline': {'x': [[1],[2],[3],[-20.5]], 'y': [0.5,1,2,3]}}}," MODEL(HEAD),
     "test.json: data: inputs up to 20.5, number 0 of a sample: large inputs saturate the first "
     "layer "
     "and make training slow; set data.scale to standard, minmax or, for bytes, unit "
     "[unscaled-inputs]\n"},
    {"'data': {'scale': 'minmax', 'train': {'inline': {'x': [[1],[2],[3],[-20.5]], "
     "'y': [0.5,1,2,3]}}}," MODEL(HEAD),
     ""},
    {"'validation': 0.5, " NUMBERS "'model': {'layers': [" HEAD "]}",
     "test.json: validation: 3 rows to validate: scores of so few rows are mostly chance; hold "
     "more "
     "rows back, or compare several seeds [small-validation]\n"},
};

static void test_each_rule_finds_its_mistake_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *got = warnings_of(cases[i].config);

        assert_string_equal(got, cases[i].expected);
        nn_free(got);
    }
}

/* 11 + `more` rows of the class 0 and one of the class 1. */
static char *unbalanced(int more, const char *rest)
{
    nn_buf text = {0};

    nn_buf_put(&text, "'data': {'task': 'multiclass', 'train': {'inline': {'x': [[0]");
    for (int i = 0; i < 10 + more; i++)
        nn_buf_put(&text, ",[1]");
    nn_buf_put(&text, "], 'y': [1");
    for (int i = 0; i < 10 + more; i++)
        nn_buf_put(&text, ",0");
    nn_buf_printf(&text, "]}}}, " MODEL(DENSE(2, "softmax")) "%s", rest);
    char *got = warnings_of(text.data);
    nn_buf_free(&text);
    return got;
}

static void test_accuracy_alone_is_warned_of_beyond_ten_to_one(void **state)
{
    char *ten = unbalanced(0, "");
    char *eleven = unbalanced(1, "");
    char *with_f1 = unbalanced(1, ", 'metrics': ['accuracy', 'f1']");
    char *weighted = unbalanced(1, ", 'training': {'class_weight': 'balanced'}");

    (void)state;
    assert_string_equal(ten, "");
    assert_string_equal(eleven,
                        "test.json: 11 training rows of \"0\", only 1 of \"1\": always saying the "
                        "most common class looks good by accuracy alone; add f1 or auc to the "
                        "metrics, or set training.class_weight to balanced "
                        "[accuracy-unbalanced]\n");
    assert_string_equal(with_f1, "");
    assert_string_equal(weighted, "");
    nn_free(ten);
    nn_free(eleven);
    nn_free(with_f1);
    nn_free(weighted);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_rule_finds_its_mistake_and_nothing_else),
        cmocka_unit_test(test_accuracy_alone_is_warned_of_beyond_ten_to_one),
    };
    return nn_test_main(argc, argv, tests);
}
