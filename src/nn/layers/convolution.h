/* Conv2D and Conv1D: the same layer, once with two dimensions and once with one. */
#ifndef NN_SRC_LAYERS_CONVOLUTION_H
#define NN_SRC_LAYERS_CONVOLUTION_H

#include "image.h"

#include "math/conv.h"

typedef struct nn_convolution {
    int filters;
    int kernel_size[2], strides[2], dilation_rate[2]; /* rows, columns */
    int padding;
    nn_choice activation;
    bool use_bias;
    nn_choice kernel_initializer;
    nn_choice bias_initializer;
    nn_penalty kernel_regularizer;
    nn_conv conv; /* by plan */
    /* A pooling that it has absorbed. conv then computes no more of its output than that takes. */
    bool pools;
    nn_windows pooling;
} nn_convolution;

/* The fields that have the same type in both. */
#define NN_CONVOLUTION_FILTERS                                                                     \
    {                                                                                              \
        .key = "filters", .type = NN_FIELD_INT, .at = offsetof(nn_convolution, filters),           \
        .range = "[1,1048576]", .help = "Channels of the output."                                  \
    }
#define NN_CONVOLUTION_FIELDS                                                                      \
    {.key = "activation",                                                                          \
     .type = NN_FIELD_CHOICE,                                                                      \
     .at = offsetof(nn_convolution, activation),                                                   \
     .fallback = "\"linear\"",                                                                     \
     .family = &nn_activations,                                                                    \
     .help = "Applied to the output."},                                                            \
        {.key = "use_bias",                                                                        \
         .type = NN_FIELD_BOOL,                                                                    \
         .at = offsetof(nn_convolution, use_bias),                                                 \
         .fallback = "true",                                                                       \
         .help = "Add a bias to every channel."},                                                  \
        {.key = "kernel_initializer",                                                              \
         .type = NN_FIELD_CHOICE,                                                                  \
         .at = offsetof(nn_convolution, kernel_initializer),                                       \
         .fallback = "\"glorot_uniform\"",                                                         \
         .family = &nn_initializers,                                                               \
         .help = "First values of the kernel."},                                                   \
        {.key = "bias_initializer",                                                                \
         .type = NN_FIELD_CHOICE,                                                                  \
         .at = offsetof(nn_convolution, bias_initializer),                                         \
         .fallback = "\"zeros\"",                                                                  \
         .family = &nn_initializers,                                                               \
         .help = "First values of the bias."},                                                     \
    {                                                                                              \
        .key = "kernel_regularizer", .type = NN_FIELD_OBJECT,                                      \
        .at = offsetof(nn_convolution, kernel_regularizer), .fallback = "{}",                      \
        .table = &nn_penalty_table,                                                                \
        .help = "Penalty on the kernel; without it that of the config's regularization."           \
    }

void nn_convolution_parse(nn_layer *l, nn_node node);
nn_code nn_convolution_plan(nn_layer *l, bool is_sequence, nn_err *err);
/* MaxPooling over the output, and activations. */
bool nn_convolution_absorb(nn_layer *l, const nn_layer *next);
void nn_convolution_forward(const nn_layer *l, const nn_fwd *io);
/* Of a causal Conv1D: one step of time; io->past is a ring of the inputs that its window reaches.
 */
void nn_convolution_step(const nn_layer *l, const nn_fwd *io);
void nn_convolution_backward(const nn_layer *l, const nn_bwd *io);

#endif
