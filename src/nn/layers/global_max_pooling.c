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
    const unsigned char *mask; /* [n][places], or NULL */
    const nn_real *from;       /* x, or dy */
    nn_real *to;               /* y, or dx */
    int *place;                /* [n][channels]; NULL when nobody will ask */
} pass;

/* The place of the largest of a channel, 0 when none counts. NaN beats everything. */
static size_t find_largest(const pass *p, const nn_real *x, const unsigned char *mask)
{
    size_t best = 0;
    bool found = mask == NULL || mask[0] != 0;

    for (size_t k = 1; k < p->places; k++) {
        const nn_real value = x[k * p->channels];

        if (mask != NULL && mask[k] == 0)
            continue;
        if (!found || value > x[best * p->channels] || value != value)
            best = k;
        found = true;
    }
    return best;
}

/* Of equal values the first counts. */
static void forward_images(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    for (size_t i = begin * p->channels; i < end * p->channels; i++) {
        const size_t image = i / p->channels * p->places;
        const nn_real *x = p->from + image * p->channels + i % p->channels;
        const size_t best = find_largest(p, x, p->mask == NULL ? NULL : p->mask + image);

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
    pass p = {nn_global_places(l),
              nn_shape_len(&l->out),
              io->mask[0],
              io->x[0],
              io->y,
              io->training ? io->saved : NULL};

    nn_images_run(l, io->pool, io->n, forward_images, &p);
}

void nn_global_max_backward(const nn_layer *l, const nn_bwd *io)
{
    pass p = {nn_global_places(l), nn_shape_len(&l->out), NULL, io->dy, io->dx[0], io->saved};

    if (p.to != NULL)
        nn_images_run(l, io->pool, io->n, backward_images, &p);
}
