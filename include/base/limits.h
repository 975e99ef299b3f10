/* The limits on what comes from outside, by name. */
#ifndef NN_BASE_LIMITS_H
#define NN_BASE_LIMITS_H

#define NN_LIMIT(name, value, group, what) name = (value),
enum {
#include "base/limits.def"
};
#undef NN_LIMIT

#endif
