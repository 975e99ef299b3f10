/* A column that is named on the command line. */
#ifndef NN_DATA_CSV_PLACE_H
#define NN_DATA_CSV_PLACE_H

#include "data/csv.h"

/* By its name, else by its place from 0. NN_EUSAGE, with the nearest name, when there is none. */
NN_MUST_CHECK nn_code nn_csv_place(int *column, const nn_csv *csv, const char *word,
                                   const char *path, nn_err *err);

/*
 * For opening a file of which this column is asked for (NULL: none): its name makes a first record
 * a header. `known` starts zeroed, is filled, and must live as long as the reader.
 */
NN_MUST_CHECK nn_code nn_csv_expect(nn_csv_conf *conf, nn_words *known, const char *word,
                                    nn_err *err);

#endif
