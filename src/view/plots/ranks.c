/* Bars to the right, one for each name, with its spread. */
#include "view/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/format.h"
#include "view/markup.h"

enum { WIDTH = 360, LINE = 20, LONGEST = 22 };

static void put_bar(nn_plot *p, const nn_ranks *r, int i)
{
    const double y = p->top + i * LINE;
    const double from = nn_plot_x(p, 0), to = nn_plot_x(p, r->value[i]);
    char text[NN_FORMAT_TEXT];

    nn_plot_text(p, p->left - 6, y + 13, "tick end", r->name[i], LONGEST - 1);
    nn_buf_printf(p->out, "<rect class=\"f%d\" x=\"", r->value[i] < 0 ? 1 : 0);
    nn_markup_number(p->out, fmin(from, to));
    nn_buf_printf(p->out, "\" y=\"%.0f\" height=\"%d\" width=\"", y + 3, LINE - 6);
    nn_markup_number(p->out, fmax(fabs(to - from), 0.6));
    nn_buf_put(p->out, "\"/>");
    if (r->spread != NULL) {
        nn_buf_put(p->out, "<path class=\"spread\" d=\"M");
        nn_markup_number(p->out, nn_plot_x(p, r->value[i] - r->spread[i]));
        nn_buf_printf(p->out, " %.0fH", y + LINE / 2);
        nn_markup_number(p->out, nn_plot_x(p, r->value[i] + r->spread[i]));
        nn_buf_put(p->out, "\"/>");
    }
    nn_plot_text(p, WIDTH - 2, y + 13, "tick end", nn_format_score(text, r->value[i]), 12);
}

void nn_plot_ranks(nn_buf *out, const nn_ranks *r)
{
    double least = 0, most = 0;
    size_t longest = 1;
    nn_plot p;

    for (int i = 0; i < r->count; i++) {
        const double spread = r->spread != NULL ? r->spread[i] : 0;

        least = fmin(least, r->value[i] - spread);
        most = fmax(most, r->value[i] + spread);
        longest = strlen(r->name[i]) > longest ? strlen(r->name[i]) : longest;
    }
    nn_plot_start(&p, out, WIDTH, r->count * LINE + 12, r->about);
    nn_axis_fit(&p.x, least, most, false, 4);
    p.x.least = least;
    p.x.most = most > least ? most : least + 1;
    p.left = 10 + 6.2 * (double)(longest < LONGEST ? longest : LONGEST);
    p.right = WIDTH - 62;
    p.top = 6;
    for (int i = 0; i < r->count; i++)
        put_bar(&p, r, i);
    nn_plot_end(&p);
}
