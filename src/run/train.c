/* Training: epochs of steps, validation, the best model kept, early stopping, checkpoints. */
#include "run/train.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "run/checkpoint.h"
#include "run/engine.h"
#include "run/settle.h"

/* A write of weights waits for the disk; more than one a second would be all that a small net does.
 */
static const double seconds_between_writes = 1.0;

typedef struct trainer {
    nn_setup *s;
    nn_rundir *dir;
    const nn_train_options *options;
    const nn_train_watch *watch;
    nn_pool *pool;
    nn_engine *engine;
    nn_evaluator *judge; /* for validation and test; NULL: neither */
    nn_real *best;       /* [weights_len] */

    uint64_t steps_per_epoch;
    nn_plateau plateau;
    nn_monitor monitor; /* what makes a model the best */
    nn_monitor early;   /* what must get better */
    nn_monitor plateau_sees;
    bool best_is_written;
    double written; /* nn_clock_now of the last write */

    /* What a resume brings back, beside the engine's and `best`; see blocks_of. */
    int32_t epoch;      /* the one being trained, from 1 */
    uint64_t batch;     /* batches of it that are done */
    nn_epoch_sum sum;   /* over them */
    int32_t best_epoch; /* 0: none yet */
    double best_value;
    int32_t early_waited;
    double early_best;
    int32_t stopped_early;
    int32_t epochs;       /* that were planned when this was saved */
    uint64_t metrics_len; /* bytes of the logs */
    uint64_t timing_len;
} trainer;

/* ---- setting up ---- */

static size_t weights_bytes(const trainer *t)
{
    return t->s->graph->weights_len * sizeof(nn_real);
}

static nn_code make_judge(trainer *t, nn_err *err)
{
    const nn_setup *s = t->s;
    const nn_subject subject = nn_setup_subject(s, nn_engine_weights(t->engine), t->pool);
    const size_t most = s->validation.count > s->test.count ? s->validation.count : s->test.count;

    if (most == 0)
        return NN_OK;
    return nn_evaluator_new(&t->judge, &subject, s->train_set, most, false, err);
}

