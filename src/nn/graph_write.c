/* Writes the layers as JSON with every default filled in. */
#include "nn/graph.h"

static void write_number(nn_real x, nn_buf *out)
{
#ifdef NN_DOUBLE
    nn_buf_double(out, x);
#else
    nn_buf_float(out, x);
#endif
}

/* Writes x as nested lists of the dimensions from `depth` on; returns where the next number stands.
 */
static const nn_real *write_lists(const nn_shape *shape, int depth, const nn_real *x, nn_buf *out)
{
    if (depth == shape->rank) {
        write_number(*x, out);
        return x + 1;
    }
    nn_buf_char(out, '[');
    for (int i = 0; i < shape->dim[depth]; i++) {
        if (i > 0)
            nn_buf_char(out, ',');
        x = write_lists(shape, depth + 1, x, out);
    }
    nn_buf_char(out, ']');
    return x;
}

static void write_given(const nn_layer *l, nn_buf *out)
{
    const char *before = ",\"weights\":{";

    for (int i = 0; i < l->weights; i++) {
        if (l->weight[i].given == NULL)
            continue;
        nn_buf_put(out, before);
        nn_buf_json(out, l->weight[i].name);
        nn_buf_char(out, ':');
        (void)write_lists(&l->weight[i].shape, 0, l->weight[i].given, out);
        before = ",";
    }
    if (before[1] == '\0')
        nn_buf_char(out, '}');
}

/* Only where they are not the layer before, which is what a list means without them. */
static void write_inputs(const nn_layer *l, nn_buf *out)
{
    if (l->inputs == 1 && l->from[0] == l->index - 1)
        return;
    nn_buf_put(out, ",\"inputs\":[");
    for (int i = 0; i < l->inputs; i++) {
        if (i > 0)
            nn_buf_char(out, ',');
        nn_buf_json(out, l->source[i]);
    }
    nn_buf_char(out, ']');
}

static void write_type(const nn_layer *l, nn_buf *out)
{
    nn_buf_put(out, "{\"type\":");
    nn_buf_json(out, l->class->kind.name);
}

/* The keys of its kind, with defaults of inner layers filled in as well. */
static void write_fields(const nn_layer *l, nn_buf *out)
{
    for (const nn_field *f = l->class->kind.fields; f != NULL && f->key != NULL; f++) {
        const nn_field alone[] = {*f, {0}};

        if (f->family != &nn_layers) {
            nn_fields_write(alone, l->conf, false, out);
            continue;
        }
        nn_buf_printf(out, ",\"%s\":", f->key);
        write_type(l->inner[0], out);
        write_fields(l->inner[0], out);
        nn_buf_char(out, '}');
    }
}

static void write_layer(const nn_layer *l, nn_buf *out)
{
    write_type(l, out);
    nn_buf_put(out, ",\"name\":");
    nn_buf_json(out, l->name);
    nn_buf_printf(out, ",\"trainable\":%s", l->trainable ? "true" : "false");
    write_inputs(l, out);
    write_fields(l, out);
    write_given(l, out);
    nn_buf_char(out, '}');
}

void nn_graph_write(const nn_graph *g, nn_buf *out)
{
    nn_buf_char(out, '[');
    for (int i = 0; i < g->count; i++) {
        if (i > 0)
            nn_buf_char(out, ',');
        write_layer(g->layer[i], out);
    }
    nn_buf_char(out, ']');
}
