/* Time series, from the file to the forecast: order, windows, splits, scaling, naive forecasts. */
#include "run/support/runs.h"

#include <math.h>

#include "base/mem.h"
#include "data/naive.h"
#include "data/windows.h"
#include "run/held.h"
#include "run/predict.h"
#include "support/nn_temp.h"

typedef struct place {
    char home[4096];
    char *dir;
} place;

static int enter(void **state)
{
    place *p = calloc(1, sizeof *p);

    *state = p;
    p->dir = nn_temp_dir();
    return getcwd(p->home, sizeof p->home) == NULL || p->dir == NULL || chdir(p->dir) != 0;
}

static int leave(void **state)
{
    place *p = *state;
    const int rc = chdir(p->home);

    nn_temp_remove(p->dir);
    free(p);
    return rc;
}

static void write_text(const char *name, const char *text)
{
    nn_err err = {0};

    assert_ok(nn_file_write(name, text, strlen(text), NN_REPLACE_EXISTING, &err), err);
}

enum { HOURS = 40 };

/* What series `s` has at time t: told apart by thousands, so that a mixture is seen. */
static double level(int s, int t)
{
    return 1000 * s + t;
}

/* Two series in one file, their rows mixed and the later times first. */
static void write_series(const char *name)
{
    nn_buf text = {0};
    nn_err err = {0};

    nn_buf_put(&text, "when,shop,temp,sold\n");
    for (int t = HOURS - 1; t >= 0; t--)
        for (int s = 0; s < 2; s++)
            nn_buf_printf(&text, "2024-01-%02d %02d:00,%s,%d,%g\n", 1 + t / 24, t % 24,
                          s == 0 ? "north" : "south", t % 7, level(s, t));
    assert_ok(nn_buf_check(&text, &err), err);
    write_text(name, text.data);
    nn_buf_free(&text);
}

#define SEQUENCE(keys)                                                                             \
    "{'seed': 1, 'data': {'train': {'path': 't.csv'}, 'target': 'sold', 'target_scale': "          \
    "'standard', 'sequence': {'window': 4, 'group': 'shop', 'order': 'when'" keys "}},"
#define NETWORK                                                                                    \
    "'model': {'layers': [{'type': 'Flatten'}, {'type': 'Dense', 'units': 1}]}, 'loss': 'mse',"    \
    "'training': {'epochs': 2, 'batch_size': 8}}"

typedef struct settled {
    nn_config *config;
    nn_setup *setup;
    nn_pool *pool;
    nn_batch *batch;
} settled;

static void settle(settled *s, const char *text)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    nn_err err = {0};

    memset(s, 0, sizeof *s);
    s->config = nn_test_config(text);
    assert_ok(nn_setup_new(&s->setup, s->config, &options, &err), err);
    assert_ok(nn_pool_new(&s->pool, 1, &err), err);
    assert_ok(nn_batch_new(&s->batch, s->setup->train_set, s->setup->prep, 64, 0, &err), err);
}

static void release(settled *s)
{
    nn_batch_free(s->batch);
    nn_pool_free(s->pool);
    nn_setup_free(s->setup);
    nn_config_free(s->config);
}

static nn_code refuse(const char *text, nn_err *err)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA};
    nn_config *c = nn_test_config(text);
    nn_setup *s = NULL;
    const nn_code rc = nn_setup_new(&s, c, &options, err);

    assert_null(s);
    nn_config_free(c);
    return rc;
}

static int series_of(const nn_dataset *d, size_t row)
{
    return d->value[row] >= 1000;
}

static int time_of(const nn_dataset *d, size_t row)
{
    return (int)d->value[row] % 1000;
}

/* ---- tests ---- */

static void test_windows_follow_time_within_a_series_and_a_part(void **state)
{
    settled s;

    (void)state;
    write_series("t.csv");
    settle(&s, SEQUENCE("") "'validation': 0.25," NETWORK);
    const nn_dataset *d = s.setup->train_set;
    const nn_view *parts[] = {&s.setup->train, &s.setup->validation};

    assert_int_equal(s.setup->train.count, 2 * (30 - 4)); /* 30 hours of each, minus the window */
    assert_int_equal(s.setup->validation.count, 2 * (10 - 4));
    for (int p = 0; p < 2; p++)
        for (size_t i = 0; i < parts[p]->count; i++) {
            const size_t row = nn_view_row(parts[p], i), target = row + 4;

            assert_int_equal(series_of(d, row), series_of(d, target));
            assert_int_equal(time_of(d, row) + 4, time_of(d, target));
            assert_true(p == 0 ? time_of(d, target) < 30 : time_of(d, row) >= 30);
        }
    release(&s);
}

