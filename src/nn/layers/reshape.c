/* Reshape: the same numbers under another shape. */
#include "nn/layer.h"

#include "base/mem.h"

typedef struct conf {
    nn_shape target_shape;
} conf;

static const nn_field fields[] = {
    {.key = "target_shape",
     .type = NN_FIELD_SHAPE,
     .at = offsetof(conf, target_shape),
     .range = "[-1,2147483647]",
     .help = "Shape of one sample; one dimension may be -1: whatever is left."},
    {0}};

static void parse(nn_layer *l, nn_node node)
{
    const nn_shape *target = &((const conf *)l->conf)->target_shape;
    const nn_node at = nn_node_get(node, "target_shape");
    int open = 0;

    for (int i = 0; i < target->rank; i++) {
        open += target->dim[i] == -1;
        if (target->dim[i] == 0)
            nn_node_fault(at, NULL, "expected dimensions of at least 1, or one -1, got 0");
    }
    if (open > 1)
        nn_node_fault(at, NULL, "expected at most one -1, got %d", open);
}

/* Fills in the -1; false when no size fits. */
static bool complete(nn_shape *s, size_t len)
{
    int open = -1;
    size_t known = 1;

    for (int i = 0; i < s->rank; i++) {
        if (s->dim[i] == -1)
            open = i;
        else if (!nn_mul_size(known, (size_t)s->dim[i], &known))
            return false;
    }
    if (open < 0)
        return known == len;
    if (len % known != 0)
        return false;
    s->dim[open] = (int)(len / known);
    return true;
}

static nn_code plan(nn_layer *l, nn_err *err)
{
    char from[NN_SHAPE_TEXT], to[NN_SHAPE_TEXT];

    l->out = ((const conf *)l->conf)->target_shape;
    if (!complete(&l->out, nn_shape_len(&l->in[0])))
        return nn_err_set(err, NN_ECONFIG, NULL, "Reshape cannot turn %s into %s",
                          nn_shape_text(from, &l->in[0]),
                          nn_shape_text(to, &((const conf *)l->conf)->target_shape));
    l->is_view = true;
    return NN_OK;
}

const nn_layer_class nn_layer_reshape = {
    .kind = {"Reshape", "The same numbers under another shape.", fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .plan = plan};
