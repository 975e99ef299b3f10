/* An optimizer bound to a graph: which weights move, in which pieces, and what happens to each. */
#include "nn/optimizer.h"

#include "base/mem.h"
#include "math/hot.h"
#include "math/vec.h"

#include <assert.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NN_OPTIMIZER(name) extern const nn_optimizer_class nn_optimizer_##name;
#include "nn/optimizers.def"
#undef NN_OPTIMIZER

static const nn_kind *const kinds[] = {
#define NN_OPTIMIZER(name) &nn_optimizer_##name.kind,
#include "nn/optimizers.def"
#undef NN_OPTIMIZER
    NULL};

const nn_family nn_optimizers = {"optimizer", "how gradients move the weights", kinds};

enum {
    TASK_REALS = 8192, /* of weights in a task */
    BLOCK_REALS =
        2048 /* gone through at a time, so that all that is done to them finds them in L1 */
};

/* A stretch of one trainable weight. */
typedef struct piece {
    size_t at, len;
    double place; /* of its middle in the weight, from 0 to 1 */
    nn_penalty penalty;
} piece;

/* When a task is handed out: tasks of equal place in their weights follow each other. */
typedef struct turn {
    double place;
    int task;
} turn;

/* What a task found out about its pieces. */
typedef struct finding {
    double penalty, squares;
} finding;

struct nn_optimizer {
    nn_choice choice;
    nn_clip clip;
    nn_pool *pool;
    uint64_t count; /* steps made */
    int slots;
    nn_real *slot[NN_MAX_SLOTS]; /* [weights_len] each; NULL past the last */
    int tasks;
    int *first;     /* [tasks + 1]: task t has the pieces first[t] to first[t + 1] */
    piece *pieces;  /* [first[tasks]] */
    finding *found; /* [tasks] */
    turn *turns;    /* [tasks] */
};

/* What the tasks of a run read. */
typedef struct job {
    const nn_optimizer *o;
    const nn_real *w; /* all of the weights and gradients */
    nn_real *g;
    nn_real factor; /* of the gradients, to clip their norm */
} job;

typedef struct move {
    const nn_optimizer *o;
    nn_real *w;
    const nn_real *g;
    nn_step step;
} move;

static const nn_optimizer_class *class_of(const nn_choice *choice)
{
    return (const nn_optimizer_class *)choice->kind;
}

/* How many tasks and pieces cut() makes: without making them, for weights that no memory holds. */
static void count_cuts(const nn_graph *g, size_t *tasks, size_t *pieces)
{
    const nn_layer *layer;
    const nn_weight *weight;
    size_t filled = 0; /* as in cut() */

    *tasks = *pieces = 0;
    for (int i = 0; (weight = nn_graph_weight(g, i, &layer)) != NULL; i++) {
        const size_t whole = weight->size.count / TASK_REALS;
        const size_t rest = weight->size.count % TASK_REALS;

        if (!weight->trainable)
            continue;
        *tasks += whole;
        *pieces += whole + (rest > 0);
        filled = whole > 0 ? TASK_REALS : filled;
        if (rest == 0)
            continue;
        if (filled == 0 || filled + rest > TASK_REALS) {
            ++*tasks;
            filled = 0;
        }
        filled += rest;
    }
}

/*
 * Cuts the trainable weights into pieces, and gathers small neighbours in one task; how many
 * depends on the graph alone.
 */
static void cut(const nn_graph *g, int *first, piece *pieces)
{
    const nn_layer *layer;
    const nn_weight *weight;
    size_t filled = 0; /* reals of the open task; 0: none is open */
    int tasks = 0, count = 0;

    for (int i = 0; (weight = nn_graph_weight(g, i, &layer)) != NULL; i++) {
        if (!weight->trainable)
            continue;
        for (size_t at = 0, len; at < weight->size.count; at += len) {
            len = weight->size.count - at < TASK_REALS ? weight->size.count - at : TASK_REALS;
            if (filled == 0 || filled + len > TASK_REALS) {
                first[tasks++] = count;
                filled = 0;
            }
            pieces[count++] = (piece){weight->at + at, len,
                                      ((double)at + (double)len / 2) / (double)weight->size.count,
                                      weight->penalty};
            filled += len;
        }
    }
    first[tasks] = count;
}

size_t nn_optimizer_bytes(const nn_choice *choice, const nn_graph *g)
{
    const size_t slots = (size_t)class_of(choice)->slots(choice->conf.bytes);
    size_t tasks, pieces;

    count_cuts(g, &tasks, &pieces);
    /* What the tasks take is less than the weights do, and cannot be too large. */
    return nn_add_capped(nn_mul_capped(slots, g->weights_len * sizeof(nn_real)),
                         sizeof(nn_optimizer) + (tasks + 1) * sizeof(int) + pieces * sizeof(piece) +
                             tasks * (sizeof(finding) + sizeof(turn)));
}

static int compare_turns(const void *a, const void *b)
{
    const turn *x = a, *y = b;

    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return x->task - y->task;
}

