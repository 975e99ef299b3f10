/* Blocks of memory that are needed at different times share addresses. */
#ifndef NN_SRC_LAYOUT_H
#define NN_SRC_LAYOUT_H

#include "base/err.h"

#include <stddef.h>

typedef struct nn_block {
    int first, last; /* moments between which it is needed, both included */
    size_t bytes;    /* 0: not needed */
    size_t at;       /* result: its offset */
} nn_block;

/*
 * Gives every block its offset, such that blocks needed at the same moment do not overlap. *total
 * is what all of them take together. The largest block goes first, each into the smallest gap that
 * fits. The sum of all bytes must fit size_t. NN_ELIMIT only without memory for the work itself.
 */
NN_MUST_CHECK nn_code nn_layout_place(nn_block *block, int count, size_t *total, nn_err *err);

#endif