static nn_code make_engine(trainer *t, nn_err *err)
{
    NN_TRY(nn_pool_new(&t->pool, t->options->threads, err));
    NN_TRY(nn_engine_new(&t->engine, t->s, t->pool, err));
    t->best = nn_alloc(1, weights_bytes(t) + 1);
    if (t->best == NULL)
        return nn_err_memory(err, "the best weights", weights_bytes(t));
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

static void choose_monitors(trainer *t)
{
    const nn_config *c = t->s->config;
    const nn_schedule_class *schedule = (const nn_schedule_class *)c->schedule.kind;

    watch_value(&t->monitor, t->s, c->checkpoint.monitor);
    watch_value(&t->early, t->s, c->early.monitor);
    if (schedule->monitor != NULL)
        watch_value(&t->plateau_sees, t->s, schedule->monitor(&c->schedule.conf));
}

/* The learning rate of a step, counted from 0 over the whole run. */
static double rate(const trainer *t, uint64_t step)
{
    const nn_config *c = t->s->config;

    return nn_schedule_rate(&c->schedule, &t->plateau,
                            nn_optimizer_base_lr(nn_engine_optimizer(t->engine)), step,
                            t->steps_per_epoch, (uint64_t)c->training.epochs);
}

/* The whole schedule is looked at before the first step, so that none fails in the night. */
static nn_code check_schedule(const trainer *t, nn_err *err)
{
    const uint64_t epochs = (uint64_t)t->s->config->training.epochs;
    const uint64_t stride = epochs / 10000 + 1; /* a billion epochs must not be waited for here */

    for (uint64_t e = 0; e < epochs; e += stride) {
        const double lr = rate(t, e * t->steps_per_epoch);

        if (!(lr >= 0 && isfinite(lr)))
            return nn_err_set(err, NN_ECONFIG, "schedule",
                              "gives the learning rate %g in epoch %llu; expected a number from 0",
                              lr, (unsigned long long)e + 1);
    }
    return NN_OK;
}

/* ---- the state on disk ---- */

/* Everything that decides how the training goes on. Order and names are the file's format. */
static void blocks_of(trainer *t, nn_blocks *blocks)
{
    blocks->count = 0;
    nn_engine_blocks(t->engine, blocks);
    nn_blocks_add(blocks, "best", -1, nn_real_dtype(), t->best, t->s->graph->weights_len);
    nn_blocks_add(blocks, "this_epoch", -1, NN_I32, &t->epoch, 1);
    nn_blocks_add(blocks, "batch", -1, NN_U64, &t->batch, 1);
    nn_blocks_add(blocks, "sum_loss", -1, NN_F64, &t->sum.loss, 1);
    nn_blocks_add(blocks, "sum_gradient_norm", -1, NN_F64, &t->sum.gradient_norm, 1);
    nn_blocks_add(blocks, "sum_lr", -1, NN_F64, &t->sum.lr, 1);
    nn_blocks_add(blocks, "sum_samples", -1, NN_U64, &t->sum.samples, 1);
    nn_blocks_add(blocks, "sum_steps", -1, NN_U64, &t->sum.steps, 1);
    nn_blocks_add(blocks, "best_epoch", -1, NN_I32, &t->best_epoch, 1);
    nn_blocks_add(blocks, "best_value", -1, NN_F64, &t->best_value, 1);
    nn_blocks_add(blocks, "early_waited", -1, NN_I32, &t->early_waited, 1);
    nn_blocks_add(blocks, "early_best", -1, NN_F64, &t->early_best, 1);
    nn_blocks_add(blocks, "stopped_early", -1, NN_I32, &t->stopped_early, 1);
    nn_blocks_add(blocks, "plateau_factor", -1, NN_F64, &t->plateau.factor, 1);
    nn_blocks_add(blocks, "plateau_best", -1, NN_F64, &t->plateau.best, 1);
    nn_blocks_add(blocks, "plateau_waited", -1, NN_I32, &t->plateau.waited, 1);
    nn_blocks_add(blocks, "plateau_cooling", -1, NN_I32, &t->plateau.cooling, 1);
    nn_blocks_add(blocks, "plateau_seen", -1, NN_U8, &t->plateau.seen, 1);
    nn_blocks_add(blocks, "epochs", -1, NN_I32, &t->epochs, 1);
    nn_blocks_add(blocks, "metrics_bytes", -1, NN_U64, &t->metrics_len, 1);
    nn_blocks_add(blocks, "timing_bytes", -1, NN_U64, &t->timing_len, 1);
}

/* The logs must hold on disk what the state says that they hold. */
static nn_code write_state(trainer *t, nn_err *err)
{
    nn_blocks blocks;

    NN_TRY(nn_log_sync(t->dir->metrics, err));
    NN_TRY(nn_log_sync(t->dir->timing, err));
    t->epochs = t->s->config->training.epochs;
    t->metrics_len = nn_log_len(t->dir->metrics);
    t->timing_len = nn_log_len(t->dir->timing);
    blocks_of(t, &blocks);
    return nn_checkpoint_save(t->dir->state, t->s, &blocks, err);
}

/*
 * A schedule that counts on the number of epochs would have had other rates in the past. Rates are
 * compared at the epochs' first steps.
 */
static nn_code check_extension(trainer *t, nn_err *err)
{
    nn_training_conf *conf = &t->s->config->training;
    const int planned = conf->epochs;
    bool same = true;

    for (int e = 0; same && planned != t->epochs && e < t->epoch; e++) {
        const uint64_t step = (uint64_t)e * t->steps_per_epoch;
        const double now = rate(t, step);

        conf->epochs = t->epochs;
        same = rate(t, step) == now;
        conf->epochs = planned;
    }
    if (same)
        return NN_OK;
    return nn_err_set(
        err, NN_ECONFIG, "training.epochs",
        "cannot go from %d to %d: the schedule depends on it, so that the epochs behind "
        "would have had other learning rates",
        t->epochs, planned);
}

static nn_code go_on(trainer *t, nn_err *err)
{
    nn_blocks blocks;

    blocks_of(t, &blocks);
    NN_TRY(nn_checkpoint_load(t->dir->state, t->s, &blocks, err));
    NN_TRY(check_extension(t, err));
    nn_engine_go_on(t->engine);
    return nn_rundir_go_on(t->dir, t->s, t->metrics_len, t->timing_len, err);
}

/* ---- starting and stopping ---- */

static nn_code start(trainer *t, nn_err *err)
{
    nn_setup *s = t->s;
    const size_t batch = (size_t)s->batch_size;
    const bool drop = s->config->training.drop_last;

    nn_cpu_flush_denormals();
    NN_TRY(make_engine(t, err));
    t->steps_per_epoch = drop ? s->train.count / batch : (s->train.count + batch - 1) / batch;
    t->epoch = 1;
    nn_schedule_start(&t->plateau);
    choose_monitors(t);
    NN_TRY(check_schedule(t, err));
    if (t->options->resume)
        return go_on(t, err);
    nn_graph_init(s->graph, s->config->seed, nn_engine_weights(t->engine));
    if (t->options->init_weights != NULL)
        return nn_weights_load(t->options->init_weights, s->graph, nn_engine_weights(t->engine),
                               err);
    return NN_OK;
}

static void stop(trainer *t)
{
    nn_evaluator_free(t->judge);
    nn_engine_free(t->engine);
    nn_pool_free(t->pool);
    nn_free(t->best);
}

/* ---- one epoch ---- */

static bool is_asked_to_stop(const trainer *t)
{
    return t->watch->stop != NULL && t->watch->stop(t->watch->context);
}

/* For somebody who looks on. */
static void tell_progress(const trainer *t)
{
    nn_epoch e = {.epoch = t->epoch, .epochs = t->s->config->training.epochs};

    e.step = nn_engine_steps(t->engine);
    e.loss = t->sum.loss / (double)t->sum.samples;
    e.lr = t->sum.lr;
    nn_engine_metrics_so_far(t->engine, e.metric);
    t->watch->during(t->watch->context, t->s, &e,
                     (double)(t->batch + 1) / (double)t->steps_per_epoch);
}

/* The batches of this epoch that are not done yet. */
static nn_code run_steps(trainer *t, nn_err *err)
{
    const size_t batch = (size_t)t->s->batch_size;

    if (t->batch == 0)
        nn_engine_start_epoch(t->engine, t->epoch);
    for (; t->batch < t->steps_per_epoch; t->batch++) {
        const size_t begin = (size_t)t->batch * batch;
        const size_t left = t->s->train.count - begin;

        if (is_asked_to_stop(t))
            return nn_err_set(err, NN_ESTOPPED, t->dir->path, "stopped in epoch %d", t->epoch);
        NN_TRY(nn_engine_step(t->engine, begin, (int)(left < batch ? left : batch),
                              rate(t, nn_engine_steps(t->engine)), &t->sum, err));
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

static void validate(trainer *t, nn_epoch *e)
{
    nn_scores scores;

    if (t->s->validation.count == 0)
        return;
    nn_evaluate(t->judge, &t->s->validation, &scores);
    e->validated = true;
    e->val_loss = scores.loss;
    memcpy(e->val_metric, scores.metric, sizeof scores.metric);
}

static void keep_best(trainer *t, nn_epoch *e)
{
    const double value = monitored(&t->monitor, e);

    e->best = t->best_epoch == 0 || isnan(t->best_value) ||
              is_better(&t->monitor, value, t->best_value, 0);
    if (!e->best)
        return;
    memcpy(t->best, nn_engine_weights(t->engine), weights_bytes(t));
    t->best_value = value;
    t->best_epoch = e->epoch;
    t->best_is_written = false;
}

static nn_code run_epoch(trainer *t, nn_epoch *e, nn_err *err)
{
    const double begin = nn_clock_now();
    const uint64_t before = t->sum.samples;

    NN_TRY(run_steps(t, err));
    const double trained = nn_clock_now() - begin;
    e->step = nn_engine_steps(t->engine);
    e->loss = t->sum.loss / (double)t->sum.samples;
    e->gradient_norm = t->sum.gradient_norm / (double)t->sum.steps;
    e->lr = t->sum.lr;
    e->penalty = nn_optimizer_penalty(nn_engine_optimizer(t->engine), nn_engine_weights(t->engine));
    e->rows_per_second = trained > 0 ? (double)(t->sum.samples - before) / trained : 0;
    nn_engine_metrics(t->engine, e->metric);
    validate(t, e);
    keep_best(t, e);
    e->seconds = nn_clock_now() - begin;
    return NN_OK;
}

/* ---- between epochs ---- */

static nn_code write_best(trainer *t, nn_err *err)
{
    if (t->best_is_written)
        return NN_OK;
    NN_TRY(nn_model_save(t->dir->model, t->s, t->best, err));
    t->best_is_written = true;
    t->written = nn_clock_now();
    return NN_OK;
}

static nn_code write_all(trainer *t, nn_err *err)
{
    NN_TRY(nn_model_save(t->dir->last, t->s, nn_engine_weights(t->engine), err));
    if (t->best_epoch > 0)
        NN_TRY(write_best(t, err));
    NN_TRY(write_state(t, err));
    t->written = nn_clock_now();
    return NN_OK;
}

/* The best model does not wait for its epoch: it is what a run that gets killed leaves. */
static nn_code checkpoint(trainer *t, const nn_epoch *e, nn_err *err)
{
    if (nn_clock_now() - t->written < seconds_between_writes)
        return NN_OK;
    if (e->epoch % t->s->config->checkpoint.every == 0)
        return write_all(t, err);
    return write_best(t, err);
}

static nn_code record(trainer *t, const nn_epoch *e, nn_err *err)
{
    nn_buf line = {0};
    nn_code rc;

    nn_epoch_metrics(&line, t->s, e);
    if ((rc = nn_buf_check(&line, err)) == NN_OK)
        rc = nn_log_line(t->dir->metrics, line.data, line.len, err);
    nn_buf_clear(&line);
    nn_epoch_timing(&line, e);
    if (rc == NN_OK && (rc = nn_buf_check(&line, err)) == NN_OK)
        rc = nn_log_line(t->dir->timing, line.data, line.len, err);
    nn_buf_free(&line);
    return rc;
}

/* Has the watched value not got better for too long? */
static bool is_time_to_stop(trainer *t, const nn_epoch *e)
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

static void show_schedule(trainer *t, const nn_epoch *e)
{
    const nn_choice *choice = &t->s->config->schedule;
    const nn_schedule_class *schedule = (const nn_schedule_class *)choice->kind;

    if (schedule->observe != NULL)
        schedule->observe(&choice->conf, &t->plateau, monitored(&t->plateau_sees, e),
                          t->plateau_sees.higher_is_better);
}

/* The epoch is behind: what comes next, and whether anything does. */
static void turn_page(trainer *t, const nn_epoch *e)
{
    show_schedule(t, e);
    t->stopped_early = is_time_to_stop(t, e);
    t->epoch++;
    t->batch = 0;
    t->sum = (nn_epoch_sum){0};
}

static nn_code run_epochs(trainer *t, nn_train_result *result, nn_err *err)
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
        NN_TRY(record(t, &e, err));
        if (t->watch->epoch != NULL)
            t->watch->epoch(t->watch->context, t->s, &e);
        turn_page(t, &e);
        NN_TRY(checkpoint(t, &e, err));
    }
    result->stopped_early = t->stopped_early && result->epochs < epochs;
    return NN_OK;
}

static void test_best(trainer *t, nn_train_result *result)
{
    if (t->s->test.count == 0)
        return;
    memcpy(nn_engine_weights(t->engine), t->best, weights_bytes(t));
    nn_evaluate(t->judge, &t->s->test, &result->test);
    result->test.confusion = NULL;
    result->tested = true;
}

/*
 * A stop asked for leaves the state to go on from, and a model even before the first epoch has
 * ended: the user waited for it. After a divergence the newest weights are worth nothing, and only
 * the best model is brought to disk.
 */
static nn_code save_what_is_good(trainer *t, nn_code rc, nn_err *err)
{
    nn_err failed = {0};
    nn_code saved = NN_OK;

    if (rc == NN_ESTOPPED)
        saved = write_all(t, &failed);
    if (rc == NN_ESTOPPED && saved == NN_OK && t->best_epoch == 0)
        saved = nn_model_save(t->dir->model, t->s, nn_engine_weights(t->engine), &failed);
    if (rc == NN_EDIVERGED && t->best_epoch > 0)
        saved = write_best(t, &failed);
    if (saved == NN_OK)
        return rc;
    *err = failed;
    return saved;
}

static void take_one_batch(nn_setup *s)
{
    if ((size_t)s->batch_size < s->train.count)
        s->train.count = (size_t)s->batch_size;
    s->validation.count = 0;
}

static nn_code train(trainer *t, nn_train_result *result, nn_err *err)
{
    nn_code rc;

    NN_TRY(start(t, err));
    if (t->watch->started != NULL)
        NN_TRY(t->watch->started(t->watch->context, err));
    rc = run_epochs(t, result, err);
    if (rc == NN_OK)
        rc = write_all(t, err); /* fails as well when the very last step diverged */
    if (rc != NN_OK)
        return save_what_is_good(t, rc, err);
    test_best(t, result);
    return NN_OK;
}

nn_code nn_train(nn_setup *s, nn_rundir *dir, const nn_train_options *options,
                 nn_train_result *result, nn_err *err)
{
    trainer t = {.s = s, .dir = dir, .options = options, .watch = &options->watch};
    nn_memory memory;

    memset(result, 0, sizeof *result);
    nn_setup_memory(s, options->threads, &memory);
    NN_TRY(nn_memory_check(&memory, err));
    if (options->overfit_batch)
        take_one_batch(s);
    const nn_code rc = train(&t, result, err);
    stop(&t);
    return rc;
}
