/* Weights written in the config as nested lists of numbers. */
#include "draft.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool check_number(nn_node at)
{
    char shown[NN_SHOWN];

    if (nn_node_is(at, NN_JSON_NUMBER) && isfinite((nn_real)nn_node_number(at)))
        return true;
    nn_node_fault(at, NULL, "expected a %snumber, got %s",
                  nn_node_is(at, NN_JSON_NUMBER) ? "smaller " : "", nn_node_show(at, shown));
    return false;
}

/* Are there lists of dim[depth], dim[depth + 1], ... elements, numbers innermost? Reports the first
 * fault. */
static bool check_lists(nn_node at, const nn_shape *shape, int depth)
{
    char shown[NN_SHOWN], text[NN_SHAPE_TEXT];
    const int count = nn_node_count(at);

    if (depth == shape->rank)
        return check_number(at);
    if (!nn_node_is(at, NN_JSON_ARRAY)) {
        nn_node_fault(at, NULL, "expected a list of %d for the shape %s, got %s", shape->dim[depth],
                      nn_shape_text(text, shape), nn_node_show(at, shown));
        return false;
    }
    if (count != shape->dim[depth]) {
        nn_node_fault(at, NULL, "expected %d element%s for the shape %s, got %d", shape->dim[depth],
                      shape->dim[depth] == 1 ? "" : "s", nn_shape_text(text, shape), count);
        return false;
    }
    for (nn_node n = nn_node_first(at); n.item != NULL; n = nn_node_next(n)) {
        if (!check_lists(n, shape, depth + 1))
            return false;
    }
    return true;
}

/* Copies the numbers of checked lists in order; returns where the next one goes. */
static nn_real *copy_numbers(nn_node at, nn_real *to)
{
    if (nn_node_is(at, NN_JSON_NUMBER)) {
        *to = (nn_real)nn_node_number(at);
        return to + 1;
    }
    for (nn_node n = nn_node_first(at); n.item != NULL; n = nn_node_next(n))
        to = copy_numbers(n, to);
    return to;
}

static nn_weight *find_weight(nn_layer *l, const char *name)
{
    for (int i = 0; i < l->weights; i++) {
        if (strcmp(l->weight[i].name, name) == 0)
            return &l->weight[i];
    }
    return NULL;
}

static void report_unknown(const nn_layer *l, nn_node at)
{
    const char *names[NN_MAX_WEIGHTS + 1] = {NULL};
    char hint[NN_NAME_SIZE + 32], shown[NN_SHOWN];
    const char *key = nn_node_key(at), *nearest = NULL;

    for (int i = 0; i < l->weights; i++)
        names[i] = l->weight[i].name;
    nearest = nn_text_nearest(key, names);
    snprintf(hint, sizeof(hint), "did you mean \"%s\"?", nearest == NULL ? "" : nearest);
    nn_node_fault(at, nearest == NULL ? NULL : hint, "%s \"%s\" has no weight \"%s\"",
                  l->class->kind.name, l->name,
                  nn_text_show(shown, sizeof(shown), key, strlen(key), 40));
}

nn_code nn_layer_read_given(nn_layer *l, nn_node weights, nn_err *err)
{
    char shown[NN_SHOWN];

    if (nn_node_is(weights, NN_JSON_NONE) || nn_node_is(weights, NN_JSON_NULL))
        return NN_OK;
    if (!nn_node_is(weights, NN_JSON_OBJECT)) {
        nn_node_fault(weights, NULL, "expected an object of weights by name, got %s",
                      nn_node_show(weights, shown));
        return NN_OK;
    }
    for (nn_node n = nn_node_first(weights); n.item != NULL; n = nn_node_next(n)) {
        nn_weight *w = find_weight(l, nn_node_key(n));

        if (w == NULL)
            report_unknown(l, n);
        else if (check_lists(n, &w->shape, 0)) {
            w->given = nn_alloc(w->size.count, sizeof(*w->given));
            if (w->given == NULL)
                return nn_err_memory(err, "given weights", w->size.count * sizeof(*w->given));
            (void)copy_numbers(n, w->given);
        }
    }
    return NN_OK;
}
