/* Memory that runs out at any allocation: NN_ELIMIT, nothing leaked, nothing left behind. */
#include "support/nn_test.h"

#include "base/file.h"
#include "base/gz.h"
#include "base/mem.h"
#include "base/problems.h"
#include "base/support/gzip.h"
#include "base/support/scratch.h"
#include "base/text.h"

static nn_code read_gzip(nn_err *err)
{
    nn_gz *f = NULL;
    char dst[FOX_LEN];
    size_t got;

    NN_TRY(nn_gz_open(&f, "fox.gz", err));
    nn_code rc = nn_gz_read(f, dst, sizeof dst, &got, err);
    if (rc == NN_OK)
        rc = nn_gz_end(f, err);
    nn_gz_close(f);
    return rc;
}

static nn_code read_whole(nn_err *err)
{
    char *bytes = NULL;
    size_t len;
    const nn_code rc = nn_file_read(&bytes, &len, "fox.gz", 1000, err);

    assert_true(rc == NN_OK || bytes == NULL);
    nn_free(bytes);
    return rc;
}

static nn_code write_whole(nn_err *err)
{
    return nn_file_write("out", "new", 3, NN_REPLACE_EXISTING, err);
}

static nn_code write_log(nn_err *err)
{
    nn_log *log = NULL;

    unlink("log");
    NN_TRY(nn_log_open(&log, "log", err));
    const nn_code rc = nn_log_line(log, "line", 4, err);
    nn_err later;
    if (rc != NN_OK) /* the log goes on, the line is simply missing */
        assert_ok(nn_log_line(log, "line", 4, &later), later);
    assert_ok(nn_log_close(log, &later), later);
    assert_true(scratch_holds("log", "line\n"));
    return rc;
}

static nn_code make_directories(nn_err *err)
{
    return nn_dir_make_all("a/b/c", err);
}

static nn_code build_text(nn_err *err)
{
    nn_buf buf = {0};

    for (int i = 0; i < 100; i++)
        nn_buf_printf(&buf, "%d ", i);
    nn_buf_json(&buf, "text");
    nn_buf_csv(&buf, "a,b");
    const nn_code rc = nn_buf_check(&buf, err);
    nn_buf_free(&buf);
    return rc;
}

/* The problem itself is NN_ECONFIG, so only a lost one makes it NN_ELIMIT. */
static nn_code collect_problems(nn_err *err)
{
    nn_problems list = {0};

    nn_problems_add(&list, NN_ERROR, NN_ECONFIG, (nn_place){"f", 1, 2, "p"}, "h", "m %d", 1);
    nn_code rc = nn_problems_check(&list, err);
    if (rc == NN_ECONFIG)
        rc = NN_OK;
    nn_problems_free(&list);
    return rc;
}

/* Fails the first, second, ... allocation until the work gets through without meeting it. */
static void fail_everywhere(nn_code (*work)(nn_err *err))
{
    const uint64_t live = nn_mem_read().live;

    for (uint64_t n = 1;; n++) {
        nn_err err = {0};
        const uint64_t calls = nn_mem_read().calls;

        assert_true(n < 100);
        nn_mem_fail_at(n);
        const nn_code rc = work(&err);
        nn_mem_fail_at(0);
        assert_true(nn_mem_read().live == live);
        if (nn_mem_read().calls - calls < n) {
            assert_ok(rc, err);
            assert_true(n > 1);
            return;
        }
        assert_int_equal(rc, NN_ELIMIT);
        assert_int_equal(err.code, NN_ELIMIT);
        assert_memory_equal(err.msg, "not enough memory for ", 22);
    }
}

static void test_reading_gzip(void **state)
{
    (void)state;
    scratch_write("fox.gz", fox_gz, FOX_GZ_LEN);
    fail_everywhere(read_gzip);
}

static void test_reading_a_file_whole(void **state)
{
    (void)state;
    scratch_write("fox.gz", fox_gz, FOX_GZ_LEN);
    fail_everywhere(read_whole);
}

static void test_writing_a_file_leaves_no_temporary(void **state)
{
    (void)state;
    fail_everywhere(write_whole);
    assert_true(scratch_holds("out", "new"));
    assert_int_equal(scratch_count(), 1);
}

static void test_writing_a_log(void **state)
{
    (void)state;
    fail_everywhere(write_log);
}

static void test_making_directories(void **state)
{
    (void)state;
    fail_everywhere(make_directories);
}

static void test_building_a_text(void **state)
{
    (void)state;
    fail_everywhere(build_text);
}

static void test_collecting_problems(void **state)
{
    (void)state;
    fail_everywhere(collect_problems);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_reading_gzip),
        IN_SCRATCH(test_reading_a_file_whole),
        IN_SCRATCH(test_writing_a_file_leaves_no_temporary),
        IN_SCRATCH(test_writing_a_log),
        IN_SCRATCH(test_making_directories),
        cmocka_unit_test(test_building_a_text),
        cmocka_unit_test(test_collecting_problems),
    };

    return nn_test_main(argc, argv, tests);
}
