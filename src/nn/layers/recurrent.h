/*
 * What SimpleRNN, LSTM and GRU share: their keys, and the walk over time. A batch is cut into
 * shards of a few samples; a task takes its shard through all steps without meeting the others. A
 * kind adds a cell: what happens in one step of one shard.
 */
#ifndef NN_SRC_LAYERS_RECURRENT_H
#define NN_SRC_LAYERS_RECURRENT_H

#include "nn/layer.h"

typedef struct nn_cell nn_cell;

/* The conf of all three kinds. */
typedef struct nn_recurrent {
    int units;
    nn_choice activation;
    nn_choice recurrent_activation; /* of gates */
    bool use_bias;
    bool return_sequences;
    bool go_backwards;
    bool unit_forget_bias; /* LSTM */
    bool reset_after;      /* GRU */
    double dropout;
    double recurrent_dropout;
    nn_choice kernel_initializer;
    nn_choice recurrent_initializer;
    nn_choice bias_initializer;
    nn_penalty kernel_regularizer;

    /* Not keys. */
    const nn_cell *cell; /* set by the kind */
    bool turns_output;   /* the last output first: set by Bidirectional, for the way back */
} nn_recurrent;

#define NN_RECURRENT_FIELDS                                                                        \
    {.key = "units",                                                                               \
     .type = NN_FIELD_INT,                                                                         \
     .at = offsetof(nn_recurrent, units),                                                          \
     .range = "[1,65536]",                                                                         \
     .help = "Width of the state and of the output."},                                             \
        {.key = "activation",                                                                      \
         .type = NN_FIELD_CHOICE,                                                                  \
         .at = offsetof(nn_recurrent, activation),                                                 \
         .fallback = "\"tanh\"",                                                                   \
         .family = &nn_activations,                                                                \
         .help = "Applied to the new state."},                                                     \
        {.key = "use_bias",                                                                        \
         .type = NN_FIELD_BOOL,                                                                    \
         .at = offsetof(nn_recurrent, use_bias),                                                   \
         .fallback = "true",                                                                       \
         .help = "Add a bias."},                                                                   \
        {.key = "return_sequences",                                                                \
         .type = NN_FIELD_BOOL,                                                                    \
         .at = offsetof(nn_recurrent, return_sequences),                                           \
         .fallback = "false",                                                                      \
         .help = "Give the output of every step, not of the last one only."},                      \
        {.key = "go_backwards",                                                                    \
         .type = NN_FIELD_BOOL,                                                                    \
         .at = offsetof(nn_recurrent, go_backwards),                                               \
         .fallback = "false",                                                                      \
         .help = "Begin with the last step; outputs then stand in that order as well."},           \
        {.key = "dropout",                                                                         \
         .type = NN_FIELD_NUM,                                                                     \
         .at = offsetof(nn_recurrent, dropout),                                                    \
         .fallback = "0",                                                                          \
         .range = "[0,1)",                                                                         \
         .help = "Share of the inputs dropped in training, the same ones at every step."},         \
        {.key = "recurrent_dropout",                                                               \
         .type = NN_FIELD_NUM,                                                                     \
         .at = offsetof(nn_recurrent, recurrent_dropout),                                          \
         .fallback = "0",                                                                          \
         .range = "[0,1)",                                                                         \
         .help = "Share of the state dropped in training where it meets the recurrent kernel."},   \
        {.key = "kernel_initializer",                                                              \
         .type = NN_FIELD_CHOICE,                                                                  \
         .at = offsetof(nn_recurrent, kernel_initializer),                                         \
         .fallback = "\"glorot_uniform\"",                                                         \
         .family = &nn_initializers,                                                               \
         .help = "First values of the kernel."},                                                   \
        {.key = "recurrent_initializer",                                                           \
         .type = NN_FIELD_CHOICE,                                                                  \
         .at = offsetof(nn_recurrent, recurrent_initializer),                                      \
         .fallback = "\"orthogonal\"",                                                             \
         .family = &nn_initializers,                                                               \
         .help = "First values of the recurrent kernel."},                                         \
        {.key = "bias_initializer",                                                                \
         .type = NN_FIELD_CHOICE,                                                                  \
         .at = offsetof(nn_recurrent, bias_initializer),                                           \
         .fallback = "\"zeros\"",                                                                  \
         .family = &nn_initializers,                                                               \
         .help = "First values of the bias."},                                                     \
    {                                                                                              \
        .key = "kernel_regularizer", .type = NN_FIELD_OBJECT,                                      \
        .at = offsetof(nn_recurrent, kernel_regularizer), .fallback = "{}",                        \
        .table = &nn_penalty_table,                                                                \
        .help = "Penalty on the kernel; without it that of the config's regularization."           \
    }

/* For kinds with gates. */
#define NN_GATE_FIELD                                                                              \
    {                                                                                              \
        .key = "recurrent_activation", .type = NN_FIELD_CHOICE,                                    \
        .at = offsetof(nn_recurrent, recurrent_activation), .fallback = "\"sigmoid\"",             \
        .family = &nn_activations, .help = "Applied to the gates."                                 \
    }

