/* What targets mean: classes or numbers, by the rules for all formats, with each fault at its row.
 */
#include "support/nn_test.h"

#include "base/mem.h"
#include "data/support/files.h"

#define PAIR        "{\"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}}"
#define PAIR_AS(t)  "{\"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}, \"task\": \"" t "\"}"
#define TABLE       "{\"train\": {\"path\": \"t.csv\"}}"
#define TABLE_AS(t) "{\"train\": {\"path\": \"t.csv\"}, \"task\": \"" t "\"}"

static blob b; /* too large for the stack */

/* `rows` samples of one byte each. */
static void write_samples(uint32_t rows)
{
    put_idx(&b, 0x08, 1, &rows);
    for (uint32_t i = 0; i < rows; i++)
        put_u8(&b, i);
    write_file("x.idx", b.at, b.len);
}

/* Targets as signed bytes, of any rank. */
static void write_targets(int dims, const uint32_t *dim, const int *value, size_t count)
{
    put_idx(&b, 0x09, dims, dim);
    for (size_t i = 0; i < count; i++)
        put_u8(&b, (unsigned)value[i]);
    write_file("y.idx", b.at, b.len);
}

static void write_list(const int *value, uint32_t rows)
{
    write_samples(rows);
    write_targets(1, &rows, value, rows);
}

static void write_floats(const float *value, uint32_t rows)
{
    write_samples(rows);
    put_idx(&b, 0x0D, 1, &rows);
    for (uint32_t i = 0; i < rows; i++)
        put_f32(&b, value[i]);
    write_file("y.idx", b.at, b.len);
}

/* A table of one feature with these targets. */
static void write_column(const char *const *field, int rows)
{
    nn_buf text = {0};

    nn_buf_put(&text, "x,y\n");
    for (int i = 0; i < rows; i++)
        nn_buf_printf(&text, "%d,%s\n", i, field[i]);
    write_file("t.csv", text.data, text.len);
    nn_buf_free(&text);
}

static nn_dataset *load(const char *json)
{
    nn_dataset *d = NULL;
    nn_err err = {0};

    assert_ok(load_json(&d, json, &err), err);
    return d;
}

static void assert_classes(const nn_dataset *d, const char *names, const int *label)
{
    nn_buf list = {0};

    for (int i = 0; i < d->classes.count; i++)
        nn_buf_printf(&list, "%s%s", i > 0 ? " " : "", d->classes.name[i]);
    assert_string_equal(list.data, names);
    nn_buf_free(&list);
    assert_null(d->value);
    assert_int_equal(d->width, 0);
    for (size_t i = 0; i < d->rows; i++)
        assert_int_equal(d->label[i], label[i]);
}

static void test_numbers_of_an_integer_file_are_class_numbers(void **state)
{
    static const int label[] = {0, 3, 1, 3};
    nn_dataset *d = NULL;

    (void)state;
    write_list(label, 4);
    d = load(PAIR);
    assert_classes(d, "0 1 2 3", label);
    assert_int_equal(d->files, 2);
    assert_string_equal(d->file[0].path, "x.idx");
    assert_string_equal(d->file[1].path, "y.idx");
    assert_int_equal(d->shape.rank, 1); /* a plain list of samples: one number each */
    assert_int_equal(d->shape.dim[0], 1);
    nn_dataset_free(d);
}

static void test_one_column_of_targets_is_a_list(void **state)
{
    static const int label[] = {2, 0};
    const uint32_t dim[] = {2, 1};
    nn_dataset *d = NULL;

    (void)state;
    write_samples(2);
    write_targets(2, dim, label, 2);
    d = load(PAIR);
    assert_classes(d, "0 1 2", label);
    nn_dataset_free(d);
}

static void test_negative_class_numbers_are_refused(void **state)
{
    static const int label[] = {0, 1, -1};

    (void)state;
    write_list(label, 3);
    assert_refused(PAIR, NN_EDATA, "y.idx",
                   "sample 2: expected a class number (a whole number from 0), got -1");
}

