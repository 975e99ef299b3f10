/* Going back after a step that diverged. */
#include "spare.h"

#include <string.h>

#include "base/mem.h"
#include "math/vec.h"

bool nn_has_statistics(const nn_graph *g)
{
    const nn_layer *layer;
    const nn_weight *w;

    for (int i = 0; (w = nn_graph_weight(g, i, &layer)) != NULL; i++)
        if (w->is_state)
            return true;
    return false;
}

/* Buffers of the size of all weights. */
static size_t buffers(const nn_setup *s, int slots)
{
    switch (s->config->training.on_nonfinite) {
    case NN_NONFINITE_SKIP:
        return nn_has_statistics(s->graph);
    case NN_NONFINITE_ROLLBACK:
        return 1 + (size_t)slots;
    default:
        return 0;
    }
}

size_t nn_spare_bytes(const nn_setup *s)
{
    const nn_optimizer_class *const class = (const nn_optimizer_class *)s->config->optimizer.kind;

    return nn_mul_capped(buffers(s, class->slots(s->config->optimizer.conf.bytes)),
                         (s->graph->weights_len + 1) * sizeof(nn_real));
}

static bool reserve(nn_real **out, const nn_setup *s)
{
    *out = nn_alloc(s->graph->weights_len + 1, sizeof **out);
    return *out != NULL;
}

nn_code nn_spare_new(nn_spare *out, const nn_setup *s, const nn_optimizer *o, nn_err *err)
{
    bool complete = true;

    out->graph = s->graph;
    if (s->config->training.on_nonfinite == NN_NONFINITE_SKIP && nn_has_statistics(s->graph))
        complete = reserve(&out->statistics, s);
    if (s->config->training.on_nonfinite == NN_NONFINITE_ROLLBACK) {
        out->slots = nn_optimizer_slots(o);
        complete = reserve(&out->weights, s);
        for (int i = 0; i < out->slots; i++)
            complete = complete && reserve(&out->slot[i], s);
    }
    return complete ? NN_OK : nn_err_memory(err, "training.on_nonfinite", nn_spare_bytes(s));
}

void nn_spare_free(nn_spare *spare)
{
    nn_free(spare->statistics);
    nn_free(spare->weights);
    for (int i = 0; i < NN_MAX_SLOTS; i++)
        nn_free(spare->slot[i]);
}

bool nn_spare_is_finite(const nn_spare *spare)
{
    return spare->weights == NULL || nn_vec_finite(spare->weights, spare->graph->weights_len);
}

void nn_spare_blocks(nn_spare *spare, nn_blocks *blocks)
{
    const size_t len = spare->graph->weights_len;

    if (spare->weights == NULL)
        return;
    nn_blocks_add(blocks, "begin_weights", -1, nn_real_dtype(), spare->weights, len);
    for (int i = 0; i < spare->slots; i++)
        nn_blocks_add(blocks, "begin_slot", i, nn_real_dtype(), spare->slot[i], len);
    nn_blocks_add(blocks, "begin_count", -1, NN_U64, &spare->count, 1);
}

static void copy_statistics(const nn_graph *g, nn_real *to, const nn_real *from)
{
    for (int k = 0; k < g->count; k++)
        for (int i = 0; i < g->layer[k]->weights; i++) {
            const nn_weight *w = &g->layer[k]->weight[i];

            if (w->is_state)
                memcpy(to + w->at, from + w->at, w->size.count * sizeof *to);
        }
}

void nn_spare_take_step(nn_spare *spare, const nn_real *weights)
{
    if (spare->statistics != NULL)
        copy_statistics(spare->graph, spare->statistics, weights);
}

void nn_spare_put_step(const nn_spare *spare, nn_real *weights)
{
    if (spare->statistics != NULL)
        copy_statistics(spare->graph, weights, spare->statistics);
}

void nn_spare_take_epoch(nn_spare *spare, const nn_real *weights, nn_optimizer *o)
{
    const size_t bytes = spare->graph->weights_len * sizeof *weights;
    const char *name;

    if (spare->weights == NULL)
        return;
    memcpy(spare->weights, weights, bytes);
    for (int i = 0; i < spare->slots; i++)
        memcpy(spare->slot[i], nn_optimizer_slot(o, i, &name), bytes);
    spare->count = nn_optimizer_count(o);
}

void nn_spare_put_epoch(const nn_spare *spare, nn_real *weights, nn_optimizer *o)
{
    const size_t bytes = spare->graph->weights_len * sizeof *weights;
    const char *name;

    memcpy(weights, spare->weights, bytes);
    for (int i = 0; i < spare->slots; i++)
        memcpy(nn_optimizer_slot(o, i, &name), spare->slot[i], bytes);
    nn_optimizer_set_count(o, spare->count);
}
