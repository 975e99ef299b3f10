/*
 * A system in a bad mood: this program's own read, write, fsync, ftruncate, fcntl and linkat stand
 * before the C library's and fail, stop short or are interrupted as a test asks.
 */
#if defined(__linux__) && !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE /* for syscall */
#endif
#undef _FORTIFY_SOURCE /* its inline wrappers would collide with the functions defined here */
#include "support/nn_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/gz.h"
#include "base/mem.h"
#include "base/support/gzip.h"
#include "base/support/scratch.h"

static struct mood {
    int interrupted; /* so many calls fail with EINTR first */
    size_t most;     /* bytes in one call; 0 = no bound */
    int reads_left;  /* then reading fails with EIO; -1 = never */
    int sync_errno, link_errno, write_errno, cut_errno;
    int writes_left; /* that go well before write_errno counts */
    int syncs;
    int taken;         /* so many temporary names exist already */
    bool is_late;      /* "newer" is renamed to "log" before a lock is given */
    int flags;         /* of the last openat */
    char name[2][300]; /* its last two names, the newer first */
} mood;

static bool is_interrupted(void)
{
    if (mood.interrupted <= 0)
        return false;
    mood.interrupted--;
    errno = EINTR;
    return true;
}

static size_t cut(size_t len)
{
    return mood.most > 0 && len > mood.most ? mood.most : len;
}

ssize_t read(int fd, void *dst, size_t len)
{
    const struct iovec piece = {dst, cut(len)};

    if (is_interrupted())
        return -1;
    if (mood.reads_left == 0) {
        errno = EIO;
        return -1;
    }
    mood.reads_left -= mood.reads_left > 0;
    return readv(fd, &piece, 1);
}

ssize_t write(int fd, const void *src, size_t len)
{
    struct iovec piece = {.iov_len = cut(len)};

    memcpy(&piece.iov_base, &src, sizeof src); /* iov_base has no const to give */
    if (is_interrupted())
        return -1;
    if (mood.write_errno == 0 || mood.writes_left-- > 0)
        return writev(fd, &piece, 1);
    errno = mood.write_errno;
    return -1;
}

int fsync(int fd)
{
    (void)fd;
    mood.syncs++;
    if (is_interrupted())
        return -1;
    errno = mood.sync_errno;
    return mood.sync_errno == 0 ? 0 : -1;
}

/* Only a log is cut, and all of them here have this name. */
int ftruncate(int fd, off_t len)
{
    (void)fd;
    errno = mood.cut_errno;
    return mood.cut_errno == 0 ? truncate("log", len) : -1;
}

int fcntl(int fd, int command, ...)
{
    va_list ap;

    va_start(ap, command);
    void *const argument = va_arg(ap, void *);
    va_end(ap);
    if (command == F_SETLK && mood.is_late)
        assert_int_equal(rename("newer", "log"), 0);
    return (int)syscall(SYS_fcntl, fd, command, argument);
}

/* Directories are opened by open(), so this sees the temporaries alone; all tests stay in ".". */
int openat(int directory, const char *name, int flags, ...)
{
    (void)directory;
    mood.flags = flags;
    memcpy(mood.name[1], mood.name[0], sizeof mood.name[1]);
    snprintf(mood.name[0], sizeof mood.name[0], "%s", name);
    if (mood.taken-- > 0) {
        errno = EEXIST;
        return -1;
    }
    return open(name, flags, 0666);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    (void)from_dir;
    (void)from;
    (void)to_dir;
    (void)to;
    (void)flags;
    errno = mood.link_errno;
    return -1;
}

static int setup(void **state)
{
    mood = (struct mood){.reads_left = -1, .link_errno = EPERM};
    return scratch_setup(state);
}

static int teardown(void **state)
{
    mood = (struct mood){.reads_left = -1};
    return scratch_teardown(state);
}

static void test_short_and_interrupted_calls_are_invisible(void **state)
{
    nn_err err = {0};
    char *bytes = NULL, got[16];
    size_t len;
    nn_gz *f = NULL;

    (void)state;
    mood.most = 3;
    mood.interrupted = 5;
    assert_ok(nn_file_write("a", "hello world", 11, NN_REFUSE_EXISTING, &err), err);
    mood.interrupted = 5;
    assert_ok(nn_file_read(&bytes, &len, "a", 100, &err), err);
    assert_string_equal(bytes, "hello world");
    nn_free(bytes);
    mood.interrupted = 5;
    assert_ok(nn_gz_open(&f, "a", &err), err);
    assert_ok(nn_gz_read(f, got, sizeof got, &len, &err), err);
    assert_int_equal(len, 11);
    assert_ok(nn_gz_end(f, &err), err);
    nn_gz_close(f);
}

