/* Global max pooling: the largest value of each channel, and where it was found. */
#include "global_pooling.h"

#include <string.h>

nn_code nn_global_max_plan(nn_layer *l, bool is_sequence, nn_err *err)
{
    NN_TRY(nn_global_pooling_plan(l, is_sequence, err));
    l->saved_per_sample = nn_shape_len(&l->out) * sizeof(int); /* the place of the largest */
    return NN_OK;
}

typedef struct pass {
    size_t places, channels;
    const nn_real *from; /* x, or dy */
    nn_real *to;         /* y, or dx */
    int *place;          /* [n][channels]; NULL when nobody will ask */
} pass;

/* Of equal values the first counts; NaN beats everything. */
static void forward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    for (size_t i = begin * p->channels; i < end * p->channels; i++) {
        const nn_real *x = p->from + i / p->channels * p->places * p->channels + i % p->channels;
        size_t best = 0;

        for (size_t k = 1; k < p->places; k++) {
            const nn_real value = x[k * p->channels];

            if (value > x[best * p->channels] || value != value)
                best = k;
        }
        p->to[i] = x[best * p->channels];
        if (p->place != NULL)
            p->place[i] = (int)best;
    }
}

static void backward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;
    const size_t image = p->places * p->channels;

    memset(p->to + begin * image, 0, (end - begin) * image * sizeof(*p->to));
    for (size_t i = begin * p->channels; i < end * p->channels; i++)
        p->to[i / p->channels * image + (size_t)p->place[i] * p->channels + i % p->channels] =
            p->from[i];
}

void nn_global_max_forward(const nn_layer *l, const nn_fwd *io)
{
    pass p = {nn_global_places(l), nn_shape_len(&l->out), io->x[0], io->y,
              io->training ? io->saved : NULL};

    nn_images_run(l, io->pool, io->n, forward_images, &p);
}

void nn_global_max_backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = {nn_global_places(l), nn_shape_len(&l->out), io->dy, io->dx[0], io->saved};

    if (p.to != NULL)
        nn_images_run(l, io->pool, io->n, backward_images, &p);
}
