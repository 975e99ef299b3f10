/* Convolutions: which way of computing one. */
#include "math/conv_kernel.h"
#include "math/conv_parts.h"

#include <string.h>

/* Does Winograd's way pay: whole vectors of channels, and tiles that lie on the output? */
static bool pays(const nn_conv *c)
{
    const int width = nn_conv_kernel_usable(0)->width;
    const double tiles = ((c->rows.out + 1) / 2) * (double)((c->cols.out + 1) / 2);

    return c->in >= 2 * width && c->out % (2 * width) == 0 &&
           tiles * 16 < 0.7 * 9 * c->rows.out * (double)c->cols.out;
}

/* BLAS is ahead of the portable kernel. */
static const nn_conv_way *way_of(const nn_conv *c)
{
    if (strcmp(nn_conv_kernel_usable(0)->isa, "baseline") == 0 || !nn_conv_is_direct(c))
        return &nn_conv_columns;
    return nn_conv_is_winograd(c) && pays(c) ? &nn_conv_winograd : &nn_conv_direct;
}

size_t nn_conv_scratch(const nn_conv *c, const nn_windows *pooled)
{
    return way_of(c)->scratch(c, pooled);
}

size_t nn_conv_shared(const nn_conv *c)
{
    return way_of(c)->shared(c);
}

void nn_conv_forward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run)
{
    way_of(c)->forward(pool, c, run);
}

void nn_conv_backward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run)
{
    way_of(c)->backward(pool, c, run);
}
