/* Training: epochs of steps, validation, the best model kept, early stopping. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "trainer.h"

/* ---- setting up ---- */

static nn_code make_judge(nn_trainer *t, nn_err *err)
{
    const nn_setup *s = t->s;
    const nn_subject subject = nn_setup_subject(s, nn_engine_weights(t->engine), t->pool);
    const size_t most = s->validation.count > s->test.count ? s->validation.count : s->test.count;

    if (most == 0)
        return NN_OK;
    return nn_evaluator_new(&t->judge, &subject, s->train_set, most, false, err);
}

static nn_code make_engine(nn_trainer *t, nn_err *err)
{
    NN_TRY(nn_pool_new(&t->pool, t->options->threads, err));
    NN_TRY(nn_engine_new(&t->engine, t->s, t->pool, err));
    t->best = nn_alloc(1, nn_trainer_weights_bytes(t) + 1);
    if (t->best == NULL)
        return nn_err_memory(err, "the best weights", nn_trainer_weights_bytes(t));
    return make_judge(t, err);
}

static void watch_value(nn_monitor *out, const nn_setup *s, const char *name)
{
    if (name == NULL)
        name = s->validation.count > 0 ? "val_loss" : "loss";
    if (!nn_monitor_find(out, name, s->metric, s->metrics)) /* setup has refused such a name */
        (void)nn_monitor_find(out, "loss", s->metric, s->metrics);
    if (s->validation.count == 0)
        out->validation = false; /* --overfit-batch takes the validation away */
}

static void choose_monitors(nn_trainer *t)
{
    const nn_config *c = t->s->config;
    const nn_schedule_class *schedule = (const nn_schedule_class *)c->schedule.kind;

    watch_value(&t->monitor, t->s, c->checkpoint.monitor);
    watch_value(&t->early, t->s, c->early.monitor);
    if (schedule->monitor != NULL)
        watch_value(&t->plateau_sees, t->s, schedule->monitor(&c->schedule.conf));
}

/* The whole schedule is looked at before the first step, so that none fails in the night. */
static nn_code check_schedule(const nn_trainer *t, nn_err *err)
{
    const uint64_t epochs = (uint64_t)t->s->config->training.epochs;
    const uint64_t stride = epochs / 10000 + 1; /* a billion epochs must not be waited for here */

    for (uint64_t e = 0; e < epochs; e += stride) {
        const double lr = nn_trainer_rate(t, e * t->steps_per_epoch);

        if (!(lr >= 0 && isfinite(lr)))
            return nn_err_set(err, NN_ECONFIG, "schedule",
                              "gives the learning rate %g in epoch %llu; expected a number from 0",
                              lr, (unsigned long long)e + 1);
    }
    return NN_OK;
}

/* ---- starting and stopping ---- */

static nn_code start(nn_trainer *t, nn_err *err)
{
    nn_setup *s = t->s;
    const size_t batch = (size_t)s->batch_size;
    const bool drop = s->config->training.drop_last;

    nn_cpu_flush_denormals();
    NN_TRY(make_engine(t, err));
    t->steps_per_epoch = drop ? s->train.count / batch : (s->train.count + batch - 1) / batch;
    t->epoch = 1;
    nn_schedule_start(&t->plateau);
    nn_guard_start(&t->guard);
    choose_monitors(t);
    NN_TRY(check_schedule(t, err));
    if (t->options->resume)
        return nn_keep_go_on(t, err);
    nn_graph_init(s->graph, s->config->seed, nn_engine_weights(t->engine));
    if (t->options->init_weights != NULL)
        NN_TRY(
            nn_weights_load(t->options->init_weights, s->graph, nn_engine_weights(t->engine), err));
    return nn_keep_begin(t, err);
}

/* The run is recorded before it comes to stand, so that what stands can be gone on with. */
static nn_code announce(nn_trainer *t, nn_err *err)
{
    const nn_train_watch *watch = t->watch;

    if (watch->started != NULL)
        NN_TRY(watch->started(watch->context, err));
    NN_TRY(nn_rundir_stand(t->dir, err));
    if (watch->begun != NULL)
        watch->begun(watch->context);
    nn_keep_tell(t);
    return NN_OK;
}

