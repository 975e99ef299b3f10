/* The data object and what it may name; peeking; more data for a model that exists. */
#include "support/nn_test.h"

#include <fcntl.h>

#include "base/mem.h"
#include "data/load.h"
#include "data/prep.h"
#include "data/support/files.h"

static blob b; /* too large for the stack */

/* The first problem of reading `train` of this data object. */
static void assert_files_refused(const char *json, const char *path, const char *msg)
{
    nn_files files = {0};
    config c;

    config_read(&c, json);
    nn_files_read(c.data.train, &files);
    assert_int_equal(nn_problems_errors(&c.problems), 1);
    assert_string_equal(c.problems.list[0].message, msg);
    assert_string_equal(c.problems.list[0].path, path);
    config_free(&c);
}

static void test_samples_are_named_in_one_way(void **state)
{
    (void)state;
    assert_files_refused("{\"train\": {}}", "train",
                         "expected one of {\"x\", \"y\"}, {\"path\"} and {\"inline\"}, got none of "
                         "them");
    assert_files_refused(
        "{\"train\": {\"x\": \"a\", \"path\": \"b\"}}", "train",
        "expected one of {\"x\", \"y\"}, {\"path\"} and {\"inline\"}, got several");
    assert_files_refused("{\"train\": {\"x\": \"a\"}}", "train", "missing key \"y\"");
    assert_files_refused("{\"train\": {\"y\": \"a\"}}", "train", "missing key \"x\"");
    assert_files_refused("{\"train\": {\"x\": 5, \"y\": \"a\"}}", "train.x",
                         "expected text, got 5");
    assert_files_refused("{\"train\": 5}", "train", "expected an object, got 5");
}

static void write_pair(void)
{
    const uint32_t images[] = {2, 2, 2}, labels[] = {2};

    put_idx(&b, 0x08, 3, images);
    put(&b, "\1\2\3\4\5\6\7\10", 8);
    write_file("x.idx", b.at, b.len);
    put_idx(&b, 0x08, 1, labels);
    put(&b, "\0\1", 2);
    write_file("y.idx", b.at, b.len);
}

static void test_the_format_must_go_with_the_keys(void **state)
{
    static const char *const cases[] = {
        "{\"format\": \"csv\", \"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}}",
        "{\"format\": \"inline\", \"train\": {\"path\": \"t.csv\"}}",
        "{\"format\": \"idx\", \"train\": {\"inline\": {}}}"};
    static const char *const names[] = {"csv", "inline", "idx"}, *const column[] = {"28", "31",
                                                                                    "28"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char msg[256], where[40];

        snprintf(msg, sizeof msg,
                 "train: format \"%s\" does not go with these keys: x and y name array files, path "
                 "a CSV file, inline holds samples",
                 names[i]);
        snprintf(where, sizeof where, "c.json:1:%s", column[i]);
        assert_refused(cases[i], NN_ECONFIG, where, msg);
    }
}

static void test_a_given_array_format_is_kept_to(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    write_pair();
    assert_ok(load_json(&d,
                        "{\"format\": \"idx\", \"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}}",
                        &err),
              err);
    nn_dataset_free(d);
    assert_refused("{\"format\": \"npy\", \"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}}",
                   NN_EDATA, "x.idx", "not an NPY file: begins with 00 00 08 03");
}

static void test_paths_are_relative_to_the_directory_given(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    config c;

    (void)state;
    write_pair();
    config_read(&c, "{\"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}}");
    c.how.dir = "./.";
    assert_ok(config_load(&d, &c, &err), err);
    assert_string_equal(d->name, "././x.idx");
    nn_dataset_free(d);
    c.how.dir = "elsewhere";
    assert_int_equal(config_load(&d, &c, &err), NN_EFILE);
    assert_string_equal(err.where, "elsewhere/x.idx");
    config_free(&c);
}

