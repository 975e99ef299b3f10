/* Every prefix of a file and every failing allocation, for each format: an error, never another
 * result. */
#include "support/nn_test.h"

#include <unistd.h>

#include "base/mem.h"
#include "data/encoder.h"
#include "data/support/files.h"

static blob b; /* too large for the stack */

/* A way to load one small dataset, and the files it takes. */
typedef struct form {
    const char *json;
    const char *cut; /* the file whose prefixes are tried; NULL: none */
    size_t whole;    /* prefixes of at least this many bytes are whole files */
    void (*write)(void);
} form;

static void write_idx(void)
{
    const uint32_t images[] = {3, 2}, labels[] = {3};

    put_idx(&b, 0x08, 1, labels);
    put(&b, "\0\2\1", 3);
    write_file("y", b.at, b.len);
    put_idx(&b, 0x0D, 2, images);
    for (int i = 0; i < 6; i++)
        put_f32(&b, (float)i / 2);
    write_file("x", b.at, b.len);
}

static void write_npy(void)
{
    put_npy(&b, "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }");
    for (int i = 0; i < 3; i++)
        put_le(&b, (unsigned)i, 2);
    write_file("y", b.at, b.len);
    put_npy(&b, "{'descr': '>f8', 'fortran_order': False, 'shape': (3, 2), }");
    for (int i = 0; i < 6; i++)
        put_f64(&b, i / 2.0);
    write_file("x", b.at, b.len);
}

static void write_packed(void)
{
    write_idx();
    write_gzip("x", b.at, b.len);
}

static void write_csv(void)
{
    write_text("t", "a,b,kind\n0,0.5,\"no, no\"\n1,1.5,yes\n2,2.5,yes\n");
}

static void write_nothing(void)
{
}

#define PAIR "{\"train\": {\"x\": \"x\", \"y\": \"y\"}}"

static const form forms[] = {
    {PAIR, "x", 36, write_idx},
    {PAIR, "x", 119, write_npy},
    {PAIR, "x", 59, write_packed},
    {"{\"train\": {\"path\": \"t\"}}", NULL, 0, write_csv},
    {"{\"train\": {\"inline\": {\"x\": [[0, 0.5], [1, 1.5], [2, 2.5]], \"y\": [\"a\", \"b\", "
     "\"a\"]}}}",
     NULL, 0, write_nothing},
};

/* All of these files say the same. */
static void assert_samples(const nn_dataset *d)
{
    assert_int_equal(d->rows, 3);
    assert_int_equal(nn_shape_len(&d->shape), 2);
    for (int i = 0; i < 6; i++)
        assert_float_equal(nn_dataset_value(d, (size_t)i), i / 2.0, 0);
    assert_non_null(d->label);
}

static size_t read_file(const char *name, unsigned char *dst, size_t most)
{
    FILE *f = fopen(name, "rb");
    size_t len = 0;

    assert_non_null(f);
    len = fread(dst, 1, most, f);
    fclose(f);
    return len;
}

static void test_every_prefix_of_an_array_file_is_refused(void **state)
{
    unsigned char whole[256];

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t len = 0;

        if (forms[i].cut == NULL)
            continue;
        forms[i].write();
        len = read_file(forms[i].cut, whole, sizeof whole);
        assert_int_equal(len, forms[i].whole);
        for (size_t n = 0; n <= len; n++) {
            nn_dataset *d = NULL;
            nn_err err = {0};

            write_file(forms[i].cut, whole, n);
            assert_int_equal(load_json(&d, forms[i].json, &err), n < len ? NN_EDATA : NN_OK);
            assert_true(n < len ? d == NULL && err.msg[0] != '\0' : d != NULL);
            if (d != NULL)
                assert_samples(d);
            nn_dataset_free(d);
        }
    }
}

/* A prefix of a CSV file may be a CSV file; what it then says is what stands in it. */
static void test_every_prefix_of_a_table_is_refused_or_says_the_same(void **state)
{
    static const float number[] = {0, 0.5f, 1, 1.5f, 2, 2.5f};
    unsigned char whole[256];
    size_t len = 0, good = 0;

    (void)state;
    write_csv();
    len = read_file("t", whole, sizeof whole);
    for (size_t n = 0; n <= len; n++) {
        nn_dataset *d = NULL;
        nn_err err = {0};
        nn_code rc = NN_OK;

        write_file("t", whole, n);
        rc = load_json(&d, forms[3].json, &err);
        assert_true(rc == NN_OK || rc == NN_EDATA);
        if (rc == NN_OK) {
            good++;
            assert_true(d->rows >= 1 && d->rows <= 3);
            assert_memory_equal(d->numbers, number, 2 * d->rows * sizeof *number);
            assert_non_null(d->label);
        }
        nn_dataset_free(d);
    }
    assert_true(good > 5);
}

