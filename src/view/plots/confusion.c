/* A confusion matrix as a heat map: right answers in one colour, wrong ones in another. */
#include "view/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/markup.h"

enum { MOST_COUNTED = 24 /* classes whose cells hold a number */, LONGEST = 12 };

typedef struct matrix {
    nn_plot p;
    const nn_confusion *c;
    double cell, side; /* of a cell, of all */
    double size;       /* of the letters of counts */
} matrix;

static size_t count_at(const nn_confusion *c, int truth, int said)
{
    return c->count[(size_t)truth * (size_t)c->classes + (size_t)said];
}

static size_t row_sum(const nn_confusion *c, int truth)
{
    size_t sum = 0;

    for (int k = 0; k < c->classes; k++)
        sum += count_at(c, truth, k);
    return sum;
}

/* Rare mistakes must be seen beside many right answers, so shades go by the root of the share. */
static double shade(double share)
{
    return 0.06 + 0.54 * sqrt(share);
}

static void put_rect(matrix *m, double x, double y, const char *class, double opacity)
{
    nn_buf *out = m->p.out;

    nn_buf_printf(out, "<rect class=\"%s\" x=\"", class);
    nn_markup_number(out, x + 0.5);
    nn_buf_put(out, "\" y=\"");
    nn_markup_number(out, y + 0.5);
    nn_buf_put(out, "\" width=\"");
    nn_markup_number(out, fmax(m->cell - 1, 0.5));
    nn_buf_put(out, "\" height=\"");
    nn_markup_number(out, fmax(m->cell - 1, 0.5));
    nn_buf_put(out, "\" fill-opacity=\"");
    nn_markup_number(out, opacity);
    nn_buf_put(out, "\">");
}

static void put_cell(matrix *m, int truth, int said)
{
    const nn_confusion *c = m->c;
    const size_t count = count_at(c, truth, said), sum = row_sum(c, truth);
    const double x = m->p.left + said * m->cell, y = m->p.top + truth * m->cell;
    nn_buf *out = m->p.out;

    if (count == 0)
        return;
    put_rect(m, x, y, truth == said ? "right" : "wrong", shade((double)count / (double)sum));
    nn_buf_put(out, "<title>true ");
    nn_markup_text(out, c->name[truth]);
    nn_buf_put(out, ", predicted ");
    nn_markup_text(out, c->name[said]);
    nn_buf_printf(out, ": %zu (%.1f %%)</title></rect>", count, 100 * (double)count / (double)sum);
    if (c->classes > MOST_COUNTED)
        return;
    nn_buf_put(out, "<text class=\"count mid\" font-size=\"");
    nn_markup_number(out, m->size);
    nn_buf_put(out, "\" x=\"");
    nn_markup_number(out, x + m->cell / 2);
    nn_buf_put(out, "\" y=\"");
    nn_markup_number(out, y + m->cell / 2 + m->size * 0.36);
    nn_buf_printf(out, "\">%zu</text>", count);
}

/* Names of the rows and columns; of many classes every so many. */
static void put_names(matrix *m)
{
    const nn_confusion *c = m->c;
    const int stride = 1 + (int)(10 / m->cell);
    size_t longest = 0;

    for (int k = 0; k < c->classes; k++)
        longest = strlen(c->name[k]) > longest ? strlen(c->name[k]) : longest;
    const bool turned = (double)(longest < LONGEST ? longest : LONGEST) * 6.2 > m->cell - 2;
    for (int k = 0; k < c->classes; k += stride) {
        const double middle = (k + 0.5) * m->cell;
        const double x = m->p.left + middle;

        nn_plot_text(&m->p, m->p.left - 5, m->p.top + middle + 3.5, "tick end", c->name[k],
                     LONGEST - 1);
        if (turned) {
            nn_buf_printf(m->p.out, "<g transform=\"rotate(-90 %.1f %.1f)\">", x + 3.5,
                          m->p.top - 5);
            nn_plot_text(&m->p, x + 3.5, m->p.top - 5, "tick", c->name[k], LONGEST - 1);
            nn_buf_put(m->p.out, "</g>");
        } else {
            nn_plot_text(&m->p, x, m->p.top - 5, "tick mid", c->name[k], LONGEST - 1);
        }
    }
}

static void lay_out(matrix *m, nn_buf *out)
{
    const nn_confusion *c = m->c;
    size_t longest = 1, most = 1;
    char text[32];

    for (int k = 0; k < c->classes; k++)
        longest = strlen(c->name[k]) > longest ? strlen(c->name[k]) : longest;
    for (int i = 0; i < c->classes * c->classes; i++)
        most = c->count[i] > most ? c->count[i] : most;
    const double letters = 6.2 * (double)(longest < LONGEST ? longest : LONGEST);
    const double left = 26 + letters;
    m->cell = fmin(64, (360 - left - 4) / c->classes);
    m->side = m->cell * c->classes;
    const double top = 20 + (letters > m->cell - 2 ? letters + 4 : 14);
    nn_plot_start(&m->p, out, 360, top + m->side + 4, c->about);
    m->p.left = left;
    m->p.top = top;
    const int digits = snprintf(text, sizeof text, "%zu", most);
    m->size = fmin(12, (m->cell - 3) / (0.6 * digits));
}

void nn_plot_confusion(nn_buf *out, const nn_confusion *c)
{
    matrix m = {.c = c};

    lay_out(&m, out);
    nn_buf_printf(out,
                  "<rect class=\"ground\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
                  m.p.left, m.p.top, m.side, m.side);
    for (int i = 0; i < c->classes; i++)
        for (int k = 0; k < c->classes; k++)
            put_cell(&m, i, k);
    put_names(&m);
    nn_plot_text(&m.p, m.p.left + m.side / 2, 11, "name mid", "predicted", 20);
    nn_buf_printf(out, "<g transform=\"rotate(-90 11 %.1f)\">", m.p.top + m.side / 2);
    nn_plot_text(&m.p, 11, m.p.top + m.side / 2, "name mid", "true", 20);
    nn_buf_put(out, "</g>");
    nn_plot_end(&m.p);
}