static void test_images_keep_their_shape_or_take_another(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    write_pair();
    assert_ok(load_json(&d, "{\"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}}", &err), err);
    assert_int_equal(d->shape.rank, 2);
    assert_non_null(d->bytes);
    assert_int_equal(nn_dataset_value(d, 7), 8);
    nn_dataset_free(d);
    assert_ok(load_json(&d,
                        "{\"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}, \"shape\": [2, 2, 1]}",
                        &err),
              err);
    assert_int_equal(d->shape.rank, 3);
    nn_dataset_free(d);
    assert_refused("{\"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}, \"shape\": [2, 3]}", NN_EDATA,
                   "x.idx", "samples of shape [2, 2] (4 values), expected the shape [2, 3] (6)");
}

static void test_doubles_beyond_float_are_refused_as_samples(void **state)
{
    const uint32_t dim[] = {2, 2};

    (void)state;
    write_pair();
    put_idx(&b, 0x0E, 2, dim);
    put_f64(&b, 1);
    put_f64(&b, 2);
    put_f64(&b, -1e39);
    put_f64(&b, 3);
    write_file("x.idx", b.at, b.len);
    assert_refused("{\"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}}", NN_EDATA, "x.idx",
                   "element 2 (sample 1) is out of the range of float32");
}

static void test_doubles_become_floats(void **state)
{
    const uint32_t dim[] = {2, 1};
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    write_pair();
    put_idx(&b, 0x0E, 2, dim);
    put_f64(&b, 0.1);
    put_f64(&b, -3e38);
    write_file("x.idx", b.at, b.len);
    assert_ok(load_json(&d, "{\"train\": {\"x\": \"x.idx\", \"y\": \"y.idx\"}}", &err), err);
    assert_float_equal(d->numbers[0], 0.1f, 0);
    assert_float_equal(nn_dataset_value(d, 1), (double)-3e38f, 0);
    nn_dataset_free(d);
}

static void peek(const char *json, nn_code code, const char *shape, size_t rows, uint64_t bytes,
                 const char *msg)
{
    nn_shape found = {0};
    nn_files files = {0};
    char text[NN_SHAPE_TEXT];
    nn_data_size size = {99, 99};
    nn_err err = {0};
    config c;

    config_read(&c, json);
    nn_files_read(c.data.train, &files);
    assert_int_equal(nn_dataset_peek(&found, &size, &files, &c.how, &err), code);
    if (code == NN_OK) {
        assert_string_equal(nn_shape_text(text, &found), shape);
        assert_int_equal(size.rows, rows);
        assert_int_equal(size.bytes, bytes);
    } else {
        assert_string_equal(err.msg, msg);
    }
    config_free(&c);
}

static void test_peeking_reads_headers_only(void **state)
{
    (void)state;
    write_pair();
    b.len = 0;
    put(&b,
        "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02"
        "12345678",
        24);
    write_file("x.idx", b.at, b.len);
    peek("{\"train\": {\"x\": \"x.idx\", \"y\": \"none\"}}", NN_OK, "[2, 2]", 2, 2 * (4 + 4), NULL);
    peek("{\"train\": {\"x\": \"x.idx\", \"y\": \"none\"}, \"shape\": [4]}", NN_OK, "[4]", 2,
         2 * (4 + 4), NULL);
    peek("{\"train\": {\"x\": \"x.idx\", \"y\": \"none\"}, \"shape\": [5]}", NN_EDATA, NULL, 0, 0,
         "samples of shape [2, 2] (4 values), expected the shape [5] (5)");
    write_text("t.csv", "a,b,c\nbad");
    peek("{\"train\": {\"path\": \"t.csv\"}}", NN_EDATA, NULL, 0, 0, "expected 3 fields, got 1");
    write_text("t.csv", "a,b,c\n1,2,x\n3,bad,y\n");
    peek("{\"train\": {\"path\": \"t.csv\"}}", NN_OK, "[2]", 0, 0, NULL);
    peek("{\"train\": {\"path\": \"t.csv\"}, \"shape\": [2, 1]}", NN_OK, "[2, 1]", 0, 0, NULL);
    peek("{\"train\": {\"inline\": {\"x\": [[1, 2, 3], [4]], \"y\": []}}}", NN_OK, "[3]", 2,
         2 * (12 + 4), NULL);
    peek("{\"format\": \"csv\", \"train\": {\"x\": \"x.idx\", \"y\": \"none\"}}", NN_ECONFIG, NULL,
         0, 0,
         "train: format \"csv\" does not go with these keys: x and y name array files, path a CSV "
         "file, inline holds samples");
}

