/* Reading tables in chunks, by any number of threads, from files, lists of files and pipes. */
#include "support/nn_test.h"

#include <math.h>
#include <unistd.h>

#include "base/mem.h"
#include "data/csv_cut.h"
#include "data/encoder.h"
#include "data/prep.h"
#include "data/support/files.h"

/* ---- ends of records ---- */

static void test_records_are_cut_at_line_feeds_outside_quotes(void **state)
{
    static const char text[] = "a,b\n\"x\ny\",2\n\"\"\"\n\",3\n4,5";
    const size_t len = sizeof text - 1;

    (void)state;
    assert_int_equal(nn_csv_cut(text, len, 0, 0), 4);
    assert_int_equal(nn_csv_cut(text, len, 0, 3), 4);
    assert_int_equal(nn_csv_cut(text, len, 0, 4), 12);
    assert_int_equal(nn_csv_cut(text, len, 4, 7), 12); /* inside quotes */
    assert_int_equal(nn_csv_cut(text, len, 12, 13), 20);
    assert_int_equal(nn_csv_cut(text, len, 20, 20), 0);
    assert_int_equal(nn_csv_cut_last(text, len), 20);
    assert_int_equal(nn_csv_cut_last(text, 19), 12);
    assert_int_equal(nn_csv_cut_last(text, 3), 0);
    assert_int_equal(nn_csv_cut_last("\"a\n", 3), 0);
    assert_int_equal(nn_csv_cut_last("", 0), 0);
    assert_int_equal(nn_csv_count_lines(text, len), 5);
}

/* ---- many rows ---- */

/* Rows of numbers, a word or none, and a text that now and then holds line feeds and quotes. */
static void put_table(nn_buf *text, int rows, bool quoted)
{
    nn_buf_put(text, "a,b,c,d,y\n");
    for (int i = 0; i < rows; i++) {
        const char *const q = quoted ? "\"" : "";

        nn_buf_printf(text, "%s%d%s,%s%d.%03d%s,%s", q, i, q, q, i % 97, i % 1000, q, q);
        if (i % 7 != 3)
            nn_buf_printf(text, "w%d", i % 11);
        nn_buf_printf(text, "%s,", q);
        if (i % 50 == 7)
            nn_buf_printf(text, "\"%d\n\"\"%d\"\"\n,\",", i % 3, i % 5);
        else
            nn_buf_printf(text, "%splain%s,", q, q);
        nn_buf_printf(text, "%s%d%s\n", q, i % 10, q);
    }
}

#define BIG                                                                                        \
    "{\"train\": {\"path\": \"t.csv\"}, \"columns\": {\"c\": {\"impute\": \"constant\", "          \
    "\"value\": \"none\"}}, "                                                                      \
    "\"id\": \"a\"}"

static nn_dataset *load_with(const char *json, int threads)
{
    nn_dataset *d = NULL;
    nn_err err = {0};
    config c;

    config_read(&c, json);
    c.how.threads = threads;
    assert_ok(config_load(&d, &c, &err), err);
    config_free(&c);
    return d;
}

static void assert_same(const nn_dataset *a, const nn_dataset *b)
{
    assert_int_equal(a->rows, b->rows);
    assert_true(nn_shape_equal(&a->shape, &b->shape));
    assert_memory_equal(a->numbers, b->numbers, a->rows * nn_shape_len(&a->shape) * sizeof(float));
    assert_memory_equal(a->label, b->label, a->rows * sizeof *a->label);
    assert_string_equal(nn_dataset_id(a, a->rows - 1), nn_dataset_id(b, b->rows - 1));
}

static void test_any_number_of_threads_reads_the_same(void **state)
{
    const int rows = 260000; /* several windows of several chunks */
    nn_dataset *first = NULL;
    nn_buf text = {0};
    uint64_t lines = 2;

    (void)state;
    put_table(&text, rows, false);
    write_file("t.csv", text.data, text.len);
    first = load_with(BIG, 1);
    assert_int_equal(first->rows, rows);
    for (int i = 0; i < rows; i++) {
        const float b = (float)(i % 97 + i % 1000 / 1000.0);

        if (fabsf(first->numbers[(size_t)i * nn_shape_len(&first->shape)] - b) > 1e-5f ||
            first->line[i] != lines || first->label[i] != i % 10)
            fail_msg("row %d", i);
        lines += i % 50 == 7 ? 3 : 1;
    }
    for (int threads = 2; threads <= 3; threads++) {
        nn_dataset *d = load_with(BIG, threads);

        assert_same(first, d);
        assert_memory_equal(first->line, d->line, first->rows * sizeof *d->line);
        nn_dataset_free(d);
    }
    nn_dataset_free(first);
    nn_buf_free(&text);
}

