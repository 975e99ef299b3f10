/* What layers on images and sequences share: their shapes, their windows, their tasks. */
#include "image.h"

#include <limits.h>

const char *const nn_padding_words[] = {"valid", "same", NULL};
const char *const nn_causal_words[] = {"valid", "same", "causal", NULL};

nn_code nn_image_of(nn_image *out, const nn_layer *l, bool is_sequence, nn_err *err)
{
    const nn_shape *in = &l->in[0];
    const char *kind = l->class->kind.name;
    char text[NN_SHAPE_TEXT];

    if (is_sequence && in->rank == 2) {
        *out = (nn_image){1, in->dim[0], in->dim[1]};
        return NN_OK;
    }
    if (!is_sequence && in->rank == 3) {
        *out = (nn_image){in->dim[0], in->dim[1], in->dim[2]};
        return NN_OK;
    }
    (void)nn_shape_text(text, in);
    if (is_sequence && in->rank == 1)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "%s needs [length, channels], got %s; a Reshape before it with "
                          "target_shape [%d, 1], or data.shape, adds the channel",
                          kind, text, in->dim[0]);
    if (!is_sequence && in->rank == 2)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "%s needs [height, width, channels], got %s; a Reshape before it with "
                          "target_shape [%d, %d, 1], or data.shape, adds the channel",
                          kind, text, in->dim[0], in->dim[1]);
    return nn_err_set(err, NN_ECONFIG, NULL, "%s needs %s, got %s", kind,
                      is_sequence ? "[length, channels]" : "[height, width, channels]", text);
}

nn_shape nn_image_shape(int rows, int cols, int channels, bool is_sequence)
{
    return is_sequence ? nn_shape_2(cols, channels) : nn_shape_3(rows, cols, channels);
}

static int reach(const nn_axis *a)
{
    return (a->size - 1) * a->dilation + 1;
}

/* A padded image must not be larger than a sample may be. */
static bool is_moderate(const nn_axis *rows, const nn_axis *cols, int channels)
{
    return (double)nn_axis_padded(rows) * nn_axis_padded(cols) * channels <= INT_MAX;
}

nn_code nn_window_plan(const nn_layer *l, nn_axis *rows, nn_axis *cols, nn_padding padding,
                       nn_err *err)
{
    char text[NN_SHAPE_TEXT];

    (void)nn_shape_text(text, &l->in[0]);
    if (nn_axis_plan(rows, padding) && nn_axis_plan(cols, padding)) {
        if (is_moderate(rows, cols, nn_shape_last(&l->in[0])))
            return NN_OK;
        return nn_err_set(err, NN_ECONFIG, NULL, "%s: %s with its padding is too large",
                          l->class->kind.name, text);
    }
    if (l->in[0].rank == 2)
        nn_err_set(err, NN_ECONFIG, NULL, "%s: a window of %d does not fit into %s",
                   l->class->kind.name, reach(cols), text);
    else
        nn_err_set(err, NN_ECONFIG, NULL, "%s: a window of %d x %d does not fit into %s",
                   l->class->kind.name, reach(rows), reach(cols), text);
    err->id = "window-too-large";
    return err->code;
}

void nn_images_run(const nn_layer *l, nn_pool *pool, int n, nn_rows_fn *fn, void *context)
{
    const size_t in = nn_shape_len(&l->in[0]), out = nn_shape_len(&l->out);

    nn_rows_run(pool, (size_t)n, in > out ? in : out, fn, context);
}
