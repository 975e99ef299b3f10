/* Histograms of the weights and of what the layers put out. */
#include "view/page.h"

#include <math.h>
#include <stdio.h>

#include "view/format.h"

enum { HEIGHT = 130, CAPTION = 160 };

static bool applies(const nn_dossier *d)
{
    return d->anatomy != NULL && d->graph->parameters > 0;
}

static nn_code put_histogram(nn_page *p, const char *name, const char *plate, const nn_histogram *h,
                             int color, nn_err *err)
{
    char remark[CAPTION], mean[NN_FORMAT_TEXT], deviation[NN_FORMAT_TEXT];
    const nn_bars bars = {.about = name,
                          .least = h->least,
                          .most = h->most,
                          .count = h->bin,
                          .bars = NN_HISTOGRAM_BINS,
                          .color = color,
                          .height = HEIGHT,
                          .zero = true};
    int len;

    if (h->count == 0 || !(h->most > h->least))
        return NN_OK; /* all the same: nothing to see */
    len = snprintf(remark, sizeof remark, "mean %s, deviation %s", nn_format_short(mean, h->mean),
                   nn_format_short(deviation, h->deviation));
    if (h->without_zeros)
        len += snprintf(remark + len, sizeof remark - (size_t)len, "; %.0f %% are 0, not drawn",
                        100 * (double)h->zeros / (double)h->count);
    if (h->bad > 0)
        (void)snprintf(remark + len, sizeof remark - (size_t)len, "; %zu not finite", h->bad);
    nn_page_figure(p, name, remark);
    const size_t from = p->out.len;
    nn_plot_bars(&p->out, &bars);
    NN_TRY(nn_page_plate(p, from, plate, err));
    nn_page_figure_end(p);
    return NN_OK;
}

static nn_code put_weights(nn_page *p, const nn_dossier *d, nn_err *err)
{
    char name[CAPTION], plate[CAPTION];

    nn_buf_put(&p->out, "<h3>Weights</h3>\n<div class=\"grid small\">\n");
    for (int i = 0; i < d->anatomy->layers; i++) {
        const nn_layer *l = d->graph->layer[i];

        for (int k = 0; k < l->weights; k++) {
            (void)snprintf(name, sizeof name, "%s/%s", l->name, l->weight[k].name);
            (void)snprintf(plate, sizeof plate, "weights-%.140s", name);
            NN_TRY(
                put_histogram(p, name, plate, &d->anatomy->weight[i * NN_MAX_WEIGHTS + k], 3, err));
        }
    }
    nn_buf_put(&p->out, "</div>\n");
    return NN_OK;
}

static nn_code put_outputs(nn_page *p, const nn_dossier *d, nn_err *err)
{
    char plate[CAPTION];

    if (d->anatomy->samples == 0)
        return NN_OK;
    nn_buf_printf(&p->out,
                  "<h3>What the layers put out for %d %s rows</h3>\n"
                  "<div class=\"grid small\">\n",
                  d->anatomy->samples, d->split);
    for (int i = 0; i < d->anatomy->layers; i++) {
        const nn_layer *l = d->graph->layer[i];

        if (l->is_view)
            continue; /* the numbers of the layer before it */
        (void)snprintf(plate, sizeof plate, "output-%s", l->name);
        NN_TRY(put_histogram(p, l->name, plate, &d->anatomy->output[i], 5, err));
    }
    nn_buf_put(&p->out, "</div>\n");
    return NN_OK;
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    NN_TRY(put_weights(p, d, err));
    NN_TRY(put_outputs(p, d, err));
    if (d->graph->count > d->anatomy->layers)
        nn_buf_printf(&p->out, "<p class=\"note\">The first %d of %d layers.</p>\n",
                      d->anatomy->layers, d->graph->count);
    return NN_OK;
}

const nn_section nn_section_inside = {"inside", "Weights and outputs", applies, write};
