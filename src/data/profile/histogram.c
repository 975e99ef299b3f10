/* Histograms whose bins grow with what they have to hold. */
#include "data/histogram.h"

#include <math.h>
#include <string.h>

/* Of the first number: fine enough for the others to be close to it. */
static const double first_part = 0x1p-40;

/* Twice as wide: bins 2k and 2k + 1 of the grid become bin k of the next one. */
static void widen(nn_histogram *h)
{
    const double first = floor(h->first / 2);
    const int shift = (int)(h->first - 2 * first); /* 1 when the first bin is an odd one */
    size_t count[NN_HISTOGRAM_BINS] = {0};

    for (int i = 0; i < NN_HISTOGRAM_BINS; i++)
        count[(i + shift) / 2] += h->count[i];
    memcpy(h->count, count, sizeof count);
    h->first = first;
    h->width *= 2;
}

/* First and last bin that hold something. */
static void find_used(const nn_histogram *h, int *first, int *last)
{
    *first = 0;
    *last = NN_HISTOGRAM_BINS - 1;
    while (*first < *last && h->count[*first] == 0)
        (*first)++;
    while (*last > *first && h->count[*last] == 0)
        (*last)--;
}

/* Moves the bins along the grid so that this one is among them; false when they do not reach. */
static bool reach(nn_histogram *h, double bin)
{
    size_t count[NN_HISTOGRAM_BINS] = {0};
    int first, last;

    if (bin >= h->first && bin < h->first + NN_HISTOGRAM_BINS)
        return true;
    find_used(h, &first, &last);
    const double low = fmin(bin, h->first + first), high = fmax(bin, h->first + last);
    if (high - low >= NN_HISTOGRAM_BINS)
        return false;
    for (int i = first; i <= last; i++)
        count[(int)(h->first + i - low)] = h->count[i];
    memcpy(h->count, count, sizeof count);
    h->first = low;
    return true;
}

void nn_histogram_add(nn_histogram *h, double value)
{
    int exponent;

    if (h->width == 0) {
        (void)frexp(fmax(fabs(value), 0x1p-900), &exponent);
        h->width = ldexp(first_part, exponent);
        h->first = floor(value / h->width);
    }
    while (!reach(h, floor(value / h->width)))
        widen(h);
    h->count[(int)(floor(value / h->width) - h->first)]++;
}

void nn_histogram_bins(const nn_histogram *h, int most, bool whole, nn_bins *out)
{
    int first, last;

    *out = (nn_bins){.bins = 0};
    if (h->width == 0)
        return;
    find_used(h, &first, &last);
    const int unit = whole && h->width < 1 && h->width > 1.0 / NN_HISTOGRAM_BINS
                         ? (int)(1 / h->width) /* bins of the grid in a whole number */
                         : 1;
    const double begin = floor((h->first + first) / unit) * unit;
    const int used = (int)(h->first + last - begin) + 1;
    const int units = (used + unit - 1) / unit;
    const int joined = (units + most - 1) / most * unit;
    out->from = begin * h->width;
    out->width = joined * h->width;
    out->bins = (used + joined - 1) / joined;
    for (int i = first; i <= last; i++)
        out->count[(int)(h->first + i - begin) / joined] += h->count[i];
}
