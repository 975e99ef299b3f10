/* The CSV reader: records from bytes in any pieces, what it finds by looking, what it refuses and
 * where. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "data/csv.h"
#include "data/csv_record.h"
#include "data/support/files.h"

/* Everything that a CSV text gives, as one text: names, then records, "|" between fields. */
typedef struct seen {
    nn_buf text;
    int records;
    char delimiter;
} seen;

static void note_records(seen *s, nn_csv *csv)
{
    const nn_field_text *field = NULL;
    nn_err err = {0};

    for (;;) {
        assert_ok(nn_csv_next(csv, &field, &err), err);
        if (field == NULL)
            break;
        s->records++;
        nn_buf_printf(&s->text, "%llu:", (unsigned long long)nn_csv_line(csv));
        for (int i = 0; i < nn_csv_columns(csv); i++)
            nn_buf_printf(&s->text, "%s%s", i > 0 ? "|" : "", field[i].bytes);
        nn_buf_char(&s->text, '\n');
    }
}

static void read_conf(seen *s, const char *bytes, size_t len, const nn_csv_conf *conf)
{
    nn_gz *f = NULL;
    nn_csv *csv = NULL;
    nn_err err = {0};

    memset(s, 0, sizeof *s);
    assert_ok(nn_gz_open_bytes(&f, "t.csv", bytes, len, &err), err);
    assert_ok(nn_csv_open(&csv, f, "t.csv", conf, &err), err);
    s->delimiter = nn_csv_delimiter(csv);
    if (nn_csv_names(csv) != NULL) {
        nn_buf_put(&s->text, "names:");
        for (int i = 0; i < nn_csv_columns(csv); i++)
            nn_buf_printf(&s->text, "%s%s", i > 0 ? "|" : "", nn_csv_names(csv)[i]);
        nn_buf_char(&s->text, '\n');
    }
    note_records(s, csv);
    nn_csv_close(csv);
    nn_gz_close(f);
}

static void assert_reads(const char *text, const char *expected)
{
    const nn_csv_conf conf = {0};
    seen s;

    read_conf(&s, text, strlen(text), &conf);
    assert_string_equal(s.text.data, expected);
    nn_buf_free(&s.text);
}

static nn_code read_all(const char *bytes, size_t len, const nn_csv_conf *conf, nn_err *err)
{
    const nn_field_text *field = NULL;
    nn_gz *f = NULL;
    nn_csv *csv = NULL;
    nn_code rc = nn_gz_open_bytes(&f, "t.csv", bytes, len, err);

    if (rc == NN_OK)
        rc = nn_csv_open(&csv, f, "t.csv", conf, err);
    do {
        if (rc == NN_OK)
            rc = nn_csv_next(csv, &field, err);
    } while (rc == NN_OK && field != NULL);
    nn_csv_close(csv);
    nn_gz_close(f);
    return rc;
}

static void assert_bytes_refused(const char *bytes, size_t len, const char *where, const char *msg)
{
    const nn_csv_conf conf = {0};
    const uint64_t live = nn_mem_read().live;
    nn_err err = {0};

    assert_int_equal(read_all(bytes, len, &conf, &err), NN_EDATA);
    assert_string_equal(err.msg, msg);
    assert_string_equal(err.where, where);
    assert_int_equal(nn_mem_read().live, live);
}

static void assert_text_refused(const char *text, const char *where, const char *msg)
{
    assert_bytes_refused(text, strlen(text), where, msg);
}

static void test_records_with_and_without_a_last_line_feed(void **state)
{
    (void)state;
    assert_reads("1,2\n3,4\n", "1:1|2\n2:3|4\n");
    assert_reads("1,2\n3,4", "1:1|2\n2:3|4\n");
    assert_reads("1,2\n3,", "1:1|2\n2:3|\n");
    assert_reads("5", "1:5\n");
}

static void test_line_ends_may_be_mixed(void **state)
{
    (void)state;
    assert_reads("1,2\r\n3,4\n5,6\r\n", "1:1|2\n2:3|4\n3:5|6\n");
}

static void test_quotes_protect_delimiters_line_ends_and_quotes(void **state)
{
    (void)state;
    assert_reads("1,\"a,b\"\n2,\"c\r\nd\"\n3,\"e\"\"f\"\n4,\"\"\n",
                 "1:1|a,b\n2:2|c\r\nd\n4:3|e\"f\n5:4|\n");
    assert_reads("1,\"\"\"\"\n2,\"x\"", "1:1|\"\n2:2|x\n");
}

