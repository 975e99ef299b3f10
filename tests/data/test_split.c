/* Splits and limits: functions of (seed, data), shares that add up, no row lost or doubled. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "data/split.h"

enum { MOST = 200 };

/* A dataset of labels alone; `rows` 0 of a class ends the list. */
typedef struct fake {
    nn_dataset d;
    int32_t label[MOST];
    char name[8];
} fake;

static void make(fake *f, const size_t *rows, int classes)
{
    memset(f, 0, sizeof *f);
    strcpy(f->name, "t.csv");
    f->d.name = f->name;
    f->d.label = f->label;
    f->d.classes.count = classes;
    for (int k = 0; k < classes; k++)
        for (size_t i = 0; i < rows[k]; i++)
            f->label[f->d.rows++] = k;
}

static void make_numbers(fake *f, size_t rows)
{
    make(f, &rows, 1);
    f->d.label = NULL;
    f->d.classes.count = 0;
}

static nn_view all_of(const fake *f)
{
    return (nn_view){.data = &f->d, .count = f->d.rows};
}

static void assert_parts(const nn_view *all, const nn_view *train, const nn_view *held)
{
    bool seen[MOST] = {false};

    assert_int_equal(train->count + held->count, all->count);
    for (size_t i = 0; i < all->count; i++) {
        const nn_view *part = i < train->count ? train : held;
        const size_t at = i < train->count ? i : i - train->count;
        const size_t row = nn_view_row(part, at);

        assert_false(seen[row]);
        seen[row] = true;
        if (at > 0)
            assert_true(nn_view_row(part, at - 1) < row); /* rows keep their order */
    }
    for (size_t i = 0; i < all->count; i++)
        assert_true(seen[nn_view_row(all, i)]);
}

static size_t rows_of(const nn_view *v, int32_t label)
{
    size_t n = 0;

    for (size_t i = 0; i < v->count; i++)
        n += v->data->label[nn_view_row(v, i)] == label;
    return n;
}

static void split(nn_view *train, nn_view *held, const nn_view *all, double fraction,
                  nn_split_method method, uint64_t seed)
{
    nn_err err = {0};

    assert_ok(nn_split(train, held, all, fraction, method, seed, &err), err);
    assert_parts(all, train, held);
}

static void release(nn_view *a, nn_view *b)
{
    nn_view_free(a);
    nn_view_free(b);
}

static void test_every_class_gives_its_share(void **state)
{
    static const size_t rows[] = {50, 30, 20};
    nn_view train, held;
    fake f;

    (void)state;
    make(&f, rows, 3);
    const nn_view all = all_of(&f);
    split(&train, &held, &all, 0.1, NN_SPLIT_AUTO, 7);
    assert_int_equal(rows_of(&held, 0), 5);
    assert_int_equal(rows_of(&held, 1), 3);
    assert_int_equal(rows_of(&held, 2), 2);
    release(&train, &held);
}

static void test_rounded_shares_add_up(void **state)
{
    static const size_t rows[] = {15, 15, 15, 6};
    nn_view train, held;
    fake f;

    (void)state;
    make(&f, rows, 4); /* 51 rows: 17 held; shares 5, 5, 5, 2 */
    nn_view all = all_of(&f);
    split(&train, &held, &all, 1.0 / 3, NN_SPLIT_STRATIFIED, 0);
    assert_int_equal(held.count, 17);
    assert_int_equal(rows_of(&held, 3), 2);
    release(&train, &held);
    split(&train, &held, &all, 0.1, NN_SPLIT_STRATIFIED, 0); /* 5: 1.47, 1.47, 1.47, 0.59 */
    assert_int_equal(held.count, 5);
    assert_int_equal(rows_of(&held, 0), 2); /* equal remainders: the earlier class */
    assert_int_equal(rows_of(&held, 1), 1);
    assert_int_equal(rows_of(&held, 2), 1);
    assert_int_equal(rows_of(&held, 3), 1);
    release(&train, &held);
}

static void test_every_class_keeps_a_row_for_training(void **state)
{
    static const size_t rows[] = {1, 1, 8};
    nn_view train, held;
    fake f;

    (void)state;
    make(&f, rows, 3);
    const nn_view all = all_of(&f);
    split(&train, &held, &all, 0.5, NN_SPLIT_STRATIFIED, 3);
    assert_int_equal(held.count, 5);
    assert_int_equal(rows_of(&train, 0), 1);
    assert_int_equal(rows_of(&train, 1), 1);
    assert_int_equal(rows_of(&train, 2), 3);
    release(&train, &held);
    split(&train, &held, &all, 0.9, NN_SPLIT_STRATIFIED, 3); /* 9 wanted, 7 can be had */
    assert_int_equal(held.count, 7);
    release(&train, &held);
}

