/* Measuring steps: warm up, then plain and watched rounds in turn, then the medians. */
#include "run/bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "math/limit.h"
#include "run/engine.h"
#include "run/predict.h"

enum {
    MOST_ROUNDS = 64, /* of either kind */
    LIMITS = 5,       /* measurements of the limit before the rounds, and again behind them */
    RANDOM_ROWS = 4096,
};
static const double round_seconds = 20e-3; /* long enough that neither clock nor wake-up counts */
static const double warm_up = 0.2;         /* share of the time */

/* What is measured: a step of training, or of prediction. */
typedef struct runner runner;
struct runner {
    nn_code (*step)(runner *r, nn_err *err);
    nn_engine *engine;
    const nn_setup *setup;
    nn_epoch_sum sum;
    int epoch;
    nn_predictor *predictor;
    const nn_view *view;
    size_t at; /* the next sample */
    int batch;

    /* The watch. */
    double last; /* when the stage before ended */
    double stage[NN_STAGES];
    nn_bench_layer *layer;
};

/* A quantity, round by round. */
typedef struct series {
    double value[MOST_ROUNDS];
    int count;
} series;

/* Everything that the rounds give. */
typedef struct rounds {
    series step, watched, between, idle;
    series stage[NN_STAGES];
    series *layer; /* [layers][2] */
    int layers;
} rounds;

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void add(series *s, double value)
{
    if (s->count < MOST_ROUNDS)
        s->value[s->count++] = value;
}

static double median(series *s)
{
    qsort(s->value, (size_t)s->count, sizeof s->value[0], compare);
    return s->count == 0       ? 0
           : s->count % 2 == 1 ? s->value[s->count / 2]
                               : (s->value[s->count / 2 - 1] + s->value[s->count / 2]) / 2;
}

/* ---- the steps ---- */

static nn_code train_step(runner *r, nn_err *err)
{
    const size_t left = r->setup->train.count - r->at;
    const double lr = nn_optimizer_base_lr(nn_engine_optimizer(r->engine));

    if (left < (size_t)r->batch) { /* a smaller batch would blur the medians */
        nn_engine_start_epoch(r->engine, ++r->epoch);
        r->at = 0;
    }
    NN_TRY(nn_engine_step(r->engine, r->at, r->batch, lr, &r->sum, err));
    r->at += (size_t)r->batch;
    return NN_OK;
}

static nn_code predict_step(runner *r, nn_err *err)
{
    (void)err;
    if (r->view->count - r->at < (size_t)r->batch)
        r->at = 0;
    (void)nn_predictor_run(r->predictor, r->view, r->at, r->batch);
    r->at += (size_t)r->batch;
    return NN_OK;
}

static void on_stage(void *context, nn_stage stage, int layer)
{
    runner *r = context;
    const double now = nn_clock_now(), spent = now - r->last;

    r->last = now;
    r->stage[stage] += spent;
    if (stage == NN_STAGE_FORWARD)
        r->layer[layer].forward += spent;
    else if (stage == NN_STAGE_BACKWARD)
        r->layer[layer].backward += spent;
}

/* ---- the rounds ---- */

static nn_code run_steps(runner *r, size_t steps, double *seconds, nn_err *err)
{
    const double begin = nn_clock_now();

    r->last = begin;
    for (size_t i = 0; i < steps; i++)
        NN_TRY(r->step(r, err));
    *seconds = nn_clock_now() - begin;
    return NN_OK;
}

static void set_watch(runner *r, const nn_watch *watch)
{
    if (r->engine != NULL)
        nn_engine_watch(r->engine, watch);
    else
        nn_predictor_watch(r->predictor, watch);
}

static nn_code plain_round(runner *r, nn_pool *pool, size_t steps, rounds *all, nn_err *err)
{
    double seconds = 0;

    nn_pool_meter(pool, true); /* a clock or two for each fork, not for each task */
    NN_TRY(run_steps(r, steps, &seconds, err));
    add(&all->idle, nn_pool_idle(pool, seconds) / (seconds * nn_pool_threads(pool)));
    nn_pool_meter(pool, false);
    NN_TRY(run_steps(r, steps, &seconds, err));
    add(&all->step, seconds / (double)steps);
    return NN_OK;
}

