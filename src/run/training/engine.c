/* One training step after another: forward, loss, backward, update. */
#include "run/engine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "math/vec.h"
#include "run/evaluate.h"
#include "spare.h"

enum { SMALL_STATE = 4096 }; /* bytes of a metric that does not keep all predictions */

struct nn_engine {
    const nn_setup *s;
    nn_pool *pool;
    nn_exec *exec;
    nn_optimizer *optimizer;
    nn_batch *batch;
    nn_real *weights; /* [weights_len] */
    uint32_t *order;  /* [train.count] */
    int answers;      /* of a sample */
    double *row;      /* [batch_size][answers] losses */
    void *state[NN_MAX_METRICS];
    nn_metric_case what;
    nn_real *y_units; /* [batch_size][width] predictions in the data's units; NULL: as they are */
    nn_real *truth_units; /* likewise the targets */
    size_t state_size[NN_MAX_METRICS];
    int32_t epoch;
    uint64_t step;
    uint64_t count; /* of the optimizer's steps, for checkpoints */
    nn_spare spare;
    bool has_statistics;   /* that move */
    const nn_watch *watch; /* or NULL */
};

static const nn_metric_class *metric_class(const nn_choice *metric)
{
    return (const nn_metric_class *)metric->kind;
}

/* Outputs of a sample. */
static size_t row_width(const nn_setup *s)
{
    return nn_shape_len(&s->graph->out);
}

static bool is_weighted(const nn_setup *s)
{
    return s->class_weight != NULL || s->train_set->weight != NULL;
}

static nn_code make_metrics(nn_engine *e, nn_err *err)
{
    const nn_setup *s = e->s;

    e->what.width = (int)row_width(s) / e->answers;
    e->what.classes = s->prep->classes.count;
    e->what.samples = s->train.count * (size_t)e->answers;
    for (int i = 0; i < s->metrics; i++) {
        e->state_size[i] = metric_class(&s->metric[i])->state_size(&s->metric[i].conf, &e->what);
        if ((e->state[i] = nn_alloc(1, e->state_size[i] + 1)) == NULL)
            return nn_err_memory(err, "metrics", e->state_size[i]);
    }
    return NN_OK;
}

static nn_code make_buffers(nn_engine *e, nn_err *err)
{
    const nn_setup *s = e->s;
    const size_t batch = (size_t)s->batch_size;
    const size_t len = s->graph->weights_len + 1;
    const bool scaled = s->prep->target_scale != NN_TARGET_NONE;

    e->weights = nn_alloc(len, sizeof *e->weights);
    e->order = nn_alloc(s->train.count, sizeof *e->order);
    e->row = nn_alloc(batch * (size_t)e->answers, sizeof *e->row);
    if (scaled) {
        e->y_units = nn_alloc(batch * row_width(s), sizeof *e->y_units);
        e->truth_units = nn_alloc(batch * row_width(s), sizeof *e->truth_units);
    }
    if (e->weights == NULL || e->order == NULL || e->row == NULL ||
        (scaled && (e->y_units == NULL || e->truth_units == NULL)))
        return nn_err_memory(err, "training", len * 2 * sizeof *e->weights);
    return make_metrics(e, err);
}

static nn_code make_batch(nn_engine *e, nn_err *err)
{
    const nn_setup *s = e->s;
    const nn_augment_conf *augment = &s->config->data.augment;

    NN_TRY(nn_batch_new(&e->batch, s->train_set, s->prep, s->batch_size,
                        is_weighted(s) ? e->answers : 0, err));
    if (nn_augment_is_none(augment))
        return NN_OK;
    return nn_batch_augment(e->batch, augment, s->train_set, e->what.width, s->config->seed, err);
}

nn_code nn_engine_new(nn_engine **out, const nn_setup *s, nn_pool *pool, nn_err *err)
{
    nn_engine *e = nn_alloc(1, sizeof *e);
    nn_code rc;

    *out = NULL;
    if (e == NULL)
        return nn_err_memory(err, "training", sizeof *e);
    e->s = s;
    e->pool = pool;
    e->answers = nn_answers(s->prep, s->graph);
    e->has_statistics = nn_has_statistics(s->graph);
    if ((rc = make_buffers(e, err)) == NN_OK &&
        (rc = nn_exec_new(&e->exec, s->graph, e->weights, pool, s->batch_size, NN_TRAIN,
                          s->config->seed, err)) == NN_OK &&
        (rc = nn_optimizer_new(&e->optimizer, &s->config->optimizer, s->graph, pool,
                               &s->config->training.clip, err)) == NN_OK &&
        (rc = nn_spare_new(&e->spare, s, e->optimizer, err)) == NN_OK)
        rc = make_batch(e, err);
    if (rc != NN_OK)
        nn_engine_free(e);
    else
        *out = e;
    return rc;
}

