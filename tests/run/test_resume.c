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
    char warning[1024]; /* the last one */
} resumed;

static bool exact; /* whether go_on takes no other machine's state */

static char *last_warning;

static void take_warning(void *context, const char *text)
{
    (void)context;
    (void)snprintf(last_warning, 1024, "%s", text);
}

/* Goes on in the run's directory as a new process would, with other threads, for `steps` more
 * steps. */
static resumed go_on(const nn_test_run *r, int steps, int threads, const char *const *sets,
                     int set_count)
{
    stopper stop = {steps};
    const nn_train_options options = {
        .threads = threads,
        .resume = true,
        .exact = exact,
        .watch = {.context = &stop, .stop = is_time, .warn = take_warning}};
    const nn_setup_options setup_options = {.depth = NN_SETUP_DATA};
    nn_record origin;
    nn_setup *setup = NULL;
    nn_rundir *dir = NULL;
    resumed out = {.code = NN_OK};

    last_warning = out.warning;
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
        train_until(&r, text, 0);
        while (r.code == NN_ESTOPPED && stops++ < 100)
            r.code = go_on(&r, 1, 1 + stops % 3, NULL, 0).code;
        assert_ok(r.code, r.err);
        assert_int_equal(stops, 24);
        same_run(&whole, &r);
        nn_test_run_free(&whole);
        nn_test_run_free(&r);
    }
}

/* ---- a state that nobody can have written, with a checksum that is right ---- */

/* The state's tensors, one of them with other bytes. */
static void write_forged(const nn_test_run *r, const char *from, int which, const void *bytes)
{
    static const char *const keys[] = {"format", "version", "machine", "config", "data"};
    nn_tensors *file = NULL;
    nn_tensor tensor[NN_MAX_BLOCKS];
    nn_meta meta[5];
    nn_err err = {0};

    assert_ok(nn_tensors_load(&file, from, &err), err);
    for (int i = 0; i < nn_tensors_count(file); i++)
        tensor[i] = *nn_tensors_at(file, i);
    tensor[which].data = bytes;
    for (int i = 0; i < 5; i++)
        meta[i] = (nn_meta){keys[i], nn_tensors_meta(file, keys[i])};
    assert_ok(nn_tensors_save(r->run->state, tensor, nn_tensors_count(file), meta, 5, true, &err),
              err);
    nn_tensors_free(file);
}

/* Goes on from the state with each piece of 4 bytes of a tensor's begin replaced. */
static int forge(const nn_test_run *r, const char *from, int which, const nn_tensor *t)
{
    static const unsigned pattern[] = {0xffffffffu, 0x7fffffffu, 0x80000000u, 0x7ff00000u, 2};
    unsigned char *const bytes = nn_alloc(t->bytes + 1, 1);
    const size_t most = t->bytes < 28 ? t->bytes : 28;
    static size_t turn;
    int refused = 0;

    for (size_t at = 0; at < most; at += 4)
        for (int times = 0; times < (t->bytes <= 8 ? 3 : 1); times++) {
            const size_t p = turn++ % (sizeof pattern / sizeof pattern[0]);

            memcpy(bytes, t->data, t->bytes);
            memcpy(bytes + at, &pattern[p], t->bytes - at < 4 ? t->bytes - at : 4);
            write_forged(r, from, which, bytes);
            const resumed end = go_on(r, 1, 1, NULL, 0);
            if (end.code != NN_OK && end.code != NN_ESTOPPED && end.code != NN_EDIVERGED &&
                end.code != NN_EMODEL && end.code != NN_EFILE)
                fail_msg("%s, byte %zu: code %d, %s", t->name, at, (int)end.code, end.err.msg);
            refused += end.code == NN_EMODEL;
        }
    nn_free(bytes);
    return refused;
}

static void test_a_forged_state_leads_nowhere(void **state)
{
    char *text = text_with(EPOCHS, ", 'on_nonfinite': 'rollback'",
                           "'metrics': ['auc', 'f1', 'accuracy'], 'early_stopping': {}, "
                           "'schedule': 'reduce_on_plateau'");
    nn_test_run r;
    nn_tensors *file = NULL;
    nn_err err = {0};
    size_t len;
    int refused = 0;

    (void)state;
    train_until(&r, text, 9); /* in the middle of the second epoch */
    char *bytes = nn_test_file(&r, "state.safetensors", &len);
    char *from = nn_path_join(r.run->path, "kept");
    assert_ok(nn_file_write(from, bytes, len, NN_REFUSE_EXISTING, &err), err);
    nn_free(bytes);
    assert_ok(nn_tensors_load(&file, from, &err), err);
    for (int i = 0; i < nn_tensors_count(file); i++)
        refused += forge(&r, from, i, nn_tensors_at(file, i));
    assert_in_range(refused, 60, 1000);
    nn_tensors_free(file);
    nn_free(from);
    nn_test_run_free(&r);
    nn_free(text);
}

