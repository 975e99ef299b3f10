/* The largest values of windows. Which place each came from is kept for backward. */
#include "pooling.h"

#include "math/hot.h"

#include <limits.h>
#include <string.h>

typedef unsigned short place; /* in the window, row by row */

nn_code nn_max_pooling_plan(nn_layer *l, bool is_sequence, nn_err *err)
{
    const nn_pooling *p = l->conf;

    if (p->pool_size[0] * p->pool_size[1] > USHRT_MAX)
        return nn_err_set(err, NN_ECONFIG, NULL,
                          "%s: a window of %d x %d is too large: it may have %d places",
                          l->class->kind.name, p->pool_size[0], p->pool_size[1], USHRT_MAX);
    NN_TRY(nn_pooling_plan(l, is_sequence, err));
    l->saved_per_sample = nn_shape_len(&l->out) * sizeof(place);
    return NN_OK;
}

typedef struct pass {
    const nn_pooling *p;
    size_t in, out; /* numbers of an image */
    const nn_real *x;
    nn_real *y;
    const nn_real *dy;
    nn_real *dx;
    place *from; /* [n][out]; NULL when nobody will ask */
} pass;

/* Of equal values the first counts; NaN beats everything. */
NN_HOT_INLINE void keep_larger(nn_real *restrict y, place *restrict from, const nn_real *restrict x,
                               int tap, int channels)
{
    for (int c = 0; c < channels; c++) {
        const int larger = (x[c] > y[c]) | (x[c] != x[c]);

        y[c] = larger ? x[c] : y[c];
        from[c] = larger ? (place)tap : from[c];
    }
}

NN_HOT_INLINE void keep_value(nn_real *restrict y, const nn_real *restrict x, int channels)
{
    for (int c = 0; c < channels; c++) {
        const int larger = (x[c] > y[c]) | (x[c] != x[c]);

        y[c] = larger ? x[c] : y[c];
    }
}

/* Where windows overlap, an input adds up what it gets from several of them. */
NN_HOT_INLINE void give_back(nn_real *restrict dx, const nn_real *restrict dy,
                             const place *restrict from, int tap, int channels, bool adds)
{
    if (adds) {
        for (int c = 0; c < channels; c++)
            dx[c] += from[c] == tap ? dy[c] : 0;
    } else {
        for (int c = 0; c < channels; c++)
            dx[c] = from[c] == tap ? dy[c] : 0;
    }
}

NN_HOT_INLINE void pool_window(const nn_pooling *p, const nn_real *x, nn_real *y, place *from,
                               int row, int col)
{
    const nn_pool_window w = nn_pooling_window(p, row, col);
    const size_t first = nn_pooling_at(p, row, col, w.y0, w.x0);

    memcpy(y, x + first, (size_t)p->channels * sizeof(*y));
    for (int c = 0; from != NULL && c < p->channels; c++)
        from[c] = (place)(w.y0 * p->cols.size + w.x0);
    for (int ky = w.y0; ky < w.y1; ky++) {
        for (int kx = ky == w.y0 ? w.x0 + 1 : w.x0; kx < w.x1; kx++) {
            const nn_real *value = x + nn_pooling_at(p, row, col, ky, kx);

            if (from != NULL)
                keep_larger(y, from, value, ky * p->cols.size + kx, p->channels);
            else
                keep_value(y, value, p->channels);
        }
    }
}

static NN_HOT void forward_images(void *context, size_t begin, size_t end)
{
    const pass *f = context;
    const nn_pooling *p = f->p;

    for (size_t i = begin; i < end; i++) {
        size_t at = i * f->out;

        for (int row = 0; row < p->rows.out; row++) {
            for (int col = 0; col < p->cols.out; col++, at += (size_t)p->channels)
                pool_window(p, f->x + i * f->in, f->y + at, f->from == NULL ? NULL : f->from + at,
                            row, col);
        }
    }
}

NN_HOT_INLINE void spread_window(const nn_pooling *p, nn_real *dx, const nn_real *dy,
                                 const place *from, int row, int col, bool adds)
{
    const nn_pool_window w = nn_pooling_window(p, row, col);

    for (int ky = w.y0; ky < w.y1; ky++) {
        for (int kx = w.x0; kx < w.x1; kx++)
            give_back(dx + nn_pooling_at(p, row, col, ky, kx), dy, from, ky * p->cols.size + kx,
                      p->channels, adds);
    }
}

static bool overlaps(const nn_axis *a)
{
    return a->stride < a->size;
}

/* Does every input lie in a window? */
static bool covers(const nn_axis *a)
{
    return a->stride <= a->size && nn_axis_at(a, a->out - 1, a->size - 1) >= a->in - 1;
}

static NN_HOT void backward_images(void *context, size_t begin, size_t end)
{
    const pass *f = context;
    const nn_pooling *p = f->p;
    const bool adds = overlaps(&p->rows) || overlaps(&p->cols);
    const bool clears = adds || !covers(&p->rows) || !covers(&p->cols);

    for (size_t i = begin; i < end; i++) {
        size_t at = i * f->out;

        if (clears)
            memset(f->dx + i * f->in, 0, f->in * sizeof(*f->dx));
        for (int row = 0; row < p->rows.out; row++) {
            for (int col = 0; col < p->cols.out; col++, at += (size_t)p->channels)
                spread_window(p, f->dx + i * f->in, f->dy + at, f->from + at, row, col, adds);
        }
    }
}

static pass pass_of(const nn_layer *l)
{
    return (pass){.p = l->conf, .in = nn_shape_len(&l->in[0]), .out = nn_shape_len(&l->out)};
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
