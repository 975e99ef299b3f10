/* Samples in a report: pictures, lines, or rows of a table as the user knows it. */
#ifndef NN_VIEW_SAMPLE_H
#define NN_VIEW_SAMPLE_H

#include "data/dataset.h"
#include "data/encoder.h"
#include "view/markup.h"

/* Can it be looked at: a picture, or a curve? Otherwise it is a row with columns. */
bool nn_sample_is_visible(const nn_dataset *d);
/* As an <img> or <svg>. */
NN_MUST_CHECK nn_code nn_sample_put(nn_buf *out, const nn_dataset *d, size_t row, nn_err *err);

/* "line 118", "id 7", "12" */
void nn_sample_name(nn_buf *out, const nn_dataset *d, size_t row);
/* How many columns of a row are shown, their titles, and their cells, as <th> and <td>. */
int nn_sample_columns(const nn_dataset *d, const nn_encoder *e);
void nn_sample_titles(nn_buf *out, const nn_dataset *d, const nn_encoder *e);
void nn_sample_cells(nn_buf *out, const nn_dataset *d, const nn_encoder *e, size_t row);

/*
 * Numbers from -1 to 1 as a colour: orange below 0, blue above, white at 0. `rgb` gets 3 bytes. Any
 * colour vision can tell the two apart.
 */
void nn_signed_color(double value, uint8_t *rgb);

#endif
