/*
 * The config's `sequence`: the rows of a table as time series. A sample is a window of rows that
 * follow each other, and its targets are those of the rows behind it.
 */
#ifndef NN_DATA_SEQUENCE_H
#define NN_DATA_SEQUENCE_H

#include "conf/field.h"
#include "data/dataset.h"

typedef struct nn_sequence_conf {
    int window; /* 0: the rows are no series */
    int horizon;
    int lead;
    int stride;
    int season;           /* 0: found by looking; 1: none */
    nn_node group, order; /* name or index of a column, or NONE */
} nn_sequence_conf;
extern const nn_table nn_sequence_table;

/* The windows that it asks for. */
nn_windows nn_sequence_windows(const nn_sequence_conf *conf);

/*
 * When a row was, from its field: a number, or a date as ISO 8601 has it, 2024-01-31 or
 * "2024-01-31 13:45:10", with T and a zone or without, as seconds since 1970; also 2024-01. false:
 * neither. *is_date tells which.
 */
bool nn_moment_read(const char *text, size_t len, double *moment, bool *is_date);

/*
 * Puts the rows in order: one series behind the other, each by its moments, or as they stood
 * without any. NN_EDATA when two rows of a series have the same moment.
 */
NN_MUST_CHECK nn_code nn_series_sort(nn_dataset *d, nn_err *err);

/*
 * From here on a sample of `d` is a window; its shape is [window, numbers of a row], or `wanted`
 * (rank 0: none) when it has as many elements.
 */
NN_MUST_CHECK nn_code nn_dataset_window(nn_dataset *d, const nn_windows *windows,
                                        const nn_shape *wanted, nn_err *err);

#endif
