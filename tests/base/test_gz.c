/* Reading what may be gzipped: decided by content, and never a wrong byte without an error. */
#include "support/nn_test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/gz.h"
#include "base/mem.h"
#include "base/support/gzip.h"
#include "base/support/scratch.h"

enum { ROOM = 70000 };

/* Reads a stream to its end in steps of `step` bytes; returns the first failure. */
static nn_code drain(nn_gz *f, size_t step, char *dst, size_t *len, nn_err *err)
{
    size_t got;

    *len = 0;
    do {
        assert_true(*len + step <= ROOM);
        NN_TRY(nn_gz_read(f, dst + *len, step, &got, err));
        *len += got;
    } while (got == step);
    return nn_gz_end(f, err);
}

/* The whole of bytes in memory. */
static nn_code unpack(const void *bytes, size_t len, char *dst, size_t *got, nn_err *err)
{
    nn_gz *f = NULL;

    NN_TRY(nn_gz_open_bytes(&f, "t", bytes, len, err));
    const nn_code rc = drain(f, 1000, dst, got, err);
    nn_gz_close(f);
    return rc;
}

static void assert_unpacks(const void *bytes, size_t len, const char *want)
{
    static char dst[ROOM];
    size_t got = 0;
    nn_err err = {0};

    assert_ok(unpack(bytes, len, dst, &got, &err), err);
    assert_int_equal(got, strlen(want));
    assert_memory_equal(dst, want, got);
}

static void assert_refused(const void *bytes, size_t len, const char *msg)
{
    static char dst[ROOM];
    size_t got = 0;
    nn_err err = {0};

    assert_int_equal(unpack(bytes, len, dst, &got, &err), NN_EDATA);
    assert_int_equal(err.code, NN_EDATA);
    assert_string_equal(err.where, "t");
    assert_string_equal(err.msg, msg);
}

static void test_plain_bytes_come_as_they_are(void **state)
{
    (void)state;
    assert_unpacks("", 0, "");
    assert_unpacks("\x1f", 1, "\x1f");
    assert_unpacks("plain", 5, "plain");
}

static void test_gzip_is_unpacked_in_steps_of_any_size(void **state)
{
    (void)state;
    for (size_t step = 1; step <= FOX_LEN + 2; step++) {
        static char dst[ROOM];
        size_t len;
        nn_err err = {0};
        nn_gz *f = NULL;

        assert_ok(nn_gz_open_bytes(&f, "t", fox_gz, FOX_GZ_LEN, &err), err);
        assert_ok(drain(f, step, dst, &len, &err), err);
        assert_int_equal(len, FOX_LEN);
        assert_memory_equal(dst, fox, FOX_LEN);
        nn_gz_close(f);
    }
}

static void test_the_content_decides_and_not_the_name(void **state)
{
    static char dst[ROOM];
    static const char *const name[] = {"plain", "named.gz"};
    nn_err err = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        nn_gz *f = NULL;
        size_t len;

        scratch_write(name[i], fox_gz, FOX_GZ_LEN);
        assert_ok(nn_gz_open(&f, name[i], &err), err);
        assert_ok(drain(f, 7, dst, &len, &err), err);
        assert_int_equal(len, FOX_LEN);
        nn_gz_close(f);
        scratch_write(name[i], fox, FOX_LEN);
        assert_ok(nn_gz_open(&f, name[i], &err), err);
        assert_ok(drain(f, 7, dst, &len, &err), err);
        assert_int_equal(len, FOX_LEN);
        assert_memory_equal(dst, fox, FOX_LEN);
        nn_gz_close(f);
    }
}

static void test_a_truncated_file_is_refused_at_every_length(void **state)
{
    (void)state;
    for (size_t len = 2; len < FOX_GZ_LEN; len++) {
        char want[100];

        snprintf(want, sizeof want, "truncated gzip data: member 1 is cut off after %zu bytes",
                 len);
        assert_refused(fox_gz, len, want);
    }
}

/*
 * Bits that say nothing about the contents: the text flag, mtime, XFL and OS in the header, and
 * what fills the last byte of the deflate data after its end.
 */