static nn_code watched_round(runner *r, size_t steps, rounds *all, nn_err *err)
{
    const nn_watch watch = {on_stage, r};
    double seconds = 0;

    memset(r->stage, 0, sizeof r->stage);
    memset(r->layer, 0, (size_t)all->layers * sizeof *r->layer);
    set_watch(r, &watch);
    NN_TRY(run_steps(r, steps, &seconds, err));
    set_watch(r, NULL);
    add(&all->watched, seconds / (double)steps);
    for (int i = 0; i < NN_STAGES; i++) {
        add(&all->stage[i], r->stage[i] / (double)steps);
        seconds -= r->stage[i];
    }
    add(&all->between, seconds / (double)steps);
    for (int i = 0; i < all->layers; i++) {
        add(&all->layer[2 * i], r->layer[i].forward / (double)steps);
        add(&all->layer[2 * i + 1], r->layer[i].backward / (double)steps);
    }
    return NN_OK;
}

/* Caches, page tables and the clock rate settle; tells how many steps make a round. */
static nn_code start(runner *r, double seconds, size_t *steps, nn_err *err)
{
    const double begin = nn_clock_now();
    double spent = 0, one = 0;
    size_t count = 0;

    while (count < 2 || spent < seconds * warm_up) {
        NN_TRY(run_steps(r, 1, &one, err));
        spent = nn_clock_now() - begin;
        count++;
    }
    *steps = (size_t)(round_seconds * (double)count / spent) + 1;
    return NN_OK;
}

static void measure_limit(nn_limit *l, series *s)
{
    for (int i = 0; i <= LIMITS; i++) {
        const double limit = nn_limit_measure(l);

        if (i > 0) /* the first warms up */
            add(s, limit);
    }
}

static void settle(nn_bench *b, rounds *all, series *limit)
{
    b->limit = median(limit);
    b->step = median(&all->step);
    b->watched = median(&all->watched);
    b->between = median(&all->between);
    b->idle = median(&all->idle);
    for (int i = 0; i < NN_STAGES; i++)
        b->stage[i] = median(&all->stage[i]);
    for (int i = 0; i < b->layers; i++) {
        b->layer[i].forward = median(&all->layer[2 * i]);
        b->layer[i].backward = median(&all->layer[2 * i + 1]);
    }
}

static nn_code run_rounds(nn_bench *b, runner *r, nn_pool *pool, double seconds, rounds *all,
                          nn_err *err)
{
    size_t steps = 0;

    NN_TRY(start(r, seconds, &steps, err));
    const double end = nn_clock_now() + seconds * (1 - warm_up);
    do {
        NN_TRY(plain_round(r, pool, steps, all, err));
        NN_TRY(watched_round(r, steps, all, err));
        b->steps += 3 * steps;
    } while (nn_clock_now() < end && all->step.count < MOST_ROUNDS);
    return NN_OK;
}

static nn_code measure(nn_bench *b, runner *r, nn_pool *pool, double seconds, nn_err *err)
{
    rounds all = {.layers = b->layers};
    series limits = {.count = 0};
    nn_limit *limit = NULL;
    nn_code rc;

    all.layer = nn_alloc((size_t)b->layers * 2, sizeof *all.layer);
    r->layer = nn_alloc((size_t)b->layers, sizeof *r->layer);
    if (all.layer == NULL || r->layer == NULL)
        rc = nn_err_memory(err, "a measurement", 0);
    else
        rc = nn_limit_new(&limit, pool, err);
    if (rc == NN_OK) {
        measure_limit(limit, &limits);
        rc = run_rounds(b, r, pool, seconds, &all, err);
    }
    if (rc == NN_OK) {
        measure_limit(limit, &limits);
        settle(b, &all, &limits);
    }
    nn_limit_free(limit);
    nn_free(all.layer);
    nn_free(r->layer);
    return rc;
}

/* ---- what is measured ---- */

/* Inputs that are from 0.1 to 1, or from -1 to -0.1, when they are scaled; bytes from 1 to 255. */
static void make_dense(nn_dataset *d, const nn_prep *p)
{
    const nn_rng rng = {1, NN_RNG_BENCH, 0};
    const size_t count = d->rows * nn_shape_len(&d->shape);

    for (size_t i = 0; i < count; i++) {
        const double u = (double)nn_rng_uniform(&rng, i);
        const size_t c = i % (size_t)p->columns;
        const double value = u < 0.5 ? 1.8 * u - 1 : 1.8 * u - 0.8;

        if (d->bytes != NULL)
            d->bytes[i] = (uint8_t)(1 + u * 254.9);
        else
            d->numbers[i] = (float)(value / (p->factor[c] != 0 ? p->factor[c] : 1) + p->shift[c]);
    }
}

