/* Schedules: rates of every step against PyTorch, and what a plateau makes of what it sees. */
#include "support/nn_test.h"

#include "nn/schedule.h"
#include "nn/support/choose.h"

#include <math.h>

enum { MOST = 24 };

typedef struct schedule_case {
    const char *conf;
    int per_epoch, epochs;
    double rate[MOST]; /* of every step, for a base rate of 1 */
} schedule_case;

static const schedule_case table[] = {
#include "reference/schedules.inc"
};
enum { CASES = sizeof table / sizeof table[0] };

typedef struct plateau_case {
    const char *conf;
    int higher_is_better, count;
    double value[MOST];
    double factor[MOST]; /* after each value */
} plateau_case;

static const plateau_case plateaus[] = {
#include "reference/plateaus.inc"
};

static void test_rates_are_pytorchs(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        const schedule_case *const c = &table[k];
        nn_plateau seen;
        nn_chosen schedule;

        nn_test_choose(&schedule, &nn_schedules, c->conf);
        nn_schedule_start(&seen);
        for (int step = 0; step < c->per_epoch * c->epochs; step++) {
            const double base = 0.5;
            const double rate = nn_schedule_rate(&schedule.choice, &seen, base, (uint64_t)step,
                                                 (uint64_t)c->per_epoch, (uint64_t)c->epochs);

            if (!(fabs(rate - base * c->rate[step]) <= 1e-12))
                fail_msg("case %d (%s), step %d: %.17g, not %.17g", k, c->conf, step, rate,
                         base * c->rate[step]);
        }
        nn_test_unchoose(&schedule);
    }
}

static double rate_at(const char *conf, uint64_t step, uint64_t per_epoch, uint64_t epochs)
{
    nn_plateau seen;
    nn_chosen schedule;
    double rate;

    nn_test_choose(&schedule, &nn_schedules, conf);
    nn_schedule_start(&seen);
    rate = nn_schedule_rate(&schedule.choice, &seen, 1, step, per_epoch, epochs);
    nn_test_unchoose(&schedule);
    return rate;
}

static void test_every_rate_of_every_length_of_run_is_sound(void **state)
{
    static const uint64_t lengths[] = {1, 2, 3, 7};

    (void)state;
    for (int k = 0; k < CASES; k++)
        for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
            for (uint64_t step = 0; step < 2 * lengths[l]; step++) {
                const double rate = rate_at(table[k].conf, step, 2, lengths[l]);

                assert_true(rate >= 0 && rate <= 1);
            }
}

static void test_fraction_of_an_epoch_warms_up_step_by_step(void **state)
{
    static const double want[] = {0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1}; /* an epoch has 8 steps */
    const char *const conf =
        "{\"type\": \"step\", \"step_size\": 1, \"gamma\": 0.5, \"warmup\": 0.5}";

    (void)state;
    for (uint64_t step = 0; step < sizeof want / sizeof want[0]; step++)
        assert_true(rate_at(conf, step, 8, 4) == want[step]);
    assert_true(rate_at(conf, 16, 8, 4) == 0.5); /* one and a half epochs after the warm-up */
}

static void test_warm_up_of_a_broken_number_of_steps_does_not_overshoot(void **state)
{
    const char *const conf = "{\"type\": \"constant\", \"unit\": \"step\", \"warmup\": 2.5}";

    (void)state;
    assert_true(rate_at(conf, 1, 8, 1) == 2 / 2.5);
    assert_true(rate_at(conf, 2, 8, 1) == 1);
}

static void test_one_cycle_may_rise_to_the_end(void **state)
{
    (void)state;
    assert_true(rate_at("{\"type\": \"one_cycle\", \"pct_start\": 1}", 9, 1, 10) == 1);
}

static void test_warm_up_longer_than_the_run_is_all_there_is(void **state)
{
    (void)state;
    assert_true(rate_at("{\"type\": \"cosine\", \"warmup\": 10}", 0, 2, 4) == 1.0 / 20);
    assert_true(rate_at("{\"type\": \"cosine\", \"warmup\": 10}", 7, 2, 4) == 8.0 / 20);
}

static void test_rate_stays_at_its_end_after_the_run(void **state)
{
    (void)state;
    assert_true(rate_at("{\"type\": \"cosine\", \"alpha\": 0.25}", 100, 2, 4) == 0.25);
    assert_true(rate_at("{\"type\": \"polynomial\", \"end\": 0.25}", 100, 2, 4) == 0.25);
    assert_true(fabs(rate_at("\"one_cycle\"", 100, 2, 10) - 1 / (25 * 1e4)) < 1e-18);
}

static void test_plateaus_lower_the_rate_as_keras_does(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof plateaus / sizeof plateaus[0]; k++) {
        const plateau_case *const c = &plateaus[k];
        const nn_schedule_class *class;
        nn_plateau seen;
        nn_chosen schedule;

        nn_test_choose(&schedule, &nn_schedules, c->conf);
        class = (const nn_schedule_class *)schedule.choice.kind;
        nn_schedule_start(&seen);
        for (int i = 0; i < c->count; i++) {
            class->observe(schedule.choice.conf.bytes, &seen, c->value[i], c->higher_is_better);
            if (nn_schedule_rate(&schedule.choice, &seen, 2, 0, 1, 1) != 2 * c->factor[i])
                fail_msg("case %zu (%s), value %d: %g, not %g", k, c->conf, i, seen.factor,
                         c->factor[i]);
        }
        nn_test_unchoose(&schedule);
    }
}

static void test_plateau_names_what_it_watches(void **state)
{
    static const char *const conf[] = {"\"reduce_on_plateau\"",
                                       "{\"type\": \"reduce_on_plateau\", \"monitor\": \"f1\"}"};
    static const char *const want[] = {"val_loss", "f1"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        nn_chosen schedule;

        nn_test_choose(&schedule, &nn_schedules, conf[i]);
        assert_string_equal(
            ((const nn_schedule_class *)schedule.choice.kind)->monitor(schedule.choice.conf.bytes),
            want[i]);
        nn_test_unchoose(&schedule);
    }
}

static void test_impossible_numbers_are_refused(void **state)
{
    (void)state;
    nn_test_refuse(&nn_schedules, "{\"type\": \"cosine\", \"warmup\": -1}",
                   "warmup: expected a number of at least 0, got -1");
}

static void test_every_schedule_has_a_case(void **state)
{
    (void)state;
    nn_test_covers(&nn_schedules, &table[0].conf, CASES, sizeof table[0]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates_are_pytorchs),
        cmocka_unit_test(test_every_rate_of_every_length_of_run_is_sound),
        cmocka_unit_test(test_fraction_of_an_epoch_warms_up_step_by_step),
        cmocka_unit_test(test_warm_up_of_a_broken_number_of_steps_does_not_overshoot),
        cmocka_unit_test(test_one_cycle_may_rise_to_the_end),
        cmocka_unit_test(test_warm_up_longer_than_the_run_is_all_there_is),
        cmocka_unit_test(test_rate_stays_at_its_end_after_the_run),
        cmocka_unit_test(test_plateaus_lower_the_rate_as_keras_does),
        cmocka_unit_test(test_plateau_names_what_it_watches),
        cmocka_unit_test(test_impossible_numbers_are_refused),
        cmocka_unit_test(test_every_schedule_has_a_case),
    };

    return nn_test_main(argc, argv, tests);
}
