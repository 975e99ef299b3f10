/* Rows into parts: a function of the seed, the fractions and what the rows have in common. */
#ifndef NN_DATA_DIVIDE_H
#define NN_DATA_DIVIDE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NN_MAX_PARTS = 16 };

typedef struct nn_fractions {
    double part[NN_MAX_PARTS]; /* their sum is 1 */
    int parts;
} nn_fractions;

/*
 * Fills part[rows]. `group` NULL: rows alone. Otherwise its numbers are 0 to groups - 1, and rows
 * with the same one are either spread over the parts in the same proportions (classes), or, with
 * `together`, stay in one part, the largest groups first.
 */
NN_MUST_CHECK nn_code nn_divide(uint8_t *part, size_t rows, const int32_t *group, int groups,
                                bool together, const nn_fractions *f, uint64_t seed, nn_err *err);

#endif
