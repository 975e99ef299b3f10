/* Recurrent layers: memory, and the walk of a shard over time and back. */
#include "recurrent.h"

#include "math/gemm.h"
#include "math/vec.h"
#include "recurrent_stack.h"

#include <string.h>

enum {
    MOST_ROWS = 16,        /* samples of a shard: as measured, more leave the cache */
    MOST_INPUTS = 1 << 24, /* features: with the units, int counts them and their padding */
};

/* Fewer for small batches, so that several threads have something to do. */
static int shard_rows(int n)
{
    return n >= 4 * MOST_ROWS ? MOST_ROWS : MOST_ROWS / 2;
}

nn_recurrent *nn_recurrent_of(const nn_layer *l)
{
    return l->class->plan == nn_recurrent_plan ? l->conf : NULL;
}

static bool looks_at_z(const nn_recurrent *c)
{
    return nn_activation_of(&c->activation)->needs_x ||
           (c->recurrent_activation.kind != NULL &&
            nn_activation_of(&c->recurrent_activation)->needs_x);
}

/*
 * What a shard keeps. In training every step has its own place, in inference two take turns. The
 * numbers of a step stand together: [slots][rows][...].
 */
typedef struct tape {
    int rows;
    bool turns;        /* two slots take turns */
    nn_real *in;       /* [steps + 1][rows][inputs + units] */
    nn_real *z;        /* [steps][rows][width] */
    nn_real *pre;      /* the same, or NULL */
    nn_real *h;        /* [steps + 1][rows][units]; NULL: it stands in `in` */
    nn_real *c;        /* [steps + 1][rows][units], or NULL */
    nn_real *active_c; /* [steps][rows][units] */
    nn_real *keep_x;   /* [rows][inputs]: 0, or the factor of what is kept; NULL: no dropout */
    nn_real *keep_h;   /* [rows][units] */
} tape;

/* Sizes of a layer, and what its tasks share. */
typedef struct walk {
    const nn_layer *layer;
    const nn_recurrent *conf;
    const nn_cell *cell;
    int n, steps, inputs, units, width;
    nn_stack stack;
    bool training;
    nn_rng rng;
    const nn_real *x;          /* [n][steps][inputs] */
    const unsigned char *mask; /* [n][steps], or NULL */
    nn_real *past;             /* [n][past_bytes]: h, and c, before the first step, or NULL */
    nn_real *y;                /* [n][units] or [n][steps][units] */
    const nn_real *dy;         /* the same */
    nn_real *dx;               /* [n][steps][inputs], or NULL */
    nn_real *sums;             /* [n][width]: gradients of the stacked bias, of each sample */
    nn_real *shards;           /* the shards' tapes */
    unsigned char *scratch;
} walk;

static walk make_walk(const nn_layer *l, int n)
{
    const nn_recurrent *c = l->conf;

    return (walk){.layer = l,
                  .conf = c,
                  .cell = c->cell,
                  .n = n,
                  .steps = l->in[0].dim[0],
                  .inputs = l->in[0].dim[1],
                  .units = c->units,
                  .width = c->cell->blocks * c->units};
}

/* The next `count` numbers of a block; NULL when there is no block yet: only its size is wanted. */
static nn_real *take(nn_real *block, size_t *at, size_t count)
{
    nn_real *p = block == NULL ? NULL : block + *at;

    *at += count;
    return p;
}

