/* Reading the rows of a chunk: the fast way where it will do, the careful way everywhere else. */
#include "data/table_chunk.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/csv_field.h"
#include "data/csv_record.h"

/* ---- the fast way: a row without quotes, NULL for anything that needs a second look ---- */

static inline bool ends_field(char c, char delimiter)
{
    return c == delimiter || c == '\n' || c == '\r' || c == '"' || c == '\0';
}

/* Up to seven digits, exact in a float; NULL when anything else stands before the next mark. */
static inline const char *fast_digits(const char *at, char delimiter, float *to)
{
    const char *const start = at;
    unsigned value = 0;

    for (; *at >= '0' && *at <= '9' && at - start < 7; at++)
        value = 10 * value + (unsigned)(*at - '0');
    *to = (float)value;
    return at != start && (*at == delimiter || *at == '\n') ? at : NULL;
}

/* Is it so small that the arithmetic, which knows no denormal numbers, takes it for 0? */
static inline bool is_lost(double value)
{
    return value != 0 && fabs(value) < (double)FLT_MIN;
}

static const char *fast_number(const char *at, const char *end, const nn_table_format *f, bool gap,
                               float *to)
{
    const char *const short_end = fast_digits(at, f->delimiter, to);
    double value = 0;

    if (short_end != NULL)
        return short_end;
    while (*at == ' ' && f->delimiter != ' ')
        at++;
    if (gap && (*at == f->delimiter || *at == '\n')) {
        *to = NAN;
        return at;
    }
    at = nn_scan_double(at, end, f->plan->point, &value);
    if (at == NULL || fabs(value) > (double)FLT_MAX)
        return NULL;
    if (is_lost(value))
        return NULL;
    *to = (float)value;
    while (*at == ' ' && f->delimiter != ' ')
        at++;
    return at;
}

static const char *fast_text(const char *at, char delimiter, nn_table_text *to)
{
    const char *const start = at;

    while (!ends_field(*at, delimiter))
        at++;
    if ((size_t)(at - start) > NN_CSV_MAX_FIELD)
        return NULL;
    to->bytes = start;
    to->len = (size_t)(at - start);
    return at;
}

/* Is this a place among the features that holds a number? */
static bool is_number(const nn_table_plan *p, int cell)
{
    return cell >= 0 && !p->raw->column[cell].is_word;
}

/* The place behind the row that begins at `at`. */
static const char *fast_row(const char *at, const char *end, const nn_table_format *f, float *cell,
                            nn_table_text *text)
{
    const nn_table_plan *p = f->plan;
    nn_table_text none;

    if (*at == '\n' || *at == '\r')
        return NULL;
    for (int i = 0; i < p->columns; i++) {
        const int k = p->cell[i], slot = p->slot[i];
        const unsigned digit = (unsigned)(*at - '0');

        /* The fields of pictures, of categories and of flags are single digits, as a rule. */
        if (slot < 0 && k >= 0 && digit <= 9 && at[1] == f->delimiter && i + 1 < p->columns) {
            cell[k] = (float)digit;
            at += 2;
            continue;
        }
        if (slot >= 0 && is_number(p, k) && fast_number(at, end, f, p->gaps[k], &cell[k]) == NULL)
            return NULL;
        if (slot >= 0 || k < 0)
            at = fast_text(at, f->delimiter, slot >= 0 ? &text[slot] : &none);
        else
            at = fast_number(at, end, f, p->gaps[k], &cell[k]);
        if (at == NULL || (i + 1 < p->columns && *at++ != f->delimiter))
            return NULL;
    }
    if (*at == '\r' && at + 1 < end)
        at++;
    if (at == end)
        return at;
    return *at == '\n' ? at + 1 : NULL;
}

/* ---- the careful way ---- */

