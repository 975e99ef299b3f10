/* Global pooling: the shape, and means, which images and sequences share. */
#include "global_pooling.h"

#include "math/vec.h"

#include <string.h>

nn_code nn_global_pooling_plan(nn_layer *l, bool is_sequence, nn_err *err)
{
    nn_image image;

    NN_TRY(nn_image_of(&image, l, is_sequence, err));
    l->out = nn_shape_1(image.channels);
    l->heeds_mask = is_sequence;
    l->flops = (double)nn_shape_len(&l->in[0]);
    return NN_OK;
}

typedef struct pass {
    size_t places, channels;
    const unsigned char *mask; /* [n][places], or NULL */
    const nn_real *from;       /* x, or dy */
    nn_real *to;               /* y, or dx */
} pass;

static bool counts(const pass *p, size_t place)
{
    return p->mask == NULL || p->mask[place] != 0;
}

/* One over the number of places that count; 0 when none does. */
static nn_real share_of(const pass *p, size_t image)
{
    size_t count = 0;

    for (size_t k = 0; k < p->places; k++)
        count += counts(p, image * p->places + k);
    return count == 0 ? 0 : 1 / (nn_real)count;
}

static void forward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    for (size_t i = begin; i < end; i++) {
        const nn_real *x = p->from + i * p->places * p->channels;
        nn_real *const y = p->to + i * p->channels;

        memset(y, 0, p->channels * sizeof(*y));
        for (size_t k = 0; k < p->places; k++) {
            if (counts(p, i * p->places + k))
                nn_vec_add(y, y, x + k * p->channels, p->channels);
        }
        nn_vec_scale(y, y, share_of(p, i), p->channels);
    }
}

static void backward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    for (size_t i = begin; i < end; i++) {
        const nn_real share = share_of(p, i);

        for (size_t k = i * p->places; k < (i + 1) * p->places; k++)
            nn_vec_scale(p->to + k * p->channels, p->from + i * p->channels,
                         counts(p, k) ? share : 0, p->channels);
    }
}

static pass pass_of(const nn_layer *l, const unsigned char *mask, const nn_real *from, nn_real *to)
{
    return (pass){nn_global_places(l), nn_shape_len(&l->out), mask, from, to};
}

void nn_global_average_forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = pass_of(l, io->mask[0], io->x[0], io->y);

    nn_images_run(l, io->pool, io->n, forward_images, &p);
}

void nn_global_average_backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = pass_of(l, io->mask[0], io->dy, io->dx[0]);

    if (p.to != NULL)
        nn_images_run(l, io->pool, io->n, backward_images, &p);
}
