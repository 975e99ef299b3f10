/* Columns of tables: what they become, what is fitted, and what is said of each in the config. */
#include "support/nn_test.h"

#include <math.h>

#include "base/mem.h"
#include "data/encoder.h"
#include "data/prep.h"
#include "data/support/files.h"

#define DATA(more) "{\"train\": {\"path\": \"t.csv\"}" more "}"

/* A table, and the encoder that was fitted on some of its rows. */
typedef struct fitted {
    config c;
    nn_dataset *d;
    nn_encoder *e;
} fitted;

static nn_code load_raw(fitted *f, const char *json, nn_err *err)
{
    nn_files files = {0};

    memset(f, 0, sizeof *f);
    config_read(&f->c, json);
    nn_files_read(f->c.data.train, &files);
    NN_TRY(nn_problems_check(&f->c.problems, err));
    return nn_dataset_load(&f->d, &files, &f->c.how, err);
}

/* Fits on the first `rows` rows (0: all), and encodes them all. */
static nn_code try_fit(fitted *f, const char *json, size_t rows, nn_err *err)
{
    nn_view view = {0};

    NN_TRY(load_raw(f, json, err));
    view = (nn_view){.data = f->d, .count = rows == 0 ? f->d->rows : rows};
    NN_TRY(nn_encoder_fit(&f->e, &view, &f->c.data, err));
    return nn_encoder_apply(f->e, f->d, f->d->raw, &f->c.data.shape, err);
}

static void fit(fitted *f, const char *json, size_t rows)
{
    nn_err err = {0};

    assert_ok(try_fit(f, json, rows, &err), err);
}

static void fitted_free(fitted *f)
{
    nn_encoder_free(f->e);
    nn_dataset_free(f->d);
    config_free(&f->c);
}

static void assert_fit_refused(const char *json, size_t rows, const char *where, const char *msg)
{
    const uint64_t live = nn_mem_read().live;
    nn_err err = {0};
    fitted f;

    assert_int_not_equal(try_fit(&f, json, rows, &err), NN_OK);
    assert_string_equal(err.msg, msg);
    assert_string_equal(err.where, where);
    fitted_free(&f);
    assert_int_equal(nn_mem_read().live, live);
}

static void assert_numbers(const nn_dataset *d, const float *expected, size_t count)
{
    assert_int_equal(d->rows * nn_shape_len(&d->shape), count);
    for (size_t i = 0; i < count; i++)
        if (d->numbers[i] != expected[i])
            fail_msg("number %zu: expected %g, got %g", i, (double)expected[i],
                     (double)d->numbers[i]);
}

/* ---- what columns become ---- */

static void test_words_become_a_feature_each_and_two_of_them_one(void **state)
{
    static const float expected[] = {1, 0, 1, 0, 1, 2, 0, 0, 1, 0, 3, 1, 0, 0, 1};
    nn_scale scale[5];
    fitted f;

    (void)state;
    write_text("t.csv", "n,city,ok,y\n1,Bonn,yes,0\n2,Ulm,no,1\n3,Aue,yes,0\n");
    fit(&f, DATA(""), 0);
    assert_numbers(f.d, expected, 15);
    assert_string_equal(f.d->column[0], "n");
    assert_string_equal(f.d->column[1], "city=Aue");
    assert_string_equal(f.d->column[2], "city=Bonn");
    assert_string_equal(f.d->column[3], "city=Ulm");
    assert_string_equal(f.d->column[4], "ok");
    assert_null(f.d->raw);
    nn_encoder_scales(f.e, scale);
    assert_int_equal(scale[0], NN_SCALE_STANDARD);
    for (int k = 1; k < 5; k++)
        assert_int_equal(scale[k], NN_SCALE_NONE);
    fitted_free(&f);
}

static void test_a_declared_category_of_two_words_is_no_binary(void **state)
{
    static const float expected[] = {0, 1, 1, 0};
    fitted f;

    (void)state;
    write_text("t.csv", "ok,y\nyes,0\nno,1\n");
    fit(&f, DATA(", \"columns\": {\"ok\": {\"type\": \"category\"}}"), 0);
    assert_numbers(f.d, expected, 4);
    fitted_free(&f);
}

static void test_numbers_can_be_declared_categories(void **state)
{
    static const float expected[] = {1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 1};
    fitted f;

    (void)state;
    write_text("t.csv", "zip,flag,y\n01,0,0\n7,1,1\n1,1,0\n");
    fit(&f,
        DATA(
            ", \"columns\": {\"zip\": {\"type\": \"category\"}, \"flag\": {\"type\": \"binary\"}}"),
        0);
    assert_numbers(f.d, expected, 12);
    fitted_free(&f);
}

