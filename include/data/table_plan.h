/* What each column of a table is for, settled once from the first record. Used by the table loader
 * alone. */
#ifndef NN_DATA_TABLE_PLAN_H
#define NN_DATA_TABLE_PLAN_H

#include "data/csv.h"
#include "data/load.h"

/* Starts zeroed; release with nn_table_plan_free. */
typedef struct nn_table_plan {
    int columns;
    int *feature; /* [columns]: the place of the column among the features, or -1 */
    int features;
    int target; /* the column, or -1 */
} nn_table_plan;

NN_MUST_CHECK nn_code nn_table_plan_make(nn_table_plan *p, const nn_csv *csv, const char *name,
                                         const nn_load *how, nn_table_targets targets, nn_err *err);
void nn_table_plan_free(nn_table_plan *p);

#endif
