/* A training that was stopped anywhere and goes on ends in the bytes of one that was not. */
#include "run/support/resumed.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "base/mem.h"
#include "run/checkpoint.h"
#include "support/nn_temp.h"

/* 36 training rows in batches of 7: 6 steps an epoch, the last of them smaller. */
static const char base[] =
    "{'data': %s, 'seed': 5, 'model': {'layers': [{'type': 'Dense', 'units': 11, 'activation': "
    "'tanh'},"
    "{'type': 'Dropout', 'rate': 0.3}, {'type': 'Dense', 'units': 1, 'activation': 'sigmoid'}]},"
    "'training': {'epochs': %d, 'batch_size': 7%s}, %s}";

/* `training`: more of its keys, with a comma before them. */
static char *text_with(int epochs, const char *training, const char *rest)
{
    const size_t len = strlen(nn_test_points) + strlen(training) + strlen(rest);
    char *text = nn_alloc(len + sizeof base + 32, 1);

    (void)sprintf(text, base, nn_test_points, epochs, training, rest);
    return text;
}

static char *text_of(int epochs, const char *rest)
{
    return text_with(epochs, "", rest);
}

static bool exact; /* whether go_on takes no other machine's state */

/* Goes on with other threads for `steps` more steps. */
static nn_test_resumed go_on(const nn_test_run *r, int steps, int threads, const char *const *sets,
                             int set_count)
{
    return nn_test_go_on(r, (nn_test_how){steps, threads, sets, set_count, exact, false});
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

            nn_test_train_until(&r, text, at);
            assert_int_equal(r.code, NN_ESTOPPED);
            assert_int_equal(go_on(&r, 2, 3, NULL, 0).code,
                             at + 2 < (int)whole.result.last.step ? NN_ESTOPPED : NN_OK);
            const nn_test_resumed end = go_on(&r, -1, 1, NULL, 0);
            assert_int_equal(end.code, NN_OK);
            assert_int_equal(end.result.best_epoch, whole.result.best_epoch);
            nn_test_same_run(&whole, &r);
            nn_test_run_free(&r);
        }
        nn_test_run_free(&whole);
        nn_free(text);
    }
}

/* 12 rows, two of them beyond all bounds: steps that are skipped or rolled back leave their traces.
 */
static const char bad_rows[] =
    "{'data': {'task': 'regression', 'scale': 'none', 'train': {'inline': {'x': [[1],[2],[3],[4],"
    "[1e30],[5],[6],[7],[-1e30],[8],[9],[10]], 'y': [2,4,6,8,10,12,14,16,18,20,22,24]}}}, "
    "'validation': 0, 'seed': 2, 'model': {'layers': [{'type': 'Dense', 'units': 3}, {'type': "
    "'Dropout', 'rate': 0.3}, {'type': 'Dense', 'units': 1}, {'type': 'BatchNormalization', "
    "'trainable': false}]}, 'training': {'epochs': 4, 'batch_size': 2, 'on_nonfinite': '%s'}}";