static void test_class_numbers_over_the_limit_hint_at_regression(void **state)
{
    const uint32_t rows = 2;

    (void)state;
    write_samples(2);
    put_idx(&b, 0x0C, 1, &rows);
    put_be(&b, 5, 4);
    put_be(&b, 65536, 4);
    write_file("y.idx", b.at, b.len);
    assert_refused(PAIR, NN_EDATA, "y.idx",
                   "sample 1: class number 65536 is over the limit of 65536 classes; numbers to be "
                   "predicted need the task regression");
    b.at[b.len - 3] = 0; /* 65536 becomes 0 */
    b.at[b.len - 2] = 0xFF;
    b.at[b.len - 1] = 0xFF;
    write_file("y.idx", b.at, b.len);
    nn_dataset *d = load(PAIR);
    assert_int_equal(d->classes.count, 65536);
    assert_string_equal(d->classes.name[65535], "65535");
    nn_dataset_free(d);
}

static void test_rows_of_x_and_y_must_agree(void **state)
{
    static const int label[] = {0, 1, 1};
    const uint32_t rows = 3;

    (void)state;
    write_samples(4);
    write_targets(1, &rows, label, 3);
    assert_refused(PAIR, NN_EDATA, "y.idx", "3 targets for the 4 samples of x.idx");
}

static void test_images_are_no_targets(void **state)
{
    const uint32_t dim[] = {2, 2, 1};
    static const int value[] = {0, 0, 0, 0};

    (void)state;
    write_samples(2);
    write_targets(3, dim, value, 4);
    assert_refused(
        PAIR, NN_EDATA, "y.idx",
        "expected targets, one number or one list a sample, got samples of shape [2, 1]");
}

static void test_few_whole_floats_are_classes_named_by_the_numbers(void **state)
{
    static const float value[] = {10, 3, 7, 3};
    static const int label[] = {2, 0, 1, 0};
    nn_dataset *d = NULL;

    (void)state;
    write_floats(value, 4);
    d = load(PAIR);
    assert_classes(d, "3 7 10", label); /* by number, not by bytes */
    nn_dataset_free(d);
}

static void assert_numbers(const float *value, uint32_t rows)
{
    nn_dataset *d = NULL;

    write_floats(value, rows);
    d = load(PAIR);
    assert_null(d->label);
    assert_int_equal(d->classes.count, 0);
    assert_int_equal(d->width, 1);
    assert_memory_equal(d->value, value, rows * sizeof *value);
    nn_dataset_free(d);
}

static void test_fractions_negative_and_large_numbers_are_numbers(void **state)
{
    static const float fraction[] = {1, 2.5f, 3}, negative[] = {0, -1, 2}, large[] = {0, 1, 1000};
    float many[33];

    (void)state;
    assert_numbers(fraction, 3);
    assert_numbers(negative, 3);
    assert_numbers(large, 3);
    for (int i = 0; i < 33; i++)
        many[i] = (float)i;
    assert_numbers(many, 33);
}

static void test_32_different_numbers_are_still_classes(void **state)
{
    float many[33];
    nn_dataset *d = NULL;

    (void)state;
    for (int i = 0; i < 33; i++)
        many[i] = (float)(i % 32 * 31);
    write_floats(many, 33);
    d = load(PAIR);
    assert_int_equal(d->classes.count, 32);
    assert_string_equal(d->classes.name[31], "961");
    nn_dataset_free(d);
}

static void test_a_given_task_decides_over_the_look_of_the_numbers(void **state)
{
    static const int label[] = {0, 2, 1};
    static const float wide[] = {5000, 7, 5000};
    static const int wide_label[] = {1, 0, 1};
    nn_dataset *d = NULL;

    (void)state;
    write_list(label, 3);
    d = load(PAIR_AS("regression"));
    assert_int_equal(d->width, 1);
    assert_float_equal(d->value[1], 2, 0);
    assert_null(d->label);
    nn_dataset_free(d);
    write_floats(wide, 3);
    d = load(PAIR_AS("multiclass"));
    assert_classes(d, "7 5000", wide_label);
    nn_dataset_free(d);
}

