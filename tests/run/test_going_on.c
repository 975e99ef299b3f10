/*
 * Every kind that the program's own tables know, and every setting of them, in trainings that are
 * stopped again and again, within epochs and between them, and go on with other threads: they end
 * in the bytes of one that was not. A new layer, optimizer, schedule, metric or setting is tried
 * without anybody thinking of it. NN_GOING_ON=all B/test_going_on stops after every step, and tries
 * every optimizer with every schedule on every network.
 */
#include "run/support/resumed.h"

#include "base/mem.h"
#include "data/augment.h"
#include "nn/metric.h"
#include "nn/optimizer.h"
#include "nn/schedule.h"
#include "support/nn_temp.h"

static bool try_all(void)
{
    const char *const asked = getenv("NN_GOING_ON");

    return asked != NULL && strcmp(asked, "all") == 0;
}

/* ---- one training, whole and in pieces ---- */

/* Is this a config, and one that suits its data? */
static bool is_possible(const char *text)
{
    char *json = nn_test_quotes(text);
    const nn_config_source source = {"test.json", "", json, strlen(json), NN_ECONFIG, NULL, 0};
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    nn_config *config = NULL;
    nn_setup *setup = NULL;
    nn_err err = {0};
    const bool possible = nn_config_read(&config, &source, &err) == NN_OK &&
                          nn_setup_new(&setup, config, &options, &err) == NN_OK;

    nn_setup_free(setup);
    nn_config_free(config);
    nn_free(json);
    return possible;
}

/* Stops after `first` steps and after each `stride` more, until there are none left. */
static void goes_on_from(const char *text, int first, int stride)
{
    nn_test_run whole, r;
    nn_test_resumed last = {.code = NN_ESTOPPED};
    int stops = 0;

    nn_test_train(&whole, text, &(nn_train_options){.threads = 1});
    nn_test_train_until(&r, text, first);
    assert_int_equal(r.code, NN_ESTOPPED);
    for (; last.code == NN_ESTOPPED && stops < 1000; stops++)
        last = nn_test_go_on(&r, (nn_test_how){.steps = stride, .threads = 1 + stops % 3});
    const char *file = last.code == whole.code ? nn_test_difference(&whole, &r) : "the code";
    if (file != NULL)
        fail_msg("%s differs (codes %d and %d, %d stops): %s", file, (int)whole.code,
                 (int)last.code, stops, text);
    nn_test_run_free(&whole);
    nn_test_run_free(&r);
}

/* All steps when it may take long. */
static void goes_on(const char *text, int stride)
{
    goes_on_from(text, try_all() ? 0 : stride, try_all() ? 1 : stride);
}

/* ---- networks ---- */

/* Rows of so many numbers each around one of two centres. */
static void put_samples(nn_buf *out, int rows, int width)
{
    const nn_rng rng = {9, 0, 0};

    nn_buf_put(out, "'train': {'inline': {'x': [");
    for (int row = 0; row < rows; row++) {
        nn_buf_put(out, row == 0 ? "[" : ",[");
        for (int i = 0; i < width; i++)
            nn_buf_printf(out, "%s%.3f", i == 0 ? "" : ",",
                          nn_rng_normal(&rng, (uint64_t)(row * width + i)) + (row % 2) * 0.5);
        nn_buf_char(out, ']');
    }
    nn_buf_put(out, "], 'y': [");
    for (int row = 0; row < rows; row++)
        nn_buf_printf(out, "%s%d", row == 0 ? "" : ",", row % 2);
    nn_buf_put(out, "]}}");
}

typedef struct network {
    const char *data; /* further keys; with "'train'" all of them, else 20 rows of 12 numbers */
    const char *layers;
    const char *training; /* further keys of it */
    const char *more;     /* further keys of the config, without optimizer and schedule */
} network;

#define YES_OR_NO "{'type': 'Dense', 'units': 1, 'activation': 'sigmoid'}"

