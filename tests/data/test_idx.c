/* IDX files: all types, and everything a header or payload can be wrong in. */
#include "support/nn_test.h"

#include <sys/types.h>

#include "base/mem.h"
#include "data/array.h"
#include "data/support/files.h"

static blob b; /* too large for the stack */

static void assert_array_refused(const char *msg)
{
    nn_array a = {0};
    nn_err err = {0};
    const nn_mem_stats before = nn_mem_read();

    write_file("x.idx", b.at, b.len);
    assert_int_equal(nn_array_load(&a, "x.idx", NULL, &err), NN_EDATA);
    assert_string_equal(err.msg, msg);
    assert_string_equal(err.where, "x.idx");
    assert_null(a.data);
    assert_int_equal(nn_mem_read().live, before.live);
}

/* What was never taken at any time, however much a header promised. */
static void assert_little_memory(void)
{
    assert_true(nn_mem_read().peak < (uint64_t)80 << 20);
}

static void set(const char *text, size_t len)
{
    b.len = 0;
    put(&b, text, len);
}

static void load(nn_array *a, const char *name)
{
    nn_err err = {0};

    write_file(name, b.at, b.len);
    assert_ok(nn_array_load(a, name, NULL, &err), err);
}

static void test_bytes_stay_bytes(void **state)
{
    const uint32_t dim[] = {2, 2, 3};
    nn_array a = {0};

    (void)state;
    put_idx(&b, 0x08, 3, dim);
    for (unsigned i = 0; i < 12; i++)
        put_u8(&b, 250 + i);
    load(&a, "x.idx");
    assert_int_equal(a.store, NN_STORE_U8);
    assert_int_equal(a.rows, 2);
    assert_int_equal(a.shape.rank, 2);
    assert_int_equal(a.shape.dim[0], 2);
    assert_int_equal(a.shape.dim[1], 3);
    assert_true(a.whole);
    assert_int_equal(nn_array_value(&a, 5), 255);
    assert_int_equal(nn_array_value(&a, 6), 0);
    assert_int_equal(a.id.bytes, b.len);
    nn_array_free(&a);
}

static void test_signed_bytes_and_shorts_become_floats(void **state)
{
    const uint32_t dim[] = {3};
    nn_array a = {0};

    (void)state;
    put_idx(&b, 0x09, 1, dim);
    put(&b, "\x80\xFF\x7F", 3);
    load(&a, "x.idx");
    assert_int_equal(a.store, NN_STORE_F32);
    assert_true(a.whole);
    assert_int_equal(a.shape.rank, 0);
    assert_float_equal(nn_array_value(&a, 0), -128, 0);
    assert_float_equal(nn_array_value(&a, 1), -1, 0);
    assert_float_equal(nn_array_value(&a, 2), 127, 0);
    nn_array_free(&a);

    put_idx(&b, 0x0B, 1, dim);
    put(&b, "\x80\x00\xFF\xFE\x01\x02", 6);
    load(&a, "x.idx");
    assert_int_equal(a.store, NN_STORE_F32);
    assert_float_equal(nn_array_value(&a, 0), -32768, 0);
    assert_float_equal(nn_array_value(&a, 1), -2, 0);
    assert_float_equal(nn_array_value(&a, 2), 258, 0);
    nn_array_free(&a);
}

static void test_ints_keep_every_digit(void **state)
{
    const uint32_t dim[] = {2};
    nn_array a = {0};

    (void)state;
    put_idx(&b, 0x0C, 1, dim);
    put_be(&b, 0x80000001u, 4);
    put_be(&b, 16777217, 4); /* not a float32 */
    load(&a, "x.idx");
    assert_int_equal(a.store, NN_STORE_F64);
    assert_float_equal(nn_array_value(&a, 0), -2147483647.0, 0);
    assert_float_equal(nn_array_value(&a, 1), 16777217.0, 0);
    assert_true(a.whole);
    nn_array_free(&a);
}

