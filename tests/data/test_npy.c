/* NPY files: the dict of the header in all its spellings, the types, and what is refused. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "data/array.h"
#include "data/support/files.h"

static blob b; /* too large for the stack */

static void load(nn_array *a)
{
    nn_err err = {0};

    write_file("x.npy", b.at, b.len);
    assert_ok(nn_array_load(a, "x.npy", NULL, &err), err);
}

static void assert_array_refused(const char *msg)
{
    nn_array a = {0};
    nn_err err = {0};
    const nn_mem_stats before = nn_mem_read();

    write_file("x.npy", b.at, b.len);
    assert_int_equal(nn_array_load(&a, "x.npy", NULL, &err), NN_EDATA);
    assert_string_equal(err.msg, msg);
    assert_string_equal(err.where, "x.npy");
    assert_null(a.data);
    assert_int_equal(nn_mem_read().live, before.live);
}

/* A header with this type for two elements, without data. */
static void put_type(const char *type)
{
    char dict[128];

    snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }", type);
    put_npy(&b, dict);
}

static void assert_dict_refused(const char *dict, const char *msg)
{
    put_npy(&b, dict);
    put_le(&b, 0, 8);
    assert_array_refused(msg);
}

static void test_what_numpy_writes_is_read(void **state)
{
    static const char dict[] =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }                    "
        "                                      \n"; /* 118 bytes, data at 128 */
    nn_array a = {0};

    (void)state;
    assert_int_equal(strlen(dict), 118);
    b.len = 0;
    put(&b, "\x93NUMPY\x01\x00", 8);
    put_le(&b, 118, 2);
    put(&b, dict, 118);
    for (int i = 0; i < 6; i++)
        put_le(&b, 0x3F800000u + 0x800000u * (unsigned)i, 4);
    load(&a);
    assert_int_equal(a.rows, 3);
    assert_int_equal(a.shape.rank, 1);
    assert_int_equal(a.shape.dim[0], 2);
    assert_int_equal(a.store, NN_STORE_F32);
    assert_false(a.whole);
    assert_float_equal(nn_array_value(&a, 0), 1, 0);
    assert_float_equal(nn_array_value(&a, 5), 32, 0);
    nn_array_free(&a);
}

static void test_integers_of_all_sizes_and_both_orders(void **state)
{
    static const struct {
        const char *type;
        int size;
        bool big, minus;
        nn_store store;
    } cases[] = {{"|u1", 1, false, false, NN_STORE_U8},  {"|i1", 1, false, true, NN_STORE_F32},
                 {"<u2", 2, false, false, NN_STORE_F32}, {">u2", 2, true, false, NN_STORE_F32},
                 {"<i2", 2, false, true, NN_STORE_F32},  {">i2", 2, true, true, NN_STORE_F32},
                 {"<u4", 4, false, false, NN_STORE_F64}, {">u4", 4, true, false, NN_STORE_F64},
                 {"<i4", 4, false, true, NN_STORE_F64},  {">i4", 4, true, true, NN_STORE_F64},
                 {"<i8", 8, false, true, NN_STORE_F64},  {">i8", 8, true, true, NN_STORE_F64}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint64_t low = cases[i].minus ? (uint64_t)-3 : 253;
        nn_array a = {0};

        put_type(cases[i].type);
        if (cases[i].big) {
            put_be(&b, low, cases[i].size);
            put_be(&b, 100, cases[i].size);
        } else {
            put_le(&b, low, cases[i].size);
            put_le(&b, 100, cases[i].size);
        }
        load(&a);
        assert_int_equal(a.store, cases[i].store);
        assert_true(a.whole);
        assert_float_equal(nn_array_value(&a, 0), cases[i].minus ? -3 : 253, 0);
        assert_float_equal(nn_array_value(&a, 1), 100, 0);
        nn_array_free(&a);
    }
}

