/* Optimizers: Keras's steps in float64, penalties and clipping, state that can be carried on. */
#include "support/nn_test.h"

#include "base/mem.h"
#include "base/rng.h"
#include "nn/optimizer.h"
#include "nn/support/choose.h"

#include <math.h>

enum { KERNEL = 4, BIAS = 3, MOVED = KERNEL + BIAS, STEPS = 20 };

typedef struct optimizer_case {
    const char *conf;
    double l1, l2;
    double clip_norm, clip_value;
    double w[MOVED]; /* after STEPS steps */
    double penalty;  /* before the last of them */
    double norm;
} optimizer_case;

static const optimizer_case table[] = {
#include "reference/optimizers.inc"
};
enum { CASES = sizeof table / sizeof table[0] };

/* The bowl that the table was made in: gradient curve * (w - goal). */
static const double curve[MOVED] = {0.5, 2, 1, 4, 0.25, 1.5, 3};
static const double goal[MOVED] = {1, -2, 0, 0.5, 3, -0.25, 1};
static const double first[MOVED] = {0.5, -0.5, 0, 1, -1, 2, 0.25};

/*
 * A graph made by hand, as far as an optimizer looks at it: a kernel and a bias that move, and, in
 * a second layer, a frozen kernel and a state, which do not.
 */
typedef struct bench {
    nn_graph graph;
    nn_layer *layer[2];
    nn_pool *pool;
    nn_optimizer *optimizer;
    nn_real *w, *g; /* [graph.weights_len] */
} bench;

static size_t place(bench *b, nn_layer *l, const char *name, int count, bool trainable)
{
    nn_weight *const weight = &l->weight[l->weights++];

    weight->name = name;
    weight->shape = nn_shape_1(count);
    weight->size.count = (size_t)count;
    weight->trainable = trainable;
    weight->at = b->graph.weights_len;
    b->graph.weights_len += nn_real_padded((size_t)count);
    return weight->at;
}

static void bench_new(bench *b, int kernel, int threads)
{
    nn_err err = {0};

    memset(b, 0, sizeof *b);
    for (int i = 0; i < 2; i++) {
        b->layer[i] = nn_alloc(1, sizeof *b->layer[i]);
        assert_non_null(b->layer[i]);
        b->layer[i]->index = i;
    }
    b->graph.layer = b->layer;
    b->graph.count = 2;
    place(b, b->layer[0], "kernel", kernel, true);
    place(b, b->layer[0], "bias", BIAS, true);
    place(b, b->layer[1], "frozen", 5, false);
    place(b, b->layer[1], "moving_mean", 2, false);
    assert_ok(nn_pool_new(&b->pool, threads, &err), err);
    b->w = nn_alloc(b->graph.weights_len, sizeof *b->w);
    b->g = nn_alloc(b->graph.weights_len, sizeof *b->g);
    assert_true(b->w != NULL && b->g != NULL);
}

static void bench_optimizer(bench *b, const nn_choice *choice, double norm, double value)
{
    const nn_clip clip = {norm, value};
    nn_err err = {0};

    assert_ok(nn_optimizer_new(&b->optimizer, choice, &b->graph, b->pool, &clip, &err), err);
}

static void bench_free(bench *b)
{
    nn_optimizer_free(b->optimizer);
    nn_free(b->g);
    nn_free(b->w);
    nn_pool_free(b->pool);
    for (int i = 0; i < 2; i++)
        nn_free(b->layer[i]);
}

static const nn_weight *weight_of(const bench *b, int i)
{
    const nn_layer *layer;

    return nn_graph_weight(&b->graph, i, &layer);
}

/* Where number i of the bowl is in the flat buffers. */
static size_t flat(const bench *b, int i)
{
    return i < KERNEL ? (size_t)i : weight_of(b, 1)->at + (size_t)(i - KERNEL);
}

static void bowl_start(bench *b)
{
    for (int i = 0; i < MOVED; i++)
        b->w[flat(b, i)] = (nn_real)first[i];
}

static nn_gradient_report bowl_step(bench *b)
{
    nn_gradient_report report;

    for (int i = 0; i < MOVED; i++)
        b->g[flat(b, i)] = (nn_real)curve[i] * (b->w[flat(b, i)] - (nn_real)goal[i]);
    report = nn_optimizer_prepare(b->optimizer, b->w, b->g);
    nn_optimizer_step(b->optimizer, b->w, b->g, nn_optimizer_base_lr(b->optimizer));
    return report;
}

