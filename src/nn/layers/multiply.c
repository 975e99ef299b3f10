/* Multiply: the product of inputs of equal shape. */
#include "merge.h"

#include "math/vec.h"

#include <string.h>

/* dx of input `i` = dy times all the other inputs. Dividing y by x would fail where x is 0. */
static void product_of_others(const nn_merge *m, int i, size_t at, size_t len)
{
    nn_real *dx = m->dx[i] + at;

    memcpy(dx, m->dy + at, len * sizeof(*dx));
    for (int other = 0; other < m->inputs; other++) {
        if (other != i)
            nn_vec_mul(dx, dx, m->x[other] + at, len);
    }
}

static void forward_piece(const nn_merge *m, size_t begin, size_t end)
{
    const size_t len = end - begin;
    nn_real *y = m->y + begin;

    nn_vec_mul(y, m->x[0] + begin, m->x[1] + begin, len);
    for (int i = 2; i < m->inputs; i++)
        nn_vec_mul(y, y, m->x[i] + begin, len);
}

static void backward_piece(const nn_merge *m, size_t begin, size_t end)
{
    for (int i = 0; i < m->inputs; i++) {
        if (m->dx[i] != NULL)
            product_of_others(m, i, begin, end - begin);
    }
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    nn_merge_forward(l, io, forward_piece);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    nn_merge_backward(l, io, backward_piece);
}

const nn_layer_class nn_layer_multiply = {
    .kind = {"Multiply", "The product of inputs of equal shape.", NULL, 0},
    .min_inputs = 2,
    .max_inputs = NN_MAX_INPUTS,
    .plan = nn_merge_plan,
    .forward = forward,
    .backward = backward,
    .mask = nn_join_any};
