/* Metrics: values against formulas in numpy, batches that add up, no state beyond what was asked
 * for. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "nn/metric.h"
#include "nn/support/choose.h"

#include <math.h>

enum { MOST = 64 };

typedef struct data_set {
    const char *name;
    int n, width, classes, labels;
    int32_t label[MOST];
    double value[MOST]; /* [n][width], when there are no labels */
    double y[MOST];     /* [n][width] */
} data_set;

static const data_set sets[] = {
#include "reference/metric_sets.inc"
};

typedef struct metric_case {
    const char *conf;
    int set;
    double value;
} metric_case;

static const metric_case table[] = {
#include "reference/metrics.inc"
};
enum { CASES = sizeof table / sizeof table[0] };

/* A metric that is collecting, in a block of exactly the size it asked for. */
typedef struct run {
    nn_chosen metric;
    const nn_metric_class *class;
    const void *conf;
    nn_metric_case what;
    void *state;
} run;

static void start(run *r, const char *conf, int width, int classes, size_t samples)
{
    nn_test_choose(&r->metric, &nn_metrics, conf);
    r->class = (const nn_metric_class *)r->metric.choice.kind;
    r->conf = r->metric.choice.conf.bytes;
    r->what = (nn_metric_case){width, classes, samples};
    r->state = malloc(r->class->state_size(r->conf, &r->what));
    assert_non_null(r->state);
    r->class->start(r->conf, &r->what, r->state);
}

static double finish(run *r)
{
    const double value = r->class->value(r->conf, r->state);

    free(r->state);
    nn_test_unchoose(&r->metric);
    return value;
}

/* Adds rows from..to of a set. */
static void add(run *r, const data_set *s, int from, int to)
{
    nn_real y[MOST], value[MOST];
    const nn_target t = {.label = s->labels ? s->label + from : NULL,
                         .value = s->labels ? NULL : value + from * s->width,
                         .width = s->width};

    for (int i = 0; i < s->n * s->width; i++) {
        y[i] = (nn_real)s->y[i];
        value[i] = (nn_real)s->value[i];
    }
    r->class->add(r->conf, r->state, y + from * s->width, &t, to - from, s->width);
}

static bool is_near(double got, double want)
{
    return isnan(want) ? isnan(got) : fabs(got - want) <= 1e-12 * (1 + fabs(want));
}

static void test_values_are_those_of_the_formulas(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        const data_set *const s = &sets[table[k].set];
        double got;
        run r;

        start(&r, table[k].conf, s->width, s->classes, (size_t)s->n);
        add(&r, s, 0, s->n);
        got = finish(&r);
        if (!is_near(got, table[k].value))
            fail_msg("%s of \"%s\": %.17g, not %.17g", table[k].conf, s->name, got, table[k].value);
    }
}

static void test_batches_add_up_and_values_may_be_read_between(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        const data_set *const s = &sets[table[k].set];
        double before, again;
        run r;

        start(&r, table[k].conf, s->width, s->classes, (size_t)s->n);
        add(&r, s, 0, 1);
        (void)r.class->value(r.conf, r.state);
        add(&r, s, 1, 3);
        before = r.class->value(r.conf, r.state);
        again = r.class->value(r.conf, r.state);
        assert_true(is_near(before, again));
        add(&r, s, 3, s->n);
        assert_true(is_near(finish(&r), table[k].value));
    }
}

static void test_a_start_forgets_what_was_collected(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        const data_set *const s = &sets[table[k].set];
        run r;

        start(&r, table[k].conf, s->width, s->classes, (size_t)s->n);
        add(&r, s, 0, s->n);
        (void)r.class->value(r.conf, r.state);
        r.class->start(r.conf, &r.what, r.state);
        assert_true(isnan(r.class->value(r.conf, r.state))); /* nothing was seen */
        add(&r, s, 0, s->n);
        assert_true(is_near(finish(&r), table[k].value));
    }
}

static void test_nothing_is_allocated_while_collecting(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        const data_set *const s = &sets[table[k].set];
        uint64_t calls;
        run r;

        start(&r, table[k].conf, s->width, s->classes, (size_t)s->n);
        calls = nn_mem_read().calls;
        add(&r, s, 0, s->n);
        (void)r.class->value(r.conf, r.state);
        assert_int_equal(nn_mem_read().calls, calls);
        (void)finish(&r);
    }
}