/* Lays a tape of `rows` samples out in a block; returns the reals it takes. */
static size_t lay_tape(tape *t, const walk *w, nn_real *block, int rows, bool training)
{
    const nn_recurrent *c = w->conf;
    const size_t m = (size_t)rows, steps = training ? (size_t)w->steps : 1;
    const size_t units = m * (size_t)w->units, width = m * (size_t)w->width;
    size_t at = 0;

    *t = (tape){.rows = rows, .turns = !training};
    t->in = take(block, &at, (steps + 1) * (m * (size_t)w->inputs + units));
    t->z = take(block, &at, steps * width);
    if (training && looks_at_z(c))
        t->pre = take(block, &at, steps * width);
    if (training && c->dropout > 0)
        t->keep_x = take(block, &at, m * (size_t)w->inputs);
    if (training && c->recurrent_dropout > 0) {
        t->keep_h = take(block, &at, units);
        t->h = take(block, &at, (steps + 1) * units);
    }
    if (w->cell->has_c) {
        t->c = take(block, &at, (steps + 1) * units);
        t->active_c = take(block, &at, steps * units);
    }
    return at;
}

/* Reals of a worker's block in backward: dh, dc, the same held back, din and a spare row. */
static size_t backward_reals(const walk *w)
{
    return (size_t)MOST_ROWS * (size_t)(5 * w->units + w->inputs) + (size_t)w->width;
}

static void declare_memory(nn_layer *l)
{
    const walk w = make_walk(l, 1);
    tape t;
    const size_t alone = lay_tape(&t, &w, NULL, MOST_ROWS, false), back = backward_reals(&w);

    l->saved_per_sample = ((size_t)w.width + lay_tape(&t, &w, NULL, 1, true)) * sizeof(nn_real);
    l->scratch_bytes = (alone > back ? alone : back) * sizeof(nn_real);
    l->work_fixed = nn_stack_reals(w.inputs + w.units, w.width) * sizeof(nn_real);
    l->past_bytes = (size_t)(w.cell->has_c ? 2 : 1) * (size_t)w.units * sizeof(nn_real);
}

/* First values of LSTM's bias: 1 for the forget gates, so that it remembers at first. */
typedef struct forget_conf {
    const nn_choice *others;
} forget_conf;

static void fill_forget(const void *conf, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    const nn_choice *others = ((const forget_conf *)conf)->others;
    const size_t units = size->count / 4;

    ((const nn_initializer *)others->kind)->fill(&others->conf, rng, size, w);
    for (size_t i = units; i < 2 * units; i++)
        w[i] = 1;
}

static const nn_initializer forget_initializer = {
    {"unit_forget_bias", "1 for the forget gates.", NULL, sizeof(forget_conf)}, fill_forget};

static nn_choice bias_choice(const nn_recurrent *c)
{
    const forget_conf conf = {&c->bias_initializer};
    nn_choice choice = c->bias_initializer;

    if (c->unit_forget_bias) {
        nn_choice_default(&choice, &forget_initializer.kind);
        memcpy(&choice.conf, &conf, sizeof(conf));
    }
    return choice;
}

static void declare_weights(nn_layer *l, const walk *w)
{
    const nn_recurrent *c = w->conf;
    const int cols = c->cell->gates * c->units;
    const nn_choice bias = bias_choice(c);

    nn_layer_weight(l, "kernel", nn_shape_2(w->inputs, cols), &c->kernel_initializer, w->inputs,
                    cols)
        ->penalty = c->kernel_regularizer;
    nn_layer_weight(l, "recurrent_kernel", nn_shape_2(c->units, cols), &c->recurrent_initializer,
                    c->units, cols);
    if (c->use_bias && c->reset_after)
        nn_layer_weight(l, "bias", nn_shape_2(2, cols), &bias, 2, cols);
    else if (c->use_bias)
        nn_layer_weight(l, "bias", nn_shape_1(cols), &bias, cols, cols);
}

