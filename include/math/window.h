/*
 * Windows that move over images with channels last: padding, output size, where they stand. A
 * sequence is an image of one row.
 */
#ifndef NN_MATH_WINDOW_H
#define NN_MATH_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

typedef enum nn_padding {
    NN_PAD_VALID, /* none */
    NN_PAD_SAME,  /* as many outputs as inputs / stride, rounded up; an odd zero goes to the end */
    NN_PAD_CAUSAL /* all of it before: no output sees what comes after it */
} nn_padding;

typedef struct nn_axis {
    int in;                     /* inputs */
    int size, stride, dilation; /* of the window */
    int before, after;          /* zeros around the inputs */
    int out;                    /* outputs */
} nn_axis;

/*
 * Finds before, after and out from the rest. false when the window does not fit into the inputs;
 * size and dilation are at most NN_MAX_WINDOW each, so that nothing overflows before that is known.
 */
enum { NN_MAX_WINDOW = 4096 };
bool nn_axis_plan(nn_axis *a, nn_padding padding);

/* Inputs and zeros together. */
static inline int nn_axis_padded(const nn_axis *a)
{
    return a->before + a->in + a->after;
}

/* The input under a tap. */
static inline int nn_axis_at(const nn_axis *a, int out, int tap)
{
    return out * a->stride - a->before + tap * a->dilation;
}

/* The taps [*first, *last) of the window of one output that lie on inputs; none when equal. */
static inline void nn_axis_taps(const nn_axis *a, int out, int *first, int *last)
{
    const int begin = nn_axis_at(a, out, 0), room = a->in - begin; /* room: from there to the end */

    *first = 0;
    *last = a->size;
    if (begin < 0)
        *first = (-begin + a->dilation - 1) / a->dilation;
    if (room <= (a->size - 1) * a->dilation)
        *last = room <= 0 ? 0 : (room + a->dilation - 1) / a->dilation;
    *first = *first < *last ? *first : *last;
}

/* Both dimensions, planned. */
typedef struct nn_windows {
    nn_axis rows, cols;
    int channels;
} nn_windows;

/* The places of one output's window that lie on the image: rows y0..y1-1, columns x0..x1-1. */
typedef struct nn_window_part {
    int y0, y1, x0, x1;
} nn_window_part;
static inline nn_window_part nn_windows_part(const nn_windows *w, int row, int col)
{
    nn_window_part part;

    nn_axis_taps(&w->rows, row, &part.y0, &part.y1);
    nn_axis_taps(&w->cols, col, &part.x0, &part.x1);
    return part;
}

/* Where the channels under a tap of the window of an output begin, in the image. */
static inline size_t nn_windows_at(const nn_windows *w, int row, int col, int ky, int kx)
{
    return ((size_t)nn_axis_at(&w->rows, row, ky) * (size_t)w->cols.in +
            (size_t)nn_axis_at(&w->cols, col, kx)) *
           (size_t)w->channels;
}

#endif
