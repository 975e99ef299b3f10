/* The number type of all arithmetic: float, or double in the gradcheck build. */
#ifndef NN_MATH_REAL_H
#define NN_MATH_REAL_H

#include <stddef.h>

#ifdef NN_DOUBLE
typedef double nn_real;
#define NN_REAL_IS_DOUBLE 1
#else
typedef float nn_real;
#define NN_REAL_IS_DOUBLE 0
#endif

/* Reals in a cache line: the alignment of every span in a flat buffer. */
enum { NN_REAL_LINE = 64 / sizeof(nn_real) };
static inline size_t nn_real_padded(size_t count)
{
    return (count + NN_REAL_LINE - 1) / NN_REAL_LINE * NN_REAL_LINE;
}

#endif