static void assert_near(const char *what, int number, double got, double want)
{
    const double tolerance = (NN_REAL_IS_DOUBLE ? 1e-12 : 3e-6) * (1 + fabs(want));

    if (!(fabs(got - want) <= tolerance))
        fail_msg("case %d (%s): %s is %.17g, not %.17g", number, table[number].conf, what, got,
                 want);
}

static void test_steps_are_those_of_keras(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        const optimizer_case *const c = &table[k];
        nn_gradient_report report = {0, 0};
        nn_chosen chosen;
        bench b;

        bench_new(&b, KERNEL, 1);
        b.layer[0]->weight[0].penalty = (nn_penalty){c->l1, c->l2};
        nn_test_choose(&chosen, &nn_optimizers, c->conf);
        bench_optimizer(&b, &chosen.choice, c->clip_norm, c->clip_value);
        bowl_start(&b);
        for (int i = 0; i < STEPS; i++)
            report = bowl_step(&b);
        for (int i = 0; i < MOVED; i++)
            assert_near("a weight", k, b.w[flat(&b, i)], c->w[i]);
        assert_near("the penalty", k, report.penalty, c->penalty);
        assert_near("the norm", k, report.norm, c->norm);
        nn_test_unchoose(&chosen);
        bench_free(&b);
    }
}

/* Is everything but the kernel and the bias what it was? */
static void assert_rest_is(const bench *b, const nn_real *buffer, nn_real frozen)
{
    for (size_t i = 0; i < b->graph.weights_len; i++) {
        const size_t bias = weight_of(b, 1)->at, rest = weight_of(b, 2)->at;

        if (i >= rest)
            assert_true(buffer[i] == frozen);
        else if (i >= bias + BIAS || (i >= KERNEL && i < bias))
            assert_true(buffer[i] == 0);
    }
}

static void test_frozen_weights_and_padding_stay_as_they_are(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        const char *name;
        nn_chosen chosen;
        bench b;

        bench_new(&b, KERNEL, 1);
        b.layer[0]->weight[0].penalty = (nn_penalty){table[k].l1, table[k].l2};
        b.layer[1]->weight[0].penalty = (nn_penalty){1, 1};
        nn_test_choose(&chosen, &nn_optimizers, table[k].conf);
        bench_optimizer(&b, &chosen.choice, table[k].clip_norm, table[k].clip_value);
        bowl_start(&b);
        for (size_t i = weight_of(&b, 2)->at; i < b.graph.weights_len; i++)
            b.w[i] = b.g[i] = 9;
        for (int i = 1; i < STEPS; i++)
            (void)bowl_step(&b);
        assert_near("the penalty", k, bowl_step(&b).penalty, table[k].penalty);
        assert_rest_is(&b, b.w, 9);
        assert_rest_is(&b, b.g, 9);
        for (int s = 0; s < nn_optimizer_slots(b.optimizer); s++)
            assert_rest_is(&b, nn_optimizer_slot(b.optimizer, s, &name), 0);
        nn_test_unchoose(&chosen);
        bench_free(&b);
    }
}

/* A kernel of several tasks, with penalties; every optimizer makes a few clipped steps on noise. */
enum { LARGE = 30000 };

static void make_large_steps(bench *b, const nn_choice *choice, int threads, double found[2])
{
    bench_new(b, LARGE, threads);
    b->layer[0]->weight[0].penalty = (nn_penalty){0.01, 0.02};
    bench_optimizer(b, choice, 5, 2);
    for (uint64_t step = 0; step < 3; step++) {
        const nn_rng rng = {11, 1, step};
        nn_gradient_report report;

        for (size_t i = 0; i < weight_of(b, 2)->at; i++) {
            b->w[i] = step == 0 ? (nn_real)nn_rng_uniform(&rng, i) - (nn_real)0.5 : b->w[i];
            b->g[i] = (nn_real)nn_rng_normal(&rng, i);
        }
        report = nn_optimizer_prepare(b->optimizer, b->w, b->g);
        nn_optimizer_step(b->optimizer, b->w, b->g, 0.01);
        found[0] = report.norm;
        found[1] = report.penalty;
    }
}

