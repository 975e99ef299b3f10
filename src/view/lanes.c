/* Lanes of values between layers. */
#include "view/lanes.h"

#include "base/mem.h"

enum { MOST = 40, FREE = -2, NONE = -1 };

/* What stands at a lane in a row; the corner and the tees lead towards the layer's dot. */
enum { EMPTY, PASSES, DOT, ACROSS, FROM_LEFT, FROM_RIGHT, TEE_LEFT, TEE_RIGHT, ENDS_INSIDE, CROSS };
static const char *const shapes[2][CROSS + 1] = {
    {" ", "|", "*", "-", "`", "'", "+", "+", "+", "+"},
    {" ", "\u2502", "\u25cf", "\u2500", "\u2570", "\u256f", "\u251c", "\u2524", "\u2534", "\u253c"},
};

struct nn_lanes {
    const nn_graph *g;
    int *last;      /* [count + 1] the last layer that takes the input, a layer's output */
    int lane[MOST]; /* whose value it carries: a layer, -1 for the graph's input, or FREE */
    int count;      /* lanes up to the last one that is not free */
    int row;        /* the layer that comes next */
    bool unicode;
    bool overflows;
};

nn_code nn_lanes_new(nn_lanes **out, const nn_graph *g, bool unicode, nn_err *err)
{
    const size_t values = (size_t)g->count + 1;
    nn_lanes *l = nn_alloc(1, sizeof *l);

    if (l == NULL || (l->last = nn_alloc(values, sizeof *l->last)) == NULL) {
        nn_free(l);
        return nn_err_memory(err, "the drawing of a graph", values * sizeof *l->last);
    }
    l->g = g;
    l->unicode = unicode;
    for (size_t i = 0; i < values; i++)
        l->last[i] = NONE;
    for (int i = 0; i < g->count; i++)
        for (int k = 0; k < g->layer[i]->inputs; k++)
            l->last[g->layer[i]->from[k] + 1] = i;
    for (int k = 0; k < MOST; k++)
        l->lane[k] = FREE;
    l->lane[0] = -1;
    l->count = 1;
    *out = l;
    return NN_OK;
}

void nn_lanes_free(nn_lanes *l)
{
    if (l == NULL)
        return;
    nn_free(l->last);
    nn_free(l);
}

static bool is_input(const nn_lanes *l, int k)
{
    const nn_layer *layer = l->g->layer[l->row];

    for (int i = 0; i < layer->inputs; i++)
        if (l->lane[k] == layer->from[i])
            return true;
    return false;
}

/* Does this layer take the lane's value as the last one? */
static bool ends(const nn_lanes *l, int k)
{
    return l->lane[k] != FREE && is_input(l, k) && l->last[l->lane[k] + 1] == l->row;
}

/* The lane of the row's layer: of an input that ends here, else a free one, right of its inputs. */
static int choose(const nn_lanes *l)
{
    int first = 0;

    for (int k = 0; k < l->count; k++)
        if (ends(l, k))
            return k;
    while (first < l->count && !is_input(l, first))
        first++;
    for (int k = first + 1; k < MOST; k++)
        if (l->lane[k] == FREE)
            return k;
    return NONE;
}

/* What lane k shows in the row of a layer at lane `dot`, whose lines reach from `low` to `high`. */
static int shape_of(const nn_lanes *l, int k, int dot, int low, int high)
{
    const bool inside = k > low && k < high;

    if (k == dot)
        return DOT;
    if (l->lane[k] == FREE)
        return inside ? ACROSS : EMPTY;
    if (!is_input(l, k))
        return PASSES;
    if (ends(l, k))
        return inside ? ENDS_INSIDE : k < dot ? FROM_LEFT : FROM_RIGHT;
    return inside ? CROSS : k < dot ? TEE_LEFT : TEE_RIGHT;
}

/* The lanes between which the row's lines run. */
static void find_reach(const nn_lanes *l, int dot, int *low, int *high)
{
    *low = *high = dot;
    for (int k = 0; k < l->count; k++) {
        if (l->lane[k] == FREE || !is_input(l, k))
            continue;
        *low = k < *low ? k : *low;
        *high = k > *high ? k : *high;
    }
}

/* What is carried on below the row. */
static void turn(nn_lanes *l, int dot)
{
    for (int k = 0; k < l->count; k++)
        if (ends(l, k))
            l->lane[k] = FREE;
    l->lane[dot] = l->last[l->row + 1] == NONE ? FREE : l->row;
    l->count = dot >= l->count ? dot + 1 : l->count;
    while (l->count > 0 && l->lane[l->count - 1] == FREE)
        l->count--;
    l->row++;
}

void nn_lanes_put(nn_lanes *l, nn_buf *out)
{
    const char *const *shape = shapes[l->unicode];
    const int dot = l->overflows ? NONE : choose(l);
    int low, high;

    if (dot == NONE) {
        l->overflows = true;
        return;
    }
    find_reach(l, dot, &low, &high);
    const int lanes = dot < l->count ? l->count : dot + 1;
    for (int k = 0; k < lanes; k++) {
        nn_buf_put(out, shape[shape_of(l, k, dot, low, high)]);
        if (k + 1 < lanes)
            nn_buf_put(out, shape[k >= low && k < high ? ACROSS : EMPTY]);
    }
    turn(l, dot);
}