static void test_classes_of_one_row_cannot_be_split(void **state)
{
    static const size_t rows[] = {1, 1, 1, 1};
    nn_view train, held;
    nn_err err = {0};
    fake f;

    (void)state;
    make(&f, rows, 4);
    const nn_view all = all_of(&f);
    const uint64_t live = nn_mem_read().live;
    assert_int_equal(nn_split(&train, &held, &all, 0.5, NN_SPLIT_AUTO, 3, &err), NN_EDATA);
    assert_string_equal(err.msg, "every class has one row only, so none can be held back for "
                                 "validation; use the method \"random\"");
    assert_string_equal(err.where, "t.csv");
    assert_null(train.row);
    assert_int_equal(nn_mem_read().live, live);
    split(&train, &held, &all, 0.5, NN_SPLIT_RANDOM, 3);
    assert_int_equal(held.count, 2);
    release(&train, &held);
}

static void test_the_seed_and_nothing_else_decides(void **state)
{
    static const size_t rows[] = {60, 40};
    nn_view train, held, train2, held2, train3, held3;
    fake f;

    (void)state;
    make(&f, rows, 2);
    const nn_view all = all_of(&f);
    split(&train, &held, &all, 0.2, NN_SPLIT_AUTO, 1);
    split(&train2, &held2, &all, 0.2, NN_SPLIT_AUTO, 1);
    split(&train3, &held3, &all, 0.2, NN_SPLIT_AUTO, 2);
    assert_memory_equal(held.row, held2.row, held.count * sizeof *held.row);
    assert_memory_not_equal(held.row, held3.row, held.count * sizeof *held.row);
    release(&train, &held);
    release(&train2, &held2);
    release(&train3, &held3);
}

static void test_numbers_are_split_at_random(void **state)
{
    nn_view train, held;
    nn_err err = {0};
    fake f;

    (void)state;
    make_numbers(&f, 100);
    const nn_view all = all_of(&f);
    split(&train, &held, &all, 0.25, NN_SPLIT_AUTO, 5);
    assert_int_equal(held.count, 25);
    assert_true(held.row[0] < 75); /* not the last rows */
    release(&train, &held);
    assert_int_equal(nn_split(&train, &held, &all, 0.25, NN_SPLIT_STRATIFIED, 5, &err), NN_ECONFIG);
    assert_string_equal(err.msg, "a stratified split needs classes; use \"random\" or \"last\"");
}

static void test_last_takes_the_rows_at_the_end(void **state)
{
    nn_view train, held;
    fake f;

    (void)state;
    make_numbers(&f, 10);
    const nn_view all = all_of(&f);
    split(&train, &held, &all, 0.25, NN_SPLIT_LAST, 5); /* 2.5: rounded up */
    assert_int_equal(held.count, 3);
    assert_int_equal(held.row[0], 7);
    assert_int_equal(train.row[6], 6);
    release(&train, &held);
}

static void test_a_side_without_rows_is_refused(void **state)
{
    nn_view train, held;
    nn_err err = {0};
    fake f;

    (void)state;
    make_numbers(&f, 10);
    const nn_view all = all_of(&f);
    assert_int_equal(nn_split(&train, &held, &all, 0.04, NN_SPLIT_AUTO, 0, &err), NN_EDATA);
    assert_string_equal(err.msg,
                        "a validation fraction of 0.04 of 10 rows leaves none for validation");
    assert_int_equal(nn_split(&train, &held, &all, 0.96, NN_SPLIT_AUTO, 0, &err), NN_EDATA);
    assert_string_equal(err.msg,
                        "a validation fraction of 0.96 of 10 rows leaves none for training");
}

static void test_a_limit_takes_other_rows_for_another_seed_in_the_order_of_the_file(void **state)
{
    nn_view a, other, whole;
    nn_err err = {0};
    fake f;

    (void)state;
    make_numbers(&f, 100);
    assert_ok(nn_view_limit(&a, &(nn_view){.data = &f.d, .count = f.d.rows}, 20, 1, &err), err);
    assert_ok(nn_view_limit(&other, &(nn_view){.data = &f.d, .count = f.d.rows}, 20, 2, &err), err);
    assert_int_equal(a.count, 20);
    for (size_t i = 1; i < 20; i++)
        assert_true(a.row[i - 1] < a.row[i]);
    assert_memory_not_equal(a.row, other.row, 20 * sizeof *a.row);
    assert_true(a.row[19] > 40);
    assert_ok(nn_view_limit(&whole, &(nn_view){.data = &f.d, .count = f.d.rows}, 100, 1, &err),
              err);
    assert_int_equal(whole.count, 100);
    assert_null(whole.row);
    nn_view_free(&a);
    nn_view_free(&other);
    nn_view_free(&whole);
}