static void test_blank_lines_at_the_end_are_nothing(void **state)
{
    (void)state;
    assert_reads("1,2\n3,4\n\n\r\n\n", "1:1|2\n2:3|4\n");
    assert_text_refused("1,2\n\n\n3,4\n", "t.csv:2", "a blank line between records");
    assert_text_refused("\n1,2\n", "t.csv:1", "a blank line between records");
}

static void test_an_empty_quoted_field_is_not_a_blank_line(void **state)
{
    (void)state;
    assert_reads("1\n\"\"\n2\n", "1:1\n2:\n3:2\n");
}

static void test_the_mark_of_utf8_is_taken_away(void **state)
{
    (void)state;
    assert_reads("\xEF\xBB\xBFx,y\n1,2\n", "names:x|y\n2:1|2\n");
}

static void test_other_encodings_are_refused_with_a_way_out(void **state)
{
    (void)state;
    assert_bytes_refused("\xFF\xFE\x31\0", 4, "t.csv",
                         "the text is UTF-16LE; convert it: iconv -f UTF-16LE -t UTF-8");
    assert_bytes_refused("\xFE\xFF\0\x31", 4, "t.csv",
                         "the text is UTF-16BE; convert it: iconv -f UTF-16BE -t UTF-8");
    assert_bytes_refused("\xFF\xFE\0\0\x31\0\0\0", 8, "t.csv",
                         "the text is UTF-32LE; convert it: iconv -f UTF-32LE -t UTF-8");
    assert_bytes_refused("\0\0\xFE\xFF\0\0\0\x31", 8, "t.csv",
                         "the text is UTF-32BE; convert it: iconv -f UTF-32BE -t UTF-8");
}

static void test_foreign_formats_are_named(void **state)
{
    (void)state;
    assert_bytes_refused("BZh91AY", 7, "t.csv", "expected CSV text, found bzip2 data");
    assert_bytes_refused("\xFD"
                         "7zXZ\0",
                         6, "t.csv", "expected CSV text, found xz data");
    assert_bytes_refused("\x28\xB5\x2F\xFD", 4, "t.csv", "expected CSV text, found Zstandard data");
    assert_bytes_refused("\x78\x9C", 2, "t.csv", "expected CSV text, found zlib data");
}

static void test_nothing_is_no_csv(void **state)
{
    (void)state;
    assert_text_refused("", "t.csv", "the file is empty");
    assert_text_refused("\n\n", "t.csv", "the file has no records");
    assert_text_refused("\xEF\xBB\xBF", "t.csv", "the file has no records");
}

static void test_bytes_that_do_not_belong_are_placed(void **state)
{
    (void)state;
    assert_bytes_refused("1,2\n3,\0\n", 8, "t.csv:2:3", "a NUL byte");
    assert_bytes_refused("1,2\n3,\"\0\"\n", 10, "t.csv:2:4", "a NUL byte");
    assert_text_refused("1,2\r3,4\n", "t.csv:1:5", "a carriage return without a line feed");
    assert_text_refused("1,2\n3,4\r", "t.csv:2:5", "a carriage return without a line feed");
    assert_bytes_refused("1\r\0", 3, "t.csv:1:3", "a carriage return without a line feed");
}

static void test_quotes_out_of_place_are_refused(void **state)
{
    (void)state;
    assert_text_refused("1,ab\"c\n", "t.csv:1:5",
                        "a quote inside a field that does not begin with one");
    assert_text_refused("1,2\n1,\"a\"b\n", "t.csv:2:6", "text after a closing quote");
    assert_text_refused("1,\"a\nbc\"x\n", "t.csv:2:4", "text after a closing quote");
    assert_text_refused("1,\"a\\\"b\"\n", "t.csv:1:7",
                        "text after a closing quote; CSV writes a quote inside quotes twice, a "
                        "backslash does not protect it");
}

static void test_an_open_quote_is_placed_where_it_opens(void **state)
{
    (void)state;
    assert_text_refused("1,2\n3,\"abc\n5,6\n", "t.csv:2:3", "this quote is never closed");
}