static void test_an_embedded_column_is_the_number_of_its_category(void **state)
{
    static const float expected[] = {1, 1, 2, 1, 0, 0, -1, 0};
    nn_scale scale[2];
    int *categories = NULL;
    nn_err err = {0};
    fitted f;

    (void)state;
    write_text("t.csv", "city,n,y\nBonn,1,0\nUlm,1,1\nAue,0,0\nPrag,0,1\n");
    fit(&f,
        DATA(", \"columns\": {\"n\": {\"scale\": \"none\"}, \"city\": {\"encode\": "
             "\"embedding\", \"unknown\": \"other\"}}"),
        3);
    assert_numbers(f.d, expected, 8);
    nn_encoder_scales(f.e, scale);
    assert_int_equal(scale[0], NN_SCALE_NONE);
    assert_ok(nn_encoder_categories(&categories, f.e, &f.d->shape, NN_EDATA, &err), err);
    assert_int_equal(categories[0], 3);
    assert_int_equal(categories[1], 0);
    nn_free(categories);
    fitted_free(&f);
    /* The rare ones share one of their own. */
    fit(&f, DATA(", \"columns\": {\"city\": {\"encode\": \"embedding\", \"min_count\": 2}}"), 0);
    assert_ok(nn_encoder_categories(&categories, f.e, &f.d->shape, NN_EDATA, &err), err);
    assert_int_equal(categories[0], 1);
    assert_true(f.d->numbers[0] == 0);
    nn_free(categories);
    fitted_free(&f);
    fit(&f, DATA(""), 0);
    assert_ok(nn_encoder_categories(&categories, f.e, &f.d->shape, NN_EDATA, &err), err);
    assert_null(categories);
    fitted_free(&f);
}

static void test_ordinals_are_numbers_in_the_order_of_bytes(void **state)
{
    static const float expected[] = {2, 1, 0, 2};
    nn_scale scale = NN_SCALE_AUTO;
    fitted f;

    (void)state;
    write_text("t.csv", "size,y\nc,0\nb,1\na,0\nc,1\n");
    fit(&f, DATA(", \"columns\": {\"size\": {\"encode\": \"ordinal\", \"scale\": \"minmax\"}}"), 0);
    assert_numbers(f.d, expected, 4);
    nn_encoder_scales(f.e, &scale);
    assert_int_equal(scale, NN_SCALE_MINMAX);
    fitted_free(&f);
}

static void test_rare_categories_are_pooled_and_take_the_unknown_ones(void **state)
{
    static const float expected[] = {1, 0, 1, 0, 0, 1, 0, 1, 0, 1};
    fitted f;

    (void)state;
    write_text("t.csv", "c,y\na,0\na,1\nb,0\nc,1\nnew,0\n");
    fit(&f, DATA(", \"columns\": {\"c\": {\"min_count\": 2}}"), 4);
    assert_numbers(f.d, expected, 10);
    assert_string_equal(f.d->column[1], "c=other");
    assert_true(f.d->unknown > 0);
    fitted_free(&f);
}

static void test_an_unknown_category_is_refused_with_its_place(void **state)
{
    (void)state;
    write_text("t.csv", "c,y\na,0\nb,1\nd,0\na,0\n\"e\n\",0\n");
    assert_fit_refused(DATA(", \"columns\": {\"c\": {}}"), 4, "t.csv:6",
                       "column \"c\": a category that no training row has: \"e\\x0a\"; set its "
                       "unknown to \"other\" to let such rows pass");
}

static void test_unknown_categories_may_be_none_of_them_and_are_counted(void **state)
{
    static const float onehot[] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
    static const float half[] = {0, 1, 0.5f}, most[] = {0, 1, 1, 1};
    fitted f;

    (void)state;
    write_text("t.csv", "c,y\na,0\nb,1\nd,0\nnew,0\n");
    fit(&f, DATA(", \"columns\": {\"c\": {\"unknown\": \"other\"}}"), 3);
    assert_numbers(f.d, onehot, 12);
    assert_int_equal(f.d->unknown, 1);
    fitted_free(&f);
    write_text("t.csv", "c,y\na,0\nb,1\nnew,0\n");
    fit(&f, DATA(", \"columns\": {\"c\": {\"unknown\": \"other\"}}"), 2);
    assert_numbers(f.d, half, 3);
    fitted_free(&f);
    write_text("t.csv", "c,y\na,0\nb,1\nb,0\nnew,0\n");
    fit(&f, DATA(", \"columns\": {\"c\": {\"unknown\": \"other\", \"encode\": \"ordinal\"}}"), 3);
    assert_numbers(f.d, most, 4);
    fitted_free(&f);
}

