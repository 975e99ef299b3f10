/* One field of a CSV record, as text and as a number. */
#ifndef NN_DATA_CSV_FIELD_H
#define NN_DATA_CSV_FIELD_H

#include "data/csv.h"

/* The field without spaces and tabs around it; inside quotes as well. */
nn_field_text nn_csv_trim(nn_field_text field);
/* nn_parse_double of the trimmed field, with this character as its decimal point. */
nn_number nn_csv_number(nn_field_text field, char point, double *value);
/* Empty, or one of the words that stand for a missing value. */
bool nn_csv_is_missing(nn_field_text field, const nn_words *missing);
/* What was meant as a number and is none here: 1,234.5 or 1_000, inf, 0x10. */
bool nn_csv_is_like_number(nn_field_text field);

#endif
