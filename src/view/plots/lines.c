/* Lines over a common axis, each with its name at its end, and a mark at the best place. */
#include "view/plot.h"

#include <math.h>
#include <string.h>

#include "view/markup.h"

enum { WIDTH = 360, HEIGHT = 210, LABELS = 32, GAP = 13 /* between two labels */, DOTS = 40 };

typedef struct range {
    double least, most;
} range;

static void widen(range *r, double value)
{
    if (!isfinite(value))
        return;
    r->least = fmin(r->least, value);
    r->most = fmax(r->most, value);
}

/* Several powers of ten between positive numbers are read off a logarithmic axis. */
static bool wants_log(const range *r)
{
    return r->least > 0 && r->most / r->least > 30;
}

/* Epochs begin at the edge, only values are rounded outward; and there are no half epochs. */
static void fit_x(nn_axis *a, const range *x, bool whole)
{
    nn_axis_fit(a, x->least, x->most, false, 6);
    a->least = x->most > x->least ? x->least : x->least - 1;
    a->most = x->most > x->least ? x->most : x->most + 1;
    if (!whole || a->step >= 1 || !(a->most - a->least < 8))
        return;
    a->step = 1;
    a->ticks = 0;
    for (double tick = ceil(x->least); tick <= x->most; tick++)
        a->tick[a->ticks++] = tick;
}

static void fit_axes(nn_plot *p, const nn_lines *l)
{
    range x = {INFINITY, -INFINITY}, y = {INFINITY, -INFINITY};

    for (int i = 0; i < l->count; i++)
        for (size_t k = 0; k < l->line[i].count; k++) {
            widen(&x, l->line[i].x[k]);
            widen(&y, l->line[i].y[k]);
        }
    if (l->from_zero || l->diagonal)
        widen(&y, 0);
    if (l->diagonal) {
        x = (range){0, 1};
        y = (range){0, 1};
    }
    fit_x(&p->x, &x, !l->diagonal);
    nn_axis_fit(&p->y, y.least, y.most, !l->linear && wants_log(&y), 4);
}

static void put_point(nn_plot *p, double x, double y, bool first)
{
    nn_buf_char(p->out, first ? 'M' : 'L');
    nn_markup_number(p->out, x);
    nn_buf_char(p->out, ' ');
    nn_markup_number(p->out, y);
}

/* Points that fall into one column of the picture become its highest and its lowest. */
static void put_line(nn_plot *p, const nn_line *l)
{
    bool pen_up = true;

    nn_buf_printf(p->out, "<path class=\"line s%d%s\" d=\"", l->color % NN_PLOT_COLORS,
                  l->faint ? " faint" : "");
    for (size_t i = 0; i < l->count;) {
        const double x = nn_plot_x(p, l->x[i]);
        double low = nn_plot_y(p, l->y[i]), high = low;
        size_t k = i + 1;

        for (; k < l->count && isfinite(l->y[k]) && nn_plot_x(p, l->x[k]) < x + 0.5; k++) {
            low = fmin(low, nn_plot_y(p, l->y[k]));
            high = fmax(high, nn_plot_y(p, l->y[k]));
        }
        if (!isfinite(l->y[i])) {
            pen_up = true;
        } else {
            put_point(p, x, low, pen_up);
            if (high > low)
                put_point(p, x, high, false);
            pen_up = false;
        }
        i = k;
    }
    nn_buf_put(p->out, "\"/>");
}

static void put_dot(nn_plot *p, double x, double y, double r, const char *class, int color)
{
    nn_buf_put(p->out, "<circle cx=\"");
    nn_markup_number(p->out, nn_plot_x(p, x));
    nn_buf_put(p->out, "\" cy=\"");
    nn_markup_number(p->out, nn_plot_y(p, y));
    nn_buf_put(p->out, "\" r=\"");
    nn_markup_number(p->out, r);
    nn_buf_printf(p->out, "\" class=\"%s%d\"/>", class, color % NN_PLOT_COLORS);
}

