/*
 * What a layer kind is. A kind is one file in src/nn/layers/ that ends in an nn_layer_class, one
 * row in nn/layers.def, and one case in tests/nn/. `plan` looks at the input shapes and declares
 * what the layer needs; the graph adds it up and nn_exec allocates it once. forward and backward
 * cannot fail and never allocate.
 */
#ifndef NN_NN_LAYER_H
#define NN_NN_LAYER_H

#include "base/err.h"
#include "base/rng.h"
#include "base/shape.h"
#include "conf/field.h"
#include "math/pool.h"
#include "math/real.h"
#include "nn/activation.h"
#include "nn/init.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { NN_MAX_WEIGHTS = 16, NN_MAX_INNER = 2, NN_NAME_SIZE = 64 };

/* {"l1": f, "l2": f}: adds l1*sum|w| + l2*sum(w*w) to the loss. */
typedef struct nn_penalty {
    double l1, l2;
} nn_penalty;
extern const nn_table nn_penalty_table;

/* A tensor that is kept in the model file as "<layer>/<name>". */
typedef struct nn_weight {
    const char *name; /* Keras's: "kernel", "bias", "moving_mean"; a literal */
    nn_shape shape;
    nn_choice init;
    nn_weight_size size; /* count, fans: filled by nn_layer_weight */
    nn_penalty penalty;
    bool is_state;  /* moved by the layer itself (moving statistics), never by an optimizer */
    bool trainable; /* filled by the graph: the layer's `trainable` and not is_state */
    size_t at;      /* filled by the graph: where it begins in the flat buffers, in reals */
    nn_real *given; /* values from the config's `weights`, or NULL; owned by the graph */
} nn_weight;

typedef struct nn_layer nn_layer;

/* What forward gets. Arrays are [n][shape]; w[i] belongs to weight i. */
typedef struct nn_fwd {
    nn_pool *pool;
    int n;         /* samples in this batch */
    bool training; /* dropout on, batch statistics used, what backward needs is saved */
    uint64_t seed;
    uint64_t step; /* counts training steps: randomness is a function of (seed, layer, step) */
    const nn_real *const *x;
    /* [inputs], each [n][steps]: 0 where a step does not count; NULL: all count */
    const unsigned char *const *mask;
    const unsigned char *mask_out; /* likewise, of the output */
    nn_real *y;
    nn_real *const *w; /* only weights that are is_state may be written, and only in training */
    void *saved;   /* declared by plan; kept from forward to backward; NULL when nothing is saved */
    void *scratch; /* declared by plan; worker k's part begins at k * scratch_bytes */
    void *work;    /* declared by plan, shared by all workers; keeps nothing between calls */
    /*
     * One step of time after another (nn/stepper.h), of layers that see back: x is the step's
     * alone. What the steps before left, as many bytes a sample as the layer declared for it, zero
     * before the first; NULL: x is a whole sequence.
     */
    void *past;
    int position; /* the step, from 0; 0 without a past */
} nn_fwd;

/* What backward gets: as forward, and gradients. It writes dx and dw (no +=): the exec sums
 * branches. */
typedef struct nn_bwd {
    nn_pool *pool;
    int n;
    uint64_t seed;
    uint64_t step;
    const nn_real *const *x;
    const unsigned char *const *mask;
    const unsigned char *mask_out;
    const nn_real *y;
    nn_real *const *w;
    nn_real *dy;        /* the layer may overwrite it */
    nn_real *const *dx; /* dx[i] NULL: nobody wants that gradient */
    nn_real *const *dw; /* dw[i] NULL: frozen or state */
    void *saved;
    void *scratch;
    void *work;
} nn_bwd;

typedef struct nn_layer_class {
    nn_kind kind; /* its fields fill the conf */
    int min_inputs, max_inputs;
    /*
     * Layers of its own that it runs, all made from its key "layer" (NN_INNER_LAYER among its
     * fields): 0, as a rule, to NN_MAX_INNER. Faults in them are reported before parse runs; one
     * whose type is unknown is NULL there.
     */
    int inner;
    /* It takes the categories of a table's columns; where a config has none, the graph adds one. */
    bool embeds_columns;
    /*
     * Optional: looks at what the fields cannot say, reporting at `node` (nn_node_fault). Copies
     * into l->act what the layer fuses. Runs before plan and without shapes.
     */
    void (*parse)(nn_layer *l, nn_node node);
    /* Checks l->in, sets l->out, declares weights and memory. err: only code and msg matter. */
    nn_code (*plan)(nn_layer *l, nn_err *err);
    void (*forward)(const nn_layer *l, const nn_fwd *io);
    void (*backward)(const nn_layer *l, const nn_bwd *io);
    /* Of a layer that makes a mask (mask_out is its own index): fills it, [n][steps], before
     * forward. */
    void (*mask)(const nn_layer *l, const nn_fwd *io, unsigned char *mask);
    /*
     * Optional, after all plans: `next` alone takes what l gives. May l do its work as well, while
     * the numbers are hot? Then l changes its plan; its y and dy become those of next, which is
     * never run and keeps no memory.
     */
    bool (*absorb)(nn_layer *l, const nn_layer *next);
} nn_layer_class;

extern const nn_family nn_layers; /* nn/layers.def */

/* The keys that every layer has besides `type` and those of its kind; an inner one has none of
 * them. */
extern const nn_table nn_layer_common;
/* The key "layer" of a conf, an nn_node, from which inner layers are made. */
#define NN_INNER_LAYER(conf_type, member, text)                                                    \
    {                                                                                              \
        .key = "layer", .type = NN_FIELD_NODE, .at = offsetof(conf_type, member),                  \
        .family = &nn_layers, .common = &nn_layer_common, .help = text                             \
    }