static void test_floats_of_both_sizes_and_orders(void **state)
{
    nn_array a = {0};

    (void)state;
    put_type(">f4");
    put_f32(&b, -2.5f);
    put_f32(&b, 1);
    load(&a);
    assert_float_equal(nn_array_value(&a, 0), -2.5, 0);
    nn_array_free(&a);
    put_type(">f8");
    put_f64(&b, 0.1);
    put_f64(&b, 1);
    load(&a);
    assert_int_equal(a.store, NN_STORE_F64);
    assert_float_equal(nn_array_value(&a, 0), 0.1, 0);
    nn_array_free(&a);
    put_type("<f8");
    put_le(&b, 0x3FB999999999999Au, 8);
    put_le(&b, 0, 8);
    load(&a);
    assert_float_equal(nn_array_value(&a, 0), 0.1, 0);
    nn_array_free(&a);
}

static void test_booleans_are_bytes_of_0_and_1(void **state)
{
    nn_array a = {0};

    (void)state;
    put_type("|b1");
    put(&b, "\x01\x00", 2);
    load(&a);
    assert_int_equal(a.store, NN_STORE_U8);
    assert_int_equal(nn_array_value(&a, 0), 1);
    nn_array_free(&a);
    put_type("|b1");
    put(&b, "\x00\x02", 2);
    assert_array_refused("1 booleans are not 0 or 1, the first at element 1 (sample 1)");
}

static void test_nan_is_refused(void **state)
{
    (void)state;
    put_type("<f4");
    put_le(&b, 0x7F800000, 4);
    put_le(&b, 0, 4);
    assert_array_refused("1 values are NaN or infinite, the first at element 0 (sample 0)");
}

static void test_the_dict_may_be_spelt_in_any_way(void **state)
{
    static const char *const dicts[] = {
        "{'shape':(2,1),'fortran_order':False,'descr':'|u1'}",
        "{\"descr\": \"|u1\", \"fortran_order\": False, \"shape\": (2, 1,)}",
        " { 'fortran_order' : False , 'descr' : '|u1' , 'shape' : ( 2 , 1 ) , }  ",
        "{'descr': '<u1', 'fortran_order': False, 'shape': (2, 1), }",
    };

    (void)state;
    for (size_t i = 0; i < sizeof dicts / sizeof dicts[0]; i++) {
        nn_array a = {0};

        put_npy(&b, dicts[i]);
        put(&b, "\x07\x08", 2);
        load(&a);
        assert_int_equal(a.rows, 2);
        assert_int_equal(a.shape.rank, 1);
        assert_int_equal(nn_array_value(&a, 1), 8);
        nn_array_free(&a);
    }
}

static void test_versions_2_and_3_have_longer_lengths(void **state)
{
    static const char dict[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n";

    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        nn_array a = {0};

        b.len = 0;
        put(&b, "\x93NUMPY", 6);
        put_u8(&b, version);
        put_u8(&b, 0);
        put_le(&b, strlen(dict), 4);
        put(&b, dict, strlen(dict));
        put(&b, "\x01\x02", 2);
        load(&a);
        assert_int_equal(a.rows, 2);
        nn_array_free(&a);
    }
}

static void test_other_versions_are_refused(void **state)
{
    (void)state;
    b.len = 0;
    put(&b, "\x93NUMPY\x04\x00....", 12);
    assert_array_refused("NPY version 4.0, expected 1.0, 2.0 or 3.0");
    b.at[6] = 1;
    b.at[7] = 1;
    assert_array_refused("NPY version 1.1, expected 1.0, 2.0 or 3.0");
    b.at[6] = 0;
    assert_array_refused("NPY version 0.1, expected 1.0, 2.0 or 3.0");
}

static void test_what_is_declared_npy_and_is_not_is_named(void **state)
{
    const nn_array_format *npy = (const nn_array_format *)nn_family_find(&nn_array_formats, "npy");
    nn_array a = {0};
    nn_err err = {0};

    (void)state;
    write_file("x.npy", "\x93NUMPX\x01\x00", 8); /* all but one byte */
    assert_int_equal(nn_array_load(&a, "x.npy", npy, &err), NN_EDATA);
    assert_string_equal(err.msg, "not an NPY file: begins with 93 4e 55 4d");
}