/* 16 rows to train on and 4 to validate, of 12 numbers each: 3 steps an epoch, the last smaller. */
static void put_samples(nn_buf *out)
{
    const nn_rng rng = {9, 0, 0};

    nn_buf_put(out, "'train': {'inline': {'x': [");
    for (int row = 0; row < 20; row++) {
        nn_buf_put(out, row == 0 ? "[" : ",[");
        for (int i = 0; i < 12; i++)
            nn_buf_printf(out, "%s%.3f", i == 0 ? "" : ",",
                          nn_rng_normal(&rng, (uint64_t)(row * 12 + i)) + (row % 2) * 0.5);
        nn_buf_char(out, ']');
    }
    nn_buf_put(out, "], 'y': [0,1,0,1,0,1,0,1,0,1,0,1,0,1,0,1,0,1,0,1]}}");
}

/* Everything that has a memory of its own: statistics, dropped units, varied samples, states. */
static const char *const networks[][2] = {
    {"'shape': [12]",
     "{'type': 'Dense', 'units': 5, 'activation': 'relu'}, {'type': 'BatchNormalization'}, "
     "{'type': 'Dropout', 'rate': 0.4}, {'type': 'GaussianNoise', 'stddev': 0.1}"},
    {"'shape': [4, 3, 1], 'augment': {'shift': 0.3, 'flip': 'both', 'noise': 0.2, 'mixup': 0.2}",
     "{'type': 'Conv2D', 'filters': 3, 'kernel_size': 2, 'activation': 'relu'}, "
     "{'type': 'BatchNormalization'}, {'type': 'MaxPooling2D'}, {'type': 'Flatten'}, "
     "{'type': 'Dropout', 'rate': 0.3}"},
    {"'shape': [4, 3]",
     "{'type': 'Bidirectional', 'layer': {'type': 'LSTM', 'units': 3, 'return_sequences': true}}, "
     "{'type': 'LayerNormalization'}, {'type': 'GRU', 'units': 4}, "
     "{'type': 'Dropout', 'rate': 0.2}"}};
static const char *const optimizers[] = {"{'type': 'sgd', 'momentum': 0.9, 'nesterov': true}",
                                         "'adam'", "'adamw'",
                                         "{'type': 'rmsprop', 'momentum': 0.5}", "'adagrad'"};
static const char *const schedules[] = {
    "'constant'",
    "{'type': 'step', 'step_size': 1, 'gamma': 0.5}",
    "{'type': 'exponential', 'unit': 'step', 'decay_rate': 0.9}",
    "{'type': 'polynomial', 'warmup': 1, 'power': 2}",
    "{'type': 'cosine', 'unit': 'step', 'warmup': 2}",
    "{'type': 'one_cycle', 'unit': 'step'}",
    "{'type': 'reduce_on_plateau', 'patience': 1, 'min_delta': 1000, 'cooldown': 1}"};

static char *text_of_kinds(int network, int optimizer, int schedule)
{
    nn_buf out = {0};

    nn_buf_printf(&out, "{'seed': 3, 'data': {'task': 'binary', 'scale': 'none', %s, ",
                  networks[network][0]);
    put_samples(&out);
    nn_buf_printf(&out,
                  "}, 'validation': 0.2, 'model': {'layers': [%s, {'type': 'Dense', 'units': 1, "
                  "'activation': 'sigmoid'}]}, 'optimizer': %s, 'schedule': %s, 'metrics': "
                  "['auc'], 'training': {'epochs': 3, 'batch_size': 6, 'clip_norm': 1}}",
                  networks[network][1], optimizers[optimizer], schedules[schedule]);
    return out.data;
}

/* One run goes through a stop after every step, within epochs and between them, and each time goes
   on with other threads. */
