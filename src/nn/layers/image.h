/* What layers on images [height, width, channels] and sequences [length, channels] share. */
#ifndef NN_SRC_LAYERS_IMAGE_H
#define NN_SRC_LAYERS_IMAGE_H

#include "nn/layer.h"

#include "math/window.h"

/*
 * Takes the single input apart. Sequences are images of one row: the same code then serves both.
 * NN_ECONFIG when it is neither, with a hint for images without channels.
 */
typedef struct nn_image {
    int rows, cols, channels;
} nn_image;
nn_code nn_image_of(nn_image *out, const nn_layer *l, bool is_sequence, nn_err *err);
nn_shape nn_image_shape(int rows, int cols, int channels, bool is_sequence);

/* The words of `padding`, in the order of nn_padding. */
extern const char *const nn_padding_words[];
extern const char *const nn_causal_words[];

/* Plans both axes; an error says which window does not fit into what. */
nn_code nn_window_plan(const nn_layer *l, nn_axis *rows, nn_axis *cols, nn_padding padding,
                       nn_err *err);

#define NN_PADDING_FIELD(conf, all_words)                                                          \
    {                                                                                              \
        .key = "padding", .type = NN_FIELD_WORD, .at = offsetof(conf, padding),                    \
        .fallback = "\"valid\"", .words = all_words,                                               \
        .help = "valid: windows stay inside; same: zeros around, outputs = inputs / strides."      \
    }

/* A task for each image: fn(context, first image, last image + 1), by nn_rows_run. */
void nn_images_run(const nn_layer *l, nn_pool *pool, int n, nn_rows_fn *fn, void *context);

#endif
