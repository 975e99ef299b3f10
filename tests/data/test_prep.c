/* Preprocessing: fitted on the rows of the view alone, exact through JSON, strict when read back.
 */
#include "support/nn_test.h"

#include <math.h>

#include "base/mem.h"
#include "data/prep.h"

/* Four rows of two numbers and a target each; the row 2 is never trained on. */
typedef struct fake {
    nn_dataset d;
    float number[8];
    float value[4];
    uint8_t byte[8];
    uint32_t row[3];
    char name[8], a[2], b[2], y[2], cat[4], dog[4];
    char *target[1];
    char *column[2], *class_name[3];
} fake;

static void make(fake *f)
{
    static const float number[] = {1, 10, 2, 10, 1000, 7, 6, 10}, value[] = {1, 3, 500, 8};
    static const uint32_t row[] = {3, 1, 0};

    memset(f, 0, sizeof *f);
    memcpy(f->number, number, sizeof number);
    memcpy(f->value, value, sizeof value);
    strcpy(f->name, "t.csv");
    strcpy(f->a, "a");
    strcpy(f->b, "b");
    strcpy(f->y, "y");
    strcpy(f->cat, "cat");
    strcpy(f->dog, "dog");
    f->column[0] = f->a;
    f->column[1] = f->b;
    f->target[0] = f->y;
    f->class_name[0] = f->cat;
    f->class_name[1] = f->dog;
    memcpy(f->row, row, sizeof row);
    f->d = (nn_dataset){.name = f->name,
                        .table = true,
                        .rows = 4,
                        .shape = nn_shape_1(2),
                        .numbers = f->number,
                        .value = f->value,
                        .width = 1,
                        .column = f->column,
                        .target_column = f->y,
                        .targets = {f->target, 1}};
}

/* The prep of the rows 3, 1 and 0. */
static nn_prep *fit(fake *f, const nn_data_conf *conf, nn_task task, nn_problems *warn)
{
    const nn_view train = {&f->d, f->row, 3};
    nn_prep *p = NULL;
    nn_err err = {0};

    assert_ok(nn_prep_fit(&p, &train, NULL, conf, task, warn, &err), err);
    return p;
}

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-15 * fabs(b));
}

static void test_auto_is_unit_for_bytes_standard_for_csv_and_none_else(void **state)
{
    const nn_data_conf conf = {0};
    nn_problems warn = {0};
    nn_prep *p = NULL;
    fake f;

    (void)state;
    make(&f);
    p = fit(&f, &conf, NN_TASK_REGRESSION, &warn);
    assert_int_equal(p->scale, NN_SCALE_STANDARD);
    assert_int_equal(p->columns, 2);
    nn_prep_free(p);
    f.d.table = false;
    p = fit(&f, &conf, NN_TASK_REGRESSION, &warn);
    assert_int_equal(p->scale, NN_SCALE_NONE);
    assert_int_equal(p->columns, 1);
    assert_float_equal(p->shift[0], 0, 0);
    assert_float_equal(p->factor[0], 1, 0);
    nn_prep_free(p);
    f.d.numbers = NULL;
    f.d.bytes = f.byte;
    p = fit(&f, &conf, NN_TASK_REGRESSION, &warn);
    assert_int_equal(p->scale, NN_SCALE_UNIT);
    assert_float_equal(p->factor[0], 1.0 / 255, 0);
    nn_prep_free(p);
    nn_problems_free(&warn);
}

static void test_standard_is_mean_and_deviation_of_the_training_rows(void **state)
{
    const nn_data_conf conf = {.scale = NN_SCALE_STANDARD, .target_scale = NN_TARGET_STANDARD};
    nn_problems warn = {0};
    nn_prep *p = NULL;
    fake f;

    (void)state;
    make(&f);
    p = fit(&f, &conf, NN_TASK_REGRESSION, &warn);
    assert_near(p->shift[0], 3);
    assert_near(p->factor[0], 1 / sqrt(14.0 / 3));
    assert_near(p->target_shift[0], 4);
    assert_near(p->target_factor[0], 1 / sqrt(26.0 / 3));
    nn_prep_free(p);
    nn_problems_free(&warn);
}

