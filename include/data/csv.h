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

enum { NN_CSV_MAX_FIELD = 131072, NN_CSV_MAX_COLUMNS = 1000000 };

typedef enum nn_header { NN_HEADER_AUTO, NN_HEADER_YES, NN_HEADER_NO } nn_header;

typedef struct nn_csv_conf {
    const char *delimiter; /* NULL: found by looking; else one character, "\t" or "tab" */
    int header;            /* nn_header */
} nn_csv_conf;
extern const nn_table nn_csv_table;

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
uint64_t nn_csv_line(const nn_csv *csv); /* of the record last handed out, from 1 */
/* "name:118" for error values; dst NN_WHERE_SIZE. */
const char *nn_csv_where(const nn_csv *csv, char *dst);

#endif
