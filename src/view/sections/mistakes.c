/* The samples that a model is wrong about although it is sure; of numbers, those furthest off. */
#include "view/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/format.h"
#include "view/sample.h"

static bool applies(const nn_dossier *d)
{
    return d->findings != NULL &&
           (d->findings->wrong_count > 0 || d->findings->verdict.worst_count > 0);
}

static void put_class(nn_buf *out, const nn_dossier *d, int k)
{
    char number[NN_NUMBER_TEXT];
    const char *name = nn_prep_label(d->prep, k, number);

    nn_markup_text_n(out, name, strlen(name), 30);
}

static nn_code put_tile(nn_page *p, const nn_dossier *d, const nn_mistake *m, nn_err *err)
{
    nn_buf *out = &p->out;

    nn_buf_put(out, "<div class=\"tile\">");
    NN_TRY(nn_sample_put(out, d->view.data, m->row, err));
    nn_buf_put(out, "<b>");
    put_class(out, d, m->said);
    nn_buf_printf(out, "</b> %.1f %%<br>is <b>", 100 * m->sure);
    put_class(out, d, m->truth);
    nn_buf_put(out, "</b> <span>");
    nn_sample_name(out, d->view.data, m->row);
    nn_buf_put(out, "</span></div>\n");
    return NN_OK;
}

static nn_code put_tiles(nn_page *p, const nn_dossier *d, nn_err *err)
{
    nn_buf_put(&p->out, "<div class=\"tiles\">\n");
    for (int i = 0; i < d->findings->wrong_count; i++)
        NN_TRY(put_tile(p, d, &d->findings->wrong[i], err));
    nn_buf_put(&p->out, "</div>\n");
    return NN_OK;
}

static void put_rows(nn_page *p, const nn_dossier *d)
{
    nn_buf *out = &p->out;

    nn_buf_put(out, "<div class=\"scroll\"><table><thead><tr><th>sample</th><th>true</th>"
                    "<th>predicted</th><th class=\"n\">probability</th>");
    nn_sample_titles(out, d->view.data, d->prep->encoder);
    nn_buf_put(out, "</tr></thead><tbody>\n");
    for (int i = 0; i < d->findings->wrong_count; i++) {
        const nn_mistake *m = &d->findings->wrong[i];

        nn_buf_put(out, "<tr><th class=\"w\">");
        nn_sample_name(out, d->view.data, m->row);
        nn_buf_put(out, "</th><td>");
        put_class(out, d, m->truth);
        nn_buf_put(out, "</td><td>");
        put_class(out, d, m->said);
        nn_buf_printf(out, "</td><td class=\"n\">%.1f %%</td>", 100 * m->sure);
        nn_sample_cells(out, d->view.data, d->prep->encoder, m->row);
        nn_buf_put(out, "</tr>\n");
    }
    nn_buf_put(out, "</tbody></table></div>\n");
}

static void put_number(nn_buf *out, double value)
{
    char text[NN_FORMAT_TEXT];

    (void)snprintf(text, sizeof text, "%.5g", value);
    nn_markup_cell(out, "td", "n", text);
}

/* The furthest off; of several outputs the first is shown. */
static void put_numbers(nn_page *p, const nn_dossier *d)
{
    const bool visible = nn_sample_is_visible(d->view.data);
    const int width = (int)nn_shape_len(&d->graph->out);
    nn_buf *out = &p->out;

    nn_buf_put(out, "<div class=\"scroll\"><table><thead><tr><th>sample</th><th class=\"n\">true"
                    "</th><th class=\"n\">predicted</th><th class=\"n\">off by</th>");
    if (!visible)
        nn_sample_titles(out, d->view.data, d->prep->encoder);
    nn_buf_put(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < d->findings->verdict.worst_count; i++) {
        const nn_worst *w = &d->findings->verdict.worst[i];

        nn_buf_put(out, "<tr><th class=\"w\">");
        nn_sample_name(out, d->view.data, w->row);
        nn_buf_put(out, "</th>");
        put_number(out, (double)w->values[0]);
        put_number(out, (double)w->values[width]);
        put_number(out, (double)(w->values[width] - w->values[0]));
        if (!visible)
            nn_sample_cells(out, d->view.data, d->prep->encoder, w->row);
        nn_buf_put(out, "</tr>\n");
    }
    nn_buf_put(out, "</tbody></table></div>\n");
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    const nn_findings *f = d->findings;
    char wrong[NN_FORMAT_TEXT], all[NN_FORMAT_TEXT];

    if (f->wrong_count == 0) {
        nn_buf_printf(&p->out, "<p class=\"note\">The %s rows with the largest loss.</p>\n",
                      d->split);
        put_numbers(p, d);
        return NN_OK;
    }
    nn_buf_printf(&p->out,
                  "<p class=\"note\">%s of %s %s rows are wrong; these are the ones that the model "
                  "was surest of. Look for labels that are wrong themselves.</p>\n",
                  nn_format_count(wrong, f->mistakes), nn_format_count(all, f->scores.samples),
                  d->split);
    if (nn_sample_is_visible(d->view.data))
        return put_tiles(p, d, err);
    put_rows(p, d);
    return NN_OK;
}

const nn_section nn_section_mistakes = {"mistakes", "Worst samples", applies, write};
