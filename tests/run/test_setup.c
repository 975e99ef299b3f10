/* What a config's parts mean together: tasks, defaults, and the mistakes that are named before
 * training. */
#include "run/support/runs.h"

#include "base/mem.h"
#include "support/nn_temp.h"

static const char classes_data[] = "{'task': 'multiclass', 'train': {'inline': {'x': "
                                   "[[1,2],[3,4],[5,6],[7,8],[9,9],[2,2]], 'y': [0,1,2,0,1,2]}}}";
static const char numbers_data[] =
    "{'train': {'inline': {'x': [[1],[2],[3],[4],[5],[6]], 'y': [0.5,1.5,2.5,3.5,4.5,5.5]}}}";

static const char negative_data[] =
    "{'train': {'inline': {'x': [[1],[2],[3],[4]], 'y': [0.5,1.5,-2.5,3.5]}}}";

/* All problems of a config, one a line, as the user would see them. */
static char *problems_of(const char *data, const char *rest)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    char *json = nn_alloc(strlen(data) + strlen(rest) + 64, 1);
    nn_config *config = NULL;
    nn_setup *setup = NULL;
    nn_buf out = {0};
    nn_err err = {0};
    char line[1024];

    (void)sprintf(json, "{'data': %s, %s}", data, rest);
    for (char *c = json; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    const nn_config_source source = {"c.json", "", json, strlen(json), NN_ECONFIG, NULL, 0};
    nn_code rc = nn_config_read(&config, &source, &err);
    if (rc == NN_OK)
        rc = nn_setup_new(&setup, config, &options, &err);
    for (size_t i = 0; i < config->problems.count; i++) {
        nn_problem p = config->problems.list[i];
        p.line = 0; /* the places have tests of their own */
        nn_problem_text(&p, line, sizeof line);
        nn_buf_printf(&out, "%s\n", line);
    }
    nn_buf_put(&out, "");
    assert_int_equal(rc != NN_OK, nn_problems_errors(&config->problems) > 0);
    nn_setup_free(setup);
    nn_config_free(config);
    nn_free(json);
    return out.data;
}

typedef struct mistake {
    const char *data, *rest, *expected;
} mistake;

#define LAYERS(l)         "'validation': 0, 'model': {'layers': [" l "]}"
#define DENSE(units, act) "{'type': 'Dense', 'units': " #units ", 'activation': '" act "'}"

