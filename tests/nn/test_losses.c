/* Losses: values and gradients against PyTorch, stability, sums that do not depend on threads. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "nn/loss.h"
#include "nn/support/choose.h"

#include <math.h>

enum { MOST = 16 };

typedef struct loss_case {
    const char *conf;
    int fused, n, width, labels, weighted;
    int32_t label[MOST];
    double value[MOST]; /* [n][width], when there are no labels */
    double weight[MOST];
    double y[MOST]; /* [n][width] */
    double sum;
    double dy[MOST]; /* [n][width] */
    double after[MOST];
} loss_case;

static const loss_case table[] = {
#include "reference/losses.inc"
};
enum { CASES = sizeof table / sizeof table[0] };

/* A case as reals, ready to run. */
typedef struct batch {
    nn_chosen loss;
    nn_pool *pool;
    nn_real y[MOST], dy[MOST], value[MOST], weight[MOST];
    double row[MOST];
    nn_loss_io io;
} batch;

static void to_reals(nn_real *to, const double *from, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = (nn_real)from[i];
}

static void begin(batch *b, const loss_case *c)
{
    nn_err err = {0};

    nn_test_choose(&b->loss, &nn_losses, c->conf);
    assert_ok(nn_pool_new(&b->pool, 1, &err), err);
    to_reals(b->y, c->y, c->n * c->width);
    to_reals(b->value, c->value, c->n * c->width);
    to_reals(b->weight, c->weight, c->n);
    b->io = (nn_loss_io){
        .n = c->n,
        .width = c->width,
        .y = b->y,
        .dy = b->dy,
        .target = {.label = c->labels ? c->label : NULL,
                   .value = c->labels ? NULL : b->value,
                   .width = c->width,
                   .weight = c->weighted ? b->weight : NULL},
        .fused = c->fused,
    };
}

static void end(batch *b)
{
    nn_pool_free(b->pool);
    nn_test_unchoose(&b->loss);
}

static void assert_near(const char *what, int number, double got, double want)
{
    const double tolerance = (NN_REAL_IS_DOUBLE ? 1e-12 : 3e-6) * (1 + fabs(want));

    if (!(fabs(got - want) <= tolerance))
        fail_msg("case %d (%s): %s is %.17g, not %.17g", number, table[number].conf, what, got,
                 want);
}

static void test_values_and_gradients_are_pytorchs(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        const loss_case *const c = &table[k];
        batch b;

        begin(&b, c);
        assert_near("the sum", k, nn_loss_run(&b.loss.choice, b.pool, &b.io, b.row), c->sum);
        for (int i = 0; i < c->n * c->width; i++) {
            assert_near("a gradient", k, b.dy[i], c->dy[i]);
            assert_near("a prediction", k, b.y[i], c->after[i]);
        }
        end(&b);
    }
}

static void test_loss_is_the_same_when_no_gradient_is_wanted(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        batch b;

        begin(&b, &table[k]);
        b.io.dy = NULL;
        assert_near("the sum", k, nn_loss_run(&b.loss.choice, b.pool, &b.io, b.row), table[k].sum);
        for (int i = 0; i < table[k].n * table[k].width; i++)
            assert_near("a prediction", k, b.y[i], table[k].after[i]);
        end(&b);
    }
}

/* The mean loss with output `i` moved by `by`. */
static double loss_with(batch *b, const loss_case *c, int i, double by)
{
    to_reals(b->y, c->y, c->n * c->width);
    b->y[i] += (nn_real)by;
    return nn_loss_run(&b->loss.choice, b->pool, &b->io, b->row) / c->n;
}

/* Near the ends of [0, 1] probabilities are clipped: a kink. */
static bool is_kink(const loss_case *c, const batch *b, int i)
{
    const bool probability = strstr(c->conf, "crossentropy") != NULL && !c->fused &&
                             !nn_loss_from_logits(&b->loss.choice);

    return probability && (c->y[i] < 1e-4 || fabs(c->y[i] - 1) < 1e-4);
}

