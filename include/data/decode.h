/* Back from the numbers of a sample to what stood in the table. */
#ifndef NN_DATA_DECODE_H
#define NN_DATA_DECODE_H

#include "data/encoder.h"

/*
 * The field of a column, from a sample's numbers as an encoder made them: a number, a category,
 * "other", or "missing" where the encoding tells. A clipped number stays clipped.
 */
void nn_decode(const nn_encoded *c, const nn_dataset *d, size_t first, nn_buf *out);

#endif