static bool is_ignorable(size_t at, int bit)
{
    return (at == 3 && bit == 0) || (at >= 4 && at <= 9) || (at == FOX_GZ_LEN - 9 && bit >= 4);
}

static void test_a_flipped_bit_never_gives_wrong_bytes(void **state)
{
    static char dst[ROOM];

    (void)state;
    for (size_t at = 0; at < FOX_GZ_LEN; at++)
        for (int bit = 0; bit < 8; bit++) {
            unsigned char bytes[FOX_GZ_LEN];
            nn_err err = {0};
            size_t got = 0;

            memcpy(bytes, fox_gz, sizeof bytes);
            bytes[at] ^= (unsigned char)(1 << bit);
            const nn_code rc = unpack(bytes, sizeof bytes, dst, &got, &err);
            if (at < 2) { /* no gzip any more: the very bytes, which no reader takes for data */
                assert_ok(rc, err);
                assert_int_equal(got, FOX_GZ_LEN);
                assert_memory_equal(dst, bytes, got);
            } else if (is_ignorable(at, bit)) {
                assert_ok(rc, err);
                assert_int_equal(got, FOX_LEN);
                assert_memory_equal(dst, fox, FOX_LEN);
            } else if (rc != NN_EDATA) {
                fail_msg("bit %d of byte %zu: code %d", bit, at, (int)rc);
            }
        }
}

static void test_damage_is_named(void **state)
{
    unsigned char bytes[FOX_GZ_LEN];

    (void)state;
    memcpy(bytes, fox_gz, sizeof bytes);
    bytes[FOX_GZ_LEN - 8] ^= 1;
    assert_refused(bytes, sizeof bytes, "CRC-32 mismatch in gzip member 1, at byte 112");
    memcpy(bytes, fox_gz, sizeof bytes);
    bytes[FOX_GZ_LEN - 1] ^= 1;
    assert_refused(bytes, sizeof bytes, "length mismatch in gzip member 1, at byte 116");
    memcpy(bytes, fox_gz, sizeof bytes);
    bytes[3] = 0x20;
    assert_refused(bytes, sizeof bytes, "reserved header flags in gzip member 1, at byte 4");
    memcpy(bytes, fox_gz, sizeof bytes);
    bytes[2] = 7;
    assert_refused(bytes, sizeof bytes, "unknown compression method in gzip member 1, at byte 4");
    memcpy(bytes, fox_gz, sizeof bytes);
    bytes[10] |= 6;
    assert_refused(bytes, sizeof bytes,
                   "invalid data in gzip member 1, at byte 11: invalid block type");
}

/* A match that reaches back before the start: fixed codes, distance 1 at output 0. */
static void test_a_distance_too_far_back_is_refused(void **state)
{
    static const unsigned char bytes[] = {0x1F, 0x8B, 8,    0,    0, 0, 0, 0, 0, 0xFF,
                                          0x03, 0x02, 0x00, 0x00, 0, 0, 0, 0, 0, 0};

    (void)state;
    assert_refused(bytes, sizeof bytes,
                   "invalid data in gzip member 1, at byte 12: invalid distance too far back");
}

static void test_members_are_joined(void **state)
{
    pieces p = {.len = 0};

    (void)state;
    put_member(&p, "one ", 0, "", 0);
    put_member(&p, "", 0, "", 0);
    put_member(&p, "two", 0, "", 0);
    assert_unpacks(p.bytes, p.len, "one two");
}

static void test_a_damaged_later_member_is_named_by_its_number(void **state)
{
    pieces p = {.len = 0};

    (void)state;
    put_member(&p, "one", 0, "", 0);
    put_member(&p, "two", 0, "", 0);
    p.bytes[p.len - 8] ^= 1;
    assert_refused(p.bytes, p.len, "CRC-32 mismatch in gzip member 2, at byte 48");
    p.bytes[p.len - 8] ^= 1;
    assert_refused(p.bytes, p.len - 3, "truncated gzip data: member 2 is cut off after 49 bytes");
}