static void test_a_stop_among_bad_steps_is_invisible(void **state)
{
    static const char *const answers[] = {"skip", "rollback"};

    (void)state;
    if (sizeof(nn_real) > sizeof(float))
        skip(); /* in double these rows spoil nothing */
    for (int v = 0; v < 2; v++) {
        nn_test_run whole, r;
        char text[1024];
        int stops = 0;
        size_t len;

        (void)snprintf(text, sizeof text, bad_rows, answers[v]);
        nn_test_train(&whole, text, &(nn_train_options){.threads = 1});
        assert_ok(whole.code, whole.err);
        char *log = nn_test_file(&whole, "metrics.jsonl", &len);
        assert_non_null(strstr(log, "\"set_back\":"));
        nn_free(log);
        nn_test_train_until(&r, text, 0);
        while (r.code == NN_ESTOPPED && stops++ < 100)
            r.code = go_on(&r, 1, 1 + stops % 3, NULL, 0).code;
        assert_ok(r.code, r.err);
        assert_int_equal(stops, 24);
        nn_test_same_run(&whole, &r);
        nn_test_run_free(&whole);
        nn_test_run_free(&r);
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
    nn_test_train_until(&r, text, 8);
    char *log = nn_test_file(&r, "metrics.jsonl", &len);
    char *path = nn_path_join(r.run->path, "metrics.jsonl");
    nn_buf longer = {0};
    nn_buf_add(&longer, log, len);
    nn_buf_put(&longer, "{\"epoch\":2,\"a line of a run that was kil");
    assert_ok(nn_file_write(path, longer.data, longer.len, NN_REPLACE_EXISTING, &err), err);
    assert_int_equal(go_on(&r, -1, 2, NULL, 0).code, NN_OK);
    nn_test_same_run(&whole, &r);
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
    nn_test_train_until(&r, two, -1);
    assert_int_equal(r.code, NN_OK);
    assert_int_equal(go_on(&r, -1, 1, NULL, 0).code, NN_OK); /* nothing left to do: no harm */
    assert_int_equal(go_on(&r, -1, 1, longer, 1).code, NN_OK);
    nn_test_same_file(&whole, &r, "model.safetensors");
    nn_test_same_file(&whole, &r, "metrics.jsonl");
    nn_test_run_free(&whole);
    nn_test_run_free(&r);
    nn_free(six);
    nn_free(two);
}

/* A whole run of three epochs, and one that was stopped within its second. */
static void test_an_end_is_moved_nearer_but_not_behind_what_is_trained(void **state)
{
    static const char *const one[] = {"training.epochs=1"}, *const two[] = {"training.epochs=2"};
    char *three_text = text_of(3, variants[0]), *two_text = text_of(2, variants[0]);
    nn_test_run whole, done, stopped;

    (void)state;
    nn_test_train(&whole, two_text, &(nn_train_options){.threads = 1});
    nn_test_train_until(&done, three_text, -1);
    nn_test_resumed end = go_on(&done, -1, 1, one, 1);
    assert_int_equal(end.code, NN_ECONFIG);
    assert_string_equal(end.err.where, "training.epochs");
    assert_string_equal(end.err.msg,
                        "expected at least 3, since epoch 3 is trained already, got 1");
    assert_int_equal(go_on(&done, -1, 1, NULL, 0).code, NN_OK); /* nothing was written */
    nn_test_train_until(&stopped, three_text, 9);
    end = go_on(&stopped, -1, 1, one, 1);
    assert_int_equal(end.code, NN_ECONFIG);
    assert_string_equal(end.err.msg, "expected at least 2, since epoch 2 is begun already, got 1");
    assert_int_equal(go_on(&stopped, -1, 1, two, 1).code, NN_OK);
    nn_test_same_file(&whole, &stopped, "metrics.jsonl");
    nn_test_same_file(&whole, &stopped, "model.safetensors");
    nn_test_run_free(&whole);
    nn_test_run_free(&done);
    nn_test_run_free(&stopped);
    nn_free(three_text);
    nn_free(two_text);
}

static void test_what_would_change_the_past_is_refused_by_name(void **state)
{
    static const char *const changed[] = {"optimizer.learning_rate=0.5", "training.batch_size=8",
                                          "seed=6"};
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run r;

    (void)state;
    nn_test_train_until(&r, text, 9);
    const nn_test_resumed end = go_on(&r, -1, 1, changed, 3);
    assert_int_equal(end.code, NN_EMODEL);
    assert_string_equal(end.err.msg,
                        "cannot go on: these keys would change what was trained already: seed, "
                        "optimizer.learning_rate, training.batch_size");
    nn_test_run_free(&r);
    nn_free(text);
}

/* Keys that were added, taken away, and within the list of layers; and more than can be told. */
static void test_refused_keys_are_named_wherever_they_stand(void **state)
{
    static const char *const few[] = {"model.layers[1].rate=0.5", "early_stopping={}",
                                      "optimizer=sgd"};
    static const char *const many[] = {
        "seed=6",
        "training.batch_size=8",
        "training.shuffle=false",
        "training.drop_last=true",
        "training.clip_norm=1",
        "training.clip_value=1",
        "training.on_nonfinite=skip",
        "training.most_nonfinite=3",
        "training.on_exploding=warn",
        "optimizer.learning_rate=0.5",
        "optimizer.beta_1=0.5",
        "optimizer.beta_2=0.5",
        "optimizer.epsilon=0.5",
    };
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run r;

    (void)state;
    nn_test_train_until(&r, text, 9);
    nn_test_resumed end = go_on(&r, -1, 1, few, 3);
    assert_int_equal(end.code, NN_EMODEL);
    assert_string_equal(end.err.msg,
                        "cannot go on: these keys would change what was trained already: "
                        "model.layers[1].rate, optimizer.type, optimizer.learning_rate, "
                        "optimizer.beta_1, optimizer.beta_2, optimizer.epsilon, "
                        "optimizer.momentum, optimizer.nesterov, early_stopping");
    end = go_on(&r, -1, 1, many, 13);
    assert_int_equal(end.code, NN_EMODEL);
    assert_string_equal(end.err.msg,
                        "cannot go on: these keys would change what was trained already: seed, "
                        "optimizer.learning_rate, optimizer.beta_1, optimizer.beta_2, "
                        "optimizer.epsilon, training.batch_size, training.shuffle, "
                        "training.drop_last, training.on_nonfinite, training.most_nonfinite, "
                        "training.on_exploding, training.clip_norm, ...");
    nn_test_run_free(&r);
    nn_free(text);
}

static void test_a_schedule_that_counts_the_epochs_forbids_others(void **state)
{
    static const char *const longer[] = {"training.epochs=8"};
    char *text = text_of(EPOCHS, variants[2]);
    nn_test_run r;

    (void)state;
    nn_test_train_until(&r, text, 9);
    const nn_test_resumed end = go_on(&r, -1, 1, longer, 1);
    assert_int_equal(end.code, NN_ECONFIG);
    assert_string_equal(end.err.where, "training.epochs");
    nn_test_run_free(&r);
    nn_free(text);
}

/* How often states and events are written is no part of what is learnt. */
static void test_what_changes_nothing_behind_may_change(void **state)
{
    static const char *const sets[] = {"checkpoint.every=\"1s\"", "logging.tensorboard=true"};
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run whole, r;

    (void)state;
    nn_test_train(&whole, text, &(nn_train_options){.threads = 1});
    nn_test_train_until(&r, text, 9);
    const nn_test_resumed end = go_on(&r, -1, 1, sets, 2);
    assert_ok(end.code, end.err);
    nn_test_same_file(&whole, &r, "metrics.jsonl"); /* models hold their config, which differs */
    nn_test_run_free(&whole);
    nn_test_run_free(&r);
    nn_free(text);
}

static const char rows[] = "x,y\n1,0.5\n2,1.5\n3,2.5\n4,3.5\n";
static const char other_rows[] = "x,y\n1,0.5\n2,1.5\n3,2.5\n4,3.6\n";
static const char more_rows[] = "x,y\n1,0.5\n2,1.5\n3,2.5\n4,3.5\n5,4.5\n";

static void write_rows(const char *dir, const char *name, const char *text)
{
    char *path = nn_path_join(dir, name);
    nn_err err = {0};

    assert_ok(nn_file_write(path, text, strlen(text), NN_REPLACE_EXISTING, &err), err);
    nn_free(path);
}

/* A run on two files and a third to validate on, stopped after 6 steps; then one file is another.
 */
static nn_test_resumed after_change(nn_test_run *r, const char *dir, const char *name,
                                    const char *changed, bool is_allowed)
{
    static const char *const names[] = {"a.csv", "b.csv", "v.csv"};
    char text[1024];

    for (int i = 0; i < 3; i++)
        write_rows(dir, names[i], rows);
    (void)snprintf(text, sizeof text,
                   "{'data': {'train': {'path': ['%s/a.csv', '%s/b.csv']}}, 'validation': {'path': "
                   "'%s/v.csv'}, 'model': {'layers': [{'type': 'Dense', 'units': 1}]}, "
                   "'training': {'epochs': 5, 'batch_size': 2}}",
                   dir, dir, dir);
    nn_test_train_until(r, text, 6);
    write_rows(dir, name, changed);
    return nn_test_go_on(r, (nn_test_how){.steps = -1, .threads = 1, .other_data = is_allowed});
}

static void test_other_data_is_refused_unless_allowed(void **state)
{
    static const char refusal[] =
        "cannot go on: the training data is not what it was when this was saved; "
        "--allow-changed-data goes on with as many other rows";
    static const struct {
        const char *name, *text;
        bool is_allowed;
        nn_code code;
        const char *says;
    } cases[] = {
        {"a.csv", rows, false, NN_OK, ""},
        {"a.csv", other_rows, false, NN_EMODEL, refusal},
        {"b.csv", other_rows, false, NN_EMODEL, refusal},
        {"v.csv", other_rows, false, NN_EMODEL, refusal},
        {"b.csv", other_rows, true, NN_OK, "is not what it was when the state was saved"},
        {"v.csv", more_rows, true, NN_OK, "is not what it was when the state was saved"},
        {"b.csv", more_rows, true, NN_EMODEL,
         "cannot go on: this was saved with another number of training rows"},
        {"a.csv", rows, true, NN_OK, ""},
    };
    char *dir = nn_temp_dir_in_memory();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        nn_test_run r;
        const nn_test_resumed end =
            after_change(&r, dir, cases[i].name, cases[i].text, cases[i].is_allowed);
        const char *said = end.code == NN_OK ? end.warning : end.err.msg;

        if (end.code != cases[i].code || strstr(said, cases[i].says) == NULL ||
            (cases[i].says[0] == '\0') != (said[0] == '\0'))
            fail_msg("case %zu: code %d, \"%s\"", i, (int)end.code, said);
        nn_test_run_free(&r);
    }
    nn_temp_remove(dir);
}

