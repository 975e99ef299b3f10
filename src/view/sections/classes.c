/* Precision, recall and F1 of every class. */
#include "view/page.h"

#include <math.h>

#include "view/format.h"

enum { MOST = 200 };

static bool applies(const nn_dossier *d)
{
    return d->findings != NULL && d->findings->confusion != NULL;
}

/* A number with a bar that makes a column of them comparable at a glance. */
static void put_share(nn_buf *out, double value)
{
    char text[NN_FORMAT_TEXT];

    nn_buf_printf(out, "<td class=\"n\">%s", nn_format_score(text, value));
    if (!isfinite(value))
        nn_buf_put(out, "<span class=\"track\"></span>");
    else
        nn_buf_printf(out,
                      "<span class=\"track\"><span class=\"bar\" style=\"width:%.1f%%\"></span>"
                      "</span>",
                      100 * value);
    nn_buf_put(out, "</td>");
}

static void put_row(nn_page *p, const char *class, const char *name, const nn_class_score *c)
{
    char text[NN_FORMAT_TEXT];

    nn_buf_printf(&p->out, "<tr%s>", class);
    nn_markup_cell(&p->out, "th", "wrap", name);
    put_share(&p->out, c->precision);
    put_share(&p->out, c->recall);
    put_share(&p->out, c->f1);
    nn_markup_cell(&p->out, "td", "n", nn_format_count(text, c->support));
    nn_buf_put(&p->out, "</tr>\n");
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    const nn_findings *f = d->findings;
    char number[NN_NUMBER_TEXT];

    (void)err;
    nn_buf_put(&p->out,
               "<p class=\"note\">Precision: how often the class is right when it is predicted. "
               "Recall: how much of the class is found. F1: both in one number.</p>\n"
               "<div class=\"scroll\"><table><thead><tr><th>class</th><th class=\"n\">precision"
               "</th><th class=\"n\">recall</th><th class=\"n\">F1</th><th class=\"n\">rows</th>"
               "</tr></thead><tbody>\n");
    for (int k = 0; k < f->scores.classes && k < MOST; k++) {
        const nn_class_score c = nn_class_score_of(f->confusion, f->scores.classes, k);
        put_row(p, "", nn_prep_label(d->prep, k, number), &c);
    }
    put_row(p, " class=\"foot\"", "mean", &f->verdict.macro);
    nn_buf_put(&p->out, "</tbody></table></div>\n");
    if (f->scores.classes > MOST)
        nn_buf_printf(&p->out, "<p class=\"note\">The first %d of %d classes.</p>\n", MOST,
                      f->scores.classes);
    return NN_OK;
}

const nn_section nn_section_classes = {"classes", "Classes", applies, write};