static void test_what_follows_the_end(void **state)
{
    pieces p = {.len = 0};

    (void)state;
    put(&p, fox_gz, FOX_GZ_LEN);
    put(&p, "\0\0\0\0\0", 5);
    assert_unpacks(p.bytes, p.len, fox);
    put(&p, "junk", 4);
    assert_refused(p.bytes, p.len, "4 trailing bytes after the gzip data, from byte 121");
    p.len = FOX_GZ_LEN;
    put(&p, "\x1f", 1);
    assert_refused(p.bytes, p.len, "1 trailing byte after the gzip data, from byte 116");
    put(&p, "\x8b", 1);
    assert_refused(p.bytes, p.len, "truncated gzip data: member 2 is cut off after 118 bytes");
}

static void test_members_are_counted_and_capped(void **state)
{
    pieces p = {.len = 0};

    (void)state;
    for (int i = 0; i < 1024; i++)
        put_member(&p, "x", 0, "", 0);
    nn_err err = {0};
    static char dst[ROOM];
    size_t got;
    assert_ok(unpack(p.bytes, p.len, dst, &got, &err), err);
    assert_int_equal(got, 1024);
    put_member(&p, "x", 0, "", 0);
    assert_refused(p.bytes, p.len, "more than 1024 gzip members");
}

static void test_header_fields_are_skipped_and_checked(void **state)
{
    static char long_name[60000], extra[2 + 65535];
    unsigned char sum[2];
    pieces p = {.len = 0};

    (void)state;
    put_member(&p, "x", 0x08, "../../x", 8); /* a stored name is nobody's path */
    assert_unpacks(p.bytes, p.len, "x");
    p.len = 0;
    memset(extra, 0xFF, 2); /* 65,535 bytes of extra field */
    put_member(&p, "x", 0x04, extra, sizeof extra);
    assert_unpacks(p.bytes, p.len, "x");
    p.len = 0;
    memset(long_name, 'n', sizeof long_name);
    put_member(&p, "x", 0x08, long_name, sizeof long_name);
    p.bytes[10 + sizeof long_name + 1] = 'n'; /* the zero in the length; the name eats on */
    p.len = 10 + sizeof long_name;
    assert_refused(p.bytes, p.len, "truncated gzip data: member 1 is cut off after 60010 bytes");
    p.len = 0;
    put_member(&p, "x", 0x02, "\0\0", 2);
    assert_refused(p.bytes, p.len, "header checksum mismatch in gzip member 1, at byte 12");
    const uint32_t crc = nn_crc32(0, p.bytes, 10);
    sum[0] = (unsigned char)crc;
    sum[1] = (unsigned char)(crc >> 8);
    p.len = 0;
    put_member(&p, "x", 0x02, sum, 2);
    assert_unpacks(p.bytes, p.len, "x");
}

static void test_the_end_must_be_where_the_reader_stops(void **state)
{
    nn_err err = {0};
    nn_gz *f = NULL;
    char dst[8];
    size_t got;

    (void)state;
    assert_ok(nn_gz_open_bytes(&f, "t", "123456789", 9, &err), err);
    assert_ok(nn_gz_read(f, dst, 5, &got, &err), err);
    assert_int_equal(nn_gz_end(f, &err), NN_EDATA);
    assert_string_equal(err.msg, "expected the end after 5 bytes, got 4 more");
    nn_gz_close(f);
    assert_ok(nn_gz_open_bytes(&f, "t", fox_gz, FOX_GZ_LEN, &err), err);
    assert_ok(nn_gz_read(f, dst, 5, &got, &err), err);
    assert_int_equal(nn_gz_end(f, &err), NN_EDATA);
    assert_string_equal(err.msg, "expected the end after 5 bytes, got more");
    nn_gz_close(f);
}

