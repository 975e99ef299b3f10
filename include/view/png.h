/* Pictures as PNG files. */
#ifndef NN_VIEW_PNG_H
#define NN_VIEW_PNG_H

#include "base/text.h"

#include <stdint.h>

/* Adds the file's bytes: 8 bits a channel, grey (1) or red, green, blue (3). */
NN_MUST_CHECK nn_code nn_png_write(nn_buf *out, const uint8_t *pixel, int height, int width,
                                   int channels, nn_err *err);

#endif