static void test_all_kinds_go_on_from_every_step(void **state)
{
    (void)state;
    for (int kind = 0; kind < 35; kind++) {
        char *text = text_of_kinds(kind % 3, kind % 5, kind % 7);
        nn_test_run whole, r;
        int stops = 0;

        nn_test_train(&whole, text, &(nn_train_options){.threads = 1});
        assert_ok(whole.code, whole.err);
        assert_int_equal(whole.result.last.step, 9);
        train_until(&r, text, 0);
        nn_code code = r.code;
        for (; code == NN_ESTOPPED; stops++)
            code = go_on(&r, 1, 1 + stops % 4, NULL, 0).code;
        assert_int_equal(code, NN_OK);
        assert_int_equal(stops, 9);
        same_run(&whole, &r);
        nn_test_run_free(&whole);
        nn_test_run_free(&r);
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
                        "cannot go on: the training data is not what it was when this was saved; "
                        "--allow-changed-data goes on with as many other rows");
    nn_test_run_free(&r);
    nn_free(csv);
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
    train_until(&r, text, 9);
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
    const resumed end = go_on(&r, -1, 1, NULL, 0);
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

        train_until(&r, text, 9);
        char *bytes = nn_test_file(&r, "state.safetensors", &len);
        write_damaged(&r, bytes, len, len - 9, false);
        if (missing)
            assert_int_equal(remove(r.run->state), 0);
        const resumed end = go_on(&r, -1, 3, NULL, 0);
        assert_ok(end.code, end.err);
        assert_non_null(strstr(end.warning, missing ? "No such file" : "the file is damaged"));
        assert_non_null(strstr(end.warning, "state.previous.safetensors"));
        same_run(&whole, &r);
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
                                       "run.json.00000000.tmp"};
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run r;
    nn_err err = {0};

    (void)state;
    train_until(&r, text, 9);
    assert_ok(nn_rundir_write(r.run, "mine.0123abcd.tmp", "x", 1, &err), err);
    for (int i = 0; i < 3; i++)
        assert_ok(nn_rundir_write(r.run, left[i], "half", 4, &err), err);
    assert_int_equal(go_on(&r, 2, 1, NULL, 0).code, NN_ESTOPPED);
    for (int i = 0; i < 3; i++) {
        char *path = nn_path_join(r.run->path, left[i]);

        assert_false(nn_path_exists(path));
        nn_free(path);
    }
    char *mine = nn_path_join(r.run->path, "mine.0123abcd.tmp");
    assert_true(nn_path_exists(mine));
    nn_free(mine);
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

static void test_another_machine_is_told_and_refused_when_asked(void **state)
{
    char *text = text_of(EPOCHS, variants[0]);
    nn_test_run r;
    size_t len;
    nn_err err = {0};

    (void)state;
    train_until(&r, text, 9);
    char *bytes = nn_test_file(&r, "state.safetensors", &len);
    /* The same file as other kernels would have written it. */
    char *at = bytes;
    while (memcmp(at, " kernels, BLAS", 14) != 0)
        at++;
    memcpy(at - 4, "abcd", 4);
    assert_true(len > 0);
    nn_tensors *file = NULL;
    assert_ok(nn_tensors_parse(&file, "state", bytes, len, &err), err);
    nn_tensor tensor[NN_MAX_BLOCKS];
    const int count = nn_tensors_count(file);
    for (int i = 0; i < count; i++)
        tensor[i] = *nn_tensors_at(file, i);
    static const char *const keys[] = {"format", "version", "machine", "config", "data"};
    nn_meta meta[5];
    for (int i = 0; i < 5; i++)
        meta[i] = (nn_meta){keys[i], nn_tensors_meta(file, keys[i])};
    assert_ok(nn_tensors_save(r.run->state, tensor, count, meta, 5, true, &err), err);
    exact = true;
    resumed end = go_on(&r, -1, 1, NULL, 0);
    assert_int_equal(end.code, NN_EMODEL);
    assert_non_null(strstr(end.err.msg, "abcd kernels"));
    exact = false;
    end = go_on(&r, -1, 1, NULL, 0);
    assert_int_equal(end.code, NN_OK);
    assert_non_null(strstr(end.warning, "abcd kernels"));
    nn_tensors_free(file);
    nn_free(bytes);
    nn_test_run_free(&r);
    nn_free(text);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stop_among_bad_steps_is_invisible),
        cmocka_unit_test(test_a_forged_state_leads_nowhere),
        cmocka_unit_test(test_a_stop_at_any_step_is_invisible_in_the_end),
        cmocka_unit_test(test_all_kinds_go_on_from_every_step),
        cmocka_unit_test(test_lines_beyond_the_state_are_cut_off),
        cmocka_unit_test(test_a_finished_run_can_be_extended),
        cmocka_unit_test(test_what_would_change_the_past_is_refused_by_name),
        cmocka_unit_test(test_a_schedule_that_counts_the_epochs_forbids_others),
        cmocka_unit_test(test_other_data_is_refused),
        cmocka_unit_test(test_without_a_whole_state_both_reasons_are_given_and_nothing_is_touched),
        cmocka_unit_test(test_a_damaged_newest_state_is_told_and_the_one_before_it_taken),
        cmocka_unit_test(test_leftovers_of_a_kill_are_ignored_and_removed),
        cmocka_unit_test(test_by_time_a_state_is_written_within_an_epoch),
        cmocka_unit_test(test_another_machine_is_told_and_refused_when_asked),
    };

    return nn_test_main(argc, argv, tests);
}