void nn_engine_free(nn_engine *e)
{
    if (e == NULL)
        return;
    for (int i = 0; i < e->s->metrics; i++)
        nn_free(e->state[i]);
    nn_batch_free(e->batch);
    nn_spare_free(&e->spare);
    nn_optimizer_free(e->optimizer);
    nn_exec_free(e->exec);
    nn_free(e->weights);
    nn_free(e->order);
    nn_free(e->row);
    nn_free(e->y_units);
    nn_free(e->truth_units);
    nn_free(e);
}

nn_real *nn_engine_weights(nn_engine *e)
{
    return e->weights;
}

nn_optimizer *nn_engine_optimizer(nn_engine *e)
{
    return e->optimizer;
}

uint64_t nn_engine_steps(const nn_engine *e)
{
    return e->step;
}

static void order_rows(nn_engine *e, int epoch)
{
    const nn_rng rng = {e->s->config->seed, NN_RNG_SHUFFLE, (uint64_t)epoch};
    const size_t n = e->s->train.count;

    if (e->s->config->training.shuffle)
        nn_rng_permute(&rng, e->order, n);
    else
        for (size_t i = 0; i < n; i++)
            e->order[i] = (uint32_t)i;
}

void nn_engine_start_epoch(nn_engine *e, int epoch)
{
    const nn_setup *s = e->s;

    e->epoch = epoch;
    order_rows(e, epoch);
    nn_spare_take_epoch(&e->spare, e->weights, e->optimizer);
    for (int i = 0; i < s->metrics; i++)
        metric_class(&s->metric[i])->start(&s->metric[i].conf, &e->what, e->state[i]);
}

void nn_engine_watch(nn_engine *e, const nn_watch *watch)
{
    e->watch = watch;
    nn_exec_watch(e->exec, watch);
}

const nn_exec *nn_engine_exec(const nn_engine *e)
{
    return e->exec;
}

void nn_engine_blocks(nn_engine *e, nn_blocks *blocks)
{
    const size_t len = e->s->graph->weights_len;
    const char *name;

    nn_blocks_add(blocks, "weights", -1, nn_real_dtype(), e->weights, len);
    for (int i = 0; i < nn_optimizer_slots(e->optimizer); i++)
        nn_blocks_add(blocks, "slot", i, nn_real_dtype(), nn_optimizer_slot(e->optimizer, i, &name),
                      len);
    for (int i = 0; i < e->s->metrics; i++)
        nn_blocks_add(blocks, "metric", i, NN_U8, e->state[i], e->state_size[i]);
    nn_blocks_add(blocks, "epoch", -1, NN_I32, &e->epoch, 1);
    nn_blocks_add(blocks, "step", -1, NN_U64, &e->step, 1);
    e->count = nn_optimizer_count(e->optimizer);
    nn_blocks_add(blocks, "count", -1, NN_U64, &e->count, 1);
    nn_spare_blocks(&e->spare, blocks);
}

/* What a metric has written in memory must not be believed when it comes from a file. */
static nn_code check_metrics(const nn_engine *e, uint64_t batches, nn_err *err)
{
    const size_t done = (size_t)batches * (size_t)e->s->batch_size * (size_t)e->answers;

    for (int i = 0; batches > 0 && i < e->s->metrics; i++) {
        const nn_metric_class *const class = metric_class(&e->s->metric[i]);

        if (class->holds != NULL &&
            !class->holds(&e->s->metric[i].conf, &e->what,
                          done < e->what.samples ? done : e->what.samples, e->state[i]))
            return nn_err_set(err, NN_EMODEL, NULL, "no training leaves such a \"metric_%d\"", i);
    }
    return NN_OK;
}

static nn_code check_weights(const nn_engine *e, nn_err *err)
{
    if (nn_vec_finite(e->weights, e->s->graph->weights_len) && nn_spare_is_finite(&e->spare))
        return NN_OK;
    return nn_err_set(err, NN_EMODEL, NULL, "weights of the state are NaN or infinite");
}

nn_code nn_engine_go_on(nn_engine *e, uint64_t batches, nn_err *err)
{
    NN_TRY(check_weights(e, err));
    NN_TRY(check_metrics(e, batches, err));
    order_rows(e, e->epoch);
    nn_optimizer_set_count(e->optimizer, e->count);
    return NN_OK;
}

void nn_engine_skip(nn_engine *e)
{
    nn_spare_put_step(&e->spare, e->weights);
    e->step++;
}

