/*
 * CSV: a push parser that takes bytes in any pieces and hands out records, so that files, gzip
 * streams and pipes go the same way. RFC 4180, BOM, CRLF or LF; header and delimiter found by
 * looking or given.
 */
#ifndef NN_DATA_CSV_H
#define NN_DATA_CSV_H

#include "base/gz.h"
#include "base/text.h"
#include "conf/field.h"
#include "data/words.h"

typedef enum nn_header { NN_HEADER_AUTO, NN_HEADER_YES, NN_HEADER_NO } nn_header;

typedef enum nn_decimal { NN_DECIMAL_POINT, NN_DECIMAL_COMMA } nn_decimal;

typedef struct nn_csv_conf {
    const char *delimiter; /* NULL: found by looking; else one character, "\t" or "tab" */
    int header;            /* nn_header */
    int decimal;           /* nn_decimal */
    nn_node missing;       /* a list of words; NONE: the usual ones */
    /* Not in a config: a first record with one of these names is a header; `sure`: any other none.
     */
    const nn_words *known;
    bool sure;
} nn_csv_conf;
extern const nn_table nn_csv_table;
extern const char *const nn_decimal_words[];
/* The words of `missing`, checked; faults go to its document and to *err. */
NN_MUST_CHECK nn_code nn_csv_missing(nn_words *out, nn_node missing, nn_err *err);

typedef struct nn_field_text {
    const char *bytes; /* unquoted; valid until the next record */
    size_t len;
    bool quoted;
    int column; /* byte column in the line, from 1 */
} nn_field_text;

typedef struct nn_csv nn_csv;

NN_MUST_CHECK nn_code nn_csv_open(nn_csv **out, nn_gz *f, const char *name, const nn_csv_conf *conf,
                                  nn_err *err); /* `f` stays the caller's */
void nn_csv_close(nn_csv *csv);
/* Column names, or NULL without a header. The number of columns is that of the first record. */
const char *const *nn_csv_names(const nn_csv *csv);
int nn_csv_columns(const nn_csv *csv);
char nn_csv_delimiter(const nn_csv *csv);
/* The next record: *fields (one a column) or NULL at the end. Blank last lines are no records. */
NN_MUST_CHECK nn_code nn_csv_next(nn_csv *csv, const nn_field_text **fields, nn_err *err);
/* Looking ahead: after nn_csv_back the records since nn_csv_hold come once more. Not to be nested.
 */
void nn_csv_hold(nn_csv *csv);
void nn_csv_back(nn_csv *csv);
size_t nn_csv_held(const nn_csv *csv);   /* bytes read since nn_csv_hold */
uint64_t nn_csv_line(const nn_csv *csv); /* of the record last handed out, from 1 */
/* "name:118" for error values; dst NN_WHERE_SIZE. */
const char *nn_csv_where(const nn_csv *csv, char *dst);

/* Bytes that hold whole records. Starts zeroed; released by nn_csv_piece_free. */
typedef struct nn_csv_piece {
    char *bytes; /* [len], and a NUL behind them; the reader may write into them */
    size_t len, room;
    uint64_t line;  /* where they begin */
    uint64_t lines; /* line feeds in them */
} nn_csv_piece;
/*
 * Instead of nn_csv_next: the next records as they stand in the file, blank lines among them. Some
 * `want` bytes, or without `wait` as many as have come in and hold a record; none only at the end.
 */
NN_MUST_CHECK nn_code nn_csv_take(nn_csv *csv, nn_csv_piece *piece, size_t want, bool wait,
                                  nn_err *err);
void nn_csv_piece_free(nn_csv_piece *piece);
/* Bytes of the file that were not yet handed out; UINT64_MAX when nobody can know. */
uint64_t nn_csv_left(const nn_csv *csv);

#endif