static void test_constant_columns_keep_the_factor_1_and_are_named(void **state)
{
    const nn_data_conf conf = {.scale = NN_SCALE_STANDARD};
    nn_problems warn = {0};
    nn_prep *p = NULL;
    fake f;

    (void)state;
    make(&f);
    p = fit(&f, &conf, NN_TASK_REGRESSION, &warn);
    assert_float_equal(p->shift[1], 10, 0);
    assert_float_equal(p->factor[1], 1, 0);
    assert_int_equal(warn.count, 1);
    assert_int_equal(warn.list[0].severity, NN_WARNING);
    assert_string_equal(warn.list[0].file, "t.csv");
    assert_string_equal(warn.list[0].message,
                        "1 of 2 columns are constant in the training rows: \"b\"");
    nn_prep_free(p);
    nn_problems_free(&warn);
}

static void test_many_constant_columns_make_one_short_warning(void **state)
{
    const nn_data_conf conf = {.scale = NN_SCALE_MINMAX};
    float number[40] = {0};
    nn_problems warn = {0};
    nn_prep *p = NULL;
    fake f;

    (void)state;
    make(&f);
    f.d.numbers = number;
    f.d.shape = nn_shape_1(10);
    f.d.column = NULL;
    number[3] = 1;
    p = fit(&f, &conf, NN_TASK_REGRESSION, &warn);
    assert_string_equal(
        warn.list[0].message,
        "9 of 10 columns are constant in the training rows: 0, 1, 2, 4, 5, 6, 7, 8, ...");
    nn_prep_free(p);
    nn_problems_free(&warn);
}

static void test_minmax_goes_from_0_to_1(void **state)
{
    const nn_data_conf conf = {.scale = NN_SCALE_MINMAX, .target_scale = NN_TARGET_MINMAX};
    nn_problems warn = {0};
    nn_prep *p = NULL;
    fake f;

    (void)state;
    make(&f);
    p = fit(&f, &conf, NN_TASK_REGRESSION, &warn);
    assert_float_equal(p->shift[0], 1, 0);
    assert_near(p->factor[0], 0.2);
    assert_float_equal(p->target_shift[0], 1, 0);
    assert_near(p->target_factor[0], 1.0 / 7);
    nn_prep_free(p);
    nn_problems_free(&warn);
}

static void test_robust_is_the_median_and_the_way_between_the_quartiles(void **state)
{
    const nn_data_conf conf = {.scale = NN_SCALE_ROBUST};
    nn_problems warn = {0};
    nn_prep *p = NULL;
    fake f;

    (void)state;
    make(&f);
    p = fit(&f, &conf, NN_TASK_REGRESSION, &warn); /* 6, 2 and 1; 10 throughout */
    assert_int_equal(p->scale, NN_SCALE_ROBUST);
    assert_float_equal(p->shift[0], 2, 0);
    assert_float_equal(p->factor[0], 1 / 2.5, 1e-15); /* from 1.5 to 4 */
    assert_float_equal(p->shift[1], 10, 0);
    assert_float_equal(p->factor[1], 1, 0);
    nn_prep_free(p);
    nn_problems_free(&warn);
}

static void test_rows_outside_the_view_change_nothing(void **state)
{
    static const nn_data_conf conf[] = {
        {.scale = NN_SCALE_STANDARD, .target_scale = NN_TARGET_STANDARD},
        {.scale = NN_SCALE_MINMAX, .target_scale = NN_TARGET_MINMAX}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        nn_buf before = {0}, after = {0};
        nn_problems warn = {0};
        nn_prep *p = NULL;
        fake f;

        make(&f);
        p = fit(&f, &conf[i], NN_TASK_REGRESSION, &warn);
        nn_prep_write(p, &before);
        nn_prep_free(p);
        f.number[4] = -1e30f;
        f.number[5] = 1e30f;
        f.value[2] = -5;
        p = fit(&f, &conf[i], NN_TASK_REGRESSION, &warn);
        nn_prep_write(p, &after);
        nn_prep_free(p);
        assert_string_equal(before.data, after.data);
        nn_buf_free(&before);
        nn_buf_free(&after);
        nn_problems_free(&warn);
    }
}