nn_code nn_table_refuse(const nn_table_format *f, int column, nn_field_text field, uint64_t line,
                        const char *flaw, const char *advice, nn_err *err)
{
    char where[NN_WHERE_SIZE], name[NN_SHOWN], shown[NN_SHOWN];

    snprintf(where, sizeof where, "%.250s:%llu", f->name, (unsigned long long)line);
    if (f->names == NULL)
        snprintf(name, sizeof name, "%d", column + 1);
    else
        nn_text_show(name, sizeof name, f->names[column], strlen(f->names[column]), 40);
    nn_text_show(shown, sizeof shown, field.bytes, field.len, 40);
    return nn_err_set(err, NN_EDATA, where,
                      f->names == NULL ? "column %s: %s, got \"%s\"%s"
                                       : "column \"%s\": %s, got \"%s\"%s",
                      name, flaw, shown, advice);
}

/* A field that should be a number. */
static nn_code take_number(nn_table_chunk *c, const nn_table_format *f, int column,
                           const nn_field_text *field, uint64_t line, float *to, nn_err *err)
{
    const nn_table_plan *p = f->plan;
    double value = 0;
    const nn_number kind = nn_csv_number(*field, p->point, &value);

    if (kind != NN_NUMBER_BAD && kind != NN_NUMBER_HUGE && fabs(value) <= (double)FLT_MAX) {
        c->tiny += kind == NN_NUMBER_TINY || is_lost(value);
        *to = is_lost(value) ? 0 : (float)value;
        return NN_OK;
    }
    if (kind != NN_NUMBER_BAD)
        return nn_table_refuse(f, column, *field, line, "a number out of the range of float32", "",
                               err);
    if (nn_csv_is_missing(*field, &p->missing)) {
        *to = NAN;
        return p->gaps[p->cell[column]]
                   ? NN_OK
                   : nn_table_refuse(f, column, *field, line, "a missing value",
                                     "; set its `impute` in data.columns", err);
    }
    if (p->point == '.' && f->delimiter != ',' && memchr(field->bytes, ',', field->len) != NULL)
        return nn_table_refuse(f, column, *field, line,
                               "expected a number with a decimal point, not a comma",
                               "; set csv.decimal to \",\"", err);
    return nn_table_refuse(f, column, *field, line, "the column is not numeric: expected a number",
                           "", err);
}

/* The record's texts go where it stood in the chunk: unquoted they are never longer. */
static void keep_texts(const nn_csv_record *r, const nn_table_plan *p, char *to,
                       nn_table_text *text)
{
    for (int i = 0; i < p->columns; i++) {
        const nn_field_text *field = &r->field[i];

        if (p->slot[i] < 0)
            continue;
        memcpy(to, field->bytes, field->len);
        text[p->slot[i]] = (nn_table_text){to, field->len};
        to += field->len;
    }
}

static nn_code take_fields(nn_table_chunk *c, const nn_table_format *f, const nn_csv_record *r,
                           char *start, float *cell, nn_table_text *text, nn_err *err)
{
    const nn_table_plan *p = f->plan;

    NN_TRY(nn_csv_record_check(r, f->name, p->columns, err));
    for (int i = 0; i < p->columns; i++)
        if (is_number(p, p->cell[i]))
            NN_TRY(take_number(c, f, i, &r->field[i], r->line, &cell[p->cell[i]], err));
    keep_texts(r, p, start, text);
    return NN_OK;
}

nn_code nn_table_refuse_blank(const nn_table_format *f, uint64_t line, nn_err *err)
{
    char where[NN_WHERE_SIZE];

    snprintf(where, sizeof where, "%.250s:%llu", f->name, (unsigned long long)line);
    return nn_err_set(err, NN_EDATA, where, "a blank line between records");
}

/* Where the numbers of the row at hand go. */
static float *cells_of_row(const nn_table_chunk *c, size_t features)
{
    return c->byte != NULL ? c->wide : c->cell + c->rows * features;
}

