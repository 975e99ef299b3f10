/* What a model makes of the columns of a table. */
#ifndef NN_CLI_COLUMNS_VIEW_H
#define NN_CLI_COLUMNS_VIEW_H

#include "data/prep.h"

/* A row for each column: what it becomes, also where it is missing or unknown. Ends with a blank
 * line. Nothing for a model of something else. */
void nn_columns_put(const nn_prep *prep, nn_buf *out);

#endif
