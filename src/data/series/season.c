/* Finding the season of a series by its autocorrelation. */
#include "data/season.h"

#include "base/mem.h"

enum { LONGEST = 2000, LOOKED_AT = 20000, FEW = 8 };
static const double good = 0.3;         /* a correlation that counts */
static const double nearly_best = 0.85; /* of the best one */

/* The longest stretch of rows that follow each other in one series; at most its last LOOKED_AT. */
static size_t longest_stretch(const nn_view *v, size_t *begin)
{
    const int32_t *series = v->data->series;
    size_t most = 0, start = 0;

    for (size_t i = 1; i <= v->count; i++) {
        if (i < v->count && nn_view_row(v, i) == nn_view_row(v, i - 1) + 1 &&
            (series == NULL || series[nn_view_row(v, i)] == series[nn_view_row(v, i - 1)]))
            continue;
        if (i - start > most) {
            most = i - start;
            *begin = start;
        }
        start = i;
    }
    if (most > LOOKED_AT) {
        *begin += most - LOOKED_AT;
        most = LOOKED_AT;
    }
    return most;
}

/* Takes the straight line off that fits best. */
static void take_trend_off(double *x, size_t n)
{
    const double middle = (double)(n - 1) / 2;
    double mean = 0, up = 0, spread = 0;

    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        up += ((double)i - middle) * (x[i] - mean);
        spread += ((double)i - middle) * ((double)i - middle);
    }
    for (size_t i = 0; i < n; i++)
        x[i] -= mean + up / spread * ((double)i - middle);
}

static double correlation(const double *x, size_t n, size_t lag)
{
    double both = 0, square = 0;

    for (size_t i = 0; i < n; i++)
        square += x[i] * x[i];
    for (size_t i = lag; i < n; i++)
        both += x[i] * x[i - lag];
    return square > 0 ? both / square * ((double)n / (double)(n - lag)) : 0;
}

/* The first peak behind the first valley that is nearly the highest. */
static int first_high_peak(const double *r, int lags)
{
    double best = good;
    int valley = 1;

    while (valley + 1 < lags && r[valley + 1] <= r[valley])
        valley++;
    for (int k = valley + 1; k < lags; k++)
        if (r[k] > r[k - 1] && r[k] >= r[k + 1] && r[k] > best)
            best = r[k];
    for (int k = valley + 1; k < lags; k++)
        if (r[k] > r[k - 1] && r[k] >= r[k + 1] && r[k] >= nearly_best * best && r[k] > good)
            return k;
    return 1;
}

nn_code nn_season_find(int *season, const nn_view *rows, nn_err *err)
{
    const nn_dataset *d = rows->data;
    size_t begin = 0, n = longest_stretch(rows, &begin);
    const int lags = n / 3 < LONGEST ? (int)(n / 3) : LONGEST;
    double *x = NULL;

    *season = 1;
    if (d->value == NULL || n < FEW)
        return NN_OK;
    x = nn_alloc(n + (size_t)lags + 2, sizeof *x);
    if (x == NULL)
        return nn_err_memory(err, "the look for a season", n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = (double)d->value[nn_view_row(rows, begin + i) * nn_dataset_target_pitch(d)];
    take_trend_off(x, n);
    for (int k = 1; k <= lags; k++)
        x[n + (size_t)k] = correlation(x, n, (size_t)k);
    *season = first_high_peak(x + n, lags);
    nn_free(x);
    return NN_OK;
}