nn_code nn_recurrent_plan(nn_layer *l, nn_err *err)
{
    const nn_recurrent *c = l->conf;
    char text[NN_SHAPE_TEXT];

    if (l->in[0].rank != 2) {
        nn_err_set(err, NN_ECONFIG, NULL,
                   "%s needs steps of features, got the shape %s; a recurrent layer before it must "
                   "have return_sequences",
                   l->class->kind.name, nn_shape_text(text, &l->in[0]));
        err->id = "missing-sequences";
        return err->code;
    }

    const walk w = make_walk(l, 1);

    if (w.inputs > MOST_INPUTS)
        return nn_err_set(err, NN_ECONFIG, NULL, "%s takes at most %d features, got %d",
                          l->class->kind.name, MOST_INPUTS, w.inputs);
    l->out = c->return_sequences ? nn_shape_2(w.steps, c->units) : nn_shape_1(c->units);
    l->sight = c->go_backwards ? NN_SEES_ALL : NN_SEES_BACK;
    l->heeds_mask = true;
    l->mask_out = c->return_sequences ? l->mask_in[0] : -1;
    declare_weights(l, &w);
    declare_memory(l);
    l->flops_within = 2.0 * w.steps * c->units * c->cell->gates * c->units;
    l->flops = l->flops_within + 2.0 * w.steps * w.inputs * c->cell->gates * c->units;
    return NN_OK;
}

static int shard_count(const walk *w)
{
    const int rows = shard_rows(w->n);

    return w->n / rows + (w->n % rows != 0);
}

/* The tape of a shard in training, or in a worker's scratch; `begin`: its first sample. */
static tape open_tape(const walk *w, int shard, int worker, int *begin)
{
    const int most = shard_rows(w->n), rows = w->n - shard * most;
    tape t;

    *begin = shard * most;
    if (w->training) {
        const size_t sample = lay_tape(&t, w, NULL, 1, true);

        (void)lay_tape(&t, w, w->shards + (size_t)*begin * sample, rows < most ? rows : most, true);
    } else {
        nn_real *block = (void *)(w->scratch + (size_t)worker * w->layer->scratch_bytes);

        (void)lay_tape(&t, w, block, rows < most ? rows : most, false);
    }
    return t;
}

/* What step `s` of a tape works on. */
static nn_cell_step step_at(const walk *w, const tape *t, int s)
{
    const size_t m = (size_t)t->rows, inputs = (size_t)w->inputs, units = (size_t)w->units;
    const size_t now = (size_t)(t->turns ? s & 1 : s), next = (size_t)(t->turns ? ~s & 1 : s + 1);
    const size_t kept = t->turns ? 0 : now;
    const size_t in = m * (inputs + units), z = m * (size_t)w->width;
    nn_cell_step step = {.conf = w->conf,
                         .stack = &w->stack,
                         .rows = t->rows,
                         .inputs = w->inputs,
                         .units = w->units,
                         .width = w->width,
                         .in = t->in + now * in,
                         .z = t->z + kept * z,
                         .pre = t->pre == NULL ? NULL : t->pre + kept * z};

    step.ld_state = t->h == NULL ? w->inputs + w->units : w->units;
    step.old = t->h == NULL ? step.in + inputs : t->h + now * m * units;
    step.h = t->h == NULL ? t->in + next * in + inputs : t->h + next * m * units;
    if (t->c != NULL) {
        step.old_c = t->c + now * m * units;
        step.c = t->c + next * m * units;
        step.active_c = t->active_c + kept * m * units;
    }
    return step;
}

/* The input's place in time that step s reads, and the output's that it writes. */
static int time_of(const walk *w, int s)
{
    return w->conf->go_backwards ? w->steps - 1 - s : s;
}

static size_t output_at(const walk *w, int sample, int s)
{
    const int step = w->conf->turns_output ? w->steps - 1 - s : s;
    const size_t row = w->conf->return_sequences ? (size_t)sample * (size_t)w->steps + (size_t)step
                                                 : (size_t)sample;

    return row * (size_t)w->units;
}

/* Does step s give an output? */
static bool gives(const walk *w, int s)
{
    return w->conf->return_sequences || s == w->steps - 1;
}

/* Masks are drawn by sample: numbers `first` and on of the layer's stream. */
static void draw(const walk *w, nn_real *keep, int begin, int rows, int width, double rate,
                 uint64_t first)
{
    const nn_real factor = (nn_real)(1 / (1 - rate));
    const size_t count = (size_t)rows * (size_t)width;

    first += (uint64_t)begin * (uint64_t)width;
    for (size_t i = 0; i < count; i++)
        keep[i] = (double)nn_rng_uniform(&w->rng, first + i) >= rate ? factor : 0;
}

