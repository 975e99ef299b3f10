/* The ways in which people write the ten digits, as strokes to be drawn by pen.c. */
#ifndef NN_GENERATE_GLYPHS_H
#define NN_GENERATE_GLYPHS_H

#include <stdint.h>

enum {
    NN_GLYPH_WIDTH = 30, /* the box in which the points lie */
    NN_GLYPH_HEIGHT = 40,
    NN_GLYPH_POINTS = 20
};

/*
 * A stroke is a smooth curve through its points; a point given twice is a corner. {0, 0} lifts the
 * pen, and the points end where it is lifted twice or the array ends.
 */
typedef struct nn_glyph {
    uint8_t digit;
    uint8_t share;                     /* how common it is among the glyphs of its digit */
    uint8_t point[NN_GLYPH_POINTS][2]; /* x to the right, y down */
} nn_glyph;

extern const nn_glyph nn_glyphs[];
extern const int nn_n_glyphs;

#endif