static void test_pictures_have_one_statistic_a_channel(void **state)
{
    const nn_data_conf conf = {.scale = NN_SCALE_STANDARD};
    nn_problems warn = {0};
    nn_prep *p = NULL;
    fake f;

    (void)state;
    make(&f);
    for (unsigned i = 0; i < 8; i++)
        f.byte[i] = (uint8_t)(i * i);
    f.d.numbers = NULL;
    f.d.bytes = f.byte;
    f.d.rows = 1;
    f.d.shape = nn_shape_3(2, 2, 2);
    f.d.column = NULL;
    f.row[0] = 0;
    const nn_view train = {&f.d, f.row, 1};
    nn_err err = {0};
    assert_ok(nn_prep_fit(&p, &train, NULL, &conf, NN_TASK_MULTICLASS, &warn, &err), err);
    assert_int_equal(p->columns, 2);
    assert_near(p->shift[0], (0 + 4 + 16 + 36) / 4.0);
    assert_near(p->shift[1], (1 + 9 + 25 + 49) / 4.0);
    nn_prep_free(p);
    nn_problems_free(&warn);
}

static void test_log1p_refuses_what_has_no_logarithm(void **state)
{
    const nn_data_conf conf = {.target_scale = NN_TARGET_LOG1P};
    nn_problems warn = {0};
    nn_prep *p = NULL;
    nn_err err = {0};
    fake f;

    (void)state;
    make(&f);
    f.value[1] = -1;
    const nn_view train = {&f.d, f.row, 3};
    const uint64_t live = nn_mem_read().live;
    assert_int_equal(nn_prep_fit(&p, &train, NULL, &conf, NN_TASK_REGRESSION, &warn, &err),
                     NN_EDATA);
    assert_null(p);
    assert_string_equal(err.where, "t.csv");
    assert_string_equal(err.msg,
                        "target_scale log1p: sample 1 has the target -1, expected more than -1");
    nn_problems_free(&warn);
    assert_int_equal(nn_mem_read().live, live);
}

static void test_flags_are_never_scaled(void **state)
{
    const nn_data_conf conf = {.target_scale = NN_TARGET_STANDARD};
    nn_problems warn = {0};
    nn_prep *p = NULL;
    fake f;

    (void)state;
    make(&f);
    p = fit(&f, &conf, NN_TASK_MULTILABEL, &warn);
    assert_int_equal(p->target_scale, NN_TARGET_NONE);
    assert_float_equal(p->target_factor[0], 1, 0);
    nn_prep_free(p);
    nn_problems_free(&warn);
}

static void test_scaled_targets_come_back(void **state)
{
    static const nn_target_scale scale[] = {NN_TARGET_NONE, NN_TARGET_STANDARD, NN_TARGET_MINMAX,
                                            NN_TARGET_LOG1P};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const nn_data_conf conf = {.target_scale = (int)scale[i]};
        nn_problems warn = {0};
        nn_real y[2];
        nn_prep *p = NULL;
        fake f;

        make(&f);
        p = fit(&f, &conf, NN_TASK_REGRESSION, &warn);
        for (int k = 0; k < 2; k++) {
            const double raw = scale[i] == NN_TARGET_LOG1P ? log1p(3 + k) : 3 + k;

            y[k] = (nn_real)((raw - p->target_shift[0]) * p->target_factor[0]);
        }
        nn_prep_undo_target(p, y, 2);
        assert_true(fabs((double)y[0] - 3) < 1e-5);
        assert_true(fabs((double)y[1] - 4) < 1e-5);
        nn_prep_free(p);
        nn_problems_free(&warn);
    }
}

/* Documents of a prep and its classes as the model file keeps them. */
typedef struct stored {
    nn_problems problems;
    nn_doc *prep, *classes;
} stored;

static void store(stored *s, const char *prep, const char *classes)
{
    const nn_json_source source = {"m.safetensors", NN_EMODEL, false};
    nn_err err = {0};

    memset(s, 0, sizeof *s);
    assert_ok(nn_doc_parse(&s->prep, &source, prep, strlen(prep), &s->problems, &err), err);
    assert_ok(nn_doc_parse(&s->classes, &source, classes, strlen(classes), &s->problems, &err),
              err);
}

static void release(stored *s)
{
    nn_doc_free(s->prep);
    nn_doc_free(s->classes);
    nn_problems_free(&s->problems);
}