static void test_quotes_around_everything_change_nothing(void **state)
{
    nn_buf plain = {0}, quoted = {0};
    nn_dataset *a = NULL, *b = NULL;

    (void)state;
    put_table(&plain, 2000, false);
    put_table(&quoted, 2000, true);
    write_file("t.csv", plain.data, plain.len);
    a = load_with(BIG, 1);
    write_file("t.csv", quoted.data, quoted.len);
    b = load_with(BIG, 1);
    assert_same(a, b);
    nn_dataset_free(a);
    nn_dataset_free(b);
    nn_buf_free(&plain);
    nn_buf_free(&quoted);
}

static void test_the_first_fault_of_the_file_is_named_whoever_finds_one(void **state)
{
    static const char *const fault[] = {"oops,1.0,w,x,1\n", "1,2,3\n", "1,1,w,a\"b,1\n",
                                        "1,2,w,\"x\"y,1\n", "1,2,w,x,\n"};
    static const char *const msg[] = {
        "column \"a\": the column is not numeric: expected a number, got \"oops\"",
        "expected 5 fields, got 3", "a quote inside a field that does not begin with one",
        "text after a closing quote", "column \"y\": a missing target, got \"\""};
    nn_buf rows = {0};

    (void)state;
    put_table(&rows, 60000, false);
    for (size_t k = 0; k < sizeof fault / sizeof fault[0]; k++) {
        const size_t at = nn_csv_cut(rows.data, rows.len, 0, rows.len * (k + 1) / 7);
        const uint64_t line = nn_csv_count_lines(rows.data, at) + 1;
        nn_buf text = {0};
        char where[32];

        nn_buf_add(&text, rows.data, at);
        nn_buf_put(&text, fault[k]);
        nn_buf_add(&text, rows.data + at, rows.len - at);
        nn_buf_put(&text, "1,2\n"); /* another one, later */
        write_file("t.csv", text.data, text.len);
        nn_buf_free(&text);
        for (int threads = 1; threads <= 2; threads++) {
            nn_dataset *d = NULL;
            nn_err err = {0};
            config c;

            config_read(
                &c,
                "{\"train\": {\"path\": \"t.csv\"}, \"columns\": {\"c\": {\"impute\": \"mode\"}}}");
            c.how.threads = threads;
            assert_int_equal(config_load(&d, &c, &err), NN_EDATA);
            assert_string_equal(err.msg, msg[k]);
            snprintf(where, sizeof where, "t.csv:%llu", (unsigned long long)line);
            assert_memory_equal(err.where, where, strlen(where));
            config_free(&c);
        }
    }
    nn_buf_free(&rows);
}

static void test_a_quote_that_is_never_closed_costs_no_memory(void **state)
{
    const size_t len = 24 << 20;
    char *text = malloc(len);
    const uint64_t before = nn_mem_read().live;
    nn_err err = {0};
    nn_dataset *d = NULL;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', len);
    for (size_t i = 60; i < len; i += 60)
        text[i] = '\n';
    memcpy(text, "a,y\n1,2\n\"", 9);
    write_file("t.csv", text, len);
    free(text);
    assert_int_equal(load_json(&d, "{\"train\": {\"path\": \"t.csv\"}}", &err), NN_EDATA);
    assert_string_equal(err.where, "t.csv:3:1");
    assert_string_equal(err.msg, "field over 131072 bytes; is this quote ever closed?");
    assert_int_equal(nn_mem_read().live, before);
    assert_true(nn_mem_read().peak < 16 << 20); /* it is the first test */
}

