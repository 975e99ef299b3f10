/* CSV files as datasets: which column is what, numbers and nothing else in the features, exact
 * places. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "data/support/files.h"

#define TABLE "{\"train\": {\"path\": \"t.csv\"}}"

static nn_dataset *load(const char *json)
{
    nn_dataset *d = NULL;
    nn_err err = {0};

    assert_ok(load_json(&d, json, &err), err);
    assert_non_null(d);
    return d;
}

static nn_dataset *load_text(const char *text)
{
    write_text("t.csv", text);
    return load(TABLE);
}

static void assert_text_refused(const char *text, const char *where, const char *msg)
{
    write_text("t.csv", text);
    assert_refused(TABLE, NN_EDATA, where, msg);
}

static void test_the_last_column_is_the_target(void **state)
{
    nn_dataset *d = load_text("width,height,kind\n1.5,2,dog\n-3,4e1,cat\n5,.5,dog\n");
    static const float expected[] = {1.5f, 2, -3, 40, 5, 0.5f};

    (void)state;
    assert_int_equal(d->rows, 3);
    assert_true(d->table);
    assert_int_equal(d->shape.rank, 1);
    assert_int_equal(d->shape.dim[0], 2);
    assert_null(d->bytes);
    assert_memory_equal(d->numbers, expected, sizeof expected);
    assert_string_equal(d->column[0], "width");
    assert_string_equal(d->column[1], "height");
    assert_string_equal(d->target_column, "kind");
    assert_int_equal(d->classes.count, 2);
    assert_string_equal(d->classes.name[0], "cat");
    assert_string_equal(d->classes.name[1], "dog");
    assert_null(d->classes.name[2]);
    assert_int_equal(d->label[0], 1);
    assert_int_equal(d->label[1], 0);
    assert_int_equal(d->files, 1);
    assert_string_equal(d->file[0].path, "t.csv");
    assert_int_equal(d->file[0].id.bytes, 48);
    assert_string_equal(d->name, "t.csv");
    nn_dataset_free(d);
}

static void test_the_target_is_found_by_name_or_index(void **state)
{
    nn_dataset *d = NULL;

    (void)state;
    write_text("t.csv", "a,b,c\n1,x,2\n3,y,4\n");
    d = load("{\"train\": {\"path\": \"t.csv\"}, \"target\": \"b\"}");
    assert_string_equal(d->target_column, "b");
    assert_string_equal(d->column[1], "c");
    assert_float_equal(d->numbers[1], 2, 0);
    assert_string_equal(d->classes.name[1], "y");
    nn_dataset_free(d);
    d = load("{\"train\": {\"path\": \"t.csv\"}, \"target\": 1}");
    assert_string_equal(d->target_column, "b");
    nn_dataset_free(d);
    write_text("t.csv", "1,x,2\n3,y,4\n");
    d = load("{\"train\": {\"path\": \"t.csv\"}, \"target\": 1}");
    assert_null(d->target_column);
    assert_null(d->column);
    assert_float_equal(d->numbers[3], 4, 0);
    nn_dataset_free(d);
}

static void test_a_target_that_does_not_exist_is_a_fault_of_the_config(void **state)
{
    (void)state;
    write_text("t.csv", "alpha,beta,kind\n1,2,x\n");
    assert_refused("{\"train\": {\"path\": \"t.csv\"}, \"target\": \"knid\"}", NN_ECONFIG,
                   "c.json:1:40", "target: t.csv has no column \"knid\"; did you mean \"kind\"?");
    assert_refused("{\"train\": {\"path\": \"t.csv\"}, \"target\": \"something\"}", NN_ECONFIG,
                   "c.json:1:40", "target: t.csv has no column \"something\"");
    assert_refused("{\"train\": {\"path\": \"t.csv\"}, \"target\": 3}", NN_ECONFIG, "c.json:1:40",
                   "target: expected a column index from 0 to 2, got 3");
    assert_refused("{\"train\": {\"path\": \"t.csv\"}, \"target\": -1}", NN_ECONFIG, "c.json:1:40",
                   "target: expected a column index from 0 to 2, got -1");
    assert_refused("{\"train\": {\"path\": \"t.csv\"}, \"target\": 0.5}", NN_ECONFIG, "c.json:1:40",
                   "target: expected a column index from 0 to 2, got 0.5");
    assert_refused("{\"train\": {\"path\": \"t.csv\"}, \"target\": {}}", NN_ECONFIG, "c.json:1:40",
                   "target: expected the name or the index of a column, got an empty object");
    write_text("t.csv", "1,2\n3,4\n");
    assert_refused("{\"train\": {\"path\": \"t.csv\"}, \"target\": \"kind\"}", NN_ECONFIG,
                   "c.json:1:40",
                   "target: t.csv has no header with column names; give the column's index, or set "
                   "csv.header to \"yes\"");
}

static void test_spaces_around_numbers_are_nothing(void **state)
{
    nn_dataset *d = load_text(" 1 ,\t2\t, 0\n\"3\",\" 4\",1\n");

    (void)state;
    assert_float_equal(d->numbers[0], 1, 0);
    assert_float_equal(d->numbers[1], 2, 0);
    assert_float_equal(d->numbers[3], 4, 0);
    assert_string_equal(d->classes.name[0], "0");
    nn_dataset_free(d);
}

static void test_a_digit_on_one_side_of_the_point_is_enough(void **state)
{
    nn_dataset *d = load_text(".5,0\n-.25e1,0\n7.,1\n+2.e2,1\n");

    (void)state;
    assert_float_equal(d->numbers[0], 0.5, 0);
    assert_float_equal(d->numbers[1], -2.5, 0);
    assert_float_equal(d->numbers[2], 7, 0);
    assert_float_equal(d->numbers[3], 200, 0);
    nn_dataset_free(d);
}

static void test_a_tiny_number_is_zero(void **state)
{
    nn_dataset *d = load_text("1e-999,0\n1,1\n");

    (void)state;
    assert_float_equal(d->numbers[0], 0, 0);
    nn_dataset_free(d);
}

static void test_what_is_no_number_is_named_with_line_and_column(void **state)
{
    static const struct {
        const char *field, *shown;
    } cases[] = {{"abc", "abc"},
                 {"NaN(7)", "NaN(7)"},
                 {"inf", "inf"},
                 {"-Infinity", "-Infinity"},
                 {"0x10", "0x10"},
                 {"1_000", "1_000"},
                 {"1.2.3", "1.2.3"},
                 {"--1", "--1"},
                 {".", "."},
                 {"1..2", "1..2"},
                 {"-.", "-."},
                 {"\"1,234.5\"", "1,234.5"},
                 {"\xEF\xBC\x91", "\xEF\xBC\x91"},
                 {"\x1B[31m", "\\x1b[31m"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[100], msg[200];

        snprintf(text, sizeof text, "x,y,z\n1,2,0\n1,%s,0\n", cases[i].field);
        snprintf(msg, sizeof msg,
                 "column \"y\": the column is not numeric: expected a number, got \"%s\"",
                 cases[i].shown);
        assert_text_refused(text, "t.csv:3", msg);
    }
}

static void test_long_fields_are_cut_in_messages(void **state)
{
    (void)state;
    assert_text_refused("1,2\naaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeee,2\n", "t.csv:2",
                        "column 1: the column is not numeric: expected a number, got "
                        "\"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd...\"");
}

static void test_missing_and_huge_numbers_are_told_apart(void **state)
{
    (void)state;
    assert_text_refused(
        "x,y\n1,0\n,1\n", "t.csv:3",
        "column \"x\": a missing value, got \"\"; set its `impute` in data.columns");
    assert_text_refused(
        "x,y\n1,0\n  ,1\n", "t.csv:3",
        "column \"x\": a missing value, got \"  \"; set its `impute` in data.columns");
    assert_text_refused("1e999,0\n1,1\n", "t.csv:1",
                        "column 1: a number out of the range of float32, got \"1e999\"");
    assert_text_refused("1,0\n-1e39,1\n", "t.csv:2",
                        "column 1: a number out of the range of float32, got \"-1e39\"");
}

static void test_decimal_commas_are_hinted_at(void **state)
{
    (void)state;
    assert_text_refused("x;y\n1;0\n1,5;1\n", "t.csv:3",
                        "column \"x\": expected a number with a decimal point, not a comma, got "
                        "\"1,5\"; set csv.decimal to \",\"");
}

static void test_delimiters_at_the_ends_of_lines_are_hinted_at(void **state)
{
    (void)state;
    assert_text_refused("x,y,\n1,2,\n3,4,\n", "t.csv:2",
                        "the last column is empty: the lines end with a delimiter");
    assert_text_refused("1,2,\n3,4,\n", "t.csv:1",
                        "the last column is empty: the lines end with a delimiter");
}

static void test_a_header_alone_has_no_rows(void **state)
{
    (void)state;
    assert_text_refused("x,y\n", "t.csv", "a header but no rows");
}

static void test_a_single_column_leaves_no_features(void **state)
{
    (void)state;
    assert_text_refused("1\n2\n", "t.csv", "no feature columns: the only column is the target");
}

static void test_names_that_are_used_differ(void **state)
{
    (void)state;
    assert_text_refused("a,b,a,y\n1,2,3,4\n", "t.csv", "the columns 1 and 3 are both named \"a\"");
}

static void test_an_array_file_is_no_table(void **state)
{
    (void)state;
    write_file("t.csv", "\0\0\x08\x01\0\0\0\x01\x05", 9);
    assert_refused(TABLE, NN_EDATA, "t.csv",
                   "expected CSV, found an array file (idx): name it by the keys x and y");
}

static void test_faults_of_the_text_come_through(void **state)
{
    (void)state;
    assert_text_refused("1,2\n3\n", "t.csv:2", "expected 2 fields, got 1");
    assert_text_refused("", "t.csv", "the file is empty");
    assert_refused("{\"train\": {\"path\": \"none.csv\"}}", NN_EFILE, "none.csv",
                   "cannot open: No such file or directory");
}

static void test_a_gzip_checksum_counts_for_tables(void **state)
{
    static unsigned char packed[200];
    size_t len = 0;
    FILE *f = NULL;

    (void)state;
    write_gzip("t.csv", "1,0\n2,1\n", 8);
    nn_dataset_free(load(TABLE));
    f = fopen("t.csv", "rb");
    assert_non_null(f);
    len = fread(packed, 1, sizeof packed, f);
    fclose(f);
    packed[len - 8] ^= 1; /* the CRC */
    write_file("t.csv", packed, len);
    assert_refused(TABLE, NN_EDATA, "t.csv", "CRC-32 mismatch in gzip member 1, at byte 27");
}