/* Damages the newest state, or both, at this byte. */
static void write_damaged(const nn_test_run *r, char *bytes, size_t len, size_t at, bool both)
{
    nn_err err = {0};

    bytes[at] ^= 4;
    assert_ok(nn_file_write(r->run->state, bytes, len, NN_REPLACE_EXISTING, &err), err);
    if (both)
        assert_ok(nn_file_write(r->run->older, bytes, len, NN_REPLACE_EXISTING, &err), err);
    bytes[at] ^= 4;
}

static void test_without_a_whole_state_both_reasons_are_given_and_nothing_is_touched(void **state)
{
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run r;
    nn_err err = {0};
    size_t len, log_len, after;

    (void)state;
    nn_test_train_until(&r, text, 9);
    char *bytes = nn_test_file(&r, "state.safetensors", &len);
    nn_free(nn_test_file(&r, "metrics.jsonl", &log_len));
    for (size_t i = 0; i < len; i += 97) {
        write_damaged(&r, bytes, len, i, true);
        assert_int_equal(go_on(&r, -1, 1, NULL, 0).code, NN_EMODEL);
    }
    nn_free(bytes);
    bytes = nn_test_file(&r, "last.safetensors", &len);
    assert_ok(nn_file_write(r.run->state, bytes, len, NN_REPLACE_EXISTING, &err), err);
    assert_ok(nn_file_write(r.run->older, "", 0, NN_REPLACE_EXISTING, &err), err);
    const nn_test_resumed end = go_on(&r, -1, 1, NULL, 0);
    assert_int_equal(end.code, NN_EMODEL);
    assert_string_equal(
        end.err.msg,
        "expected the state of a training; to start from these weights, give the file to "
        "train --init-weights; nor will the state before it do: expected a safetensors file of at "
        "least 8 bytes, got 0");
    nn_free(nn_test_file(&r, "metrics.jsonl", &after));
    assert_int_equal(after, log_len);
    nn_free(bytes);
    nn_test_run_free(&r);
    nn_free(text);
}

