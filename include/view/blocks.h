/*
 * Small shapes made of characters: bars and sparklines, in Unicode blocks or in ASCII. Every
 * function adds exactly `width` (or `bins`) characters.
 */
#ifndef NN_VIEW_BLOCKS_H
#define NN_VIEW_BLOCKS_H

#include "base/text.h"

/* Filled from the left, to an eighth of a character; `share` is held between 0 and 1. */
void nn_bar_put(nn_buf *out, double share, int width, bool unicode);
/*
 * The last `width` of these values as heights, the least at the bottom; spaces before them when
 * there are fewer, and in the place of NaN.
 */
void nn_spark_put(nn_buf *out, const double *value, int count, int width, bool unicode);
/* A histogram: heights from 0 to the largest count, a space for an empty bin. */
void nn_counts_put(nn_buf *out, const size_t *count, int bins, bool unicode);
/* Characters on the screen, each one column wide: bytes that do not continue a UTF-8 sequence. */
int nn_text_columns(const char *text);

#endif
