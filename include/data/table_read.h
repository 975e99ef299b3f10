/*
 * The rows of one CSV file into a dataset: text comes window by window, is cut into chunks at ends
 * of records, and the chunks are read by several threads. Used by the table loader alone.
 */
#ifndef NN_DATA_TABLE_READ_H
#define NN_DATA_TABLE_READ_H

#include "data/table_plan.h"
#include "data/targets.h"

/* A dataset being filled; the caller's. */
typedef struct nn_table_fill {
    nn_dataset *d; /* bytes or numbers: [room] */
    size_t room;   /* likewise below */
    size_t line_room, weight_room, group_room, part_room, id_room, ids_room, ids_len;
    size_t series_room, moment_room;
    bool dates; /* moments are dates, not numbers; by the first row */
    nn_targets targets;
    double *value; /* [value_room] targets of one row */
    size_t value_room;
    nn_words groups, series;
    uint64_t blank; /* line of the first blank line that no row followed so far */
} nn_table_fill;

/* Reads to the end. Behind a failure the dataset is good for nothing but to be freed. */
NN_MUST_CHECK nn_code nn_table_read(nn_table_fill *fill, const nn_table_plan *plan, nn_csv *csv,
                                    const char *name, int threads, nn_err *err);
/* Reads what has come in, one row at least; no more rows at the end. */
NN_MUST_CHECK nn_code nn_table_read_some(nn_table_fill *fill, const nn_table_plan *plan,
                                         nn_csv *csv, const char *name, nn_err *err);
void nn_table_fill_free(nn_table_fill *fill); /* all but d */

#endif
