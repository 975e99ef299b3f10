/* Numbers: predicted against true, and how far off. */
#include "view/page.h"

#include <math.h>
#include <stdio.h>

#include "view/format.h"

static bool applies(const nn_dossier *d)
{
    return d->findings != NULL && d->findings->outputs > 0 && d->findings->points > 0;
}

static const char *output_name(const nn_dossier *d, int k, char *dst, size_t size)
{
    const nn_classes *names = &d->prep->targets;

    if (d->prep->windows.horizon > 1 && names->count > 0) { /* all targets of a row, row by row */
        (void)snprintf(dst, size, "%.60s, step %d", names->name[k % names->count],
                       k / names->count + 1);
        return dst;
    }
    if (names->count > k)
        return names->name[k];
    if (d->findings->outputs == 1 && d->prep->target_column != NULL)
        return d->prep->target_column;
    (void)snprintf(dst, size, d->findings->outputs == 1 ? "output" : "output %d", k);
    return dst;
}

static nn_code put_points(nn_page *p, const char *caption, const char *name, const char *plate,
                          const nn_points *points, nn_err *err)
{
    nn_page_figure(p, caption, name);
    const size_t from = p->out.len;
    nn_plot_points(&p->out, points);
    NN_TRY(nn_page_plate(p, from, plate, err));
    nn_page_figure_end(p);
    return NN_OK;
}

static nn_code put_spread(nn_page *p, const nn_histogram *h, const char *name, const char *plate,
                          nn_err *err)
{
    char mean[NN_FORMAT_TEXT], deviation[NN_FORMAT_TEXT];
    const nn_bars bars = {.about = "How far predictions are off",
                          .x_name = "predicted less true",
                          .least = h->least,
                          .most = h->most,
                          .count = h->bin,
                          .bars = NN_HISTOGRAM_BINS,
                          .height = 260,
                          .zero = true};

    if (!isfinite(h->least))
        return NN_OK;
    nn_buf_put(&p->out, "<figure><figcaption>Residuals <small>");
    nn_markup_text(&p->out, name);
    nn_buf_printf(&p->out, ", mean %s, deviation %s</small></figcaption>\n",
                  nn_format_short(mean, h->mean), nn_format_short(deviation, h->deviation));
    const size_t from = p->out.len;
    nn_plot_bars(&p->out, &bars);
    NN_TRY(nn_page_plate(p, from, plate, err));
    nn_page_figure_end(p);
    return NN_OK;
}

static nn_code put_output(nn_page *p, const nn_dossier *d, int k, nn_err *err)
{
    const nn_findings *f = d->findings;
    char plate[48], number[96];
    const char *name = output_name(d, k, number, sizeof number);
    nn_points points = {.about = "Predicted against true",
                        .x_name = "true",
                        .y_name = "predicted",
                        .x = f->truth[k],
                        .y = f->said[k],
                        .count = f->points,
                        .diagonal = true};

    (void)snprintf(plate, sizeof plate, f->outputs > 1 ? "predicted-%d" : "predicted", k);
    NN_TRY(put_points(p, "Predicted against true", name, plate, &points, err));
    points = (nn_points){.about = "Residuals by prediction",
                         .x_name = "predicted",
                         .y_name = "predicted less true",
                         .x = f->said[k],
                         .y = f->residual[k],
                         .count = f->points,
                         .level = true};
    (void)snprintf(plate, sizeof plate, f->outputs > 1 ? "residuals-%d" : "residuals", k);
    NN_TRY(put_points(p, "Residuals by prediction", name, plate, &points, err));
    (void)snprintf(plate, sizeof plate, f->outputs > 1 ? "spread-%d" : "spread", k);
    return put_spread(p, &f->spread[k], name, plate, err);
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    const nn_findings *f = d->findings;
    char text[NN_FORMAT_TEXT], all[NN_FORMAT_TEXT];

    nn_buf_printf(&p->out, "<p class=\"note\">On the %s rows", d->split);
    if (f->points < f->scores.samples)
        nn_buf_printf(&p->out, ", of which %s of %s are drawn", nn_format_count(text, f->points),
                      nn_format_count(all, f->scores.samples));
    if (nn_shape_len(&d->graph->out) > (size_t)f->outputs)
        nn_buf_printf(&p->out, "; the first %d of %zu outputs", f->outputs,
                      nn_shape_len(&d->graph->out));
    nn_buf_put(&p->out, ". Points on the dashed line are exactly right.</p>\n"
                        "<div class=\"grid\">\n");
    for (int k = 0; k < f->outputs; k++)
        NN_TRY(put_output(p, d, k, err));
    nn_buf_put(&p->out, "</div>\n");
    return NN_OK;
}

const nn_section nn_section_numbers = {"numbers", "Predictions and residuals", applies, write};