static void test_missing_numbers_become_what_the_config_says(void **state)
{
    static const struct {
        const char *impute;
        float expected;
    } cases[] = {{"\"impute\": \"mean\"", 4},
                 {"\"impute\": \"median\"", 2.5f},
                 {"\"impute\": \"mode\"", 1},
                 {"\"impute\": \"zero\"", 0},
                 {"\"impute\": \"constant\", \"value\": -7.5", -7.5f}};

    (void)state;
    write_text("t.csv", "a,y\n1,0\n,1\n10,0\n1,1\nNA,0\n4,1\nnan,0\n1000,1\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char json[200];
        fitted f;

        snprintf(json, sizeof json, DATA(", \"columns\": {\"a\": {%s}}"), cases[i].impute);
        fit(&f, json, 6); /* what comes behind them counts for nothing */
        assert_float_equal(f.d->numbers[1], cases[i].expected, 0);
        assert_float_equal(f.d->numbers[4], cases[i].expected, 0);
        assert_float_equal(f.d->numbers[6], cases[i].expected, 0);
        assert_float_equal(f.d->numbers[2], 10, 0);
        fitted_free(&f);
    }
}

static void test_an_indicator_tells_where_a_field_was_missing(void **state)
{
    static const float expected[] = {1, 0, 1, 0, 0, 3, 1, 1, 0, 1, 5, 0, 0, 1, 0};
    fitted f;

    (void)state;
    write_text("t.csv", "a,c,y\n1,u,0\n,?,1\n5,v,0\n");
    fit(&f,
        DATA(", \"columns\": {\"a\": {\"impute\": \"mean\", \"indicator\": true}, \"c\": "
             "{\"impute\": "
             "\"mode\", \"indicator\": true, \"type\": \"category\"}}"),
        0);
    assert_string_equal(f.d->column[1], "a is missing");
    assert_string_equal(f.d->column[2], "c=u");
    assert_string_equal(f.d->column[4], "c is missing");
    assert_numbers(f.d, expected, 15);
    fitted_free(&f);
}

static void test_a_constant_can_be_a_category_of_its_own(void **state)
{
    static const float expected[] = {0, 1, 1, 0, 0, 1};
    fitted f;

    (void)state;
    write_text("t.csv", "c,y\nu,0\n,1\nu,0\n");
    fit(&f,
        DATA(", \"columns\": {\"c\": {\"impute\": \"constant\", \"value\": \"none\", \"type\": "
             "\"category\"}}"),
        0);
    assert_string_equal(f.d->column[0], "c=none");
    assert_numbers(f.d, expected, 6);
    fitted_free(&f);
}

static void test_numbers_are_clipped_and_then_put_on_a_logarithmic_scale(void **state)
{
    fitted f;

    (void)state;
    write_text("t.csv", "a,y\n-5,0\n0,1\n1e6,0\n");
    fit(&f, DATA(", \"columns\": {\"a\": {\"clip\": [-0.5, 100], \"log1p\": true}}"), 0);
    assert_float_equal(f.d->numbers[0], (float)log1p(-0.5), 0);
    assert_float_equal(f.d->numbers[1], 0, 0);
    assert_float_equal(f.d->numbers[2], (float)log1p(100), 0);
    fitted_free(&f);
    assert_fit_refused(DATA(", \"columns\": {\"a\": {\"log1p\": true}}"), 0, "t.csv:2",
                       "column \"a\": log1p needs numbers above -1, got -5; set its clip");
}

static void test_columns_that_cannot_be_fitted_are_refused(void **state)
{
    (void)state;
    write_text("t.csv", "a,c,y\n,u,0\n,v,1\n3,w,0\n");
    assert_fit_refused(DATA(", \"columns\": {\"a\": {\"impute\": \"mean\"}}"), 2, "t.csv",
                       "column \"a\": every value is missing in the training rows");
    assert_fit_refused(
        DATA(", \"columns\": {\"a\": {\"impute\": \"zero\"}, \"c\": {\"type\": \"binary\"}}"), 0,
        "t.csv", "column \"c\": a binary column has two values, and the training rows have more");
}

