/*
 * dump_csv: CSV texts from stdin, each behind its length as a line of decimal digits, each read in
 * both ways; a line of JSON each to stdout: {"rows": [[...]]}, or {"error": "..."}. For an
 * independent reader to compare with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "data/csv.h"
#include "data/table_chunk.h"

static void put_field(nn_buf *out, int i, const char *bytes, size_t len)
{
    nn_buf_put(out, i == 0 ? "[" : ",");
    nn_buf_json_n(out, bytes, len);
}

static void put_error(nn_buf *out, const nn_err *err)
{
    nn_buf_clear(out);
    nn_buf_put(out, "{\"error\":");
    nn_buf_json(out, err->msg);
    nn_buf_char(out, '}');
}

/* Record by record. */
static nn_code read_records(nn_csv *csv, nn_buf *out, nn_err *err)
{
    const nn_field_text *fields = NULL;

    nn_buf_put(out, "{\"rows\":[");
    NN_TRY(nn_csv_next(csv, &fields, err));
    for (int row = 0; fields != NULL; row++) {
        nn_buf_put(out, row == 0 ? "" : ",");
        for (int i = 0; i < nn_csv_columns(csv); i++)
            put_field(out, i, fields[i].bytes, fields[i].len);
        nn_buf_char(out, ']');
        NN_TRY(nn_csv_next(csv, &fields, err));
    }
    nn_buf_put(out, "]}");
    return NN_OK;
}

/* As a table is read, all columns as text. */
static nn_code read_chunk(nn_csv *csv, nn_table_chunk *c, nn_table_format *f, nn_csv_piece *piece,
                          nn_buf *out, nn_err *err)
{
    nn_buf_put(out, "{\"rows\":[");
    NN_TRY(nn_csv_take(csv, piece, 1 << 20, true, err));
    c->bytes = piece->bytes;
    c->len = piece->len;
    c->line = piece->line;
    c->most = (size_t)piece->lines + 1;
    nn_table_chunk_read(c, f);
    *err = c->err;
    NN_TRY(c->code);
    for (size_t row = 0; row < c->rows; row++) {
        const nn_table_text *text = c->text + row * (size_t)f->plan->slots;

        nn_buf_put(out, row == 0 ? "" : ",");
        for (int i = 0; i < f->plan->slots; i++)
            put_field(out, i, text[i].bytes, text[i].len);
        nn_buf_char(out, ']');
    }
    nn_buf_put(out, "]}");
    return NN_OK;
}

static nn_code read_table(nn_csv *csv, nn_buf *out, nn_err *err)
{
    const int columns = nn_csv_columns(csv);
    nn_raw raw = {0};
    nn_table_plan plan = {.columns = columns, .raw = &raw, .slots = columns, .point = '.'};
    nn_table_format format = {&plan, "t.csv", NULL, nn_csv_delimiter(csv)};
    nn_table_chunk chunk = {0};
    nn_csv_piece piece = {0};
    nn_code rc = NN_OK;

    plan.cell = nn_alloc((size_t)columns, sizeof *plan.cell);
    plan.slot = nn_alloc((size_t)columns, sizeof *plan.slot);
    for (int i = 0; i < columns; i++) {
        plan.cell[i] = -1;
        plan.slot[i] = i;
    }
    rc = read_chunk(csv, &chunk, &format, &piece, out, err);
    nn_table_chunk_free(&chunk);
    nn_csv_piece_free(&piece);
    nn_free(plan.cell);
    nn_free(plan.slot);
    return rc;
}

static void dump(const char *text, size_t len, bool table, nn_buf *out)
{
    const nn_csv_conf conf = {.delimiter = ",", .header = NN_HEADER_NO};
    nn_gz *f = NULL;
    nn_csv *csv = NULL;
    nn_err err = {0};
    nn_code rc = nn_gz_open_bytes(&f, "t.csv", text, len, &err);

    nn_buf_clear(out);
    if (rc == NN_OK)
        rc = nn_csv_open(&csv, f, "t.csv", &conf, &err);
    if (rc == NN_OK)
        rc = table ? read_table(csv, out, &err) : read_records(csv, out, &err);
    if (rc != NN_OK)
        put_error(out, &err);
    nn_csv_close(csv);
    nn_gz_close(f);
}

int main(void)
{
    static char text[1 << 16];
    nn_buf records = {0}, table = {0};
    unsigned long len = 0;
    int rc = 0;

    while (rc == 0 && scanf("%lu%*1[\n]", &len) == 1) {
        if (len > sizeof text || fread(text, 1, len, stdin) != len)
            rc = 2;
        dump(text, len, false, &records);
        dump(text, len, true, &table);
        puts(records.data);
        if (strcmp(records.data, table.data) != 0) {
            printf("the other way: %s\n", table.data);
            rc = 1;
        }
    }
    nn_buf_free(&records);
    nn_buf_free(&table);
    return rc;
}