static void test_fractions_are_no_classes(void **state)
{
    static const float value[] = {1, 1.5f};

    (void)state;
    write_floats(value, 2);
    assert_refused(PAIR_AS("multiclass"), NN_EDATA, "y.idx",
                   "sample 1: expected a class number (a whole number from 0), got 1.5");
    assert_refused(PAIR_AS("binary"), NN_EDATA, "y.idx",
                   "sample 1: expected a class number (a whole number from 0), got 1.5");
}

static void test_binary_has_two_classes(void **state)
{
    static const int ones[] = {0, 0}, three[] = {0, 2, 1};
    static const int label[] = {1, 0, 1};
    static const char *const words[] = {"yes", "no", "yes"}, *const more[] = {"a", "b", "c"};
    nn_dataset *d = NULL;

    (void)state;
    write_list(ones, 2);
    d = load(PAIR_AS("binary"));
    assert_classes(d, "0 1", ones); /* also when only one of them is there */
    nn_dataset_free(d);
    write_list(three, 3);
    assert_refused(PAIR_AS("binary"), NN_EDATA, "y.idx",
                   "task binary: expected 2 classes, got 3: 0, 1, 2");
    write_column(words, 3);
    d = load(TABLE_AS("binary"));
    assert_classes(d, "no yes", label);
    nn_dataset_free(d);
    write_column(more, 3);
    assert_refused(TABLE_AS("binary"), NN_EDATA, "t.csv",
                   "task binary: expected 2 classes, got 3: a, b, c");
}

static void test_multilabel_is_0_and_1(void **state)
{
    const uint32_t dim[] = {2, 3};
    static const int flag[] = {0, 1, 1, 0, 0, 1}, bad[] = {0, 1, 1, 0, 2, 1};
    nn_dataset *d = NULL;

    (void)state;
    write_samples(2);
    write_targets(2, dim, flag, 6);
    d = load(PAIR_AS("multilabel"));
    assert_int_equal(d->width, 3);
    assert_null(d->label);
    assert_float_equal(d->value[2], 1, 0);
    assert_float_equal(d->value[3], 0, 0);
    nn_dataset_free(d);
    write_targets(2, dim, bad, 6);
    assert_refused(PAIR_AS("multilabel"), NN_EDATA, "y.idx",
                   "sample 1: multilabel targets are 0 or 1, got 2");
}

static nn_code load_known(nn_dataset **out, const char *json, char **name, int count, nn_err *err)
{
    const nn_classes known = {name, count};
    nn_code rc = NN_OK;
    config c;

    config_read(&c, json);
    c.how.classes = &known;
    rc = config_load(out, &c, err);
    config_free(&c);
    return rc;
}

/* Two class numbers a sample, of which there have to be so many. */
static void assert_refused_steps(int steps, const char *msg)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    config c;

    config_read(&c, PAIR_AS("multiclass"));
    c.how.steps = steps;
    assert_int_equal(config_load(&d, &c, &err), NN_EDATA);
    assert_string_equal(err.msg, msg);
    config_free(&c);
}

static void test_several_numbers_a_sample_are_numbers_or_classes_of_steps(void **state)
{
    const uint32_t dim[] = {2, 2};
    static const int value[] = {0, 1, 3, 0};
    static const int32_t label[] = {0, 1, 3, 0};
    static const int bad[] = {0, 1, 3, -1};
    nn_dataset *d = NULL;

    (void)state;
    write_samples(2);
    write_targets(2, dim, value, 4);
    d = load(PAIR);
    assert_int_equal(d->width, 2);
    assert_null(d->label);
    nn_dataset_free(d);
    d = load(PAIR_AS("multiclass"));
    assert_null(d->value);
    assert_int_equal(d->steps, 2);
    assert_int_equal(nn_dataset_labels(d), 2);
    assert_int_equal(nn_dataset_label_at(d, 1), 2);
    assert_int_equal(d->classes.count, 4);
    assert_memory_equal(d->label, label, sizeof label);
    nn_dataset_free(d);
    assert_refused(PAIR_AS("binary"), NN_EDATA, "y.idx",
                   "task binary: expected 2 classes, got 4: 0, 1, 2, 3");
    assert_refused_steps(1, "expected one class number a sample, got 2 numbers");
    assert_refused_steps(3, "expected 3 class numbers a sample, one for each step, got 2");
    write_targets(2, dim, bad, 4);
    assert_refused(PAIR_AS("multiclass"), NN_EDATA, "y.idx",
                   "sample 1: expected a class number (a whole number from 0), got -1");
}

