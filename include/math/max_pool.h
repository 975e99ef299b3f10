/* Max-pooling of single images: the largest value of each channel in windows, and the way back. */
#ifndef NN_MATH_MAX_POOL_H
#define NN_MATH_MAX_POOL_H

#include "math/real.h"
#include "math/window.h"

typedef unsigned short nn_tap; /* a place in a window, row by row */
enum { NN_MAX_TAPS = 65535 };  /* that a window may have */

/*
 * x [rows.in, cols.in, channels] becomes y [rows.out, cols.out, channels]. Of equal values the
 * first counts; NaN beats everything. `from`, as long as y, is where each came from, or NULL.
 */
void nn_max_pool_image(const nn_windows *w, const nn_real *x, nn_real *y, nn_tap *from);
/* Writes dx. */
void nn_max_pool_image_back(const nn_windows *w, const nn_real *dy, const nn_tap *from,
                            nn_real *dx);

#endif
