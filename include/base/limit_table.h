/* The limits of base/limits.def as a table, for documents and tests. */
#ifndef NN_BASE_LIMIT_TABLE_H
#define NN_BASE_LIMIT_TABLE_H

typedef struct nn_bound {
    int most;
    const char *group; /* "CSV" */
    const char *what;  /* "bytes of a field" */
} nn_bound;
extern const nn_bound nn_bounds[]; /* ends with a row without group */

#endif