/*
 * A thread of the pool gets neighbouring turns: the same share of every weight. That is the share
 * whose gradient it has made itself, as far as products are cut along the weights, and which lies
 * in its own cache; from another core's it would come slower than the arithmetic takes.
 */
static void order_turns(nn_optimizer *o)
{
    for (int t = 0; t < o->tasks; t++)
        o->turns[t] = (turn){o->pieces[o->first[t]].place, t};
    qsort(o->turns, (size_t)o->tasks, sizeof *o->turns, compare_turns);
}

/* What is between the pieces stays zero. */
static void start_slots(nn_optimizer *o)
{
    const nn_optimizer_class *const class = class_of(&o->choice);
    const nn_real start =
        class->slot_start != NULL ? (nn_real) class->slot_start(o->choice.conf.bytes) : 0;

    if (start == 0)
        return;
    for (int s = 0; s < o->slots; s++)
        for (const piece *p = o->pieces; p < o->pieces + o->first[o->tasks]; p++)
            for (size_t i = 0; i < p->len; i++)
                o->slot[s][p->at + i] = start;
}

nn_code nn_optimizer_new(nn_optimizer **out, const nn_choice *choice, const nn_graph *g,
                         nn_pool *pool, const nn_clip *clip, nn_err *err)
{
    nn_optimizer *const o = nn_alloc(1, sizeof *o);
    size_t tasks, pieces;
    bool complete;

    if (o == NULL)
        return nn_err_memory(err, "the optimizer", sizeof *o);
    o->choice = *choice;
    o->clip = *clip;
    o->pool = pool;
    o->slots = class_of(choice)->slots(choice->conf.bytes);
    assert(o->slots <= NN_MAX_SLOTS);
    count_cuts(g, &tasks, &pieces);
    o->first = nn_alloc(tasks + 1, sizeof *o->first);
    o->pieces = nn_alloc(pieces, sizeof *o->pieces);
    o->found = nn_alloc(tasks, sizeof *o->found);
    o->turns = nn_alloc(tasks, sizeof *o->turns);
    complete = pieces <= INT_MAX && o->first != NULL && o->pieces != NULL && o->found != NULL &&
               o->turns != NULL;
    o->tasks = complete ? (int)tasks : 0;
    for (int s = 0; s < o->slots; s++) {
        o->slot[s] = nn_alloc(g->weights_len, sizeof(nn_real));
        complete = complete && o->slot[s] != NULL;
    }
    if (!complete) {
        nn_optimizer_free(o);
        return nn_err_memory(err, "the optimizer's state", nn_optimizer_bytes(choice, g));
    }
    cut(g, o->first, o->pieces);
    order_turns(o);
    start_slots(o);
    *out = o;
    return NN_OK;
}

void nn_optimizer_free(nn_optimizer *o)
{
    if (o == NULL)
        return;
    for (int s = 0; s < NN_MAX_SLOTS; s++)
        nn_free(o->slot[s]);
    nn_free(o->turns);
    nn_free(o->found);
    nn_free(o->pieces);
    nn_free(o->first);
    nn_free(o);
}

double nn_optimizer_base_lr(const nn_optimizer *o)
{
    double lr;

    memcpy(&lr, o->choice.conf.bytes, sizeof lr); /* every optimizer's conf begins with it */
    return lr;
}

static bool is_penalised(const piece *p)
{
    return p->penalty.l1 > 0 || p->penalty.l2 > 0;
}

static NN_HOT void price(nn_real *restrict cost, const nn_real *restrict w, nn_real l1, nn_real l2,
                         size_t n)
{
    for (size_t i = 0; i < n; i++)
        cost[i] = (w[i] < 0 ? -l1 : l1) * w[i] + l2 * w[i] * w[i];
}

/* The penalty of up to BLOCK_REALS weights. */
static double penalty_of(const nn_penalty *penalty, const nn_real *w, size_t n)
{
    nn_real cost[BLOCK_REALS];

    price(cost, w, (nn_real)penalty->l1, (nn_real)penalty->l2, n);
    return nn_vec_sum(cost, n);
}

static NN_HOT void add_penalty(nn_real *restrict g, const nn_real *restrict w, nn_real l1,
                               nn_real twice_l2, size_t n)
{
    for (size_t i = 0; i < n; i++)
        g[i] += twice_l2 * w[i] + (w[i] > 0 ? l1 : w[i] < 0 ? -l1 : 0);
}

/* NaN and Inf stay what they are, to be noticed. */
static NN_HOT void clip_value(nn_real *restrict g, nn_real limit, size_t n)
{
    const nn_real most = (nn_real)(NN_REAL_IS_DOUBLE ? DBL_MAX : FLT_MAX);

    for (size_t i = 0; i < n; i++) {
        const nn_real size = g[i] < 0 ? -g[i] : g[i];

        if (size > limit && size <= most)
            g[i] = g[i] < 0 ? -limit : limit;
    }
}