static void assert_same_bytes(bench *a, bench *b)
{
    const size_t bytes = a->graph.weights_len * sizeof(nn_real);
    const char *name;

    assert_memory_equal(a->w, b->w, bytes);
    assert_memory_equal(a->g, b->g, bytes);
    for (int s = 0; s < nn_optimizer_slots(a->optimizer); s++)
        assert_memory_equal(nn_optimizer_slot(a->optimizer, s, &name),
                            nn_optimizer_slot(b->optimizer, s, &name), bytes);
}

static void test_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    for (const nn_kind *const *kind = nn_optimizers.kinds; *kind != NULL; kind++) {
        double found[2], again[2];
        nn_choice choice;
        bench one, more;

        nn_choice_default(&choice, *kind);
        make_large_steps(&one, &choice, 1, found);
        assert_true(found[0] > 5 && found[1] > 0);
        for (int threads = 2; threads <= 3; threads++) {
            make_large_steps(&more, &choice, threads, again);
            assert_true(again[0] == found[0] && again[1] == found[1]);
            assert_same_bytes(&one, &more);
            bench_free(&more);
        }
        bench_free(&one);
    }
}

/* One gradient prepared with a clip; the bench is the caller's to free. */
static nn_gradient_report prepare(bench *b, double norm, double value, const double g[MOVED])
{
    nn_choice choice;

    nn_choice_default(&choice, nn_family_find(&nn_optimizers, "sgd"));
    bench_new(b, KERNEL, 1);
    bench_optimizer(b, &choice, norm, value);
    for (int i = 0; i < MOVED; i++)
        b->g[flat(b, i)] = (nn_real)g[i];
    return nn_optimizer_prepare(b->optimizer, b->w, b->g);
}

static void test_norm_is_clipped_to_its_limit_over_all_weights(void **state)
{
    const double g[MOVED] = {3, 0, 0, 0, 0, -4, 0};
    bench b;

    (void)state;
    assert_true(prepare(&b, 1, 0, g).norm == 5);
    assert_near("a gradient", 0, b.g[0], 0.6);
    assert_near("a gradient", 0, b.g[flat(&b, 5)], -0.8);
    bench_free(&b);
    assert_true(prepare(&b, 5.5, 0, g).norm == 5);
    assert_true(b.g[0] == 3 && b.g[flat(&b, 5)] == -4); /* below the limit nothing changes */
    bench_free(&b);
}

static void test_values_are_clipped_before_the_norm(void **state)
{
    const double g[MOVED] = {3, 0.5, 0, 0, 0, -4, 0};
    bench b;

    (void)state;
    assert_near("the norm", 0, prepare(&b, 0, 1, g).norm, 1.5);
    assert_true(b.g[0] == 1 && b.g[1] == (nn_real)0.5 && b.g[flat(&b, 5)] == -1);
    bench_free(&b);
}

static void test_broken_gradients_show_through_every_clip(void **state)
{
    static const double broken[] = {(double)NAN, (double)INFINITY, (double)-INFINITY};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        const double g[MOVED] = {3, 0, 0, 0, 0, broken[k], 0};
        const char *weight = NULL;
        bench b;

        assert_false(isfinite(prepare(&b, 1, 2, g).norm));
        assert_true(b.g[0] == 2); /* not scaled by what is no number */
        assert_int_equal(nn_gradient_first_nonfinite(&b.graph, b.g, &weight), 0);
        assert_string_equal(weight, "bias");
        bench_free(&b);
    }
}

static void test_gradients_of_frozen_weights_are_not_looked_at(void **state)
{
    const double g[MOVED] = {3, 0, 0, 0, 0, -4, 0};
    const char *weight = NULL;
    bench b;

    (void)state;
    (void)prepare(&b, 0, 0, g);
    b.g[weight_of(&b, 2)->at] = (nn_real)NAN;
    assert_true(nn_optimizer_prepare(b.optimizer, b.w, b.g).norm == 5);
    assert_int_equal(nn_gradient_first_nonfinite(&b.graph, b.g, &weight), -1);
    bench_free(&b);
}

