/* Is it right as often as it is sure? */
#include "view/page.h"

#include <math.h>
#include <stdio.h>

#include "view/format.h"
#include "view/series.h"

static bool applies(const nn_dossier *d)
{
    return d->findings != NULL && isfinite(nn_findings_calibration_error(d->findings));
}

static nn_code put_reliability(nn_page *p, const nn_findings *f, nn_err *err)
{
    double sure[NN_FINDINGS_BINS], right[NN_FINDINGS_BINS];
    nn_line line = {.x = sure, .y = right};
    const nn_lines lines = {.about = "How often answers are right by how sure they are",
                            .x_name = "probability of the answer",
                            .y_name = "share that is right",
                            .line = &line,
                            .count = 1,
                            .diagonal = true};

    for (int i = 0; i < NN_FINDINGS_BINS; i++) {
        const nn_sureness *b = &f->sureness[i];

        if (b->count == 0)
            continue;
        sure[line.count] = b->sure / (double)b->count;
        right[line.count++] = b->right / (double)b->count;
    }
    return nn_series_figure(p, "Reliability", "calibration", &lines, err);
}

static nn_code put_spread(nn_page *p, const nn_findings *f, nn_err *err)
{
    size_t count[NN_FINDINGS_BINS];
    const nn_bars bars = {.about = "How many answers are how sure",
                          .x_name = "probability of the answer",
                          .least = 0,
                          .most = 1,
                          .count = count,
                          .bars = NN_FINDINGS_BINS,
                          .height = 210};

    for (int i = 0; i < NN_FINDINGS_BINS; i++)
        count[i] = f->sureness[i].count;
    nn_page_figure(p, "How sure it is", "answers");
    const size_t from = p->out.len;
    nn_plot_bars(&p->out, &bars);
    NN_TRY(nn_page_plate(p, from, "sureness", err));
    nn_page_figure_end(p);
    return NN_OK;
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    char text[NN_FORMAT_TEXT];

    nn_buf_printf(&p->out,
                  "<p class=\"note\">On the dashed line an answer is right exactly as often as "
                  "its probability says; below it the model is too sure of itself. On average they "
                  "are %s apart (expected calibration error).</p>\n<div class=\"grid\">\n",
                  nn_format_score(text, nn_findings_calibration_error(d->findings)));
    NN_TRY(put_reliability(p, d->findings, err));
    NN_TRY(put_spread(p, d->findings, err));
    nn_buf_put(&p->out, "</div>\n");
    return NN_OK;
}

const nn_section nn_section_calibration = {"calibration", "Calibration", applies, write};
