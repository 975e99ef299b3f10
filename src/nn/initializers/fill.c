/* The distributions that initializers draw from. */
#include "fill.h"

#include <math.h>

/* Standard deviation of a standard normal number that is cut off at -2 and 2. */
static const double truncated_stddev = 0.87962566103423978;

void nn_fill_value(nn_real value, nn_real *w, size_t count)
{
    for (size_t i = 0; i < count; i++)
        w[i] = value;
}

void nn_fill_uniform(const nn_rng *rng, double min, double max, nn_real *w, size_t count)
{
    for (size_t i = 0; i < count; i++)
        w[i] = (nn_real)(min + (max - min) * (double)nn_rng_uniform(rng, i));
}

void nn_fill_normal(const nn_rng *rng, double mean, double stddev, nn_real *w, size_t count)
{
    for (size_t i = 0; i < count; i++)
        w[i] = (nn_real)(mean + stddev * nn_rng_normal(rng, i));
}

/* The draws of number i are i, i + count, i + 2 count, ...: no two numbers ever share one. */
static double truncated(const nn_rng *rng, size_t i, size_t count)
{
    for (uint64_t draw = i;; draw += count) {
        const double z = nn_rng_normal(rng, draw);

        if (fabs(z) < 2)
            return z;
    }
}

void nn_fill_truncated(const nn_rng *rng, double mean, double stddev, nn_real *w, size_t count)
{
    for (size_t i = 0; i < count; i++)
        w[i] = (nn_real)(mean + stddev * truncated(rng, i, count));
}

void nn_fill_scaled_uniform(const nn_rng *rng, double scale, double fan, nn_real *w, size_t count)
{
    const double limit = sqrt(3 * scale / fmax(fan, 1));

    nn_fill_uniform(rng, -limit, limit, w, count);
}

void nn_fill_scaled_normal(const nn_rng *rng, double scale, double fan, nn_real *w, size_t count)
{
    nn_fill_truncated(rng, 0, sqrt(scale / fmax(fan, 1)) / truncated_stddev, w, count);
}

double nn_fan_average(const nn_weight_size *size)
{
    return ((double)size->fan_in + (double)size->fan_out) / 2;
}