static void test_penalty_alone_is_the_one_of_training(void **state)
{
    double found[2];
    nn_choice choice;
    bench b;

    (void)state;
    nn_choice_default(&choice, nn_family_find(&nn_optimizers, "sgd"));
    make_large_steps(&b, &choice, 2, found);
    found[1] = nn_optimizer_prepare(b.optimizer, b.w, b.g).penalty;
    assert_true(nn_optimizer_penalty(b.optimizer, b.w) == found[1]);
    bench_free(&b);
}

/* Puts the weights, slots and count of one optimizer into another. */
static void carry_over(bench *to, bench *from)
{
    const size_t bytes = from->graph.weights_len * sizeof(nn_real);
    const char *name;

    memcpy(to->w, from->w, bytes);
    for (int s = 0; s < nn_optimizer_slots(from->optimizer); s++)
        memcpy(nn_optimizer_slot(to->optimizer, s, &name),
               nn_optimizer_slot(from->optimizer, s, &name), bytes);
    nn_optimizer_set_count(to->optimizer, nn_optimizer_count(from->optimizer));
}

static void test_carried_on_state_gives_the_same_bytes(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        nn_chosen chosen;
        bench a, b;

        nn_test_choose(&chosen, &nn_optimizers, table[k].conf);
        bench_new(&a, KERNEL, 1);
        bench_new(&b, KERNEL, 1);
        bench_optimizer(&a, &chosen.choice, 0, 0);
        bench_optimizer(&b, &chosen.choice, 0, 0);
        bowl_start(&a);
        for (int i = 0; i < 7; i++)
            (void)bowl_step(&a);
        assert_int_equal(nn_optimizer_count(a.optimizer), 7);
        carry_over(&b, &a);
        for (int i = 0; i < 7; i++) {
            (void)bowl_step(&a);
            (void)bowl_step(&b);
        }
        assert_same_bytes(&a, &b);
        bench_free(&b);
        bench_free(&a);
        nn_test_unchoose(&chosen);
    }
}

static void test_slots_have_names_and_begin_as_the_conf_says(void **state)
{
    static const struct {
        const char *conf;
        const char *name[NN_MAX_SLOTS];
        double start;
    } want[] = {
        {"\"sgd\"", {NULL, NULL}, 0},
        {"{\"type\": \"sgd\", \"momentum\": 0.9}", {"momentum", NULL}, 0},
        {"\"adam\"", {"m", "v"}, 0},
        {"\"adamw\"", {"m", "v"}, 0},
        {"\"rmsprop\"", {"v", NULL}, 0},
        {"{\"type\": \"rmsprop\", \"momentum\": 0.9}", {"v", "momentum"}, 0},
        {"\"adagrad\"", {"accumulator", NULL}, 0.1},
        {"{\"type\": \"adagrad\", \"initial_accumulator_value\": 2}", {"accumulator", NULL}, 2},
    };

    (void)state;
    for (size_t k = 0; k < sizeof want / sizeof want[0]; k++) {
        nn_chosen chosen;
        bench b;

        nn_test_choose(&chosen, &nn_optimizers, want[k].conf);
        bench_new(&b, KERNEL, 1);
        bench_optimizer(&b, &chosen.choice, 0, 0);
        assert_int_equal(nn_optimizer_slots(b.optimizer),
                         (want[k].name[0] != NULL) + (want[k].name[1] != NULL));
        for (int s = 0; s < nn_optimizer_slots(b.optimizer); s++) {
            const char *name = NULL;
            const nn_real *const slot = nn_optimizer_slot(b.optimizer, s, &name);

            assert_string_equal(name, want[k].name[s]);
            for (int i = 0; i < MOVED; i++)
                assert_true(slot[flat(&b, i)] == (nn_real)want[k].start);
        }
        bench_free(&b);
        nn_test_unchoose(&chosen);
    }
}

static void test_memory_is_what_was_announced(void **state)
{
    (void)state;
    for (const nn_kind *const *kind = nn_optimizers.kinds; *kind != NULL; kind++) {
        uint64_t before;
        nn_choice choice;
        bench b;

        nn_choice_default(&choice, *kind);
        bench_new(&b, LARGE, 1);
        before = nn_mem_read().live;
        bench_optimizer(&b, &choice, 0, 0);
        assert_int_equal(nn_mem_read().live - before, nn_optimizer_bytes(&choice, &b.graph));
        bench_free(&b);
    }
}

