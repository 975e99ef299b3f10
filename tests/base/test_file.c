/* Files: read whole, written whole or not at all, logs of whole lines, directories, paths. */
#include "support/nn_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/input.h"
#include "base/mem.h"
#include "base/support/scratch.h"

static void test_a_file_is_read_whole_and_terminated(void **state)
{
    nn_err err = {0};
    char *bytes = NULL;
    size_t len = 0;

    (void)state;
    scratch_write("a", "one\0two", 7);
    assert_ok(nn_file_read(&bytes, &len, "a", 7, &err), err);
    assert_int_equal(len, 7);
    assert_memory_equal(bytes, "one\0two\0", 8);
    nn_free(bytes);
    scratch_write("a", "", 0);
    assert_ok(nn_file_read(&bytes, &len, "a", 0, &err), err);
    assert_int_equal(len, 0);
    assert_string_equal(bytes, "");
    nn_free(bytes);
}

static void test_a_file_over_the_limit_is_refused_before_memory_is_taken(void **state)
{
    nn_err err = {0};
    char *bytes = NULL;
    size_t len = 9;

    (void)state;
    scratch_write("a", "12345678", 8);
    assert_int_equal(truncate("a", 1LL << 40), 0);
    const uint64_t peak = nn_mem_read().peak;
    assert_int_equal(nn_file_read(&bytes, &len, "a", 1000, &err), NN_ELIMIT);
    assert_string_equal(err.where, "a");
    assert_string_equal(err.msg, "the file is larger than the limit of 1000 bytes");
    assert_true(nn_mem_read().peak == peak);
    assert_null(bytes);
    assert_int_equal(len, 9);
}

static void test_only_regular_files_are_read(void **state)
{
    nn_err err = {0};
    char *bytes = NULL;
    size_t len;

    (void)state;
    assert_int_equal(mkfifo("fifo", 0666), 0);
    assert_int_equal(nn_file_read(&bytes, &len, "fifo", 10, &err), NN_EFILE);
    assert_string_equal(err.msg, "expected a regular file, got a FIFO");
    assert_int_equal(nn_file_read(&bytes, &len, ".", 10, &err), NN_EFILE);
    assert_string_equal(err.msg, "expected a regular file, got a directory");
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_int_equal(nn_file_read(&bytes, &len, "loop", 10, &err), NN_EFILE);
    assert_int_equal(nn_file_read(&bytes, &len, "none", 10, &err), NN_EFILE);
    assert_string_equal(err.where, "none");
    assert_string_equal(err.msg, "cannot open: No such file or directory");
    assert_null(bytes);
}

static void test_an_empty_file_that_grows_while_it_is_read_is_refused(void **state)
{
    static const struct timespec times[2] = {{1000, 0}, {1000, 0}};
    nn_err err = {0};
    nn_input in;
    char dst[8];
    size_t got;

    (void)state;
    scratch_write("a", "", 0);
    assert_int_equal(utimensat(AT_FDCWD, "a", times, 0), 0);
    assert_ok(nn_input_open(&in, "a", &err), err);
    scratch_write("a", "x", 1);
    assert_int_equal(utimensat(AT_FDCWD, "a", times, 0), 0); /* the size alone must tell */
    assert_ok(nn_input_read(&in, dst, sizeof dst, &got, &err), err);
    assert_int_equal(nn_input_read(&in, dst, sizeof dst, &got, &err), NN_EFILE);
    assert_string_equal(err.msg, "the file changed while it was read");
    nn_input_close(&in);
}

static void test_an_output_appears_only_when_it_is_committed(void **state)
{
    nn_err err = {0};
    nn_out *out = NULL;

    (void)state;
    assert_ok(nn_out_open(&out, "a", NN_REFUSE_EXISTING, &err), err);
    assert_ok(nn_out_write(out, "one ", 4, &err), err);
    assert_ok(nn_out_write(out, "two", 3, &err), err);
    assert_false(nn_path_exists("a"));
    assert_ok(nn_out_commit(out, &err), err);
    assert_true(scratch_holds("a", "one two"));
    assert_int_equal(scratch_count(), 1);
}

