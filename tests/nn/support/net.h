/* A network from JSON, ready to run: for tests. */
#ifndef NN_TEST_NET_H
#define NN_TEST_NET_H

#include "base/problems.h"
#include "nn/exec.h"

typedef struct net {
    nn_problems problems;
    nn_doc *doc;
    nn_graph *graph;
    nn_pool *pool;
    nn_exec *exec;
    nn_real *weights; /* [graph->weights_len] */
} net;

/* What a net with a ColumnEmbedding takes its inputs, NET_COLUMNS of them, for. */
enum { NET_COLUMNS = 5 };
extern const int net_categories[NET_COLUMNS];

/* The graph of a list of layers. On a fault graph is NULL and problems tell. Release with net_free.
 */
nn_code net_read(net *t, const char *layers, nn_shape in, const nn_penalty *penalty, nn_err *err);
/* Memory, weights by seed 1. Fails the test when something is wrong. */
void net_start(net *t, int batch, int threads, nn_exec_mode mode);
/* Both. */
void net_make(net *t, const char *layers, nn_shape in, int batch, int threads, nn_exec_mode mode);
void net_free(net *t);

/* Fixed numbers that look random, about normal. */
void net_numbers(nn_real *x, size_t count, unsigned stream);
/* The i-th problem as the user reads it, without file and line: "path: message; hint". */
const char *net_problem(const net *t, size_t i, char *dst, size_t size);

#endif