/* States of zero before the first step, and what dropout keeps. */
static void start_tape(const walk *w, const tape *t, int begin)
{
    const uint64_t inputs = (uint64_t)w->n * (uint64_t)w->inputs;
    const size_t units = (size_t)t->rows * (size_t)w->units;

    memset(t->in, 0, ((size_t)t->rows * (size_t)w->inputs + units) * sizeof(nn_real));
    if (t->h != NULL)
        memset(t->h, 0, units * sizeof(nn_real));
    if (t->c != NULL)
        memset(t->c, 0, units * sizeof(nn_real));
    if (t->keep_x != NULL)
        draw(w, t->keep_x, begin, t->rows, w->inputs, w->conf->dropout, 0);
    if (t->keep_h != NULL)
        draw(w, t->keep_h, begin, t->rows, w->units, w->conf->recurrent_dropout, inputs);
}

/* to = from, times what `keep` says; NULL: all of it. */
static void copy_kept(nn_real *to, const nn_real *from, const nn_real *keep, int row, int width)
{
    if (keep == NULL)
        memcpy(to, from, (size_t)width * sizeof(nn_real));
    else
        nn_vec_mul(to, from, keep + (size_t)row * (size_t)width, (size_t)width);
}

/* Fills `in` of a step: the inputs, and the state where it does not stand there yet. */
static void load_step(const walk *w, const tape *t, int begin, int s)
{
    const nn_cell_step step = step_at(w, t, s);
    const size_t row_in = (size_t)(w->inputs + w->units);
    const size_t row_x = (size_t)w->steps * (size_t)w->inputs;
    const nn_real *x = w->x + (size_t)begin * row_x + (size_t)time_of(w, s) * (size_t)w->inputs;
    nn_real *in = t->in + (step.in - t->in);

    for (int r = 0; r < t->rows; r++, in += row_in, x += row_x) {
        copy_kept(in, x, t->keep_x, r, w->inputs);
        if (t->h != NULL)
            copy_kept(in + w->inputs, step.old + (size_t)r * (size_t)w->units, t->keep_h, r,
                      w->units);
    }
}

/* Does step s count for a sample? */
static bool counts(const walk *w, int sample, int s)
{
    return w->mask == NULL ||
           w->mask[(size_t)sample * (size_t)w->steps + (size_t)time_of(w, s)] != 0;
}

/* Where step s does not count, the state stays what it was. */
static void hold_state(const walk *w, const tape *t, int begin, int s)
{
    const nn_cell_step step = step_at(w, t, s);
    const size_t units = (size_t)w->units, bytes = units * sizeof(nn_real);

    for (int r = 0; r < t->rows; r++) {
        const size_t at = (size_t)r * (size_t)step.ld_state;

        if (counts(w, begin + r, s))
            continue;
        memcpy(step.h + at, step.old + at, bytes);
        if (step.c != NULL)
            memcpy(step.c + (size_t)r * units, step.old_c + (size_t)r * units, bytes);
    }
}

static void give_output(const walk *w, const nn_cell_step *step, int begin, int s)
{
    for (int r = 0; r < step->rows; r++)
        memcpy(w->y + output_at(w, begin + r, s), step->h + (size_t)r * (size_t)step->ld_state,
               (size_t)w->units * sizeof(nn_real));
}

/* Row r of a past: its h, and its c. */
static nn_real *past_of(const walk *w, int sample)
{
    return w->past + (size_t)sample * w->layer->past_bytes / sizeof(nn_real);
}