static void test_a_damaged_newest_state_is_told_and_the_one_before_it_taken(void **state)
{
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run whole;

    (void)state;
    nn_test_train(&whole, text, &(nn_train_options){.threads = 1});
    for (int missing = 0; missing < 2; missing++) {
        nn_test_run r;
        size_t len;

        nn_test_train_until(&r, text, 9);
        char *bytes = nn_test_file(&r, "state.safetensors", &len);
        write_damaged(&r, bytes, len, len - 9, false);
        if (missing)
            assert_int_equal(remove(r.run->state), 0);
        const nn_test_resumed end = go_on(&r, -1, 3, NULL, 0);
        assert_ok(end.code, end.err);
        assert_non_null(strstr(end.warning, missing ? "No such file" : "the file is damaged"));
        assert_non_null(strstr(end.warning, "state.previous.safetensors"));
        nn_test_same_run(&whole, &r);
        assert_int_equal(remove(r.run->state), 0); /* what was damaged was not kept */
        assert_int_equal(go_on(&r, -1, 1, NULL, 0).code, NN_OK);
        nn_free(bytes);
        nn_test_run_free(&r);
    }
    nn_test_run_free(&whole);
    nn_free(text);
}

/* What a killed process was writing is not mistaken for anything, and goes with the next state. */
static void test_leftovers_of_a_kill_are_ignored_and_removed(void **state)
{
    static const char *const left[] = {"state.safetensors.0123abcd.tmp",
                                       "state.previous.safetensors.0123abcd.tmp",
                                       "run.json.00000000.tmp", "report.html.89abcdef.tmp"};
    const struct timespec long_ago[2] = {{1, 0}, {1, 0}};
    static const char *const kept[] = {"mine.0123abcd.tmp", "report.html.00112233.tmp"};
    enum { LEFT = sizeof left / sizeof *left };
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run r;
    nn_err err = {0};

    (void)state;
    nn_test_train_until(&r, text, 9);
    assert_ok(nn_rundir_write(r.run, "mine.0123abcd.tmp", "x", 1, &err), err);
    for (int i = 0; i < LEFT; i++)
        assert_ok(nn_rundir_write(r.run, left[i], "half", 4, &err), err);
    char *page = nn_path_join(r.run->path, left[LEFT - 1]);
    assert_int_equal(utimensat(AT_FDCWD, page, long_ago, 0), 0);
    nn_free(page);
    /* nnctl report may be writing this one at the moment */
    assert_ok(nn_rundir_write(r.run, "report.html.00112233.tmp", "half", 4, &err), err);
    assert_int_equal(go_on(&r, 2, 1, NULL, 0).code, NN_ESTOPPED);
    for (int i = 0; i < LEFT; i++) {
        char *path = nn_path_join(r.run->path, left[i]);

        assert_false(nn_path_exists(path));
        nn_free(path);
    }
    for (int i = 0; i < 2; i++) {
        char *path = nn_path_join(r.run->path, kept[i]);

        assert_true(nn_path_exists(path));
        nn_free(path);
    }
    nn_test_run_free(&r);
    nn_free(text);
}