static nn_code read_back(nn_prep **p, const char *prep, const char *classes, nn_err *err)
{
    stored s;
    nn_code rc = NN_OK;

    store(&s, prep, classes);
    rc = nn_prep_read(p, nn_doc_root(s.prep), nn_doc_root(s.classes), err);
    release(&s);
    return rc;
}

static void test_a_prep_is_the_same_after_writing_and_reading(void **state)
{
    const nn_data_conf conf = {.scale = NN_SCALE_STANDARD, .target_scale = NN_TARGET_STANDARD};
    nn_buf first = {0}, second = {0};
    nn_problems warn = {0};
    nn_prep *p = NULL, *q = NULL;
    nn_err err = {0};
    fake f;

    (void)state;
    make(&f);
    f.number[0] = 0.1f;
    f.value[0] = 0.3f;
    p = fit(&f, &conf, NN_TASK_REGRESSION, &warn);
    nn_prep_write(p, &first);
    assert_ok(read_back(&q, first.data, "[]", &err), err);
    assert_memory_equal(p->shift, q->shift, 2 * sizeof *p->shift);
    assert_memory_equal(p->factor, q->factor, 2 * sizeof *p->factor);
    assert_memory_equal(p->target_shift, q->target_shift, sizeof *p->target_shift);
    assert_memory_equal(p->target_factor, q->target_factor, sizeof *p->target_factor);
    assert_true(nn_shape_equal(&p->shape, &q->shape));
    assert_int_equal(q->task, NN_TASK_REGRESSION);
    assert_string_equal(q->target_column, "y");
    nn_prep_write(q, &second);
    assert_string_equal(first.data, second.data);
    nn_prep_free(p);
    nn_prep_free(q);
    nn_buf_free(&first);
    nn_buf_free(&second);
    nn_problems_free(&warn);
}

#define OBJECT(task, shape, scale, shift, factor, more)                                            \
    "{\"task\":\"" task "\",\"shape\":" shape ",\"scale\":\"" scale "\",\"shift\":" shift          \
    ",\"factor\":" factor ",\"target_scale\":\"none\"" more "}"
#define TABLE(columns)                                                                             \
    ",\"table\":{\"file_columns\":3,\"decimal\":\".\",\"missing\":[\"NA\"],\"targets\":[2],"       \
    "\"columns\":[" columns "]}"
#define NUMBER(name, place)                                                                        \
    "{\"kind\":\"number\",\"place\":" place ",\"scale\":\"none\",\"fill\":0,\"name\":\"" name "\"" \
    "}"
#define NO_TARGETS ",\"target_shift\":[],\"target_factor\":[]"
#define SEQUENCE(window, more)                                                                     \
    NO_TARGETS ",\"sequence\":{\"window\":" window                                                 \
               ",\"horizon\":1,\"lead\":1,\"stride\":1,\"season\":1" more "}"
#define TEXT(length, tokens)                                                                       \
    NO_TARGETS ",\"text\":{\"tokens\":\"char\",\"lower\":false,\"length\":" length                 \
               ",\"table\":false,\"vocabulary\":" tokens "}"

static void test_classes_come_from_their_own_list(void **state)
{
    nn_prep *p = NULL;
    nn_err err = {0};

    (void)state;
    assert_ok(read_back(&p, OBJECT("multiclass", "[2, 2]", "unit", "[0]", "[0.5]", NO_TARGETS),
                        "[\"cat\", \"dog\"]", &err),
              err);
    assert_int_equal(p->classes.count, 2);
    assert_string_equal(p->classes.name[1], "dog");
    assert_null(p->classes.name[2]);
    assert_int_equal(p->shape.rank, 2);
    assert_int_equal(p->width, 0);
    assert_null(p->column);
    assert_null(p->target_column);
    nn_prep_free(p);
}

typedef struct damaged {
    const char *prep, *classes, *msg;
} damaged;

static void assert_each_refused(const damaged *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t live = nn_mem_read().live;
        nn_prep *p = NULL;
        nn_err err = {0};

        assert_int_equal(read_back(&p, cases[i].prep, cases[i].classes, &err), NN_EMODEL);
        assert_null(p);
        assert_string_equal(err.msg, cases[i].msg);
        assert_int_equal(nn_mem_read().live, live);
    }
}