/* All that has a memory of its own, or is varied by chance: statistics, dropped units, samples. */
static const network networks[] = {
    {"'task': 'binary', 'shape': [12]",
     "{'type': 'Dense', 'units': 5, 'activation': 'relu'}, {'type': 'BatchNormalization'}, "
     "{'type': 'Dropout', 'rate': 0.4}, {'type': 'GaussianNoise', 'stddev': 0.1}, " YES_OR_NO,
     "'class_weight': 'balanced', 'clip_norm': 1", "'metrics': ['auc', 'accuracy']"},
    {"'task': 'binary', 'shape': [4, 3, 1], 'augment': {'shift': 0.3, 'rotate': 9, 'zoom': 0.2, "
     "'flip': 'both', 'noise': 0.2, 'erase': 0.5, 'mixup': 0.4}",
     "{'type': 'Conv2D', 'filters': 3, 'kernel_size': 2, 'activation': 'relu'}, "
     "{'type': 'BatchNormalization'}, {'type': 'MaxPooling2D'}, {'type': 'Flatten'}, "
     "{'type': 'Dropout', 'rate': 0.3}, " YES_OR_NO,
     "'drop_last': true", "'regularization': {'l1': 0.01, 'l2': 0.01}"},
    {"'task': 'binary', 'shape': [4, 3]",
     "{'type': 'Bidirectional', 'layer': {'type': 'LSTM', 'units': 3, 'return_sequences': true}}, "
     "{'type': 'LayerNormalization'}, {'type': 'GRU', 'units': 4}, "
     "{'type': 'Dropout', 'rate': 0.2}, " YES_OR_NO,
     "'clip_value': 0.1", "'early_stopping': {'patience': 1, 'min_delta': 1000}"},
    {"'task': 'binary', 'shape': [6, 2], 'augment': {'mixup': 1}",
     "{'type': 'PositionalEncoding', 'name': 'in'}, {'type': 'MultiHeadAttention', 'num_heads': 2,"
     " 'key_dim': 3, 'causal': true}, {'type': 'Dropout', 'rate': 0.2, 'name': 'seen'}, {'type': "
     "'Add', 'inputs': ['in', 'seen']}, {'type': 'LayerNormalization'}, {'type': "
     "'GlobalAveragePooling1D'}, " YES_OR_NO,
     "'shuffle': false", "'checkpoint': {'monitor': 'loss'}"},
    {"'task': 'binary', 'shape': [6, 2]",
     "{'type': 'Activation', 'activation': 'relu'}, {'type': 'Masking'}, {'type': 'SimpleRNN', "
     "'units': 3, 'return_sequences': true}, {'type': 'BatchNormalization'}, {'type': 'Dropout', "
     "'rate': 0.3}, {'type': 'LSTM', 'units': 3}, " YES_OR_NO,
     "'class_weight': {'1': 3}", "'metrics': ['f1']"},
    {"'train': {'path': 'texts.csv'}, 'format': 'text', 'target': 'label'",
     "{'type': 'Embedding', 'input_dim': 12, 'output_dim': 3, 'mask_zero': true}, {'type': 'GRU', "
     "'units': 3}, {'type': 'Dropout', 'rate': 0.2}, " YES_OR_NO,
     "'clip_norm': 1", "'metrics': ['auc']"},
    {"'train': {'path': 't.txt'}, 'format': 'text', 'text': {'length': 5}",
     "{'type': 'Embedding', 'input_dim': 6, 'output_dim': 3}, {'type': 'GRU', 'units': 3, "
     "'return_sequences': true}, {'type': 'Dropout', 'rate': 0.2}, {'type': 'Dense', 'units': 6, "
     "'activation': 'softmax'}",
     "'clip_norm': 1", "'metrics': ['accuracy', 'top_k']"},
    {"'train': {'path': 'series.csv'}, 'target': 'b', 'target_scale': 'standard', 'sequence': "
     "{'window': 4}, 'augment': {'noise': 0.1}",
     "{'type': 'LSTM', 'units': 4}, {'type': 'Dropout', 'rate': 0.2}, {'type': 'Dense', 'units': "
     "1}",
     "'clip_norm': 1", "'loss': 'huber', 'metrics': ['mae', 'r2']"},
    {"'train': {'path': 'bytes.csv'}, 'target': 'class'",
     "{'type': 'Dense', 'units': 4, 'activation': 'relu'}, {'type': 'Dropout', 'rate': 0.2}, "
     "{'type': 'Dense', 'units': 3, 'activation': 'softmax'}",
     "'class_weight': 'balanced'", "'metrics': ['accuracy']"},
    {"'train': {'path': 'wines.csv'}, 'task': 'regression', 'target': 'price', 'target_scale': "
     "'log1p', 'weight': 'w', "
     "'columns': {'city': {'encode': 'embedding'}, 'size': {'impute': 'median'}}",
     "{'type': 'Dense', 'units': 4, 'activation': 'tanh'}, {'type': 'Dropout', 'rate': 0.2}, "
     "{'type': 'Dense', 'units': 1}",
     "'clip_norm': 1", "'metrics': ['rmse']"},
};
enum { NETWORKS = sizeof networks / sizeof networks[0] };