/* Begins where a step before ended. */
static void load_past(const walk *w, const tape *t, int begin)
{
    const nn_cell_step step = step_at(w, t, 0);
    const size_t units = (size_t)w->units, bytes = units * sizeof(nn_real);
    nn_real *old = t->in + (step.old - t->in);

    for (int r = 0; r < t->rows; r++) {
        const nn_real *past = past_of(w, begin + r);

        memcpy(old + (size_t)r * (size_t)step.ld_state, past, bytes);
        if (t->c != NULL)
            memcpy(t->c + (size_t)r * units, past + units, bytes);
    }
}

static void keep_past(const walk *w, const tape *t, int begin)
{
    const nn_cell_step step = step_at(w, t, w->steps - 1);
    const size_t units = (size_t)w->units, bytes = units * sizeof(nn_real);

    for (int r = 0; r < t->rows; r++) {
        nn_real *past = past_of(w, begin + r);

        memcpy(past, step.h + (size_t)r * (size_t)step.ld_state, bytes);
        if (t->c != NULL)
            memcpy(past + units, step.c + (size_t)r * units, bytes);
    }
}

static void forward_shard(void *context, int shard, int worker)
{
    const walk *w = context;
    int begin = 0;
    const tape t = open_tape(w, shard, worker, &begin);

    start_tape(w, &t, begin);
    if (w->past != NULL)
        load_past(w, &t, begin);
    for (int s = 0; s < w->steps; s++) {
        const nn_cell_step step = step_at(w, &t, s);

        load_step(w, &t, begin, s);
        w->cell->forward(&step);
        if (w->mask != NULL)
            hold_state(w, &t, begin, s);
        if (gives(w, s))
            give_output(w, &step, begin, s);
    }
    if (w->past != NULL)
        keep_past(w, &t, begin);
}

void nn_recurrent_forward(const nn_layer *l, const nn_fwd *io)
{
    walk w = make_walk(l, io->n);

    w.training = io->training;
    w.rng = (nn_rng){io->seed, NN_RNG_LAYER + (uint32_t)l->index, io->step};
    w.x = io->x[0];
    w.mask = io->mask[0];
    w.past = io->past;
    w.y = io->y;
    if (io->training) /* the sums are for backward */
        w.shards = (nn_real *)io->saved + (size_t)io->n * (size_t)w.width;
    w.scratch = io->scratch;
    w.stack = nn_stack_load(l, io->pool, io->w, io->work);
    nn_pool_run(io->pool, shard_count(&w), forward_shard, &w);
}

/* dh += the gradient of what a step gave. */
static void take_gradient(const walk *w, const nn_cell_step *step, int begin, int s)
{
    for (int r = 0; r < step->rows; r++) {
        nn_real *dh = step->dh + (size_t)r * (size_t)w->units;

        nn_vec_add(dh, dh, w->dy + output_at(w, begin + r, s), (size_t)w->units);
    }
}

/* From the gradient of `in`: the input's goes out, the state's is added to what dh already has. */
static void hand_back(const walk *w, const tape *t, const nn_cell_step *step, int begin, int s)
{
    const size_t units = (size_t)w->units, inputs = (size_t)w->inputs;

    for (int r = 0; r < t->rows; r++) {
        nn_real *din = step->din + (size_t)r * (inputs + units);
        nn_real *dh = step->dh + (size_t)r * units;

        if (t->keep_h != NULL)
            nn_vec_mul(din + inputs, din + inputs, t->keep_h + (size_t)r * units, units);
        nn_vec_add(dh, dh, din + inputs, units);
        if (w->dx != NULL)
            copy_kept(w->dx +
                          ((size_t)(begin + r) * (size_t)w->steps + (size_t)time_of(w, s)) * inputs,
                      din, t->keep_x, r, w->inputs);
    }
}

/*
 * Where step s did not count, the gradient of the state passes by it: held back while the cell
 * works on zeros, from which all it finds is zero.
 */