static void test_records_longer_than_a_window_are_read(void **state)
{
    const int columns = 700000;
    nn_buf text = {0};
    nn_dataset *d = NULL;

    (void)state;
    for (int row = 0; row < 2; row++)
        for (int i = 0; i < columns; i++)
            nn_buf_printf(&text, "%d.125%c", i % 10, i + 1 == columns ? '\n' : ',');
    write_file("t.csv", text.data, text.len);
    nn_buf_free(&text);
    d = load_with("{\"train\": {\"path\": \"t.csv\"}}", 2);
    assert_int_equal(d->rows, 2);
    assert_int_equal(nn_shape_len(&d->shape), columns - 1);
    assert_float_equal(d->numbers[2 * (columns - 1) - 1], (float)((columns - 2) % 10) + 0.125f, 0);
    nn_dataset_free(d);
}

static void test_blank_lines_are_fine_only_at_the_end(void **state)
{
    nn_dataset *d = NULL;

    (void)state;
    write_text("t.csv", "a,y\n1,0\n2,1\n\n\r\n\n");
    d = load_with("{\"train\": {\"path\": \"t.csv\"}}", 1);
    assert_int_equal(d->rows, 2);
    nn_dataset_free(d);
    write_text("t.csv", "a,y\n1,0\n\n\n2,1\n");
    assert_refused("{\"train\": {\"path\": \"t.csv\"}}", NN_EDATA, "t.csv:3",
                   "a blank line between records");
}

static void test_numbers_in_every_way_of_writing_are_the_same_fast_and_carefully(void **state)
{
    static const char *const field[] = {"0",
                                        "7",
                                        "-7",
                                        "+7",
                                        "1234567",
                                        "12345678",
                                        "1.5",
                                        ".5",
                                        "5.",
                                        "-0.25",
                                        "1e3",
                                        "1E-3",
                                        "3.4028234e38",
                                        "16777217",
                                        "0.1",
                                        " 2 ",
                                        "\t3",
                                        "1e-50",
                                        "123456789012345678901"};
    const int count = sizeof field / sizeof field[0];
    nn_buf text = {0};
    nn_dataset *d = NULL;

    (void)state;
    for (int i = 0; i < count; i++)
        nn_buf_printf(&text, "%s,\"%s\",0.5\n", field[i], field[i]);
    write_file("t.csv", text.data, text.len);
    nn_buf_free(&text);
    d = load_with("{\"train\": {\"path\": \"t.csv\"}}", 1);
    for (int i = 0; i < count; i++) {
        assert_memory_equal(&d->numbers[2 * i], &d->numbers[2 * i + 1], sizeof(float));
        assert_float_equal(d->numbers[2 * i], strtof(field[i], NULL), 0);
    }
    nn_dataset_free(d);
}

static void test_numbers_too_small_are_counted(void **state)
{
    nn_dataset *d = NULL;

    (void)state;
    write_text("t.csv", "1e-999,0\n1,1\n\"1e-400\",0\n-1e-60,0\n0.0,1\n1e-40,1\n1.2e-38,0\n");
    d = load_with("{\"train\": {\"path\": \"t.csv\"}}", 1);
    assert_int_equal(d->tiny, 4);
    assert_float_equal(d->numbers[0], 0, 0);
    assert_float_equal(d->numbers[3], 0, 0);
    assert_float_equal(d->numbers[5], 0, 0);
    assert_true(d->numbers[6] > 0);
    nn_dataset_free(d);
}

static void test_the_ways_of_real_files_read_the_same(void **state)
{
    static const char *const text[] = {"a,c,y\n1,u,0\n2,v,1\n3,w,0\n",
                                       "a,c,y\n1,u,0\n2,v,1\n3,w,0",
                                       "a,c,y\r\n1,u,0\r\n2,v,1\r\n3,w,0\r\n",
                                       "a,c,y\r\n1,u,0\n2,v,1\r\n3,w,0",
                                       ("\xEF\xBB\xBF"
                                        "a,c,y\n1,u,0\n2,v,1\n3,w,0\n"),
                                       "a;c;y\n1;u;0\n2;v;1\n3;w;0\n",
                                       "a\tc\ty\n1\tu\t0\n2\tv\t1\n3\tw\t0\n",
                                       "\"a\",\"c\",\"y\"\n\"1\",\"u\",\"0\"\n2,v,1\n3,w,0\n",
                                       "a,c,y\n 1 , u,0\n2,v ,1\n3,\"w\",0\n"};
    nn_dataset *first = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        nn_dataset *d = NULL;

        write_text("t.csv", text[i]);
        d = load_with("{\"train\": {\"path\": \"t.csv\"}}", 1);
        if (i == 0) {
            first = d;
            continue;
        }
        assert_memory_equal(first->numbers, d->numbers, 12 * sizeof(float));
        assert_memory_equal(first->label, d->label, 3 * sizeof *d->label);
        assert_string_equal(d->column[1], "c=u");
        nn_dataset_free(d);
    }
    nn_dataset_free(first);
}