/*
 * Rows k, k + 1, ... count k % 4 each, the same as when each stands there that often; and a row
 * that is masked is not there at all, whatever its weight.
 */
static void test_a_weight_is_as_good_as_the_row_that_often(void **state)
{
    nn_real y[MOST], value[MOST], share[MOST];
    unsigned char mask[MOST];

    (void)state;
    for (int at = 0; at < 2 * CASES; at++) {
        const int k = at / 2;
        const bool shared = at % 2 == 0;
        const data_set *const s = &sets[table[k].set];
        const nn_target t = {.label = s->labels ? s->label : NULL,
                             .value = s->labels ? NULL : value,
                             .width = s->width,
                             .share = shared ? share : NULL,
                             .mask = mask};
        run weighted, repeated;
        double got, want;

        start(&weighted, table[k].conf, s->width, s->classes, (size_t)s->n);
        start(&repeated, table[k].conf, s->width, s->classes, 3 * (size_t)s->n);
        for (int i = 0; i < s->n * s->width; i++) {
            y[i] = (nn_real)s->y[i];
            value[i] = (nn_real)s->value[i];
        }
        for (int i = 0; i < s->n; i++) {
            const int times = shared ? (i + k) % 4 : 1;

            share[i] = (nn_real)times;
            mask[i] = i % 5 != 3;
            for (int n = 0; n < times && i % 5 != 3; n++)
                add(&repeated, s, i, i + 1);
        }
        weighted.class->add(weighted.conf, weighted.state, y, &t, s->n, s->width);
        want = finish(&repeated);
        got = finish(&weighted);
        if (!is_near(got, want))
            fail_msg("%s of \"%s\": %.17g, not %.17g", table[k].conf, s->name, got, want);
    }
}

/* What counts in the loss alone, such as the weights of classes. */
static void test_weights_of_the_loss_do_not_count(void **state)
{
    const nn_real y[2] = {(nn_real)0.75, (nn_real)0.75}, weight[2] = {9, 1};
    const int32_t label[2] = {1, 0};
    const nn_target t = {.label = label, .width = 1, .weight = weight};
    run r;

    (void)state;
    start(&r, "\"accuracy\"", 1, 2, 2);
    r.class->add(r.conf, r.state, y, &t, 2, 1);
    assert_true(finish(&r) == 0.5);
}

/* The share of pairs in the right order, counted one by one. */
static double area_by_pairs(const nn_real *score, const int32_t *label, int n)
{
    double won = 0, pairs = 0;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (label[i] == 1 && label[j] == 0) {
                won += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
                pairs++;
            }
    return won / pairs;
}

static void test_auc_of_many_scores_is_exact(void **state)
{
    enum { N = 1000 };
    const nn_rng rng = {5, 1, 0};
    nn_real score[N];
    int32_t label[N];
    const nn_target t = {.label = label, .width = 1};

    (void)state;
    for (int coarse = 0; coarse < 2; coarse++) { /* with and without ties; of both signs */
        run r;

        for (int i = 0; i < N; i++) {
            const double x = nn_rng_normal(&rng, (uint64_t)i);

            label[i] = nn_rng_uniform(&rng, (uint64_t)i) < 0.3F;
            score[i] = (nn_real)(coarse ? round(4 * x) : x) + (nn_real)label[i];
        }
        start(&r, "\"auc\"", 1, 2, N);
        r.class->add(r.conf, r.state, score, &t, N, 1);
        assert_true(is_near(finish(&r), area_by_pairs(score, label, N)));
    }
}

static void test_auc_takes_zeros_of_both_signs_for_equal(void **state)
{
    const nn_real score[2] = {(nn_real)-0.0, (nn_real)0.0};
    const int32_t label[2] = {0, 1};
    const nn_target t = {.label = label, .width = 1};
    run r;

    (void)state;
    start(&r, "\"auc\"", 1, 2, 2);
    r.class->add(r.conf, r.state, score, &t, 2, 1);
    assert_true(finish(&r) == 0.5);
}

