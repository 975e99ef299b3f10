/* Histograms of weights and activations. */
#include "run/histogram.h"

#include <math.h>
#include <string.h>

static void measure(nn_histogram *h, const nn_real *value, size_t count)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < count; i++) {
        const double x = (double)value[i];

        if (!isfinite(x)) {
            h->bad++;
            continue;
        }
        h->count++;
        h->zeros += x == 0;
        sum += x;
        squares += x * x;
    }
    h->mean = sum / (double)h->count;
    h->deviation = sqrt(fmax(0, squares / (double)h->count - h->mean * h->mean));
}

static bool is_in(const nn_histogram *h, double x)
{
    return isfinite(x) && !(h->without_zeros && x == 0);
}

void nn_histogram_fill(nn_histogram *h, const nn_real *value, size_t count)
{
    memset(h, 0, sizeof *h);
    h->least = h->most = NAN;
    measure(h, value, count);
    h->without_zeros = h->zeros * 5 > h->count && h->zeros < h->count;
    for (size_t i = 0; i < count; i++)
        if (is_in(h, (double)value[i])) {
            h->least = fmin(h->least, (double)value[i]); /* NaN gives way */
            h->most = fmax(h->most, (double)value[i]);
        }
    const double wide = (h->most - h->least) / NN_HISTOGRAM_BINS;
    for (size_t i = 0; i < count; i++) {
        if (!is_in(h, (double)value[i]))
            continue;
        const double at = wide > 0 ? ((double)value[i] - h->least) / wide : 0;
        h->bin[at < NN_HISTOGRAM_BINS ? (int)at : NN_HISTOGRAM_BINS - 1]++;
    }
}