static void test_a_quote_never_closed_takes_bounded_memory(void **state)
{
    const size_t len = 1 << 20;
    char *text = malloc(len);
    const uint64_t before = nn_mem_read().peak;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', len);
    memcpy(text, "1,\"", 3);
    assert_bytes_refused(text, len, "t.csv:1:3",
                         "field over 131072 bytes; is this quote ever closed?");
    assert_true(nn_mem_read().peak < before + (1 << 20));
    free(text);
}

static void test_a_field_of_the_limit_is_read_and_one_more_refused(void **state)
{
    const size_t len = NN_CSV_MAX_FIELD;
    char *text = malloc(len + 4);
    const nn_csv_conf conf = {.header = NN_HEADER_NO};
    nn_err err = {0};

    (void)state;
    assert_non_null(text);
    memcpy(text, "1,", 2);
    memset(text + 2, 'x', len + 1);
    assert_ok(read_all(text, len + 2, &conf, &err), err);
    assert_int_equal(read_all(text, len + 3, &conf, &err), NN_EDATA);
    assert_string_equal(err.msg, "field over 131072 bytes");
    assert_string_equal(err.where, "t.csv:1:131073"); /* the piece that goes over the limit */
    free(text);
}

static void test_columns_are_limited(void **state)
{
    const nn_csv_conf conf = {.header = NN_HEADER_NO};
    const size_t most = NN_CSV_MAX_COLUMNS;
    char *text = malloc(most + 1);
    nn_err err = {0};

    (void)state;
    assert_non_null(text);
    memset(text, ',', most);
    assert_ok(read_all(text, most - 1, &conf, &err), err);
    assert_int_equal(read_all(text, most, &conf, &err), NN_EDATA);
    assert_string_equal(err.msg, "more than 1000000 columns");
    free(text);
}

static void test_every_record_has_the_width_of_the_first(void **state)
{
    (void)state;
    assert_text_refused("1,2,3\n4,5\n", "t.csv:2", "expected 3 fields, got 2");
    assert_text_refused("1,2\n4,5\n6,7,8\n", "t.csv:3", "expected 2 fields, got 3");
    assert_text_refused("1,2\n4,5,\n", "t.csv:2",
                        "expected 2 fields, got 3; the line ends with a delimiter");
    assert_text_refused("1,\"a\n\nb\"\n4\n", "t.csv:4", "expected 2 fields, got 1");
}

static void assert_delimiter(const char *text, char expected)
{
    const nn_csv_conf conf = {0};
    seen s;

    read_conf(&s, text, strlen(text), &conf);
    assert_int_equal(s.delimiter, expected);
    nn_buf_free(&s.text);
}

static void test_the_delimiter_is_found_by_looking(void **state)
{
    (void)state;
    assert_delimiter("1,2\n3,4\n", ',');
    assert_delimiter("1;2\n3;4\n", ';');
    assert_delimiter("1\t2\n3\t4\n", '\t');
    assert_delimiter("1\n2\n", ',');
    assert_delimiter("1,5;2,5\n3,5;4,5\n", ';');     /* decimal commas */
    assert_delimiter("\"a;b\",2\n\"d;e\",4\n", ','); /* quoted ones do not count */
    assert_delimiter("x,weight;kg,y\n1,2,3\n", ','); /* as often in the second line */
    assert_delimiter("1;2", ';');
}

static void test_a_given_delimiter_is_used(void **state)
{
    const nn_csv_conf tab = {.delimiter = "tab"}, bar = {.delimiter = "|"};
    const nn_csv_conf bad[] = {{.delimiter = "::"}, {.delimiter = "x"}, {.delimiter = ""}};
    nn_err err = {0};
    seen s;

    (void)state;
    read_conf(&s, "1,2\t3\n", 6, &tab);
    assert_string_equal(s.text.data, "1:1,2|3\n");
    nn_buf_free(&s.text);
    read_conf(&s, "1,2|3\n", 6, &bar);
    assert_string_equal(s.text.data, "1:1,2|3\n");
    nn_buf_free(&s.text);
    for (size_t i = 0; i < 3; i++) {
        char msg[128];

        assert_int_equal(read_all("1,2\n", 4, &bad[i], &err), NN_ECONFIG);
        snprintf(msg, sizeof msg,
                 "csv.delimiter: expected one of , ; | : / space or \"tab\", got \"%s\"",
                 bad[i].delimiter);
        assert_string_equal(err.msg, msg);
    }
}

