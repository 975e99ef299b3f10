/*
 * Pictures moved, turned and stretched: every pixel of the result is taken from a place in the
 * source, between four of its pixels (bilinear), or is 0 where the place lies outside.
 */
#ifndef NN_MATH_WARP_H
#define NN_MATH_WARP_H

#include "math/real.h"

#include <stddef.h>

/* Pixel (row, column) of the result comes from place + row * down + column * right. */
typedef struct nn_warp_map {
    double place_y, place_x;
    double down_y, down_x;
    double right_y, right_x;
} nn_warp_map;

/*
 * The source stands in a frame of zeros, [height + 3][width + 3][channels]: one pixel wide above
 * and on the left, two below and on the right. nn_warp_frame writes the picture into a frame that
 * was zeroed, and nothing else. The length must not be above INT_MAX.
 */
size_t nn_warp_frame_len(int height, int width, int channels);
void nn_warp_frame(nn_real *frame, const nn_real *picture, int height, int width, int channels);

/* y: [height][width][channels]. Whole steps copy pixels exactly. */
void nn_warp(nn_real *y, const nn_real *frame, const nn_warp_map *map, int height, int width,
             int channels);

#endif
