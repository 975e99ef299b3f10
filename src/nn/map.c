/* Plans the memory of an exec: which layers share, what lives how long, what stands where. */
#include "map.h"

#include "base/mem.h"
#include "layout.h"

#include <limits.h>

enum { LINE = 64 };

static size_t in_lines(size_t bytes)
{
    return bytes > SIZE_MAX - LINE ? SIZE_MAX : (bytes + LINE - 1) / LINE * LINE;
}

/* What the steps of planning share. */
typedef struct planner {
    const nn_graph *g;
    nn_map *map;
    size_t batch;
    nn_exec_mode mode;
} planner;

/*
 * Bytes of the output of a layer (-1: of the input). BLAS counts rows and columns in int, so that a
 * batch may not have more numbers than that.
 */
static size_t bytes_of(const planner *p, int layer)
{
    const size_t len = nn_shape_len(layer < 0 ? &p->g->in : &p->g->layer[layer]->gives);

    return p->batch > INT_MAX / len ? SIZE_MAX : in_lines(p->batch * len * sizeof(nn_real));
}

/*
 * A view has its input's memory, an absorbed layer that of the one that does its work, and so has
 * what does nothing when not training, if it never trains. The output may be written to: by the
 * user, who must not meet the input, and by a loss with a head, which must not meet what a layer
 * below still needs for backward.
 */
static bool shares(const planner *p, const nn_layer *l, int root)
{
    const bool is_last = l->index == p->g->count - 1;
    const bool is_kept = p->mode == NN_TRAIN && !nn_activation_is_linear(&p->g->head);

    if (is_last && (root < 0 || is_kept))
        return false;
    return l->is_view || l->is_absorbed || (p->mode == NN_INFER && l->is_identity_in_eval);
}

static int root_of(const planner *p, int layer)
{
    return layer < 0 ? -1 : p->map->cell[layer].root;
}

/* Roots, edges, and who has something to train below. */
static void join(const planner *p)
{
    int edges = 0;

    for (int i = 0; i < p->g->count; i++) {
        const nn_layer *l = p->g->layer[i];
        nn_cell *cell = &p->map->cell[i];
        const int root = root_of(p, l->from[0]);

        cell->root = shares(p, l, root) ? root : i;
        cell->edge = edges;
        for (int k = 0; k < l->inputs; k++, edges++) {
            p->map->edge[edges].root = root_of(p, l->from[k]);
            cell->moves |= l->from[k] >= 0 && p->map->cell[l->from[k]].moves;
        }
        for (int k = 0; k < l->weights; k++)
            cell->moves |= l->weight[k].trainable;
    }
}

static bool has_memory(const planner *p, int layer)
{
    return p->map->cell[layer].root == layer;
}

/*
 * Outputs of inference: from the layer's turn to that of the last one that takes it. The output of
 * the graph stays.
 */
static void time_outputs(const planner *p, nn_block *block)
{
    const int count = p->g->count;

    for (int i = 0; i < count; i++) {
        const nn_cell *cell = &p->map->cell[i];

        if (!has_memory(p, i))
            continue;
        block[i] = (nn_block){.first = i, .last = i, .bytes = bytes_of(p, i)};
        for (int k = 0; k < p->g->layer[i]->inputs; k++) {
            const int root = p->map->edge[cell->edge + k].root;

            if (root >= 0)
                block[root].last = i;
        }
    }
    block[p->map->cell[count - 1].root].last = count;
}

/*
 * Gradients in training, on the clock of the backward pass: at moment m the layer count - 1 - m has
 * its turn. A gradient lives from the first layer that adds to it to the turn of the layer whose
 * output it belongs to. block[i] is the gradient of output i; block[count + i] holds what layer i
 * writes aside, in its own turn only.
 */
static void time_gradients(const planner *p, nn_block *block)
{
    const int count = p->g->count;
    bool met_input = false;

    for (int i = count - 1; i >= 0; i--) {
        const nn_cell *cell = &p->map->cell[i];
        nn_block *aside = &block[count + i];

        if (!has_memory(p, i))
            continue;
        block[i].last = count - 1 - i;
        aside->first = aside->last = count - 1 - i;
        for (int k = 0; k < p->g->layer[i]->inputs; k++) {
            nn_edge *edge = &p->map->edge[cell->edge + k];
            nn_block *own = edge->root < 0 ? NULL : &block[edge->root];

            edge->adds = own == NULL ? met_input : own->bytes > 0;
            if (edge->adds) {
                edge->dx = aside->bytes;
                aside->bytes = nn_add_capped(aside->bytes, bytes_of(p, edge->root));
            } else if (own != NULL) {
                *own = (nn_block){.first = count - 1 - i, .bytes = bytes_of(p, edge->root)};
            }
            met_input |= own == NULL;
        }
    }
}

static size_t sum_of(const nn_block *block, int count)
{
    size_t sum = 0;

    for (int i = 0; i < count; i++)
        sum = nn_add_capped(sum, block[i].bytes);
    return sum;
}

