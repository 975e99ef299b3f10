/* Stopping trainings and going on with them. */
#include "resumed.h"

#include "base/mem.h"
#include "run/record.h"

typedef struct stopper {
    int left; /* steps until the stop; negative: never */
    char *warning;
} stopper;

static bool is_time(void *context)
{
    stopper *s = context;

    return s->left >= 0 && s->left-- == 0;
}

static void take_warning(void *context, const char *text)
{
    char *const all = ((stopper *)context)->warning;
    const size_t len = strlen(all);

    (void)snprintf(all + len, NN_TEST_WARNINGS - len, "%s\n", text);
}

/* Writes run.json, so that the run can be found again. */
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

void nn_test_train_until(nn_test_run *r, const char *text, int steps)
{
    char warning[NN_TEST_WARNINGS] = "";
    stopper stop = {steps, warning};
    const nn_train_options options = {
        .threads = 2, .watch = {.context = &stop, .stop = is_time, .warn = take_warning}};

    nn_test_train(r, text, &options);
    memcpy(r->warning, warning, sizeof warning);
    record(r);
}

nn_test_resumed nn_test_go_on(const nn_test_run *r, nn_test_how how)
{
    nn_test_resumed out = {.code = NN_OK};
    stopper stop = {how.steps, out.warning};
    const nn_train_options options = {
        .threads = how.threads,
        .resume = true,
        .exact = how.exact,
        .other_data = how.other_data,
        .watch = {.context = &stop, .stop = is_time, .warn = take_warning}};
    const nn_setup_options setup_options = {.depth = NN_SETUP_DATA};
    nn_record origin;
    nn_setup *setup = NULL;
    nn_rundir *dir = NULL;

    assert_ok(nn_record_read(&origin, r->run->path, how.sets, how.set_count, &out.err), out.err);
    assert_ok(nn_setup_new(&setup, origin.config, &setup_options, &out.err), out.err);
    assert_ok(nn_rundir_open(&dir, r->run->path, &out.err), out.err);
    out.code = nn_train(setup, dir, &options, &out.result, &out.err);
    nn_rundir_free(dir);
    nn_setup_free(setup);
    nn_record_free(&origin);
    return out;
}

bool nn_test_is_same_file(const nn_test_run *a, const nn_test_run *b, const char *name)
{
    size_t alen, blen;
    char *abytes = nn_test_file(a, name, &alen);
    char *bbytes = nn_test_file(b, name, &blen);
    const bool same = alen == blen && memcmp(abytes, bbytes, alen) == 0;

    nn_free(abytes);
    nn_free(bbytes);
    return same;
}

void nn_test_same_file(const nn_test_run *a, const nn_test_run *b, const char *name)
{
    if (!nn_test_is_same_file(a, b, name))
        fail_msg("%s differs", name);
}

static int lines(const nn_test_run *r, const char *name)
{
    size_t len;
    char *bytes = nn_test_file(r, name, &len);
    int count = 0;

    for (size_t i = 0; i < len; i++)
        count += bytes[i] == '\n';
    nn_free(bytes);
    return count;
}

const char *nn_test_difference(const nn_test_run *a, const nn_test_run *b)
{
    static const char *const files[] = {"model.safetensors", "last.safetensors", "metrics.jsonl"};

    for (int i = 0; i < 3; i++)
        if (!nn_test_is_same_file(a, b, files[i]))
            return files[i];
    return lines(a, "timing.jsonl") == lines(b, "timing.jsonl") ? NULL : "timing.jsonl";
}

void nn_test_same_run(const nn_test_run *a, const nn_test_run *b)
{
    const char *file = nn_test_difference(a, b);

    if (file != NULL)
        fail_msg("%s differs", file);
}