static void stop(nn_trainer *t)
{
    nn_evaluator_free(t->judge);
    nn_engine_free(t->engine);
    nn_pool_free(t->pool);
    nn_free(t->best);
}

/* ---- one epoch ---- */

static bool is_asked_to_stop(const nn_trainer *t)
{
    return t->watch->stop != NULL && t->watch->stop(t->watch->context);
}

/* For somebody who looks on. */
static void tell_progress(const nn_trainer *t)
{
    nn_epoch e = {.epoch = t->epoch, .epochs = t->s->config->training.epochs};

    e.step = nn_engine_steps(t->engine);
    e.loss = nn_epoch_loss(&t->sum);
    e.lr = t->sum.lr;
    nn_engine_metrics_so_far(t->engine, e.metric);
    t->watch->during(t->watch->context, t->s, &e,
                     (double)(t->batch + 1) / (double)t->steps_per_epoch);
}

/* The batches of this epoch that are not done yet. */
static nn_code run_steps(nn_trainer *t, nn_err *err)
{
    const size_t batch = (size_t)t->s->batch_size;

    if (t->batch == 0)
        nn_engine_start_epoch(t->engine, t->epoch);
    for (; t->batch < t->steps_per_epoch; t->batch++) {
        const size_t begin = (size_t)t->batch * batch;
        const size_t left = t->s->train.count - begin;

        if (is_asked_to_stop(t))
            return nn_err_set(err, NN_ESTOPPED, t->dir->path, "stopped in epoch %d", t->epoch);
        NN_TRY(nn_keep_within(t, err));
        const double rate = t->guard.factor * nn_trainer_rate(t, nn_engine_steps(t->engine));
        const nn_code rc = nn_engine_step(t->engine, begin, (int)(left < batch ? left : batch),
                                          rate, &t->sum, err);
        NN_TRY(nn_setback(t, rc, err));
        if (t->watch->asks != NULL && t->watch->asks(t->watch->context))
            tell_progress(t);
    }
    return NN_OK;
}

/* The value that a monitor watches, from an epoch's figures. */
static double monitored(const nn_monitor *m, const nn_epoch *e)
{
    if (m->metric < 0)
        return m->validation ? e->val_loss : e->loss;
    return m->validation ? e->val_metric[m->metric] : e->metric[m->metric];
}

/* NaN is never better. */
static bool is_better(const nn_monitor *m, double value, double than, double by)
{
    return m->higher_is_better ? value > than + by : value < than - by;
}

static void validate(nn_trainer *t, nn_epoch *e)
{
    nn_scores scores;

    if (t->s->validation.count == 0)
        return;
    nn_evaluate(t->judge, &t->s->validation, &scores);
    e->validated = true;
    e->val_loss = scores.loss;
    memcpy(e->val_metric, scores.metric, sizeof scores.metric);
}

static void keep_best(nn_trainer *t, nn_epoch *e)
{
    const double value = monitored(&t->monitor, e);

    e->best = t->best_epoch == 0 || isnan(t->best_value) ||
              is_better(&t->monitor, value, t->best_value, 0);
    if (!e->best)
        return;
    memcpy(t->best, nn_engine_weights(t->engine), nn_trainer_weights_bytes(t));
    t->best_value = value;
    t->best_epoch = e->epoch;
    t->best_is_written = false;
}

static nn_code run_epoch(nn_trainer *t, nn_epoch *e, nn_err *err)
{
    const double begin = nn_clock_now();
    const uint64_t before = t->sum.samples;

    NN_TRY(run_steps(t, err));
    NN_TRY(nn_setback_epoch(t, err));
    const double trained = nn_clock_now() - begin;
    e->step = nn_engine_steps(t->engine);
    e->loss = nn_epoch_loss(&t->sum);
    e->gradient_norm = t->sum.gradient_norm / (double)t->sum.steps;
    e->lr = t->sum.lr;
    e->set_back = t->guard.bad;
    e->penalty = nn_optimizer_penalty(nn_engine_optimizer(t->engine), nn_engine_weights(t->engine));
    e->rows_per_second = trained > 0 ? (double)(t->sum.samples - before) / trained : 0;
    nn_engine_metrics(t->engine, e->metric);
    validate(t, e);
    keep_best(t, e);
    e->seconds = nn_clock_now() - begin;
    return NN_OK;
}