static const mistake mistakes[] = {
    {classes_data,
     "'training': {'batch_size': 5}, " LAYERS(
         "{'type': 'BatchNormalization'}, " DENSE(3, "softmax")),
     "c.json: training.batch_size: 6 training rows in batches of 5 leave one row over, and the "
     "BatchNormalization layer \"batch_normalization\" cannot train on a batch of one row; set "
     "training.drop_last, or take another batch_size [single-row-batch]\n"},
    {classes_data,
     "'training': {'batch_size': 1}, " LAYERS(
         "{'type': 'BatchNormalization'}, " DENSE(3, "softmax")),
     "c.json: training.batch_size: the BatchNormalization layer \"batch_normalization\" cannot "
     "train "
     "on batches of one row; take a larger batch_size [single-row-batch]\n"},
    {classes_data,
     "'training': {'batch_size': 5, 'drop_last': true}, " LAYERS(
         "{'type': 'BatchNormalization'}, " DENSE(3, "softmax")),
     ""},
    {classes_data,
     "'training': {'batch_size': 5}, " LAYERS(
         "{'type': 'BatchNormalization', 'trainable': false}, " DENSE(3, "softmax")),
     ""},
    {classes_data, LAYERS(DENSE(4, "softmax")),
     "c.json: model.layers[0]: the last layer \"dense\" gives [4], but the data has 3 classes; the "
     "number of units must be "
     "the number of classes [output-units]\n"},
    {"{'task': 'multiclass', 'train': {'inline': {'x': [[1,2],[3,4],[5,6]], "
     "'y': [[1,0],[0,1],[0,1]]}}}",
     LAYERS(DENSE(2, "softmax")),
     "c.json: model.layers[0]: the last layer \"dense\" gives [2], one answer a sample, but there "
     "are 2 class numbers a sample; one-hot targets are to be class numbers, one a sample; for "
     "classes of steps give the layers before return_sequences [output-units]\n"},
    {classes_data, LAYERS(DENSE(3, "sigmoid")),
     "c.json: model.layers[0]: sparse_categorical_crossentropy expects softmax in the last layer, "
     "got sigmoid; give the "
     "last layer that activation (or set from_logits) [sigmoid-multiclass]\n"},
    {classes_data, LAYERS(DENSE(3, "linear")),
     "c.json: model.layers[0]: sparse_categorical_crossentropy expects softmax in the last layer, "
     "got linear; give the "
     "last layer that activation (or set from_logits) [loss-head]\n"},
    {classes_data, LAYERS(DENSE(3, "softmax")) ", 'loss': 'binary_crossentropy'",
     "c.json: loss: binary_crossentropy over 3 outputs does not fit classes that exclude each "
     "other; use "
     "categorical_crossentropy with softmax, or set the task to multilabel "
     "[softmax-binary]\nc.json: "
     "model.layers[0]: binary_crossentropy "
     "expects sigmoid in the last layer, got softmax; give the last layer that activation (or set "
     "from_logits) [softmax-binary]\n"},
    {classes_data,
     LAYERS(
         DENSE(3, "softmax")) ", 'loss': {'type': 'categorical_crossentropy', 'from_logits': true}",
     "c.json: model.layers[0]: from_logits expects a linear last layer, got softmax; take the "
     "activation away, or "
     "from_logits [loss-head]\n"},
    {classes_data, LAYERS(DENSE(3, "softmax")) ", 'metrics': ['r2', 'accuracy']",
     "c.json: metrics[0]: the metric \"r2\" is for numbers, but the task is multiclass "
     "[metric-task]\n"},
    {classes_data, LAYERS(DENSE(3, "softmax")) ", 'metrics': ['accuracy', 'accuracy']",
     "c.json: metrics[1]: the metric \"accuracy\" is named twice\n"},
    {numbers_data, LAYERS(DENSE(2, "linear")),
     "c.json: model.layers[0]: the last layer \"dense\" gives [2], but a target has 1 value; the "
     "number of units must be "
     "the number of target values [output-units]\n"},
    {classes_data, LAYERS(DENSE(3, "softmax")) ", 'early_stopping': {}",
     "c.json: early_stopping: val_loss needs validation rows, and there are none; set "
     "`validation`, or monitor a training "
     "value [no-validation]\n"},
    {classes_data, LAYERS(DENSE(3, "softmax")) ", 'early_stopping': {'monitor': 'acuracy'}",
     "c.json: early_stopping.monitor: no value of this name is measured; there are loss, val_loss, "
     "accuracy, "
     "val_accuracy\n"},
    {classes_data, LAYERS(DENSE(3, "softmax")) ", 'training': {'class_weight': {'7': 1}}",
     "c.json: training.class_weight.7: there is no such class in the data\n"},
    {classes_data, LAYERS(DENSE(3, "softmax")) ", 'training': {'class_weight': 3}",
     "c.json: training.class_weight: expected \"none\", \"balanced\" or {class: weight}, got 3\n"},
    {numbers_data, LAYERS(DENSE(1, "linear")) ", 'training': {'class_weight': 'balanced'}",
     "c.json: training.class_weight: class weights need classes, but the task is regression\n"},
    {numbers_data, LAYERS(DENSE(1, "linear")) ", 'training': {'batch_size': 9, 'drop_last': true}",
     "c.json: training.batch_size: drop_last leaves no batch: there are 6 training rows; take a "
     "smaller batch_size\n"},
    {numbers_data, LAYERS(DENSE(1, "linear")) ", 'training': {'batch_size': 9}",
     "c.json: training.batch_size: there are only 6 training rows: all of them make one batch "
     "[batch-over-rows]\n"},
    {numbers_data, LAYERS(DENSE(1, "linear")) ", 'training': {'batch_size': 0}",
     "c.json: training.batch_size: expected an integer from 1 to 1048576, or \"full\", got 0\n"},
    {numbers_data, LAYERS(DENSE(1, "linear")) ", 'name': '../x'",
     "c.json: name: expected a letter or digit, then up to 63 of A-Z a-z 0-9 . _ -, got "
     "\"../x\"\n"},
    {numbers_data, LAYERS(DENSE(1, "softmax")),
     "c.json: model.layers[0]: softmax over one unit is always 1; use sigmoid for one unit "
     "[softmax-one-unit]\n"},
    {negative_data, LAYERS(DENSE(1, "relu")),
     "c.json: model.layers[0]: relu is never below 0, but the target of row 2 is; give the last "
     "layer a linear activation [negative-targets]\n"},
    {negative_data, LAYERS(DENSE(1, "linear")), ""},

    {classes_data,
     LAYERS(DENSE(
         3, "linear") ", {'type': 'Reshape', 'target_shape': [3, 1]}") ", 'loss': {'type': "
                                                                       "'categorical_crossentropy',"
                                                                       " 'from_logits': true}",
     "c.json: model.layers[1]: the classes of a sample stand in one row, but the last layer "
     "\"reshape\" gives [3, 1]; put a Flatten before it, or behind it [output-units]\n"},
    {classes_data,
     LAYERS(
         "{'type': 'Reshape', 'target_shape': [1, 2]}, {'type': 'TimeDistributed', 'layer': "
         "{'type': 'Dense', 'units': 3, 'activation': 'relu'}}, {'type': 'Flatten'}") ", 'loss': "
                                                                                      "{'type': "
                                                                                      "'categorical"
                                                                                      "_crossentrop"
                                                                                      "y', "
                                                                                      "'from_"
                                                                                      "logits': "
                                                                                      "true}",
     ""},
    {classes_data,
     LAYERS("{'type': 'Reshape', 'target_shape': [1, 2]}, {'type': 'TimeDistributed', 'layer': "
            "{'type': 'Dense', 'units': 3, 'activation': 'relu'}}") ", 'loss': {'type': "
                                                                    "'categorical_crossentropy', "
                                                                    "'from_logits': true}",
     "c.json: model.layers[1]: from_logits expects a linear last layer, got relu; take the "
     "activation away, or from_logits [loss-head]\n"},
};

