/*
 * A shaky pen on 28 x 28 grey pixels. Its arithmetic is + - * / and sqrt on doubles in a written
 * order, so that every IEEE machine draws the same bytes.
 */
#ifndef NN_GENERATE_PEN_H
#define NN_GENERATE_PEN_H

#include "base/rng.h"

#include "glyphs.h"

enum { NN_PEN_SIDE = 28, NN_PEN_PIXELS = NN_PEN_SIDE * NN_PEN_SIDE };

/* Draws the digit; which of its glyphs, where and how is decided by the random numbers of `rng`. */
void nn_pen_draw(uint8_t image[NN_PEN_PIXELS], int digit, const nn_rng *rng);

#endif
