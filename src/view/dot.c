/* `dot` text: a box for every layer, an arrow for every value that goes from one to the next. */
#include "view/dot.h"

/* Names need no escapes: the config allows only letters, digits, ".", "_" and "-". */
static void put_node(nn_buf *out, const nn_layer *l)
{
    char shape[NN_SHAPE_TEXT];

    nn_buf_printf(out, "  n%d [label=\"%s\\n%s %s\"];\n", l->index, l->name, l->class->kind.name,
                  nn_shape_text(shape, &l->out));
}

void nn_dot_put(nn_buf *out, const nn_graph *g)
{
    char shape[NN_SHAPE_TEXT];

    nn_buf_put(out, "digraph network {\n"
                    "  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n");
    nn_buf_printf(out, "  input [shape=plaintext, label=\"input %s\"];\n",
                  nn_shape_text(shape, &g->in));
    for (int i = 0; i < g->count; i++)
        put_node(out, g->layer[i]);
    for (int i = 0; i < g->count; i++)
        for (int k = 0; k < g->layer[i]->inputs; k++) {
            const int from = g->layer[i]->from[k];

            if (from < 0)
                nn_buf_printf(out, "  input -> n%d;\n", i);
            else
                nn_buf_printf(out, "  n%d -> n%d;\n", from, i);
        }
    nn_buf_put(out, "}\n");
}
