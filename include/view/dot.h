/* A graph of layers in the language of Graphviz. */
#ifndef NN_VIEW_DOT_H
#define NN_VIEW_DOT_H

#include "base/text.h"
#include "nn/graph.h"

void nn_dot_put(nn_buf *out, const nn_graph *g);

#endif
