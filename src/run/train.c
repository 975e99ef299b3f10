/* The training loop: steps, epochs, the best model, early stopping. */
#include "run/train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "nn/exec.h"
#include "run/epoch_log.h"
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
    nn_exec *exec;
    nn_optimizer *optimizer;
    nn_batch *batch;
    nn_evaluator *judge; /* for validation and test; NULL: neither */
    nn_real *weights;    /* [weights_len] the newest */
    nn_real *best;       /* [weights_len] */
    uint32_t *order;     /* [train.count] */
    double *row;         /* [batch_size] losses */
    void *state[NN_MAX_METRICS];
    nn_metric_case what;
    nn_real *y_units; /* [batch_size][width] predictions in the data's units; NULL: as they are */
    nn_real *truth_units; /* likewise the targets */

    uint64_t step;
    uint64_t steps_per_epoch;
    nn_plateau plateau;
    nn_monitor monitor; /* what makes a model the best */
    nn_monitor early;   /* what must get better */
    nn_monitor plateau_sees;
    double best_value;
    int best_epoch; /* 0: none yet */
    double early_best;
    int early_waited;
    bool best_is_written;
    double written; /* nn_clock_now of the last write */
} trainer;

/* ---- setting up ---- */

static const nn_metric_class *metric_class(const nn_choice *metric)
{
    return (const nn_metric_class *)metric->kind;
}

const char *nn_metric_name(const nn_choice *metric)
{
    return metric->kind->name;
}

static size_t row_width(const nn_setup *s)
{
    return nn_shape_len(&s->graph->out);
}

static nn_code make_metrics(trainer *t, nn_err *err)
{
    const nn_setup *s = t->s;

    t->what.width = (int)row_width(s);
    t->what.classes = s->prep->classes.count;
    t->what.samples = s->train.count;
    for (int i = 0; i < s->metrics; i++) {
        const size_t size = metric_class(&s->metric[i])->state_size(&s->metric[i].conf, &t->what);

        if ((t->state[i] = nn_alloc(1, size > 0 ? size : 1)) == NULL)
            return nn_err_memory(err, "metrics", size);
    }
    return NN_OK;
}

static nn_code make_buffers(trainer *t, nn_err *err)
{
    const nn_setup *s = t->s;
    const size_t batch = (size_t)s->batch_size;
    const size_t len = s->graph->weights_len + 1;
    const bool scaled = s->prep->target_scale != NN_TARGET_NONE;

    t->weights = nn_alloc(len, sizeof *t->weights);
    t->best = nn_alloc(len, sizeof *t->best);
    t->order = nn_alloc(s->train.count, sizeof *t->order);
    t->row = nn_alloc(batch, sizeof *t->row);
    if (scaled) {
        t->y_units = nn_alloc(batch * row_width(s), sizeof *t->y_units);
        t->truth_units = nn_alloc(batch * row_width(s), sizeof *t->truth_units);
    }
    if (t->weights == NULL || t->best == NULL || t->order == NULL || t->row == NULL ||
        (scaled && (t->y_units == NULL || t->truth_units == NULL)))
        return nn_err_memory(err, "training", len * 2 * sizeof *t->weights);
    return make_metrics(t, err);
}

static nn_code make_judge(trainer *t, nn_err *err)
{
    const nn_setup *s = t->s;
    const nn_subject subject = nn_setup_subject(s, t->weights, t->pool);
    const size_t most = s->validation.count > s->test.count ? s->validation.count : s->test.count;

    if (most == 0)
        return NN_OK;
    return nn_evaluator_new(&t->judge, &subject, s->train_set, most, false, err);
}

