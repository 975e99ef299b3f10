/* A training that was stopped anywhere and goes on ends in the bytes of one that was not. */
#include "run/support/runs.h"

#include "base/mem.h"
#include "run/checkpoint.h"
#include "run/record.h"
#include "support/nn_temp.h"

/* 36 training rows in batches of 7: 6 steps an epoch, the last of them smaller. */
static const char base[] =
    "{'data': %s, 'seed': 5, 'model': {'layers': [{'type': 'Dense', 'units': 11, 'activation': "
    "'tanh'},"
    "{'type': 'Dropout', 'rate': 0.3}, {'type': 'Dense', 'units': 1, 'activation': 'sigmoid'}]},"
    "'training': {'epochs': %d, 'batch_size': 7}, %s}";

static char *text_of(int epochs, const char *rest)
{
    char *text = nn_alloc(strlen(nn_test_points) + strlen(rest) + sizeof base + 32, 1);

    (void)sprintf(text, base, nn_test_points, epochs, rest);
    return text;
}

typedef struct stopper {
    int left; /* steps until the stop; negative: never */
} stopper;

static bool is_time(void *context)
{
    stopper *s = context;

    return s->left >= 0 && s->left-- == 0;
}

/* Writes run.json, as the command does, so that the run can be found again. */
static void record(const nn_test_run *r)
{
    char program[] = "nnctl";
    char *const argv[] = {program};
    const nn_run_facts facts = {.setup = r->setup,
                                .config_path = "c",
                                .argc = 1,
                                .argv = argv,
                                .threads = 1,
                                .status = "running",
                                .exit_code = -1};
    nn_err err = {0};

    assert_ok(nn_rundir_record(r->run, &facts, &err), err);
}

static void train_until(nn_test_run *r, const char *text, int steps)
{
    stopper stop = {steps};
    const nn_train_options options = {.threads = 2, .watch = {.context = &stop, .stop = is_time}};

    nn_test_train(r, text, &options);
    record(r);
}

/* What resuming one run directory gave. */
typedef struct resumed {
    nn_code code;
    nn_train_result result;
    nn_err err;
} resumed;

/* Goes on in the run's directory as a new process would, with other threads, for `steps` more
 * steps. */
static resumed go_on(const nn_test_run *r, int steps, int threads, const char *const *sets,
                     int set_count)
{
    stopper stop = {steps};
    const nn_train_options options = {
        .threads = threads, .resume = true, .watch = {.context = &stop, .stop = is_time}};
    const nn_setup_options setup_options = {.depth = NN_SETUP_DATA};
    nn_record origin;
    nn_setup *setup = NULL;
    nn_rundir *dir = NULL;
    resumed out = {.code = NN_OK};

    assert_ok(nn_record_read(&origin, r->run->path, sets, set_count, &out.err), out.err);
    assert_ok(nn_setup_new(&setup, origin.config, &setup_options, &out.err), out.err);
    assert_ok(nn_rundir_open(&dir, r->run->path, &out.err), out.err);
    out.code = nn_train(setup, dir, &options, &out.result, &out.err);
    nn_rundir_free(dir);
    nn_setup_free(setup);
    nn_record_free(&origin);
    return out;
}

static void same_file(const nn_test_run *a, const nn_test_run *b, const char *name)
{
    size_t alen, blen;
    char *abytes = nn_test_file(a, name, &alen);
    char *bbytes = nn_test_file(b, name, &blen);

    if (alen != blen || memcmp(abytes, bbytes, alen) != 0)
        fail_msg("%s differs", name);
    nn_free(abytes);
    nn_free(bbytes);
}

static void same_run(const nn_test_run *a, const nn_test_run *b)
{
    same_file(a, b, "model.safetensors");
    same_file(a, b, "last.safetensors");
    same_file(a, b, "metrics.jsonl");
}

