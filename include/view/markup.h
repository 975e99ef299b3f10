/*
 * HTML and SVG as text. Everything that comes from outside goes through nn_markup_text: the five
 * characters that mean something become entities, control and bidi characters are dropped, invalid
 * UTF-8 becomes U+FFFD. What it adds is safe between tags and inside quoted attributes.
 */
#ifndef NN_VIEW_MARKUP_H
#define NN_VIEW_MARKUP_H

#include "base/text.h"

#include <stdint.h>

enum { NN_MARKUP_ALL = -1 };

void nn_markup_text(nn_buf *out, const char *text);
/* At most `most` characters of them (NN_MARKUP_ALL: no limit), then an ellipsis. */
void nn_markup_text_n(nn_buf *out, const char *text, size_t len, int most);
/* `<td class="...">text</td>`; `class` NULL: none. */
void nn_markup_cell(nn_buf *out, const char *tag, const char *class, const char *text);

/* A number of at most two decimals, as coordinates need it: "12", "12.5". */
void nn_markup_number(nn_buf *out, double value);

/* The bytes of a picture, [height][width][channels] with 1 or 3 channels, as a data: URI. */
NN_MUST_CHECK nn_code nn_markup_png_uri(nn_buf *out, const uint8_t *pixel, int height, int width,
                                        int channels, nn_err *err);
/*
 * A picture as an <img> that carries its bytes. `class` is put as it is, not escaped.
 */
NN_MUST_CHECK nn_code nn_markup_picture(nn_buf *out, const uint8_t *pixel, int height, int width,
                                        int channels, const char *class, nn_err *err);

#endif