static void test_floats_and_doubles_are_big_endian(void **state)
{
    const uint32_t dim[] = {2};
    nn_array a = {0};

    (void)state;
    put_idx(&b, 0x0D, 1, dim);
    put_f32(&b, 1.5f);
    put_f32(&b, -3e38f);
    load(&a, "x.idx");
    assert_int_equal(a.store, NN_STORE_F32);
    assert_false(a.whole);
    assert_float_equal(nn_array_value(&a, 0), 1.5, 0);
    assert_float_equal(nn_array_value(&a, 1), (double)-3e38f, 0);
    nn_array_free(&a);

    put_idx(&b, 0x0E, 1, dim);
    put_f64(&b, 0.1);
    put_f64(&b, -1e300);
    load(&a, "x.idx");
    assert_int_equal(a.store, NN_STORE_F64);
    assert_float_equal(nn_array_value(&a, 0), 0.1, 0);
    assert_float_equal(nn_array_value(&a, 1), -1e300, 0);
    nn_array_free(&a);
}

static void test_more_than_a_chunk_is_read_whole(void **state)
{
    const uint32_t dim[] = {5000};
    nn_array a = {0};

    (void)state;
    put_idx(&b, 0x0C, 1, dim);
    for (uint32_t i = 0; i < 5000; i++)
        put_be(&b, i * 7, 4);
    load(&a, "x.idx");
    for (size_t i = 0; i < 5000; i++)
        assert_float_equal(nn_array_value(&a, i), (double)(i * 7), 0);
    nn_array_free(&a);
}

static void test_gzip_is_told_by_content_not_by_name(void **state)
{
    const uint32_t dim[] = {3};
    nn_array a = {0};
    nn_err err = {0};

    (void)state;
    put_idx(&b, 0x08, 1, dim);
    put(&b, "\x01\x02\x03", 3);
    write_gzip("packed.idx", b.at, b.len);
    assert_ok(nn_array_load(&a, "packed.idx", NULL, &err), err);
    assert_int_equal(nn_array_value(&a, 2), 3);
    nn_array_free(&a);
    load(&a, "plain.gz");
    assert_int_equal(nn_array_value(&a, 2), 3);
    nn_array_free(&a);
}

static void test_a_file_without_a_whole_magic_is_named_truncated(void **state)
{
    (void)state;
    set("", 0);
    assert_array_refused("the file is empty");
    set("\0", 1);
    assert_array_refused("truncated IDX magic: expected 4 bytes, got 1");
    set("\0\0\x08", 3);
    assert_array_refused("truncated IDX magic: expected 4 bytes, got 3");
}

static void test_other_files_are_named_by_their_bytes(void **state)
{
    (void)state;
    set("\x89PNG\r\n\x1A\n", 8);
    assert_array_refused("expected an IDX or NPY file, found the bytes 89 50 4e 47: a PNG image");
    set("hello", 5);
    assert_array_refused("expected an IDX or NPY file, found the bytes 68 65 6c 6c");
    set("PK\x03\x04....", 8);
    assert_array_refused("expected an IDX or NPY file, found the bytes 50 4b 03 04: a zip archive");
}

static void test_a_format_that_is_asked_for_is_not_guessed(void **state)
{
    const nn_array_format *idx = (const nn_array_format *)nn_family_find(&nn_array_formats, "idx");
    nn_array a = {0};
    nn_err err = {0};

    (void)state;
    write_text("x.idx", "hello");
    assert_int_equal(nn_array_load(&a, "x.idx", idx, &err), NN_EDATA);
    assert_string_equal(err.msg, "not an IDX file: begins with 68 65 6c 6c");
}

static void test_unknown_types_are_refused_with_the_known_ones(void **state)
{
    static const unsigned char codes[] = {0x00, 0x07, 0x0A, 0x0F, 0xFF};

    (void)state;
    for (size_t i = 0; i < sizeof codes; i++) {
        const uint32_t dim[] = {1};
        char msg[128];

        put_idx(&b, codes[i], 1, dim);
        put_be(&b, 0, 8);
        snprintf(msg, sizeof msg,
                 "unknown IDX type 0x%02x, expected 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e",
                 codes[i]);
        assert_array_refused(msg);
    }
}

static void test_the_number_of_dimensions_is_bounded(void **state)
{
    (void)state;
    set("\0\0\x08\0", 4);
    assert_array_refused("expected 1 to 8 dimensions, got 0");
    set("\0\0\x08\x09", 4);
    assert_array_refused("expected 1 to 8 dimensions, got 9");
    set("\0\0\x08\xFF", 4);
    assert_array_refused("expected 1 to 8 dimensions, got 255");
}

static void test_a_header_cut_in_its_dimensions_tells_where(void **state)
{
    (void)state;
    set("\0\0\x08\x03\0\0\0\x01\0", 9);
    assert_array_refused("truncated IDX header: expected 16 bytes, the file ends at 9");
}