void nn_engine_roll_back(nn_engine *e)
{
    nn_spare_put_epoch(&e->spare, e->weights, e->optimizer);
    e->step++;
}

size_t nn_engine_spare_bytes(const nn_setup *s)
{
    return nn_spare_bytes(s);
}

static double metric_value(const nn_engine *e, int i)
{
    return metric_class(&e->s->metric[i])->value(&e->s->metric[i].conf, e->state[i]);
}

void nn_engine_metrics(const nn_engine *e, double *metric)
{
    for (int i = 0; i < e->s->metrics; i++)
        metric[i] = metric_value(e, i);
}

void nn_engine_metrics_so_far(const nn_engine *e, double *metric)
{
    for (int i = 0; i < e->s->metrics; i++)
        metric[i] = e->state_size[i] <= SMALL_STATE ? metric_value(e, i) : NAN;
}

/* Metrics are measured in the data's own units, so scaled targets and predictions are undone in
 * copies. */
static void add_metrics(nn_engine *e, const nn_real *y, nn_target target)
{
    const nn_setup *s = e->s;
    const size_t n = (size_t)e->batch->n;

    if (e->y_units != NULL && target.value != NULL) {
        memcpy(e->y_units, y, n * row_width(s) * sizeof *y);
        memcpy(e->truth_units, target.value, n * row_width(s) * sizeof *y);
        nn_prep_undo_target(s->prep, e->y_units, n);
        nn_prep_undo_target(s->prep, e->truth_units, n);
        y = e->y_units;
        target.value = e->truth_units;
    }
    for (int i = 0; i < s->metrics; i++)
        metric_class(&s->metric[i])
            ->add(&s->metric[i].conf, e->state[i], y, &target, e->batch->n * e->answers,
                  e->what.width);
}

static const char advice[] =
    "lower optimizer.learning_rate, set training.clip_norm to 1, or look at the "
    "inputs' scale";

/* Is sample k to blame: for the first layer that is not finite, or for the loss when that is -1? */
static bool is_bad_sample(const nn_engine *e, int layer, int k)
{
    if (layer >= 0) {
        const size_t len = nn_exec_output_len(e->exec, layer);

        return !nn_vec_finite(nn_exec_output(e->exec, layer) + (size_t)k * len, len);
    }
    for (int i = 0; i < e->answers; i++) {
        if (!isfinite(e->row[k * e->answers + i]))
            return true;
    }
    return false;
}

enum { ROWS_TEXT = 80 };

/* "row 5", "rows 5, 7", "rows 5, 7, 2 and 29 more": rows of the training data. */
static const char *bad_rows(const nn_engine *e, int layer, char *text)
{
    uint32_t row[3];
    int found = 0;

    for (int k = 0; k < e->batch->n; k++) {
        if (is_bad_sample(e, layer, k) && found++ < 3)
            row[found - 1] = e->batch->row[k];
    }
    if (found == 0) /* only the sum is too large */
        (void)snprintf(text, ROWS_TEXT, "all rows together");
    else if (found == 1)
        (void)snprintf(text, ROWS_TEXT, "row %u", row[0]);
    else if (found == 2)
        (void)snprintf(text, ROWS_TEXT, "rows %u, %u", row[0], row[1]);
    else if (found == 3)
        (void)snprintf(text, ROWS_TEXT, "rows %u, %u, %u", row[0], row[1], row[2]);
    else
        (void)snprintf(text, ROWS_TEXT, "rows %u, %u, %u and %d more", row[0], row[1], row[2],
                       found - 3);
    return text;
}

static nn_code diverged_loss(const nn_engine *e, double loss, nn_err *err)
{
    const int bad = nn_exec_first_nonfinite(e->exec, e->batch->n);
    char rows[ROWS_TEXT];
    const char *value = isnan(loss) ? "NaN" : "infinite";
    char where[64];

    (void)snprintf(where, sizeof where, "epoch %d, step %llu", e->epoch,
                   (unsigned long long)e->step + 1);
    if (bad < 0)
        return nn_err_set(err, NN_EDIVERGED, where,
                          "the loss of %s is %s although every layer's output is finite; %s",
                          bad_rows(e, bad, rows), value, advice);
    return nn_err_set(
        err, NN_EDIVERGED, where,
        "the loss is %s; layer \"%s\" was the first whose output is not finite, for %s; %s", value,
        e->s->graph->layer[bad]->name, bad_rows(e, bad, rows), advice);
}