static void test_a_larger_limit_contains_the_smaller(void **state)
{
    nn_view small, large;
    nn_err err = {0};
    size_t found = 0;
    fake f;

    (void)state;
    make_numbers(&f, 100);
    assert_ok(nn_view_limit(&small, &(nn_view){.data = &f.d, .count = f.d.rows}, 10, 1, &err), err);
    assert_ok(nn_view_limit(&large, &(nn_view){.data = &f.d, .count = f.d.rows}, 30, 1, &err), err);
    for (size_t i = 0; i < 10; i++)
        for (size_t k = 0; k < 30; k++)
            found += small.row[i] == large.row[k];
    assert_int_equal(found, 10);
    nn_view_free(&small);
    nn_view_free(&large);
}

static void test_a_limit_and_a_split_draw_from_different_streams(void **state)
{
    nn_view few, train, held;
    nn_err err = {0};
    fake f;

    (void)state;
    make_numbers(&f, 100);
    const nn_view all = all_of(&f);
    assert_ok(nn_view_limit(&few, &(nn_view){.data = &f.d, .count = f.d.rows}, 20, 1, &err), err);
    split(&train, &held, &all, 0.2, NN_SPLIT_RANDOM, 1);
    assert_memory_not_equal(few.row, held.row, 20 * sizeof *few.row);
    release(&train, &held);
    nn_view_free(&few);
}

static void test_a_limited_view_can_be_split(void **state)
{
    static const size_t rows[] = {60, 60};
    nn_view few, train, held;
    nn_err err = {0};
    fake f;

    (void)state;
    make(&f, rows, 2);
    assert_ok(nn_view_limit(&few, &(nn_view){.data = &f.d, .count = f.d.rows}, 40, 1, &err), err);
    split(&train, &held, &few, 0.25, NN_SPLIT_AUTO, 1);
    assert_int_equal(held.count, 10);
    release(&train, &held);
    nn_view_free(&few);
}

static void test_no_memory_is_an_error_without_a_leak(void **state)
{
    static const size_t rows[] = {60, 40};
    nn_code rc = NN_ELIMIT;
    int failed = 0;
    fake f;

    (void)state;
    make(&f, rows, 2);
    const nn_view all = all_of(&f);
    const uint64_t live = nn_mem_read().live;
    for (uint64_t n = 1; rc == NN_ELIMIT; n++) {
        nn_view few = {0}, train = {0}, held = {0};
        nn_err err = {0};

        nn_mem_fail_at(n);
        rc = nn_view_limit(&few, &(nn_view){.data = &f.d, .count = f.d.rows}, 50, 0, &err);
        if (rc == NN_OK)
            rc = nn_split(&train, &held, &all, 0.2, NN_SPLIT_AUTO, 0, &err);
        nn_mem_fail_at(0);
        failed += rc == NN_ELIMIT;
        nn_view_free(&few);
        release(&train, &held);
        assert_int_equal(nn_mem_read().live, live);
    }
    assert_int_equal(rc, NN_OK);
    assert_true(failed > 6);
}

/* Reads `validation` from this JSON. */
static void read_validation(nn_validation_conf *v, const char *json, nn_problems *problems,
                            nn_doc **doc)
{
    const nn_json_source source = {"c.json", NN_ECONFIG, true};
    nn_err err = {0};

    memset(problems, 0, sizeof *problems);
    assert_ok(nn_doc_parse(doc, &source, json, strlen(json), problems, &err), err);
    nn_validation_read(nn_node_get(nn_doc_root(*doc), "validation"), v);
}

static void assert_validation(const char *json, double fraction, int method, const char *written)
{
    nn_problems problems;
    nn_doc *doc = NULL;
    nn_validation_conf v;
    nn_buf out = {0};

    read_validation(&v, json, &problems, &doc);
    assert_int_equal(problems.count, 0);
    assert_float_equal(v.fraction, fraction, 0);
    assert_int_equal(v.method, method);
    nn_validation_write(&v, &out);
    assert_string_equal(out.data, written);
    nn_buf_free(&out);
    nn_doc_free(doc);
}

