/* The frame of a plot: axes with round ticks, a quiet grid, names of the axes. */
#include "view/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/markup.h"

enum { LETTER = 6 /* units that a small letter takes, about */ };

/* ---- axes ---- */

/* The round number (1, 2 or 5 times a power of ten) that is at least this. */
static double round_step(double least)
{
    const double power = pow(10, floor(log10(least)));
    const double part = least / power;

    return power * (part <= 1.0001 ? 1 : part <= 2.0001 ? 2 : part <= 5.0001 ? 5 : 10);
}

static void fit_linear(nn_axis *a, double least, double most, int want)
{
    if (!(most > least)) {
        const double room = fabs(least) > 1e-9 ? fabs(least) / 10 : 1;
        least -= room;
        most += room;
    }
    a->step = round_step((most - least) / want);
    a->least = floor(least / a->step + 1e-9) * a->step;
    a->most = ceil(most / a->step - 1e-9) * a->step;
    for (double k = 0; a->ticks < NN_PLOT_TICKS && a->least + k * a->step < a->most + a->step / 2;
         k++)
        a->tick[a->ticks++] = a->least + k * a->step;
}

/* Powers of ten; between them 2 and 5 when there are few. */
static void fit_log(nn_axis *a, double least, double most)
{
    static const double part[] = {1, 2, 5};
    const double low = log10(least), high = log10(most);
    const bool many = high - low > 2.5;
    const int stride = 1 + (int)((high - low) / 6);

    a->log = true;
    a->least = low - 0.04 * (high - low);
    a->most = high + 0.04 * (high - low);
    for (int power = (int)floor(low); power <= (int)ceil(high); power++)
        for (int k = 0; k < (many ? 1 : 3) && a->ticks < NN_PLOT_TICKS; k++) {
            const double tick = part[k] * pow(10, power);

            if (log10(tick) >= a->least && log10(tick) <= a->most && (!many || power % stride == 0))
                a->tick[a->ticks++] = tick;
        }
}

void nn_axis_fit(nn_axis *a, double least, double most, bool log, int want)
{
    memset(a, 0, sizeof *a);
    if (!isfinite(least) || !isfinite(most)) {
        least = 0;
        most = 1;
    }
    if (log && least > 0 && most > least)
        fit_log(a, least, most);
    else
        fit_linear(a, least, most, want);
}

double nn_axis_part(const nn_axis *a, double value)
{
    return ((a->log ? log10(value) : value) - a->least) / (a->most - a->least);
}

/* A tick as short as its neighbours allow. */
static const char *tick_text(char *dst, size_t size, const nn_axis *a, double value)
{
    const double reach = fmax(fabs(a->least), fabs(a->most));
    const double step = a->log ? value : a->step;
    const int decimals = (int)fmax(0, -floor(log10(step) + 1e-9));

    if (!a->log && fabs(value) < a->step / 1e6)
        (void)snprintf(dst, size, "0");
    else if (decimals > 4 || (!a->log && reach >= 1e9))
        (void)snprintf(dst, size, "%.3g", value);
    else if (!a->log && reach >= 1e6 && fmod(a->step, 1e5) == 0)
        (void)snprintf(dst, size, "%gM", value / 1e6);
    else if (!a->log && reach >= 1e4 && fmod(a->step, 1000) == 0)
        (void)snprintf(dst, size, "%.0fk", value / 1000);
    else
        (void)snprintf(dst, size, "%.*f", decimals, value);
    return dst;
}

/* ---- the frame ---- */

void nn_plot_start(nn_plot *p, nn_buf *out, double width, double height, const char *about)
{
    *p = (nn_plot){.out = out,
                   .width = width,
                   .height = height,
                   .left = 40,
                   .right = width - 12,
                   .top = 14,
                   .bottom = height - 36};
    nn_buf_printf(out, "<svg class=\"plot\" viewBox=\"0 0 %.0f %.0f\" role=\"img\"><title>", width,
                  height);
    nn_markup_text(out, about);
    nn_buf_put(out, "</title>");
}