static void test_a_damaged_prep_is_refused_at_its_value(void **state)
{
    static const damaged cases[] = {
        {"[]", "[]", "expected an object, got an empty list"},
        {OBJECT("auto", "[1]", "none", "[0]", "[1]", NO_TARGETS), "[]",
         "task: \"auto\" is no task of a model"},
        {OBJECT("multiclass", "[1]", "auto", "[0]", "[1]", NO_TARGETS), "[]",
         "scale: \"auto\" is no scaling of a model"},
        {OBJECT("multiclass", "[]", "none", "[0]", "[1]", NO_TARGETS), "[]",
         "shape: expected a list of integers, got an empty list"},
        {OBJECT("multiclass", "[65536,65536]", "none", "[0]", "[1]", NO_TARGETS), "[]",
         "shape: expected a shape of 1 to 2147483647 elements"},
        {OBJECT("multiclass", "[3]", "standard", "[0]", "[1]", NO_TARGETS), "[]",
         "shift: expected a list of 3 numbers, got a list"},
        {OBJECT("multiclass", "[1]", "none", "[0]", "5", NO_TARGETS), "[]",
         "factor: expected a list of 1 numbers, got 5"},
        {OBJECT("multiclass", "[1]", "none", "[\"0\"]", "[1]", NO_TARGETS), "[]",
         "shift[0]: expected a finite number, got \"0\""},
        {OBJECT("multiclass", "[1]", "none", "[0]", "[0]", NO_TARGETS), "[]",
         "factor[0]: expected a finite number other than 0, got 0"},
        {OBJECT("regression", "[1]", "none", "[0]", "[1]",
                ",\"target_shift\":[1],\"target_factor\":[1,2]"),
         "[]", "target_factor: expected a list of 1 numbers, got a list"},
        {OBJECT("regression", "[1]", "none", "[0]", "[1]",
                ",\"target_shift\":5,\"target_factor\":[]"),
         "[]", "target_shift: expected a list of 0 numbers, got 5"},
        {OBJECT("multiclass", "[1]", "none", "[0]", "[1]", NO_TARGETS), "{}",
         "expected a list of at most 65536 classes, got an empty object"},
        {OBJECT("multiclass", "[1]", "none", "[0]", "[1]", NO_TARGETS), "[\"a\",\"b\",\"a\"]",
         "[2]: the name \"a\" is there twice"},
        {OBJECT("multiclass", "[1]", "none", "[0]", "[1]", NO_TARGETS), "[\"a\",5]",
         "[1]: expected a name of at most 1024 bytes, got 5"},
        {OBJECT("regression", "[1]", "none", "[0]", "[1]", NO_TARGETS), "[\"a\"]",
         "classes, but the task is regression"},
        {OBJECT("multiclass", "[2]", "none", "[0]", "[1]", NO_TARGETS TABLE(NUMBER("a", "0"))),
         "[]", "table: its columns make 1 features, the shape has 2"},
        {OBJECT("multiclass", "[2]", "none", "[0]", "[1]",
                NO_TARGETS TABLE(NUMBER("a", "0") "," NUMBER("a", "1"))),
         "[]", "table.columns[1]: a name that is there twice, or a place outside"},
        {OBJECT("multiclass", "[2]", "none", "[0]", "[1]", NO_TARGETS ",\"more\":1"), "[]",
         "unknown key \"more\"; known keys: task, shape, scale, shift, factor, target_scale, "
         "target_shift, target_factor, baseline, steps, target, sequence, text, table"},
    };

    (void)state;
    assert_each_refused(cases, sizeof cases / sizeof cases[0]);
}

