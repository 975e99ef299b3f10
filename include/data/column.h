/*
 * The config's `columns`: what is said of a table's columns, by name or by a pattern with * and ?
 */
#ifndef NN_DATA_COLUMN_H
#define NN_DATA_COLUMN_H

#include "conf/field.h"

typedef enum nn_column_type {
    NN_COLUMN_AUTO, /* by looking at the first rows */
    NN_COLUMN_NUMBER,
    NN_COLUMN_CATEGORY,
    NN_COLUMN_BINARY
} nn_column_type;

typedef enum nn_impute {
    NN_IMPUTE_ERROR,
    NN_IMPUTE_MEAN,
    NN_IMPUTE_MEDIAN,
    NN_IMPUTE_MODE,
    NN_IMPUTE_ZERO,
    NN_IMPUTE_CONSTANT
} nn_impute;

typedef enum nn_encode {
    NN_ENCODE_AUTO,
    NN_ENCODE_ONEHOT,
    NN_ENCODE_ORDINAL,
    NN_ENCODE_EMBEDDING
} nn_encode;

typedef struct nn_column_conf {
    int type;       /* nn_column_type */
    int impute;     /* nn_impute */
    nn_node value;  /* of CONSTANT */
    bool indicator; /* one more feature that tells where the field was missing */
    int encode;     /* nn_encode */
    int unknown;    /* 0: an unknown category is an error; 1: it is "other" */
    int scale;      /* nn_scale; AUTO: as the data's `scale` says */
    bool log1p;
    nn_node clip; /* [low, high] or NONE */
    int min_count;
    nn_node node; /* where it stands; NONE: nothing is said of the column */
} nn_column_conf;

extern const nn_table nn_column_table;
extern const char nn_columns_form[]; /* the JSON schema of `columns` */

/* Does the name match the pattern? * stands for any text, ? for any character. */
bool nn_glob_match(const char *pattern, const char *name);

/* `columns` read once. Starts zeroed; released by nn_columns_free. */
typedef struct nn_columns {
    struct nn_column_rule *rule;
    size_t count, room;
} nn_columns;
NN_MUST_CHECK nn_code nn_columns_read(nn_columns *out, nn_node object, nn_err *err);
/* What is said of a column: its own name goes before patterns, an earlier pattern before a later.
 */
nn_column_conf nn_columns_find(nn_columns *c, const char *name);
/* Every key must have matched some column of the table called `table`, with these names. */
NN_MUST_CHECK nn_code nn_columns_check_used(const nn_columns *c, const char *table,
                                            const char *const *names, int count, nn_err *err);
void nn_columns_free(nn_columns *c);

/* The nearest of names that do not end with NULL; NULL when none is near. */
const char *nn_column_nearest(const char *name, const char *const *names, int count);

#endif
