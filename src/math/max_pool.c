/* Max-pooling of an image: forward by the kernels of conv_kernel.h, window by window. */
#include "math/max_pool.h"

#include "math/conv_kernel.h"
#include "math/hot.h"

#include <string.h>

void nn_max_pool_image(const nn_windows *w, const nn_real *x, nn_real *y, nn_tap *from)
{
    const nn_conv_kernel *kernel = nn_conv_kernel_usable(0);
    nn_largest t = {.row = (ptrdiff_t)w->cols.in * w->channels, .channels = w->channels};

    for (int row = 0; row < w->rows.out; row++) {
        for (int col = 0; col < w->cols.out; col++) {
            const nn_window_part part = nn_windows_part(w, row, col);

            t.down = part.y1 - part.y0;
            t.across = part.x1 - part.x0;
            t.x = x + nn_windows_at(w, row, col, part.y0, part.x0);
            t.tap = part.y0 * w->cols.size + part.x0;
            t.taps = w->cols.size;
            t.y = y;
            t.from = from;
            kernel->largest(&t);
            y += w->channels;
            from = from == NULL ? NULL : from + w->channels;
        }
    }
}

/* Where windows overlap, an input adds up what it gets from several of them. */
NN_HOT_INLINE void give_back(nn_real *restrict dx, const nn_real *restrict dy,
                             const nn_tap *restrict from, int tap, int channels, bool adds)
{
    if (adds) {
        for (int c = 0; c < channels; c++)
            dx[c] += from[c] == tap ? dy[c] : 0;
    } else {
        for (int c = 0; c < channels; c++)
            dx[c] = from[c] == tap ? dy[c] : 0;
    }
}

NN_HOT_INLINE void spread_window(const nn_windows *w, nn_real *dx, const nn_real *dy,
                                 const nn_tap *from, int row, int col, bool adds)
{
    const nn_window_part part = nn_windows_part(w, row, col);

    for (int ky = part.y0; ky < part.y1; ky++) {
        for (int kx = part.x0; kx < part.x1; kx++)
            give_back(dx + nn_windows_at(w, row, col, ky, kx), dy, from, ky * w->cols.size + kx,
                      w->channels, adds);
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

NN_HOT void nn_max_pool_image_back(const nn_windows *w, const nn_real *dy, const nn_tap *from,
                                   nn_real *dx)
{
    const bool adds = overlaps(&w->rows) || overlaps(&w->cols);
    const size_t len = (size_t)w->rows.in * (size_t)w->cols.in * (size_t)w->channels;
    size_t at = 0;

    if (adds || !covers(&w->rows) || !covers(&w->cols))
        memset(dx, 0, len * sizeof(*dx));
    for (int row = 0; row < w->rows.out; row++) {
        for (int col = 0; col < w->cols.out; col++, at += (size_t)w->channels)
            spread_window(w, dx, dy + at, from + at, row, col, adds);
    }
}