static void test_kinds_are_told_by_what_most_fields_are(void **state)
{
    fitted f;

    (void)state;
    write_text("t.csv", "a,b,y\nx,1,0\nz,q,1\n1,2,0\n");
    assert_fit_refused(DATA(""), 0, "t.csv:3",
                       "column \"b\": the column is not numeric: expected a number, got \"q\"");
    write_text("t.csv", "a,y\nx,0\nz,1\n1,0\n");
    fit(&f, DATA(""), 0);
    assert_int_equal(nn_shape_len(&f.d->shape), 3);
    fitted_free(&f);
    /* What was meant as a number makes no category. */
    write_text("t.csv", "a;y\n1,5;0\n2,5;1\n");
    assert_fit_refused(DATA(""), 0, "t.csv:2",
                       "column \"a\": expected a number with a decimal point, not a comma, got "
                       "\"1,5\"; set csv.decimal to \",\"");
    write_text("t.csv", "a,y\n\"1,234.5\",0\n\"2,000.0\",1\n");
    assert_fit_refused(
        DATA(""), 0, "t.csv:2",
        "column \"a\": the column is not numeric: expected a number, got \"1,234.5\"");
}

static void test_a_decimal_comma_is_read_when_it_is_asked_for(void **state)
{
    static const float expected[] = {1.5f, -0.25f, 3};
    fitted f;

    (void)state;
    write_text("t.csv", "a;y\n1,5;0,5\n-,25;1\n\" 3 \";7,25\n");
    fit(&f, DATA(", \"csv\": {\"decimal\": \",\"}"), 0);
    assert_numbers(f.d, expected, 3);
    assert_float_equal(f.d->value[2], 7.25, 0);
    fitted_free(&f);
    write_text("t.csv", "a;y\n1,5;0\n1.5;0\n");
    assert_fit_refused(DATA(", \"csv\": {\"decimal\": \",\"}"), 0, "t.csv:3",
                       "column \"a\": the column is not numeric: expected a number, got \"1.5\"");
}

static void test_the_words_for_missing_can_be_chosen(void **state)
{
    static const float expected[] = {1, 0, 3};
    fitted f;

    (void)state;
    write_text("t.csv", "a,y\n1,0\n-,1\n3,0\n");
    fit(&f, DATA(", \"csv\": {\"missing\": [\"-\"]}, \"columns\": {\"a\": {\"impute\": \"zero\"}}"),
        0);
    assert_numbers(f.d, expected, 3);
    fitted_free(&f);
    write_text("t.csv", "a,y\n1,0\nNA,1\n");
    assert_fit_refused(DATA(", \"csv\": {\"missing\": [\"-\"]}"), 0, "t.csv:3",
                       "column \"a\": the column is not numeric: expected a number, got \"NA\"");
    assert_fit_refused(DATA(", \"csv\": {\"missing\": \"NA\"}"), 0, "c.json:1:49",
                       "csv.missing: expected a list of words, got \"NA\"");
}

/* ---- the config's columns ---- */

static void test_a_name_goes_before_patterns_and_the_first_pattern_counts(void **state)
{
    static const float expected[] = {1, 2, 3, 4};
    fitted f;

    (void)state;
    write_text("t.csv", "a1,a2,b1,c,y\n,,,4,0\n9,9,9,4,1\n");
    fit(&f,
        DATA(", \"columns\": {\"a*\": {\"impute\": \"constant\", \"value\": 1}, \"?1\": "
             "{\"impute\": "
             "\"constant\", \"value\": 3}, \"a2\": {\"impute\": \"constant\", \"value\": 2}}"),
        0);
    for (int k = 0; k < 4; k++)
        assert_float_equal(f.d->numbers[k], expected[k], 0);
    fitted_free(&f);
}

static void test_patterns(void **state)
{
    (void)state;
    assert_true(nn_glob_match("*", ""));
    assert_true(nn_glob_match("a*b*", "aXbYbZ"));
    assert_true(nn_glob_match("*b", "aXbYb"));
    assert_false(nn_glob_match("*b", "aXbYc"));
    assert_true(nn_glob_match("?", "\xC3\xA4")); /* one character, two bytes */
    assert_false(nn_glob_match("?", ""));
    assert_false(nn_glob_match("a", "ab"));
    assert_true(nn_glob_match("a**", "a"));
}