static void test_dimensions_of_zero_are_refused(void **state)
{
    const uint32_t none[] = {0, 2}, empty[] = {2, 0};

    (void)state;
    put_idx(&b, 0x08, 2, none);
    assert_array_refused("no samples: the first dimension is 0");
    put_idx(&b, 0x08, 2, empty);
    assert_array_refused("empty samples: dimension 2 is 0");
}

static void test_eight_dimensions_are_read(void **state)
{
    const uint32_t dim[] = {2, 1, 1, 1, 1, 1, 1, 1};
    nn_array a = {0};

    (void)state;
    put_idx(&b, 0x08, 8, dim);
    put(&b, "\x05\x06", 2);
    load(&a, "x.idx");
    assert_int_equal(a.shape.rank, 7);
    assert_int_equal(nn_array_value(&a, 1), 6);
    nn_array_free(&a);
}

static void test_sizes_that_overflow_take_no_memory(void **state)
{
    const uint32_t huge[] = {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF};
    const uint32_t times_eight[] = {0x80000000, 0x40000000};

    (void)state;
    put_idx(&b, 0x08, 3, huge);
    assert_array_refused("size overflow: dimensions [4294967295, 4294967295, 4294967295] of 1-byte "
                         "elements");
    put_idx(&b, 0x0E, 2, times_eight);
    assert_array_refused("size overflow: dimensions [2147483648, 1073741824] of 8-byte elements");
    assert_little_memory();
}

static void test_a_promise_that_the_file_cannot_back_takes_no_memory(void **state)
{
    const uint32_t dim[] = {1000000, 1000000};

    (void)state;
    put_idx(&b, 0x08, 2, dim);
    put(&b, "abc", 3);
    assert_array_refused(
        "expected 1000000000000 bytes of data for dimensions [1000000, 1000000], got at most 3");
    assert_little_memory();
}

/* A file that says so much and has it, without taking the room on disk. */
static void assert_over_limit(const uint32_t *dim, off_t len, const char *msg)
{
    nn_array a = {0};
    nn_err err = {0};

    put_idx(&b, 0x08, 2, dim);
    write_file("x.idx", b.at, b.len);
    assert_int_equal(truncate("x.idx", (off_t)b.len + len), 0);
    assert_int_equal(nn_array_load(&a, "x.idx", NULL, &err), NN_ELIMIT);
    assert_string_equal(err.msg, msg);
    assert_little_memory();
}

static void test_limits_are_named(void **state)
{
    const uint32_t many[] = {0x80000000, 1}, wide[] = {1, 0x80000000};

    (void)state;
    assert_over_limit(many, 0x80000000,
                      "dimensions [2147483648, 1] are over the limit of "
                      "2147483647 samples and 2147483647 bytes a sample");
    assert_over_limit(wide, 0x80000000,
                      "dimensions [1, 2147483648] are over the limit of "
                      "2147483647 samples and 2147483647 bytes a sample");
}

static void test_a_payload_of_another_length_is_refused(void **state)
{
    const uint32_t dim[] = {2, 3};

    (void)state;
    put_idx(&b, 0x08, 2, dim);
    put(&b, "12345", 5);
    assert_array_refused("expected 6 bytes of data for dimensions [2, 3], got at most 5");
    put(&b, "67", 2);
    assert_array_refused("trailing bytes: expected the end after 6 elements of 1 bytes");
}

static void test_a_short_payload_in_gzip_is_counted(void **state)
{
    const uint32_t dim[] = {1000};
    nn_array a = {0};
    nn_err err = {0};

    (void)state;
    put_idx(&b, 0x0B, 1, dim);
    for (int i = 0; i < 201; i++)
        put_u8(&b, 7);
    write_gzip("x.gz", b.at, b.len);
    assert_int_equal(nn_array_load(&a, "x.gz", NULL, &err), NN_EDATA);
    assert_string_equal(err.msg, "expected 1000 elements of 2 bytes, got 100");
}

/* As numbers they would take 132 MB, of which half is the most that is taken on its word. */
static void test_a_packed_file_is_not_believed_its_size(void **state)
{
    const uint32_t dim[] = {33000000};
    nn_array a = {0};
    nn_err err = {0};

    (void)state;
    put_idx(&b, 0x0B, 1, dim);
    for (int i = 0; i < 8000; i++)
        put_be(&b, 0, 8);
    write_gzip("x.gz", b.at, b.len);
    assert_int_equal(nn_array_load(&a, "x.gz", NULL, &err), NN_EDATA);
    assert_string_equal(err.msg, "expected 33000000 elements of 2 bytes, got 32000");
    assert_true(nn_mem_read().peak < 100u << 20);
}

