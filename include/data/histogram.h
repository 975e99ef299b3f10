/*
 * Counts of numbers by size, in one pass and without knowing their range before: bins of a width
 * that is a power of two, at multiples of it. A number outside makes the bins twice as wide, by
 * adding up pairs, until it fits, so that the counts stay exact.
 */
#ifndef NN_DATA_HISTOGRAM_H
#define NN_DATA_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>

enum { NN_HISTOGRAM_BINS = 64 };

/* Starts zeroed. */
typedef struct nn_histogram {
    double width; /* of a bin; 0 while there is no number */
    double first; /* bin 0 begins at first * width; a whole number */
    size_t count[NN_HISTOGRAM_BINS];
} nn_histogram;

void nn_histogram_add(nn_histogram *h, double value); /* finite */

/* The bins from the first to the last that hold something, joined evenly into at most `most`. */
typedef struct nn_bins {
    double from, width;
    int bins;
    size_t count[NN_HISTOGRAM_BINS];
} nn_bins;
/*
 * No bins when there was no number. `whole`: all were whole, so that no bin may be narrower than 1:
 * it would be empty between two of them.
 */
void nn_histogram_bins(const nn_histogram *h, int most, bool whole, nn_bins *out);

#endif