static void test_gradients_are_those_of_central_differences(void **state)
{
    const double step = 1e-6;

    (void)state;
    if (!NN_REAL_IS_DOUBLE)
        skip();
    for (int k = 0; k < CASES; k++) {
        const loss_case *const c = &table[k];
        nn_real dy[MOST];
        double largest = 0;
        batch b;

        begin(&b, c);
        (void)nn_loss_run(&b.loss.choice, b.pool, &b.io, b.row);
        memcpy(dy, b.dy, sizeof dy);
        for (int i = 0; i < c->n * c->width; i++) {
            const double up = loss_with(&b, c, i, step), down = loss_with(&b, c, i, -step);
            const double slope = (up - down) / (2 * step);
            const double far = fabs(c->y[i]) > 100 ? 1e-4 : 1e-7; /* what is left of the digits */

            if (!is_kink(c, &b, i) && fabs(slope - (double)dy[i]) > far * (1 + fabs(slope)))
                fail_msg("case %d (%s), output %d: %.12g, by differences %.12g", k, c->conf, i,
                         (double)dy[i], slope);
            largest = fmax(largest, fabs((double)dy[i]));
        }
        assert_true(largest > 1e-3);
        end(&b);
    }
}

/* Row `k` taken out of a case, by a mask or for good. */
static void test_masked_rows_are_as_if_they_were_not_there(void **state)
{
    (void)state;
    for (int at = 0; at < CASES; at++) {
        const loss_case *const c = &table[at];
        const int w = c->width, k = at % c->n;
        unsigned char mask[MOST];
        loss_case without = *c;
        batch a, b;

        if (c->n == 1)
            continue;
        for (int i = 0; i < c->n; i++)
            mask[i] = i == k ? 0 : 1;
        without.n--;
        for (int i = k; i < without.n; i++) {
            without.label[i] = c->label[i + 1];
            without.weight[i] = c->weight[i + 1];
        }
        for (int i = k * w; i < without.n * w; i++) {
            without.value[i] = c->value[i + w];
            without.y[i] = c->y[i + w];
        }
        begin(&a, c);
        a.io.target.mask = mask;
        begin(&b, &without);
        assert_near("the sum", at, nn_loss_run(&a.loss.choice, a.pool, &a.io, a.row),
                    nn_loss_run(&b.loss.choice, b.pool, &b.io, b.row));
        assert_true(a.row[k] == 0);
        for (int i = 0; i < c->n * w; i++)
            assert_near("a gradient", at, a.dy[i],
                        i / w == k ? 0 : (double)b.dy[i / w < k ? i : i - w]);
        end(&a);
        end(&b);
    }
}

static void test_a_batch_that_is_masked_whole_costs_nothing(void **state)
{
    const unsigned char mask[MOST] = {0};

    (void)state;
    for (int k = 0; k < CASES; k++) {
        batch b;

        begin(&b, &table[k]);
        b.io.target.mask = mask;
        assert_true(nn_loss_run(&b.loss.choice, b.pool, &b.io, b.row) == 0);
        for (int i = 0; i < table[k].n * table[k].width; i++)
            assert_true(b.dy[i] == 0);
        end(&b);
    }
}

/* One sample of three outputs, label 0. */
static double loss_of_row(const char *conf, bool fused, nn_real y[3], nn_real dy[3], int label)
{
    nn_chosen loss;
    nn_pool *pool = NULL;
    nn_err err = {0};
    const int32_t labels[1] = {label};
    const nn_loss_io io = {1, 3, y, dy, {.label = labels, .width = 3}, fused};
    double row[1], sum;

    nn_test_choose(&loss, &nn_losses, conf);
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    sum = nn_loss_run(&loss.choice, pool, &io, row);
    nn_pool_free(pool);
    nn_test_unchoose(&loss);
    return sum;
}

static void test_softmax_of_extreme_logits_is_exact(void **state)
{
    nn_real y[3] = {10000, -10000, 0}, dy[3];

    (void)state;
    assert_true(loss_of_row("\"categorical_crossentropy\"", true, y, dy, 0) == 0);
    assert_true(y[0] == 1 && y[1] == 0 && y[2] == 0);
    assert_true(dy[0] == 0 && dy[1] == 0 && dy[2] == 0);
    y[0] = 10000, y[1] = -10000, y[2] = 0;
    assert_true(loss_of_row("\"categorical_crossentropy\"", true, y, dy, 1) == 20000);
    assert_true(dy[0] == 1 && dy[1] == -1 && dy[2] == 0);
}

