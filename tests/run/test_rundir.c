/* Run directories: made and never reused, found again, and what stands in them. */
#include "run/support/runs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>

#include "base/mem.h"
#include "support/nn_temp.h"

static const char text[] =
    "{'name': 'night', 'data': {'train': {'inline': {'x': [[1],[2],[3]], 'y': [1,2.5,3]}}}, "
    "'validation': 0, 'model': {'layers': [{'type': 'Dense', 'units': 1}]}}";

/* A disk of 100 GiB, of which so many MiB are free; negative: it does not say. */
static int free_mib = -1;

int statvfs(const char *path, struct statvfs *fs)
{
    (void)path;
    if (free_mib < 0)
        return -1;
    memset(fs, 0, sizeof *fs);
    fs->f_frsize = 1 << 20;
    fs->f_blocks = 100 << 10;
    fs->f_bavail = (fsblkcnt_t)free_mib;
    return 0;
}

typedef struct fixture {
    char *dir, *runs;
    nn_config *config;
    nn_setup *setup;
} fixture;

static int make(void **state)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    fixture *f = nn_alloc(1, sizeof *f);
    nn_err err = {0};

    f->dir = nn_temp_dir();
    f->runs = nn_path_join(f->dir, "runs");
    f->config = nn_test_config(text);
    assert_ok(nn_setup_new(&f->setup, f->config, &options, &err), err);
    *state = f;
    return 0;
}

static int unmake(void **state)
{
    fixture *f = *state;

    nn_setup_free(f->setup);
    nn_config_free(f->config);
    nn_temp_remove(f->dir);
    nn_free(f->runs);
    nn_free(f);
    return 0;
}

static nn_rundir *new_run(const fixture *f, const char *out, bool force)
{
    nn_rundir *run = NULL;
    nn_err err = {0};

    assert_ok(nn_rundir_new(&run, f->runs, "night", out, force, f->setup, &err), err);
    assert_ok(nn_rundir_stand(run, &err), err);
    return run;
}

static void test_no_directory_is_used_twice(void **state)
{
    const fixture *f = *state;
    nn_rundir *run[12];

    for (int i = 0; i < 12; i++) {
        run[i] = new_run(f, NULL, false);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(run[i]->path, run[k]->path);
    }
    for (int i = 0; i < 12; i++)
        nn_rundir_free(run[i]);
}

static void test_latest_is_the_newest_also_past_nine_a_second(void **state)
{
    const fixture *f = *state;
    char *latest = NULL, *link = NULL;
    nn_err err = {0};
    char *last = NULL;
    struct stat a, b;

    for (int i = 0; i < 12; i++) {
        nn_rundir *run = new_run(f, NULL, false);
        nn_free(last);
        last = nn_strdup(run->path);
        nn_rundir_free(run);
    }
    assert_ok(nn_rundir_latest(&latest, f->runs, &err), err);
    assert_string_equal(latest, last);
    link = nn_path_join(f->runs, "night/latest");
    assert_int_equal(stat(link, &a), 0);
    assert_int_equal(stat(last, &b), 0);
    assert_int_equal(a.st_ino, b.st_ino);
    nn_free(latest);
    nn_free(link);
    nn_free(last);
}

static void test_what_was_never_a_run_is_not_cleared(void **state)
{
    const fixture *f = *state;
    char *config =
        nn_path_join(f->dir, "config.json"); /* the user's own, as `-o .` would meet it */
    nn_rundir *run = NULL;
    nn_err err = {0};

    assert_ok(nn_file_write(config, "{}", 2, NN_REFUSE_EXISTING, &err), err);
    assert_int_equal(nn_rundir_new(&run, f->runs, "night", f->dir, true, f->setup, &err), NN_EFILE);
    assert_string_equal(err.msg,
                        "is no run directory, so it is not replaced: it has no resolved.json");
    assert_true(nn_path_exists(config));
    nn_free(config);
}

static void test_what_a_killed_run_left_behind_goes_with_it(void **state)
{
    const fixture *f = *state;
    char *out = nn_path_join(f->dir, "killed");
    char *half = nn_path_join(out, "model.safetensors.0123abcd.tmp");
    nn_err err = {0};

    nn_rundir_free(new_run(f, out, false));
    assert_ok(nn_file_write(half, "x", 1, NN_REFUSE_EXISTING, &err), err);
    nn_rundir_free(new_run(f, out, true));
    assert_false(nn_path_exists(half));
    nn_free(half);
    nn_free(out);
}

