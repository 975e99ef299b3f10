/* What the first bytes of a CSV file tell: encoding, delimiter, header. Used by the CSV reader
 * alone. */
#ifndef NN_DATA_CSV_LOOK_H
#define NN_DATA_CSV_LOOK_H

#include "data/csv.h"

/* Do the bytes hold so many whole lines? */
bool nn_csv_look_is_enough(const char *bytes, size_t len, int lines);
/* "UTF-16LE" and the like by the byte order mark; NULL for UTF-8 and for none. */
const char *nn_csv_look_encoding(const char *bytes, size_t len);
/*
 * The first of tab, semicolon and comma that stands equally often in the first two lines, outside
 * quotes; else the most frequent in the first. (Semicolons go before commas, since with them commas
 * are often decimal signs.)
 */
char nn_csv_look_delimiter(const char *bytes, size_t len);
/*
 * Is the first record a header? Yes when in some column it has a name (something that is neither a
 * number nor empty nor a usual word for a missing value) over a number. With one record alone: when
 * none of its fields is a number.
 */
bool nn_csv_look_header(const nn_field_text *first, const nn_field_text *second, int columns);

#endif