/* ---- headers ---- */

static void test_a_name_that_the_config_uses_makes_a_header(void **state)
{
    nn_dataset *d = NULL;

    (void)state;
    write_text("t.csv", "cap,odor,class\nflat,none,e\nround,foul,p\n");
    d = load_with("{\"train\": {\"path\": \"t.csv\"}, \"target\": \"class\"}", 1);
    assert_int_equal(d->rows, 2);
    assert_string_equal(d->column[0], "cap");
    nn_dataset_free(d);
}

/* ---- several files ---- */

#define FILES "{\"train\": {\"path\": [\"a.csv\", \"b.csv\"]}}"

static void test_several_files_are_one_table(void **state)
{
    char where[NN_WHERE_SIZE];
    nn_dataset *d = NULL;

    (void)state;
    write_text("a.csv", "a,y\n1,0\n2,1\n");
    write_text("b.csv", "a,y\r\n3,0\r\n");
    d = load_with(FILES, 1);
    assert_int_equal(d->rows, 3);
    assert_float_equal(d->numbers[2], 3, 0);
    assert_int_equal(d->files, 2);
    assert_string_equal(d->file[1].path, "b.csv");
    assert_int_equal(d->file[1].id.bytes, 10);
    assert_string_equal(nn_dataset_where(d, 1, where), "a.csv:3");
    assert_string_equal(nn_dataset_where(d, 2, where), "b.csv:2");
    nn_dataset_free(d);
    write_text("b.csv", "a,z\n3,0\n");
    assert_refused(FILES, NN_EDATA, "b.csv", "column 2: expected \"y\" as in a.csv, got \"z\"");
    write_text("b.csv", "3,0\n4,1\n");
    assert_refused(FILES, NN_EDATA, "b.csv", "expected a header as in a.csv, got none");
    write_text("b.csv", "a,y,z\n3,0,1\n");
    assert_refused(FILES, NN_EDATA, "b.csv", "expected 2 columns as in a.csv, got 3");
    write_text("b.csv", "a,y\n3,\n");
    assert_refused(FILES, NN_EDATA, "b.csv:2", "column \"y\": a missing target, got \"\"");
    write_text("b.csv", "a,y\n3,-1.5\n");
    assert_refused("{\"train\": {\"path\": [\"a.csv\", \"b.csv\"]}, \"task\": \"binary\"}",
                   NN_EDATA, "b.csv:2",
                   "column \"y\": expected a class number (a whole number from 0), got -1.5");
}

