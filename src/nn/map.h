/* Where everything an exec needs will stand in memory, found before there is any. */
#ifndef NN_SRC_MAP_H
#define NN_SRC_MAP_H

#include "nn/exec.h"

/* One input of one layer. */
typedef struct nn_edge {
    int root;  /* the layer whose memory holds it; -1: the graph's input */
    bool adds; /* its gradient comes after another one's: written aside, then added */
    size_t dx; /* where the layer writes its gradient; for root -1 without `adds`: to the user */
} nn_edge;

/* One layer. All offsets are bytes. */
typedef struct nn_cell {
    int root;   /* the layer whose memory is its output: itself, unless it shares its input's; -1 */
    int edge;   /* its first edge */
    bool moves; /* it or something below it has weights to train: its gradient is needed */
    size_t y;   /* output, in `activations` */
    size_t dy;  /* gradient of the output, likewise; only with NN_TRAIN */
    size_t saved;
    size_t mask; /* that it makes, in `masks` */
} nn_cell;

typedef struct nn_map {
    nn_cell *cell; /* [layers] */
    nn_edge *edge;
    nn_exec_memory memory;
} nn_map;

/* NN_ELIMIT when the sizes overflow (memory is then as large as can be said) or memory is short. */
NN_MUST_CHECK nn_code nn_map_new(nn_map *map, const nn_graph *g, int max_batch, int threads,
                                 nn_exec_mode mode, nn_err *err);
void nn_map_free(nn_map *map);

#endif