void nn_plot_end(nn_plot *p)
{
    nn_buf_put(p->out, "</svg>\n");
}

double nn_plot_x(const nn_plot *p, double value)
{
    return p->left + nn_axis_part(&p->x, value) * (p->right - p->left);
}

double nn_plot_y(const nn_plot *p, double value)
{
    return p->bottom - nn_axis_part(&p->y, value) * (p->bottom - p->top);
}

void nn_plot_text(nn_plot *p, double x, double y, const char *class, const char *text, int most)
{
    nn_buf_put(p->out, "<text x=\"");
    nn_markup_number(p->out, x);
    nn_buf_put(p->out, "\" y=\"");
    nn_markup_number(p->out, y);
    nn_buf_printf(p->out, "\" class=\"%s\">", class);
    nn_markup_text_n(p->out, text, strlen(text), most);
    nn_buf_put(p->out, "</text>");
}

static void put_rule(nn_plot *p, double x1, double y1, double x2, double y2)
{
    nn_buf_put(p->out, "M");
    nn_markup_number(p->out, x1);
    nn_buf_char(p->out, ' ');
    nn_markup_number(p->out, y1);
    nn_buf_put(p->out, "L");
    nn_markup_number(p->out, x2);
    nn_buf_char(p->out, ' ');
    nn_markup_number(p->out, y2);
}

/* Room on the left for the longest label. */
static void make_room(nn_plot *p)
{
    char text[32];
    size_t longest = 1;

    for (int i = 0; i < p->y.ticks; i++) {
        const size_t len = strlen(tick_text(text, sizeof text, &p->y, p->y.tick[i]));
        longest = len > longest ? len : longest;
    }
    p->left = 12 + LETTER * (double)longest;
}

static void put_y_ticks(nn_plot *p)
{
    char text[32];

    nn_buf_put(p->out, "<path class=\"grid\" d=\"");
    for (int i = 0; i < p->y.ticks; i++) {
        const double y = nn_plot_y(p, p->y.tick[i]);
        put_rule(p, p->left, y, p->right, y);
    }
    nn_buf_put(p->out, "\"/>");
    for (int i = 0; i < p->y.ticks; i++)
        nn_plot_text(p, p->left - 6, nn_plot_y(p, p->y.tick[i]) + 3.5, "tick end",
                     tick_text(text, sizeof text, &p->y, p->y.tick[i]), NN_MARKUP_ALL);
}

static void put_x_ticks(nn_plot *p)
{
    char text[32];
    double free_from = -1; /* a label must not touch the one before */

    nn_buf_put(p->out, "<path class=\"axis\" d=\"");
    put_rule(p, p->left, p->bottom, p->right, p->bottom);
    nn_buf_put(p->out, "\"/>");
    for (int i = 0; i < p->x.ticks; i++) {
        const double x = nn_plot_x(p, p->x.tick[i]);
        const double half =
            LETTER * (double)strlen(tick_text(text, sizeof text, &p->x, p->x.tick[i])) / 2;

        if (x - half < free_from || x + half > p->width || x < p->left - 1 || x > p->right + 1)
            continue;
        nn_plot_text(p, x, p->bottom + 14, "tick mid", text, NN_MARKUP_ALL);
        free_from = x + half + 6;
    }
}

void nn_plot_frame(nn_plot *p, const char *x_name, const char *y_name)
{
    make_room(p);
    if (y_name != NULL)
        p->top = 24;
    put_y_ticks(p);
    put_x_ticks(p);
    if (x_name != NULL)
        nn_plot_text(p, (p->left + p->right) / 2, p->height - 6, "name mid", x_name, 40);
    if (y_name != NULL)
        nn_plot_text(p, 2, 11, "name", y_name, 40);
}