/* The checksum stands behind the data: a reader that takes exactly these must still hear of it. */
static void test_the_end_checks_the_sum_even_when_all_was_read(void **state)
{
    unsigned char bytes[FOX_GZ_LEN];
    nn_err err = {0};
    nn_gz *f = NULL;
    char dst[FOX_LEN];
    size_t got;

    (void)state;
    memcpy(bytes, fox_gz, sizeof bytes);
    bytes[FOX_GZ_LEN - 6] ^= 4;
    assert_ok(nn_gz_open_bytes(&f, "t", bytes, sizeof bytes, &err), err);
    const nn_code rc = nn_gz_read(f, dst, FOX_LEN, &got, &err);
    assert_true(rc == NN_EDATA || nn_gz_end(f, &err) == NN_EDATA);
    assert_string_equal(err.msg, "CRC-32 mismatch in gzip member 1, at byte 112");
    nn_gz_close(f);
}

static void test_a_fault_is_repeated_and_never_passed(void **state)
{
    unsigned char bytes[FOX_GZ_LEN];
    nn_err err = {0};
    nn_gz *f = NULL;
    char dst[FOX_LEN + 1];
    size_t got = 9;

    (void)state;
    memcpy(bytes, fox_gz, sizeof bytes);
    bytes[FOX_GZ_LEN - 8] ^= 1;
    assert_ok(nn_gz_open_bytes(&f, "t", bytes, sizeof bytes, &err), err);
    assert_int_equal(nn_gz_read(f, dst, sizeof dst, &got, &err), NN_EDATA);
    assert_int_equal(got, 0);
    for (int i = 0; i < 3; i++) {
        memset(&err, 0, sizeof err);
        assert_int_equal(nn_gz_read(f, dst, 1, &got, &err), NN_EDATA);
        assert_int_equal(nn_gz_peek(f, dst, 1, &got, &err), NN_EDATA);
        assert_int_equal(nn_gz_end(f, &err), NN_EDATA);
        assert_string_equal(err.msg, "CRC-32 mismatch in gzip member 1, at byte 112");
    }
    nn_gz_close(f);
}

static void test_peeking_takes_nothing(void **state)
{
    static const struct {
        const void *bytes;
        size_t len;
    } source[] = {{fox, FOX_LEN}, {fox_gz, FOX_GZ_LEN}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        static char dst[ROOM];
        nn_err err = {0};
        nn_gz *f = NULL;
        size_t got, rest;

        assert_ok(nn_gz_open_bytes(&f, "t", source[i].bytes, source[i].len, &err), err);
        assert_ok(nn_gz_peek(f, dst, 64, &got, &err), err);
        assert_int_equal(got, 64);
        assert_memory_equal(dst, fox, 64);
        assert_ok(nn_gz_peek(f, dst, 2, &got, &err), err);
        assert_int_equal(got, 2);
        assert_ok(nn_gz_read(f, dst, 10, &got, &err), err);
        assert_ok(nn_gz_peek(f, dst + 10, 2, &got, &err), err);
        assert_ok(nn_gz_peek(f, dst + 10, 60, &got, &err), err);
        assert_int_equal(got, 60);
        assert_memory_equal(dst, fox, 70);
        assert_ok(drain(f, 33, dst + 10, &rest, &err), err);
        assert_int_equal(rest, FOX_LEN - 10);
        assert_memory_equal(dst, fox, FOX_LEN);
        assert_ok(nn_gz_peek(f, dst, 5, &got, &err), err);
        assert_int_equal(got, 0);
        nn_gz_close(f);
    }
}

static void test_what_was_only_peeked_at_is_not_the_end(void **state)
{
    nn_err err = {0};
    nn_gz *f = NULL;
    char dst[8];
    size_t got;

    (void)state;
    assert_ok(nn_gz_open_bytes(&f, "t", "abc", 3, &err), err);
    assert_ok(nn_gz_peek(f, dst, 8, &got, &err), err);
    assert_int_equal(got, 3);
    assert_int_equal(nn_gz_left(f), 3);
    assert_int_equal(nn_gz_end(f, &err), NN_EDATA);
    assert_string_equal(err.msg, "expected the end after 0 bytes, got 3 more");
    nn_gz_close(f);
}