static void test_a_sample_is_its_rows_scaled_by_training_rows_alone(void **state)
{
    settled s;
    double mean = 0, square = 0;

    (void)state;
    write_series("t.csv");
    settle(&s, SEQUENCE("") "'validation': 0.25," NETWORK);
    const nn_dataset *d = s.setup->train_set;

    for (int k = 0; k < 2; k++)
        for (int t = 0; t < 30; t++)
            mean += level(k, t) / 60;
    for (int k = 0; k < 2; k++)
        for (int t = 0; t < 30; t++)
            square += (level(k, t) - mean) * (level(k, t) - mean) / 60;
    nn_batch_fill(s.batch, &s.setup->train, s.setup->prep, NULL, 0, 10, NULL, s.pool);
    assert_int_equal(d->shape.dim[0], 4);
    assert_int_equal(d->shape.dim[1], 2); /* temp and sold; when and shop are no features */
    for (int i = 0; i < 10; i++) {
        for (int step = 0; step < 4; step++) {
            const double x = (double)s.batch->x[(i * 4 + step) * 2 + 1];
            const double expected = (level(0, i + step) - mean) / sqrt(square);

            assert_true(fabs(x - expected) < 1e-5);
        }
        assert_true(fabs((double)s.batch->value[i] - (level(0, i + 4) - mean) / sqrt(square)) <
                    1e-5);
    }
    release(&s);
}

static void test_several_steps_are_forecast_at_once(void **state)
{
    settled s;
    nn_real naive[3];

    (void)state;
    write_series("t.csv");
    settle(
        &s,
        SEQUENCE(
            ", 'horizon': 3, 'lead': 2, 'stride': 5, 'season': 4") "'validation': 0, 'model': "
                                                                   "{'layers': [{'type': "
                                                                   "'Flatten'}, {'type': 'Dense', "
                                                                   "'units': 3}]}, 'loss': 'mse'}");
    const nn_dataset *d = s.setup->train_set;

    assert_int_equal(d->width, 3);
    assert_int_equal(s.setup->train.count, 2 * 7); /* starts 0, 5, ..., 30: 32 are possible */
    nn_batch_fill(s.batch, &s.setup->train, s.setup->prep, NULL, 1, 1, NULL, s.pool);
    nn_prep_undo_target(s.setup->prep, s.batch->value, 1);
    for (int k = 0; k < 3; k++) /* the window is 5 to 8, the forecast 10, 11, 12 */
        assert_true(fabs((double)s.batch->value[k] - level(0, 10 + k)) < 1e-3);
    nn_naive_forecast(d, 5, 1, naive);
    for (int k = 0; k < 3; k++)
        assert_true(naive[k] == (nn_real)level(0, 8));
    nn_naive_forecast(d, 5, 4, naive); /* 10 - 4, 11 - 4, 12 - 4: all of them known */
    for (int k = 0; k < 3; k++)
        assert_true(naive[k] == (nn_real)level(0, 6 + k));
    nn_naive_forecast(d, 5, 3, naive); /* 12 - 3 = 9 would not be: two seasons before */
    assert_true(naive[0] == (nn_real)level(0, 7) && naive[2] == (nn_real)level(0, 6));
    nn_naive_forecast(d, 40, 9, naive); /* of the other series; 9 before 6 it had not begun */
    assert_true(naive[0] == (nn_real)level(1, 3));
    release(&s);
}

static void test_labels_of_a_windows_last_row(void **state)
{
    settled s;
    nn_buf text = {0};

    (void)state;
    nn_buf_put(&text, "a,act\n");
    for (int t = 0; t < 60; t++)
        nn_buf_printf(&text, "%d,%s\n", t, t % 10 < 5 ? "run" : "walk");
    write_text("t.csv", text.data);
    nn_buf_free(&text);
    settle(&s, "{'data': {'train': {'path': 't.csv'}, 'target': 'act', 'scale': 'none',"
               "'sequence': {'window': 3, 'lead': 0}}, 'model': {'layers': [{'type': 'Flatten'},"
               "{'type': 'Dense', 'units': 2, 'activation': 'softmax'}]}}");
    const nn_dataset *d = s.setup->train_set;

    assert_int_equal(d->shape.dim[1], 1); /* the target of the row itself is no feature */
    nn_batch_fill(s.batch, &s.setup->train, s.setup->prep, NULL, 0, 20, NULL, s.pool);
    for (int i = 0; i < 20; i++)
        assert_int_equal(s.batch->label[i], (i + 2) % 10 < 5 ? 0 : 1);
    assert_false(nn_naive_has(d));
    release(&s);
}