static void test_gzip_that_comes_in_any_pieces(void **state)
{
    nn_err err = {0};
    /* All at once; byte by byte; a third read that ends within the magic of the second member. */
    static const size_t most[3] = {0, 1, (FOX_GZ_LEN + 1) / 3};
    char got[2 * FOX_LEN + 1], text[3][NN_SHA256_TEXT];
    size_t len;
    pieces two = {.len = 0};

    (void)state;
    put(&two, fox_gz, FOX_GZ_LEN);
    put(&two, fox_gz, FOX_GZ_LEN);
    scratch_write("a", two.bytes, two.len);
    for (int i = 0; i < 3; i++) {
        nn_gz *f = NULL;
        nn_file_id id;

        mood.most = most[i];
        assert_ok(nn_gz_open(&f, "a", &err), err);
        assert_ok(nn_gz_read(f, got, sizeof got, &len, &err), err);
        assert_ok(nn_gz_end(f, &err), err);
        assert_int_equal(len, 2 * FOX_LEN);
        assert_memory_equal(got + FOX_LEN, fox, FOX_LEN);
        nn_gz_id(f, &id);
        nn_sha256_text(text[i], id.sha256);
        nn_gz_close(f);
    }
    assert_string_equal(text[0], text[1]);
    assert_string_equal(text[0], text[2]);
}

static void test_a_temporary_that_others_made_is_left_to_them(void **state)
{
    nn_err err = {0};
    nn_out *out = NULL;

    (void)state;
    mood.taken = 3;
    assert_ok(nn_file_write("a", "x", 1, NN_REPLACE_EXISTING, &err), err);
    assert_true(scratch_holds("a", "x"));
    assert_int_equal(mood.flags & (O_EXCL | O_NOFOLLOW), O_EXCL | O_NOFOLLOW);
    assert_string_not_equal(mood.name[0], mood.name[1]);
    mood.taken = 1000; /* and in the end it gives up, removing nothing of theirs */
    assert_int_equal(nn_out_open(&out, "a", NN_REPLACE_EXISTING, &err), NN_EFILE);
    assert_string_equal(err.msg, "cannot create: File exists");
    assert_true(mood.taken > 900);
}

static void test_a_read_error_is_reported_with_its_offset(void **state)
{
    nn_err err = {0};
    char *bytes = NULL, got[16];
    size_t len;
    nn_gz *f = NULL;

    (void)state;
    scratch_write("a", "hello world", 11);
    mood.most = 4;
    mood.reads_left = 2;
    assert_int_equal(nn_file_read(&bytes, &len, "a", 100, &err), NN_EFILE);
    assert_string_equal(err.where, "a");
    assert_string_equal(err.msg, "cannot read at byte 8: Input/output error");
    mood.reads_left = 1;
    assert_ok(nn_gz_open(&f, "a", &err), err);
    assert_int_equal(nn_gz_read(f, got, sizeof got, &len, &err), NN_EFILE);
    assert_string_equal(err.msg, "cannot read at byte 4: Input/output error");
    mood.reads_left = -1; /* the disk is well again; what was missed is missed */
    assert_int_equal(nn_gz_read(f, got, sizeof got, &len, &err), NN_EFILE);
    assert_int_equal(nn_gz_end(f, &err), NN_EFILE);
    nn_gz_close(f);
    assert_null(bytes);
}

static void test_a_file_is_synced_and_so_is_its_directory(void **state)
{
    nn_err err = {0};

    (void)state;
    assert_ok(nn_file_write("a", "x", 1, NN_REPLACE_EXISTING, &err), err);
    assert_int_equal(mood.syncs, 2);
}

static void test_a_failed_sync_leaves_the_old_file(void **state)
{
    nn_err err = {0};

    (void)state;
    scratch_write("a", "old", 3);
    mood.sync_errno = EIO;
    assert_int_equal(nn_file_write("a", "new", 3, NN_REPLACE_EXISTING, &err), NN_EFILE);
    assert_string_equal(err.where, "a");
    assert_string_equal(err.msg, "cannot bring it to disk: Input/output error");
    assert_int_equal(mood.syncs, 1); /* never again on a descriptor that failed */
    assert_true(scratch_holds("a", "old"));
    assert_int_equal(scratch_count(), 1);
}

static void test_a_file_system_without_sync_will_do(void **state)
{
    nn_err err = {0};

    (void)state;
    mood.sync_errno = EINVAL;
    assert_ok(nn_file_write("a", "x", 1, NN_REFUSE_EXISTING, &err), err);
    assert_true(scratch_holds("a", "x"));
}