static void test_left_is_exact_for_plain_files_and_a_bound_for_gzip(void **state)
{
    nn_err err = {0};
    nn_gz *f = NULL;
    char dst[FOX_LEN];
    size_t got;

    (void)state;
    scratch_write("plain", fox, FOX_LEN);
    assert_ok(nn_gz_open(&f, "plain", &err), err);
    assert_true(nn_gz_left(f) == FOX_LEN);
    assert_ok(nn_gz_read(f, dst, 40, &got, &err), err);
    assert_true(nn_gz_left(f) == FOX_LEN - 40);
    assert_ok(nn_gz_peek(f, dst, 30, &got, &err), err);
    assert_true(nn_gz_left(f) == FOX_LEN - 40);
    nn_gz_close(f);
    assert_ok(nn_gz_open_bytes(&f, "t", fox_gz, FOX_GZ_LEN, &err), err);
    for (size_t i = 0; i < FOX_LEN; i++) {
        assert_true(nn_gz_left(f) >= FOX_LEN - i);
        assert_true(nn_gz_left(f) <= (FOX_GZ_LEN + 16) * 1032);
        assert_ok(nn_gz_read(f, dst, 1, &got, &err), err);
    }
    assert_ok(nn_gz_end(f, &err), err);
    assert_true(nn_gz_left(f) == 0);
    nn_gz_close(f);
}

static void test_the_id_is_that_of_the_bytes_on_disk(void **state)
{
    static char dst[ROOM];
    char text[NN_SHA256_TEXT];
    nn_file_id id;
    nn_err err = {0};
    nn_gz *f = NULL;
    size_t len;

    (void)state;
    scratch_write("fox.gz", fox_gz, FOX_GZ_LEN);
    assert_ok(nn_gz_open(&f, "fox.gz", &err), err);
    assert_ok(drain(f, 5, dst, &len, &err), err);
    nn_gz_id(f, &id);
    nn_gz_close(f);
    assert_true(id.bytes == FOX_GZ_LEN);
    assert_string_equal(nn_sha256_text(text, id.sha256),
                        "d5194eda94661b47cc68aace9e2ebb2f24fdec8a73a7e1d1108e7e330bd7c0d7");
    assert_ok(nn_gz_open_bytes(&f, "t", "abc", 3, &err), err);
    assert_ok(drain(f, 5, dst, &len, &err), err);
    nn_gz_id(f, &id);
    nn_gz_close(f);
    assert_true(id.bytes == 3);
    assert_string_equal(nn_sha256_text(text, id.sha256),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_only_regular_files_are_opened(void **state)
{
    nn_err err = {0};
    nn_gz *f = NULL;

    (void)state;
    assert_int_equal(mkfifo("fifo", 0666), 0);
    assert_int_equal(nn_gz_open(&f, "fifo", &err), NN_EFILE); /* and does not wait for a writer */
    assert_string_equal(err.msg, "expected a regular file, got a FIFO");
    assert_int_equal(nn_gz_open(&f, ".", &err), NN_EFILE);
    assert_string_equal(err.msg, "expected a regular file, got a directory");
    assert_int_equal(nn_gz_open(&f, "/dev/null", &err), NN_EFILE);
    assert_string_equal(err.msg, "expected a regular file, got a device");
    assert_int_equal(nn_gz_open(&f, "none", &err), NN_EFILE);
    assert_string_equal(err.where, "none");
    assert_string_equal(err.msg, "cannot open: No such file or directory");
    assert_null(f);
}

static void test_a_file_that_changes_while_it_is_read_is_refused(void **state)
{
    static const struct timespec times[2] = {{1000, 0}, {1000, 0}};

    (void)state;
    for (int how = 0; how < 3; how++) {
        static char big[300000], dst[300001];
        nn_err err = {0};
        nn_gz *f = NULL;
        size_t got;

        scratch_write("big", big, sizeof big);
        assert_ok(nn_gz_open(&f, "big", &err), err);
        assert_ok(nn_gz_read(f, dst, 10, &got, &err), err);
        if (how == 0)
            assert_int_equal(truncate("big", 200000), 0);
        else if (how == 1)
            assert_int_equal(truncate("big", 400000), 0);
        else
            assert_int_equal(utimensat(AT_FDCWD, "big", times, 0), 0);
        nn_code rc = NN_OK;
        do
            rc = nn_gz_read(f, dst, sizeof dst, &got, &err);
        while (rc == NN_OK && got == sizeof dst);
        if (rc == NN_OK)
            rc = nn_gz_end(f, &err);
        assert_int_equal(rc, NN_EFILE);
        assert_string_equal(err.msg, "the file changed while it was read");
        nn_gz_close(f);
    }
}

/* Rows must come out of a pipe before the next are in it, packed or not. */
static void test_read_some_does_not_wait_for_more(void **state)
{
    static const struct {
        const void *bytes;
        size_t first, len;
    } source[] = {{fox, 40, FOX_LEN}, {fox_gz, FOX_GZ_LEN - 20, FOX_GZ_LEN}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        char dst[2 * FOX_LEN];
        nn_err err = {0};
        nn_gz *f = NULL;
        int ends[2];
        size_t got, all = 0;

        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], source[i].bytes, source[i].first), source[i].first);
        assert_ok(nn_gz_open_fd(&f, "<stdin>", ends[0], &err), err);
        assert_true(nn_gz_left(f) == UINT64_MAX);
        assert_ok(nn_gz_read_some(f, dst, sizeof dst, &all, &err), err);
        assert_true(all > 0 && all < FOX_LEN);
        const size_t rest = source[i].len - source[i].first;
        const char *const from = (const char *)source[i].bytes + source[i].first;
        assert_int_equal(write(ends[1], from, rest), rest);
        close(ends[1]);
        do {
            assert_ok(nn_gz_read_some(f, dst + all, sizeof dst - all, &got, &err), err);
            all += got;
        } while (got > 0);
        assert_ok(nn_gz_end(f, &err), err);
        assert_int_equal(all, FOX_LEN);
        assert_memory_equal(dst, fox, FOX_LEN);
        nn_gz_close(f);
        close(ends[0]); /* fails if the stream had closed what is not its own */
    }
}

