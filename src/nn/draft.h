/*
 * A graph in the making. The config's layers are read into drafts, in the order of the list; drafts
 * get names, inputs, an order, shapes. Every step reports all faults it finds and goes on as far as
 * that makes sense; nn_graph_new looks at the end whether there were any.
 */
#ifndef NN_SRC_DRAFT_H
#define NN_SRC_DRAFT_H

#include "nn/graph.h"

/* The values of nn_layer_common. */
typedef struct nn_layer_keys {
    const char *name; /* NULL: none given */
    bool trainable;
    nn_node inputs;
    nn_node weights;
} nn_layer_keys;

typedef struct nn_draft {
    nn_node node;    /* its object */
    nn_layer *layer; /* owned; NULL: its type is unknown */
    nn_layer_keys keys;
    char name[NN_NAME_SIZE + 1];
    int inputs;
    int from[NN_MAX_INPUTS]; /* places in the list; -1: the graph's input */
    bool sound;              /* nothing wrong with it yet; its shape can be found */
} nn_draft;

typedef struct nn_drafts {
    nn_node node; /* the list */
    nn_draft *list;
    int count;
    nn_draft **by_name; /* [named] sorted */
    int named;
    bool loose; /* some inputs are not known */
    int *order; /* [count] places in the list, each after its inputs */
    nn_shape in;
    const nn_penalty *penalty; /* may be NULL */
    int *categories;           /* [in], or NULL; owned */
    bool embeds; /* list[0] is a layer that embeds columns and that no node stands for */
    size_t weights_len;
} nn_drafts;

/* Are there columns of categories, and no layer that embeds them? */
bool nn_drafts_need_embedding(const nn_drafts *d);

/* The steps, in this order. They fail for lack of memory only; all else becomes a problem. */
NN_MUST_CHECK nn_code nn_drafts_read(nn_drafts *d, nn_err *err);
NN_MUST_CHECK nn_code nn_drafts_name(nn_drafts *d, nn_err *err);
void nn_drafts_wire(nn_drafts *d);
NN_MUST_CHECK nn_code nn_drafts_sort(nn_drafts *d, nn_err *err);
NN_MUST_CHECK nn_code nn_drafts_plan(nn_drafts *d, nn_err *err);

/* The place in the list of the layer of this name; -1: none. */
int nn_drafts_find(const nn_drafts *d, const char *name);
/* The name of a layer (or "input") that may have been meant; NULL: none is near. */
const char *nn_drafts_nearest(const nn_drafts *d, const char *name);

/* What stands for the graph's input: -1, or the layer in front that embeds its columns. */
static inline int nn_drafts_input(const nn_drafts *d)
{
    return d->embeds ? 0 : -1;
}

/* Lets layers do the work of those after them, in a graph that is complete otherwise. */
NN_MUST_CHECK nn_code nn_graph_absorb(nn_graph *g, nn_err *err);

/* Reads `weights` of a config into the layer's given values, once its shapes are known. */
NN_MUST_CHECK nn_code nn_layer_read_given(nn_layer *l, nn_node weights, nn_err *err);

#endif