static void test_each_mistake_is_named_with_its_remedy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        char *got = problems_of(mistakes[i].data, mistakes[i].rest);

        assert_string_equal(got, mistakes[i].expected);
        nn_free(got);
    }
}

static nn_setup *set_up(nn_config **config, const char *data, const char *rest)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    char *text = nn_alloc(strlen(data) + strlen(rest) + 64, 1);
    nn_setup *setup = NULL;
    nn_err err = {0};

    (void)sprintf(text, "{'data': %s, %s}", data, rest);
    *config = nn_test_config(text);
    assert_ok(nn_setup_new(&setup, *config, &options, &err), err);
    nn_free(text);
    return setup;
}

typedef struct default_case {
    const char *data, *rest;
    nn_task task;
    const char *loss, *metric;
} default_case;

static const char binary_data[] = "{'train': {'inline': {'x': [[1],[2],[3],[4]], 'y': [0,1,1,0]}}}";

static const default_case default_cases[] = {
    {classes_data, LAYERS(DENSE(3, "softmax")), NN_TASK_MULTICLASS,
     "sparse_categorical_crossentropy", "accuracy"},
    {binary_data, LAYERS(DENSE(1, "sigmoid")), NN_TASK_BINARY, "binary_crossentropy", "accuracy"},
    {binary_data, LAYERS(DENSE(2, "softmax")), NN_TASK_MULTICLASS,
     "sparse_categorical_crossentropy", "accuracy"},
    {numbers_data, LAYERS(DENSE(1, "linear")), NN_TASK_REGRESSION, "mse", "mae"},
    /* Whole numbers with a squared error on a linear output are a regression, not classes. */
    {binary_data, LAYERS(DENSE(1, "linear")) ", 'loss': 'mse'", NN_TASK_REGRESSION, "mse", "mae"},
    {binary_data, LAYERS(DENSE(1, "sigmoid")) ", 'loss': 'mse'", NN_TASK_BINARY, "mse", "accuracy"},
};

static void test_task_loss_and_metric_follow_from_data_and_network(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof default_cases / sizeof default_cases[0]; i++) {
        const default_case *c = &default_cases[i];
        nn_config *config;
        nn_setup *s = set_up(&config, c->data, c->rest);

        assert_int_equal(s->task, c->task);
        assert_string_equal(s->loss.kind->name, c->loss);
        assert_string_equal(s->metric[0].kind->name, c->metric);
        nn_setup_free(s);
        nn_config_free(config);
    }
}