static void test_sigmoid_of_extreme_logits_is_exact(void **state)
{
    nn_real y[3] = {10000, -10000, -10000}, dy[3];

    (void)state;
    assert_true(loss_of_row("\"binary_crossentropy\"", true, y, dy, 0) == 0);
    assert_true(y[0] == 1 && y[1] == 0 && y[2] == 0);
    assert_true(dy[0] == 0 && dy[1] == 0 && dy[2] == 0);
    y[0] = 9000, y[1] = -9000, y[2] = -9000; /* wrong twice, the mean over three outputs */
    assert_true(fabs(loss_of_row("\"binary_crossentropy\"", true, y, dy, 1) - 6000) < 1e-3);
    assert_true(dy[0] > 0 && dy[1] < 0 && dy[2] == 0);
}

static void test_tiny_losses_of_sure_answers_do_not_vanish(void **state)
{
    nn_real y[3] = {20, -20, -20}, dy[3];
    const double want = log1p(exp(-20.0));

    (void)state;
    assert_true(fabs(loss_of_row("\"binary_crossentropy\"", true, y, dy, 0) - want) < 1e-3 * want);
}

static void test_all_right_answers_cost_nothing(void **state)
{
    static const char *const conf[] = {"\"mse\"", "\"mae\"", "\"huber\""};

    (void)state;
    for (size_t k = 0; k < sizeof conf / sizeof conf[0]; k++) {
        nn_real y[3] = {0, 1, 0}, dy[3] = {9, 9, 9};

        assert_true(loss_of_row(conf[k], false, y, dy, 1) == 0);
        assert_true(dy[0] == 0 && dy[1] == 0 && dy[2] == 0);
    }
}

static void test_nan_shows_in_every_loss(void **state)
{
    (void)state;
    for (const nn_kind *const *kind = nn_losses.kinds; *kind != NULL; kind++) {
        for (int fused = 0; fused < 2; fused++) {
            nn_real y[3] = {0.25, (nn_real)NAN, 0.5}, dy[3];
            char conf[64];

            snprintf(conf, sizeof conf, "\"%s\"", (*kind)->name);
            assert_true(isnan(loss_of_row(conf, fused, y, dy, 0)));
        }
    }
}

/* Rows of normal numbers and labels of a tenth each; several tasks for the pool. */
enum { ROWS = 3000, WIDTH = 10 };

typedef struct big {
    nn_real *y, *dy, *weight;
    int32_t *label;
    double *row;
} big;

static void big_fill(big *b)
{
    const nn_rng rng = {7, 1, 0};

    for (size_t i = 0; i < ROWS * WIDTH; i++)
        b->y[i] = (nn_real)nn_rng_normal(&rng, i);
    for (size_t i = 0; i < ROWS; i++) {
        b->label[i] = (int32_t)(i % WIDTH);
        b->weight[i] = (nn_real)nn_rng_uniform(&rng, i);
    }
}

static void big_new(big *b)
{
    b->y = nn_alloc(ROWS * WIDTH, sizeof *b->y);
    b->dy = nn_alloc(ROWS * WIDTH, sizeof *b->dy);
    b->weight = nn_alloc(ROWS, sizeof *b->weight);
    b->label = nn_alloc(ROWS, sizeof *b->label);
    b->row = nn_alloc(ROWS, sizeof *b->row);
    assert_true(b->y && b->dy && b->weight && b->label && b->row);
}

static void big_free(big *b)
{
    nn_free(b->row);
    nn_free(b->label);
    nn_free(b->weight);
    nn_free(b->dy);
    nn_free(b->y);
}

static double big_run(big *b, const nn_kind *kind, int threads)
{
    const nn_loss_io io = {ROWS,
                           WIDTH,
                           b->y,
                           b->dy,
                           {.label = b->label, .width = WIDTH, .weight = b->weight},
                           strstr(kind->name, "cross") != NULL};
    nn_choice choice;
    nn_pool *pool = NULL;
    nn_err err = {0};
    double sum;

    nn_choice_default(&choice, kind);
    assert_ok(nn_pool_new(&pool, threads, &err), err);
    big_fill(b);
    sum = nn_loss_run(&choice, pool, &io, b->row);
    nn_pool_free(pool);
    return sum;
}

