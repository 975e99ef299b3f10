/* The season of a series: after how many rows a pattern repeats itself. */
#ifndef NN_DATA_SEASON_H
#define NN_DATA_SEASON_H

#include "data/split.h"

/*
 * By the autocorrelation of the first target over the longest stretch of these rows: the shortest
 * lag that is nearly as good as the best. 1: no lag is any good, or the targets are no numbers.
 */
NN_MUST_CHECK nn_code nn_season_find(int *season, const nn_view *rows, nn_err *err);

#endif
