/* Shapes: how many elements, are they equal, how are they written. */
#include "base/shape.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>

#include "base/mem.h"

nn_shape nn_shape_1(int a)
{
    return (nn_shape){1, {a}};
}

nn_shape nn_shape_2(int a, int b)
{
    return (nn_shape){2, {a, b}};
}

nn_shape nn_shape_3(int a, int b, int c)
{
    return (nn_shape){3, {a, b, c}};
}

size_t nn_shape_len(const nn_shape *s)
{
    size_t len = 1;

    for (int i = 0; i < s->rank; i++)
        len *= (size_t)s->dim[i];
    return len;
}

bool nn_shape_len_checked(const nn_shape *s, size_t most, size_t *len)
{
    size_t product = 1;

    for (int i = 0; i < s->rank; i++)
        if (s->dim[i] < 1 || !nn_mul_size(product, (size_t)s->dim[i], &product))
            return false;
    if (product > most)
        return false;
    *len = product;
    return true;
}

bool nn_shape_equal(const nn_shape *a, const nn_shape *b)
{
    if (a->rank != b->rank)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i])
            return false;
    return true;
}

int nn_shape_last(const nn_shape *s)
{
    return s->rank == 0 ? 1 : s->dim[s->rank - 1];
}

/* Eight dimensions of at most 11 characters, 7 separators of 2, two brackets and the NUL. */
_Static_assert(NN_SHAPE_TEXT >= NN_MAX_RANK * 11 + (NN_MAX_RANK - 1) * 2 + 3, "every shape fits");

const char *nn_shape_text(char *dst, const nn_shape *s)
{
    size_t used = 1;

    assert(s->rank >= 0 && s->rank <= NN_MAX_RANK);
    dst[0] = '[';
    for (int i = 0; i < s->rank; i++)
        used +=
            (size_t)snprintf(dst + used, NN_SHAPE_TEXT - used, i == 0 ? "%d" : ", %d", s->dim[i]);
    snprintf(dst + used, NN_SHAPE_TEXT - used, "]");
    return dst;
}
