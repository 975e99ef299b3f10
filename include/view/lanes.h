/*
 * A graph of layers drawn row by row, as `git log --graph` draws a history: every value that is
 * still needed further down has a lane, and a layer takes over the lane of an input that it is the
 * last to take.
 */
#ifndef NN_VIEW_LANES_H
#define NN_VIEW_LANES_H

#include "base/text.h"
#include "nn/graph.h"

typedef struct nn_lanes nn_lanes;

/* The graph must outlive it. */
NN_MUST_CHECK nn_code nn_lanes_new(nn_lanes **out, const nn_graph *g, bool unicode, nn_err *err);
void nn_lanes_free(nn_lanes *l); /* NULL is fine */
/* The row of the next layer, with no spaces at its end. More lanes than fit a screen: nothing. */
void nn_lanes_put(nn_lanes *l, nn_buf *out);

#endif
