/*
 * What recurrent layers can learn: to keep a marked symbol through 50 steps of others; and what
 * clipping is for.
 */
#include "run/support/runs.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/rng.h"
#include "data/array_write.h"
#include "support/nn_temp.h"

enum { STEPS = 51, SYMBOLS = 4, WIDTH = SYMBOLS + 1, TEST = 500 };
/* Sanitizers look for faults in the arithmetic; what it learns the other builds show. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { TRAIN = 200, LEARNS = 0 };
#else
enum { TRAIN = 4000, LEARNS = 1 };
#endif

/*
 * Every step shows a symbol, and one of them the mark as well: that is the symbol to name in the
 * end. In training it stands anywhere, in the test at the very beginning.
 */
static int symbol_at(const nn_rng *rng, size_t sample, size_t step)
{
    return (int)nn_rng_below(rng, sample * (STEPS + 1) + step, SYMBOLS);
}

static size_t mark_of(const nn_rng *rng, size_t sample, bool first)
{
    return first ? 0 : (size_t)nn_rng_below(rng, sample * (STEPS + 1) + STEPS, STEPS);
}

static void write_file(const char *dir, const char *name, size_t rows, bool labels, bool first)
{
    const nn_rng rng = {first ? 2 : 1, 1, 0};
    const nn_shape shape = labels ? (nn_shape){0} : nn_shape_2(STEPS, WIDTH);
    char *path = nn_path_join(dir, name);
    nn_array_writer w;
    nn_out *out = NULL;
    nn_err err = {0};

    assert_ok(nn_out_open(&out, path, NN_REPLACE_EXISTING, &err), err);
    assert_ok(nn_array_write_head(&w, out, "npy", labels ? NN_ELEMENT_I64 : NN_ELEMENT_F32, rows,
                                  &shape, &err),
              err);
    for (size_t i = 0; i < rows; i++) {
        const size_t mark = mark_of(&rng, i, first);

        if (labels)
            assert_ok(nn_array_write(&w, symbol_at(&rng, i, mark), &err), err);
        for (size_t k = 0; !labels && k < (size_t)STEPS * WIDTH; k++) {
            const size_t step = k / WIDTH;
            const int at = (int)(k % WIDTH);
            const bool on = at == SYMBOLS ? step == mark : at == symbol_at(&rng, i, step);

            assert_ok(nn_array_write(&w, on, &err), err);
        }
    }
    assert_ok(nn_array_write_end(&w, &err), err);
    assert_ok(nn_out_commit(out, &err), err);
    nn_free(path);
}

static char *make_data(void)
{
    char *dir = nn_temp_dir();

    write_file(dir, "x.npy", TRAIN, false, false);
    write_file(dir, "y.npy", TRAIN, true, false);
    write_file(dir, "test-x.npy", TEST, false, true);
    write_file(dir, "test-y.npy", TEST, true, true);
    return dir;
}

/* Trains on the files of `data`; `rest` ends the config. */
static void train(nn_test_run *r, const char *data, const char *layer, const char *rest)
{
    const nn_train_options options = {.threads = 2};
    char text[2048];

    (void)snprintf(text, sizeof text,
                   "{'data': {'task': 'multiclass', 'train': {'x': '%s/x.npy', 'y': '%s/y.npy'}, "
                   "'test': {'x': '%s/test-x.npy', 'y': '%s/test-y.npy'}}, 'validation': 0, "
                   "'metrics': ['accuracy'], 'model': {'layers': [%s, "
                   "{'type': 'Dense', 'units': 4, 'activation': 'softmax'}]}, %s}",
                   data, data, data, data, layer, rest);
    nn_test_train(r, text, &options);
}

/* The accuracy on marks that lie 50 steps back. */
static double recalls(const char *layer)
{
    char *data = make_data();
    nn_test_run r;

    train(&r, data, layer,
          "'optimizer': {'type': 'adam', 'learning_rate': 0.01}, "
          "'training': {'epochs': 10, 'batch_size': 32, 'clip_norm': 1}");
    assert_ok(r.code, r.err);
    assert_true(r.result.tested);
    const double accuracy = r.result.test.metric[0];
    nn_test_run_free(&r);
    nn_temp_remove(data);
    return accuracy;
}

static void test_lstm_keeps_a_symbol_over_50_steps(void **state)
{
    (void)state;
    assert_true(recalls("{'type': 'LSTM', 'units': 20}") > 0.97 * LEARNS);
}

static void test_gru_keeps_a_symbol_over_50_steps(void **state)
{
    (void)state;
    assert_true(recalls("{'type': 'GRU', 'units': 20}") > 0.97 * LEARNS);
}

/* Without gates everything seen is mixed in; one of four is chance. */
static void test_simple_rnn_does_not(void **state)
{
    (void)state;
    assert_true(recalls("{'type': 'SimpleRNN', 'units': 20}") < 0.4);
}

/* A state that grows at every step, without a bound: a first gradient of more than a million. */
#define BADLY_STARTED                                                                              \
    "{'type': 'SimpleRNN', 'units': 16, 'activation': 'relu', "                                    \
    "'recurrent_initializer': {'type': 'random_normal', 'stddev': 0.4}}"
#define STEEP "'seed': 1, 'optimizer': {'type': 'sgd', 'learning_rate': 0.05}, "

static void test_a_badly_started_network_diverges(void **state)
{
    char *data = make_data();
    nn_test_run r;

    (void)state;
    train(&r, data, BADLY_STARTED, STEEP "'training': {'epochs': 2}");
    assert_int_equal(r.code, NN_EDIVERGED);
    assert_string_equal(r.err.where, "epoch 1, step 2");
    assert_non_null(strstr(r.err.msg, "lower optimizer.learning_rate"));
    nn_test_run_free(&r);
    nn_temp_remove(data);
}

static void test_clipping_keeps_it_from_that(void **state)
{
    char *data = make_data();
    nn_test_run r;
    size_t len = 0;

    (void)state;
    train(&r, data, BADLY_STARTED, STEEP "'training': {'epochs': 2, 'clip_norm': 1}");
    assert_ok(r.code, r.err);
    assert_true(!LEARNS || r.result.last.loss < 2);
    char *log = nn_test_file(&r, "metrics.jsonl", &len);
    const char *norm = strstr(log, "\"gradient_norm\":"); /* that before clipping */
    assert_non_null(norm);
    assert_true(strtod(norm + strlen("\"gradient_norm\":"), NULL) > 1e3);
    nn_free(log);
    nn_test_run_free(&r);
    nn_temp_remove(data);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lstm_keeps_a_symbol_over_50_steps),
        cmocka_unit_test(test_gru_keeps_a_symbol_over_50_steps),
        cmocka_unit_test(test_simple_rnn_does_not),
        cmocka_unit_test(test_a_badly_started_network_diverges),
        cmocka_unit_test(test_clipping_keeps_it_from_that),
    };
    return nn_test_main(argc, argv, tests);
}
