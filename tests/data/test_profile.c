/* The look at a data file: ranges, gaps, different values, and columns to beware of. */
#include "support/nn_test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/profile.h"
#include "data/support/files.h"

static nn_profile *look(const char *path, const char *target)
{
    const nn_profile_options options = {.target = target};
    nn_profile *p = NULL;
    nn_err err = {0};

    assert_int_equal(nn_profile_new(&p, path, &options, &err), NN_OK);
    return p;
}

static void test_columns_are_measured(void **state)
{
    (void)state;
    write_text("t.csv", "a,b,c\n1,x,\n2.5,y,NA\n-3,x,7\n1.0,x,\n");
    nn_profile *p = look("t.csv", NULL);

    assert_int_equal(p->rows, 4);
    assert_int_equal(p->columns, 3);
    const nn_column_profile *a = &p->column[0], *b = &p->column[1], *c = &p->column[2];
    assert_string_equal(a->name, "a");
    assert_int_equal(a->numbers, 4);
    assert_int_equal(a->whole, 3);
    assert_int_equal(a->distinct, 3); /* 1 and 1.0 are one number */
    assert_float_equal(a->least, -3, 0);
    assert_float_equal(a->most, 2.5, 0);
    assert_float_equal(a->mean, 0.375, 1e-12);
    assert_float_equal(a->deviation, sqrt((0.390625 * 2 + 4.515625 + 11.390625) / 4), 1e-12);
    assert_int_equal(b->words, 4);
    assert_int_equal(b->values, 2);
    assert_string_equal(b->value[0].text, "x");
    assert_int_equal(b->value[0].count, 3);
    assert_int_equal(c->missing, 3);
    assert_int_equal(c->numbers, 1);
    assert_false(nn_column_is_constant(c)); /* a gap is a value as well */
    nn_profile_free(p);
}

/* 200 rows: a number of the row, noise, a copy of the noise, a constant, the target, two leaks. */
static void write_wide(void)
{
    static char text[32768];
    size_t len = (size_t)sprintf(text, "id,noise,copy,same,y,twice,word\n");

    for (int i = 0; i < 200; i++) {
        const int noise = i * 7919 % 113, y = (i * 31 + i / 7) % 89;

        len += (size_t)sprintf(text + len, "%d,%d,%d,5,%d,%d,w%d\n", 1000 + i, noise, noise, y,
                               2 * y + 1, y);
    }
    write_text("wide.csv", text);
}

static void test_columns_to_beware_of_are_found(void **state)
{
    (void)state;
    write_wide();
    nn_profile *p = look("wide.csv", "y");

    assert_int_equal(p->target, 4);
    for (int c = 0; c < 7; c++) {
        assert_int_equal(nn_column_is_identity(p, c), c == 0);
        assert_int_equal(nn_column_is_constant(&p->column[c]), c == 3);
        assert_int_equal(p->column[c].same_as, c == 2 ? 1 : -1);
        assert_int_equal(nn_column_is_leak(p, c), c == 5);
    }
    assert_true(p->column[1].tells < 0.3);
    assert_true(p->column[0].tells < 0.3); /* numbers of rows tell nothing */
    nn_profile_free(p);
}

static void test_a_word_that_gives_classes_away_is_found(void **state)
{
    static char text[8192];
    size_t len = (size_t)sprintf(text, "code,hint,size,kind\n");

    (void)state;
    for (int i = 0; i < 120; i++)
        len += (size_t)sprintf(text + len, "c%d,%s,%d,%s\n", i % 6,
                               i * 13 % 10 < 7 ? (i % 3 ? "p" : "q") : "r", i * 17 % 50,
                               i % 3 ? "no" : "yes");
    write_text("k.csv", text);
    nn_profile *p = look("k.csv", "kind");
    assert_true(nn_column_is_leak(p, 0)); /* each code belongs to one kind */
    assert_false(nn_column_is_leak(p, 1));
    assert_in_range((int)(100 * p->column[1].tells), 40, 80);
    assert_false(nn_column_is_leak(p, 2));
    nn_profile_free(p);
}

static void test_rows_that_two_files_share_are_counted(void **state)
{
    static const char *const both[] = {"a", "b"};
    const nn_profile_options in_both = {.compare = both, .compared = 2};
    nn_profile *p = NULL, *q = NULL;
    nn_err err = {0};

    (void)state;
    write_text("p.csv", "a,b,y\n1,x,0\n2,x,1\n3,y,0\n2,x,1\n");
    write_text("q.csv", "b,a\nx,2.0\ny,4\ny,3\n"); /* another order, no target */
    assert_int_equal(nn_profile_new(&p, "p.csv", &in_both, &err), NN_OK);
    assert_int_equal(nn_profile_new(&q, "q.csv", &in_both, &err), NN_OK);
    assert_int_equal(p->repeated, 1);
    assert_int_equal(q->repeated, 0);
    assert_int_equal(nn_profile_shared(p, q), 2);
    assert_int_equal(nn_profile_shared(q, p), 3);
    nn_profile_free(p);
    nn_profile_free(q);
}

