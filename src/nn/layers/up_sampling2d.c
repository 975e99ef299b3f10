/* UpSampling2D: every place of an image becomes a block of equal ones. */
#include "image.h"

#include "math/vec.h"

#include <limits.h>
#include <string.h>

typedef struct conf {
    int size[2]; /* rows, columns of a block */
} conf;

static const nn_field fields[] = {{.key = "size",
                                   .type = NN_FIELD_PAIR,
                                   .at = offsetof(conf, size),
                                   .fallback = "2",
                                   .range = "[1,4096]",
                                   .help = "Times as many rows and columns."},
                                  {0}};

static nn_code plan(nn_layer *l, nn_err *err)
{
    const conf *c = l->conf;
    char text[NN_SHAPE_TEXT];
    nn_image image;

    NN_TRY(nn_image_of(&image, l, false, err));
    if (image.rows > INT_MAX / c->size[0] || image.cols > INT_MAX / c->size[1])
        return nn_err_set(err, NN_ECONFIG, NULL, "UpSampling2D: %s is too large",
                          nn_shape_text(text, &l->in[0]));
    l->out = nn_shape_3(image.rows * c->size[0], image.cols * c->size[1], image.channels);
    return NN_OK;
}

typedef struct pass {
    const nn_layer *layer;
    const nn_real *from; /* x, or dy */
    nn_real *to;         /* y, or dx */
} pass;

/* Where the input of an output stands; both count places of one image, not channels. */
static size_t source(const nn_layer *l, int row, int col)
{
    const conf *c = l->conf;

    return (size_t)(row / c->size[0]) * (size_t)l->in[0].dim[1] + (size_t)(col / c->size[1]);
}

static void forward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const nn_layer *l = p->layer;
    const size_t channels = (size_t)l->out.dim[2];

    for (size_t i = begin; i < end; i++) {
        const nn_real *x = p->from + i * nn_shape_len(&l->in[0]);
        nn_real *y = p->to + i * nn_shape_len(&l->out);

        for (int row = 0; row < l->out.dim[0]; row++) {
            for (int col = 0; col < l->out.dim[1]; col++, y += channels)
                memcpy(y, x + source(l, row, col) * channels, channels * sizeof(*y));
        }
    }
}

static void backward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const nn_layer *l = p->layer;
    const size_t channels = (size_t)l->out.dim[2];

    for (size_t i = begin; i < end; i++) {
        nn_real *const dx = p->to + i * nn_shape_len(&l->in[0]);
        const nn_real *dy = p->from + i * nn_shape_len(&l->out);

        memset(dx, 0, nn_shape_len(&l->in[0]) * sizeof(*dx));
        for (int row = 0; row < l->out.dim[0]; row++) {
            for (int col = 0; col < l->out.dim[1]; col++, dy += channels) {
                nn_real *const sum = dx + source(l, row, col) * channels;
                nn_vec_add(sum, sum, dy, channels);
            }
        }
    }
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = {l, io->x[0], io->y};

    nn_images_run(l, io->pool, io->n, forward_images, &p);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = {l, io->dy, io->dx[0]};

    if (p.to != NULL)
        nn_images_run(l, io->pool, io->n, backward_images, &p);
}

const nn_layer_class nn_layer_up_sampling2d = {
    .kind = {"UpSampling2D", "Every place of an image becomes a block of equal ones.", fields,
             sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward};