static void test_series_may_be_kept_whole(void **state)
{
    settled s;

    (void)state;
    write_series("t.csv");
    settle(&s, "{'data': {'train': {'path': 't.csv'}, 'target': 'sold', 'group': 'shop',"
               "'sequence': {'window': 4, 'order': 'when'}}, 'validation': 0.5," NETWORK);
    const nn_dataset *d = s.setup->train_set;
    const int held = series_of(d, nn_view_row(&s.setup->validation, 0));

    assert_int_equal(s.setup->validation.count, 36);
    for (size_t i = 0; i < 36; i++) {
        assert_int_equal(series_of(d, nn_view_row(&s.setup->validation, i)), held);
        assert_int_equal(series_of(d, nn_view_row(&s.setup->train, i)), !held);
    }
    release(&s);
}

static void test_a_split_column_cuts_windows(void **state)
{
    settled s;
    nn_buf text = {0};

    (void)state;
    nn_buf_put(&text, "a,b,part\n");
    for (int t = 0; t < 30; t++)
        nn_buf_printf(&text, "%d,%d,%s\n", t, t, t < 12 ? "train" : t < 20 ? "test" : "train");
    write_text("t.csv", text.data);
    nn_buf_free(&text);
    settle(&s, "{'data': {'train': {'path': 't.csv'}, 'target': 'b', 'split': 'part', 'sequence': "
               "{'window': 4}}, 'validation': 0," NETWORK);
    assert_int_equal(s.setup->train.count, (12 - 4) + (10 - 4));
    assert_int_equal(s.setup->test.count, 8 - 4);
    for (size_t i = 0; i < s.setup->train.count; i++)
        assert_int_equal(nn_view_row(&s.setup->train, i), i < 8 ? i : 20 + i - 8);
    release(&s);
}

static void test_what_cannot_be_is_refused(void **state)
{
    nn_err err = {0};

    (void)state;
    write_series("t.csv");
    assert_int_equal(
        refuse(SEQUENCE("") "'validation': {'fraction': 0.2, 'method': 'random'}," NETWORK, &err),
        NN_ECONFIG);
    assert_non_null(strstr(err.msg, "would stand between those to train on"));
    assert_int_equal(refuse("{'data': {'train': {'path': 't.csv'}, 'target': 'sold', 'ignore': "
                            "['shop'], 'sequence': {'window': 4, 'order': 'when'}}," NETWORK,
                            &err),
                     NN_EDATA);
    assert_string_equal(err.where, "t.csv:81");
    assert_non_null(strstr(err.msg, "the same time as in line 80"));
    assert_int_equal(refuse(SEQUENCE(", 'horizon': 37") "'validation': 0, 'model': {'layers': "
                                                        "[{'type': 'Flatten'}, {'type': "
                                                        "'Dense', 'units': 37}]}, 'loss': 'mse'}",
                            &err),
                     NN_EDATA);
    assert_non_null(strstr(err.msg, "needs 41 rows that follow each other, found at most 40"));
    assert_int_equal(refuse(SEQUENCE("") "'validation': 0.05," NETWORK, &err), NN_EDATA);
    write_text("t.csv", "when,shop,sold\n1,a,1\n2024-01-01,a,2\n");
    assert_int_equal(refuse(SEQUENCE("") NETWORK, &err), NN_EDATA);
    assert_string_equal(err.where, "t.csv:3");
    assert_string_equal(
        err.msg, "column \"when\": expected a number as in the rows before, got \"2024-01-01\"");
}

typedef struct answers {
    double y[8];
    size_t row[8];
    size_t count;
} answers;

static nn_code collect(void *context, size_t row, const nn_real *y, int n, int width, nn_err *err)
{
    answers *a = context;

    (void)err;
    assert_int_equal(n * width, 1);
    a->row[a->count] = row;
    a->y[a->count++] = (double)y[0];
    return NN_OK;
}

/* One forecast a series, from its last rows; the order of the file's rows and columns is no matter.
 */