static void test_a_cut_header_is_named_truncated(void **state)
{
    (void)state;
    put_type("|u1");
    b.len = 5;
    assert_array_refused("truncated NPY magic: expected 8 bytes, got 5");
    b.len = 9;
    assert_array_refused("truncated NPY header");
    b.len = 20;
    assert_array_refused("truncated NPY header: expected 59 bytes, got 10");
}

static void test_a_header_over_the_limit_is_not_read(void **state)
{
    (void)state;
    b.len = 0;
    put(&b, "\x93NUMPY\x02\x00", 8);
    put_le(&b, 10001, 4);
    for (int i = 0; i < 2000; i++)
        put_le(&b, 0x2020202020202020u, 8);
    assert_array_refused("NPY header of 10001 bytes is over the limit of 10000");
    b.at[8] = 0x10; /* 10000: now the spaces are looked at */
    assert_array_refused("NPY header: expected a dict, got \"\"");
}

static void test_another_order_is_refused_with_a_hint(void **state)
{
    (void)state;
    assert_dict_refused("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }",
                        "the array is in Fortran order; save numpy.ascontiguousarray(a) instead");
}

static void test_objects_and_structures_are_never_read(void **state)
{
    (void)state;
    assert_dict_refused("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
                        "object arrays (type \"|O\") hold Python pickles and are not read; save "
                        "numbers");
    assert_dict_refused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
                        "structured arrays are not supported; save one plain array of numbers");
}

static void test_other_types_are_refused_with_the_known_ones(void **state)
{
    static const char *const types[] = {"<f2", "<u8", "<c8", "|S3", "<U5", "<M8[ns]",
                                        "f4",  "=f4", "|f4", "<f:", ""};

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char msg[200];

        put_type(types[i]);
        put_le(&b, 0, 8);
        snprintf(msg, sizeof msg,
                 "type \"%s\" is not supported, expected f4, f8, i1, i2, i4, i8, u1, u2, u4 or b1",
                 types[i]);
        assert_array_refused(msg);
    }
}

static void test_faults_of_the_dict_say_what_was_expected(void **state)
{
    (void)state;
    assert_dict_refused("[1]", "NPY header: expected a dict, got \"[1] \\x0a\"");
    assert_dict_refused("{1: 2}", "NPY header: expected a quoted key, got \"1: 2} \\x0a\"");
    assert_dict_refused("{'descr", "NPY header: expected a quoted key, got \"'descr \\x0a\"");
    assert_dict_refused("{'descr' '<f4'}",
                        "NPY header: expected a colon after the key, got \"'<f4'} \\x0a\"");
    assert_dict_refused("{'descr': 5}",
                        "NPY header: expected a type such as '<f4', got \"5} \\x0a\"");
    assert_dict_refused("{'colour': 'red'}", "NPY header: unknown key \"colour\"");
    assert_dict_refused("{'descr': '<f4', 'descr': '<f4'}", "NPY header: \"descr\" is given twice");
    assert_dict_refused("{'descr': '<f4' 'shape': (2,)}",
                        "NPY header: expected a comma or the end of the dict, got \"'shape': (2,)} "
                        "\\x0a\"");
    assert_dict_refused("{'fortran_order': None}",
                        "NPY header: expected True or False, got \"None} \\x0a\"");
    assert_dict_refused("{'descr': '<f4', 'fortran_order': False}",
                        "NPY header: missing key \"shape\"");
    assert_dict_refused("{'descr': '<f4', 'shape': (2,)}",
                        "NPY header: missing key \"fortran_order\"");
    assert_dict_refused("{}", "NPY header: missing key \"descr\"");
    assert_dict_refused("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
                        "NPY header: expected the end of the header, got \"x \\x0a\"");
}