static void write_file(const char *name, nn_buf *text)
{
    nn_err err = {0};

    assert_ok(nn_buf_check(text, &err), err);
    assert_ok(nn_file_write(name, text->data, text->len, NN_REPLACE_EXISTING, &err), err);
    nn_buf_free(text);
}

static void write_tables(void)
{
    static const char *const words[] = {"good", "bad", "new wine", "old", "bread of a kind"};
    nn_buf texts = {0}, series = {0}, bytes = {0}, wines = {0};

    nn_buf_put(&texts, "text,label\n");
    nn_buf_put(&series, "a,b\n");
    nn_buf_put(&wines, "city,size,w,price\n");
    for (int i = 0; i < 24; i++) {
        nn_buf_printf(&texts, "%s %s,%s\n", words[i % 5], words[i * i % 3],
                      i % 5 == 1 ? "no" : "yes");
        nn_buf_printf(&series, "%d,%d\n", i % 7, i * i % 11);
        nn_buf_printf(&wines, "%s,%s,%d,%d\n", words[i % 5], i % 6 == 0 ? "" : "3.5", 1 + i % 3,
                      10 + i * i % 17);
    }
    for (int column = 0; column < 40; column++)
        nn_buf_printf(&bytes, "c%d,", column);
    nn_buf_put(&bytes, "class\n");
    for (int i = 0; i < 24; i++) {
        for (int column = 0; column < 40; column++)
            nn_buf_printf(&bytes, "%d,", (i * 37 + column * column * 11) % 256);
        nn_buf_printf(&bytes, "%c\n", "xyz"[i % 3]);
    }
    write_file("texts.csv", &texts);
    write_file("series.csv", &series);
    write_file("bytes.csv", &bytes);
    write_file("wines.csv", &wines);
    nn_buf_put(&texts, "abcabdabcabcabdabcabcabdabcabcabdabcabcabdabcabcabdabcabcabd"
                       "abcabdabcabcabdabcabcabdabcabcabdabcabcabdabcabcabdabcabcabd");
    write_file("t.txt", &texts);
}

/* `setting`: further keys of the config; free what comes back. */
static char *text_of(const network *net, int epochs, const char *optimizer, const char *schedule,
                     const char *setting)
{
    nn_buf out = {0};

    nn_buf_printf(&out, "{'seed': 3, 'data': {%s", net->data);
    if (strstr(net->data, "'train'") == NULL) {
        nn_buf_put(&out, ", 'scale': 'none', ");
        put_samples(&out, 20, 12);
    }
    nn_buf_printf(&out,
                  "}, 'validation': 0.2, 'model': {'layers': [%s]}, 'optimizer': %s, 'schedule': "
                  "%s, 'training': "
                  "{'epochs': %d, 'batch_size': 7, %s}, %s%s}",
                  net->layers, optimizer, schedule, epochs, net->training, net->more, setting);
    return out.data;
}

static void test_every_network_goes_on_from_every_step(void **state)
{
    (void)state;
    for (int i = 0; i < NETWORKS; i++) {
        char *text = text_of(&networks[i], 3, "'adam'", "'constant'", "");

        goes_on_from(text, 0, 1);
        nn_free(text);
    }
}

/* ---- every layer, on the networks that show its gradients ---- */

typedef struct layer_case {
    int width;
    const char *shape;
    const char *layers; /* as JSON */
} layer_case;

/* clang-format off */
#define VECTOR(a) a, "[" #a "]"
#define MATRIX(a, b) (a) * (b), "[" #a "," #b "]"
#define IMAGE(a, b, c) (a) * (b) * (c), "[" #a "," #b "," #c "]"
/* clang-format on */
#define LAYER_CASE(name, in, ...) {in, #__VA_ARGS__},
static const layer_case layer_cases[] = {
#include "nn/support/layer_cases.def"
};