static nn_code make_engine(trainer *t, nn_err *err)
{
    const nn_setup *s = t->s;

    NN_TRY(nn_pool_new(&t->pool, t->options->threads, err));
    NN_TRY(nn_exec_new(&t->exec, s->graph, t->weights, t->pool, s->batch_size, NN_TRAIN,
                       s->config->seed, err));
    NN_TRY(nn_optimizer_new(&t->optimizer, &s->config->optimizer, s->graph, t->pool,
                            &s->config->training.clip, err));
    NN_TRY(nn_batch_new(&t->batch, s->train_set, s->prep, s->batch_size, s->class_weight != NULL,
                        err));
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

/* The whole schedule is looked at before the first step, so that none fails in the night. */
static nn_code check_schedule(const trainer *t, nn_err *err)
{
    const nn_config *c = t->s->config;
    const double base = nn_optimizer_base_lr(t->optimizer);
    const uint64_t epochs = (uint64_t)c->training.epochs;

    for (uint64_t e = 0; e < epochs; e++) {
        const double lr = nn_schedule_rate(&c->schedule, &t->plateau, base, e * t->steps_per_epoch,
                                           t->steps_per_epoch, epochs);
        if (!(lr >= 0 && isfinite(lr)))
            return nn_err_set(err, NN_ECONFIG, "schedule",
                              "gives the learning rate %g in epoch %llu; expected a number from 0",
                              lr, (unsigned long long)e + 1);
    }
    return NN_OK;
}

static nn_code start(trainer *t, nn_err *err)
{
    nn_setup *s = t->s;
    const size_t batch = (size_t)s->batch_size;
    const bool drop = s->config->training.drop_last;

    nn_cpu_flush_denormals();
    NN_TRY(make_buffers(t, err));
    NN_TRY(make_engine(t, err));
    t->steps_per_epoch = drop ? s->train.count / batch : (s->train.count + batch - 1) / batch;
    nn_schedule_start(&t->plateau);
    choose_monitors(t);
    NN_TRY(check_schedule(t, err));
    nn_graph_init(s->graph, s->config->seed, t->weights);
    if (t->options->init_weights != NULL)
        return nn_weights_load(t->options->init_weights, s->graph, t->weights, err);
    return NN_OK;
}

static void stop(trainer *t)
{
    for (int i = 0; i < t->s->metrics; i++)
        nn_free(t->state[i]);
    nn_evaluator_free(t->judge);
    nn_batch_free(t->batch);
    nn_optimizer_free(t->optimizer);
    nn_exec_free(t->exec);
    nn_pool_free(t->pool);
    nn_free(t->weights);
    nn_free(t->best);
    nn_free(t->order);
    nn_free(t->row);
    nn_free(t->y_units);
    nn_free(t->truth_units);
}

/* ---- one step ---- */

/* Sums over an epoch's samples and steps. */
typedef struct tally {
    double loss;
    double gradient_norm;
    double lr;
    double penalty;
    size_t samples;
    uint64_t steps;
} tally;

/* Metrics are measured in the data's own units, so scaled targets and predictions are undone in
 * copies. */
static void add_metrics(trainer *t, const nn_real *y, nn_target target)
{
    const nn_setup *s = t->s;
    const size_t n = (size_t)t->batch->n;

    if (t->y_units != NULL && target.value != NULL) {
        memcpy(t->y_units, y, n * row_width(s) * sizeof *y);
        memcpy(t->truth_units, target.value, n * row_width(s) * sizeof *y);
        nn_prep_undo_target(s->prep, t->y_units, n);
        nn_prep_undo_target(s->prep, t->truth_units, n);
        y = t->y_units;
        target.value = t->truth_units;
    }
    for (int i = 0; i < s->metrics; i++)
        metric_class(&s->metric[i])
            ->add(&s->metric[i].conf, t->state[i], y, &target, t->batch->n, t->what.width);
}

static const char advice[] =
    "lower optimizer.learning_rate, set training.clip_norm to 1, or look at the "
    "inputs' scale";

static nn_code diverged_loss(const trainer *t, int epoch, double loss, nn_err *err)
{
    const int bad = nn_exec_first_nonfinite(t->exec, t->batch->n);
    const char *value = isnan(loss) ? "NaN" : "infinite";
    char where[64];

    (void)snprintf(where, sizeof where, "epoch %d, step %llu", epoch,
                   (unsigned long long)t->step + 1);
    if (bad < 0)
        return nn_err_set(
            err, NN_EDIVERGED, where,
            "the loss is %s although every layer's output is finite; row %u is the first "
            "of the batch; %s",
            value, t->batch->row[0], advice);
    return nn_err_set(
        err, NN_EDIVERGED, where,
        "the loss is %s; layer \"%s\" was the first whose output is not finite; row %u is the "
        "first of the batch; %s",
        value, t->s->graph->layer[bad]->name, t->batch->row[0], advice);
}

static nn_code diverged_gradient(const trainer *t, int epoch, nn_err *err)
{
    const char *weight = "?";
    const int bad = nn_gradient_first_nonfinite(t->s->graph, nn_exec_gradients(t->exec), &weight);
    char where[64];

    (void)snprintf(where, sizeof where, "epoch %d, step %llu", epoch,
                   (unsigned long long)t->step + 1);
    return nn_err_set(
        err, NN_EDIVERGED, where,
        "the gradients are not finite, first in \"%s/%s\"; nothing was changed by this "
        "step; %s",
        bad < 0 ? "all layers together" : t->s->graph->layer[bad]->name, weight, advice);
}

/* Forward, loss, backward, step. The weights move only when loss and gradients are finite. */
static nn_code run_step(trainer *t, int epoch, tally *sum, nn_err *err)
{
    const nn_setup *s = t->s;
    const nn_batch *b = t->batch;
    const nn_target target = nn_batch_target(b, s->prep, t->what.width);
    nn_real *y = nn_exec_forward(t->exec, b->x, b->n, true, t->step);
    const nn_loss_io io = {b->n,   t->what.width,
                           y,      nn_exec_dy(t->exec),
                           target, !nn_activation_is_linear(&s->graph->head)};
    const double loss = nn_loss_run(&s->loss, t->pool, &io, t->row);

    if (!isfinite(loss))
        return diverged_loss(t, epoch, loss, err);
    add_metrics(t, y, target);
    nn_exec_backward(t->exec, b->n);
    nn_real *gradients = nn_exec_gradients(t->exec);
    const nn_gradient_report report = nn_optimizer_prepare(t->optimizer, t->weights, gradients);
    if (!isfinite(report.norm))
        return diverged_gradient(t, epoch, err);
    sum->lr =
        nn_schedule_rate(&s->config->schedule, &t->plateau, nn_optimizer_base_lr(t->optimizer),
                         t->step, t->steps_per_epoch, (uint64_t)s->config->training.epochs);
    nn_optimizer_step(t->optimizer, t->weights, gradients, sum->lr);
    sum->loss += loss;
    sum->gradient_norm += report.norm;
    sum->samples += (size_t)b->n;
    sum->steps++;
    t->step++;
    return NN_OK;
}

/* ---- one epoch ---- */

static void order_rows(trainer *t, int epoch)
{
    const nn_rng rng = {t->s->config->seed, NN_RNG_SHUFFLE, (uint64_t)epoch};
    const size_t n = t->s->train.count;

    if (t->s->config->training.shuffle)
        nn_rng_permute(&rng, t->order, n);
    else
        for (size_t i = 0; i < n; i++)
            t->order[i] = (uint32_t)i;
}

static bool is_asked_to_stop(const trainer *t)
{
    return t->watch->stop != NULL && t->watch->stop(t->watch->context);
}

static nn_code run_steps(trainer *t, int epoch, tally *sum, nn_err *err)
{
    const nn_setup *s = t->s;
    const size_t batch = (size_t)s->batch_size;

    for (uint64_t i = 0; i < t->steps_per_epoch; i++) {
        const size_t begin = (size_t)i * batch;
        const size_t left = s->train.count - begin;

        if (is_asked_to_stop(t))
            return nn_err_set(err, NN_ESTOPPED, t->dir->path, "stopped in epoch %d", epoch);
        nn_batch_fill(t->batch, &s->train, s->prep, t->order, begin,
                      (int)(left < batch ? left : batch), s->class_weight, t->pool);
        NN_TRY(run_step(t, epoch, sum, err));
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
    memcpy(t->best, t->weights, t->s->graph->weights_len * sizeof *t->best);
    t->best_value = value;
    t->best_epoch = e->epoch;
    t->best_is_written = false;
}

static nn_code run_epoch(trainer *t, nn_epoch *e, nn_err *err)
{
    const nn_setup *s = t->s;
    const double begin = nn_clock_now();
    tally sum = {0};

    order_rows(t, e->epoch);
    for (int i = 0; i < s->metrics; i++)
        metric_class(&s->metric[i])->start(&s->metric[i].conf, &t->what, t->state[i]);
    NN_TRY(run_steps(t, e->epoch, &sum, err));
    const double trained = nn_clock_now() - begin;
    e->step = t->step;
    e->loss = sum.loss / (double)sum.samples;
    e->gradient_norm = sum.gradient_norm / (double)sum.steps;
    e->lr = sum.lr;
    e->penalty = nn_optimizer_penalty(t->optimizer, t->weights);
    for (int i = 0; i < s->metrics; i++)
        e->metric[i] = metric_class(&s->metric[i])->value(&s->metric[i].conf, t->state[i]);
    validate(t, e);
    keep_best(t, e);
    e->seconds = nn_clock_now() - begin;
    e->rows_per_second = trained > 0 ? (double)sum.samples / trained : 0;
    return NN_OK;
}

/* ---- between epochs ---- */

static nn_code write_best(trainer *t, nn_err *err)
{
    if (t->best_is_written)
        return NN_OK;
    NN_TRY(nn_model_save(t->dir->model, t->s, t->best, err));
    t->best_is_written = true;
    return NN_OK;
}

static nn_code write_all(trainer *t, nn_err *err)
{
    NN_TRY(nn_model_save(t->dir->last, t->s, t->weights, err));
    if (t->best_epoch > 0)
        NN_TRY(write_best(t, err));
    NN_TRY(nn_log_sync(t->dir->metrics, err));
    t->written = nn_clock_now();
    return NN_OK;
}

static nn_code checkpoint(trainer *t, const nn_epoch *e, nn_err *err)
{
    const bool due = e->epoch % t->s->config->checkpoint.every == 0;

    if (!due || nn_clock_now() - t->written < seconds_between_writes)
        return NN_OK;
    return write_all(t, err);
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

static nn_code run_epochs(trainer *t, nn_train_result *result, nn_err *err)
{
    const int epochs = t->s->config->training.epochs;

    for (int epoch = 1; epoch <= epochs && !result->stopped_early; epoch++) {
        nn_epoch e = {.epoch = epoch, .epochs = epochs};

        NN_TRY(run_epoch(t, &e, err));
        result->epochs = epoch;
        result->best_epoch = t->best_epoch;
        result->last = e;
        NN_TRY(record(t, &e, err));
        if (t->watch->epoch != NULL)
            t->watch->epoch(t->watch->context, t->s, &e);
        show_schedule(t, &e);
        result->stopped_early = is_time_to_stop(t, &e) && epoch < epochs;
        NN_TRY(checkpoint(t, &e, err));
    }
    return NN_OK;
}

static void test_best(trainer *t, nn_train_result *result)
{
    if (t->s->test.count == 0)
        return;
    memcpy(t->weights, t->best, t->s->graph->weights_len * sizeof *t->best);
    nn_evaluate(t->judge, &t->s->test, &result->test);
    result->test.confusion = NULL;
    result->tested = true;
}

/* A stop asked for, or a divergence, still leaves the best model and the newest finite weights. */
static nn_code save_what_is_good(trainer *t, nn_code rc, nn_err *err)
{
    nn_err failed = {0};

    if (rc != NN_ESTOPPED && rc != NN_EDIVERGED)
        return rc;
    if (rc == NN_ESTOPPED && t->best_epoch == 0 && t->step > 0) {
        memcpy(t->best, t->weights, t->s->graph->weights_len * sizeof *t->best);
        t->best_epoch = 1; /* better than nothing: the user waited for it */
    }
    const nn_code saved = write_all(t, &failed);
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
    rc = run_epochs(t, result, err);
    if (rc != NN_OK)
        return save_what_is_good(t, rc, err);
    NN_TRY(write_all(t, err));
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
