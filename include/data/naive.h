/* Naive forecasts of a time series, from nothing but its own past. */
#ifndef NN_DATA_NAIVE_H
#define NN_DATA_NAIVE_H

#include "data/dataset.h"
#include "math/real.h"

/* Are there any? Not without windows, nor where the last row of a window is itself asked about. */
bool nn_naive_has(const nn_dataset *d);
/*
 * The targets of the sample of `row` in the data's units, y[width], forecast as those of the row
 * one season, or as many as it takes, before; where that is before the series began, or the season
 * is 1, as those of the last row of the window.
 */
void nn_naive_forecast(const nn_dataset *d, size_t row, int season, nn_real *y);

#endif