/* A state is written by time within an epoch too: a stop is not needed for it. */
static bool sees_batch(void *context)
{
    nn_test_run *r = context;
    size_t len;
    nn_tensors *file = NULL;
    nn_err err = {0};
    char *bytes = NULL;

    if (r->run->stands && nn_file_read(&bytes, &len, r->run->state, 1 << 20, &err) == NN_OK &&
        nn_tensors_parse(&file, "state", bytes, len, &err) == NN_OK &&
        nn_tensor_value(nn_tensors_find(file, "batch"), 0) == 3)
        r->result.epochs = -1; /* seen */
    nn_tensors_free(file);
    nn_free(bytes);
    return false;
}

static void test_by_time_a_state_is_written_within_an_epoch(void **state)
{
    char *text = text_of(1, "'checkpoint': {'every': '0.000000001s'}");
    nn_test_run r;

    (void)state;
    const nn_train_options options = {.threads = 1, .watch = {.context = &r, .stop = sees_batch}};
    const nn_setup_options setup = {.depth = NN_SETUP_DATA};
    memset(&r, 0, sizeof r);
    r.dir = nn_temp_dir();
    r.config = nn_test_config(text);
    assert_ok(nn_setup_new(&r.setup, r.config, &setup, &r.err), r.err);
    assert_ok(nn_rundir_new(&r.run, r.dir, "run", NULL, false, r.setup, &r.err), r.err);
    nn_train_result result;
    assert_ok(nn_train(r.setup, r.run, &options, &result, &r.err), r.err);
    assert_int_equal(r.result.epochs, -1);
    nn_test_run_free(&r);
    nn_free(text);
}