static void hold_back(const walk *w, const nn_cell_step *step, nn_real *held, int begin, int s)
{
    const size_t units = (size_t)w->units, bytes = units * sizeof(nn_real);

    for (int r = 0; r < step->rows; r++) {
        const size_t at = (size_t)r * units, c = (size_t)step->rows * units;

        if (counts(w, begin + r, s))
            continue;
        memcpy(held + at, step->dh + at, bytes);
        memcpy(held + c + at, step->dc + at, bytes);
        memset(step->dh + at, 0, bytes);
        memset(step->dc + at, 0, bytes);
    }
}

static void release(const walk *w, const nn_cell_step *step, const nn_real *held, int begin, int s)
{
    const size_t units = (size_t)w->units, bytes = units * sizeof(nn_real);

    for (int r = 0; r < step->rows; r++) {
        const size_t at = (size_t)r * units, c = (size_t)step->rows * units;

        if (counts(w, begin + r, s))
            continue;
        memcpy(step->dh + at, held + at, bytes);
        memcpy(step->dc + at, held + c + at, bytes);
    }
}

static void backward_shard(void *context, int shard, int worker)
{
    const walk *w = context;
    nn_real *block = (void *)(w->scratch + (size_t)worker * w->layer->scratch_bytes);
    int begin = 0;
    const tape t = open_tape(w, shard, worker, &begin);
    const size_t units = (size_t)t.rows * (size_t)w->units,
                 width = (size_t)t.rows * (size_t)w->width;
    nn_real *sums = w->sums + (size_t)begin * (size_t)w->width;

    memset(block, 0, 2 * units * sizeof(nn_real));
    memset(sums, 0, width * sizeof(nn_real));
    for (int s = w->steps - 1; s >= 0; s--) {
        nn_cell_step step = step_at(w, &t, s);

        step.dh = block;
        step.dc = block + units;
        step.din = block + 4 * units;
        step.row = step.din + units + (size_t)t.rows * (size_t)w->inputs;
        step.wants_dx = w->dx != NULL;
        if (gives(w, s))
            take_gradient(w, &step, begin, s);
        if (w->mask != NULL)
            hold_back(w, &step, block + 2 * units, begin, s);
        w->cell->backward(&step);
        nn_vec_add(sums, sums, step.z, width);
        hand_back(w, &t, &step, begin, s);
        if (w->mask != NULL)
            release(w, &step, block + 2 * units, begin, s);
    }
}

static void find_gradients(const walk *w, const nn_bwd *io)
{
    nn_cell_gradient g = {.conf = w->conf,
                          .pool = io->pool,
                          .inputs = w->inputs,
                          .units = w->units,
                          .width = w->width,
                          .gates = w->cell->gates,
                          .dw = io->dw};

    for (int shard = 0; shard < shard_count(w); shard++) {
        int begin = 0;
        const tape t = open_tape(w, shard, 0, &begin);

        g.count = w->steps * t.rows;
        g.in = t.in;
        g.z = t.z;
        g.add = shard > 0;
        w->cell->gradient(&g);
    }
}

void nn_recurrent_backward(const nn_layer *l, const nn_bwd *io)
{
    walk w = make_walk(l, io->n);
    nn_real *dbias = l->weights > NN_RECURRENT_BIAS ? io->dw[NN_RECURRENT_BIAS] : NULL;

    w.training = true;
    w.dy = io->dy;
    w.dx = io->dx[0];
    w.mask = io->mask[0];
    w.sums = io->saved;
    w.shards = w.sums + (size_t)io->n * (size_t)w.width;
    w.scratch = io->scratch;
    w.stack = nn_stack_turn(l, io->pool, io->w, io->work);
    nn_pool_run(io->pool, shard_count(&w), backward_shard, &w);
    find_gradients(&w, io);
    if (dbias != NULL && w.cell->split_bias == NULL) {
        nn_colsum_run(io->pool, w.sums, io->n, w.width, dbias);
    } else if (dbias != NULL) {
        nn_colsum_run(io->pool, w.sums, io->n, w.width, io->work);
        w.cell->split_bias(w.conf, io->work, dbias);
    }
}