/* Few points are worth a dot each; a single one would not be seen without it. */
static void put_dots(nn_plot *p, const nn_line *l)
{
    for (size_t i = 0; i < l->count && l->count <= DOTS; i++)
        if (isfinite(l->y[i]))
            put_dot(p, l->x[i], l->y[i], l->count == 1 ? 3 : l->faint ? 1.5 : 2, "f", l->color);
}

static void put_mark(nn_plot *p, const nn_line *l, const char *word)
{
    const double x = nn_plot_x(p, l->mark_x), y = nn_plot_y(p, l->mark_y);
    const bool below = y < p->top + 20;
    const char *anchor = x > p->right - 30 ? "mark end" : x < p->left + 30 ? "mark" : "mark mid";

    if (!l->marked || !isfinite(l->mark_y))
        return;
    put_dot(p, l->mark_x, l->mark_y, 4.5, "ring s", l->color);
    if (word != NULL)
        nn_plot_text(p, x, below ? y + 17 : y - 9, anchor, word, 20);
}

/* ---- labels ---- */

typedef struct label {
    const nn_line *line;
    double y;
} label;

static double end_of(const nn_plot *p, const nn_line *l)
{
    for (size_t k = l->count; k > 0; k--)
        if (isfinite(l->y[k - 1]))
            return nn_plot_y(p, l->y[k - 1]);
    return p->bottom;
}

/* By height, then pushed apart downward, and the whole up again where it has left the picture. */
static int place_labels(const nn_plot *p, const nn_lines *lines, label *at)
{
    int count = 0;

    for (int i = 0; i < lines->count && count < LABELS; i++) {
        const label fresh = {&lines->line[i], end_of(p, &lines->line[i])};
        int k = count++;

        if (fresh.line->label == NULL) {
            count--;
            continue;
        }
        for (; k > 0 && at[k - 1].y > fresh.y; k--)
            at[k] = at[k - 1];
        at[k] = fresh;
    }
    for (int i = 1; i < count; i++)
        at[i].y = fmax(at[i].y, at[i - 1].y + GAP);
    for (int i = count - 1; i >= 0; i--)
        at[i].y = fmin(at[i].y, i == count - 1 ? p->bottom - 2 : at[i + 1].y - GAP);
    return count;
}

static void put_labels(nn_plot *p, const nn_lines *lines)
{
    label at[LABELS];
    const int count = place_labels(p, lines, at);

    for (int i = 0; i < count; i++) {
        char class[16] = "label t0";

        class[7] = (char)('0' + at[i].line->color % NN_PLOT_COLORS);
        nn_plot_text(p, p->right + 9, at[i].y + 4, class, at[i].line->label, 14);
    }
}

/* Room on the right for the longest name. */
static double room_of_labels(const nn_lines *lines)
{
    size_t longest = 0;

    for (int i = 0; i < lines->count; i++)
        if (lines->line[i].label != NULL && strlen(lines->line[i].label) > longest)
            longest = strlen(lines->line[i].label);
    return longest == 0 ? 12 : 17 + 6.3 * (double)(longest < 15 ? longest : 15);
}

void nn_plot_lines(nn_buf *out, const nn_lines *lines)
{
    nn_plot p;

    nn_plot_start(&p, out, WIDTH, HEIGHT, lines->about);
    p.right = WIDTH - room_of_labels(lines);
    fit_axes(&p, lines);
    nn_plot_frame(&p, lines->x_name, lines->y_name);
    if (lines->diagonal) {
        nn_buf_put(out, "<path class=\"guide\" d=\"");
        put_point(&p, p.left, p.bottom, true);
        put_point(&p, p.right, p.top, false);
        nn_buf_put(out, "\"/>");
    }
    for (int i = 0; i < lines->count; i++)
        put_line(&p, &lines->line[i]);
    for (int i = 0; i < lines->count; i++)
        put_dots(&p, &lines->line[i]);
    for (int i = 0; i < lines->count; i++)
        put_mark(&p, &lines->line[i], lines->mark);
    put_labels(&p, lines);
    nn_plot_end(&p);
}