static void test_a_forecast_goes_on_from_the_last_rows(void **state)
{
    const nn_train_options options = {.threads = 1};
    nn_test_run r;
    nn_err err = {0};
    nn_model *m = NULL;
    nn_held in = {0};
    nn_pool *pool = NULL;
    answers a = {.count = 0};

    (void)state;
    write_series("t.csv");
    nn_test_train(&r, SEQUENCE("") "'validation': 0," NETWORK, &options);
    assert_ok(r.code, r.err);
    write_text("new.csv", "sold,temp,shop,when\n3,1,south,2024-03-01\n1,1,north,2024-01-07\n"
                          "4,1,south,2024-04-01\n2,1,south,2024-02-01\n1,1,south,2024-01-01\n"
                          "0,9,south,2023-01-01\n1,1,north,2024-01-06\n");
    assert_ok(nn_model_open(&m, r.run->path, "runs", NULL, 0, &err), err);
    assert_int_equal(nn_held_input(&in, m, "new.csv", NULL, &err), NN_OK);
    assert_int_equal(in.view.count, 1); /* north has two rows only */
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    const nn_subject subject = nn_model_subject(m, pool);
    assert_ok(nn_predict(&subject, &in.view, collect, &a, &err), err);
    assert_int_equal(a.count, 1);

    const nn_prep *p = m->prep;
    const nn_real *w = m->weights;
    double y = 0;
    for (int step = 0; step < 4; step++) {
        const double temp = (1 - p->shift[0]) * p->factor[0];
        const double sold = (step + 1 - p->shift[1]) * p->factor[1];
        const nn_layer *layer = NULL;
        const nn_real *kernel = w + nn_graph_weight(m->graph, 0, &layer)->at;

        y += (double)kernel[2 * step] * temp + (double)kernel[2 * step + 1] * sold;
    }
    const nn_layer *layer = NULL;
    y += (double)w[nn_graph_weight(m->graph, 1, &layer)->at];
    y = y / p->target_factor[0] + p->target_shift[0];
    assert_true(fabs(a.y[0] - y) < 1e-2);
    nn_held_free(&in);
    write_text("new.csv", "sold,temp,when\n3,1,2024-03-01\n");
    assert_int_equal(nn_held_input(&in, m, "new.csv", NULL, &err), NN_EDATA);
    assert_string_equal(err.msg, "missing the column \"shop\" that names the series");
    nn_pool_free(pool);
    nn_model_free(m);
    nn_test_run_free(&r);
}

static void test_a_season_is_found(void **state)
{
    settled s;
    nn_buf text = {0};

    (void)state;
    nn_buf_put(&text, "a\n");
    for (int t = 0; t < 300; t++)
        nn_buf_printf(&text, "%.4f\n",
                      0.05 * t + sin(t * 2 * 3.14159265 / 12) + 0.3 * (t % 5 == 0));
    write_text("t.csv", text.data);
    nn_buf_clear(&text);
    settle(&s, "{'data': {'train': {'path': 't.csv'}, 'sequence': {'window': 4}}," NETWORK);
    assert_int_equal(s.setup->prep->season, 12);
    release(&s);
    nn_buf_put(&text, "a\n");
    for (int t = 0; t < 300; t++)
        nn_buf_printf(&text, "%d\n", t * t % 9973 * 31 % 101);
    write_text("t.csv", text.data);
    nn_buf_free(&text);
    settle(&s, "{'data': {'train': {'path': 't.csv'}, 'sequence': {'window': 4}}," NETWORK);
    assert_int_equal(s.setup->prep->season, 1);
    release(&s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_windows_follow_time_within_a_series_and_a_part, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(test_a_sample_is_its_rows_scaled_by_training_rows_alone,
                                        enter, leave),
        cmocka_unit_test_setup_teardown(test_several_steps_are_forecast_at_once, enter, leave),
        cmocka_unit_test_setup_teardown(test_labels_of_a_windows_last_row, enter, leave),
        cmocka_unit_test_setup_teardown(test_series_may_be_kept_whole, enter, leave),
        cmocka_unit_test_setup_teardown(test_a_split_column_cuts_windows, enter, leave),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(test_a_forecast_goes_on_from_the_last_rows, enter, leave),
        cmocka_unit_test_setup_teardown(test_a_season_is_found, enter, leave),
    };

    return nn_test_main(argc, argv, tests);
}