static void test_a_gzip_bomb_ends_after_the_declared_size(void **state)
{
    const uint32_t dim[] = {10};
    nn_array a = {0};
    nn_err err = {0};

    (void)state;
    put_idx(&b, 0x08, 1, dim);
    for (int i = 0; i < 5000; i++)
        put_be(&b, 0, 8);
    write_gzip("x.gz", b.at, b.len);
    assert_int_equal(nn_array_load(&a, "x.gz", NULL, &err), NN_EDATA);
    assert_string_equal(err.msg, "trailing bytes: expected the end after 10 elements of 1 bytes");
}

static void test_little_endian_sizes_are_hinted_at(void **state)
{
    (void)state;
    set("\0\0\x08\x02\x02\0\0\0\x03\0\0\0abcdef", 18);
    assert_array_refused("the dimensions are little-endian (the first would be 2, not 33554432); "
                         "IDX files are big-endian");
}

static void test_values_that_are_no_numbers_are_counted(void **state)
{
    const uint32_t dim[] = {3, 2};

    (void)state;
    put_idx(&b, 0x0D, 2, dim);
    for (int i = 0; i < 3; i++)
        put_f32(&b, 1);
    put_be(&b, 0x7FC00000, 4); /* NaN */
    put_f32(&b, 2);
    put_be(&b, 0xFF800000, 4); /* -Inf */
    assert_array_refused("2 values are NaN or infinite, the first at element 3 (sample 1)");
}

static void test_a_directory_is_no_file(void **state)
{
    nn_array a = {0};
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_array_load(&a, ".", NULL, &err), NN_EFILE);
    assert_string_equal(err.where, ".");
    assert_string_equal(err.msg, "expected a regular file, got a directory");
    assert_int_equal(nn_array_load(&a, "missing", NULL, &err), NN_EFILE);
    assert_string_equal(err.where, "missing");
    assert_string_equal(err.msg, "cannot open: No such file or directory");
}

static void test_a_head_reads_no_payload(void **state)
{
    const uint32_t dim[] = {2, 3};
    nn_array a = {0};
    nn_err err = {0};

    (void)state;
    put_idx(&b, 0x0D, 2, dim);
    for (int i = 0; i < 6; i++)
        put_be(&b, 0x7FC00000, 4);
    write_file("x.idx", b.at, b.len);
    assert_ok(nn_array_head(&a, "x.idx", NULL, &err), err);
    assert_int_equal(a.rows, 2);
    assert_int_equal(a.shape.dim[0], 3);
    assert_null(a.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bytes_stay_bytes),
        TEST(test_signed_bytes_and_shorts_become_floats),
        TEST(test_ints_keep_every_digit),
        TEST(test_floats_and_doubles_are_big_endian),
        TEST(test_more_than_a_chunk_is_read_whole),
        TEST(test_gzip_is_told_by_content_not_by_name),
        TEST(test_a_file_without_a_whole_magic_is_named_truncated),
        TEST(test_other_files_are_named_by_their_bytes),
        TEST(test_a_format_that_is_asked_for_is_not_guessed),
        TEST(test_unknown_types_are_refused_with_the_known_ones),
        TEST(test_the_number_of_dimensions_is_bounded),
        TEST(test_a_header_cut_in_its_dimensions_tells_where),
        TEST(test_dimensions_of_zero_are_refused),
        TEST(test_eight_dimensions_are_read),
        TEST(test_sizes_that_overflow_take_no_memory),
        TEST(test_a_promise_that_the_file_cannot_back_takes_no_memory),
        TEST(test_limits_are_named),
        TEST(test_a_payload_of_another_length_is_refused),
        TEST(test_a_short_payload_in_gzip_is_counted),
        TEST(test_a_packed_file_is_not_believed_its_size),
        TEST(test_a_gzip_bomb_ends_after_the_declared_size),
        TEST(test_little_endian_sizes_are_hinted_at),
        TEST(test_values_that_are_no_numbers_are_counted),
        TEST(test_a_directory_is_no_file),
        TEST(test_a_head_reads_no_payload),
    };

    return nn_test_main(argc, argv, tests);
}
