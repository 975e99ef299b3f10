/* What the texts of a table's rows mean: words, targets, weights, groups, parts, ids. Used by the
 * table loader alone. */
#ifndef NN_DATA_TABLE_ROW_H
#define NN_DATA_TABLE_ROW_H

#include "data/table_chunk.h"
#include "data/table_read.h"

/* Adds the rows of a chunk, whose numbers stand in the dataset already. */
NN_MUST_CHECK nn_code nn_table_rows_add(nn_table_fill *fill, const nn_table_format *format,
                                        const nn_table_chunk *chunk, nn_err *err);

#endif
