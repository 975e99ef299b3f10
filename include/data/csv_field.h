/* One field of a CSV record, as text and as a number. */
#ifndef NN_DATA_CSV_FIELD_H
#define NN_DATA_CSV_FIELD_H

#include "data/csv.h"

/* The field without spaces and tabs around it; inside quotes as well. */
nn_field_text nn_csv_trim(nn_field_text field);

/* nn_parse_double of the trimmed field, which may also be written .5 or 5. as other programs do. */
nn_number nn_csv_number(nn_field_text field, double *value);

#endif