static nn_code make_random(nn_dataset **out, const nn_prep *p, int batch, nn_err *err)
{
    nn_dataset *d = nn_alloc(1, sizeof *d);
    const size_t len = nn_shape_len(&p->shape);
    size_t count = 0;

    if (d == NULL)
        return nn_err_memory(err, "random samples", sizeof *d);
    d->shape = p->shape;
    d->rows = batch > RANDOM_ROWS ? (size_t)batch : RANDOM_ROWS;
    if (nn_mul_size(d->rows, len, &count) && p->scale == NN_SCALE_UNIT)
        d->bytes = nn_alloc(count, 1);
    else if (count > 0)
        d->numbers = nn_alloc(count, sizeof *d->numbers);
    if (d->bytes == NULL && d->numbers == NULL) {
        nn_dataset_free(d);
        return nn_err_memory(err, "random samples", count);
    }
    make_dense(d, p);
    *out = d;
    return NN_OK;
}

static nn_code new_bench(nn_bench **out, const nn_graph *g, bool trains, int batch, nn_pool *pool,
                         nn_err *err)
{
    nn_bench *b = nn_alloc(1, sizeof *b);

    *out = NULL;
    if (b == NULL || (b->layer = nn_alloc((size_t)g->count, sizeof *b->layer)) == NULL) {
        nn_free(b);
        return nn_err_memory(err, "a measurement", 0);
    }
    b->trains = trains;
    b->batch = batch;
    b->threads = nn_pool_threads(pool);
    b->layers = g->count;
    for (int i = 0; i < g->count; i++) {
        b->layer[i].forward_flops = g->layer[i]->flops * batch;
        b->flops += b->layer[i].forward_flops;
    }
    *out = b;
    return NN_OK;
}

void nn_bench_free(nn_bench *b)
{
    if (b == NULL)
        return;
    nn_free(b->layer);
    nn_free(b);
}

static void count_backward(nn_bench *b, const nn_exec *e)
{
    for (int i = 0; i < b->layers; i++) {
        b->layer[i].backward_flops = nn_exec_backward_flops(e, i) * b->batch;
        b->flops += b->layer[i].backward_flops;
    }
}

static int smaller(size_t a, int b)
{
    return a < (size_t)b ? (int)a : b;
}

nn_code nn_bench_train(nn_bench **out, nn_setup *s, nn_pool *pool, const nn_bench_options *options,
                       nn_err *err)
{
    runner r = {.step = train_step, .setup = s, .epoch = 1};
    nn_code rc;

    r.batch = smaller(s->train.count, s->batch_size);
    if (options->dense)
        make_dense(s->train_set, s->prep);
    NN_TRY(new_bench(out, s->graph, true, r.batch, pool, err));
    if ((rc = nn_engine_new(&r.engine, s, pool, err)) == NN_OK) {
        nn_graph_init(s->graph, s->config->seed, nn_engine_weights(r.engine));
        nn_engine_start_epoch(r.engine, r.epoch);
        count_backward(*out, nn_engine_exec(r.engine));
        rc = measure(*out, &r, pool, options->seconds, err);
    }
    nn_engine_free(r.engine);
    if (rc != NN_OK) {
        nn_bench_free(*out);
        *out = NULL;
    }
    return rc;
}

nn_code nn_bench_predict(nn_bench **out, const nn_subject *subject, const nn_view *view,
                         const nn_bench_options *options, nn_err *err)
{
    nn_pool *const pool = subject->pool;
    runner r = {.step = predict_step};
    nn_dataset *random = NULL;
    nn_view all = {0};
    nn_code rc = NN_OK;

    *out = NULL;
    if (view == NULL || options->dense) {
        NN_TRY(make_random(&random, subject->prep, options->batch, err));
        all = (nn_view){random, NULL, random->rows};
        view = &all;
    }
    r.view = view;
    r.batch = smaller(view->count, options->batch);
    if ((rc = new_bench(out, subject->graph, false, r.batch, pool, err)) == NN_OK &&
        (rc = nn_predictor_new(&r.predictor, subject, view->data, r.batch, err)) == NN_OK)
        rc = measure(*out, &r, pool, options->seconds, err);
    nn_predictor_free(r.predictor);
    nn_dataset_free(random);
    if (rc != NN_OK) {
        nn_bench_free(*out);
        *out = NULL;
    }
    return rc;
}
