/* The table of limits. */
#include "base/limit_table.h"

#include <stddef.h>

#define NN_LIMIT(name, value, group, what) {(value), (group), (what)},
const nn_bound nn_bounds[] = {
#include "base/limits.def"
    {0, NULL, NULL},
};
#undef NN_LIMIT
