/* Precision, recall and F1 of every output of a multilabel network. */
#include "view/page.h"

#include <math.h>

#include "view/format.h"

static bool applies(const nn_dossier *d)
{
    return d->findings != NULL && d->findings->yes_no != NULL;
}

static double share(size_t part, size_t other)
{
    return part + other > 0 ? (double)part / (double)(part + other) : (double)NAN;
}

static void put_number(nn_buf *out, double value)
{
    char text[NN_FORMAT_TEXT];

    nn_markup_cell(out, "td", "n", nn_format_score(text, value));
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    const nn_findings *f = d->findings;
    char text[NN_FORMAT_TEXT];

    (void)err;
    nn_buf_put(&p->out,
               "<p class=\"note\">Each output is a yes or no of its own, yes above one half.</p>\n"
               "<div class=\"scroll\"><table><thead><tr><th>output</th><th class=\"n\">precision"
               "</th><th class=\"n\">recall</th><th class=\"n\">F1</th><th class=\"n\">true rows"
               "</th></tr></thead><tbody>\n");
    for (int k = 0; k < f->labels; k++) {
        const nn_yes_no *y = &f->yes_no[k];

        nn_buf_put(&p->out, "<tr>");
        nn_markup_cell(&p->out, "th", "wrap", nn_prep_output(d->prep, f->labels, k, text));
        put_number(&p->out, share(y->hits, y->alarms));
        put_number(&p->out, share(y->hits, y->misses));
        put_number(&p->out, share(2 * y->hits, y->misses + y->alarms));
        nn_markup_cell(&p->out, "td", "n", nn_format_count(text, y->hits + y->misses));
        nn_buf_put(&p->out, "</tr>\n");
    }
    nn_buf_put(&p->out, "</tbody></table></div>\n");
    return NN_OK;
}

const nn_section nn_section_labels = {"labels", "Outputs", applies, write};
