/* Telling words from numbers by a table's first rows. Used by the table loader alone. */
#ifndef NN_DATA_TABLE_LOOK_H
#define NN_DATA_TABLE_LOOK_H

#include "data/raw.h"

/*
 * Sets is_word of every feature: as its `type` says; AUTO: a column is a category when it has more
 * words than numbers in the first thousand rows (256 KiB). Refuses what the config asks of the
 * wrong kind. The records come once more from `csv`.
 */
NN_MUST_CHECK nn_code nn_table_look(nn_raw *raw, nn_csv *csv, const nn_words *missing, char point,
                                    nn_err *err);

#endif