static void test_classes_of_steps_go_by_those_that_are_known(void **state)
{
    static char first[] = "3", second[] = "0", third[] = "1", *names[] = {first, second, third};
    const uint32_t dim[] = {2, 2};
    static const int value[] = {0, 1, 3, 0}, other[] = {0, 1, 3, 2};
    static const int32_t label[] = {1, 2, 0, 1};
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    write_samples(2);
    write_targets(2, dim, value, 4);
    assert_ok(load_known(&d, PAIR_AS("multiclass"), names, 3, &err), err);
    assert_memory_equal(d->label, label, sizeof label);
    nn_dataset_free(d);
    write_targets(2, dim, other, 4);
    assert_int_equal(load_known(&d, PAIR_AS("multiclass"), names, 3, &err), NN_EDATA);
    assert_string_equal(err.msg, "sample 1: unknown class \"2\"; the classes are 3, 0, 1");
}

static void test_words_are_classes_in_the_order_of_their_bytes(void **state)
{
    static const char *const words[] = {"b", "B", "\"a,\"\"x\"\"\"", "b", "\xC3\xA4", "<script>"};
    static const int label[] = {3, 1, 2, 3, 4, 0};
    nn_dataset *d = NULL;

    (void)state;
    write_column(words, 6);
    d = load(TABLE);
    assert_classes(d, "<script> B a,\"x\" b \xC3\xA4", label);
    nn_dataset_free(d);
}

static void test_numbers_in_csv_may_be_written_in_any_way(void **state)
{
    static const char *const fields[] = {"3.0", "3", "1e1", " 3 ", "-0"};
    static const int label[] = {1, 1, 2, 1, 0};
    nn_dataset *d = NULL;

    (void)state;
    write_column(fields, 5);
    d = load(TABLE);
    assert_classes(d, "0 3 10", label);
    nn_dataset_free(d);
}

static void test_class_numbers_in_csv_are_checked_at_their_line(void **state)
{
    static const char *const fields[][2] = {
        {"3.5", "3.5"}, {"-1", "-1"}, {"1234567890123456789012345", "1.2345678901234568e+24"}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *const column[] = {"1", fields[i][0]};
        char msg[200];

        write_column(column, 2);
        snprintf(msg, sizeof msg,
                 "column \"y\": expected a class number (a whole number from 0), got %s",
                 fields[i][1]);
        assert_refused(TABLE_AS("multiclass"), NN_EDATA, "t.csv:3", msg);
    }
    write_text("t.csv", "1,0\n2,3.5\n");
    assert_refused(TABLE_AS("multiclass"), NN_EDATA, "t.csv:2",
                   "expected a class number (a whole number from 0), got 3.5");
}

static void test_words_where_numbers_are_due_are_refused(void **state)
{
    static const char *const words[] = {"1", "dog"}, *const mixed[] = {"1.5", "2", "1.2.3"};

    (void)state;
    write_column(words, 2);
    assert_refused(TABLE_AS("regression"), NN_EDATA, "t.csv:3",
                   "column \"y\": expected a number, got \"dog\"; words are classes: task "
                   "multiclass or binary");
    assert_refused(TABLE_AS("multilabel"), NN_EDATA, "t.csv:3",
                   "column \"y\": expected a number, got \"dog\"; words are classes: task "
                   "multiclass or binary");
    write_column(mixed, 3); /* one slip must not make classes of all the numbers */
    assert_refused(TABLE, NN_EDATA, "t.csv:4",
                   "column \"y\": expected a number, got \"1.2.3\"; other targets are numbers with "
                   "fractions");
}

