/* Which windows there are in the rows of a view. */
#ifndef NN_DATA_WINDOWS_H
#define NN_DATA_WINDOWS_H

#include "data/split.h"

/*
 * The first rows of all windows that lie, targets included, within rows of the view that follow
 * each other in one series. NN_EDATA when there is none. `out` is freed by nn_view_free.
 */
NN_MUST_CHECK nn_code nn_windows_of(nn_view *out, const nn_view *rows, nn_err *err);
/* The last window of every series, whose targets are yet to come. */
NN_MUST_CHECK nn_code nn_windows_last(nn_view *out, const nn_dataset *d, nn_err *err);
/* All samples of a dataset: its rows, or its windows. */
NN_MUST_CHECK nn_code nn_view_all(nn_view *out, const nn_dataset *d, nn_err *err);
/*
 * Parts of rows become parts of windows, in place; nothing happens to a dataset without them.
 * `limit` as in nn_parts_make, which must not have been given it then.
 */
NN_MUST_CHECK nn_code nn_parts_window(nn_parts *p, size_t limit, uint64_t seed, nn_err *err);

#endif
