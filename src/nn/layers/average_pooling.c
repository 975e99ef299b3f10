/* The mean values of windows; zeros of the padding do not count. */
#include "pooling.h"

#include "math/vec.h"

#include <string.h>

nn_code nn_average_pooling_plan(nn_layer *l, bool is_sequence, nn_err *err)
{
    return nn_pooling_plan(l, is_sequence, err);
}

typedef struct pass {
    const nn_windows *p;
    size_t in, out;      /* numbers of an image */
    const nn_real *from; /* x, or dy */
    nn_real *to;         /* y, or dx */
} pass;

static nn_real share(nn_window_part w)
{
    return (nn_real)1 / (nn_real)((w.y1 - w.y0) * (w.x1 - w.x0));
}

static void forward_images(void *context, size_t begin, size_t end)
{
    const pass *f = context;
    const nn_windows *p = f->p;
    const size_t channels = (size_t)p->channels;

    memset(f->to + begin * f->out, 0, (end - begin) * f->out * sizeof(*f->to));
    for (size_t i = begin; i < end; i++) {
        nn_real *y = f->to + i * f->out;

        for (int row = 0; row < p->rows.out; row++) {
            for (int col = 0; col < p->cols.out; col++, y += channels) {
                const nn_window_part w = nn_windows_part(p, row, col);

                for (int ky = w.y0; ky < w.y1; ky++) {
                    for (int kx = w.x0; kx < w.x1; kx++)
                        nn_vec_add(y, y, f->from + i * f->in + nn_windows_at(p, row, col, ky, kx),
                                   channels);
                }
                nn_vec_scale(y, y, share(w), channels);
            }
        }
    }
}

static void backward_images(void *context, size_t begin, size_t end)
{
    const pass *f = context;
    const nn_windows *p = f->p;
    const size_t channels = (size_t)p->channels;

    memset(f->to + begin * f->in, 0, (end - begin) * f->in * sizeof(*f->to));
    for (size_t i = begin; i < end; i++) {
        const nn_real *dy = f->from + i * f->out;

        for (int row = 0; row < p->rows.out; row++) {
            for (int col = 0; col < p->cols.out; col++, dy += channels) {
                const nn_window_part w = nn_windows_part(p, row, col);

                for (int ky = w.y0; ky < w.y1; ky++) {
                    for (int kx = w.x0; kx < w.x1; kx++)
                        nn_vec_axpy(f->to + i * f->in + nn_windows_at(p, row, col, ky, kx),
                                    share(w), dy, channels);
                }
            }
        }
    }
}

static void run(const nn_layer *l, nn_pool *pool, int n, const nn_real *from, nn_real *to,
                nn_rows_fn *fn)
{
    const nn_pooling *p = l->conf;
    pass f = {&p->windows, nn_shape_len(&l->in[0]), nn_shape_len(&l->out), from, to};

    nn_images_run(l, pool, n, fn, &f);
}

void nn_average_pooling_forward(const nn_layer *l, const nn_fwd *io)
{
    run(l, io->pool, io->n, io->x[0], io->y, forward_images);
}

void nn_average_pooling_backward(const nn_layer *l, const nn_bwd *io)
{
    if (io->dx[0] != NULL)
        run(l, io->pool, io->n, io->dy, io->dx[0], backward_images);
}