static void test_a_descriptor_starts_where_it_stands_and_stays_open(void **state)
{
    nn_err err = {0};
    nn_gz *f = NULL;
    char dst[FOX_LEN];
    size_t got;

    (void)state;
    scratch_write("plain", fox, FOX_LEN);
    const int fd = open("plain", O_RDONLY);
    assert_int_equal(lseek(fd, 100, SEEK_SET), 100);
    assert_ok(nn_gz_open_fd(&f, "<stdin>", fd, &err), err);
    assert_true(nn_gz_left(f) == FOX_LEN - 100);
    assert_ok(nn_gz_read(f, dst, FOX_LEN, &got, &err), err);
    assert_int_equal(got, FOX_LEN - 100);
    assert_ok(nn_gz_end(f, &err), err);
    nn_gz_close(f);
    assert_int_equal(close(fd), 0);
}

static void test_zlib_takes_its_memory_from_our_heap(void **state)
{
    const uint64_t live = nn_mem_read().live;
    nn_err err = {0};
    nn_gz *plain = NULL, *packed = NULL;

    (void)state;
    assert_ok(nn_gz_open_bytes(&plain, "t", fox, FOX_LEN, &err), err);
    const uint64_t without = nn_mem_read().live - live;
    assert_ok(nn_gz_open_bytes(&packed, "t", fox_gz, FOX_GZ_LEN, &err), err);
    assert_true(nn_mem_read().live - live > 2 * without);
    nn_gz_close(plain);
    nn_gz_close(packed);
    nn_gz_close(NULL);
    assert_true(nn_mem_read().live == live);
}

static void test_the_crc_is_the_usual_one(void **state)
{
    (void)state;
    assert_true(nn_crc32(0, "123456789", 9) == 0xCBF43926);
    assert_true(nn_crc32(nn_crc32(0, "1234", 4), "56789", 5) == 0xCBF43926);
    assert_true(nn_crc32(0, "", 0) == 0);
}

