/* Finds the shapes along the sorted list, and a place for every weight. */
#include "draft.h"

#include "base/mem.h"

#include <limits.h>
#include <string.h>

/* Fills in what the layer takes. false when one of its inputs has no shape. */
static bool connect(const nn_drafts *d, nn_draft *draft)
{
    nn_layer *l = draft->layer;

    l->inputs = draft->inputs;
    for (int i = 0; i < l->inputs; i++) {
        const nn_draft *from = draft->from[i] < 0 ? NULL : &d->list[draft->from[i]];

        if (from != NULL && !from->sound)
            return false;
        l->from[i] = from == NULL ? -1 : from->layer->index;
        l->source[i] = from == NULL ? "input" : from->layer->name;
        l->in[i] = from == NULL ? d->in : from->layer->out;
        l->mask_in[i] = from == NULL ? -1 : from->layer->mask_out;
        l->categories = from == NULL ? d->categories : NULL;
    }
    l->mask_out = -1;
    return true;
}

static bool check_size(const nn_draft *draft, const nn_shape *shape, const char *what)
{
    char text[NN_SHAPE_TEXT];
    size_t len = 0;

    if (nn_shape_len_checked(shape, INT_MAX, &len))
        return true;
    nn_node_fault(draft->node, NULL, "%s %s is too large: a sample may have %d numbers", what,
                  nn_shape_text(text, shape), INT_MAX);
    return false;
}

/* Gives the weights their places in the flat buffers. */
static bool place_weights(nn_drafts *d, const nn_draft *draft)
{
    nn_layer *l = draft->layer;
    char text[NN_SHAPE_TEXT];
    size_t bytes = 0;

    for (int i = 0; i < l->weights; i++) {
        nn_weight *w = &l->weight[i];

        if (w->size.rows == 0) {
            nn_node_fault(draft->node, NULL, "the weight \"%s\" %s is too large", w->name,
                          nn_shape_text(text, &w->shape));
            return false;
        }
        w->at = d->weights_len;
        w->trainable = l->trainable && !w->is_state;
        if (!nn_add_size(d->weights_len, nn_real_padded(w->size.count), &d->weights_len) ||
            !nn_mul_size(d->weights_len, sizeof(nn_real), &bytes)) {
            nn_node_fault(
                draft->node, NULL,
                "the model has too many parameters: with those of this layer they take more "
                "bytes than 64 bits can count; take smaller layers");
            return false;
        }
    }
    return true;
}

/*
 * A weight called kernel has the network's penalty, unless its layer has a say in that. The weights
 * of an inner layer came with theirs.
 */
static void set_penalties(nn_layer *l, const nn_penalty *penalty)
{
    if (l->class->inner > 0)
        return;
    for (const nn_field *f = l->class->kind.fields; f != NULL && f->key != NULL; f++) {
        if (f->table == &nn_penalty_table)
            return;
    }
    for (int i = 0; i < l->weights; i++) {
        if (strcmp(l->weight[i].name, "kernel") == 0)
            l->weight[i].penalty = *penalty;
    }
}

/* Shapes, weights and memory of one layer whose inputs are known. */
static bool plan_layer(nn_drafts *d, nn_draft *draft)
{
    nn_layer *l = draft->layer;
    nn_err fault = {0};

    if (l->class->plan(l, &fault) != NN_OK) {
        nn_node_report(draft->node, NN_ERROR, fault.id, NULL, "%s", fault.msg);
        return false;
    }
    l->scratch_bytes = nn_line_bytes(l->scratch_bytes);
    if (d->penalty != NULL)
        set_penalties(l, d->penalty);
    return check_size(draft, &l->out, "the output") && place_weights(d, draft);
}

nn_code nn_drafts_plan(nn_drafts *d, nn_err *err)
{
    for (int i = 0; i < d->count; i++) {
        nn_draft *draft = &d->list[d->order[i]];

        if (!draft->sound)
            continue;
        memcpy(draft->layer->name, draft->name, sizeof(draft->name));
        draft->layer->index = i;
        draft->sound = connect(d, draft) && plan_layer(d, draft);
        if (draft->sound)
            NN_TRY(nn_layer_read_given(draft->layer, draft->keys.weights, err));
    }
    return NN_OK;
}
