/* What pooling layers share: strides that are not given, and shapes. */
#include "pooling.h"

void nn_pooling_parse_2d(nn_layer *l, nn_node node)
{
    nn_pooling *p = l->conf;

    (void)node;
    for (int i = 0; i < 2; i++) {
        if (p->strides[i] == 0)
            p->strides[i] = p->pool_size[i];
    }
}

/* The sequence is an image of one row. */
void nn_pooling_parse_1d(nn_layer *l, nn_node node)
{
    nn_pooling *p = l->conf;

    p->pool_size[0] = p->strides[0] = 1;
    nn_pooling_parse_2d(l, node);
}

nn_code nn_pooling_plan(nn_layer *l, bool is_sequence, nn_err *err)
{
    nn_pooling *p = l->conf;
    nn_windows *w = &p->windows;
    nn_image image;

    NN_TRY(nn_image_of(&image, l, is_sequence, err));
    w->rows = (nn_axis){
        .in = image.rows, .size = p->pool_size[0], .stride = p->strides[0], .dilation = 1};
    w->cols = (nn_axis){
        .in = image.cols, .size = p->pool_size[1], .stride = p->strides[1], .dilation = 1};
    w->channels = image.channels;
    NN_TRY(nn_window_plan(l, &w->rows, &w->cols, (nn_padding)p->padding, err));
    l->out = nn_image_shape(w->rows.out, w->cols.out, w->channels, is_sequence);
    l->flops = (double)nn_shape_len(&l->out) * w->rows.size * w->cols.size;
    return NN_OK;
}
