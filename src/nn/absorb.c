/* Finds layers whose work the layer before them can do while its own results are hot. */
#include "draft.h"

#include "base/mem.h"

enum { NOBODY = -1, SEVERAL = -2 };

/* taker[i]: the one layer that takes the output of layer i. */
static void find_takers(const nn_graph *g, int *taker)
{
    for (int i = 0; i < g->count; i++)
        taker[i] = NOBODY;
    for (int i = 0; i < g->count; i++) {
        for (int k = 0; k < g->layer[i]->inputs; k++) {
            const int from = g->layer[i]->from[k];

            if (from >= 0)
                taker[from] = taker[from] == NOBODY ? i : SEVERAL;
        }
    }
}

/* Layer i and those after it, one after the other; never the last, whose output is the graph's. */
static void absorb_after(nn_graph *g, const int *taker, int i)
{
    nn_layer *l = g->layer[i];
    int tail = i;

    while (taker[tail] >= 0 && taker[tail] < g->count - 1) {
        nn_layer *next = g->layer[taker[tail]];

        if (next->inputs != 1 || !l->class->absorb(l, next))
            return;
        next->is_absorbed = true;
        next->saved_per_sample = next->saved_fixed = 0;
        next->scratch_bytes = next->work_per_sample = next->work_fixed = 0;
        l->gives = next->out;
        tail = taker[tail];
    }
}

nn_code nn_graph_absorb(nn_graph *g, nn_err *err)
{
    int *taker = nn_alloc((size_t)g->count, sizeof(*taker));

    if (taker == NULL)
        return nn_err_memory(err, "the graph", (size_t)g->count * sizeof(*taker));
    find_takers(g, taker);
    for (int i = 0; i < g->count; i++)
        g->layer[i]->gives = g->layer[i]->out;
    for (int i = 0; i < g->count; i++) {
        if (g->layer[i]->class->absorb != NULL && !g->layer[i]->is_absorbed)
            absorb_after(g, taker, i);
    }
    nn_free(taker);
    return NN_OK;
}
