/* The shape of ONE sample (the number of samples is passed beside it), or of a weight. */
#ifndef NN_BASE_SHAPE_H
#define NN_BASE_SHAPE_H

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct nn_shape {
    int rank;             /* 0: a scalar */
    int dim[NN_MAX_RANK]; /* each at least 1 */
} nn_shape;

nn_shape nn_shape_1(int a);
nn_shape nn_shape_2(int a, int b);
nn_shape nn_shape_3(int a, int b, int c);

/* Elements; shapes are checked where they enter, so this cannot overflow. */
size_t nn_shape_len(const nn_shape *s);
/* false when the elements do not fit size_t (or exceed `most`). */
bool nn_shape_len_checked(const nn_shape *s, size_t most, size_t *len);
bool nn_shape_equal(const nn_shape *a, const nn_shape *b);
int nn_shape_last(const nn_shape *s); /* the last dimension; 1 for a scalar */

/* "[28, 28, 1]"; dst holds NN_SHAPE_TEXT bytes; returned for use in printf arguments. */
enum { NN_SHAPE_TEXT = 112 };
const char *nn_shape_text(char *dst, const nn_shape *s);

#endif