static void test_faults_of_the_config_are_found_at_their_place(void **state)
{
    static const struct {
        const char *columns, *msg;
    } cases[] = {
        {"{\"arae\": {}}",
         "columns.arae: t.csv has no such feature column; did you mean \"area\"?"},
        {"{\"y\": {}}",
         "columns.y: t.csv has no such feature column; that column is there, but for "
         "another use"},
        {"[]", "columns: expected an object of columns, got an empty list"},
        {"{\"area\": {\"encode\": \"hash\"}}",
         "columns.area.encode: unknown encode \"hash\"; expected one of: auto, onehot, "
         "ordinal, embedding"},
        {"{\"area\": {\"encode\": \"embedding\", \"type\": \"number\"}}",
         "columns.area: encode is for categories, but the column's type is number; set its type to "
         "\"category\""},
        {"{\"area\": {\"impute\": \"constant\"}}",
         "columns.area: impute constant needs a `value`, a number or a category, got nothing"},
        {"{\"area\": {\"value\": 1}}",
         "columns.area.value: a value goes with impute constant alone"},
        {"{\"area\": {\"indicator\": true}}",
         "columns.area: an indicator needs `impute`, which says what the field becomes"},
        {"{\"area\": {\"clip\": [2, 1]}}",
         "columns.area.clip: expected [low, high] with low < high, got a list"},
        {"{\"city\": {\"impute\": \"mean\"}}",
         "columns.city: impute mean, median and zero are for numbers, but the column holds words"},
        {"{\"city\": {\"log1p\": true}}",
         "columns.city: log1p is for numbers, but the column holds words"},
        {"{\"city\": {\"clip\": [0, 1]}}",
         "columns.city: clip is for numbers, but the column holds words"},
        {"{\"city\": {\"scale\": \"robust\"}}",
         "columns.city: scale is for numbers, but the column holds words"},
        {"{\"area\": {\"min_count\": 2}}",
         "columns.area: min_count is for categories, but the column holds numbers; set its type to "
         "\"category\""},
        {"{\"area\": {\"impute\": \"constant\", \"value\": \"x\"}}",
         "columns.area.value: expected a number, since the column holds numbers"},
        {"{\"city\": {\"impute\": \"constant\", \"value\": 3}}",
         "columns.city.value: expected a category, since the column holds words"},
    };

    (void)state;
    write_text("t.csv", "area,city,y\n1,Ulm,0\n2,Bonn,1\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char json[300];
        nn_err err = {0};
        fitted f;

        snprintf(json, sizeof json, DATA(", \"columns\": %s"), cases[i].columns);
        assert_int_equal(try_fit(&f, json, 0, &err), NN_ECONFIG);
        assert_string_equal(err.msg, cases[i].msg);
        assert_int_equal(f.c.problems.count, 1);
        fitted_free(&f);
    }
}

static void test_features_and_ignored_columns_are_chosen_by_pattern(void **state)
{
    fitted f;

    (void)state;
    write_text("t.csv", "a1,a2,b1,b2,y\n1,2,3,4,0\n5,6,7,8,1\n");
    fit(&f, DATA(", \"features\": [\"a*\", \"b2\"], \"ignore\": [\"a1\"]"), 0);
    assert_int_equal(nn_shape_len(&f.d->shape), 2);
    assert_string_equal(f.d->column[0], "a2");
    assert_string_equal(f.d->column[1], "b2");
    fitted_free(&f);
    fit(&f, DATA(", \"ignore\": [0, \"b?\"]"), 0);
    assert_int_equal(nn_shape_len(&f.d->shape), 1);
    fitted_free(&f);
    assert_fit_refused(DATA(", \"features\": [\"c*\"]"), 0, "c.json:1:43",
                       "features[0]: no column of t.csv matches \"c*\"");
    assert_fit_refused(DATA(", \"ignore\": [\"a3\"]"), 0, "c.json:1:41",
                       "ignore[0]: t.csv has no column \"a3\"; did you mean \"a1\"?");
    assert_fit_refused(DATA(", \"ignore\": [\"*\"]"), 0, "t.csv", "no feature columns are left");
}

/* ---- columns with a meaning of their own ---- */

static void test_id_weight_group_and_split_are_no_features(void **state)
{
    fitted f;

    (void)state;
    write_text("t.csv", "n,x,w,g,s,y\nA,1,2.5,u,train,0\nB,2,0,v,test,1\nC,3,1,u,validation,0\n");
    fit(&f,
        DATA(", \"id\": \"n\", \"weight\": \"w\", \"group\": 3, \"split\": \"s\", \"target\": "
             "\"y\""),
        0);
    assert_int_equal(nn_shape_len(&f.d->shape), 1);
    assert_string_equal(nn_dataset_id(f.d, 1), "B");
    assert_float_equal(f.d->weight[0], 2.5, 0);
    assert_float_equal(f.d->weight[1], 0, 0);
    assert_int_equal(f.d->group[0], f.d->group[2]);
    assert_int_not_equal(f.d->group[0], f.d->group[1]);
    assert_int_equal(f.d->part[0], NN_PART_TRAIN);
    assert_int_equal(f.d->part[1], NN_PART_TEST);
    assert_int_equal(f.d->part[2], NN_PART_VALIDATION);
    assert_int_equal(f.d->line[2], 4);
    fitted_free(&f);
    write_text("t.csv", "x,w,y\n1,-1,0\n");
    assert_fit_refused(DATA(", \"weight\": \"w\""), 0, "t.csv:2",
                       "column \"w\": expected a weight, a number from 0, got \"-1\"");
    assert_fit_refused(DATA(", \"split\": \"w\""), 0, "t.csv:2",
                       "column \"w\": expected train, validation or test, got \"-1\"");
    assert_fit_refused(DATA(", \"group\": \"y\""), 0, "c.json:1:39",
                       "group: the column \"y\" is in use already; name the target in "
                       "data.target: without it, it is the last column");
    assert_fit_refused(DATA(", \"id\": \"z\""), 0, "c.json:1:36", "id: t.csv has no column \"z\"");
}

