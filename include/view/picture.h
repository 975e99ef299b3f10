/* Small grey pictures for the terminal, two rows of dots to a line of text. */
#ifndef NN_VIEW_PICTURE_H
#define NN_VIEW_PICTURE_H

#include "base/text.h"

/* Dots from 0 (black) to 1, [height][width]. */
typedef struct nn_picture {
    const double *dot;
    int height, width;
} nn_picture;

/*
 * Pictures of one size side by side, a column between them. With colour in 24 greys, else in black
 * and white.
 */
void nn_pictures_put(const nn_picture *pictures, int count, bool color, nn_buf *out);

#endif