static void test_without_hard_links_an_existing_file_is_still_refused(void **state)
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
    assert_ok(nn_file_write("b", "x", 1, NN_REFUSE_EXISTING, &err), err);
    assert_true(scratch_holds("b", "x"));
    assert_int_equal(scratch_count(), 2);
}

static void test_a_full_disk_is_named(void **state)
{
    nn_err err = {0};
    nn_log *log = NULL;

    (void)state;
    assert_ok(nn_log_open(&log, "log", &err), err);
    mood.write_errno = ENOSPC;
    assert_int_equal(nn_log_line(log, "x", 1, &err), NN_EFILE);
    assert_string_equal(err.msg, "cannot write: No space left on device");
    assert_int_equal(nn_log_close(log, &err), NN_EFILE); /* the line is still not on disk */
}

/* Half a line that can neither be finished nor cut off: nothing is put behind it. */
static void test_half_a_line_that_cannot_be_cut_off_is_cut_later(void **state)
{
    nn_err err = {0};
    nn_log *log = NULL;

    (void)state;
    assert_ok(nn_log_open(&log, "log", &err), err);
    assert_ok(nn_log_line(log, "first", 5, &err), err);
    mood.most = 4;
    mood.writes_left = 1;
    mood.write_errno = mood.cut_errno = EIO;
    assert_int_equal(nn_log_line(log, "second", 6, &err), NN_EFILE);
    assert_string_equal(err.msg, "cannot write: Input/output error");
    assert_true(scratch_holds("log", "first\nseco"));
    mood.write_errno = 0; /* it writes again, but does not cut */
    assert_int_equal(nn_log_line(log, "third", 5, &err), NN_EFILE);
    assert_string_equal(err.msg, "cannot cut a half line off: Input/output error");
    assert_true(scratch_holds("log", "first\nseco"));
    mood.cut_errno = 0;
    assert_ok(nn_log_line(log, "fourth", 6, &err), err);
    assert_true(scratch_holds("log", "first\nsecond\nthird\nfourth\n"));
    assert_ok(nn_log_close(log, &err), err);
}

static void test_what_a_log_could_not_write_is_written_when_it_is_closed(void **state)
{
    nn_err err = {0};
    nn_log *log = NULL;

    (void)state;
    assert_ok(nn_log_open(&log, "log", &err), err);
    mood.write_errno = EDQUOT;
    assert_int_equal(nn_log_line(log, "x", 1, &err), NN_EFILE);
    mood.write_errno = 0;
    assert_ok(nn_log_close(log, &err), err);
    assert_true(scratch_holds("log", "x\n"));
}

