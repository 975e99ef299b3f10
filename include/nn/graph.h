/*
 * The network as an immutable description: layers in an order in which every layer comes after its
 * inputs, shapes, and where each weight lives in the flat buffers. Memory belongs to nn_exec.
 */
#ifndef NN_NN_GRAPH_H
#define NN_NN_GRAPH_H

#include "nn/layer.h"

typedef struct nn_graph {
    nn_layer **layer; /* [count] */
    int count;
    nn_shape in; /* of one sample */
    /* [in's last] Columns of a table: how many categories, 0 for a number. NULL: all numbers. */
    int *categories;
    nn_shape out; /* of the last layer */
    /*
     * The activation that was split off the last layer because the loss is computed together with
     * it (softmax or sigmoid before its cross-entropy). The exec's output is then what goes into
     * it. Its kind is `linear` when nothing was split.
     */
    nn_choice head;
    size_t
        weights_len;   /* reals in a flat buffer of weights, padding included; padding stays zero */
    size_t parameters; /* numbers that are kept in the model file */
    size_t trainable;  /* those that an optimizer moves */
    double flops;      /* forward, per sample */
} nn_graph;

/*
 * Builds from the config's "layers" array. All faults are reported to the document's problems,
 * shapes included; returns NN_ECONFIG (or the document's code) when there were any, NN_ELIMIT
 * without memory. `penalty` is the config's regularization, used where a layer has none of its own.
 * May be NULL. `categories` is as in nn_graph, and copied; what is not numbers goes through a layer
 * that embeds columns, before all others when the list has none. The document must outlive the
 * graph.
 */
NN_MUST_CHECK nn_code nn_graph_new(nn_graph **out, nn_node layers, nn_shape input,
                                   const nn_penalty *penalty, const int *categories, nn_err *err);
/*
 * What can be said against the layers when nobody knows the input: kinds, keys, ranges, names,
 * which takes which. The faults are where nn_graph_new would have put them.
 */
NN_MUST_CHECK nn_code nn_graph_check(nn_node layers, nn_err *err);
void nn_graph_free(nn_graph *g);
/* The layers as a resolved JSON array, every default filled in. Weights given by hand are kept. */
void nn_graph_write(const nn_graph *g, nn_buf *out);
/* NULL when there is none. */
const nn_layer *nn_graph_find(const nn_graph *g, const char *name);
/* Splits the activation off the last layer if it is of this kind; returns whether it did (or had).
 */
bool nn_graph_split_head(nn_graph *g, const char *activation);
/* Are all weights of all layers given by the config? */
bool nn_graph_is_given(const nn_graph *g);

/* Fills a flat buffer: initializers by seed, then the values given in the config. */
void nn_graph_init(const nn_graph *g, uint64_t seed, nn_real *weights);

/* Visits the weights in file order: returns the i-th with its layer, or NULL past the end. */
const nn_weight *nn_graph_weight(const nn_graph *g, int i, const nn_layer **layer);

#endif