/* Nothing gets better by 1000, so patience runs out within these few epochs. */
static const char *const variants[] = {
    "'optimizer': 'adam', 'metrics': ['auc', 'accuracy']",
    "'optimizer': {'type': 'sgd', 'momentum': 0.9, 'nesterov': true}, 'validation': 0.3, "
    "'early_stopping': "
    "{'patience': 2, 'min_delta': 1000}",
    "'optimizer': 'adamw', 'schedule': {'type': 'cosine', 'unit': 'step', 'warmup': 3}, "
    "'regularization': {'l2': 0.01}",
    "'optimizer': 'rmsprop', 'schedule': {'type': 'reduce_on_plateau', 'patience': 2, 'min_delta': "
    "1000}, "
    "'checkpoint': {'monitor': "
    "'val_accuracy'}",
    "'optimizer': 'adagrad', 'schedule': {'type': 'step', 'step_size': 2}",
};
enum { VARIANTS = sizeof variants / sizeof variants[0], EPOCHS = 4, STEPS = 6 * EPOCHS };

/* Stopped at steps all over the epochs, and once more while it goes on. */
static void test_a_stop_at_any_step_is_invisible_in_the_end(void **state)
{
    (void)state;
    for (int v = 0; v < VARIANTS; v++) {
        char *text = text_of(EPOCHS, variants[v]);
        nn_test_run whole;

        nn_test_train(&whole, text, &(nn_train_options){.threads = 1});
        assert_int_equal(whole.code, NN_OK);
        for (int at = 1; at < (int)whole.result.last.step; at += 4 + v) {
            nn_test_run r;

            train_until(&r, text, at);
            assert_int_equal(r.code, NN_ESTOPPED);
            assert_int_equal(go_on(&r, 2, 3, NULL, 0).code,
                             at + 2 < (int)whole.result.last.step ? NN_ESTOPPED : NN_OK);
            const resumed end = go_on(&r, -1, 1, NULL, 0);
            assert_int_equal(end.code, NN_OK);
            assert_int_equal(end.result.best_epoch, whole.result.best_epoch);
            same_run(&whole, &r);
            nn_test_run_free(&r);
        }
        nn_test_run_free(&whole);
        nn_free(text);
    }
}

/* Killed after lines were logged that the state does not know: they are cut off and written again.
 */
static void test_lines_beyond_the_state_are_cut_off(void **state)
{
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run whole, r;
    nn_err err = {0};
    size_t len;

    (void)state;
    nn_test_train(&whole, text, &(nn_train_options){.threads = 1});
    train_until(&r, text, 8);
    char *log = nn_test_file(&r, "metrics.jsonl", &len);
    char *path = nn_path_join(r.run->path, "metrics.jsonl");
    nn_buf longer = {0};
    nn_buf_add(&longer, log, len);
    nn_buf_put(&longer, "{\"epoch\":2,\"a line of a run that was kil");
    assert_ok(nn_file_write(path, longer.data, longer.len, NN_REPLACE_EXISTING, &err), err);
    assert_int_equal(go_on(&r, -1, 2, NULL, 0).code, NN_OK);
    same_run(&whole, &r);
    nn_buf_free(&longer);
    nn_free(log);
    nn_free(path);
    nn_test_run_free(&whole);
    nn_test_run_free(&r);
    nn_free(text);
}

static void test_a_finished_run_can_be_extended(void **state)
{
    static const char *const longer[] = {"training.epochs=6"};
    char *six = text_of(6, variants[0]), *two = text_of(2, variants[0]);
    nn_test_run whole, r;

    (void)state;
    nn_test_train(&whole, six, &(nn_train_options){.threads = 1});
    train_until(&r, two, -1);
    assert_int_equal(r.code, NN_OK);
    assert_int_equal(go_on(&r, -1, 1, NULL, 0).code, NN_OK); /* nothing left to do: no harm */
    assert_int_equal(go_on(&r, -1, 1, longer, 1).code, NN_OK);
    same_file(&whole, &r, "model.safetensors");
    same_file(&whole, &r, "metrics.jsonl");
    nn_test_run_free(&whole);
    nn_test_run_free(&r);
    nn_free(six);
    nn_free(two);
}

static void test_what_would_change_the_past_is_refused_by_name(void **state)
{
    static const char *const changed[] = {"optimizer.learning_rate=0.5", "training.batch_size=8",
                                          "seed=6"};
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run r;

    (void)state;
    train_until(&r, text, 9);
    const resumed end = go_on(&r, -1, 1, changed, 3);
    assert_int_equal(end.code, NN_EMODEL);
    assert_string_equal(end.err.msg,
                        "cannot go on: these keys would change what was trained already: seed, "
                        "optimizer.learning_rate, training.batch_size");
    nn_test_run_free(&r);
    nn_free(text);
}

