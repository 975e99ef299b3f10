/* The CSV state machine (RFC 4180): bytes in, one record out, every fault with line and column. */
#include "data/csv_record.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void nn_csv_record_free(nn_csv_record *r)
{
    nn_free(r->text);
    nn_free(r->field);
    memset(r, 0, sizeof *r);
}

bool nn_csv_record_is_blank(const nn_csv_record *r)
{
    return r->count == 1 && r->field[0].len == 0 && !r->field[0].quoted;
}

/* Byte column of the next byte, from 1; saturates in lines that are refused anyway. */
static int column_here(const nn_csv_cursor *c)
{
    const uint64_t column = c->offset - c->line_start + 1;

    return column > INT32_MAX ? INT32_MAX : (int)column;
}

typedef enum place { HERE, AT_QUOTE } place;

static nn_code fault(const nn_csv_cursor *c, place at, nn_err *err, const char *fmt, ...)
    NN_PRINTF(4, 5);
static nn_code fault(const nn_csv_cursor *c, place at, nn_err *err, const char *fmt, ...)
{
    const uint64_t line = at == HERE ? c->line : c->quote_line;
    const int column = at == HERE ? column_here(c) : c->quote_column;
    char where[NN_WHERE_SIZE];
    va_list ap;

    snprintf(where, sizeof where, "%.250s:%llu:%d", c->name, (unsigned long long)line, column);
    va_start(ap, fmt);
    nn_err_setv(err, NN_EDATA, where, fmt, ap);
    va_end(ap);
    return NN_EDATA;
}

static void start_field(const nn_csv_record *r, nn_csv_cursor *c)
{
    c->state = NN_CSV_START;
    c->quoted = false;
    c->field_start = r->len;
    c->field_column = column_here(c);
}

void nn_csv_record_start(nn_csv_record *r, nn_csv_cursor *c)
{
    r->len = 0;
    r->count = 0;
    r->line = c->line;
    start_field(r, c);
}

static nn_code add_bytes(nn_csv_record *r, nn_csv_cursor *c, const char *bytes, size_t len,
                         nn_err *err)
{
    if (r->len - c->field_start + len > NN_CSV_MAX_FIELD && c->quoted)
        return fault(c, AT_QUOTE, err, "field over %d bytes; is this quote ever closed?",
                     NN_CSV_MAX_FIELD);
    if (r->len - c->field_start + len > NN_CSV_MAX_FIELD)
        return fault(c, HERE, err, "field over %d bytes", NN_CSV_MAX_FIELD);
    if (r->len + len > NN_CSV_MAX_RECORD)
        return fault(c, HERE, err, "record over %d bytes", NN_CSV_MAX_RECORD);
    NN_TRY(nn_grow(&r->text, &r->text_room, r->len + len + 1, 1, err)); /* + 1: its NUL */
    memcpy(r->text + r->len, bytes, len);
    r->len += len;
    return NN_OK;
}

static nn_code end_field(nn_csv_record *r, nn_csv_cursor *c, nn_err *err)
{
    nn_field_text *field = NULL;

    if (r->count == NN_CSV_MAX_COLUMNS)
        return fault(c, HERE, err, "more than %d columns", NN_CSV_MAX_COLUMNS);
    NN_TRY(add_bytes(r, c, "", 0, err));
    NN_TRY(nn_grow(&r->field, &r->field_room, r->count + 1, sizeof *r->field, err));
    field = &r->field[r->count++];
    field->bytes = NULL;
    field->len = r->len - c->field_start;
    field->quoted = c->quoted;
    field->column = c->field_column;
    r->text[r->len++] = '\0';
    return NN_OK;
}

/* The text has stopped moving: the fields can point into it. */
static void settle(nn_csv_record *r)
{
    const char *at = r->text;

    for (size_t i = 0; i < r->count; i++) {
        r->field[i].bytes = at;
        at += r->field[i].len + 1;
    }
}

/* How many bytes from here on mean themselves. Counts the lines inside quotes. */
static size_t plain_run(nn_csv_cursor *c, const char *bytes, size_t len)
{
    size_t n = 0;

    if (c->state == NN_CSV_QUOTED) {
        for (n = 0; n < len && bytes[n] != '"' && bytes[n] != '\0'; n++) {
            if (bytes[n] == '\n') {
                c->line++;
                c->line_start = c->offset + n + 1;
            }
        }
        return n;
    }
    if (c->state == NN_CSV_QUOTE || c->state == NN_CSV_RETURN)
        return 0;
    while (n < len && bytes[n] != c->delimiter && bytes[n] != '\n' && bytes[n] != '\r' &&
           bytes[n] != '"' && bytes[n] != '\0')
        n++;
    return n;
}