static void test_what_is_for_tables_is_refused_elsewhere(void **state)
{
    nn_dataset *d = NULL;
    nn_err err = {0};

    (void)state;
    assert_int_equal(
        load_json(&d, "{\"train\": {\"inline\": {\"x\": [[1]], \"y\": [0]}}, \"weight\": 0}", &err),
        NN_ECONFIG);
    assert_string_equal(err.msg,
                        "weight: this is for CSV files (`path`), which the data is not from");
}

static void test_several_targets_are_numbers(void **state)
{
    fitted f;

    (void)state;
    write_text("t.csv", "u,x,v\n0,1,1\n1,2,0.5\n");
    fit(&f, DATA(", \"target\": [\"v\", \"u\"]"), 0);
    assert_int_equal(f.d->width, 2);
    assert_float_equal(f.d->value[0], 1, 0);
    assert_float_equal(f.d->value[3], 1, 0);
    assert_int_equal(f.d->targets.count, 2);
    assert_string_equal(f.d->targets.name[1], "u");
    assert_null(f.d->target_column);
    fitted_free(&f);
    assert_fit_refused(DATA(", \"target\": [\"v\", \"u\"], \"task\": \"multilabel\""), 0, "t.csv:3",
                       "multilabel targets are 0 or 1, got 0.5");
    assert_fit_refused(DATA(", \"target\": [\"v\", \"v\"]"), 0, "c.json:1:46",
                       "target[1]: the column \"v\" is there twice");
    assert_fit_refused(DATA(", \"target\": []"), 0, "c.json:1:40",
                       "target: expected at least one column, got none");
    write_text("t.csv", "u,x,v\n0,1,1\nno,2,0\n");
    assert_fit_refused(DATA(", \"target\": [\"v\", \"u\"]"), 0, "t.csv:3",
                       "column \"u\": several targets are numbers: expected one, got \"no\"");
}

/* ---- what is fitted, and kept ---- */

#define RICH                                                                                       \
    DATA(                                                                                          \
        ", \"target\": \"y\", \"columns\": {\"a\": {\"impute\": \"median\", \"indicator\": true, " \
        "\"clip\": [0, 50]}, \"b\": {\"scale\": \"robust\", \"log1p\": true}, \"c\": "             \
        "{\"min_count\": 2, "                                                                      \
        "\"impute\": \"mode\"}, \"d\": {\"encode\": \"ordinal\", \"unknown\": \"other\"}}")

static char *stored_text(fitted *f, size_t rows)
{
    const nn_view view = {.data = f->d, .count = rows};
    nn_problems warn = {0};
    nn_buf text = {0};
    nn_prep *p = NULL;
    nn_err err = {0};

    assert_ok(nn_prep_fit(&p, &view, f->e, &f->c.data, NN_TASK_REGRESSION, &warn, &err), err);
    f->e = NULL;
    nn_prep_write(p, &text);
    nn_prep_free(p);
    nn_problems_free(&warn);
    return text.data;
}

static void test_rows_that_are_not_trained_on_change_nothing_that_is_stored(void **state)
{
    static const char *const rest[] = {"7,7,u,k,yes,5\n,8,v,l,no,6\n",
                                       "1000,99999,u,new,no,-77\n50,0,x,k,yes,1e9\n"};
    char *text[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        char table[400];
        fitted f;

        snprintf(table, sizeof table,
                 "a,b,c,d,e,y\n1,1,u,k,yes,1.5\n,2,v,l,no,2\n3,9,u,k,no,3\n4,4,,m,yes,4\n%s",
                 rest[i]);
        write_text("t.csv", table);
        fit(&f, RICH, 4);
        text[i] = stored_text(&f, 4);
        fitted_free(&f);
    }
    assert_string_equal(text[0], text[1]);
    assert_non_null(strstr(text[0], "\"words\":[\"u\"]"));
    assert_non_null(strstr(text[0], "\"fill\":3,"));
    nn_free(text[0]);
    nn_free(text[1]);
}

