/* Global pooling: one value of each channel for a whole image or sequence. */
#ifndef NN_SRC_LAYERS_GLOBAL_POOLING_H
#define NN_SRC_LAYERS_GLOBAL_POOLING_H

#include "image.h"

nn_code nn_global_pooling_plan(nn_layer *l, bool is_sequence, nn_err *err);

/* Places of an image, each with all channels. */
static inline size_t nn_global_places(const nn_layer *l)
{
    return nn_shape_len(&l->in[0]) / nn_shape_len(&l->out);
}

void nn_global_average_forward(const nn_layer *l, const nn_fwd *io);
void nn_global_average_backward(const nn_layer *l, const nn_bwd *io);

nn_code nn_global_max_plan(nn_layer *l, bool is_sequence, nn_err *err);
void nn_global_max_forward(const nn_layer *l, const nn_fwd *io);
void nn_global_max_backward(const nn_layer *l, const nn_bwd *io);

#endif