static void test_the_resolved_config_means_the_same_again(void **state)
{
    static const char rest[] =
        "'name': 'x-1', 'seed': '18446744073709551615', 'validation': {'fraction': 0.5, 'method': "
        "'last'},"
        "'model': {'layers': [{'type': 'Dense', 'units': 3, 'activation': {'type': 'elu', 'alpha': "
        "0.5}},"
        "{'type': 'Dense', 'units': 3, 'activation': 'softmax'}]}, 'loss': {'type': "
        "'categorical_crossentropy', "
        "'label_smoothing': 0.1}, 'optimizer': {'type': 'sgd', 'momentum': 0.5}, 'regularization': "
        "{'l2': 0.25},"
        "'schedule': {'type': 'cosine', 'warmup': 2}, 'metrics': ['f1', {'type': 'top_k', 'k': 2}],"
        "'training': {'batch_size': 'full', 'class_weight': {'1': 3}}, 'early_stopping': "
        "{'monitor': 'val_f1'}";
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    nn_config *config, *again = NULL;
    nn_setup *s = set_up(&config, classes_data, rest);
    nn_setup *t = NULL;
    nn_buf first = {0}, second = {0};
    nn_err err = {0};

    (void)state;
    nn_setup_write(s, &first);
    const nn_config_source source = {"resolved.json", "",   first.data, first.len,
                                     NN_ECONFIG,      NULL, 0};
    assert_ok(nn_config_read(&again, &source, &err), err);
    assert_ok(nn_setup_new(&t, again, &options, &err), err);
    nn_setup_write(t, &second);
    assert_string_equal(first.data, second.data);
    assert_non_null(strstr(first.data, "\"seed\":\"18446744073709551615\""));
    assert_non_null(strstr(first.data, "\"beta_1\"") == NULL ? first.data : NULL);
    assert_non_null(strstr(first.data, "\"patience\":5"));
    assert_float_equal(t->class_weight[1], 3, 0);
    assert_int_equal(t->batch_size, 3);
    nn_setup_free(s);
    nn_setup_free(t);
    nn_config_free(config);
    nn_config_free(again);
    nn_buf_free(&first);
    nn_buf_free(&second);
}

/* A resume sets up from resolved.json, and compares what it writes itself to the byte. */
static void expect_written_again(const char *resolved)
{
    const nn_config_source source = {"resolved.json", "",   resolved, strlen(resolved),
                                     NN_ECONFIG,      NULL, 0};
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    nn_config *config = NULL;
    nn_setup *s = NULL;
    nn_buf again = {0};
    nn_err err = {0};

    assert_ok(nn_config_read(&config, &source, &err), err);
    assert_ok(nn_setup_new(&s, config, &options, &err), err);
    nn_setup_write(s, &again);
    assert_string_equal(again.data, resolved);
    nn_buf_free(&again);
    nn_setup_free(s);
    nn_config_free(config);
}

static void test_the_resolved_config_names_what_the_data_settled(void **state)
{
    nn_config *config;
    nn_setup *s = set_up(&config, numbers_data,
                         "'validation': 0.5, 'model': {'layers': [" DENSE(
                             1, "linear") "]}, 'training': {'epochs': 3}");
    nn_buf out = {0};

    (void)state;
    nn_setup_write(s, &out);
    assert_non_null(strstr(out.data, "\"training\":{\"epochs\":3,\"batch_size\":32,\"shuffle\""));
    assert_non_null(strstr(out.data, "\"validation\":{\"fraction\":0.5,\"method\":\"random\"}"));
    assert_non_null(strstr(out.data, "\"class_weight\":\"none\""));
    assert_non_null(strstr(out.data, "\"checkpoint\":{\"monitor\":\"val_loss\",\"every\":1}"));
    expect_written_again(out.data);
    nn_buf_free(&out);
    nn_setup_free(s);
    nn_config_free(config);
}

static void test_writing_without_memory_is_noted_and_nothing_else(void **state)
{
    nn_config *config;
    nn_setup *s = set_up(&config, numbers_data, LAYERS(DENSE(1, "linear")));
    int failed = 0;

    (void)state;
    for (bool done = false; !done; failed++) {
        nn_buf out = {0};

        nn_mem_fail_at((uint64_t)failed + 1);
        nn_setup_write(s, &out);
        nn_mem_fail_at(0);
        done = !out.failed;
        nn_buf_free(&out);
    }
    assert_true(failed > 1);
    nn_setup_free(s);
    nn_config_free(config);
}

static void test_training_samples_as_test_are_warned_of(void **state)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    char *dir = nn_temp_dir();
    char *csv = nn_path_join(dir, "a.csv");
    char *copy = nn_path_join(dir, "b.csv"); /* other name, same bytes */
    static const char rows[] = "x,y\n1,0.5\n2,1.5\n3,2.5\n";
    char text[1024];
    nn_setup *s = NULL;
    nn_err err = {0};

    (void)state;
    assert_ok(nn_file_write(csv, rows, sizeof rows - 1, NN_REFUSE_EXISTING, &err), err);
    assert_ok(nn_file_write(copy, rows, sizeof rows - 1, NN_REFUSE_EXISTING, &err), err);
    (void)snprintf(text, sizeof text,
                   "{'data': {'train': {'path': '%s'}, 'test': {'path': '%s'}}, %s}", csv, copy,
                   LAYERS(DENSE(1, "linear")));
    nn_config *config = nn_test_config(text);
    assert_ok(nn_setup_new(&s, config, &options, &err), err);
    assert_int_equal(config->problems.count, 1);
    assert_int_equal(config->problems.list[0].severity, NN_WARNING);
    assert_string_equal(config->problems.list[0].message,
                        "the test samples are the training samples");
    nn_setup_free(s);
    nn_config_free(config);
    nn_free(csv);
    nn_free(copy);
    nn_temp_remove(dir);
}