static void test_a_header_is_a_name_over_a_number(void **state)
{
    (void)state;
    assert_reads("x,y\n1,2\n", "names:x|y\n2:1|2\n");
    assert_reads("width,kind\n1.5,cat\n", "names:width|kind\n2:1.5|cat\n");
    assert_reads("label,1,2\n7,0,0\n", "names:label|1|2\n2:7|0|0\n");
    assert_reads("5.1,setosa\n4.9,virginica\n", "1:5.1|setosa\n2:4.9|virginica\n");
    assert_reads("cat,x\ndog,y\n", "1:cat|x\n2:dog|y\n"); /* words over words tell nothing */
    assert_reads("?,3\n4,5\n", "1:?|3\n2:4|5\n");         /* a missing value is no name */
    assert_reads("NaN,3\n4,5\n", "1:NaN|3\n2:4|5\n");
    assert_reads(",3\n4,5\n", "1:|3\n2:4|5\n");
    assert_reads("x, y\n1,2\n", "names:x| y\n2:1|2\n"); /* spaces are part of a name */
}

static void test_one_record_alone_is_a_header_when_it_has_no_number(void **state)
{
    (void)state;
    assert_reads("x,y\n", "names:x|y\n");
    assert_reads("1,y\n", "1:1|y\n");
    assert_reads("1,2", "1:1|2\n");
}

static void test_a_header_can_be_told(void **state)
{
    const nn_csv_conf yes = {.header = NN_HEADER_YES}, no = {.header = NN_HEADER_NO};
    seen s;

    (void)state;
    read_conf(&s, "1,2\n3,4\n", 8, &yes);
    assert_string_equal(s.text.data, "names:1|2\n2:3|4\n");
    nn_buf_free(&s.text);
    read_conf(&s, "x,y\n3,4\n", 8, &no);
    assert_string_equal(s.text.data, "1:x|y\n2:3|4\n");
    nn_buf_free(&s.text);
}

static void test_names_are_utf8(void **state)
{
    (void)state;
    assert_reads("gr\xC3\xB6\xC3\x9F"
                 "e,y\n1,2\n",
                 "names:gr\xC3\xB6\xC3\x9F"
                 "e|y\n2:1|2\n");
    assert_text_refused("x,gr\xF6\xDF"
                        "e\n1,2\n",
                        "t.csv:1", "the name of column 2 is not UTF-8 at byte 3");
}

static void test_fields_tell_their_column_and_quotes(void **state)
{
    const nn_csv_conf conf = {.header = NN_HEADER_NO};
    const char *text = "12,\"3\",4\n";
    const nn_field_text *field = NULL;
    char where[NN_WHERE_SIZE];
    nn_gz *f = NULL;
    nn_csv *csv = NULL;
    nn_err err = {0};

    (void)state;
    assert_ok(nn_gz_open_bytes(&f, "t.csv", text, strlen(text), &err), err);
    assert_ok(nn_csv_open(&csv, f, "t.csv", &conf, &err), err);
    assert_ok(nn_csv_next(csv, &field, &err), err);
    assert_int_equal(field[0].column, 1);
    assert_int_equal(field[1].column, 4);
    assert_int_equal(field[2].column, 8);
    assert_false(field[0].quoted);
    assert_true(field[1].quoted);
    assert_int_equal(field[0].len, 2);
    assert_string_equal(nn_csv_where(csv, where), "t.csv:1");
    assert_ok(nn_csv_next(csv, &field, &err), err);
    assert_null(field);
    assert_ok(nn_csv_next(csv, &field, &err), err); /* and again */
    assert_null(field);
    nn_csv_close(csv);
    nn_gz_close(f);
}

/* Feeds a text in pieces of `step` bytes and writes down what comes out. */
static void feed_in_pieces(nn_buf *out, const char *text, size_t step)
{
    nn_csv_cursor c = {.name = "t.csv", .delimiter = ',', .line = 1};
    nn_csv_record r = {0};
    nn_err err = {0};
    const size_t len = strlen(text);

    nn_csv_record_start(&r, &c);
    for (size_t at = 0; at < len;) {
        size_t used = 0;
        bool done = false;

        assert_ok(nn_csv_record_feed(&r, &c, text + at, step < len - at ? step : len - at, &used,
                                     &done, &err),
                  err);
        at += used;
        if (!done)
            continue;
        for (size_t i = 0; i < r.count; i++)
            nn_buf_printf(out, "%d@%s|", r.field[i].column, r.field[i].bytes);
        nn_buf_printf(out, "%llu\n", (unsigned long long)r.line);
        nn_csv_record_start(&r, &c);
    }
    assert_ok(nn_csv_record_finish(&r, &c, &err), err);
    assert_int_equal(r.count, 0);
    nn_csv_record_free(&r);
}