static void test_a_shape_gives_rows_their_form(void **state)
{
    nn_dataset *d = NULL;

    (void)state;
    write_text("t.csv", "1,2,3,4,0\n5,6,7,8,1\n");
    d = load("{\"train\": {\"path\": \"t.csv\"}, \"shape\": [2, 2, 1]}");
    assert_int_equal(d->shape.rank, 3);
    assert_int_equal(d->shape.dim[1], 2);
    nn_dataset_free(d);
    assert_refused("{\"train\": {\"path\": \"t.csv\"}, \"shape\": [3]}", NN_EDATA, "t.csv",
                   "samples of shape [4] (4 values), expected the shape [3] (3)");
}

static void test_many_rows_grow_the_table(void **state)
{
    nn_buf text = {0};
    nn_dataset *d = NULL;

    (void)state;
    for (int i = 0; i < 3000; i++)
        nn_buf_printf(&text, "%d,%d.5,%s\n", i, i, i % 2 == 0 ? "even" : "odd");
    write_file("t.csv", text.data, text.len);
    nn_buf_free(&text);
    d = load(TABLE);
    assert_int_equal(d->rows, 3000);
    assert_float_equal(d->numbers[2 * 2999 + 1], 2999.5, 0);
    assert_int_equal(d->label[2999], 1);
    nn_dataset_free(d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_last_column_is_the_target),
        TEST(test_the_target_is_found_by_name_or_index),
        TEST(test_a_target_that_does_not_exist_is_a_fault_of_the_config),
        TEST(test_spaces_around_numbers_are_nothing),
        TEST(test_a_digit_on_one_side_of_the_point_is_enough),
        TEST(test_a_tiny_number_is_zero),
        TEST(test_what_is_no_number_is_named_with_line_and_column),
        TEST(test_long_fields_are_cut_in_messages),
        TEST(test_missing_and_huge_numbers_are_told_apart),
        TEST(test_decimal_commas_are_hinted_at),
        TEST(test_delimiters_at_the_ends_of_lines_are_hinted_at),
        TEST(test_a_header_alone_has_no_rows),
        TEST(test_a_single_column_leaves_no_features),
        TEST(test_names_that_are_used_differ),
        TEST(test_an_array_file_is_no_table),
        TEST(test_faults_of_the_text_come_through),
        TEST(test_a_gzip_checksum_counts_for_tables),
        TEST(test_a_shape_gives_rows_their_form),
        TEST(test_many_rows_grow_the_table),
    };

    return nn_test_main(argc, argv, tests);
}