static void test_steps_allocate_nothing(void **state)
{
    uint64_t calls;
    nn_choice choice;
    bench b;

    (void)state;
    nn_choice_default(&choice, nn_family_find(&nn_optimizers, "adam"));
    bench_new(&b, KERNEL, 2);
    bench_optimizer(&b, &choice, 1, 1);
    calls = nn_mem_read().calls;
    (void)bowl_step(&b);
    (void)nn_optimizer_penalty(b.optimizer, b.w);
    assert_int_equal(nn_mem_read().calls, calls);
    bench_free(&b);
}

static void test_every_failing_allocation_is_reported_and_leaks_nothing(void **state)
{
    const nn_clip clip = {0, 0};
    nn_code rc = NN_ELIMIT;
    nn_choice choice;
    bench b;
    uint64_t n;

    (void)state;
    nn_choice_default(&choice, nn_family_find(&nn_optimizers, "adam"));
    bench_new(&b, KERNEL, 1);
    for (n = 1; rc != NN_OK; n++) {
        const uint64_t before = nn_mem_read().live;
        nn_err err = {0};

        nn_mem_fail_at(n);
        rc = nn_optimizer_new(&b.optimizer, &choice, &b.graph, b.pool, &clip, &err);
        nn_mem_fail_at(0);
        if (rc != NN_OK) {
            assert_int_equal(rc, NN_ELIMIT);
            assert_null(b.optimizer);
            assert_int_equal(nn_mem_read().live, before);
        }
    }
    assert_int_equal(n, 9); /* seven allocations, each of which failed once */
    bench_free(&b);
}

static void test_a_graph_without_trainable_weights_has_nothing_to_move(void **state)
{
    nn_choice choice;
    nn_gradient_report report;
    bench b;

    (void)state;
    nn_choice_default(&choice, nn_family_find(&nn_optimizers, "adam"));
    bench_new(&b, KERNEL, 1);
    b.layer[0]->weight[0].trainable = b.layer[0]->weight[1].trainable = false;
    bench_optimizer(&b, &choice, 1, 1);
    bowl_start(&b);
    report = bowl_step(&b);
    assert_true(report.norm == 0 && report.penalty == 0 && b.w[0] == (nn_real)first[0]);
    bench_free(&b);
}

static void test_a_learning_rate_below_zero_is_refused(void **state)
{
    (void)state;
    for (const nn_kind *const *kind = nn_optimizers.kinds; *kind != NULL; kind++) {
        char json[96];

        snprintf(json, sizeof json, "{\"type\": \"%s\", \"learning_rate\": -1}", (*kind)->name);
        nn_test_refuse(&nn_optimizers, json, "learning_rate: expected a number of at least 0, got -1");
    }
}

static void test_every_optimizer_has_a_case(void **state)
{
    (void)state;
    nn_test_covers(&nn_optimizers, &table[0].conf, CASES, sizeof table[0]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_are_those_of_keras),
        cmocka_unit_test(test_frozen_weights_and_padding_stay_as_they_are),
        cmocka_unit_test(test_bits_do_not_depend_on_threads),
        cmocka_unit_test(test_norm_is_clipped_to_its_limit_over_all_weights),
        cmocka_unit_test(test_values_are_clipped_before_the_norm),
        cmocka_unit_test(test_broken_gradients_show_through_every_clip),
        cmocka_unit_test(test_gradients_of_frozen_weights_are_not_looked_at),
        cmocka_unit_test(test_penalty_alone_is_the_one_of_training),
        cmocka_unit_test(test_carried_on_state_gives_the_same_bytes),
        cmocka_unit_test(test_slots_have_names_and_begin_as_the_conf_says),
        cmocka_unit_test(test_memory_is_what_was_announced),
        cmocka_unit_test(test_steps_allocate_nothing),
        cmocka_unit_test(test_every_failing_allocation_is_reported_and_leaks_nothing),
        cmocka_unit_test(test_a_graph_without_trainable_weights_has_nothing_to_move),
        cmocka_unit_test(test_a_learning_rate_below_zero_is_refused),
        cmocka_unit_test(test_every_optimizer_has_a_case),
    };

    return nn_test_main(argc, argv, tests);
}