/* ---- between epochs ---- */

/* Has the watched value not got better for too long? */
static bool is_time_to_stop(nn_trainer *t, const nn_epoch *e)
{
    const nn_early_conf *conf = &t->s->config->early;
    const double value = monitored(&t->early, e);

    if (conf->monitor == NULL)
        return false;
    if (e->epoch == 1 || isnan(t->early_best) ||
        is_better(&t->early, value, t->early_best, conf->min_delta)) {
        t->early_best = value;
        t->early_waited = 0;
        return false;
    }
    return ++t->early_waited >= conf->patience;
}

static void show_schedule(nn_trainer *t, const nn_epoch *e)
{
    const nn_choice *choice = &t->s->config->schedule;
    const nn_schedule_class *schedule = (const nn_schedule_class *)choice->kind;

    if (schedule->observe != NULL)
        schedule->observe(&choice->conf, &t->plateau, monitored(&t->plateau_sees, e),
                          t->plateau_sees.higher_is_better);
}

/* The epoch is behind: what comes next, and whether anything does. */
static void turn_page(nn_trainer *t, const nn_epoch *e)
{
    show_schedule(t, e);
    t->stopped_early = is_time_to_stop(t, e);
    t->epoch++;
    t->batch = 0;
    t->guard.bad = 0;
    t->sum = (nn_epoch_sum){0};
}

static nn_code run_epochs(nn_trainer *t, nn_train_result *result, nn_err *err)
{
    const int epochs = t->s->config->training.epochs;

    result->epochs = t->epoch - 1;
    result->best_epoch = t->best_epoch;
    while (t->epoch <= epochs && !t->stopped_early) {
        nn_epoch e = {.epoch = t->epoch, .epochs = epochs};

        NN_TRY(run_epoch(t, &e, err));
        result->epochs = t->epoch;
        result->best_epoch = t->best_epoch;
        result->last = e;
        NN_TRY(nn_keep_record(t, &e, err));
        if (t->watch->epoch != NULL)
            t->watch->epoch(t->watch->context, t->s, &e);
        turn_page(t, &e);
        NN_TRY(nn_keep_between(t, &e, err));
    }
    result->stopped_early = t->stopped_early && result->epochs < epochs;
    return NN_OK;
}

static void test_best(nn_trainer *t, nn_train_result *result)
{
    if (t->s->test.count == 0)
        return;
    memcpy(nn_engine_weights(t->engine), t->best, nn_trainer_weights_bytes(t));
    nn_evaluate(t->judge, &t->s->test, &result->test);
    result->test.confusion = NULL;
    result->tested = true;
}

static void take_one_batch(nn_setup *s)
{
    if ((size_t)s->batch_size < s->train.count)
        s->train.count = (size_t)s->batch_size;
    /* What it would have watched stands in the run's config, to which its state must stay true. */
    if (s->validation.count > 0 && s->config->checkpoint.monitor == NULL)
        s->config->checkpoint.monitor = "val_loss";
    s->validation.count = 0;
}

static nn_code train(nn_trainer *t, nn_train_result *result, nn_err *err)
{
    NN_TRY(start(t, err));
    NN_TRY(announce(t, err));
    NN_TRY(nn_keep_end(t, run_epochs(t, result, err), err));
    test_best(t, result);
    return NN_OK;
}

nn_code nn_train(nn_setup *s, nn_rundir *dir, const nn_train_options *options,
                 nn_train_result *result, nn_err *err)
{
    nn_trainer t = {.s = s, .dir = dir, .options = options, .watch = &options->watch};
    nn_memory memory;

    memset(result, 0, sizeof *result);
    NN_TRY(nn_setup_memory(s, options->threads, &memory, err));
    NN_TRY(nn_memory_check(&memory, err));
    if (options->overfit_batch)
        take_one_batch(s);
    const nn_code rc = train(&t, result, err);
    stop(&t);
    return rc;
}