/* Reads the record at *at and moves *at and *line behind it; *row: it is a row. */
static nn_code careful_row(nn_table_chunk *c, const nn_table_format *f, nn_csv_record *r, char **at,
                           uint64_t *line, bool *row, nn_err *err)
{
    const size_t features = (size_t)f->plan->raw->count;
    nn_csv_cursor cursor = {.name = f->name, .delimiter = f->delimiter, .line = *line};
    char *const start = *at;
    size_t used = 0;
    bool done = false;

    nn_csv_record_start(r, &cursor);
    NN_TRY(nn_csv_record_feed(r, &cursor, start, (size_t)(c->bytes + c->len - start), &used, &done,
                              err));
    if (!done)
        NN_TRY(nn_csv_record_finish(r, &cursor, err));
    *at = start + used;
    *line = cursor.line;
    *row = !nn_csv_record_is_blank(r);
    if (!*row) {
        c->blank = c->blank == 0 ? r->line : c->blank;
        return NN_OK;
    }
    if (c->blank != 0)
        return nn_table_refuse_blank(f, c->blank, err);
    return take_fields(c, f, r, start, cells_of_row(c, features),
                       c->text + c->rows * (size_t)f->plan->slots, err);
}

/* ---- the rows ---- */

/* As a byte each; false when one of them is none. */
static bool narrow(uint8_t *to, const float *from, size_t count)
{
    bool fits = true;

    for (size_t i = 0; i < count; i++) {
        const float value = from[i] >= 0 && from[i] <= 255 ? from[i] : 0;

        to[i] = (uint8_t)value;
        fits &= (float)to[i] == from[i];
    }
    return fits;
}

/* The row at hand is no row of bytes: this chunk's rows are numbers, then. */
static nn_code give_up_bytes(nn_table_chunk *c, size_t features, nn_err *err)
{
    const size_t before = c->rows * features;
    size_t count = 0;

    if (!nn_mul_size(c->most, features, &count))
        return nn_err_memory(err, "the rows", 0);
    NN_TRY(nn_grow(&c->wide, &c->wide_room, count, sizeof *c->wide, err));
    memmove(c->wide + before, c->wide, features * sizeof *c->wide);
    for (size_t i = 0; i < before; i++)
        c->wide[i] = (float)c->byte[i];
    c->byte = NULL;
    c->cell = c->wide;
    return NN_OK;
}

static nn_code read_rows(nn_table_chunk *c, const nn_table_format *f, nn_csv_record *r, nn_err *err)
{
    const size_t features = (size_t)f->plan->raw->count, slots = (size_t)f->plan->slots;
    char *at = c->bytes, *const end = c->bytes + c->len;
    uint64_t line = c->line;

    while (at < end) {
        const char *next = c->blank != 0 ? NULL
                                         : fast_row(at, end, f, cells_of_row(c, features),
                                                    c->text + c->rows * slots);
        bool row = true;

        c->row_line[c->rows] = line;
        if (next != NULL) {
            at += next - at;
            line++;
        } else {
            NN_TRY(careful_row(c, f, r, &at, &line, &row, err));
        }
        if (row && c->byte != NULL && !narrow(c->byte + c->rows * features, c->wide, features))
            NN_TRY(give_up_bytes(c, features, err));
        c->rows += row;
    }
    return NN_OK;
}

void nn_table_chunk_read(nn_table_chunk *c, const nn_table_format *format)
{
    const size_t slots = (size_t)format->plan->slots, features = (size_t)format->plan->raw->count;
    nn_csv_record r = {0};
    size_t texts = 0;

    c->rows = c->tiny = 0;
    c->blank = 0;
    memset(&c->err, 0, sizeof c->err);
    /* One more than there are: without any there is still a place to point to. */
    if (!nn_mul_size(c->most, slots, &texts) || !nn_add_size(texts, 1, &texts))
        c->code = nn_err_memory(&c->err, "the texts of a table", 0);
    else if ((c->code = nn_grow(&c->text, &c->text_room, texts, sizeof *c->text, &c->err)) ==
                 NN_OK &&
             (c->code = nn_grow(&c->row_line, &c->line_room, c->most, sizeof *c->row_line,
                                &c->err)) == NN_OK &&
             (c->byte == NULL || (c->code = nn_grow(&c->wide, &c->wide_room, features,
                                                    sizeof *c->wide, &c->err)) == NN_OK))
        c->code = read_rows(c, format, &r, &c->err);
    nn_csv_record_free(&r);
}

void nn_table_chunk_free(nn_table_chunk *c)
{
    nn_free(c->text);
    nn_free(c->wide);
    nn_free(c->row_line);
    memset(c, 0, sizeof *c);
}
