/* A window that moves along one dimension of an image. */
#include "math/window.h"

#include <limits.h>
#include <stdint.h>

bool nn_axis_plan(nn_axis *a, nn_padding padding)
{
    const int64_t reach = (int64_t)(a->size - 1) * a->dilation + 1;
    int64_t zeros = 0, out = 0;

    if (padding == NN_PAD_SAME) {
        out = ((int64_t)a->in + a->stride - 1) / a->stride;
        zeros = (out - 1) * a->stride + reach - a->in;
        zeros = zeros > 0 ? zeros : 0;
    } else {
        zeros = padding == NN_PAD_CAUSAL ? reach - 1 : 0;
        if (a->in + zeros < reach)
            return false;
        out = (a->in + zeros - reach) / a->stride + 1;
    }
    if (a->in + zeros > INT_MAX)
        return false;
    a->before = (int)(padding == NN_PAD_CAUSAL ? zeros : zeros / 2);
    a->after = (int)zeros - a->before;
    a->out = (int)out;
    return true;
}