/* The clock of this program stands still and is moved by hand, when this is not negative. */
static double clock_stands = -1;

int clock_gettime(clockid_t id, struct timespec *now)
{
    (void)id;
    if (clock_stands < 0)
        return timespec_get(now, TIME_UTC) == TIME_UTC ? 0 : -1;
    now->tv_sec = (time_t)clock_stands;
    now->tv_nsec = (long)((clock_stands - (double)now->tv_sec) * 1e9);
    return 0;
}

typedef struct pace {
    nn_test_run r;
    double seconds; /* of an epoch */
    int seen[8];    /* the epoch in which the state on disk goes on, at the end of each */
} pace;

static void see_state(void *context, const nn_setup *s, const nn_epoch *e)
{
    pace *const p = context;
    nn_tensors *file = NULL;
    nn_err err = {0};

    (void)s;
    assert_ok(nn_tensors_load(&file, p->r.run->state, &err), err);
    p->seen[e->epoch] = (int)nn_tensor_value(nn_tensors_find(file, "this_epoch"), 0);
    nn_tensors_free(file);
    clock_stands += p->seconds;
}

static void test_checkpoints_come_every_n_epochs_and_not_twice_a_second(void **state)
{
    static const struct {
        const char *rest;
        double seconds;
    } cases[] = {{"'checkpoint': {'every': 3}", 2}, {"'checkpoint': {'every': 1}", 0.4}};
    static const int due[8] = {0, 1, 1, 1, 4, 4, 4, 7};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = text_of(7, cases[i].rest);
        pace p = {.seconds = cases[i].seconds};
        const nn_train_options options = {.threads = 1,
                                          .watch = {.context = &p, .epoch = see_state}};

        clock_stands = 1000;
        nn_test_train(&p.r, text, &options);
        clock_stands = -1;
        assert_int_equal(p.r.code, NN_OK);
        assert_memory_equal(p.seen, due, sizeof due);
        nn_test_run_free(&p.r);
        nn_free(text);
    }
}