static void test_paths_are_texts(void **state)
{
    static const struct {
        const char *json, *msg;
    } cases[] = {
        {"{\"train\": {\"path\": 7}}", "train.path: expected text, or a list of texts, got 7"},
        {"{\"train\": {\"path\": []}}",
         "train.path: expected text, or a list of texts, got an empty list"},
        {"{\"train\": {\"path\": [\"a.csv\", 7]}}", "train.path[1]: expected text, got 7"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        nn_dataset *d = NULL;
        nn_err err = {0};

        assert_int_equal(load_json(&d, cases[i].json, &err), NN_ECONFIG);
        assert_string_equal(err.msg, cases[i].msg);
    }
}

/* ---- rows from a pipe ---- */

static void test_rows_from_a_pipe_come_as_they_come_in(void **state)
{
    nn_encoded column[] = {{.width = 1}, {.place = 1, .at = 1, .width = 1}};
    char a[] = "a", b[] = "b";
    nn_encoder e = {.column = column, .count = 2, .features = 2, .file_columns = 2};
    nn_data_conf conf = {0};
    const nn_load how = {.conf = &conf, .encoder = &e};
    nn_rows *rows = NULL;
    nn_dataset *d = NULL;
    nn_err err = {0};
    int fd[2], id = 0;

    (void)state;
    column[0].name = a;
    column[1].name = b;
    assert_ok(nn_words_add(&e.names, a, 1, &id, NULL, &err), err);
    assert_int_equal(pipe(fd), 0);
    assert_int_equal(write(fd[1], "b,a\n2,1\n4,", 10), 10);
    assert_ok(nn_rows_open(&rows, NULL, fd[0], &how, &err), err);
    assert_ok(nn_rows_next(rows, &d, &err), err);
    assert_int_equal(d->rows, 1); /* the second is not complete */
    assert_float_equal(d->numbers[0], 1, 0);
    assert_float_equal(d->numbers[1], 2, 0);
    nn_dataset_free(d);
    assert_int_equal(write(fd[1], "3\n6,5", 5), 5);
    assert_ok(nn_rows_next(rows, &d, &err), err);
    assert_int_equal(d->rows, 1);
    assert_float_equal(d->numbers[0], 3, 0);
    assert_int_equal(d->line[0], 3);
    nn_dataset_free(d);
    close(fd[1]);
    assert_ok(nn_rows_next(rows, &d, &err), err);
    assert_int_equal(d->rows, 1);
    assert_float_equal(d->numbers[0], 5, 0);
    nn_dataset_free(d);
    assert_ok(nn_rows_next(rows, &d, &err), err);
    assert_null(d);
    nn_rows_close(rows);
    nn_words_free(&e.names);
    close(fd[0]);
}

static void test_a_blank_line_is_remembered_until_a_row_follows(void **state)
{
    nn_data_conf conf = {.shape = nn_shape_1(2)};
    const nn_load how = {.conf = &conf, .plain = true};
    nn_rows *rows = NULL;
    nn_dataset *d = NULL;
    nn_err err = {0};
    int fd[2];

    (void)state;
    assert_int_equal(pipe(fd), 0);
    assert_int_equal(write(fd[1], "1,2\n3,4\n\n", 9), 9);
    assert_ok(nn_rows_open(&rows, NULL, fd[0], &how, &err), err);
    assert_ok(nn_rows_next(rows, &d, &err), err);
    assert_int_equal(d->rows, 2);
    nn_dataset_free(d);
    assert_int_equal(write(fd[1], "5,6\n", 4), 4);
    assert_int_equal(nn_rows_next(rows, &d, &err), NN_EDATA);
    assert_string_equal(err.where, "<stdin>:3");
    assert_string_equal(err.where, "<stdin>:3");
    assert_string_equal(err.msg, "a blank line between records");
    nn_rows_close(rows);
    close(fd[0]);
    close(fd[1]);
}

static void test_rows_of_a_file_without_an_encoder_are_numbers(void **state)
{
    nn_data_conf conf = {.shape = nn_shape_1(2)};
    const nn_load how = {.conf = &conf, .plain = true};
    nn_rows *rows = NULL;
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    write_text("in.csv", "1,2\n3,4\n\n5,6\n");
    assert_ok(nn_rows_open(&rows, "in.csv", -1, &how, &err), err);
    assert_int_equal(nn_rows_next(rows, &d, &err), NN_EDATA);
    assert_null(d);
    assert_string_equal(err.where, "in.csv:3");
    assert_string_equal(err.msg, "a blank line between records");
    nn_rows_close(rows);
    assert_int_equal(nn_rows_open(&rows, "none.csv", -1, &how, &err), NN_EFILE);
    assert_string_equal(err.where, "none.csv");
    assert_string_equal(err.msg, "cannot open: No such file or directory");
    assert_null(rows);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)

/* ---- wide tables of bytes ---- */

enum { PIXELS = 70, PICTURES = 18000 /* two windows, of many chunks */ };

static int pixel(int row, int k)
{
    return (row * 31 + k * 7) % 256;
}

/* One field is another text: that of `row`, in the column `k`; row -1: none. */
static void write_pictures(int row, int k, const char *field, bool quoted)
{
    nn_buf text = {0};

    for (int i = 0; i < PICTURES; i++) {
        for (int c = 0; c < PIXELS; c++) {
            if (i == row && c == k)
                nn_buf_printf(&text, "%s,", field);
            else if (quoted && c == i % PIXELS && i % 100 == 0)
                nn_buf_printf(&text, "\"%d\",", pixel(i, c));
            else
                nn_buf_printf(&text, "%d,", pixel(i, c));
        }
        nn_buf_printf(&text, "%d\n%s", i % 10, i == PICTURES - 1 ? "\n\n" : "");
    }
    write_file("t.csv", text.data, text.len);
    nn_buf_free(&text);
}

static void assert_pictures(const nn_dataset *d, int row, int k, float value)
{
    assert_int_equal(d->rows, PICTURES);
    assert_int_equal(nn_shape_len(&d->shape), PIXELS);
    assert_true((d->bytes == NULL) != (d->numbers == NULL));
    for (int i = 0; i < PICTURES; i++)
        for (int c = 0; c < PIXELS; c++) {
            const double is = nn_dataset_value(d, (size_t)i * PIXELS + (size_t)c);
            const double wanted = i == row && c == k ? (double)value : pixel(i, c);

            if (fabs(is - wanted) > 1e-6)
                fail_msg("row %d, column %d: %g, not %g", i, c, is, wanted);
        }
}

static void test_wide_tables_of_bytes_stay_bytes(void **state)
{
    (void)state;
    for (int quoted = 0; quoted < 2; quoted++) {
        write_pictures(-1, 0, "", quoted);
        for (int threads = 1; threads <= 3; threads += 2) {
            nn_dataset *d = load_with("{\"train\": {\"path\": \"t.csv\"}}", threads);

            assert_non_null(d->bytes);
            assert_pictures(d, -1, 0, 0);
            nn_dataset_free(d);
        }
    }
}

static void test_one_number_that_is_no_byte_makes_numbers_of_all(void **state)
{
    static const struct {
        int row, column;
        const char *field;
        float value;
    } odd[] = {{0, 0, "0.5", 0.5f},
               {500, 3, "256", 256},
               {14321, 69, "-1", -1},
               {17000, 5, "\"2.5e2\"", 250},
               {PICTURES - 1, 69, "1e9", 1e9f},
               {17500, 0, "254.99", 254.99f}};

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        write_pictures(odd[i].row, odd[i].column, odd[i].field, i % 2 == 1);
        nn_dataset *d = load_with("{\"train\": {\"path\": \"t.csv\"}}", 3);

        assert_true((d->bytes != NULL) == (odd[i].value == 250));
        assert_pictures(d, odd[i].row, odd[i].column, odd[i].value);
        nn_dataset_free(d);
    }
}