static void test_an_aborted_output_leaves_what_was_there(void **state)
{
    nn_err err = {0};
    nn_out *out = NULL;

    (void)state;
    scratch_write("a", "old", 3);
    assert_ok(nn_out_open(&out, "a", NN_REPLACE_EXISTING, &err), err);
    assert_ok(nn_out_write(out, "new", 3, &err), err);
    assert_int_equal(scratch_count(), 2);
    nn_out_abort(out);
    nn_out_abort(NULL);
    assert_true(scratch_holds("a", "old"));
    assert_int_equal(scratch_count(), 1);
}

static void test_replacing_an_output_gives_it_whole(void **state)
{
    nn_err err = {0};

    (void)state;
    scratch_write("a", "old and longer", 14);
    assert_ok(nn_file_write("a", "new", 3, NN_REPLACE_EXISTING, &err), err);
    assert_true(scratch_holds("a", "new"));
    assert_int_equal(scratch_count(), 1);
}

static void test_an_existing_output_is_refused_before_anything_is_written(void **state)
{
    nn_err err = {0};
    nn_out *out = NULL;

    (void)state;
    scratch_write("a", "old", 3);
    assert_int_equal(nn_out_open(&out, "a", NN_REFUSE_EXISTING, &err), NN_EFILE);
    assert_string_equal(err.where, "a");
    assert_string_equal(err.msg, "exists already; give --force to replace it");
    assert_null(out);
    assert_int_equal(symlink("nowhere", "b"), 0);
    assert_int_equal(nn_out_open(&out, "b", NN_REFUSE_EXISTING, &err), NN_EFILE);
    assert_string_equal(err.msg, "exists already; give --force to replace it");
    assert_true(scratch_holds("a", "old"));
    assert_int_equal(scratch_count(), 2);
}

static void test_an_output_that_comes_up_meanwhile_is_not_replaced(void **state)
{
    nn_err err = {0};
    nn_out *out = NULL;

    (void)state;
    assert_ok(nn_out_open(&out, "a", NN_REFUSE_EXISTING, &err), err);
    assert_ok(nn_out_write(out, "mine", 4, &err), err);
    scratch_write("a", "theirs", 6);
    assert_int_equal(nn_out_commit(out, &err), NN_EFILE);
    assert_string_equal(err.msg, "exists already; give --force to replace it");
    assert_true(scratch_holds("a", "theirs"));
    assert_int_equal(scratch_count(), 1);
}

static void test_outputs_that_belong_together_appear_when_all_are_on_disk(void **state)
{
    nn_err err = {0};
    nn_out *out[3] = {NULL};

    (void)state;
    assert_ok(nn_out_open(&out[0], "a", NN_REFUSE_EXISTING, &err), err);
    assert_ok(nn_out_open(&out[2], "c", NN_REFUSE_EXISTING, &err), err);
    assert_ok(nn_out_write(out[0], "A", 1, &err), err);
    assert_ok(nn_out_finish(out[0], &err), err);
    assert_ok(nn_out_write(out[2], "C", 1, &err), err);
    assert_false(nn_path_exists("a"));
    assert_ok(nn_out_commit_all(out, 3, &err), err);
    assert_null(out[0]);
    assert_true(scratch_holds("a", "A"));
    assert_true(scratch_holds("c", "C"));
    assert_int_equal(scratch_count(), 2);
}

