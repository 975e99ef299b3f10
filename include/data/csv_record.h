/*
 * One CSV record being put together: fields one after the other in one text, and the state machine
 * that takes bytes in any pieces. Used by the CSV reader alone.
 */
#ifndef NN_DATA_CSV_RECORD_H
#define NN_DATA_CSV_RECORD_H

#include "data/csv.h"

typedef enum nn_csv_state {
    NN_CSV_START, /* of a field */
    NN_CSV_PLAIN,
    NN_CSV_QUOTED,
    NN_CSV_QUOTE, /* a quote inside a quoted field: its end, or the first of two */
    NN_CSV_RETURN /* a carriage return after a field: a line feed must follow */
} nn_csv_state;

typedef struct nn_csv_record {
    char *text; /* the fields' bytes, each ended by a NUL */
    size_t len, text_room;
    nn_field_text *field; /* `bytes` is set by nn_csv_record_end */
    size_t count, field_room;
    uint64_t line; /* where the record begins */
} nn_csv_record;

/* Where the bytes stand, kept from record to record. */
typedef struct nn_csv_cursor {
    const char *name; /* for messages */
    char delimiter;
    nn_csv_state state;
    uint64_t line;       /* from 1 */
    uint64_t line_start; /* offset of its first byte */
    uint64_t offset;     /* of the next byte */
    uint64_t quote_line; /* where the last opening quote stands */
    int quote_column;
    size_t field_start; /* in the record's text */
    int field_column;   /* byte column of the field being read */
    bool quoted;
} nn_csv_cursor;

void nn_csv_record_start(nn_csv_record *r, nn_csv_cursor *c);
/* Takes bytes up to the end of the record; *used of them, *done when the record is complete. */
NN_MUST_CHECK nn_code nn_csv_record_feed(nn_csv_record *r, nn_csv_cursor *c, const char *bytes,
                                         size_t len, size_t *used, bool *done, nn_err *err);
/* No more bytes come: the record ends here, or there is none (count 0). */
NN_MUST_CHECK nn_code nn_csv_record_finish(nn_csv_record *r, nn_csv_cursor *c, nn_err *err);
/* Has it as many fields as the first record? */
NN_MUST_CHECK nn_code nn_csv_record_check(const nn_csv_record *r, const char *name, int columns,
                                          nn_err *err);
bool nn_csv_record_is_blank(const nn_csv_record *r);
void nn_csv_record_free(nn_csv_record *r);

#endif