static void test_records_do_not_depend_on_the_pieces(void **state)
{
    const char *text = "ab,\"c\"\"d\",\"e\r\nf,\"\r\n,,\n1,\"\",3\n";
    nn_buf whole = {0};

    (void)state;
    feed_in_pieces(&whole, text, strlen(text));
    assert_string_equal(whole.data, "1@ab|4@c\"d|11@e\r\nf,|1\n1@|2@|3@|3\n1@1|3@|6@3|4\n");
    for (size_t step = 1; step < strlen(text); step++) {
        nn_buf pieces = {0};

        feed_in_pieces(&pieces, text, step);
        assert_string_equal(pieces.data, whole.data);
        nn_buf_free(&pieces);
    }
    nn_buf_free(&whole);
}

static void test_a_file_larger_than_the_buffer_keeps_its_lines(void **state)
{
    const nn_csv_conf conf = {0};
    nn_buf text = {0};
    seen s;
    char last[40];

    (void)state;
    for (int i = 0; i < 30000; i++)
        nn_buf_printf(&text, "%d,\"%d\"\n", i, i % 7);
    read_conf(&s, text.data, text.len, &conf);
    assert_int_equal(s.records, 30000);
    snprintf(last, sizeof last, "30000:29999|%d\n", 29999 % 7);
    assert_string_equal(s.text.data + s.text.len - strlen(last), last);
    nn_buf_free(&text);
    nn_buf_free(&s.text);
}

static void test_a_second_line_beyond_the_buffer_is_no_trouble(void **state)
{
    nn_buf text = {0};
    const nn_csv_conf conf = {0};
    seen s;

    (void)state;
    for (int i = 0; i < 40000; i++)
        nn_buf_put(&text, i == 0 ? "1" : ",1");
    nn_buf_put(&text, "\n");
    read_conf(&s, text.data, text.len, &conf);
    assert_int_equal(s.delimiter, ',');
    assert_int_equal(s.records, 1);
    nn_buf_free(&text);
    nn_buf_free(&s.text);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records_with_and_without_a_last_line_feed),
        cmocka_unit_test(test_line_ends_may_be_mixed),
        cmocka_unit_test(test_quotes_protect_delimiters_line_ends_and_quotes),
        cmocka_unit_test(test_blank_lines_at_the_end_are_nothing),
        cmocka_unit_test(test_an_empty_quoted_field_is_not_a_blank_line),
        cmocka_unit_test(test_the_mark_of_utf8_is_taken_away),
        cmocka_unit_test(test_other_encodings_are_refused_with_a_way_out),
        cmocka_unit_test(test_foreign_formats_are_named),
        cmocka_unit_test(test_nothing_is_no_csv),
        cmocka_unit_test(test_bytes_that_do_not_belong_are_placed),
        cmocka_unit_test(test_quotes_out_of_place_are_refused),
        cmocka_unit_test(test_an_open_quote_is_placed_where_it_opens),
        cmocka_unit_test(test_a_quote_never_closed_takes_bounded_memory),
        cmocka_unit_test(test_a_field_of_the_limit_is_read_and_one_more_refused),
        cmocka_unit_test(test_columns_are_limited),
        cmocka_unit_test(test_every_record_has_the_width_of_the_first),
        cmocka_unit_test(test_the_delimiter_is_found_by_looking),
        cmocka_unit_test(test_a_given_delimiter_is_used),
        cmocka_unit_test(test_a_header_is_a_name_over_a_number),
        cmocka_unit_test(test_one_record_alone_is_a_header_when_it_has_no_number),
        cmocka_unit_test(test_a_header_can_be_told),
        cmocka_unit_test(test_names_are_utf8),
        cmocka_unit_test(test_fields_tell_their_column_and_quotes),
        cmocka_unit_test(test_records_do_not_depend_on_the_pieces),
        cmocka_unit_test(test_a_file_larger_than_the_buffer_keeps_its_lines),
        cmocka_unit_test(test_a_second_line_beyond_the_buffer_is_no_trouble),
    };

    return nn_test_main(argc, argv, tests);
}