static void set_time(const char *path, time_t when)
{
    const struct timespec times[] = {{.tv_sec = when}, {.tv_sec = when}};

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* A run that was killed before it stood goes when another is made; one that is being made does not,
   nor does one that failed to begin leave anything. */
static void test_runs_that_never_stood_are_swept_away(void **state)
{
    const fixture *f = *state;
    char *parent = nn_path_join(f->runs, "night");
    char *old = nn_path_join(parent, ".run-1-0.new"), *fresh = nn_path_join(parent, ".run-2-0.new");
    char *file = nn_path_join(old, "resolved.json");
    nn_rundir *run = NULL;
    nn_err err = {0};

    assert_ok(nn_dir_make_all(old, &err), err);
    assert_ok(nn_dir_make_all(fresh, &err), err);
    assert_ok(nn_file_write(file, "{", 1, NN_REFUSE_EXISTING, &err), err);
    set_time(old, time(NULL) - 100);
    assert_ok(nn_rundir_new(&run, f->runs, "night", NULL, false, f->setup, &err), err);
    assert_false(nn_path_exists(old));
    assert_true(nn_path_exists(fresh));
    char *hidden = nn_strdup(run->path);
    assert_true(nn_path_exists(hidden));
    nn_rundir_free(run);
    assert_false(nn_path_exists(hidden));
    nn_free(hidden);
    nn_free(file);
    nn_free(fresh);
    nn_free(old);
    nn_free(parent);
}

static bool holds(const char *dir, const char *name)
{
    char *path = nn_path_join(dir, name);
    const bool there = nn_path_exists(path);

    nn_free(path);
    return there;
}

/* The old run is given up when the new one stands, and not before. */
static void test_force_keeps_the_old_run_until_the_new_one_stands(void **state)
{
    const fixture *f = *state;
    char *out = nn_path_join(f->dir, "kept"), *link = nn_path_join(f->dir, "link");
    nn_rundir *run = new_run(f, out, false);
    nn_err err = {0};

    assert_ok(nn_rundir_write(run, "model.safetensors", "old", 3, &err), err);
    nn_rundir_free(run);
    assert_int_equal(symlink("kept", link), 0);
    assert_ok(nn_rundir_new(&run, f->runs, "night", link, true, f->setup, &err), err);
    nn_rundir_free(run); /* it came to nothing */
    assert_true(holds(out, "model.safetensors"));
    assert_ok(nn_rundir_new(&run, f->runs, "night", link, true, f->setup, &err), err);
    assert_true(holds(out, "model.safetensors"));
    assert_ok(nn_rundir_stand(run, &err), err);
    assert_false(holds(out, "model.safetensors"));
    assert_true(holds(out, "config.json"));
    assert_string_equal(run->path, link);
    nn_rundir_free(run);
    assert_true(holds(link, "config.json"));
    nn_free(link);
    nn_free(out);
}

/* An empty directory, which may be a mount, is filled as it is. */
static void test_force_fills_an_empty_directory(void **state)
{
    const fixture *f = *state;
    char *out = nn_path_join(f->dir, "empty");
    nn_rundir *run = NULL;
    struct stat before, after;
    nn_err err = {0};

    assert_ok(nn_dir_make(out, &err), err);
    assert_int_equal(stat(out, &before), 0);
    assert_ok(nn_rundir_new(&run, f->runs, "night", out, true, f->setup, &err), err);
    nn_rundir_free(run);
    assert_false(holds(out, "config.json"));
    nn_rundir_free(new_run(f, out, true));
    assert_true(holds(out, "config.json"));
    assert_int_equal(stat(out, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    nn_free(out);
}

/* Two names within the same second: the one that began later is meant, whatever their names. */
static void test_latest_looks_across_names_within_a_second(void **state)
{
    static const char *const names[] = {"zebra", "ant", "moth"};
    const fixture *f = *state;
    nn_err err = {0};

    for (int i = 0; i < 6; i++) {
        const struct timespec pause = {0, 20000000}; /* beyond the clock of file systems */
        nn_rundir *run = NULL;
        char *latest = NULL;

        assert_ok(nn_rundir_new(&run, f->runs, names[i % 3], NULL, false, f->setup, &err), err);
        assert_ok(nn_rundir_stand(run, &err), err);
        assert_ok(nn_rundir_latest(&latest, f->runs, &err), err);
        assert_string_equal(latest, run->path);
        nn_rundir_free(run);
        nn_free(latest);
        nanosleep(&pause, NULL);
    }
}

static void test_without_runs_the_message_says_so(void **state)
{
    const fixture *f = *state;
    char *latest = NULL;
    nn_err err = {0};

    assert_int_equal(nn_rundir_latest(&latest, f->runs, &err), NN_EFILE);
    assert_string_equal(err.where, f->runs);
    assert_int_equal(nn_dir_make(f->runs, &err), NN_OK);
    assert_int_equal(nn_rundir_latest(&latest, f->runs, &err), NN_EFILE);
    assert_string_equal(err.msg, "expected a run directory, found none; `nnctl train` makes one");
}

static void test_a_named_directory_is_replaced_only_by_force_and_only_a_run(void **state)
{
    const fixture *f = *state;
    char *out = nn_path_join(f->dir, "here/there");
    char *stranger = nn_path_join(out, "thesis.txt");
    nn_rundir *run = new_run(f, out, false);
    nn_err err = {0};

    nn_rundir_free(run);
    assert_int_equal(nn_rundir_new(&run, f->runs, "night", out, false, f->setup, &err), NN_EFILE);
    assert_string_equal(err.msg, "exists already; give --force to replace an older run there");
    run = new_run(f, out, true);
    nn_rundir_free(run);
    assert_ok(nn_file_write(stranger, "x", 1, NN_REFUSE_EXISTING, &err), err);
    assert_int_equal(nn_rundir_new(&run, f->runs, "night", out, true, f->setup, &err), NN_EFILE);
    assert_string_equal(err.msg,
                        "is no run directory, so it is not replaced: it holds other files");
    assert_true(nn_path_exists(stranger));
    nn_free(out);
    nn_free(stranger);
}

static void test_a_run_that_is_under_way_is_not_replaced(void **state)
{
    const fixture *f = *state;
    char *out = nn_path_join(f->dir, "busy");
    nn_rundir *run = NULL;
    nn_err err = {0};
    char message[64], byte = 0;
    int ready[2];

    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        run = new_run(f, out, false);
        if (write(ready[1], "r", 1) == 1)
            pause();
        _exit(1);
    }
    assert_true(child > 0);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    assert_int_equal(nn_rundir_new(&run, f->runs, "night", out, true, f->setup, &err), NN_EFILE);
    assert_string_equal(err.where, out);
    snprintf(message, sizeof message, "this run is under way, in process %ld", (long)child);
    assert_string_equal(err.msg, message);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    nn_rundir_free(new_run(f, out, true)); /* the dead own nothing */
    nn_free(out);
}

static nn_node record(const fixture *f, nn_rundir *run, nn_doc **doc, nn_problems *problems)
{
    char program[] = "nnctl", command[] = "train", config[] = "a \"b\".json";
    char *const argv[] = {program, command, config};
    const nn_run_facts facts = {.setup = f->setup,
                                .config_path = "c.json",
                                .argc = 3,
                                .argv = argv,
                                .threads = 2,
                                .limit = 7,
                                .status = "done",
                                .exit_code = 0};
    const nn_json_source source = {"run.json", NN_EMODEL, false};
    char *path = nn_path_join(run->path, "run.json");
    char *bytes = NULL;
    size_t len;
    nn_err err = {0};

    assert_ok(nn_rundir_record(run, &facts, &err), err);
    assert_ok(nn_file_read(&bytes, &len, path, 1 << 20, &err), err);
    assert_ok(nn_doc_parse(doc, &source, bytes, len, problems, &err), err);
    nn_free(bytes);
    nn_free(path);
    return nn_doc_root(*doc);
}

static void test_the_record_is_json_that_tells_what_happened(void **state)
{
    static const char *const text_keys[] = {"version", "name",    "config", "config_dir", "host",
                                            "cpu",     "kernels", "blas",   "started"};
    const fixture *f = *state;
    nn_rundir *run = new_run(f, NULL, false);
    nn_problems problems = {0};
    nn_doc *doc = NULL;
    const nn_node root = record(f, run, &doc, &problems);

    assert_string_equal(nn_node_text(nn_node_get(root, "status")), "done");
    assert_string_equal(nn_node_text(nn_node_at(nn_node_get(root, "argv"), 2)), "a \"b\".json");
    assert_float_equal(nn_node_number(nn_node_get(root, "limit")), 7, 0);
    assert_float_equal(nn_node_number(nn_node_get(root, "threads")), 2, 0);
    for (size_t i = 0; i < sizeof text_keys / sizeof text_keys[0]; i++)
        assert_true(strlen(nn_node_text(nn_node_get(root, text_keys[i]))) > 0);
    nn_doc_free(doc);
    nn_problems_free(&problems);
    nn_rundir_free(run);
}

static void test_the_config_is_kept_to_the_byte(void **state)
{
    const fixture *f = *state;
    nn_rundir *run = new_run(f, NULL, false);
    char *path = nn_path_join(run->path, "config.json");
    char *bytes = NULL;
    size_t len;
    nn_err err = {0};

    assert_ok(nn_file_read(&bytes, &len, path, 1 << 20, &err), err);
    assert_int_equal(len, f->config->len);
    assert_memory_equal(bytes, f->config->bytes, len);
    nn_free(bytes);
    nn_free(path);
    nn_rundir_free(run);
}

/*
 * 60,001 weights in two models, and in three states with the best of them and Adam's two moments:
 * 14 times 60,001 numbers.
 */
static void test_a_disk_that_is_too_small_is_known_before_the_first_step(void **state)
{
    static const char wide[] =
        "{'data': {'train': {'inline': {'x': [[1],[2],[3]], 'y': [1,2.5,3]}}}, 'validation': 0, "
        "'model': {'layers': [{'type': 'Dense', 'units': 20000}, {'type': 'Dense', 'units': 1}]}}";
    static const char said[] = "this training needs 3.2 MiB of disk space for its models and "
                               "checkpoints, but only 3.0 MiB are free";
    const int scale = sizeof(nn_real) / sizeof(float);
    nn_test_run r;

    (void)state;
    free_mib = 3 * scale;
    nn_test_train(&r, wide, &(nn_train_options){.threads = 1});
    assert_int_equal(r.code, NN_EFILE);
    if (scale == 1)
        assert_string_equal(r.err.msg, said);
    assert_int_equal(r.result.epochs, 0);
    nn_test_run_free(&r);
    free_mib = 4 * scale;
    nn_test_train(&r, wide, &(nn_train_options){.threads = 1});
    free_mib = -1;
    assert_ok(r.code, r.err);
    nn_test_run_free(&r);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_directory_is_used_twice, make, unmake),
        cmocka_unit_test_setup_teardown(test_latest_is_the_newest_also_past_nine_a_second, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(test_what_was_never_a_run_is_not_cleared, make, unmake),
        cmocka_unit_test_setup_teardown(test_what_a_killed_run_left_behind_goes_with_it, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(test_runs_that_never_stood_are_swept_away, make, unmake),
        cmocka_unit_test_setup_teardown(test_force_keeps_the_old_run_until_the_new_one_stands, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(test_force_fills_an_empty_directory, make, unmake),
        cmocka_unit_test_setup_teardown(test_latest_looks_across_names_within_a_second, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(test_without_runs_the_message_says_so, make, unmake),
        cmocka_unit_test_setup_teardown(
            test_a_named_directory_is_replaced_only_by_force_and_only_a_run, make, unmake),
        cmocka_unit_test_setup_teardown(test_a_run_that_is_under_way_is_not_replaced, make, unmake),
        cmocka_unit_test_setup_teardown(test_the_record_is_json_that_tells_what_happened, make,
                                        unmake),
        cmocka_unit_test_setup_teardown(test_the_config_is_kept_to_the_byte, make, unmake),
        cmocka_unit_test(test_a_disk_that_is_too_small_is_known_before_the_first_step),
    };

    return nn_test_main(argc, argv, tests);
}