static void test_a_damaged_sequence_or_text_is_refused_at_its_value(void **state)
{
    static const damaged cases[] = {
        {OBJECT("regression", "[5]", "none", "[0]", "[1]", SEQUENCE("2", "")), "[]",
         "sequence: a shape of 5 numbers is no window of 2 rows"},
        {OBJECT("regression", "[4]", "none", "[0]", "[1]", SEQUENCE("2", ",\"order\":1.5")), "[]",
         "sequence.order: expected the name or the index of a column, got 1.5"},
        {OBJECT("regression", "[4]", "none", "[0]", "[1]", SEQUENCE("2", ",\"group\":-1")), "[]",
         "sequence.group: expected the name or the index of a column, got -1"},
        {OBJECT("regression", "[4]", "none", "[0]", "[1]", SEQUENCE("2", ",\"group\":1000001")),
         "[]", "sequence.group: expected the name or the index of a column, got 1000001"},
        {OBJECT("regression", "[4]", "none", "[0]", "[1]", SEQUENCE("2", ",\"group\":true")), "[]",
         "sequence.group: expected the name or the index of a column, got true"},
        {OBJECT("multiclass", "[3]", "none", "[0]", "[1]", TEXT("4", "[\"a\"]")),
         "[\"p\",\"u\",\"a\"]", "text: a length of 4, but the shape has 3"},
        {OBJECT("multiclass", "[3]", "unit", "[0]", "[1]", TEXT("3", "[\"a\"]")),
         "[\"p\",\"u\",\"a\"]", "text: text is no sequence and is not scaled"},
        {OBJECT("multiclass", "[3]", "none", "[0]", "[1]", TEXT("3", "[\"a\",\"b\"]")),
         "[\"p\",\"u\",\"a\"]", "text: 4 tokens, but there are 3 classes"},
        {OBJECT("multiclass", "[3]", "none", "[0]", "[1]", TEXT("3", "[\"a\",\"a\"]")),
         "[\"p\",\"u\",\"a\"]", "text.vocabulary[1]: the token \"a\" is there twice"},
        {OBJECT("multiclass", "[3]", "none", "[0]", "[1]", TEXT("3", "[\"ab\"]")),
         "[\"p\",\"u\",\"a\"]", "text.vocabulary[0]: expected a char, got \"ab\""},
        {OBJECT("multiclass", "[3]", "none", "[0]", "[1]",
                NO_TARGETS ",\"text\":{\"tokens\":\"auto\",\"lower\":false,\"length\":3,"
                           "\"table\":false,\"vocabulary\":[\"a\"]}"),
         "[\"p\",\"u\",\"a\"]", "text.tokens: \"auto\" is no kind of tokens of a model"},
        {OBJECT("multiclass", "[3]", "none", "[0]", "[1]", TEXT("3", "[]")), "[\"p\",\"u\"]",
         "text.vocabulary: expected a list of 1 to 65534 tokens, got an empty list"},
        {OBJECT("multiclass", "[3]", "none", "[0]", "[1]", TEXT("3", "5")), "[\"p\",\"u\"]",
         "text.vocabulary: expected a list of 1 to 65534 tokens, got 5"},
    };

    (void)state;
    assert_each_refused(cases, sizeof cases / sizeof cases[0]);
}

static void test_missing_keys_of_a_prep_are_named(void **state)
{
    nn_prep *p = NULL;
    nn_err err = {0};

    (void)state;
    assert_int_equal(read_back(&p, "{\"task\":\"regression\"}", "[]", &err), NN_EMODEL);
    assert_null(p);
    assert_non_null(strstr(err.msg, "\"shape\""));
}

static void test_no_memory_is_an_error_without_a_leak(void **state)
{
    const nn_data_conf conf = {.scale = NN_SCALE_STANDARD, .target_scale = NN_TARGET_STANDARD};
    nn_code rc = NN_ELIMIT;
    nn_buf text = {0};
    int failed = 0;
    stored s;
    fake f;

    (void)state;
    make(&f);
    f.d.classes = (nn_classes){f.class_name, 2};
    store(&s,
          OBJECT("binary", "[2]", "minmax", "[0,1]", "[0.5,1]",
                 NO_TARGETS TABLE(NUMBER("a", "0") "," NUMBER("b", "1")) ",\"target\":\"y\""),
          "[\"cat\",\"dog\"]");
    const uint64_t live = nn_mem_read().live;
    for (uint64_t n = 1; rc == NN_ELIMIT; n++) {
        const nn_view train = {&f.d, f.row, 3};
        nn_problems warn = {0};
        nn_prep *p = NULL, *q = NULL;
        nn_err err = {0};

        nn_mem_fail_at(n);
        rc = nn_prep_fit(&p, &train, NULL, &conf, NN_TASK_REGRESSION, &warn, &err);
        if (rc == NN_OK)
            rc = nn_prep_read(&q, nn_doc_root(s.prep), nn_doc_root(s.classes), &err);
        nn_mem_fail_at(0);
        failed += rc == NN_ELIMIT;
        nn_prep_free(p);
        nn_prep_free(q);
        nn_problems_free(&warn);
        assert_int_equal(nn_mem_read().live, live);
    }
    assert_int_equal(rc, NN_OK);
    assert_true(failed > 20);
    release(&s);
    nn_buf_free(&text);
}

