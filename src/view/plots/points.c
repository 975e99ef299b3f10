/* Points: predicted against true, residuals. */
#include "view/plot.h"

#include <math.h>

#include "view/markup.h"

enum { WIDTH = 360, HEIGHT = 260 };

static void range_of(const float *value, size_t count, double *least, double *most)
{
    *least = INFINITY;
    *most = -INFINITY;
    for (size_t i = 0; i < count; i++)
        if (isfinite(value[i])) {
            *least = fmin(*least, (double)value[i]);
            *most = fmax(*most, (double)value[i]);
        }
}

static void fit_axes(nn_plot *p, const nn_points *s)
{
    double x0, x1, y0, y1;

    range_of(s->x, s->count, &x0, &x1);
    range_of(s->y, s->count, &y0, &y1);
    if (s->diagonal) {
        x0 = y0 = fmin(x0, y0);
        x1 = y1 = fmax(x1, y1);
    }
    if (s->level) {
        y0 = fmin(y0, 0);
        y1 = fmax(y1, 0);
    }
    nn_axis_fit(&p->x, x0, x1, false, 5);
    nn_axis_fit(&p->y, y0, y1, false, 5);
}

static void put_guide(nn_plot *p, double x1, double y1, double x2, double y2)
{
    nn_buf_put(p->out, "<path class=\"guide\" d=\"M");
    nn_markup_number(p->out, nn_plot_x(p, x1));
    nn_buf_char(p->out, ' ');
    nn_markup_number(p->out, nn_plot_y(p, y1));
    nn_buf_char(p->out, 'L');
    nn_markup_number(p->out, nn_plot_x(p, x2));
    nn_buf_char(p->out, ' ');
    nn_markup_number(p->out, nn_plot_y(p, y2));
    nn_buf_put(p->out, "\"/>");
}

/* All of them as one path of lines without length: round caps make them dots. */
static void put_points(nn_plot *p, const nn_points *s)
{
    nn_buf_printf(p->out, "<path class=\"points s0 %s\" d=\"", s->count > 300 ? "many" : "few");
    for (size_t i = 0; i < s->count; i++) {
        if (!isfinite(s->x[i]) || !isfinite(s->y[i]))
            continue;
        nn_buf_char(p->out, 'M');
        nn_markup_number(p->out, nn_plot_x(p, (double)s->x[i]));
        nn_buf_char(p->out, ' ');
        nn_markup_number(p->out, nn_plot_y(p, (double)s->y[i]));
        nn_buf_put(p->out, "h0");
    }
    nn_buf_put(p->out, "\"/>");
}

void nn_plot_points(nn_buf *out, const nn_points *s)
{
    nn_plot p;

    nn_plot_start(&p, out, WIDTH, HEIGHT, s->about);
    fit_axes(&p, s);
    nn_plot_frame(&p, s->x_name, s->y_name);
    if (s->diagonal)
        put_guide(&p, p.x.least, p.x.least, p.x.most, p.x.most);
    if (s->level)
        put_guide(&p, p.x.least, 0, p.x.most, 0);
    put_points(&p, s);
    nn_plot_end(&p);
}