static void test_a_schedule_that_counts_the_epochs_forbids_others(void **state)
{
    static const char *const longer[] = {"training.epochs=8"};
    char *text = text_of(EPOCHS, variants[2]);
    nn_test_run r;

    (void)state;
    train_until(&r, text, 9);
    const resumed end = go_on(&r, -1, 1, longer, 1);
    assert_int_equal(end.code, NN_ECONFIG);
    assert_string_equal(end.err.where, "training.epochs");
    nn_test_run_free(&r);
    nn_free(text);
}

static void test_other_data_is_refused(void **state)
{
    char *dir = nn_temp_dir();
    char *csv = nn_path_join(dir, "rows.csv");
    static const char rows[] = "x,y\n1,0.5\n2,1.5\n3,2.5\n4,3.5\n";
    char text[512];
    nn_test_run r;
    nn_err err = {0};

    (void)state;
    assert_ok(nn_file_write(csv, rows, sizeof rows - 1, NN_REFUSE_EXISTING, &err), err);
    (void)snprintf(text, sizeof text,
                   "{'data': {'train': {'path': '%s'}}, 'validation': 0, 'model': {'layers': "
                   "[{'type': 'Dense', "
                   "'units': 1}]}, 'training': {'epochs': 5, 'batch_size': 1}}",
                   csv);
    train_until(&r, text, 6);
    assert_ok(nn_file_write(csv, "x,y\n1,0.5\n2,1.5\n3,2.5\n4,3.6\n", sizeof rows - 1,
                            NN_REPLACE_EXISTING, &err),
              err);
    const resumed end = go_on(&r, -1, 1, NULL, 0);
    assert_int_equal(end.code, NN_EMODEL);
    assert_string_equal(end.err.msg,
                        "cannot go on: the training data is not what it was when this was saved");
    nn_test_run_free(&r);
    nn_free(csv);
    nn_temp_remove(dir);
}

static void test_a_damaged_or_foreign_state_is_refused_and_nothing_is_touched(void **state)
{
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run r;
    nn_err err = {0};
    size_t len, log_len, after;

    (void)state;
    train_until(&r, text, 9);
    char *bytes = nn_test_file(&r, "state.safetensors", &len);
    nn_free(nn_test_file(&r, "metrics.jsonl", &log_len));
    for (size_t i = 0; i < len; i += 97) {
        bytes[i] ^= 4;
        assert_ok(nn_file_write(r.run->state, bytes, len, NN_REPLACE_EXISTING, &err), err);
        assert_int_equal(go_on(&r, -1, 1, NULL, 0).code, NN_EMODEL);
        bytes[i] ^= 4;
    }
    nn_free(bytes);
    bytes = nn_test_file(&r, "last.safetensors", &len);
    assert_ok(nn_file_write(r.run->state, bytes, len, NN_REPLACE_EXISTING, &err), err);
    const resumed end = go_on(&r, -1, 1, NULL, 0);
    assert_int_equal(end.code, NN_EMODEL);
    assert_string_equal(
        end.err.msg,
        "expected the state of a training; to start from these weights, give the file to "
        "train --init-weights");
    nn_free(nn_test_file(&r, "metrics.jsonl", &after));
    assert_int_equal(after, log_len);
    nn_free(bytes);
    nn_test_run_free(&r);
    nn_free(text);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stop_at_any_step_is_invisible_in_the_end),
        cmocka_unit_test(test_lines_beyond_the_state_are_cut_off),
        cmocka_unit_test(test_a_finished_run_can_be_extended),
        cmocka_unit_test(test_what_would_change_the_past_is_refused_by_name),
        cmocka_unit_test(test_a_schedule_that_counts_the_epochs_forbids_others),
        cmocka_unit_test(test_other_data_is_refused),
        cmocka_unit_test(test_a_damaged_or_foreign_state_is_refused_and_nothing_is_touched),
    };

    return nn_test_main(argc, argv, tests);
}