static nn_code place_inference(const planner *p, nn_block *block, nn_err *err)
{
    const int count = p->g->count;
    size_t *total = &p->map->memory.activations;

    time_outputs(p, block);
    *total = sum_of(block, count);
    if (*total == SIZE_MAX)
        return NN_OK;
    NN_TRY(nn_layout_place(block, count, total, err));
    for (int i = 0; i < count; i++)
        p->map->cell[i].y = block[i].at;
    return NN_OK;
}

/* Outputs stay through the whole step, one after the other; gradients come behind them by lifetime.
 */
static nn_code place_training(const planner *p, nn_block *block, nn_err *err)
{
    const int count = p->g->count, last = p->map->cell[count - 1].root;
    size_t outputs = 0, gradients = 0;

    for (int i = 0; i < count; i++) {
        p->map->cell[i].y = outputs;
        outputs = nn_add_capped(outputs, has_memory(p, i) ? bytes_of(p, i) : 0);
    }
    block[last].bytes = bytes_of(p, last); /* the loss writes it before the first moment */
    time_gradients(p, block);
    p->map->memory.activations = nn_add_capped(outputs, sum_of(block, 2 * count));
    if (p->map->memory.activations == SIZE_MAX)
        return NN_OK;
    NN_TRY(nn_layout_place(block, 2 * count, &gradients, err));
    p->map->memory.activations = outputs + gradients;
    for (int i = 0; i < count; i++) {
        nn_cell *cell = &p->map->cell[i];

        cell->dy = outputs + block[i].at;
        for (int k = 0; k < p->g->layer[i]->inputs; k++) {
            nn_edge *edge = &p->map->edge[cell->edge + k];

            if (edge->adds)
                edge->dx += outputs + block[count + i].at;
            else if (edge->root >= 0)
                edge->dx = outputs + block[edge->root].at;
        }
    }
    return NN_OK;
}

/* The masks that layers make: bytes, which stay through the whole step. */
static void place_masks(const planner *p)
{
    nn_exec_memory *memory = &p->map->memory;

    for (int i = 0; i < p->g->count; i++) {
        const nn_layer *l = p->g->layer[i];

        if (l->mask_out != i)
            continue;
        p->map->cell[i].mask = memory->masks;
        memory->masks =
            nn_add_capped(memory->masks, in_lines(nn_mul_capped(p->batch, (size_t)l->out.dim[0])));
    }
}

/* What is not activations. */
static void add_rest(const planner *p, int threads)
{
    nn_exec_memory *memory = &p->map->memory;

    for (int i = 0; i < p->g->count; i++) {
        const nn_layer *l = p->g->layer[i];
        const size_t saved =
            nn_add_capped(nn_mul_capped(p->batch, l->saved_per_sample), l->saved_fixed);
        const size_t work =
            nn_add_capped(nn_mul_capped(p->batch, l->work_per_sample), l->work_fixed);
        const size_t scratch =
            nn_add_capped(nn_mul_capped(l->scratch_bytes, (size_t)threads), work);

        p->map->cell[i].saved = memory->saved;
        if (p->mode == NN_TRAIN)
            memory->saved = nn_add_capped(memory->saved, in_lines(saved));
        if (scratch > memory->scratch)
            memory->scratch = scratch;
    }
    if (p->mode == NN_TRAIN)
        memory->gradients = p->g->weights_len * sizeof(nn_real);
}

nn_code nn_map_new(nn_map *map, const nn_graph *g, int max_batch, int threads, nn_exec_mode mode,
                   nn_err *err)
{
    const planner p = {g, map, (size_t)max_batch, mode};
    nn_block *block = nn_alloc(2 * (size_t)g->count, sizeof(*block));
    size_t edges = 0;
    nn_code rc = NN_OK;

    for (int i = 0; i < g->count; i++)
        edges += (size_t)g->layer[i]->inputs;
    *map = (nn_map){.cell = nn_alloc((size_t)g->count, sizeof(*map->cell)),
                    .edge = nn_alloc(edges, sizeof(*map->edge))};
    if (block == NULL || map->cell == NULL || map->edge == NULL) {
        rc = nn_err_memory(err, "the plan of memory", 0);
    } else {
        join(&p);
        rc = mode == NN_TRAIN ? place_training(&p, block, err) : place_inference(&p, block, err);
        add_rest(&p, threads);
        place_masks(&p);
        if (rc == NN_OK && (map->memory.activations == SIZE_MAX || map->memory.saved == SIZE_MAX ||
                            map->memory.scratch == SIZE_MAX))
            rc = nn_err_set(err, NN_ELIMIT, NULL,
                            "a batch of %d samples is too large for this model", max_batch);
    }
    nn_free(block);
    if (rc != NN_OK)
        nn_map_free(map);
    return rc;
}

void nn_map_free(nn_map *map)
{
    nn_free(map->cell);
    nn_free(map->edge);
    map->cell = NULL;
    map->edge = NULL;
}
