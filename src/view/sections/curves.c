/* Loss and metrics by epoch, of training and validation, with the best epoch marked. */
#include "view/page.h"

#include <stdio.h>
#include <string.h>

#include "view/series.h"

static bool applies(const nn_dossier *d)
{
    return d->history.lines > 0 && nn_history_find(&d->history, "epoch") != NULL;
}

static nn_code put_curve(nn_page *p, const nn_dossier *d, const char *name, nn_err *err)
{
    const double *epoch = nn_history_find(&d->history, "epoch");
    const double *train = nn_history_find(&d->history, name);
    char other[NN_DOSSIER_NAME], about[200];
    nn_line line[2];
    nn_lines lines = {.about = about, .x_name = "epoch", .line = line, .mark = "best"};

    (void)snprintf(other, sizeof other, "val_%.70s", name);
    (void)snprintf(about, sizeof about, "%.70s of training and validation by epoch", name);
    const double *validation = nn_history_find(&d->history, other);
    if (train != NULL)
        line[lines.count++] = (nn_line){.label = validation != NULL ? "training" : NULL,
                                        .x = epoch,
                                        .y = train,
                                        .count = d->history.lines,
                                        .color = validation != NULL ? 1 : 0,
                                        .faint = validation != NULL};
    if (validation != NULL)
        line[lines.count++] = (nn_line){.label = "validation",
                                        .x = epoch,
                                        .y = validation,
                                        .count = d->history.lines,
                                        .color = 0};
    if (d->best >= 0) {
        nn_line *last = &line[lines.count - 1];

        last->marked = true;
        last->mark_x = epoch[d->best];
        last->mark_y = last->y[d->best];
    }
    return nn_series_figure(p, name, name, &lines, err);
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    nn_buf_put(&p->out, "<p class=\"note\">The circle marks the epoch whose model is kept: the "
                        "best by ");
    nn_markup_text(&p->out, d->monitor);
    nn_buf_put(&p->out, ".</p>\n<div class=\"grid\">\n");
    for (int i = 0; i < d->history.count; i++)
        if (nn_series_is_score(d->history.series[i].name))
            NN_TRY(put_curve(p, d, d->history.series[i].name, err));
    nn_buf_put(&p->out, "</div>\n");
    return NN_OK;
}

const nn_section nn_section_curves = {"curves", "Curves", applies, write};
