/*
 * Whole trainings against weights that PyTorch computed in float64 (reference/make_training.py):
 * every optimizer, loss, penalty, clipping, activation of Dense, and graphs with merges. One test
 * per case.
 */
#include "support/nn_test.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"
#include "conf/tensors.h"
#include "math/real.h"
#include "run/train.h"
#include "support/nn_temp.h"

#define CASES NN_TESTS "/run/reference/cases"

/* Files keep float32, so even the double build cannot come closer than half a unit of that. */
static const double relative = NN_REAL_IS_DOUBLE ? 1e-7 : 2e-4;
static const double absolute = NN_REAL_IS_DOUBLE ? 1e-8 : 2e-6;

static char *case_file(const char *name, const char *suffix)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/%s%s", CASES, name, suffix);
    return nn_strdup(path);
}

/* Trains as the config says and returns the path of the newest weights. */
static char *train(const char *name, const char *dir, int threads)
{
    char *config_path = case_file(name, ".json");
    char *init = case_file(name, ".init.safetensors");
    const nn_setup_options setup_options = {.depth = NN_SETUP_DATA};
    const nn_train_options options = {.threads = threads, .init_weights = init};
    nn_train_result result;
    nn_config *config = NULL;
    nn_setup *setup = NULL;
    nn_rundir *run = NULL;
    nn_err err = {0};

    assert_ok(nn_config_load(&config, config_path, NULL, 0, &err), err);
    assert_ok(nn_setup_new(&setup, config, &setup_options, &err), err);
    assert_ok(nn_rundir_new(&run, dir, name, NULL, false, setup, &err), err);
    assert_ok(nn_train(setup, run, &options, &result, &err), err);
    char *last = nn_strdup(run->last);
    nn_rundir_free(run);
    nn_setup_free(setup);
    nn_config_free(config);
    nn_free(config_path);
    nn_free(init);
    return last;
}

static void compare_tensor(const nn_tensor *got, const nn_tensor *expected)
{
    assert_non_null(got);
    assert_int_equal(got->count, expected->count);
    for (size_t i = 0; i < expected->count; i++) {
        const double want = nn_tensor_value(expected, i);
        const double have = nn_tensor_value(got, i);

        if (!(fabs(have - want) <= relative * fabs(want) + absolute))
            fail_msg("%s[%zu]: expected %.9g, got %.9g (off by %.2e)", expected->name, i, want,
                     have, fabs(have - want));
    }
}

/* A comparison proves nothing when the weights never moved. */
static void expect_movement(const char *name, const nn_tensors *final)
{
    char *path = case_file(name, ".init.safetensors");
    nn_tensors *init = NULL;
    nn_err err = {0};
    double moved = 0;

    assert_ok(nn_tensors_load(&init, path, &err), err);
    for (int i = 0; i < nn_tensors_count(final); i++) {
        const nn_tensor *t = nn_tensors_at(final, i);
        const nn_tensor *from = nn_tensors_find(init, t->name);

        for (size_t k = 0; k < t->count; k++)
            moved = fmax(moved, fabs(nn_tensor_value(t, k) - nn_tensor_value(from, k)));
    }
    assert_true(moved > 1e-3);
    nn_tensors_free(init);
    nn_free(path);
}

static void test_case(void **state)
{
    const char *name = *state;
    char *dir = nn_temp_dir();
    char *expected_path = case_file(name, ".final.safetensors");
    char *got_path = train(name, dir, 2);
    nn_tensors *expected = NULL;
    nn_tensors *got = NULL;
    nn_err err = {0};

    assert_ok(nn_tensors_load(&expected, expected_path, &err), err);
    assert_ok(nn_tensors_load(&got, got_path, &err), err);
    assert_int_equal(nn_tensors_count(got), nn_tensors_count(expected));
    for (int i = 0; i < nn_tensors_count(expected); i++)
        compare_tensor(nn_tensors_find(got, nn_tensors_at(expected, i)->name),
                       nn_tensors_at(expected, i));
    expect_movement(name, expected);
    nn_tensors_free(expected);
    nn_tensors_free(got);
    nn_free(expected_path);
    nn_free(got_path);
    nn_temp_remove(dir);
}

enum { MOST_CASES = 256 };

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

/* One test for each NAME.json in the folder. */
static size_t find_cases(struct CMUnitTest *tests)
{
    static const char suffix[] = ".json";
    const struct dirent *entry;
    size_t count = 0;
    DIR *dir = opendir(CASES);

    while (dir != NULL && count < MOST_CASES && (entry = readdir(dir)) != NULL) {
        const size_t len = strlen(entry->d_name);

        if (len < sizeof suffix || strcmp(entry->d_name + len - (sizeof suffix - 1), suffix) != 0)
            continue;
        char *name = nn_strndup(entry->d_name, len - (sizeof suffix - 1));
        tests[count++] =
            (struct CMUnitTest){.name = name, .test_func = test_case, .initial_state = name};
    }
    if (dir != NULL)
        (void)closedir(dir);
    qsort(tests, count, sizeof tests[0], by_name);
    return count;
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[MOST_CASES];
    const size_t count = find_cases(tests);

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    if (count < 50)
        return 1; /* the cases went missing: that is no success */
    const int failed = _cmocka_run_group_tests("training", tests, count, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        nn_free(tests[i].initial_state);
    return failed;
}