/* The case's layers, all but the closing bracket; what they give becomes one number. */
static char *text_of_case(const layer_case *c)
{
    nn_buf out = {0};

    nn_buf_printf(&out, "{'seed': 3, 'data': {'task': 'regression', 'scale': 'none', 'shape': %s, ",
                  c->shape);
    put_samples(&out, 6, c->width);
    nn_buf_printf(&out, "}, 'validation': 0, 'loss': 'mse', 'model': {'layers': ");
    nn_buf_add(&out, c->layers, strlen(c->layers) - 1);
    nn_buf_put(&out, ", {'type': 'Flatten'}, {'type': 'Dense', 'units': 1}]}, 'training': "
                     "{'epochs': 2, 'batch_size': 2}}");
    return out.data;
}

static void test_every_layer_goes_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof layer_cases / sizeof layer_cases[0]; i++) {
        char *text = text_of_case(&layer_cases[i]);

        if (strstr(text, "ColumnEmbedding") ==
            NULL)             /* needs a table, and is in one network above */
            goes_on(text, 4); /* within an epoch */
        nn_free(text);
    }
}

/* ---- every setting ---- */

/* Values of a field that are not its default, tried in this order until one is taken. */
static const char *const numbers[] = {"0.5", "2", "0.9", "1", NULL};
static const char *const integers[] = {"2", "1", "3", NULL};
static const char *const truths[] = {"true", "false", NULL};
static const char *const texts[] = {"\"loss\"", NULL}; /* the only ones are monitors */
static const char *const nothing[] = {NULL};

static const char *const *values_of(const nn_field *f)
{
    switch (f->type) {
    case NN_FIELD_INT:
        return integers;
    case NN_FIELD_NUM:
        return numbers;
    case NN_FIELD_BOOL:
        return truths;
    case NN_FIELD_TEXT:
        return texts;
    default:
        return nothing;
    }
}

/* Where a setting stands in a config: "'schedule': {'type': 'step', %s}" and what is around it. */
typedef struct place {
    char *(*text)(const char *inside);
    const char *type; /* NULL: a table without types */
    int stride;
} place;

static char *text_inside(const place *p, const char *inside)
{
    nn_buf object = {0};

    nn_buf_char(&object, '{');
    if (p->type != NULL)
        nn_buf_printf(&object, "'type': '%s'%s", p->type, inside[0] == '\0' ? "" : ", ");
    nn_buf_printf(&object, "%s}", inside);
    char *text = p->text(object.data);
    nn_buf_free(&object);
    return text;
}

static void try_inside(const place *p, const char *inside)
{
    char *text = text_inside(p, inside);

    goes_on(text, p->stride);
    nn_free(text);
}

static bool is_taken(const place *p, const char *inside)
{
    char *text = text_inside(p, inside);
    const bool taken = is_possible(text);

    nn_free(text);
    return taken;
}

/* Adds `"key": value` to `all` when it is a setting that the config can have. */
static bool add_setting(const place *p, const nn_field *f, const char *value, nn_buf *all)
{
    nn_buf one = {0};

    nn_buf_printf(&one, "\"%s\": %s", f->key, value);
    const bool taken = (f->fallback == NULL || strcmp(f->fallback, value) != 0) &&
                       strcmp(f->key, "epochs") != 0 && is_taken(p, one.data);
    if (taken) {
        try_inside(p, one.data);
        nn_buf_printf(all, "%s%s", all->len > 0 ? ", " : "", one.data);
    }
    nn_buf_free(&one);
    return taken;
}

/* Each field by itself, then all of them together; every word of those that are words. */
static int try_fields(const place *p, const nn_field *fields)
{
    nn_buf all = {0};
    int tried = 0;

    try_inside(p, "");
    for (const nn_field *f = fields; f != NULL && f->key != NULL; f++) {
        const char *const *values = values_of(f);

        for (int i = 0; values[i] != NULL; i++)
            if (add_setting(p, f, values[i], &all)) {
                tried++;
                break;
            }
        for (int i = 0; f->type == NN_FIELD_WORD && f->words[i] != NULL; i++) {
            nn_buf word = {0}, unused = {0};

            nn_buf_json(&word, f->words[i]);
            tried += add_setting(p, f, word.data, &unused);
            nn_buf_free(&word);
            nn_buf_free(&unused);
        }
    }
    if (all.len > 0 && is_taken(p, all.data))
        try_inside(p, all.data);
    nn_buf_free(&all);
    return tried;
}