/* A model of a table with the columns "a" and "b" and the target "kind". */
typedef struct model {
    nn_prep prep;
    nn_encoder encoder;
    nn_encoded column[2];
    char *target[1];
    char a[2], b[2], kind[5];
    nn_load how;
    nn_data_conf conf;
} model;

static void make_model(model *m, bool named)
{
    memset(m, 0, sizeof *m);
    strcpy(m->a, "a");
    strcpy(m->b, "b");
    strcpy(m->kind, "kind");
    m->column[0] = (nn_encoded){.name = m->a, .place = 0, .at = 0, .width = 1};
    m->column[1] = (nn_encoded){.name = m->b, .place = 1, .at = 1, .width = 1};
    m->target[0] = m->kind;
    m->encoder = (nn_encoder){.column = m->column, .count = 2, .features = 2, .file_columns = 4};
    m->prep.shape = nn_shape_1(2);
    m->prep.task = NN_TASK_REGRESSION;
    if (named) {
        m->prep.encoder = &m->encoder;
        m->prep.targets = (nn_classes){m->target, 1};
        m->prep.target_column = m->kind;
    }
    nn_prep_load(&m->prep, &m->how, &m->conf);
    m->how.targets_optional = true;
}

static void input(const char *text, bool named, const float *expected, size_t rows, const char *msg)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    model m;

    make_model(&m, named);
    write_text("in.csv", text);
    if (msg != NULL) {
        assert_int_equal(nn_dataset_load_input(&d, "in.csv", -1, &m.how, &err), NN_EDATA);
        assert_string_equal(err.msg, msg);
        return;
    }
    assert_ok(nn_dataset_load_input(&d, "in.csv", -1, &m.how, &err), err);
    assert_int_equal(d->rows, rows);
    assert_int_equal(nn_shape_len(&d->shape), 2);
    assert_memory_equal(d->numbers, expected, 2 * rows * sizeof *expected);
    assert_null(d->label);
    assert_null(d->value);
    nn_dataset_free(d);
}

static void test_input_columns_are_found_by_name_in_any_order(void **state)
{
    static const float expected[] = {1, 2, 3, 4};

    (void)state;
    input("a,b\n1,2\n3,4\n", true, expected, 2, NULL);
    input("b,id,a\n2,x,1\n4,y,3\n", true, expected, 2, NULL);
    input("kind,b,a\nwhat,2,1\never,4,3\n", true, expected, 2, NULL);
    input("b,id,id,a\n2,x,y,1\n4,y,z,3\n", true, expected, 2, NULL); /* others may be alike */
    input("b,c\n2,1\n", true, NULL, 0,
          "missing the column \"a\" (1 of 2 are there); not in the model: \"c\"");
    input("a,b,a\n2,1,1\n", true, NULL, 0, "the columns 1 and 3 are both named \"a\"");
}

static void test_input_without_names_is_counted(void **state)
{
    static const float expected[] = {1, 2, 3, 4};

    (void)state;
    input("1,2\n3,4\n", true, expected, 2, NULL);
    input("1,2\n3,4\n", false, expected, 2, NULL);
    input("u,v\n1,2\n3,4\n", false, expected, 2, NULL);
    input("1,2,9,9\n3,4,9,9\n", true, expected, 2, NULL); /* as many as it was trained with */
    input("1,2,3\n", true, NULL, 0, "expected 2 feature columns, got 3");
    input("1,2,3\n", false, NULL, 0, "expected 2 feature columns, got 3");
    input("1\n", false, NULL, 0, "expected 2 feature columns, got 1");
    input("u,v,w\n1,2,3\n", false, NULL, 0, "expected 2 feature columns, got 3");
}

