/* A histogram. */
#include "view/plot.h"

#include <math.h>

#include "view/markup.h"

enum { WIDTH = 360 };

static size_t highest(const nn_bars *b)
{
    size_t most = 1;

    for (int i = 0; i < b->bars; i++)
        most = b->count[i] > most ? b->count[i] : most;
    return most;
}

/* A piece of the one path that all bars are. */
static void put_bar(nn_plot *p, const nn_bars *b, int i)
{
    const double wide = (b->most - b->least) / b->bars;
    const double left = nn_plot_x(p, b->least + i * wide);
    const double right = nn_plot_x(p, b->least + (i + 1) * wide);
    const double top = nn_plot_y(p, (double)b->count[i]);
    const double gap = right - left > 4 ? 1 : 0.3;

    if (b->count[i] == 0)
        return;
    nn_buf_char(p->out, 'M');
    nn_markup_number(p->out, left + gap / 2);
    nn_buf_char(p->out, ' ');
    nn_markup_number(p->out, p->bottom);
    nn_buf_char(p->out, 'V');
    nn_markup_number(p->out, fmin(top, p->bottom - 0.8)); /* one of a million is seen as well */
    nn_buf_char(p->out, 'H');
    nn_markup_number(p->out, right - gap / 2);
    nn_buf_char(p->out, 'V');
    nn_markup_number(p->out, p->bottom);
}

void nn_plot_bars(nn_buf *out, const nn_bars *b)
{
    nn_plot p;

    nn_plot_start(&p, out, WIDTH, b->height, b->about);
    p.right = WIDTH - 8;
    p.top = 8;
    p.bottom = b->height - (b->x_name != NULL ? 36 : 22);
    nn_axis_fit(&p.x, b->least, b->most, false, 6);
    p.x.least = b->least;
    p.x.most = b->most > b->least ? b->most : b->least + 1;
    nn_axis_fit(&p.y, 0, (double)highest(b), false, b->height > 150 ? 4 : 2);
    nn_plot_frame(&p, b->x_name, NULL);
    nn_buf_printf(out, "<path class=\"f%d\" d=\"", b->color % NN_PLOT_COLORS);
    for (int i = 0; i < b->bars; i++)
        put_bar(&p, b, i);
    nn_buf_put(out, "\"/>");
    if (b->zero && b->least < 0 && b->most > 0) {
        nn_buf_put(out, "<path class=\"guide\" d=\"M");
        nn_markup_number(out, nn_plot_x(&p, 0));
        nn_buf_printf(out, " %.0fV%.1f\"/>", p.top, p.bottom);
    }
    nn_plot_end(&p);
}