static void test_foreign_formats_are_named(void **state)
{
    static const struct {
        const char *head;
        size_t len;
        const char *name;
    } table[] = {
        {"\x1F\x8B\x08", 3, "gzip data"},
        {"\x78\x9C\x4B", 3, "zlib data"},
        {"\x78\x01", 2, "zlib data"},
        {"BZh91AY", 7, "bzip2 data"},
        {"\xFD"
         "7zXZ\0\0",
         7, "xz data"},
        {"\x28\xB5\x2F\xFD\x04", 5, "Zstandard data"},
        {"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.txt", 35,
         "a zip archive"},
        {"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0x.npy", 35,
         "a NumPy archive (.npz)"},
        {"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0archive/data.pkl", 46,
         "a PyTorch file (.pt)"},
        {"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0D\0\0\0metadata.json", 43,
         "a Keras file (.keras)"},
        {"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml", 49,
         "an Office document (.xlsx): save its sheet as CSV"},
        {"PK\x03\x04", 4, "a zip archive"},
        {"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16, "a PNG image"},
        {"\x89HDF\r\n\x1A\n", 8, "an HDF5 file (.h5)"},
        {"GGUF\x03\0\0\0", 8, "a GGUF file"},
        {"\x08\x07\x12\x07pytorch", 11, "an ONNX file"},
        {"\x93NUMPY\x01\0", 8, "a NumPy array (.npy)"},
        {"\0\0\x08\x03\0\0\xEA\x60", 8, NULL},
        {"a,b,c\n1,2,3\n", 12, NULL},
        {"xyz", 3, NULL},
        {"x^2,y\n4,2\n", 10, NULL},
        {"\x78\x5E\x4B\x4C\x04\x00", 6, "zlib data"},
        {"\x78\xBB", 2, NULL}, /* a preset dictionary: no file begins so */
        {"\x89PNG", 4, NULL},
        {"", 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *const got = nn_format_guess((const unsigned char *)table[i].head, table[i].len);

        if (table[i].name == NULL)
            assert_null(got);
        else if (got == NULL)
            fail_msg("%s was not known", table[i].name);
        else
            assert_string_equal(got, table[i].name);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_bytes_come_as_they_are),
        cmocka_unit_test(test_gzip_is_unpacked_in_steps_of_any_size),
        cmocka_unit_test_setup_teardown(test_the_content_decides_and_not_the_name, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test(test_a_truncated_file_is_refused_at_every_length),
        cmocka_unit_test(test_a_flipped_bit_never_gives_wrong_bytes),
        cmocka_unit_test(test_damage_is_named),
        cmocka_unit_test(test_a_distance_too_far_back_is_refused),
        cmocka_unit_test(test_members_are_joined),
        cmocka_unit_test(test_a_damaged_later_member_is_named_by_its_number),
        cmocka_unit_test(test_what_follows_the_end),
        cmocka_unit_test(test_members_are_counted_and_capped),
        cmocka_unit_test(test_header_fields_are_skipped_and_checked),
        cmocka_unit_test(test_the_end_must_be_where_the_reader_stops),
        cmocka_unit_test(test_the_end_checks_the_sum_even_when_all_was_read),
        cmocka_unit_test(test_a_fault_is_repeated_and_never_passed),
        cmocka_unit_test(test_peeking_takes_nothing),
        cmocka_unit_test(test_what_was_only_peeked_at_is_not_the_end),
        cmocka_unit_test_setup_teardown(test_left_is_exact_for_plain_files_and_a_bound_for_gzip,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_the_id_is_that_of_the_bytes_on_disk, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_only_regular_files_are_opened, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_a_file_that_changes_while_it_is_read_is_refused,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test(test_read_some_does_not_wait_for_more),
        cmocka_unit_test_setup_teardown(test_a_descriptor_starts_where_it_stands_and_stays_open,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test(test_zlib_takes_its_memory_from_our_heap),
        cmocka_unit_test(test_the_crc_is_the_usual_one),
        cmocka_unit_test(test_foreign_formats_are_named),
    };

    return nn_test_main(argc, argv, tests);
}
