/* The looks of pages and plots: one palette for both, light and dark, screen and paper. */
#ifndef NN_VIEW_STYLE_H
#define NN_VIEW_STYLE_H

#include "base/text.h"

void nn_style_page(nn_buf *out); /* all of it, without the tags around */
void nn_style_plot(nn_buf *out); /* what a picture needs that stands alone */
/* A plot, which begins with "<svg ", as a file of its own. */
void nn_style_alone(nn_buf *out, const char *svg, size_t len);

#endif