/* The process that the log is in use by, as another one is told. */
static long owner_elsewhere(const char *path)
{
    int status;
    const pid_t child = fork();

    if (child == 0)
        _exit(nn_log_owner(path) == (long)getppid() ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? (long)getpid() : 0;
}

static ino_t inode(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_ino;
}

/* The system forgets the failure once it has told it, and the lines with it. */
static void test_a_log_whose_sync_failed_is_written_into_a_new_file(void **state)
{
    nn_err err = {0};
    nn_log *log = NULL;

    (void)state;
    assert_ok(nn_log_open(&log, "log", &err), err);
    assert_ok(nn_log_line(log, "one", 3, &err), err);
    assert_ok(nn_log_sync(log, &err), err);
    assert_ok(nn_log_line(log, "two", 3, &err), err);
    const ino_t before = inode("log");
    mood.sync_errno = EIO;
    assert_int_equal(nn_log_sync(log, &err), NN_EFILE);
    assert_string_equal(err.msg, "cannot bring it to disk: Input/output error");
    assert_ok(nn_log_line(log, "three", 5, &err), err);
    assert_true(scratch_holds("log", "one\ntwo\n")); /* it waits */
    assert_int_equal(nn_log_len(log), 8);
    const int syncs = mood.syncs;
    assert_int_equal(nn_log_sync(log, &err), NN_EFILE);
    assert_int_equal(mood.syncs, syncs + 1); /* of the new file, which goes again */
    assert_int_equal(inode("log"), before);
    assert_int_equal(scratch_count(), 1);
    mood.sync_errno = 0;
    assert_ok(nn_log_sync(log, &err), err);
    assert_true(inode("log") != before);
    assert_true(scratch_holds("log", "one\ntwo\nthree\n"));
    assert_int_equal(nn_log_len(log), 14);
    assert_ok(nn_log_close(log, &err), err);
}

static void test_a_new_file_of_a_log_has_its_owner(void **state)
{
    nn_err err = {0};
    nn_log *log = NULL;

    (void)state;
    assert_ok(nn_log_open(&log, "log", &err), err);
    assert_ok(nn_log_line(log, "one", 3, &err), err);
    mood.sync_errno = EIO;
    assert_int_equal(nn_log_sync(log, &err), NN_EFILE);
    assert_int_equal(owner_elsewhere("log"), getpid());
    mood.sync_errno = 0;
    assert_ok(nn_log_sync(log, &err), err);
    assert_int_equal(owner_elsewhere("log"), getpid());
    assert_ok(nn_log_close(log, &err), err);
}

static void test_a_log_is_written_anew_as_soon_as_there_is_memory(void **state)
{
    nn_err err = {0};
    nn_log *log = NULL;
    nn_code rc = NN_ELIMIT;
    int tries = 0;

    (void)state;
    assert_ok(nn_log_open(&log, "log", &err), err);
    assert_ok(nn_log_line(log, "one", 3, &err), err);
    mood.sync_errno = EIO;
    assert_int_equal(nn_log_sync(log, &err), NN_EFILE);
    mood.sync_errno = 0;
    while (rc == NN_ELIMIT) {
        nn_mem_fail_at((uint64_t)++tries);
        rc = nn_log_sync(log, &err);
        nn_mem_fail_at(0);
        assert_int_equal(scratch_count(), 1);
        assert_true(scratch_holds("log", "one\n"));
    }
    assert_ok(rc, err);
    assert_true(tries > 2);
    assert_ok(nn_log_close(log, &err), err);
}

static void test_lines_that_the_disk_has_lost_are_not_taken_for_written(void **state)
{
    nn_err err = {0};
    nn_log *log = NULL;

    (void)state;
    assert_ok(nn_log_open(&log, "log", &err), err);
    assert_ok(nn_log_line(log, "one", 3, &err), err);
    assert_ok(nn_log_sync(log, &err), err);
    assert_ok(nn_log_line(log, "two", 3, &err), err);
    mood.sync_errno = EIO;
    assert_int_equal(nn_log_sync(log, &err), NN_EFILE);
    mood.sync_errno = 0;
    scratch_write("log", "one\n\0\0\0\0", 8); /* as old pages come back */
    assert_int_equal(nn_log_sync(log, &err), NN_EFILE);
    assert_string_equal(err.msg, "the disk has lost what was written last");
    scratch_write("log", "one\n", 4);
    assert_int_equal(nn_log_sync(log, &err), NN_EFILE);
    assert_string_equal(err.msg, "the disk has lost what was written last");
    assert_int_equal(nn_log_close(log, &err), NN_EFILE);
}

static void test_a_log_that_was_replaced_while_it_was_opened_is_refused(void **state)
{
    nn_err err = {0};
    nn_log *log = NULL;

    (void)state;
    scratch_write("log", "old\n", 4);
    scratch_write("newer", "new\n", 4);
    mood.is_late = true;
    assert_int_equal(nn_log_reopen(&log, "log", 4, &err), NN_EFILE);
    assert_string_equal(err.msg, "replaced by another process while it was opened");
    mood.is_late = false;
    assert_ok(nn_log_reopen(&log, "log", 4, &err), err);
    assert_ok(nn_log_close(log, &err), err);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_short_and_interrupted_calls_are_invisible),
        IN_SCRATCH(test_gzip_that_comes_in_any_pieces),
        IN_SCRATCH(test_a_temporary_that_others_made_is_left_to_them),
        IN_SCRATCH(test_a_read_error_is_reported_with_its_offset),
        IN_SCRATCH(test_a_file_is_synced_and_so_is_its_directory),
        IN_SCRATCH(test_a_failed_sync_leaves_the_old_file),
        IN_SCRATCH(test_a_file_system_without_sync_will_do),
        IN_SCRATCH(test_without_hard_links_an_existing_file_is_still_refused),
        IN_SCRATCH(test_a_full_disk_is_named),
        IN_SCRATCH(test_half_a_line_that_cannot_be_cut_off_is_cut_later),
        IN_SCRATCH(test_what_a_log_could_not_write_is_written_when_it_is_closed),
        IN_SCRATCH(test_a_log_whose_sync_failed_is_written_into_a_new_file),
        IN_SCRATCH(test_a_new_file_of_a_log_has_its_owner),
        IN_SCRATCH(test_a_log_is_written_anew_as_soon_as_there_is_memory),
        IN_SCRATCH(test_lines_that_the_disk_has_lost_are_not_taken_for_written),
        IN_SCRATCH(test_a_log_that_was_replaced_while_it_was_opened_is_refused),
    };

    return nn_test_main(argc, argv, tests);
}
