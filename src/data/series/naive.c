/* Naive forecasts: the last value, and that of one season before. */
#include "data/naive.h"

bool nn_naive_has(const nn_dataset *d)
{
    return d->windows.window > 0 && d->windows.offset >= d->windows.window && d->value != NULL;
}

static bool is_one_series(const nn_dataset *d, size_t a, size_t b)
{
    return d->series == NULL || d->series[a] == d->series[b];
}

/* The row whose targets stand for those of `target`, when no row behind `now` is known. */
static size_t stand_in(const nn_dataset *d, size_t target, size_t now, int season)
{
    const size_t s = (size_t)season, back = (target - now + s - 1) / s * s;

    if (season == 1 || back > target || !is_one_series(d, target - back, now))
        return now;
    return target - back;
}

void nn_naive_forecast(const nn_dataset *d, size_t row, int season, nn_real *y)
{
    const size_t pitch = nn_dataset_target_pitch(d), first = nn_dataset_target_row(d, row);
    const size_t now = row + (size_t)d->windows.window - 1;

    for (int h = 0; h < d->windows.horizon; h++) {
        const size_t from = stand_in(d, first + (size_t)h, now, season);

        for (size_t k = 0; k < pitch; k++)
            *y++ = (nn_real)d->value[from * pitch + k];
    }
}
