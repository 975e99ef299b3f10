/*
 * States of runs, their checksum put right first: the training that a state says it is of goes on
 * from it in a run directory, some steps far. What is accepted there must be accepted again once it
 * was saved anew, and the models that it leaves must open.
 */
#include "../fuzz.h"

#include "conf/tensors.h"
#include "run/model.h"
#include "run/train.h"
#include "support/nn_temp.h"

enum {
    MOST_STEPS = 12,
    MOST_FLOPS = 1 << 18,
    MOST_WEIGHTS = 1 << 14,
    MOST_ROWS = 256,
    LOG_BYTES = 1 << 20
};

static char *run; /* the directory, always the same one */

static void remove_run(void)
{
    nn_temp_remove(run);
}

static char *path_of(const char *name)
{
    static char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", run, name);
    return path;
}

static void write_bytes(const char *name, const uint8_t *bytes, size_t len, off_t size)
{
    FILE *const f = fopen(path_of(name), "wb");

    FUZZ_CHECK(f != NULL);
    FUZZ_CHECK(len == 0 || fwrite(bytes, 1, len, f) == len);
    FUZZ_CHECK(fflush(f) == 0);
    FUZZ_CHECK(ftruncate(fileno(f), size) == 0 && fclose(f) == 0);
}

/* A run as it was left: a state, and logs that are long enough for most of what it may say. */
static void write_run(const uint8_t *bytes, size_t len)
{
    if (run == NULL) {
        FUZZ_CHECK((run = nn_temp_dir_in_memory()) != NULL);
        (void)atexit(remove_run);
    }
    nn_temp_empty(run);
    write_bytes("state.safetensors", bytes, len, (off_t)len);
    write_bytes("metrics.jsonl", bytes, 0, LOG_BYTES);
    write_bytes("timing.jsonl", bytes, 0, LOG_BYTES);
}

static void check_warning(void *context, const char *text)
{
    (void)context;
    fuzz_printable(text);
}

static bool is_enough(void *context)
{
    return (*(int *)context)-- == 0;
}

static nn_code go_on(nn_setup *s, int steps, nn_err *err)
{
    const nn_train_options options = {
        .threads = 1,
        .resume = true,
        .watch = {.context = &steps, .stop = is_enough, .warn = check_warning}};
    nn_train_result result;
    nn_rundir *dir = NULL;

    NN_TRY(nn_rundir_open(&dir, run, err));
    const nn_code rc = nn_train(s, dir, &options, &result, err);
    nn_rundir_free(dir);
    return rc;
}

static void check_model(const char *name)
{
    nn_model *m = NULL;
    nn_err err = {0};

    if (!nn_path_exists(path_of(name)))
        return;
    FUZZ_CHECK(nn_model_open(&m, path_of(name), "/nonexistent", NULL, 0, &err) == NN_OK);
    nn_model_free(m);
}

/* A training that is over, was stopped or ran away has left what can be gone on with and opened. */
static nn_code train(nn_setup *s, nn_err *err)
{
    nn_err later = {0};
    nn_code rc = go_on(s, MOST_STEPS / 2, err);

    FUZZ_CHECK(rc != NN_ECONFIG && rc != NN_EDATA && rc != NN_EUSAGE);
    if (rc != NN_OK && rc != NN_ESTOPPED)
        return rc;
    check_model("last.safetensors");
    check_model("model.safetensors");
    rc = go_on(s, MOST_STEPS / 2, &later);
    FUZZ_CHECK(rc == NN_OK || rc == NN_ESTOPPED || rc == NN_EDIVERGED);
    if (rc == NN_EDIVERGED)
        fuzz_printable(later.msg);
    return NN_OK;
}

/* As resolved.json has it: the config in the state leaves the number of epochs out. */
static nn_code read_config(nn_config **out, const nn_tensors *file, nn_err *err)
{
    const char *const config = nn_tensors_meta(file, "config");
    const nn_tensor *const epochs = nn_tensors_find(file, "epochs");
    char set[64] = "training.epochs=1";
    const char *const sets[] = {set};

    if (config == NULL)
        return nn_err_set(err, NN_EMODEL, run, "no config in the state");
    if (epochs != NULL && epochs->count > 0) {
        const double planned = nn_tensor_value(epochs, 0);

        if (planned >= 1 && planned <= 1e9)
            (void)snprintf(set, sizeof set, "training.epochs=%.0f", planned);
    }
    const nn_config_source source = {"resolved.json", "",   config, strlen(config),
                                     NN_EMODEL,       sets, 1};
    return nn_config_read(out, &source, err);
}

static bool is_quick(const nn_setup *s)
{
    return s->graph->flops <= MOST_FLOPS && s->graph->weights_len <= MOST_WEIGHTS &&
           s->train.count <= MOST_ROWS && s->batch_size <= MOST_ROWS;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA, .threads = 1};
    uint8_t *const copy = fuzz_with_crc(bytes, len);
    nn_tensors *file = NULL;
    nn_config *c = NULL;
    nn_setup *s = NULL;
    nn_err err = {0};

    write_run(copy, len);
    free(copy);
    const uint64_t live = nn_mem_read().live;
    nn_code rc = nn_tensors_load(&file, path_of("state.safetensors"), &err);
    if (rc == NN_OK)
        rc = read_config(&c, file, &err);
    if (rc == NN_OK && fuzz_is_inline(c)) {
        rc = nn_setup_new(&s, c, &options, &err);
        if (rc == NN_OK && is_quick(s))
            rc = train(s, &err);
        if (rc == NN_OK && s != NULL)
            fuzz_say(bytes, len);
    }
    nn_setup_free(s);
    nn_config_free(c);
    nn_tensors_free(file);
    fuzz_settled(rc, &err, live);
    return 0;
}