static nn_code take_quote(nn_csv_record *r, nn_csv_cursor *c, nn_err *err)
{
    switch (c->state) {
    case NN_CSV_START:
        c->state = NN_CSV_QUOTED;
        c->quoted = true;
        c->quote_line = c->line;
        c->quote_column = column_here(c);
        return NN_OK;
    case NN_CSV_QUOTED:
        c->state = NN_CSV_QUOTE;
        return NN_OK;
    case NN_CSV_QUOTE:
        c->state = NN_CSV_QUOTED;
        return add_bytes(r, c, "\"", 1, err);
    default:
        return fault(c, HERE, err, "a quote inside a field that does not begin with one");
    }
}

/* What may not stand after a closing quote; a backslash before it gives away another kind of file.
 */
static nn_code after_quote(const nn_csv_record *r, const nn_csv_cursor *c, nn_err *err)
{
    if (r->len > c->field_start && r->text[r->len - 1] == '\\')
        return fault(c, HERE, err,
                     "text after a closing quote; CSV writes a quote inside quotes twice, a "
                     "backslash does not protect it");
    return fault(c, HERE, err, "text after a closing quote");
}

/* One byte that ends a run. *done: it ended the record. */
static nn_code take_mark(nn_csv_record *r, nn_csv_cursor *c, char mark, bool *done, nn_err *err)
{
    if (c->state == NN_CSV_RETURN && mark != '\n')
        return fault(c, HERE, err, "a carriage return without a line feed");
    if (mark == '\0')
        return fault(c, HERE, err, "a NUL byte");
    if (mark == '"')
        return take_quote(r, c, err);
    if (mark == '\r') {
        c->state = NN_CSV_RETURN;
        return NN_OK;
    }
    if (mark != '\n' && mark != c->delimiter)
        return after_quote(r, c, err);
    NN_TRY(end_field(r, c, err));
    *done = mark == '\n';
    return NN_OK;
}

nn_code nn_csv_record_feed(nn_csv_record *r, nn_csv_cursor *c, const char *bytes, size_t len,
                           size_t *used, bool *done, nn_err *err)
{
    size_t at = 0;

    *done = false;
    while (at < len && !*done) {
        const size_t run = plain_run(c, bytes + at, len - at);

        if (run > 0) {
            NN_TRY(add_bytes(r, c, bytes + at, run, err));
            if (c->state == NN_CSV_START)
                c->state = NN_CSV_PLAIN;
            c->offset += run;
            at += run;
            continue;
        }
        NN_TRY(take_mark(r, c, bytes[at], done, err));
        c->offset++;
        if (*done) {
            c->line++;
            c->line_start = c->offset;
        } else if (bytes[at] == c->delimiter) {
            start_field(r, c);
        }
        at++;
    }
    if (*done)
        settle(r);
    *used = at;
    return NN_OK;
}

nn_code nn_csv_record_finish(nn_csv_record *r, nn_csv_cursor *c, nn_err *err)
{
    if (c->state == NN_CSV_START && r->count == 0)
        return NN_OK;
    if (c->state == NN_CSV_RETURN)
        return fault(c, HERE, err, "a carriage return without a line feed");
    if (c->state == NN_CSV_QUOTED)
        return fault(c, AT_QUOTE, err, "this quote is never closed");
    NN_TRY(end_field(r, c, err));
    settle(r);
    return NN_OK;
}

nn_code nn_csv_record_check(const nn_csv_record *r, const char *name, int columns, nn_err *err)
{
    const bool trails = r->count == (size_t)columns + 1 && r->field[r->count - 1].len == 0;
    char where[NN_WHERE_SIZE];

    if (r->count == (size_t)columns)
        return NN_OK;
    snprintf(where, sizeof where, "%.250s:%llu", name, (unsigned long long)r->line);
    return nn_err_set(err, NN_EDATA, where, "expected %d fields, got %zu%s", columns, r->count,
                      trails ? "; the line ends with a delimiter" : "");
}
