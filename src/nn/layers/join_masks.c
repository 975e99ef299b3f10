/* Masks of several inputs: one for what is made of them. As Keras has it. */
#include "join_masks.h"

#include <string.h>

/* One of the masks; *differ: there are others. -1: there is none; *some_lack: an input has none. */
static int look(const nn_layer *l, bool *differ, bool *some_lack)
{
    int found = -1;

    *differ = *some_lack = false;
    for (int i = 0; i < l->inputs; i++) {
        *some_lack |= l->mask_in[i] < 0;
        *differ |= l->mask_in[i] >= 0 && found >= 0 && l->mask_in[i] != found;
        found = l->mask_in[i] >= 0 ? l->mask_in[i] : found;
    }
    return found;
}

void nn_join_plan_any(nn_layer *l)
{
    bool differ = false, some_lack = false;
    const int mask = look(l, &differ, &some_lack);

    l->mask_out = some_lack ? -1 : differ ? l->index : mask;
}

void nn_join_plan_all(nn_layer *l)
{
    bool differ = false, some_lack = false;
    const int mask = look(l, &differ, &some_lack);

    l->mask_out = differ ? l->index : mask;
}

static size_t count_steps(const nn_layer *l, const nn_fwd *io)
{
    return (size_t)io->n * (size_t)l->out.dim[0];
}

void nn_join_any(const nn_layer *l, const nn_fwd *io, unsigned char *mask)
{
    const size_t count = count_steps(l, io);

    memset(mask, 0, count);
    for (int i = 0; i < l->inputs; i++) {
        for (size_t k = 0; k < count; k++)
            mask[k] |= io->mask[i][k];
    }
}

void nn_join_all(const nn_layer *l, const nn_fwd *io, unsigned char *mask)
{
    const size_t count = count_steps(l, io);

    memset(mask, 1, count);
    for (int i = 0; i < l->inputs; i++) {
        for (size_t k = 0; io->mask[i] != NULL && k < count; k++)
            mask[k] &= io->mask[i][k];
    }
}