static nn_code read_encoder(nn_encoder **e, const char *text, nn_err *err)
{
    const nn_json_source source = {"m", NN_EMODEL, false};
    nn_problems problems = {0};
    nn_doc *doc = NULL;
    nn_code rc = nn_doc_parse(&doc, &source, text, strlen(text), &problems, err);

    *e = NULL;
    if (rc == NN_OK)
        rc = nn_encoder_read(e, nn_doc_root(doc), err);
    nn_doc_free(doc);
    nn_problems_free(&problems);
    return rc;
}

static void test_an_encoder_is_the_same_after_writing_and_reading(void **state)
{
    nn_buf first = {0}, second = {0};
    nn_encoder *e = NULL;
    nn_err err = {0};
    fitted f;

    (void)state;
    write_text("t.csv", "a;b;c;d;e;y\n1;1;u;k;yes;1\n;2;v;l;no;2\n3;9;u;k;no;3\n4;4;;m;yes;4\n");
    fit(&f,
        DATA(", \"csv\": {\"delimiter\": \";\", \"missing\": [\"-\"]}, \"columns\": {\"?\": "
             "{\"impute\": "
             "\"mode\"}}"),
        0);
    nn_encoder_write(f.e, &first);
    assert_ok(read_encoder(&e, first.data, &err), err);
    nn_encoder_write(e, &second);
    assert_string_equal(first.data, second.data);
    assert_int_equal(e->features, f.e->features);
    assert_int_equal(e->column[2].width, 1);
    assert_string_equal(e->delimiter, ";");
    nn_encoder_free(e);
    nn_buf_free(&first);
    nn_buf_free(&second);
    fitted_free(&f);
}

#define HEAD "{\"file_columns\":2,\"decimal\":\".\",\"missing\":[],\"targets\":[1],\"columns\":"
#define COLUMN(kind, more)                                                                         \
    "{\"kind\":\"" kind "\",\"place\":0,\"scale\":\"none\",\"fill\":0" more "}"