static void test_a_prep_that_does_nothing(void **state)
{
    const nn_shape shape = nn_shape_2(2, 3);
    nn_real y[] = {1, 2};
    nn_prep *p = NULL;
    nn_err err = {0};

    (void)state;
    assert_ok(nn_prep_none(&p, &shape, NN_TASK_REGRESSION, &err), err);
    assert_int_equal(p->scale, NN_SCALE_NONE);
    assert_true(nn_shape_equal(&p->shape, &shape));
    nn_prep_undo_target(p, y, 2);
    assert_float_equal(y[1], 2, 0);
    nn_prep_free(p);
    for (uint64_t n = 1; n <= 3; n++) {
        nn_mem_fail_at(n);
        assert_int_equal(nn_prep_none(&p, &shape, NN_TASK_REGRESSION, &err), NN_ELIMIT);
        nn_mem_fail_at(0);
        assert_null(p);
    }
}

static void test_more_data_is_loaded_as_the_prep_says(void **state)
{
    const nn_data_conf conf = {.scale = NN_SCALE_STANDARD, .target_scale = NN_TARGET_MINMAX};
    nn_problems warn = {0};
    nn_data_conf got = {0};
    nn_load how = {0};
    nn_prep *p = NULL;
    fake f;

    (void)state;
    make(&f);
    p = fit(&f, &conf, NN_TASK_REGRESSION, &warn);
    nn_prep_load(p, &how, &got);
    assert_ptr_equal(how.conf, &got);
    assert_int_equal(how.task, NN_TASK_REGRESSION);
    assert_null(how.classes);
    assert_string_equal(how.targets->name[0], "y");
    assert_null(how.encoder);
    assert_true(how.plain);
    assert_false(how.targets_optional);
    assert_true(nn_shape_equal(&got.shape, &f.d.shape));
    assert_int_equal(got.scale, NN_SCALE_STANDARD);
    assert_int_equal(got.target_scale, NN_TARGET_MINMAX);
    assert_int_equal(got.format, 0);
    nn_prep_free(p);
    nn_problems_free(&warn);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auto_is_unit_for_bytes_standard_for_csv_and_none_else),
        cmocka_unit_test(test_standard_is_mean_and_deviation_of_the_training_rows),
        cmocka_unit_test(test_constant_columns_keep_the_factor_1_and_are_named),
        cmocka_unit_test(test_many_constant_columns_make_one_short_warning),
        cmocka_unit_test(test_minmax_goes_from_0_to_1),
        cmocka_unit_test(test_robust_is_the_median_and_the_way_between_the_quartiles),
        cmocka_unit_test(test_rows_outside_the_view_change_nothing),
        cmocka_unit_test(test_pictures_have_one_statistic_a_channel),
        cmocka_unit_test(test_log1p_refuses_what_has_no_logarithm),
        cmocka_unit_test(test_flags_are_never_scaled),
        cmocka_unit_test(test_scaled_targets_come_back),
        cmocka_unit_test(test_a_prep_is_the_same_after_writing_and_reading),
        cmocka_unit_test(test_classes_come_from_their_own_list),
        cmocka_unit_test(test_a_damaged_prep_is_refused_at_its_value),
        cmocka_unit_test(test_a_damaged_sequence_or_text_is_refused_at_its_value),
        cmocka_unit_test(test_missing_keys_of_a_prep_are_named),
        cmocka_unit_test(test_no_memory_is_an_error_without_a_leak),
        cmocka_unit_test(test_a_prep_that_does_nothing),
        cmocka_unit_test(test_more_data_is_loaded_as_the_prep_says),
    };

    return nn_test_main(argc, argv, tests);
}