static void assert_validation_refused(const char *json, const char *msg)
{
    nn_problems problems;
    nn_doc *doc = NULL;
    nn_validation_conf v;

    read_validation(&v, json, &problems, &doc);
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.list[0].message, msg);
    assert_int_equal(problems.list[0].code, NN_ECONFIG);
    nn_doc_free(doc);
    nn_problems_free(&problems);
}

static void test_validation_is_a_fraction_with_or_without_method(void **state)
{
    (void)state;
    assert_validation("{}", 0.1, NN_SPLIT_AUTO, "{\"fraction\":0.1,\"method\":\"auto\"}");
    assert_validation("{\"validation\": 0}", 0, NN_SPLIT_AUTO,
                      "{\"fraction\":0,\"method\":\"auto\"}");
    assert_validation("{\"validation\": 0.3}", 0.3, NN_SPLIT_AUTO,
                      "{\"fraction\":0.3,\"method\":\"auto\"}");
    assert_validation("{\"validation\": {\"fraction\": 0.2, \"method\": \"last\"}}", 0.2,
                      NN_SPLIT_LAST, "{\"fraction\":0.2,\"method\":\"last\"}");
    assert_validation("{\"validation\": {\"method\": \"random\"}}", 0.1, NN_SPLIT_RANDOM,
                      "{\"fraction\":0.1,\"method\":\"random\"}");
}

static void test_the_schema_of_validation_is_json(void **state)
{
    const nn_json_source source = {"schema", NN_ECONFIG, false};
    nn_problems problems = {0};
    nn_doc *doc = NULL;
    nn_err err = {0};

    (void)state;
    assert_ok(nn_doc_parse(&doc, &source, nn_validation_form, strlen(nn_validation_form), &problems,
                           &err),
              err);
    assert_int_equal(nn_node_count(nn_node_get(nn_doc_root(doc), "anyOf")), 5);
    nn_doc_free(doc);
}

static void test_validation_may_be_files(void **state)
{
    const char *json = "{\"validation\": {\"x\": \"a\", \"y\": \"b\"}}";
    nn_problems problems;
    nn_doc *doc = NULL;
    nn_validation_conf v;

    (void)state;
    assert_validation(json, 0, NN_SPLIT_AUTO, "{\"x\":\"a\",\"y\":\"b\"}");
    read_validation(&v, json, &problems, &doc);
    assert_true(v.has_files);
    assert_string_equal(v.files.x, "a");
    assert_string_equal(v.files.y, "b");
    nn_doc_free(doc);
}

static void test_validation_out_of_range_is_refused(void **state)
{
    (void)state;
    assert_validation_refused("{\"validation\": 1}", "expected a number in [0,1), got 1");
    assert_validation_refused("{\"validation\": -0.1}", "expected a number in [0,1), got -0.1");
    assert_validation_refused("{\"validation\": \"0.1\"}",
                              "expected a fraction or an object, got \"0.1\"");
    assert_validation_refused("{\"validation\": {\"fraction\": 0.1, \"x\": \"a\", \"y\": \"b\"}}",
                              "unknown key \"fraction\"");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_class_gives_its_share),
        cmocka_unit_test(test_rounded_shares_add_up),
        cmocka_unit_test(test_every_class_keeps_a_row_for_training),
        cmocka_unit_test(test_classes_of_one_row_cannot_be_split),
        cmocka_unit_test(test_the_seed_and_nothing_else_decides),
        cmocka_unit_test(test_numbers_are_split_at_random),
        cmocka_unit_test(test_last_takes_the_rows_at_the_end),
        cmocka_unit_test(test_a_side_without_rows_is_refused),
        cmocka_unit_test(test_a_limit_takes_other_rows_for_another_seed_in_the_order_of_the_file),
        cmocka_unit_test(test_a_larger_limit_contains_the_smaller),
        cmocka_unit_test(test_a_limit_and_a_split_draw_from_different_streams),
        cmocka_unit_test(test_a_limited_view_can_be_split),
        cmocka_unit_test(test_no_memory_is_an_error_without_a_leak),
        cmocka_unit_test(test_validation_is_a_fraction_with_or_without_method),
        cmocka_unit_test(test_the_schema_of_validation_is_json),
        cmocka_unit_test(test_validation_may_be_files),
        cmocka_unit_test(test_validation_out_of_range_is_refused),
    };

    return nn_test_main(argc, argv, tests);
}
