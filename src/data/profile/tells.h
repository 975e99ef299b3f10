/* How much one column alone tells of another. For src/data/profile/ alone. */
#ifndef NN_TELLS_H
#define NN_TELLS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * From 0 (no more than always the same answer) to 1 (all of it), for `n` rows. Each row is guessed
 * from the others with about the same x: classes by the most common one, numbers by the mean. A
 * value that stands alone is guessed as if nothing were known, so that numbers of rows tell
 * nothing. x may hold NaN, which is a value of its own. `continuous`: neighbours in x are put
 * together.
 */
NN_MUST_CHECK nn_code nn_tells(const double *x, const double *y, size_t n, bool continuous,
                               bool classes, double *out, nn_err *err);

#endif
