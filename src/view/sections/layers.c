/* The table of layers: shapes, parameters, arithmetic. */
#include "view/page.h"

#include <stdio.h>

#include "view/format.h"

static bool applies(const nn_dossier *d)
{
    return d->graph != NULL;
}

static size_t parameters_of(const nn_layer *l)
{
    size_t sum = 0;

    for (int i = 0; i < l->weights; i++)
        sum += l->weight[i].size.count;
    return sum;
}

static void put_share(nn_buf *out, double part, double all)
{
    const double share = all > 0 ? 100 * part / all : 0;

    nn_buf_printf(out,
                  "<span class=\"track\"><span class=\"bar\" style=\"width:%.1f%%\"></span>"
                  "</span></td>",
                  share);
}

static void put_inputs(nn_buf *out, const nn_graph *g, const nn_layer *l)
{
    for (int i = 0; i < l->inputs; i++) {
        nn_buf_put(out, i > 0 ? ", " : "");
        nn_markup_text(out, l->from[i] < 0 ? "input" : g->layer[l->from[i]]->name);
    }
}

static bool is_chain(const nn_graph *g)
{
    for (int i = 0; i < g->count; i++)
        if (g->layer[i]->inputs != 1 || g->layer[i]->from[0] != i - 1)
            return false;
    return true;
}

static void put_row(nn_buf *out, const nn_graph *g, const nn_layer *l, bool chain)
{
    char shape[NN_SHAPE_TEXT], count[NN_FORMAT_TEXT];

    nn_buf_put(out, "<tr>");
    nn_markup_cell(out, "th", "wrap", l->name);
    nn_markup_cell(out, "td", NULL, l->class->kind.name);
    if (!chain) {
        nn_buf_put(out, "<td>");
        put_inputs(out, g, l);
        nn_buf_put(out, "</td>");
    }
    nn_markup_cell(out, "td", "w", nn_shape_text(shape, &l->out));
    nn_buf_printf(out, "<td class=\"n\">%s", nn_format_count(count, parameters_of(l)));
    put_share(out, (double)parameters_of(l), (double)g->parameters);
    nn_buf_printf(out, "<td class=\"n\">%s", nn_format_count(count, (uint64_t)l->flops));
    put_share(out, l->flops, g->flops);
    nn_buf_put(out, "</tr>\n");
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    const nn_graph *g = d->graph;
    const bool chain = is_chain(g);
    char shape[NN_SHAPE_TEXT], count[NN_FORMAT_TEXT], flops[NN_FORMAT_TEXT];
    nn_buf *out = &p->out;

    (void)err;
    nn_buf_printf(out,
                  "<p class=\"note\">Takes samples of shape %s.</p>\n<div class=\"scroll\"><table>"
                  "<thead><tr><th>layer</th><th>type</th>%s<th>output shape</th><th class=\"n\">"
                  "parameters</th><th class=\"n\">FLOPs per sample</th></tr></thead><tbody>\n",
                  nn_shape_text(shape, &g->in), chain ? "" : "<th>takes</th>");
    for (int i = 0; i < g->count; i++)
        put_row(out, g, g->layer[i], chain);
    nn_buf_printf(out,
                  "<tr class=\"foot\"><th>total</th><td></td>%s<td></td><td class=\"n\">%s"
                  "<span class=\"track\"></span></td><td class=\"n\">%s<span class=\"track\">"
                  "</span></td></tr>\n</tbody></table></div>\n",
                  chain ? "" : "<td></td>", nn_format_count(count, g->parameters),
                  nn_format_count(flops, (uint64_t)g->flops));
    return NN_OK;
}

const nn_section nn_section_layers = {"layers", "Layers", applies, write};
