/* Sums over all rows for each channel, in double and in one order, whatever the threads. */
#ifndef NN_SRC_LAYERS_CHANNEL_SUMS_H
#define NN_SRC_LAYERS_CHANNEL_SUMS_H

#include "nn/layer.h"

/* Adds rows [begin, end) to sums [2][channels]. */
typedef void nn_channel_sums_fn(const void *context, size_t begin, size_t end, double *sums);

/* What nn_channel_sums needs for itself. */
size_t nn_channel_sums_bytes(int channels);
/* The two sums of every channel, [2][channels], at the beginning of `room`. */
const double *nn_channel_sums(nn_pool *pool, size_t rows, int channels, nn_channel_sums_fn *fn,
                              const void *context, void *room);

#endif