/* The order of the weights. */
enum { NN_RECURRENT_KERNEL, NN_RECURRENT_STATE, NN_RECURRENT_BIAS };

/*
 * Kernel over recurrent kernel over bias: one matrix of inputs + units rows, padded so that its
 * rows do not fight for the same lines of the cache, or the same turned. Its columns are blocks of
 * `units` as in z, where a GRU with reset_after keeps the state's part of the candidate in a block
 * of its own.
 */
typedef struct nn_stack {
    const nn_real *w; /* [inputs + units][ld]; turned: [blocks * units][ld] */
    int ld;
    const nn_real *bias; /* [blocks * units], or NULL */
} nn_stack;

/* One step of one shard. Arrays are dense unless they say how far apart their rows are. */
typedef struct nn_cell_step {
    const nn_recurrent *conf;
    const nn_stack *stack;
    int rows, inputs, units;
    int width; /* blocks * units */

    const nn_real *in;  /* [rows][inputs + units]: the input, and the state before as dropped */
    nn_real *z;         /* [rows][width]: blocks; after forward what backward needs of them; */
    nn_real *pre;       /* [rows][width]: what went into the activations, if one looks there */
    const nn_real *old; /* [rows][units] the state before, rows `ld_state` apart */
    nn_real *h;         /* [rows][units] the state after, rows `ld_state` apart */
    int ld_state;
    const nn_real *old_c; /* [rows][units], of a cell that has a second state, before and after */
    nn_real *c;
    nn_real *active_c; /* [rows][units]: activation(c) */

    /* Backward. */
    nn_real *dh;  /* [rows][units]: of h; then what of it reaches `old` but through the stack */
    nn_real *dc;  /* [rows][units]: of c, then of old_c */
    nn_real *din; /* [rows][inputs + units]: of `in`, by nn_cell_multiply_back */
    bool wants_dx;
    nn_real *row; /* [width]: spare */
} nn_cell_step;

/* What it takes to find the gradients of weights of one shard. */
typedef struct nn_cell_gradient {
    const nn_recurrent *conf;
    nn_pool *pool;
    int inputs, units, width, gates;
    int count;         /* rows of all steps */
    const nn_real *in; /* [count][inputs + units] */
    const nn_real *z;  /* [count][width]: gradients, as the cell's backward left them */
    nn_real *const *dw;
    bool add; /* to what the shards before gave */
} nn_cell_gradient;

struct nn_cell {
    int gates;  /* blocks of the kernels */
    int blocks; /* of z; gates, and what else a step keeps */
    bool has_c;
    void (*forward)(const nn_cell_step *s);
    void (*backward)(const nn_cell_step *s); /* z becomes the gradient of what multiply gave */
    void (*gradient)(const nn_cell_gradient *g);
    /* Optional: the stack's bias from the weight's, and the weight's gradient from the stack's. */
    void (*stack_bias)(const nn_recurrent *c, const nn_real *bias, nn_real *stacked);
    void (*split_bias)(const nn_recurrent *c, const nn_real *dstacked, nn_real *dbias);
};

/* The classes' functions; a kind's own parse sets conf->cell. */
nn_code nn_recurrent_plan(nn_layer *l, nn_err *err);
void nn_recurrent_forward(const nn_layer *l, const nn_fwd *io);
void nn_recurrent_backward(const nn_layer *l, const nn_bwd *io);
/* The conf of a layer of one of the three kinds, else NULL. */
nn_recurrent *nn_recurrent_of(const nn_layer *l);

/* A rectangle of the stack. */
typedef struct nn_stack_part {
    int row, rows;
    int col, cols;
} nn_stack_part;

/*
 * to[rows][cols] (of z, rows `width` apart) = bias + a[rows][part rows] times the part, or +=
 * without the bias.
 */
void nn_cell_multiply(const nn_cell_step *s, nn_stack_part part, const nn_real *a, int lda,
                      nn_real *to, bool add);
/* to[rows][part rows] (rows `ld` apart) = z[:, col..] times the part turned, or +=. */
void nn_cell_multiply_back(const nn_cell_step *s, nn_stack_part part, nn_real *to, int ld,
                           bool add);
/* din = z[:, 0..cols] times those columns of the stack turned; the input's part only if wanted. */
void nn_cell_all_back(const nn_cell_step *s, int cols);

/* Runs `count` blocks of z[row] from `block` on through an activation, in place; keeps `pre`. */
void nn_cell_activate(const nn_cell_step *s, const nn_choice *act, int row, int block, int count);
/* s->row[block..] *= slope of the activation whose values are z[row][block..]. */
void nn_cell_slope(const nn_cell_step *s, const nn_choice *act, int row, int block, int count);

/*
 * dw[weight][:, col..col+cols] (+)= transposed a [count][rows of the weight], rows lda apart, times
 * z[:, from..from+cols]. Nothing for a frozen weight.
 */
void nn_cell_add_gradient(const nn_cell_gradient *g, int weight, int col, int cols,
                          const nn_real *a, int lda, int from);

#endif