/*
 * How a layer, once trained, sees time: the first dimension of its samples. What matters to masks
 * and to running a network step by step.
 */
typedef enum nn_sight {
    NN_SEES_ALL,  /* a step of the output may depend on any step of the input, or there are none */
    NN_SEES_BACK, /* on those up to its own; forward heeds `past` */
    NN_SEES_EACH  /* on its own alone: forward serves a single step as well */
} nn_sight;

struct nn_layer {
    const nn_layer_class *class;
    char name[NN_NAME_SIZE + 1]; /* unique in the graph; Keras's default: dense, dense_1 */
    int index;                   /* place in the graph; 0 is the first layer */
    bool trainable;
    void *conf; /* kind.conf_size bytes, filled by the fields */

    int inputs;
    int from[NN_MAX_INPUTS];           /* indices of the layers it takes; -1: the graph's input */
    const char *source[NN_MAX_INPUTS]; /* their names, for messages; "input": the graph's input */
    nn_shape in[NN_MAX_INPUTS];
    nn_shape out;
    const int *categories; /* of the graph, where the layer takes the graph's input; or NULL */
    nn_shape gives;   /* filled by the graph: y in memory; out, or that of what it has absorbed */
    bool is_absorbed; /* by the graph: a layer before it does its work */

    nn_choice
        act; /* fused activation, linear when there is none; the graph may take it over (head) */

    nn_weight weight[NN_MAX_WEIGHTS];
    int weights;

    nn_layer *inner[NN_MAX_INNER]; /* owned; class->inner of them */

    /*
     * Masks tell which steps of a sample count. One layer makes it, others hand it on; whoever
     * looks at several steps heeds it.
     */
    int mask_in[NN_MAX_INPUTS]; /* index of the layer that made the mask of an input; -1: none */
    int mask_out;    /* set by plan: of the output: an input's, its own index, or -1, the default */
    bool heeds_mask; /* set by plan: what it gives without one takes masked steps into account */
    nn_sight sight;  /* set by plan */
    size_t past_bytes; /* of one sample, of a layer that sees back */
    int most_steps;    /* that its past has room for; 0: there is no end */

    bool is_view;             /* y is x[0] under another shape: no forward, no memory (Flatten) */
    bool is_identity_in_eval; /* y is x[0] when not training (Dropout) */
    bool needs_two; /* cannot train on a batch of a single sample (statistics of the batch) */
    size_t saved_per_sample; /* bytes */
    size_t saved_fixed;      /* bytes, besides those per sample */
    size_t scratch_bytes;    /* bytes per worker; rounded up to a cache line by the graph */
    size_t work_per_sample;  /* bytes that all workers share while the layer runs */
    size_t work_fixed;       /* bytes, besides those per sample */
    double flops;            /* of forward, per sample: 2 per multiply-add */
    double flops_within; /* of these, what leads from step to step: backward always goes there */
};

/* Bytes rounded up to whole cache lines: what different workers write must not share one. */
static inline size_t nn_line_bytes(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* Declares a weight in plan and returns it for more settings (init, penalty, is_state). */
nn_weight *nn_layer_weight(nn_layer *l, const char *name, nn_shape shape, const nn_choice *init,
                           int fan_in, int fan_out);

/*
 * Plans inner layer i of `l` for this input; its err is the outer layer's. The outer layer declares
 * the inner one's weights as its own (nn_layer_adopt) and hands it their pointers, and declares its
 * saved, scratch and work bytes, as many times as it runs it.
 */
NN_MUST_CHECK nn_code nn_layer_plan_inner(nn_layer *l, int i, nn_shape in, nn_err *err);
/* Declares the weights of inner layer i; under names[k] where names is not NULL. */
void nn_layer_adopt(nn_layer *l, int i, const char *const *names);

/* In plan, of a layer that treats every step alone, if there are steps: hands on the mask. */
void nn_layer_each_step(nn_layer *l);
/* For absorb: takes over the activation of a layer that is nothing else, if l has none of its own.
 */
bool nn_layer_take_activation(nn_layer *l, const nn_layer *next);

/* The fused activation, for layers that have one. z is what it is applied to. */
static inline bool nn_layer_saves_z(const nn_layer *l)
{
    return nn_activation_of(&l->act)->needs_x;
}
/*
 * Runs y = act(z) for n samples, cut into tasks by rows; z may be y. With act linear and z == y:
 * nothing.
 */
void nn_layer_activate(const nn_layer *l, nn_pool *pool, const nn_real *z, nn_real *y, int n);
/* dz = act'(z) dy, in place in dy. z as nn_layer_saves_z says, else NULL. */
void nn_layer_activate_back(const nn_layer *l, nn_pool *pool, const nn_real *z, const nn_real *y,
                            nn_real *dy, int n);

/* Cuts `rows` rows into tasks of a size that depends on width alone; begin/end of task t. */
int nn_row_tasks(size_t rows, size_t width);
void nn_row_range(size_t rows, size_t width, int task, size_t *begin, size_t *end);
/* Runs fn over all rows, one task for each such range. With width 1: over the numbers of an array.
 */
typedef void nn_rows_fn(void *context, size_t begin, size_t end);
void nn_rows_run(nn_pool *pool, size_t rows, size_t width, nn_rows_fn *fn, void *context);

static inline bool nn_layer_is(const nn_layer *l, const char *kind)
{
    return strcmp(l->class->kind.name, kind) == 0;
}

#endif