static void test_auc_of_a_nan_is_not_defined(void **state)
{
    const nn_real score[3] = {(nn_real)0.25, (nn_real)NAN, (nn_real)0.75};
    const int32_t label[3] = {0, 1, 1};
    const nn_target t = {.label = label, .width = 1};
    run r;

    (void)state;
    start(&r, "\"auc\"", 1, 2, 3);
    r.class->add(r.conf, r.state, score, &t, 3, 1);
    assert_true(isnan(finish(&r)));
}

static void test_top_k_takes_no_nan_for_a_hit(void **state)
{
    const nn_real y[3] = {(nn_real)NAN, (nn_real)NAN, (nn_real)NAN};
    const int32_t label[1] = {1};
    const nn_target t = {.label = label, .width = 3};
    run r;

    (void)state;
    start(&r, "{\"type\": \"top_k\", \"k\": 1}", 3, 3, 1);
    r.class->add(r.conf, r.state, y, &t, 1, 3);
    assert_true(finish(&r) == 0);
}

static void test_top_k_of_a_multilabel_task_is_not_defined(void **state)
{
    const nn_real y[3] = {1, 0, 1};
    const nn_target t = {.value = y, .width = 3};
    run r;

    (void)state;
    start(&r, "\"top_k\"", 3, 0, 1);
    r.class->add(r.conf, r.state, y, &t, 1, 3);
    assert_true(isnan(finish(&r)));
}

static void test_r2_keeps_its_digits_far_from_zero(void **state)
{
    nn_real y[4], value[4];
    const nn_target t = {.value = value, .width = 1};
    run r;

    (void)state;
    for (int i = 0; i < 4; i++) {
        value[i] = 4000000 + (nn_real)i;
        y[i] = value[i] + (nn_real)0.5;
    }
    start(&r, "\"r2\"", 1, 0, 4);
    r.class->add(r.conf, r.state, y, &t, 4, 1);
    assert_true(is_near(finish(&r), 1 - 4 * 0.25 / 5));
}

static void test_the_first_of_equals_is_said(void **state)
{
    const nn_real row[4] = {1, 3, 3, 2}, half[1] = {(nn_real)0.5}, more[1] = {(nn_real)0.501};

    (void)state;
    assert_int_equal(nn_predicted_class(row, 4), 1);
    assert_int_equal(nn_predicted_class(half, 1), 0);
    assert_int_equal(nn_predicted_class(more, 1), 1);
}

static void test_every_metric_has_a_case(void **state)
{
    (void)state;
    nn_test_covers(&nn_metrics, &table[0].conf, CASES, sizeof table[0]);
}

static void test_metrics_say_what_they_are_for(void **state)
{
    (void)state;
    for (const nn_kind *const *kind = nn_metrics.kinds; *kind != NULL; kind++) {
        const nn_metric_class *const class = (const nn_metric_class *)*kind;
        const bool error = strstr("mse rmse mae", (*kind)->name) != NULL;
        const bool number = error || strcmp((*kind)->name, "r2") == 0;

        assert_int_equal(class->higher_is_better, !error);
        assert_int_equal(class->for_numbers, number);
        assert_int_equal(class->for_classes, error || !number);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_those_of_the_formulas),
        cmocka_unit_test(test_batches_add_up_and_values_may_be_read_between),
        cmocka_unit_test(test_a_start_forgets_what_was_collected),
        cmocka_unit_test(test_nothing_is_allocated_while_collecting),
        cmocka_unit_test(test_a_weight_is_as_good_as_the_row_that_often),
        cmocka_unit_test(test_weights_of_the_loss_do_not_count),
        cmocka_unit_test(test_auc_of_many_scores_is_exact),
        cmocka_unit_test(test_auc_takes_zeros_of_both_signs_for_equal),
        cmocka_unit_test(test_auc_of_a_nan_is_not_defined),
        cmocka_unit_test(test_top_k_takes_no_nan_for_a_hit),
        cmocka_unit_test(test_top_k_of_a_multilabel_task_is_not_defined),
        cmocka_unit_test(test_r2_keeps_its_digits_far_from_zero),
        cmocka_unit_test(test_the_first_of_equals_is_said),
        cmocka_unit_test(test_every_metric_has_a_case),
        cmocka_unit_test(test_metrics_say_what_they_are_for),
    };

    return nn_test_main(argc, argv, tests);
}