static void test_a_header_that_names_the_config_target_allows_one_more_column(void **state)
{
    static const float expected[] = {1, 2};
    nn_dataset *d = NULL;
    nn_err err = {0};
    config c;

    (void)state;
    config_read(&c, "{\"train\": {\"path\": \"-\"}, \"target\": \"kind\", \"shape\": [2]}");
    c.how.targets_optional = true;
    write_text("in.csv", "u,kind,v\n1,x,2\n");
    assert_ok(nn_dataset_load_input(&d, "in.csv", -1, &c.how, &err), err);
    assert_memory_equal(d->numbers, expected, sizeof expected);
    nn_dataset_free(d);
    config_free(&c);
}

static void test_input_may_be_an_array(void **state)
{
    const uint32_t dim[] = {2, 2}, wrong[] = {2, 3};
    nn_dataset *d = NULL;
    nn_err err = {0};
    model m;

    (void)state;
    make_model(&m, true);
    put_idx(&b, 0x08, 2, dim);
    put(&b, "\1\2\3\4", 4);
    write_file("in", b.at, b.len);
    assert_ok(nn_dataset_load_input(&d, "in", -1, &m.how, &err), err);
    assert_int_equal(d->bytes[3], 4);
    assert_int_equal(d->files, 1);
    nn_dataset_free(d);
    put_idx(&b, 0x08, 2, wrong);
    put(&b, "\1\2\3\4\5\6", 6);
    write_file("in", b.at, b.len);
    assert_int_equal(nn_dataset_load_input(&d, "in", -1, &m.how, &err), NN_EDATA);
    assert_null(d);
    assert_string_equal(err.msg, "samples of shape [3] (3 values), expected the shape [2] (2)");
}

static void test_input_may_come_from_a_descriptor(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    model m;
    int fd = -1;

    (void)state;
    make_model(&m, true);
    write_text("in.csv", "b,a\n2,1\n");
    fd = open("in.csv", O_RDONLY);
    assert_true(fd >= 0);
    assert_ok(nn_dataset_load_input(&d, NULL, fd, &m.how, &err), err);
    assert_float_equal(d->numbers[0], 1, 0);
    assert_string_equal(d->name, "<stdin>");
    nn_dataset_free(d);
    close(fd);
    write_text("in.csv", "a,b\n1,2\n3,x\n");
    fd = open("in.csv", O_RDONLY);
    assert_int_equal(nn_dataset_load_input(&d, NULL, fd, &m.how, &err), NN_EDATA);
    assert_string_equal(err.where, "<stdin>:3");
    close(fd);
    assert_int_equal(nn_dataset_load_input(&d, "none", -1, &m.how, &err), NN_EFILE);
    assert_string_equal(err.where, "none");
    assert_string_equal(err.msg, "cannot open: No such file or directory");
}

/* Loads a table for the model, as `eval` does. */
static nn_code load_for_model(nn_dataset **out, model *m, const char *text, nn_err *err)
{
    const nn_files files = {.path = "in.csv"};

    write_text("in.csv", text);
    *out = NULL;
    return nn_dataset_load(out, &files, &m->how, err);
}

static void test_more_rows_for_a_model_have_targets_by_name(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    model m;

    (void)state;
    make_model(&m, true);
    m.how.targets_optional = false;
    assert_ok(load_for_model(&d, &m, "kind,id,b,a\n0.5,x,2,1\n", &err), err);
    assert_float_equal(d->numbers[0], 1, 0);
    assert_float_equal(d->value[0], 0.5, 0);
    assert_string_equal(d->target_column, "kind");
    nn_dataset_free(d);
    assert_int_equal(load_for_model(&d, &m, "id,b,a\nx,2,1\n", &err), NN_EDATA);
    assert_string_equal(err.msg, "missing the target column \"kind\"");
    assert_ok(load_for_model(&d, &m, "1,2,0.5\n", &err), err); /* no header: by position */
    assert_float_equal(d->value[0], 0.5, 0);
    nn_dataset_free(d);
}