static const network plain = {
    "'task': 'binary', 'shape': [12]",
    "{'type': 'Dense', 'units': 3, 'activation': 'tanh'}, {'type': 'Dropout', 'rate': 0.2}, "
    "{'type': 'BatchNormalization'}, " YES_OR_NO,
    "'drop_last': false", "'metrics': ['accuracy']"};

static char *with_optimizer(const char *object)
{
    return text_of(&plain, 3, object, "'constant'", "");
}

static char *with_schedule(const char *object)
{
    return text_of(&plain, 7, "{'type': 'sgd', 'learning_rate': 0.3}", object, "");
}

/* An object that is a key of the config by itself. */
static char *with_key(const char *key, const char *object)
{
    nn_buf more = {0};

    nn_buf_printf(&more, ", '%s': %s", key, object);
    char *text = text_of(&plain, 5, "'adam'", "'constant'", more.data);
    nn_buf_free(&more);
    return text;
}

static char *with_early_stopping(const char *object)
{
    return with_key("early_stopping", object);
}

static char *with_penalty(const char *object)
{
    return with_key("regularization", object);
}

static char *with_training(const char *object)
{
    const size_t len = strlen(object);
    nn_buf keys = {0};
    network net = plain;

    nn_buf_printf(&keys, "%.*s", (int)len - 2, object + 1);
    net.training = len > 2 ? keys.data : plain.training;
    char *text = text_of(&net, 3, "'adam'", "'constant'", "");
    nn_buf_free(&keys);
    return text;
}

static char *with_augment(const char *object)
{
    nn_buf keys = {0};
    network net = networks[1];

    nn_buf_printf(&keys, "'task': 'binary', 'shape': [4, 3, 1], 'augment': %s", object);
    net.data = keys.data;
    char *text = text_of(&net, 3, "'adam'", "'constant'", "");
    nn_buf_free(&keys);
    return text;
}

static void test_every_optimizer_goes_on_with_every_setting(void **state)
{
    (void)state;
    for (const nn_kind *const *kind = nn_optimizers.kinds; *kind != NULL; kind++) {
        const place p = {with_optimizer, (*kind)->name, 4};

        assert_in_range(try_fields(&p, (*kind)->fields), 2, 100);
    }
}

static void test_every_schedule_goes_on_with_every_setting(void **state)
{
    int tried = 0;

    (void)state;
    for (const nn_kind *const *kind = nn_schedules.kinds; *kind != NULL; kind++) {
        const place p = {with_schedule, (*kind)->name, 5};

        tried += try_fields(&p, (*kind)->fields);
    }
    assert_in_range(tried, 20, 1000);
}

/* The table of a key of the config. */
static const nn_field *fields_of(const char *key)
{
    for (const nn_field *f = nn_config_table.fields; f->key != NULL; f++)
        if (strcmp(f->key, key) == 0)
            return f->table->fields;
    fail_msg("a config has no \"%s\"", key);
    return NULL;
}

static void test_every_other_setting_of_a_training_goes_on(void **state)
{
    const place early = {with_early_stopping, NULL, 4}, penalty = {with_penalty, NULL, 4},
                training = {with_training, NULL, 4}, augment = {with_augment, NULL, 4};

    (void)state;
    assert_int_equal(try_fields(&early, fields_of("early_stopping")), 3);
    assert_int_equal(try_fields(&penalty, fields_of("regularization")), 2);
    assert_in_range(try_fields(&training, fields_of("training")), 9, 100);
    assert_in_range(try_fields(&augment, nn_augment_table.fields), 9, 100);
}

