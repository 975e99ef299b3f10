/* What each column of a table is for, settled once from the first record. Used by the table loader
 * alone. */
#ifndef NN_DATA_TABLE_PLAN_H
#define NN_DATA_TABLE_PLAN_H

#include "data/csv.h"
#include "data/load.h"
#include "data/raw.h"

/* Starts zeroed; release with nn_table_plan_free. */
typedef struct nn_table_plan {
    int columns; /* of the file */
    nn_raw *raw; /* the features; taken over by the dataset */
    int *cell;   /* [columns] a feature's place in a row of numbers, or -1 */
    int *slot;   /* [columns] the place among the texts of a row, of columns that are kept as
                    text; or -1 */
    int slots;
    bool *gaps;  /* [features] may fields be missing? */
    int *target; /* [targets] columns; likewise below, -1: none */
    int targets;
    int id, weight, group, split, series, order, text;
    nn_words missing;
    char point; /* decimal */
} nn_table_plan;

/*
 * May look ahead in `csv` to tell words from numbers. Fails with the document's code where the
 * config names a column that is not there.
 */
NN_MUST_CHECK nn_code nn_table_plan_make(nn_table_plan *p, nn_csv *csv, const char *name,
                                         const nn_load *how, nn_table_targets targets, nn_err *err);
/* Does another file have the columns that the plan was made for? `names` are those of the first. */
NN_MUST_CHECK nn_code nn_table_plan_check(const char *const *names, int columns, const char *first,
                                          const nn_csv *csv, const char *name, nn_err *err);
void nn_table_plan_free(nn_table_plan *p);

#endif