static void test_a_damaged_encoder_is_refused_at_its_value(void **state)
{
    static const struct {
        const char *text, *msg;
    } cases[] = {
        {HEAD "[]}", "columns: expected a list of columns, got an empty list"},
        {HEAD "[7]}", "columns[0]: expected an object, got 7"},
        {HEAD "[" COLUMN("onehot", "") "]}", "columns[0]: a category column without words"},
        {HEAD "[" COLUMN("onehot", ",\"words\":[]") "]}",
         "columns[0]: a category column without categories"},
        {HEAD "[" COLUMN("onehot", ",\"words\":[\"b\",\"a\"]") "]}",
         "columns[0].words[1]: expected words in the order of their bytes"},
        {HEAD "[" COLUMN("onehot", ",\"words\":[1]") "]}",
         "columns[0].words[0]: expected a word, got 1"},
        {HEAD "[" COLUMN("onehot", ",\"words\":5") "]}",
         "columns[0].words: expected a list of at most 65536 words, got 5"},
        {HEAD "[" COLUMN("binary", ",\"words\":[\"a\",\"b\",\"c\"]") "]}",
         "columns[0]: a binary column of 3 words"},
        {HEAD "[" COLUMN("number", ",\"pooled\":true") "]}",
         "columns[0]: numbers and categories have keys of their own"},
        {HEAD "[" COLUMN("onehot", ",\"words\":[\"a\"],\"log1p\":true") "]}",
         "columns[0]: numbers and categories have keys of their own"},
        {HEAD "[" COLUMN("number", ",\"clip\":[1,0]") "]}",
         "columns[0].clip: expected [low, high], got a list"},
        {HEAD "[" COLUMN("number", ",\"name\":\"a\"") "," COLUMN("number", "") "]}",
         "columns[1]: either all columns have names or none"},
        {HEAD "[{\"kind\":\"number\",\"place\":2,\"scale\":\"none\",\"fill\":0}]}",
         "columns[0]: a name that is there twice, or a place outside"},
        {HEAD "[{\"kind\":\"number\",\"place\":0,\"scale\":\"auto\",\"fill\":0}]}",
         "columns[0]: expected a scaling other than auto, and a finite fill"},
        {HEAD
         "[{\"kind\":\"onehot\",\"place\":0,\"scale\":\"none\",\"fill\":1,\"words\":[\"a\"]}]}",
         "columns[0]: fill is no index of its 1 words"},
        {"{\"file_columns\":2,\"decimal\":\".\",\"missing\":[\"a\",\"a\"],\"targets\":[],"
         "\"columns\":[]}",
         "missing[1]: the word \"a\" is there twice"},
        {"{\"file_columns\":2,\"decimal\":\".\",\"missing\":[],\"targets\":[2],\"columns\":[]}",
         "targets[0]: expected the index of a column, got 2"},
        {"{\"file_columns\":2,\"decimal\":\".\",\"missing\":[],\"targets\":7,\"columns\":[]}",
         "targets: expected a list of columns, got 7"},
        {"[]", "expected an object, got an empty list"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint64_t live = nn_mem_read().live;
        nn_encoder *e = NULL;
        nn_err err = {0};

        assert_int_equal(read_encoder(&e, cases[i].text, &err), NN_EMODEL);
        assert_string_equal(err.msg, cases[i].msg);
        assert_null(e);
        assert_int_equal(nn_mem_read().live, live);
    }
}

static void test_no_memory_is_an_error_without_a_leak(void **state)
{
    const uint64_t live = nn_mem_read().live;
    nn_code rc = NN_ELIMIT;
    int failed = 0;

    (void)state;
    write_text("t.csv", "a,b,c,d,e,y\n1,1,u,k,yes,1\n,2,v,l,no,2\n3,9,u,k,no,3\n4,4,,m,yes,4\n");
    for (uint64_t n = 1; rc == NN_ELIMIT; n++) {
        nn_files files = {0};
        nn_err err = {0};
        fitted f = {0};

        config_read(&f.c, RICH);
        nn_files_read(f.c.data.train, &files);
        nn_mem_fail_at(n);
        rc = nn_dataset_load(&f.d, &files, &f.c.how, &err);
        if (rc == NN_OK) {
            const nn_view all = {.data = f.d, .count = f.d->rows};

            rc = nn_encoder_fit(&f.e, &all, &f.c.data, &err);
        }
        if (rc == NN_OK)
            rc = nn_encoder_apply(f.e, f.d, f.d->raw, &f.c.data.shape, &err);
        nn_mem_fail_at(0);
        failed += rc == NN_ELIMIT;
        if (f.d == NULL) /* it ended while the file was read, and says which */
            assert_non_null(strstr(err.where, "t.csv"));
        fitted_free(&f);
        assert_int_equal(nn_mem_read().live, live);
    }
    assert_int_equal(rc, NN_OK);
    assert_true(failed > 60);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, files_setup, files_teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_words_become_a_feature_each_and_two_of_them_one),
        TEST(test_a_declared_category_of_two_words_is_no_binary),
        TEST(test_numbers_can_be_declared_categories),
        TEST(test_an_embedded_column_is_the_number_of_its_category),
        TEST(test_ordinals_are_numbers_in_the_order_of_bytes),
        TEST(test_rare_categories_are_pooled_and_take_the_unknown_ones),
        TEST(test_an_unknown_category_is_refused_with_its_place),
        TEST(test_unknown_categories_may_be_none_of_them_and_are_counted),
        TEST(test_missing_numbers_become_what_the_config_says),
        TEST(test_an_indicator_tells_where_a_field_was_missing),
        TEST(test_a_constant_can_be_a_category_of_its_own),
        TEST(test_numbers_are_clipped_and_then_put_on_a_logarithmic_scale),
        TEST(test_columns_that_cannot_be_fitted_are_refused),
        TEST(test_kinds_are_told_by_what_most_fields_are),
        TEST(test_a_decimal_comma_is_read_when_it_is_asked_for),
        TEST(test_the_words_for_missing_can_be_chosen),
        TEST(test_a_name_goes_before_patterns_and_the_first_pattern_counts),
        TEST(test_patterns),
        TEST(test_faults_of_the_config_are_found_at_their_place),
        TEST(test_features_and_ignored_columns_are_chosen_by_pattern),
        TEST(test_id_weight_group_and_split_are_no_features),
        TEST(test_what_is_for_tables_is_refused_elsewhere),
        TEST(test_several_targets_are_numbers),
        TEST(test_rows_that_are_not_trained_on_change_nothing_that_is_stored),
        TEST(test_an_encoder_is_the_same_after_writing_and_reading),
        TEST(test_a_damaged_encoder_is_refused_at_its_value),
        TEST(test_no_memory_is_an_error_without_a_leak),
    };

    return nn_test_main(argc, argv, tests);
}