static void test_targets_that_may_be_absent_are_read_when_they_are_there(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    model m;

    (void)state;
    make_model(&m, false);
    assert_ok(load_for_model(&d, &m, "1,2,0.5\n", &err), err);
    assert_float_equal(d->value[0], 0.5, 0);
    nn_dataset_free(d);
    assert_ok(load_for_model(&d, &m, "1,2\n", &err), err);
    assert_null(d->value);
    nn_dataset_free(d);
    make_model(&m, true);
    assert_ok(load_for_model(&d, &m, "a,b\n1,2\n", &err), err);
    assert_null(d->value);
    nn_dataset_free(d);
}

static void test_samples_without_targets_need_leave(void **state)
{
    const nn_files files = {.x = "x.idx"};
    nn_dataset *d = NULL;
    nn_err err = {0};
    nn_data_conf conf = {0};
    nn_load how = {.conf = &conf};

    (void)state;
    write_pair();
    assert_int_equal(nn_dataset_load(&d, &files, &how, &err), NN_EDATA);
    assert_string_equal(err.msg, "samples without a file of targets");
    how.targets_optional = true;
    assert_ok(nn_dataset_load(&d, &files, &how, &err), err);
    assert_null(d->label);
    nn_dataset_free(d);
}

static void test_a_shape_too_large_to_count_is_refused(void **state)
{
    const nn_files files = {.x = "x.idx"};
    nn_data_conf conf = {.shape = {3, {1 << 30, 1 << 30, 1 << 30}}};
    const nn_load how = {.conf = &conf, .targets_optional = true};
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    assert_int_equal(nn_dataset_load(&d, &files, &how, &err), NN_ECONFIG);
    assert_string_equal(err.msg, "data.shape: [1073741824, 1073741824, 1073741824] has more than "
                                 "2147483647 elements");
    conf = (nn_data_conf){.format = 1};
    const nn_files table = {.path = "t.csv"};
    assert_int_equal(nn_dataset_load(&d, &table, &how, &err), NN_ECONFIG);
    assert_string_equal(err.msg, "format \"idx\" does not go with these keys: x and y name array "
                                 "files, path a CSV file, inline holds samples");
}

static void test_the_words_of_formats_are_those_of_the_family(void **state)
{
    (void)state;
    assert_string_equal(nn_format_words[0], "auto");
    assert_string_equal(nn_format_words[1], nn_array_formats.kinds[0]->name);
    assert_string_equal(nn_format_words[2], nn_array_formats.kinds[1]->name);
    assert_null(nn_array_formats.kinds[2]);
    assert_string_equal(nn_format_words[3], "csv");
    assert_string_equal(nn_format_words[4], "text");
    assert_string_equal(nn_format_words[5], "inline");
    assert_null(nn_format_words[6]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_samples_are_named_in_one_way),
        TEST(test_the_format_must_go_with_the_keys),
        TEST(test_a_given_array_format_is_kept_to),
        TEST(test_paths_are_relative_to_the_directory_given),
        TEST(test_images_keep_their_shape_or_take_another),
        TEST(test_doubles_beyond_float_are_refused_as_samples),
        TEST(test_doubles_become_floats),
        TEST(test_peeking_reads_headers_only),
        TEST(test_input_columns_are_found_by_name_in_any_order),
        TEST(test_input_without_names_is_counted),
        TEST(test_a_header_that_names_the_config_target_allows_one_more_column),
        TEST(test_input_may_be_an_array),
        TEST(test_input_may_come_from_a_descriptor),
        TEST(test_more_rows_for_a_model_have_targets_by_name),
        TEST(test_targets_that_may_be_absent_are_read_when_they_are_there),
        TEST(test_samples_without_targets_need_leave),
        TEST(test_a_shape_too_large_to_count_is_refused),
        TEST(test_the_words_of_formats_are_those_of_the_family),
    };

    return nn_test_main(argc, argv, tests);
}