/* A file larger than is allowed, the last of three. */
static void test_outputs_of_which_one_fails_do_not_appear(void **state)
{
    const struct rlimit short_files = {2, RLIM_INFINITY};
    nn_err err = {0};
    nn_out *out[3] = {NULL};
    struct rlimit before;

    (void)state;
    assert_ok(nn_out_open(&out[0], "a", NN_REFUSE_EXISTING, &err), err);
    assert_ok(nn_out_open(&out[1], "b", NN_REFUSE_EXISTING, &err), err);
    assert_ok(nn_out_open(&out[2], "c", NN_REFUSE_EXISTING, &err), err);
    assert_ok(nn_out_write(out[0], "A", 1, &err), err);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &short_files), 0);
    const nn_code written = nn_out_write(out[2], "CCC", 3, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(written, NN_EFILE);
    assert_int_equal(nn_out_commit_all(out, 3, &err), NN_EFILE);
    assert_string_equal(err.where, "c");
    assert_int_equal(scratch_count(), 0);
}

static void test_a_link_is_replaced_and_its_target_untouched(void **state)
{
    nn_err err = {0};
    struct stat here;

    (void)state;
    scratch_write("precious", "keep", 4);
    assert_int_equal(symlink("precious", "a"), 0);
    assert_ok(nn_file_write("a", "new", 3, NN_REPLACE_EXISTING, &err), err);
    assert_true(scratch_holds("precious", "keep"));
    assert_true(scratch_holds("a", "new"));
    assert_int_equal(lstat("a", &here), 0);
    assert_true(S_ISREG(here.st_mode));
}

static void test_what_is_no_file_is_never_replaced(void **state)
{
    static const char *const table[][2] = {
        {"dir", "expected a regular file, got a directory"},
        {"fifo", "expected a regular file, got a FIFO"},
        {"todir", "expected a regular file, got a directory"},
        {"tofifo", "expected a regular file, got a FIFO"},
        {"dir/", "expected the name of a file, got a directory"},
        {".", "expected the name of a file, got a directory"},
        {"dir/..", "expected the name of a file, got a directory"},
        {"", "expected the name of a file, got a directory"},
        {"none/a", "cannot open its directory: No such file or directory"},
        {"plain/a", "cannot open its directory: Not a directory"},
    };
    nn_err err = {0};

    (void)state;
    scratch_write("plain", "", 0);
    assert_int_equal(mkdir("dir", 0777), 0);
    assert_int_equal(mkfifo("fifo", 0666), 0);
    assert_int_equal(symlink("dir", "todir"), 0);
    assert_int_equal(symlink("fifo", "tofifo"), 0);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(nn_file_write(table[i][0], "x", 1, NN_REPLACE_EXISTING, &err), NN_EFILE);
        assert_string_equal(err.where, table[i][0]);
        assert_string_equal(err.msg, table[i][1]);
    }
    assert_int_equal(scratch_count(), 5);
}

static void test_an_output_has_the_mode_that_the_umask_leaves(void **state)
{
    nn_err err = {0};
    struct stat here;
    const mode_t old = umask(027);

    (void)state;
    assert_ok(nn_file_write("a", "x", 1, NN_REFUSE_EXISTING, &err), err);
    umask(old);
    assert_int_equal(stat("a", &here), 0);
    assert_int_equal(here.st_mode & 07777, 0640);
}

static void test_the_longest_names_can_be_written(void **state)
{
    char name[256];
    nn_err err = {0};

    (void)state;
    nn_out *first = NULL, *second = NULL;

    memset(name, 'n', 255);
    name[255] = '\0';
    assert_ok(nn_out_open(&first, name, NN_REPLACE_EXISTING, &err), err);
    assert_ok(nn_out_open(&second, name, NN_REPLACE_EXISTING, &err), err);
    assert_ok(nn_out_write(first, "1", 1, &err), err);
    assert_ok(nn_out_write(second, "2", 1, &err), err);
    assert_ok(nn_out_commit(first, &err), err);
    assert_ok(nn_out_commit(second, &err), err);
    assert_true(scratch_holds(name, "2"));
    assert_int_equal(scratch_count(), 1);
}

/* Lets files grow to `most` bytes and no further. */
static struct rlimit limit_files(rlim_t most)
{
    struct rlimit old, limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    limit = old;
    limit.rlim_cur = most;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_IGN);
    return old;
}