static void prepare_piece(const nn_optimizer *o, const piece *p, const nn_real *w, nn_real *g,
                          finding *found)
{
    for (size_t at = 0; at < p->len; at += BLOCK_REALS) {
        const size_t n = p->len - at < BLOCK_REALS ? p->len - at : BLOCK_REALS;

        if (is_penalised(p)) {
            found->penalty += penalty_of(&p->penalty, w + at, n);
            add_penalty(g + at, w + at, (nn_real)p->penalty.l1, (nn_real)(2 * p->penalty.l2), n);
        }
        if (o->clip.value > 0)
            clip_value(g + at, (nn_real)o->clip.value, n);
        found->squares += nn_vec_sum_squares(g + at, n);
    }
}

static void prepare_task(void *context, int index, int worker)
{
    const job *const j = (const job *)context;
    const nn_optimizer *const o = j->o;
    const int task = o->turns[index].task;
    finding found = {0, 0};

    (void)worker;
    for (const piece *p = o->pieces + o->first[task]; p < o->pieces + o->first[task + 1]; p++)
        prepare_piece(o, p, j->w + p->at, j->g + p->at, &found);
    o->found[task] = found;
}

static void scale_task(void *context, int index, int worker)
{
    const job *const j = (const job *)context;
    const nn_optimizer *const o = j->o;
    const int task = o->turns[index].task;

    (void)worker;
    for (const piece *p = o->pieces + o->first[task]; p < o->pieces + o->first[task + 1]; p++)
        nn_vec_scale(j->g + p->at, j->g + p->at, j->factor, p->len);
}

nn_gradient_report nn_optimizer_prepare(nn_optimizer *o, const nn_real *w, nn_real *g)
{
    job j = {o, w, g, 1};
    nn_gradient_report report = {0, 0};
    double squares = 0;

    nn_pool_run(o->pool, o->tasks, prepare_task, &j);
    for (int t = 0; t < o->tasks; t++) {
        report.penalty += o->found[t].penalty;
        squares += o->found[t].squares;
    }
    report.norm = sqrt(squares);
    if (o->clip.norm > 0 && report.norm > o->clip.norm && isfinite(report.norm)) {
        j.factor = (nn_real)(o->clip.norm / report.norm);
        nn_pool_run(o->pool, o->tasks, scale_task, &j);
    }
    return report;
}

static void step_task(void *context, int index, int worker)
{
    const move *const m = (const move *)context;
    const nn_optimizer *const o = m->o;
    const int task = o->turns[index].task;
    const nn_optimizer_class *const class = class_of(&o->choice);

    (void)worker;
    for (const piece *p = o->pieces + o->first[task]; p < o->pieces + o->first[task + 1]; p++)
        class->step(o->choice.conf.bytes, &m->step, m->w + p->at, m->g + p->at,
                    o->slots > 0 ? o->slot[0] + p->at : NULL,
                    o->slots > 1 ? o->slot[1] + p->at : NULL, p->len);
}

void nn_optimizer_step(nn_optimizer *o, nn_real *w, const nn_real *g, double lr)
{
    move m = {o, w, g, {lr, ++o->count}};

    nn_pool_run(o->pool, o->tasks, step_task, &m);
}

static void penalty_task(void *context, int index, int worker)
{
    const job *const j = (const job *)context;
    const nn_optimizer *const o = j->o;
    const int task = o->turns[index].task;
    double sum = 0;

    (void)worker;
    for (const piece *p = o->pieces + o->first[task]; p < o->pieces + o->first[task + 1]; p++)
        for (size_t at = 0; is_penalised(p) && at < p->len; at += BLOCK_REALS)
            sum += penalty_of(&p->penalty, j->w + p->at + at,
                              p->len - at < BLOCK_REALS ? p->len - at : BLOCK_REALS);
    o->found[task].penalty = sum;
}

double nn_optimizer_penalty(const nn_optimizer *o, const nn_real *w)
{
    job j = {o, w, NULL, 1};
    double sum = 0;

    nn_pool_run(o->pool, o->tasks, penalty_task, &j);
    for (int t = 0; t < o->tasks; t++)
        sum += o->found[t].penalty;
    return sum;
}

int nn_optimizer_slots(const nn_optimizer *o)
{
    return o->slots;
}

nn_real *nn_optimizer_slot(nn_optimizer *o, int i, const char **name)
{
    assert(i >= 0 && i < o->slots);
    *name = class_of(&o->choice)->slot_name[i];
    return o->slot[i];
}

uint64_t nn_optimizer_count(const nn_optimizer *o)
{
    return o->count;
}

void nn_optimizer_set_count(nn_optimizer *o, uint64_t count)
{
    o->count = count;
}

int nn_gradient_first_nonfinite(const nn_graph *g, const nn_real *gradients, const char **weight)
{
    const nn_layer *layer;
    const nn_weight *w;

    for (int i = 0; (w = nn_graph_weight(g, i, &layer)) != NULL; i++) {
        if (w->trainable && !nn_vec_finite(gradients + w->at, w->size.count)) {
            *weight = w->name;
            return layer->index;
        }
    }
    return -1;
}
