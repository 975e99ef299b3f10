/* The largest values of windows. Which place each came from is kept for backward. */
#include "pooling.h"

#include "math/max_pool.h"

nn_code nn_max_pooling_plan(nn_layer *l, bool is_sequence, nn_err *err)
{
    const nn_pooling *p = l->conf;

    if (p->pool_size[0] * p->pool_size[1] > NN_MAX_TAPS)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "%s: a window of %d x %d is too large: it may have %d places",
                          l->class->kind.name, p->pool_size[0], p->pool_size[1], NN_MAX_TAPS);
    NN_TRY(nn_pooling_plan(l, is_sequence, err));
    l->saved_per_sample = nn_shape_len(&l->out) * sizeof(nn_tap);
    return NN_OK;
}

typedef struct pass {
    const nn_windows *windows;
    size_t in, out; /* numbers of an image */
    const nn_real *x;
    nn_real *y;
    const nn_real *dy;
    nn_real *dx;
    nn_tap *from; /* [n][out]; NULL when nobody will ask */
} pass;

static void forward_images(void *context, size_t begin, size_t end)
{
    const pass *f = context;

    for (size_t i = begin; i < end; i++)
        nn_max_pool_image(f->windows, f->x + i * f->in, f->y + i * f->out,
                          f->from == NULL ? NULL : f->from + i * f->out);
}

static void backward_images(void *context, size_t begin, size_t end)
{
    const pass *f = context;

    for (size_t i = begin; i < end; i++)
        nn_max_pool_image_back(f->windows, f->dy + i * f->out, f->from + i * f->out,
                               f->dx + i * f->in);
}

static pass pass_of(const nn_layer *l)
{
    const nn_pooling *p = l->conf;

    return (pass){
        .windows = &p->windows, .in = nn_shape_len(&l->in[0]), .out = nn_shape_len(&l->out)};
}

void nn_max_pooling_forward(const nn_layer *l, const nn_fwd *io)
{
    pass f = pass_of(l);

    f.x = io->x[0];
    f.y = io->y;
    f.from = io->training ? io->saved : NULL;
    nn_images_run(l, io->pool, io->n, forward_images, &f);
}

void nn_max_pooling_backward(const nn_layer *l, const nn_bwd *io)
{
    pass f = pass_of(l);

    f.dy = io->dy;
    f.dx = io->dx[0];
    f.from = io->saved;
    if (f.dx != NULL)
        nn_images_run(l, io->pool, io->n, backward_images, &f);
}
