/* What the columns of a table hold before they are encoded. */
#ifndef NN_DATA_RAW_H
#define NN_DATA_RAW_H

#include "data/column.h"
#include "data/dataset.h"
#include "data/words.h"

typedef struct nn_raw_column {
    char *name;   /* NULL without a header */
    int place;    /* in the file, from 0 */
    bool is_word; /* else numbers */
    nn_words words;
    nn_column_conf conf;
} nn_raw_column;

typedef struct nn_raw {
    nn_raw_column *column; /* [count] the features */
    int count;
    int *target; /* [targets] places of the target columns */
    int targets;
    int file_columns;
    nn_csv_conf csv; /* its texts and nodes are the config's */
} nn_raw;

void nn_raw_free(nn_raw *raw);

#endif