static void test_more_values_than_are_kept_are_still_told_apart(void **state)
{
    static char text[65536];
    size_t len = (size_t)sprintf(text, "few,many\n");

    (void)state;
    for (int i = 0; i < 3000; i++)
        len += (size_t)sprintf(text + len, "%d,%d.5\n", i % NN_PROFILE_VALUES, i);
    write_text("m.csv", text);
    nn_profile *p = look("m.csv", NULL);
    assert_int_equal(p->column[0].values, NN_PROFILE_VALUES);
    assert_int_equal(p->column[1].values, 0);
    assert_int_equal(p->column[1].distinct, 3000);
    assert_true(p->column[1].unique);
    assert_false(nn_column_is_identity(p, 1)); /* fractions measure, they do not name */
    nn_profile_free(p);
}

/* Rows are looked at some at a time: as many as there are, and single ones with much text. */
static void test_runs_of_numbers_and_long_rows_are_counted_one_by_one(void **state)
{
    enum { LONG = 100 * 1024 };
    static char text[7 * LONG + 32768];
    size_t len = (size_t)sprintf(text, "run,a,b,c\n");

    (void)state;
    for (int i = 0; i < 200; i++)
        len += (size_t)sprintf(text + len, "%s,w,w,w\n", i % 100 < 90 ? "0.25" : " 4");
    for (int i = 0; i < 2; i++) {
        len += (size_t)sprintf(text + len, "0.25");
        for (int c = 0; c < 3; c++) {
            text[len++] = ',';
            memset(text + len, 'a' + i, LONG);
            len += LONG;
        }
        text[len++] = '\n';
    }
    write_text("r.csv", text);
    nn_profile *p = look("r.csv", NULL);
    const nn_column_profile *run = &p->column[0];
    assert_int_equal(p->rows, 202);
    assert_int_equal(p->repeated, 198); /* two that are the first of their kind, two alone */
    assert_int_equal(run->numbers, 202);
    assert_int_equal(run->whole, 20);
    assert_int_equal(run->distinct, 2);
    assert_false(run->unique);
    assert_int_equal(run->value[0].count, 182);
    assert_string_equal(run->value[1].text, "4");
    assert_int_equal(run->value[1].count, 20);
    assert_float_equal(run->mean, (182 * 0.25 + 20 * 4) / 202, 1e-12);
    assert_int_equal(p->column[1].words, 202);
    assert_int_equal(p->column[1].distinct, 3);
    nn_profile_free(p);
}

static void test_arrays_are_one_column_of_numbers(void **state)
{
    static const uint32_t dim[] = {3, 2, 2};
    static const unsigned char dots[] = {0, 9, 7, 255, 0, 9, 7, 255, 1, 9, 7, 0};
    blob b = {.len = 0};

    (void)state;
    put_idx(&b, 0x08, 3, dim);
    put(&b, dots, sizeof dots);
    write_file("x.idx", b.at, b.len);
    nn_profile *p = look("x.idx", NULL);
    assert_string_equal(p->format, "idx");
    assert_int_equal(p->rows, 3);
    assert_int_equal(p->repeated, 1);
    assert_int_equal(p->constant, 2);
    assert_float_equal(p->column[0].most, 255, 0);
    assert_int_equal(p->column[0].distinct, 5);
    nn_profile_free(p);
}

static void test_what_cannot_be_read_is_refused(void **state)
{
    const nn_profile_options options = {.target = "kinds"};
    nn_profile *p = NULL;
    nn_err err = {0};

    (void)state;
    write_text("e.csv", "a,kind\n1,2\n");
    assert_int_equal(nn_profile_new(&p, "e.csv", &options, &err), NN_EUSAGE);
    assert_string_equal(err.msg, "there is no column \"kinds\"; did you mean \"kind\"?");
    assert_null(p);
    write_text("e.csv", "a,b\n1,2\n3\n");
    assert_int_equal(nn_profile_new(&p, "e.csv", &(nn_profile_options){.target = NULL}, &err),
                     NN_EDATA);
    assert_string_equal(err.where, "e.csv:3");
    assert_null(p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_columns_are_measured),
        TEST(test_columns_to_beware_of_are_found),
        TEST(test_a_word_that_gives_classes_away_is_found),
        TEST(test_rows_that_two_files_share_are_counted),
        TEST(test_more_values_than_are_kept_are_still_told_apart),
        TEST(test_runs_of_numbers_and_long_rows_are_counted_one_by_one),
        TEST(test_arrays_are_one_column_of_numbers),
        TEST(test_what_cannot_be_read_is_refused),
    };
    return nn_test_main(argc, argv, tests);
}