static void test_every_flipped_bit_gives_samples_or_an_error(void **state)
{
    unsigned char whole[256];

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const char *name = forms[i].cut != NULL ? forms[i].cut : "t";
        size_t len = 0;

        if (forms[i].write == write_nothing)
            continue;
        forms[i].write();
        len = read_file(name, whole, sizeof whole);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            const uint64_t live = nn_mem_read().live;
            nn_dataset *d = NULL;
            nn_err err = {0};

            whole[bit / 8] ^= (unsigned char)(1u << bit % 8);
            write_file(name, whole, len);
            whole[bit / 8] ^= (unsigned char)(1u << bit % 8);
            if (load_json(&d, forms[i].json, &err) != NN_OK)
                assert_true(err.msg[0] != '\0');
            else if (forms[i].write == write_packed)
                assert_samples(d); /* the checksum vouches for them */
            nn_dataset_free(d);
            assert_int_equal(nn_mem_read().live, live);
        }
    }
}

static void test_every_failing_allocation_is_an_error_without_a_leak(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        nn_code rc = NN_ELIMIT;
        int failed = 0;
        config c;

        forms[i].write();
        config_read(&c, forms[i].json);
        const uint64_t live = nn_mem_read().live;
        for (uint64_t n = 1; rc == NN_ELIMIT; n++) {
            nn_dataset *d = NULL;
            nn_err err = {0};

            nn_mem_fail_at(n);
            rc = config_load(&d, &c, &err);
            nn_mem_fail_at(0);
            failed += rc == NN_ELIMIT;
            assert_true((rc == NN_OK) == (d != NULL));
            nn_dataset_free(d);
            assert_int_equal(nn_mem_read().live, live);
        }
        assert_int_equal(rc, NN_OK);
        assert_true(failed > 8);
        config_free(&c);
    }
}

static void test_failing_allocations_while_peeking_leak_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        nn_code rc = NN_ELIMIT;
        nn_files files = {0};
        config c;

        forms[i].write();
        config_read(&c, forms[i].json);
        nn_files_read(c.data.train, &files);
        const uint64_t live = nn_mem_read().live;
        for (uint64_t n = 1; rc == NN_ELIMIT; n++) {
            nn_shape shape = {0};
            nn_data_size size;
            nn_err err = {0};

            nn_mem_fail_at(n);
            rc = nn_dataset_peek(&shape, &size, &files, &c.how, &err);
            nn_mem_fail_at(0);
            assert_int_equal(nn_mem_read().live, live);
        }
        assert_int_equal(rc, NN_OK);
        config_free(&c);
    }
}

static void test_failing_allocations_with_known_classes_and_names_leak_nothing(void **state)
{
    char no[] = "no, no", yes[] = "yes", a[] = "a", other[] = "b", kind[] = "kind";
    char *names[] = {yes, no}, *targets[] = {kind};
    nn_encoded columns[] = {{.name = other, .width = 1}, {.name = a, .at = 1, .width = 1}};
    const nn_encoder encoder = {.column = columns, .count = 2, .features = 2};
    const nn_classes known = {names, 2}, target = {targets, 1};
    nn_code rc = NN_ELIMIT;
    config c;

    (void)state;
    write_csv();
    config_read(&c, forms[3].json);
    c.how.classes = &known;
    c.how.encoder = &encoder;
    c.how.targets = &target;
    const uint64_t live = nn_mem_read().live;
    for (uint64_t n = 1; rc == NN_ELIMIT; n++) {
        nn_dataset *d = NULL;
        nn_err err = {0};

        nn_mem_fail_at(n);
        rc = config_load(&d, &c, &err);
        nn_mem_fail_at(0);
        if (rc == NN_OK) {
            assert_float_equal(d->numbers[0], 0.5, 0);
            assert_int_equal(d->label[0], 1);
        }
        nn_dataset_free(d);
        assert_int_equal(nn_mem_read().live, live);
    }
    assert_int_equal(rc, NN_OK);
    config_free(&c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_prefix_of_an_array_file_is_refused),
        TEST(test_every_prefix_of_a_table_is_refused_or_says_the_same),
        TEST(test_every_flipped_bit_gives_samples_or_an_error),
        TEST(test_every_failing_allocation_is_an_error_without_a_leak),
        TEST(test_failing_allocations_while_peeking_leak_nothing),
        TEST(test_failing_allocations_with_known_classes_and_names_leak_nothing),
    };

    return nn_test_main(argc, argv, tests);
}