/* A state of its own for each, of classes or of numbers. */
static void test_every_metric_goes_on(void **state)
{
    (void)state;
    for (const nn_kind *const *kind = nn_metrics.kinds; *kind != NULL; kind++) {
        network net = plain;
        char more[96];

        (void)snprintf(more, sizeof more, "'metrics': ['%s']", (*kind)->name);
        net.more = more;
        char *text = text_of(&net, 2, "'adam'", "'constant'", "");
        if (!is_possible(text)) {
            nn_free(text);
            net.data = "'task': 'regression', 'shape': [12]";
            net.layers = "{'type': 'Dense', 'units': 1}";
            text = text_of(&net, 2, "'adam'", "'constant'", "");
        }
        goes_on_from(text, 0, 1);
        nn_free(text);
    }
}

/* ---- more epochs than were planned ---- */

/* From after `steps` steps of `few` epochs to `many`: refused, or as if there had been `many` at
 * once. */
static bool is_extended(const char *schedule, int steps, int few, int many)
{
    char *shorter = text_of(&plain, few, "'adam'", schedule, "");
    char *longer = text_of(&plain, many, "'adam'", schedule, "");
    char set[32];
    const char *const sets[] = {set};
    nn_test_run whole, r;

    (void)snprintf(set, sizeof set, "training.epochs=%d", many);
    nn_test_train(&whole, longer, &(nn_train_options){.threads = 1});
    nn_test_train_until(&r, shorter, steps);
    const nn_test_resumed end =
        nn_test_go_on(&r, (nn_test_how){.steps = -1, .threads = 2, .sets = sets, .set_count = 1});
    if (end.code != NN_OK) {
        assert_int_equal(end.code, NN_ECONFIG);
        assert_string_equal(end.err.where, "training.epochs");
    } else if (nn_test_difference(&whole, &r) != NULL) {
        fail_msg("%s differs after going on from step %d with %s", nn_test_difference(&whole, &r),
                 steps, schedule);
    }
    nn_test_run_free(&whole);
    nn_test_run_free(&r);
    nn_free(shorter);
    nn_free(longer);
    return end.code == NN_OK;
}

/* 3 steps an epoch: from within the first epoch, within the second, between them, and the end. */
static void test_every_schedule_is_extended_exactly_or_refused(void **state)
{
    static const int stops[] = {0, 2, 4, 6, 1000};
    int extended = 0, refused = 0;

    (void)state;
    for (const nn_kind *const *kind = nn_schedules.kinds; *kind != NULL; kind++)
        for (int unit = 0; unit < 2; unit++)
            for (int i = 0; i < 5; i++) {
                char schedule[64];

                (void)snprintf(schedule, sizeof schedule, "{'type': '%s', 'unit': '%s'}",
                               (*kind)->name, unit == 0 ? "epoch" : "step");
                if (is_extended(schedule, stops[i], 3, 5))
                    extended++;
                else
                    refused++;
            }
    assert_in_range(extended, 40, 1000); /* four schedules know nothing of the end */
    assert_in_range(refused, 15, 1000);
}

static void test_all_with_all(void **state)
{
    (void)state;
    if (!try_all())
        skip();
    for (int i = 0; i < NETWORKS; i++)
        for (const nn_kind *const *o = nn_optimizers.kinds; *o != NULL; o++)
            for (const nn_kind *const *s = nn_schedules.kinds; *s != NULL; s++) {
                char optimizer[64], schedule[64];

                (void)snprintf(optimizer, sizeof optimizer, "'%s'", (*o)->name);
                (void)snprintf(schedule, sizeof schedule, "'%s'", (*s)->name);
                char *text = text_of(&networks[i], 4, optimizer, schedule, "");
                goes_on_from(text, 0, 1);
                nn_free(text);
            }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_network_goes_on_from_every_step),
        cmocka_unit_test(test_every_layer_goes_on),
        cmocka_unit_test(test_every_optimizer_goes_on_with_every_setting),
        cmocka_unit_test(test_every_schedule_goes_on_with_every_setting),
        cmocka_unit_test(test_every_other_setting_of_a_training_goes_on),
        cmocka_unit_test(test_every_metric_goes_on),
        cmocka_unit_test(test_every_schedule_is_extended_exactly_or_refused),
        cmocka_unit_test(test_all_with_all),
    };
    char *dir = nn_temp_dir_in_memory();

    if (dir == NULL || chdir(dir) != 0)
        return 1;
    write_tables();
    const int failed = nn_test_main(argc, argv, tests);
    if (chdir("/") != 0)
        return 1;
    nn_temp_remove(dir);
    return failed;
}
