/* What the ways of computing a convolution share: sizes, zeros around images, parts. */
#include "math/conv_parts.h"

#include "math/conv_kernel.h"

#include <string.h>

enum {
    PARTS = 8,
    PLACES = 64, /* of the output in a part at least */
    GROUP = 16,  /* images of a task at most */
};
static const double task_work = 400000;      /* multiplications worth a task */
static const double most_sums = 8192 * 1024; /* numbers in the sums of all parts */

size_t nn_conv_image(const nn_conv *c)
{
    return (size_t)c->rows.in * (size_t)c->cols.in * (size_t)c->in;
}

size_t nn_conv_padded(const nn_conv *c)
{
    return (size_t)nn_axis_padded(&c->rows) * (size_t)nn_axis_padded(&c->cols) * (size_t)c->in;
}

size_t nn_conv_output(const nn_conv *c)
{
    return (size_t)c->rows.out * (size_t)c->cols.out * (size_t)c->out;
}

size_t nn_conv_weights(const nn_conv *c)
{
    return (size_t)c->rows.size * (size_t)c->cols.size * (size_t)c->in * (size_t)c->out;
}

size_t nn_conv_result(const nn_conv *c, const nn_windows *pooled)
{
    if (pooled == NULL)
        return nn_conv_output(c);
    return (size_t)pooled->rows.out * (size_t)pooled->cols.out * (size_t)c->out;
}

size_t nn_conv_whole(const nn_conv *c, const nn_windows *pooled)
{
    return pooled == NULL ? 0 : nn_conv_output(c);
}

nn_real *nn_conv_begin(const nn_conv *c, const nn_conv_run *run, nn_real *whole, int image)
{
    if (run->pooled != NULL && whole != NULL)
        return whole;
    return run->y + (size_t)image * nn_conv_result(c, run->pooled);
}

nn_tap *nn_conv_taps(const nn_conv *c, const nn_conv_run *run, int image)
{
    return run->from == NULL ? NULL : run->from + (size_t)image * nn_conv_result(c, run->pooled);
}

void nn_conv_end(const nn_conv *c, const nn_conv_run *run, const nn_real *whole, int image)
{
    if (run->pooled != NULL && whole != NULL)
        nn_max_pool_image(run->pooled, whole,
                          run->y + (size_t)image * nn_conv_result(c, run->pooled),
                          nn_conv_taps(c, run, image));
    if (run->each != NULL)
        run->each(run->context, image);
}

const nn_real *nn_conv_spread(const nn_conv *c, const nn_conv_run *run, nn_real *whole, int image)
{
    const size_t at = (size_t)image * nn_conv_result(c, run->pooled);

    if (run->pooled == NULL)
        return run->dy + at;
    nn_max_pool_image_back(run->pooled, run->dy + at, run->from + at, whole);
    return whole;
}

/* Pairs, and nothing beside them. */
static bool is_pairs(const nn_axis *a)
{
    return a->size == 2 && a->stride == 2 && a->dilation == 1 && a->before == 0 &&
           a->in == 2 * a->out;
}

bool nn_conv_pools(const nn_conv *c, const nn_windows *pooled)
{
    return pooled != NULL && is_pairs(&pooled->rows) && is_pairs(&pooled->cols) &&
           c->out % nn_conv_kernel_usable(0)->width == 0;
}

bool nn_conv_pads(const nn_conv *c)
{
    return c->rows.before + c->rows.after + c->cols.before + c->cols.after > 0;
}

void nn_conv_pad(const nn_conv *c, const nn_real *image, nn_real *padded)
{
    const size_t row = (size_t)c->cols.in * (size_t)c->in;
    const size_t before = (size_t)c->cols.before * (size_t)c->in;
    const size_t after = (size_t)c->cols.after * (size_t)c->in;
    const size_t whole = before + row + after;

    memset(padded, 0, (size_t)c->rows.before * whole * sizeof(*padded));
    padded += (size_t)c->rows.before * whole;
    for (int i = 0; i < c->rows.in; i++, padded += whole, image += row) {
        memset(padded, 0, before * sizeof(*padded));
        memcpy(padded + before, image, row * sizeof(*padded));
        memset(padded + before + row, 0, after * sizeof(*padded));
    }
    memset(padded, 0, (size_t)c->rows.after * whole * sizeof(*padded));
}

void nn_conv_unpad(const nn_conv *c, const nn_real *padded, nn_real *image)
{
    const size_t row = (size_t)c->cols.in * (size_t)c->in;
    const size_t whole = (size_t)nn_axis_padded(&c->cols) * (size_t)c->in;

    padded += (size_t)c->rows.before * whole + (size_t)c->cols.before * (size_t)c->in;
    for (int i = 0; i < c->rows.in; i++, padded += whole, image += row)
        memcpy(image, padded, row * sizeof(*image));
}

int nn_conv_group(const nn_conv *c)
{
    const double work =
        (double)nn_conv_weights(c) * (double)c->rows.out * (double)c->cols.out; /* of an image */
    const double group = task_work / work;

    return group >= GROUP ? GROUP : group > 1 ? (int)group + 1 : 1;
}

int nn_conv_most_parts(const nn_conv *c)
{
    const double parts = most_sums / (double)(nn_conv_weights(c) + (size_t)c->out);

    return parts >= PARTS ? PARTS : parts > 2 ? (int)parts : 2;
}

/* Adding up a part must cost little beside what it saves: the places that each weight meets there.
 */
int nn_conv_parts(const nn_conv *c, int n)
{
    const double worth = (double)n * c->rows.out * c->cols.out / PLACES;
    const int most = nn_conv_most_parts(c);

    return worth >= most ? most : worth > 2 ? (int)worth : 2;
}

void nn_conv_part(const nn_conv *c, int n, int part, int *first, int *last)
{
    const int parts = nn_conv_parts(c, n);

    *first = (int)((double)n * part / parts);
    *last = (int)((double)n * (part + 1) / parts);
}
