/*
 * Plots as SVG. A plot is drawn for a width of 360 units, in which its letters can be read on a
 * phone, and grows with the page. Colours are classes (view/style.h), so that one picture serves
 * light and dark, on screen and on paper. Labels may come from outside: they are escaped here.
 */
#ifndef NN_VIEW_PLOT_H
#define NN_VIEW_PLOT_H

#include "base/text.h"

enum { NN_PLOT_COLORS = 8, NN_PLOT_TICKS = 16 };

typedef struct nn_axis {
    double least, most; /* of the axis; of its logarithm (base 10) when `log` */
    bool log;
    double tick[NN_PLOT_TICKS];
    int ticks;
    double step; /* between ticks, for the decimals of their labels; 0: logarithmic */
} nn_axis;
/* Covers these numbers with round ticks, about `want` of them. */
void nn_axis_fit(nn_axis *a, double least, double most, bool log, int want);
/* From 0 at the axis's begin to 1 at its end. */
double nn_axis_part(const nn_axis *a, double value);

typedef struct nn_plot {
    nn_buf *out;
    double width, height;            /* of it all */
    double left, right, top, bottom; /* of the area of the data */
    nn_axis x, y;
} nn_plot;
/* `about`: what the picture shows, for those who cannot see it. */
void nn_plot_start(nn_plot *p, nn_buf *out, double width, double height, const char *about);
void nn_plot_frame(nn_plot *p, const char *x_name, const char *y_name); /* once axes are fitted */
void nn_plot_end(nn_plot *p);
double nn_plot_x(const nn_plot *p, double value);
double nn_plot_y(const nn_plot *p, double value);
/* Text at a place; `class` also says where it is anchored. At most `most` characters. */
void nn_plot_text(nn_plot *p, double x, double y, const char *class, const char *text, int most);

/* ---- kinds of plots: each a whole picture ---- */

typedef struct nn_line {
    const char *label;   /* stands at its end */
    const double *x, *y; /* [count]; NaN: a gap */
    size_t count;
    int color;
    bool faint; /* thin: what is not looked at first */
    bool marked;
    double mark_x, mark_y; /* the best */
} nn_line;
typedef struct nn_lines {
    const char *about;
    const char *x_name, *y_name;
    const nn_line *line;
    int count;
    bool from_zero;   /* the y axis */
    bool linear;      /* never logarithmic */
    bool diagonal;    /* where x equals y, for shares */
    const char *mark; /* what the marks are: "best" */
} nn_lines;
void nn_plot_lines(nn_buf *out, const nn_lines *lines);

typedef struct nn_bars {
    const char *about;
    const char *x_name;
    double least, most;  /* from the first bar's begin to the last one's end */
    const size_t *count; /* [bars] */
    int bars;
    int color;
    double height; /* of the picture */
    bool zero;     /* a line at x = 0 */
} nn_bars;
void nn_plot_bars(nn_buf *out, const nn_bars *bars);

typedef struct nn_points {
    const char *about;
    const char *x_name, *y_name;
    const float *x, *y; /* [count] */
    size_t count;
    bool diagonal; /* where x equals y, on equal axes */
    bool level;    /* where y is 0 */
} nn_points;
void nn_plot_points(nn_buf *out, const nn_points *points);

/* A confusion matrix: a row per true class; counts, and shares of the row as shades. */
typedef struct nn_confusion {
    const char *about;
    const size_t *count; /* [classes][classes] */
    int classes;
    const char *const *name; /* [classes] */
} nn_confusion;
void nn_plot_confusion(nn_buf *out, const nn_confusion *c);

/* Bars to the right, one for each name: importance, counts. `spread` (may be NULL) is drawn. */
typedef struct nn_ranks {
    const char *about;
    const char *const *name; /* [count] */
    const double *value, *spread;
    int count;
} nn_ranks;
void nn_plot_ranks(nn_buf *out, const nn_ranks *r);

#endif