static void test_targets_that_are_none_are_refused(void **state)
{
    static const struct {
        const char *field, *msg;
    } cases[] = {{"", "column \"y\": a missing target, got \"\""},
                 {"  ", "column \"y\": a missing target, got \"  \""},
                 {"NA", "column \"y\": a missing target, got \"NA\""},
                 {"+NaN", "a target that is NaN or infinite"},
                 {"-inf", "a target that is NaN or infinite"},
                 {"+Infinity", "a target that is NaN or infinite"},
                 {"1e999", "a target out of the range of numbers"},
                 {"a\xFF", "a target that is not UTF-8 at byte 2"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const column[] = {"1", "2", cases[i].field};

        write_column(column, 3);
        assert_refused(TABLE, NN_EDATA, "t.csv:4", cases[i].msg);
    }
}

static void test_class_names_have_a_limit(void **state)
{
    char name[1026];
    const char *const column[] = {"a", name};
    nn_dataset *d = NULL;

    (void)state;
    memset(name, 'n', 1024);
    name[1024] = '\0';
    write_column(column, 2);
    d = load(TABLE);
    assert_int_equal(strlen(d->classes.name[1]), 1024);
    nn_dataset_free(d);
    memset(name, 'n', 1025);
    name[1025] = '\0';
    write_column(column, 2);
    assert_refused(TABLE, NN_EDATA, "t.csv:3", "a class name of more than 1024 bytes");
}

static void write_many(const char *form, int rows)
{
    nn_buf text = {0};

    for (int i = 0; i < rows; i++) {
        nn_buf_put(&text, "1,");
        nn_buf_printf(&text, form, i);
        nn_buf_char(&text, '\n');
    }
    write_file("t.csv", text.data, text.len);
    nn_buf_free(&text);
}

static void test_different_words_have_a_limit_and_numbers_none(void **state)
{
    nn_dataset *d = NULL;
    nn_buf text = {0};

    (void)state;
    write_many("w%d", 65536);
    d = load(TABLE);
    assert_int_equal(d->classes.count, 65536);
    nn_dataset_free(d);
    write_many("w%d", 65537);
    assert_refused(TABLE, NN_EDATA, "t.csv:65537",
                   "words as targets, and more than 65536 different ones");
    write_many("%d.5", 65540);
    d = load(TABLE);
    assert_float_equal(d->value[65539], 65539.5, 0);
    nn_dataset_free(d);
    write_many("%d", 65537);
    assert_refused(TABLE_AS("multiclass"), NN_EDATA, "t.csv",
                   "65537 different targets, expected at most 65536 classes");
    nn_buf_free(&text);
}

static void test_numbers_beyond_float_are_refused(void **state)
{
    static const char *const column[] = {"1.5", "1e39"};

    (void)state;
    write_column(column, 2);
    assert_refused(TABLE, NN_EDATA, "t.csv:3",
                   "column \"y\": a target out of the range of float32: 1e+39");
}

/* Loads `json` with these classes given from outside. */
static void test_known_classes_keep_their_numbers(void **state)
{
    static const char *const words[] = {"fox", "ant"};
    static const int label[] = {1, 2};
    char fox[] = "fox", ant[] = "ant", cat[] = "cat";
    char *names[] = {cat, fox, ant};
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    write_column(words, 2);
    assert_ok(load_known(&d, TABLE, names, 3, &err), err);
    assert_classes(d, "cat fox ant", label);
    nn_dataset_free(d);
}

static void test_unknown_classes_are_named_with_row_and_choice(void **state)
{
    static const char *const words[] = {"fox", "owl"};
    char fox[] = "fox", ant[] = "ant";
    char *names[] = {fox, ant};
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    write_column(words, 2);
    assert_int_equal(load_known(&d, TABLE, names, 2, &err), NN_EDATA);
    assert_null(d);
    assert_string_equal(err.where, "t.csv:3");
    assert_string_equal(err.msg, "column \"y\": unknown class \"owl\"; the classes are fox, ant");
}

static void test_class_numbers_out_of_range_are_named_with_sample_and_range(void **state)
{
    static const int label[] = {0, 9, 10};
    char digit[10][16];
    char *names[10];
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    for (int i = 0; i < 10; i++) {
        snprintf(digit[i], sizeof digit[i], "%d", i);
        names[i] = digit[i];
    }
    write_list(label, 3);
    assert_int_equal(load_known(&d, PAIR, names, 10, &err), NN_EDATA);
    assert_string_equal(err.where, "y.idx");
    assert_string_equal(err.msg, "sample 2: expected a class from 0 to 9, got 10");
    write_list(label, 2);
    assert_ok(load_known(&d, PAIR, names, 10, &err), err);
    assert_classes(d, "0 1 2 3 4 5 6 7 8 9", label);
    nn_dataset_free(d);
}

static void test_known_classes_make_classes_of_any_whole_numbers(void **state)
{
    static const char *const column[] = {"5000", "7"};
    static const int label[] = {0, 1};
    char large[] = "5000", small[] = "7";
    char *names[] = {large, small};
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    write_column(column, 2);
    assert_ok(load_known(&d, TABLE, names, 2, &err), err);
    assert_classes(d, "5000 7", label);
    nn_dataset_free(d);
}

static void test_long_lists_of_classes_are_cut(void **state)
{
    static const char *const words[] = {"owl"};
    char text[12][16];
    char *names[12];
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    for (int i = 0; i < 12; i++) {
        snprintf(text[i], sizeof text[i], "c%d", i);
        names[i] = text[i];
    }
    write_column(words, 1);
    assert_int_equal(load_known(&d, TABLE, names, 12, &err), NN_EDATA);
    assert_string_equal(err.msg, "column \"y\": unknown class \"owl\"; the classes are c0, c1, c2, "
                                 "c3, c4, c5, c6, c7, c8, c9, ...");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_numbers_of_an_integer_file_are_class_numbers),
        TEST(test_one_column_of_targets_is_a_list),
        TEST(test_negative_class_numbers_are_refused),
        TEST(test_class_numbers_over_the_limit_hint_at_regression),
        TEST(test_rows_of_x_and_y_must_agree),
        TEST(test_images_are_no_targets),
        TEST(test_few_whole_floats_are_classes_named_by_the_numbers),
        TEST(test_fractions_negative_and_large_numbers_are_numbers),
        TEST(test_32_different_numbers_are_still_classes),
        TEST(test_a_given_task_decides_over_the_look_of_the_numbers),
        TEST(test_fractions_are_no_classes),
        TEST(test_binary_has_two_classes),
        TEST(test_multilabel_is_0_and_1),
        TEST(test_several_numbers_a_sample_are_numbers_or_classes_of_steps),
        TEST(test_classes_of_steps_go_by_those_that_are_known),
        TEST(test_words_are_classes_in_the_order_of_their_bytes),
        TEST(test_numbers_in_csv_may_be_written_in_any_way),
        TEST(test_class_numbers_in_csv_are_checked_at_their_line),
        TEST(test_words_where_numbers_are_due_are_refused),
        TEST(test_targets_that_are_none_are_refused),
        TEST(test_class_names_have_a_limit),
        TEST(test_different_words_have_a_limit_and_numbers_none),
        TEST(test_numbers_beyond_float_are_refused),
        TEST(test_known_classes_keep_their_numbers),
        TEST(test_unknown_classes_are_named_with_row_and_choice),
        TEST(test_class_numbers_out_of_range_are_named_with_sample_and_range),
        TEST(test_known_classes_make_classes_of_any_whole_numbers),
        TEST(test_long_lists_of_classes_are_cut),
    };

    return nn_test_main(argc, argv, tests);
}