static void test_a_full_disk_leaves_the_old_file_and_no_trace(void **state)
{
    static char bytes[5000];
    nn_err err = {0};

    (void)state;
    scratch_write("a", "old", 3);
    const struct rlimit old = limit_files(3000);
    const nn_code rc = nn_file_write("a", bytes, sizeof bytes, NN_REPLACE_EXISTING, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(rc, NN_EFILE);
    assert_string_equal(err.where, "a");
    assert_string_equal(err.msg, "cannot write: File too large");
    assert_true(scratch_holds("a", "old"));
    assert_int_equal(scratch_count(), 1);
}

static void test_nothing_is_committed_after_a_failed_write(void **state)
{
    static char bytes[5000];
    nn_err err = {0};
    nn_out *out = NULL;

    (void)state;
    assert_ok(nn_out_open(&out, "a", NN_REFUSE_EXISTING, &err), err);
    const struct rlimit old = limit_files(3000);
    const nn_code rc = nn_out_write(out, bytes, sizeof bytes, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(rc, NN_EFILE);
    assert_int_equal(nn_out_commit(out, &err), NN_EFILE);
    assert_string_equal(err.msg, "an earlier write to this file failed");
    assert_int_equal(scratch_count(), 0);
}

static void test_a_log_grows_by_whole_lines(void **state)
{
    nn_err err = {0};
    nn_log *log = NULL;

    (void)state;
    assert_ok(nn_log_open(&log, "log", &err), err);
    assert_ok(nn_log_line(log, "one", 3, &err), err);
    assert_true(scratch_holds("log", "one\n"));
    assert_ok(nn_log_line(log, "", 0, &err), err);
    assert_ok(nn_log_sync(log, &err), err);
    assert_ok(nn_log_close(log, &err), err);
    assert_true(scratch_holds("log", "one\n\n"));
    assert_int_equal(nn_log_open(&log, "log", &err), NN_EFILE);
    assert_string_equal(err.where, "log");
    assert_string_equal(err.msg, "cannot create: File exists");
}

/* A process that has the log open until it is killed. */
static pid_t start_owner(const char *path)
{
    int ready[2];
    char byte = 0;

    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        nn_log *log = NULL;
        nn_err err = {0};

        if (nn_log_open(&log, path, &err) == NN_OK && write(ready[1], "r", 1) == 1)
            pause();
        _exit(1);
    }
    assert_true(child > 0);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void test_a_log_has_one_owner_until_that_dies(void **state)
{
    char message[64];
    nn_err err = {0};
    nn_log *log = NULL;

    (void)state;
    assert_int_equal(nn_log_owner("log"), 0);
    const pid_t child = start_owner("log");
    assert_int_equal(nn_log_owner("log"), child);
    assert_int_equal(nn_log_reopen(&log, "log", 0, &err), NN_EFILE);
    snprintf(message, sizeof message, "in use by process %ld", (long)child);
    assert_string_equal(err.msg, message);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(nn_log_owner("log"), 0);
    assert_ok(nn_log_reopen(&log, "log", 0, &err), err);
    assert_ok(nn_log_close(log, &err), err);
}

/* A state counts on so many bytes: more are cut off, and fewer are not made up. */
static void test_a_log_is_gone_on_with_from_where_it_was(void **state)
{
    nn_log *log = NULL;
    nn_err err = {0};
    char *bytes = NULL;
    size_t len;

    (void)state;
    assert_ok(nn_file_write("cut", "one\ntwo\nhal", 11, NN_REPLACE_EXISTING, &err), err);
    assert_ok(nn_log_reopen(&log, "cut", 4, &err), err);
    assert_int_equal(nn_log_len(log), 4);
    assert_ok(nn_log_line(log, "2", 1, &err), err);
    assert_int_equal(nn_log_len(log), 6);
    assert_ok(nn_log_close(log, &err), err);
    assert_ok(nn_file_read(&bytes, &len, "cut", 100, &err), err);
    assert_string_equal(bytes, "one\n2\n");
    nn_free(bytes);
    assert_int_equal(nn_log_reopen(&log, "cut", 7, &err), NN_EFILE);
    assert_string_equal(err.msg, "expected at least 7 bytes, found 6");
    assert_ok(nn_log_reopen(&log, "cut", 6, &err), err);
    assert_ok(nn_log_close(log, &err), err);
    assert_int_equal(nn_log_reopen(&log, "/dev/null", 0, &err), NN_EFILE);
    assert_string_equal(err.msg, "expected a regular file");
}

static void test_a_half_written_line_is_cut_back_and_written_with_the_next(void **state)
{
    char line[100], all[120] = "first\n";
    nn_err err = {0};
    nn_log *log = NULL;

    (void)state;
    memset(line, 'x', sizeof line);
    (void)strcpy(all + 6 + sizeof line, "\nthird\n");
    assert_ok(nn_log_open(&log, "log", &err), err);
    assert_ok(nn_log_line(log, "first", 5, &err), err);
    const struct rlimit old = limit_files(50);
    const nn_code rc = nn_log_line(log, line, sizeof line, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(rc, NN_EFILE);
    assert_string_equal(err.msg, "cannot write: File too large");
    assert_true(scratch_holds("log", "first\n"));
    assert_int_equal(nn_log_len(log), 6);
    assert_ok(nn_log_line(log, "third", 5, &err), err);
    assert_ok(nn_log_close(log, &err), err);
    memcpy(all + 6, line, sizeof line);
    assert_true(scratch_holds("log", all));
}

static void test_writing_to_a_slow_non_blocking_pipe_reaches_the_end(void **state)
{
    enum { LEN = 1 << 20 };
    static char bytes[LEN];
    nn_err err = {0};
    int ends[2], status = -1;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    const pid_t reader = fork();
    if (reader == 0) {
        static char got[4096];
        size_t all = 0;
        ssize_t n;

        close(ends[1]);
        while ((n = read(ends[0], got, sizeof got)) > 0)
            all += (size_t)n;
        _exit(all == LEN ? 0 : 1);
    }
    close(ends[0]);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    assert_ok(nn_fd_write(ends[1], "<stdout>", bytes, LEN, &err), err);
    close(ends[1]);
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_int_equal(status, 0);
}

static void test_a_closed_pipe_is_an_error(void **state)
{
    nn_err err = {0};
    int ends[2];

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(nn_fd_write(ends[1], "<stdout>", "x", 1, &err), NN_EFILE);
    assert_string_equal(err.where, "<stdout>");
    assert_string_equal(err.msg, "cannot write: Broken pipe");
    close(ends[1]);
}

static void test_directories_are_made(void **state)
{
    nn_err err = {0};

    (void)state;
    assert_ok(nn_dir_make("a", &err), err);
    assert_int_equal(nn_dir_make("a", &err), NN_EFILE);
    assert_string_equal(err.msg, "cannot make the directory: File exists");
    assert_int_equal(nn_dir_make("b/c", &err), NN_EFILE);
    assert_string_equal(err.where, "b/c");
    assert_string_equal(err.msg, "cannot make the directory: No such file or directory");
    assert_ok(nn_dir_make_all("a/b//c/d/", &err), err);
    assert_true(nn_path_is_dir("a/b/c/d"));
    assert_ok(nn_dir_make_all("a/b/c/d", &err), err);
    assert_ok(nn_dir_make_all(".", &err), err);
    scratch_write("plain", "", 0);
    assert_int_equal(nn_dir_make_all("plain/x", &err), NN_EFILE);
    assert_string_equal(err.where, "plain");
    assert_string_equal(err.msg, "cannot make the directory: File exists");
    assert_int_equal(nn_dir_make_all("plain", &err), NN_EFILE);
    assert_string_equal(err.where, "plain");
    assert_string_equal(err.msg, "cannot make the directory: File exists");
}

static void test_what_paths_lead_to(void **state)
{
    (void)state;
    scratch_write("a", "x", 1);
    scratch_write("b", "x", 1);
    assert_int_equal(link("a", "hard"), 0);
    assert_int_equal(symlink("a", "soft"), 0);
    assert_int_equal(symlink("nowhere", "broken"), 0);
    assert_true(nn_path_exists("a") && nn_path_exists("broken") && !nn_path_exists("none"));
    assert_true(nn_path_is_dir(".") && !nn_path_is_dir("a") && !nn_path_is_dir("none"));
    assert_true(nn_path_is_same("a", "hard") && nn_path_is_same("soft", "./a"));
    assert_false(nn_path_is_same("a", "b"));
    assert_false(nn_path_is_same("none", "none"));
}

static void test_paths_are_joined_and_split(void **state)
{
    static const char *const joined[][3] = {
        {"d", "n", "d/n"}, {"d/", "n", "d/n"},    {"/", "n", "/n"},
        {"", "n", "n"},    {"d", "/abs", "/abs"}, {"../d", "e/n", "../d/e/n"},
    };
    static const char *const split[][3] = {
        {"d/n", "d", "n"}, {"n", ".", "n"},           {"/n", "/", "n"}, {"d//n", "d", "n"},
        {"//n", "/", "n"}, {"a/b/c.x", "a/b", "c.x"}, {"d/", "d", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof joined / sizeof *joined; i++) {
        char *const path = nn_path_join(joined[i][0], joined[i][1]);

        assert_string_equal(path, joined[i][2]);
        nn_free(path);
    }
    for (size_t i = 0; i < sizeof split / sizeof *split; i++) {
        char *const dir = nn_path_dir(split[i][0]);

        assert_string_equal(dir, split[i][1]);
        assert_string_equal(nn_path_base(split[i][0]), split[i][2]);
        nn_free(dir);
    }
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_a_file_is_read_whole_and_terminated),
        IN_SCRATCH(test_a_file_over_the_limit_is_refused_before_memory_is_taken),
        IN_SCRATCH(test_only_regular_files_are_read),
        IN_SCRATCH(test_an_empty_file_that_grows_while_it_is_read_is_refused),
        IN_SCRATCH(test_an_output_appears_only_when_it_is_committed),
        IN_SCRATCH(test_an_aborted_output_leaves_what_was_there),
        IN_SCRATCH(test_replacing_an_output_gives_it_whole),
        IN_SCRATCH(test_an_existing_output_is_refused_before_anything_is_written),
        IN_SCRATCH(test_an_output_that_comes_up_meanwhile_is_not_replaced),
        IN_SCRATCH(test_outputs_that_belong_together_appear_when_all_are_on_disk),
        IN_SCRATCH(test_outputs_of_which_one_fails_do_not_appear),
        IN_SCRATCH(test_a_link_is_replaced_and_its_target_untouched),
        IN_SCRATCH(test_what_is_no_file_is_never_replaced),
        IN_SCRATCH(test_an_output_has_the_mode_that_the_umask_leaves),
        IN_SCRATCH(test_the_longest_names_can_be_written),
        IN_SCRATCH(test_a_full_disk_leaves_the_old_file_and_no_trace),
        IN_SCRATCH(test_nothing_is_committed_after_a_failed_write),
        IN_SCRATCH(test_a_log_grows_by_whole_lines),
        IN_SCRATCH(test_a_log_has_one_owner_until_that_dies),
        IN_SCRATCH(test_a_log_is_gone_on_with_from_where_it_was),
        IN_SCRATCH(test_a_half_written_line_is_cut_back_and_written_with_the_next),
        cmocka_unit_test(test_writing_to_a_slow_non_blocking_pipe_reaches_the_end),
        cmocka_unit_test(test_a_closed_pipe_is_an_error),
        IN_SCRATCH(test_directories_are_made),
        IN_SCRATCH(test_what_paths_lead_to),
        IN_SCRATCH(test_paths_are_joined_and_split),
    };

    return nn_test_main(argc, argv, tests);
}
