/*
 * Rows out of a chunk of CSV text. The usual row, with nothing in quotes, is read in one pass;
 * anything else goes to the state machine of RFC 4180, which has the last word. Chunks know nothing
 * of each other, so they can be read at the same time. Used by the table loader alone.
 */
#ifndef NN_DATA_TABLE_CHUNK_H
#define NN_DATA_TABLE_CHUNK_H

#include "data/table_plan.h"

typedef struct nn_table_text {
    const char *bytes; /* into the chunk */
    size_t len;
} nn_table_text;

/* How to read, shared by all chunks. */
typedef struct nn_table_format {
    const nn_table_plan *plan;
    const char *name;         /* of the file */
    const char *const *names; /* of its columns, or NULL */
    char delimiter;
} nn_table_format;

typedef struct nn_table_chunk {
    char *
        bytes; /* [len], and one more that may be looked at; overwritten where texts are unquoted */
    size_t len;
    uint64_t line; /* of the first byte */
    size_t most;   /* rows there may be */

    /* Filled: */
    float *cell;   /* [most][features] the caller's; words are left alone */
    uint8_t *byte; /* likewise; NULL: not asked for, or not all fit, and then they are in `wide` */
    float *wide;   /* [most][features], or of bytes the row at hand */
    size_t wide_room;
    nn_table_text *text; /* [most][slots] */
    uint64_t *row_line;  /* [most] */
    size_t text_room, line_room;
    size_t rows;
    size_t tiny;
    uint64_t blank; /* line of the first blank line that no row followed; 0: none */
    nn_code code;   /* of what ended the reading; the rows before it are there */
    nn_err err;
} nn_table_chunk;

void nn_table_chunk_read(nn_table_chunk *c, const nn_table_format *format);
/* A fault of one field; `advice` follows what was got. */
nn_code nn_table_refuse(const nn_table_format *format, int column, nn_field_text field,
                        uint64_t line, const char *flaw, const char *advice, nn_err *err);
nn_code nn_table_refuse_blank(const nn_table_format *format, uint64_t line, nn_err *err);
void nn_table_chunk_free(nn_table_chunk *c);

#endif