static void test_bits_do_not_depend_on_threads(void **state)
{
    big one, more;

    (void)state;
    big_new(&one);
    big_new(&more);
    for (const nn_kind *const *kind = nn_losses.kinds; *kind != NULL; kind++) {
        const double sum = big_run(&one, *kind, 1);

        assert_true(isfinite(sum) && sum > 0);
        for (int threads = 2; threads <= 3; threads++) {
            assert_true(big_run(&more, *kind, threads) == sum);
            assert_memory_equal(one.dy, more.dy, ROWS * WIDTH * sizeof(nn_real));
            assert_memory_equal(one.y, more.y, ROWS * WIDTH * sizeof(nn_real));
        }
    }
    big_free(&more);
    big_free(&one);
}

/* Rows longer than what a loss looks at in one go, and a last piece that is shorter. */
static void test_long_rows_are_gone_through_to_the_end(void **state)
{
    enum { LONG = 1000 };
    nn_real y[2 * LONG], dy[2 * LONG], value[2 * LONG];
    const nn_loss_io io = {2, LONG, y, dy, {.value = value, .width = LONG}, false};
    const nn_rng rng = {3, 1, 0};
    double want[2] = {0, 0}, row[2];
    nn_choice choice;
    nn_pool *pool = NULL;
    nn_err err = {0};

    (void)state;
    for (size_t i = 0; i < 2 * LONG; i++) {
        y[i] = (nn_real)nn_rng_normal(&rng, i);
        value[i] = (nn_real)nn_rng_normal(&rng, i + 2 * LONG);
        want[i / LONG] +=
            ((double)y[i] - (double)value[i]) * ((double)y[i] - (double)value[i]) / LONG;
    }
    nn_choice_default(&choice, nn_family_find(&nn_losses, "mse"));
    assert_ok(nn_pool_new(&pool, 1, &err), err);
    assert_true(fabs(nn_loss_run(&choice, pool, &io, row) - want[0] - want[1]) < 1e-5);
    assert_true(fabs(row[0] - want[0]) < 1e-5 && fabs(row[1] - want[1]) < 1e-5);
    for (size_t i = 0; i < 2 * LONG; i++)
        assert_true(fabs((double)(dy[i] - (y[i] - value[i]) / LONG)) < 1e-8);
    nn_pool_free(pool);
}

static void test_every_loss_has_a_case(void **state)
{
    (void)state;
    nn_test_covers(&nn_losses, &table[0].conf, CASES, sizeof table[0]);
}

static void test_losses_say_what_goes_with_them(void **state)
{
    static const struct {
        const char *name, *head;
        bool classes, binary;
    } want[] = {{"mse", NULL, false, false},
                {"mae", NULL, false, false},
                {"huber", NULL, false, false},
                {"binary_crossentropy", "sigmoid", false, true},
                {"categorical_crossentropy", "softmax", true, false},
                {"sparse_categorical_crossentropy", "softmax", true, false}};

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const nn_loss_class *const class =
            (const nn_loss_class *)nn_family_find(&nn_losses, want[i].name);

        assert_non_null(class);
        if (want[i].head == NULL)
            assert_null(class->head);
        else
            assert_string_equal(class->head, want[i].head);
        assert_int_equal(class->wants_classes, want[i].classes);
        assert_int_equal(class->wants_binary, want[i].binary);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_gradients_are_pytorchs),
        cmocka_unit_test(test_loss_is_the_same_when_no_gradient_is_wanted),
        cmocka_unit_test(test_gradients_are_those_of_central_differences),
        cmocka_unit_test(test_masked_rows_are_as_if_they_were_not_there),
        cmocka_unit_test(test_a_batch_that_is_masked_whole_costs_nothing),
        cmocka_unit_test(test_softmax_of_extreme_logits_is_exact),
        cmocka_unit_test(test_sigmoid_of_extreme_logits_is_exact),
        cmocka_unit_test(test_tiny_losses_of_sure_answers_do_not_vanish),
        cmocka_unit_test(test_all_right_answers_cost_nothing),
        cmocka_unit_test(test_nan_shows_in_every_loss),
        cmocka_unit_test(test_bits_do_not_depend_on_threads),
        cmocka_unit_test(test_long_rows_are_gone_through_to_the_end),
        cmocka_unit_test(test_every_loss_has_a_case),
        cmocka_unit_test(test_losses_say_what_goes_with_them),
    };

    return nn_test_main(argc, argv, tests);
}