static void test_bytes_that_are_encoded_become_numbers(void **state)
{
    nn_dataset *d = NULL;

    (void)state;
    write_pictures(17990, 4, "", false);
    d = load_with("{\"train\": {\"path\": \"t.csv\"}, \"columns\": {\"4\": {\"impute\": "
                  "\"constant\", \"value\": 7}}}",
                  2);
    assert_pictures(d, 17990, 4, 7);
    nn_dataset_free(d);
    write_pictures(-1, 0, "", false);
    d = load_with("{\"train\": {\"path\": \"t.csv\"}, \"columns\": {\"4\": {\"impute\": "
                  "\"constant\", \"value\": 7}}}",
                  2);
    assert_null(d->bytes);
    assert_pictures(d, -1, 0, 0);
    nn_dataset_free(d);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_quote_that_is_never_closed_costs_no_memory),
        TEST(test_records_are_cut_at_line_feeds_outside_quotes),
        TEST(test_any_number_of_threads_reads_the_same),
        TEST(test_quotes_around_everything_change_nothing),
        TEST(test_the_first_fault_of_the_file_is_named_whoever_finds_one),
        TEST(test_records_longer_than_a_window_are_read),
        TEST(test_blank_lines_are_fine_only_at_the_end),
        TEST(test_numbers_in_every_way_of_writing_are_the_same_fast_and_carefully),
        TEST(test_numbers_too_small_are_counted),
        TEST(test_the_ways_of_real_files_read_the_same),
        TEST(test_a_name_that_the_config_uses_makes_a_header),
        TEST(test_several_files_are_one_table),
        TEST(test_paths_are_texts),
        TEST(test_rows_from_a_pipe_come_as_they_come_in),
        TEST(test_a_blank_line_is_remembered_until_a_row_follows),
        TEST(test_rows_of_a_file_without_an_encoder_are_numbers),
        TEST(test_wide_tables_of_bytes_stay_bytes),
        TEST(test_one_number_that_is_no_byte_makes_numbers_of_all),
        TEST(test_bytes_that_are_encoded_become_numbers),
    };

    return nn_test_main(argc, argv, tests);
}