/* The state once more, with another text for this key, or without it. */
static void save_as(const nn_test_run *r, const char *key, const char *value)
{
    static const char *const keys[] = {"format", "version", "machine", "config", "data"};
    nn_tensor tensor[NN_MAX_BLOCKS];
    nn_meta meta[5];
    nn_tensors *file = NULL;
    nn_err err = {0};
    int count = 0;

    assert_ok(nn_tensors_load(&file, r->run->state, &err), err);
    for (int i = 0; i < nn_tensors_count(file); i++)
        tensor[i] = *nn_tensors_at(file, i);
    for (int i = 0; i < 5; i++) {
        const char *text = strcmp(keys[i], key) == 0 ? value : nn_tensors_meta(file, keys[i]);

        if (text != NULL)
            meta[count++] = (nn_meta){keys[i], text};
    }
    assert_ok(
        nn_tensors_save(r->run->state, tensor, nn_tensors_count(file), meta, count, true, &err),
        err);
    nn_tensors_free(file);
}

static void test_a_state_of_another_version_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"version", "2"}, {"version", NULL}, {"config", NULL}, {"data", NULL}, {"machine", NULL}};
    char *text = text_of(EPOCHS, variants[0]);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        nn_test_run r;

        nn_test_train_until(&r, text, 2);
        (void)remove(r.run->older);
        save_as(&r, cases[i][0], cases[i][1]);
        const nn_test_resumed end = go_on(&r, -1, 1, NULL, 0);
        assert_int_equal(end.code, NN_EMODEL);
        assert_string_equal(end.err.msg, "this state was not written by this version of nnctl");
        nn_test_run_free(&r);
    }
    nn_free(text);
}

static void test_another_machine_is_told_and_refused_when_asked(void **state)
{
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run r;
    size_t len;
    nn_err err = {0};

    (void)state;
    nn_test_train_until(&r, text, 9);
    char *bytes = nn_test_file(&r, "state.safetensors", &len);
    /* The same file as other kernels would have written it. */
    char *at = bytes;
    while (memcmp(at, " kernels, BLAS", 14) != 0)
        at++;
    memcpy(at - 4, "abcd", 4);
    assert_ok(nn_file_write(r.run->state, bytes, len, NN_REPLACE_EXISTING, &err), err);
    save_as(&r, "", NULL); /* with the checksum that now belongs to it */
    exact = true;
    nn_test_resumed end = go_on(&r, -1, 1, NULL, 0);
    assert_int_equal(end.code, NN_EMODEL);
    assert_non_null(strstr(end.err.msg, "abcd kernels"));
    exact = false;
    end = go_on(&r, -1, 1, NULL, 0);
    assert_int_equal(end.code, NN_OK);
    assert_non_null(strstr(end.warning, "abcd kernels"));
    nn_free(bytes);
    nn_test_run_free(&r);
    nn_free(text);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stop_among_bad_steps_is_invisible),
        cmocka_unit_test(test_a_stop_at_any_step_is_invisible_in_the_end),
        cmocka_unit_test(test_lines_beyond_the_state_are_cut_off),
        cmocka_unit_test(test_a_finished_run_can_be_extended),
        cmocka_unit_test(test_an_end_is_moved_nearer_but_not_behind_what_is_trained),
        cmocka_unit_test(test_what_would_change_the_past_is_refused_by_name),
        cmocka_unit_test(test_refused_keys_are_named_wherever_they_stand),
        cmocka_unit_test(test_a_schedule_that_counts_the_epochs_forbids_others),
        cmocka_unit_test(test_what_changes_nothing_behind_may_change),
        cmocka_unit_test(test_other_data_is_refused_unless_allowed),
        cmocka_unit_test(test_without_a_whole_state_both_reasons_are_given_and_nothing_is_touched),
        cmocka_unit_test(test_a_damaged_newest_state_is_told_and_the_one_before_it_taken),
        cmocka_unit_test(test_leftovers_of_a_kill_are_ignored_and_removed),
        cmocka_unit_test(test_by_time_a_state_is_written_within_an_epoch),
        cmocka_unit_test(test_checkpoints_come_every_n_epochs_and_not_twice_a_second),
        cmocka_unit_test(test_a_state_of_another_version_is_refused),
        cmocka_unit_test(test_another_machine_is_told_and_refused_when_asked),
    };

    return nn_test_main(argc, argv, tests);
}
