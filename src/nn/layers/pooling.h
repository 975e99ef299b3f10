/* Pooling: largest or mean values of windows, of images and sequences. */
#ifndef NN_SRC_LAYERS_POOLING_H
#define NN_SRC_LAYERS_POOLING_H

#include "image.h"

typedef struct nn_pooling {
    int pool_size[2], strides[2]; /* rows, columns */
    int padding;
    nn_windows windows; /* by plan */
} nn_pooling;

#define NN_POOLING_FIELDS_2D                                                                       \
    {.key = "pool_size",                                                                           \
     .type = NN_FIELD_PAIR,                                                                        \
     .at = offsetof(nn_pooling, pool_size),                                                        \
     .fallback = "2",                                                                              \
     .range = "[1,4096]",                                                                          \
     .help = "Rows and columns of the window."},                                                   \
        {.key = "strides",                                                                         \
         .type = NN_FIELD_PAIR,                                                                    \
         .at = offsetof(nn_pooling, strides),                                                      \
         .fallback = "null",                                                                       \
         .range = "[1,4096]",                                                                      \
         .help = "Steps of the window down and across; pool_size when absent."},                   \
        NN_PADDING_FIELD(nn_pooling, nn_padding_words),                                            \
    {                                                                                              \
        0                                                                                          \
    }
#define NN_POOLING_FIELDS_1D                                                                       \
    {.key = "pool_size",                                                                           \
     .type = NN_FIELD_INT,                                                                         \
     .at = offsetof(nn_pooling, pool_size[1]),                                                     \
     .fallback = "2",                                                                              \
     .range = "[1,4096]",                                                                          \
     .help = "Length of the window."},                                                             \
        {.key = "strides",                                                                         \
         .type = NN_FIELD_INT,                                                                     \
         .at = offsetof(nn_pooling, strides[1]),                                                   \
         .fallback = "null",                                                                       \
         .range = "[1,4096]",                                                                      \
         .help = "Steps of the window; pool_size when absent."},                                   \
        NN_PADDING_FIELD(nn_pooling, nn_padding_words),                                            \
    {                                                                                              \
        0                                                                                          \
    }

/* Strides that are not given are the window's sizes. */
void nn_pooling_parse_2d(nn_layer *l, nn_node node);
void nn_pooling_parse_1d(nn_layer *l, nn_node node);

nn_code nn_max_pooling_plan(nn_layer *l, bool is_sequence, nn_err *err);
void nn_max_pooling_forward(const nn_layer *l, const nn_fwd *io);
void nn_max_pooling_backward(const nn_layer *l, const nn_bwd *io);

nn_code nn_average_pooling_plan(nn_layer *l, bool is_sequence, nn_err *err);
void nn_average_pooling_forward(const nn_layer *l, const nn_fwd *io);
void nn_average_pooling_backward(const nn_layer *l, const nn_bwd *io);

/* What both share. */
nn_code nn_pooling_plan(nn_layer *l, bool is_sequence, nn_err *err);

#endif