static void test_labels_of_every_split_are_those_of_the_training_rows(void **state)
{
    nn_config *config;
    nn_setup *s = set_up(&config,
                         "{'train': {'inline': {'x': [[1],[2],[3]], 'y': ['a','b','c']}}, "
                         "'test': {'inline': {'x': [[4]], 'y': ['c']}}}",
                         LAYERS(DENSE(3, "softmax")));

    (void)state;
    assert_int_equal(s->test_set->label[0], 2);
    assert_int_equal(s->test_set->classes.count, 3);
    nn_setup_free(s);
    nn_config_free(config);
}

static void test_the_resolved_config_names_the_task_that_the_data_decided(void **state)
{
    nn_config *config;
    nn_setup *s = set_up(&config, numbers_data, LAYERS(DENSE(1, "relu")));
    nn_buf text = {0};

    (void)state;
    assert_int_equal(config->data.task, NN_TASK_AUTO);
    nn_setup_write(s, &text);
    assert_non_null(strstr(text.data, "\"task\":\"regression\""));
    nn_buf_free(&text);
    nn_setup_free(s);
    nn_config_free(config);
}

static void test_balanced_weights_make_classes_count_alike(void **state)
{
    nn_config *config;
    nn_setup *s = set_up(
        &config,
        "{'task': 'multiclass', 'train': {'inline': {'x': [[1],[2],[3],[4]], 'y': [0,0,0,1]}}}",
        LAYERS(DENSE(2, "softmax")) ", 'training': {'class_weight': 'balanced'}");

    (void)state;
    assert_float_equal(s->class_weight[0], 4.0 / (2 * 3), 1e-12);
    assert_float_equal(s->class_weight[1], 4.0 / (2 * 1), 1e-12);
    nn_setup_free(s);
    nn_config_free(config);
}

static void test_memory_is_known_before_training(void **state)
{
    nn_config *config;
    nn_setup *s = set_up(&config, numbers_data, LAYERS(DENSE(1, "linear")));
    nn_memory memory,
        huge = {.total = UINT64_MAX / 2, .part = {{"weights", UINT64_MAX / 2}, {"a", 1}, {"b", 1}}};
    nn_err err = {0};

    (void)state;
    assert_ok(nn_setup_memory(s, 2, &memory, &err), err);
    assert_true(memory.total > 1000 && memory.total < 10000000);
    for (int i = 1; i < NN_MEMORY_PARTS; i++)
        assert_true(memory.part[i - 1].bytes >= memory.part[i].bytes);
    assert_ok(nn_memory_check(&memory, &err), err);
    assert_int_equal(nn_memory_check(&huge, &err), NN_ELIMIT);
    assert_non_null(strstr(err.msg, "the largest parts: weights"));
    /* Program and data are loaded: they must not be found once more. */
    assert_true(memory.held > 6 * 2 * sizeof(float) && memory.held < memory.total);
    huge.held = huge.total - 1;
    assert_ok(nn_memory_check(&huge, &err), err);
    nn_setup_free(s);
    nn_config_free(config);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_mistake_is_named_with_its_remedy),
        cmocka_unit_test(test_task_loss_and_metric_follow_from_data_and_network),
        cmocka_unit_test(test_the_resolved_config_means_the_same_again),
        cmocka_unit_test(test_the_resolved_config_names_what_the_data_settled),
        cmocka_unit_test(test_writing_without_memory_is_noted_and_nothing_else),
        cmocka_unit_test(test_training_samples_as_test_are_warned_of),
        cmocka_unit_test(test_labels_of_every_split_are_those_of_the_training_rows),
        cmocka_unit_test(test_the_resolved_config_names_the_task_that_the_data_decided),
        cmocka_unit_test(test_balanced_weights_make_classes_count_alike),
        cmocka_unit_test(test_memory_is_known_before_training),
    };

    return nn_test_main(argc, argv, tests);
}