static void test_faults_of_the_shape_say_what_was_expected(void **state)
{
    (void)state;
    assert_dict_refused("{'shape': 2}", "NPY header: expected a shape, got \"2} \\x0a\"");
    assert_dict_refused("{'shape': (-2,)}",
                        "NPY header: expected a dimension, got \"-2,)} \\x0a\"");
    assert_dict_refused("{'shape': (2 3)}", "NPY header: expected a comma or the end of the shape, "
                                            "got \"3)} \\x0a\"");
    assert_dict_refused("{'shape': (2)}", "NPY header: expected a comma in the shape of one "
                                          "dimension, got \"} \\x0a\"");
    assert_dict_refused("{'shape': (99999999999999999999,)}",
                        "NPY header: expected a dimension, got \"99999999999999999999...\"");
    assert_dict_refused("{'shape': ()}",
                        "a single number (shape ()), expected an array of samples");
    assert_dict_refused("{'shape': (1,1,1,1,1,1,1,1,1)}", "expected 1 to 8 dimensions, got more");
    assert_dict_refused("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2)}",
                        "no samples: the first dimension is 0");
    assert_dict_refused("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0)}",
                        "empty samples: dimension 2 is 0");
    assert_dict_refused("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, "
                        "4294967296)}",
                        "size overflow: dimensions [4294967296, 4294967296] of 8-byte elements");
}

static void test_a_payload_of_another_length_is_refused(void **state)
{
    (void)state;
    put_type("<f4");
    put_le(&b, 0, 7);
    assert_array_refused("expected 8 bytes of data for dimensions [2], got at most 7");
    put_le(&b, 0, 2);
    assert_array_refused("trailing bytes: expected the end after 2 elements of 4 bytes");
}

static void test_what_is_written_is_read_back(void **state)
{
    const float data[] = {1.5f, -2, 3e-40f, 4, 5, 6};
    nn_buf out = {0};
    nn_array a = {0};
    nn_err err = {0};

    (void)state;
    nn_npy_write(&out, data, 3, 2);
    assert_ok(nn_buf_check(&out, &err), err);
    assert_int_equal(out.len, 128 + 24);
    write_file("x.npy", out.data, out.len);
    assert_ok(nn_array_load(&a, "x.npy", NULL, &err), err);
    assert_int_equal(a.rows, 3);
    assert_int_equal(a.shape.dim[0], 2);
    assert_memory_equal(a.data, data, sizeof data);
    nn_array_free(&a);

    nn_buf_clear(&out);
    nn_npy_write(&out, data, 6, 0);
    assert_int_equal(out.len % 64, 24);
    write_file("x.npy", out.data, out.len);
    assert_ok(nn_array_load(&a, "x.npy", NULL, &err), err);
    assert_int_equal(a.rows, 6);
    assert_int_equal(a.shape.rank, 0);
    nn_array_free(&a);
    nn_buf_free(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_numpy_writes_is_read),
        TEST(test_integers_of_all_sizes_and_both_orders),
        TEST(test_floats_of_both_sizes_and_orders),
        TEST(test_booleans_are_bytes_of_0_and_1),
        TEST(test_nan_is_refused),
        TEST(test_the_dict_may_be_spelt_in_any_way),
        TEST(test_versions_2_and_3_have_longer_lengths),
        TEST(test_other_versions_are_refused),
        TEST(test_what_is_declared_npy_and_is_not_is_named),
        TEST(test_a_cut_header_is_named_truncated),
        TEST(test_a_header_over_the_limit_is_not_read),
        TEST(test_another_order_is_refused_with_a_hint),
        TEST(test_objects_and_structures_are_never_read),
        TEST(test_other_types_are_refused_with_the_known_ones),
        TEST(test_faults_of_the_dict_say_what_was_expected),
        TEST(test_faults_of_the_shape_say_what_was_expected),
        TEST(test_a_payload_of_another_length_is_refused),
        TEST(test_what_is_written_is_read_back),
    };

    return nn_test_main(argc, argv, tests);
}