static nn_code diverged_gradient(const nn_engine *e, nn_err *err)
{
    const char *weight = "?";
    const int bad = nn_gradient_first_nonfinite(e->s->graph, nn_exec_gradients(e->exec), &weight);
    char where[64];

    (void)snprintf(where, sizeof where, "epoch %d, step %llu", e->epoch,
                   (unsigned long long)e->step + 1);
    return nn_err_set(
        err, NN_EDIVERGED, where,
        "the gradients are not finite, first in \"%s/%s\"; nothing was changed by this "
        "step; %s",
        bad < 0 ? "all layers together" : e->s->graph->layer[bad]->name, weight, advice);
}

static nn_code diverged_statistic(const nn_engine *e, const nn_layer *l, const nn_weight *w,
                                  nn_err *err)
{
    char where[64];

    (void)snprintf(where, sizeof where, "epoch %d, step %llu", e->epoch,
                   (unsigned long long)e->step + 1);
    return nn_err_set(err, NN_EDIVERGED, where,
                      "\"%s/%s\" is no longer finite; row %u is the first of the batch; %s",
                      l->name, w->name, e->batch->row[0], advice);
}

/* Normalisation hides a value beyond all bounds from the loss, but not from what it remembers. */
static nn_code check_statistics(const nn_engine *e, nn_err *err)
{
    const nn_graph *g = e->s->graph;

    for (int k = 0; e->has_statistics && k < g->count; k++)
        for (int i = 0; i < g->layer[k]->weights; i++) {
            const nn_weight *w = &g->layer[k]->weight[i];

            if (w->is_state && !nn_vec_finite(e->weights + w->at, w->size.count))
                return diverged_statistic(e, g->layer[k], w, err);
        }
    return NN_OK;
}

/* What the loss compares with: of mixed samples, the shares of their classes. */
static nn_target loss_target(const nn_batch *b, nn_target target)
{
    if (b->soft != NULL) {
        target.label = NULL;
        target.value = b->soft;
        target.width = b->soft_width;
    }
    return target;
}

/*
 * Rows count in loss and metrics also when nothing can be learnt from them; `counted` of them,
 * since masked steps do not.
 */
static void count_rows(nn_epoch_sum *sum, double loss, double counted, int n)
{
    sum->loss += loss;
    sum->counted += counted;
    sum->samples += (uint64_t)n;
    sum->step_loss = counted > 0 ? loss / counted : 0;
}

static void count_step(nn_epoch_sum *sum, double norm, double lr)
{
    sum->gradient_norm += norm;
    sum->step_norm = norm;
    sum->lr = lr;
    sum->steps++;
}

nn_code nn_engine_step(nn_engine *e, size_t begin, int n, double lr, nn_epoch_sum *sum, nn_err *err)
{
    const nn_setup *s = e->s;

    e->batch->epoch = (uint64_t)e->epoch;
    nn_batch_fill(e->batch, &s->train, s->prep, e->order, begin, n, s->class_weight, e->pool);
    nn_watch_tell(e->watch, NN_STAGE_FILL, -1);
    nn_spare_take_step(&e->spare, e->weights);
    nn_real *y = nn_exec_forward(e->exec, e->batch->x, n, true, e->step);
    const nn_target target = nn_batch_target(e->batch, s->prep, e->exec, e->answers, e->what.width);
    const nn_loss_io io = {n * e->answers,
                           e->what.width,
                           y,
                           nn_exec_dy(e->exec),
                           loss_target(e->batch, target),
                           !nn_activation_is_linear(&s->graph->head)};
    const double loss = nn_loss_run(&s->loss, e->pool, &io, e->row);

    if (!isfinite(loss))
        return diverged_loss(e, loss, err);
    NN_TRY(check_statistics(e, err));
    nn_watch_tell(e->watch, NN_STAGE_LOSS, -1);
    add_metrics(e, y, target);
    count_rows(sum, loss / e->answers,
               (double)nn_target_counting(&target, (size_t)io.n) / e->answers, n);
    nn_watch_tell(e->watch, NN_STAGE_METRICS, -1);
    nn_exec_backward(e->exec, n);
    nn_real *gradients = nn_exec_gradients(e->exec);
    const nn_gradient_report report = nn_optimizer_prepare(e->optimizer, e->weights, gradients);
    if (!isfinite(report.norm))
        return diverged_gradient(e, err);
    nn_watch_tell(e->watch, NN_STAGE_GRADIENTS, -1);
    nn_optimizer_step(e->optimizer, e->weights, gradients, lr);
    nn_watch_tell(e->watch, NN_STAGE_UPDATE, -1);
    count_step(sum, report.norm, lr);
    e->step++;
    return NN_OK;
}
