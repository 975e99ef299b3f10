/* The CSV reader: bytes from a stream, the look at the first lines, records with the same width. */
#include "data/csv.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/csv_look.h"
#include "data/csv_record.h"
#include "data/foreign.h"

enum { BUFFER = 65536 };

static const char *const header_words[] = {"auto", "yes", "no", NULL};

static const nn_field fields[] = {
    {.key = "delimiter",
     .type = NN_FIELD_TEXT,
     .at = offsetof(nn_csv_conf, delimiter),
     .fallback = "\"auto\"",
     .help = "what stands between fields: one character, \"tab\", or \"auto\" to look"},
    {.key = "header",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_csv_conf, header),
     .fallback = "\"auto\"",
     .words = header_words,
     .help =
         "is the first record made of column names? auto: when one of them stands over a number"},
    {.key = NULL},
};

const nn_table nn_csv_table = {
    .name = "csv", .help = "how CSV files are written", .fields = fields};

struct nn_csv {
    nn_gz *f;
    char *name;
    char *buffer; /* [BUFFER] */
    size_t have, at;
    bool ended;
    nn_csv_cursor cursor;
    /* Records read ahead to find the header: `pending` of them from `first` on, in turn. */
    nn_csv_record record[2];
    int first, pending;
    int columns; /* 0: not yet known */
    char **names;
    uint64_t line;
    uint64_t blank_line; /* of the first blank line that nothing followed so far; 0: none */
};

/* More bytes behind those that are there; only the look at the first lines needs them to add up. */
static nn_code refill(nn_csv *csv, nn_err *err)
{
    size_t got = 0;

    NN_TRY(nn_gz_read_some(csv->f, csv->buffer + csv->have, BUFFER - csv->have, &got, err));
    csv->have += got;
    csv->ended = got == 0;
    return NN_OK;
}

static nn_code read_record(nn_csv *csv, nn_csv_record *r, nn_err *err)
{
    bool done = false;

    nn_csv_record_start(r, &csv->cursor);
    while (!done) {
        size_t used = 0;

        if (csv->at == csv->have) {
            csv->at = csv->have = 0;
            if (!csv->ended)
                NN_TRY(refill(csv, err));
            if (csv->ended)
                return nn_csv_record_finish(r, &csv->cursor, err);
        }
        NN_TRY(nn_csv_record_feed(r, &csv->cursor, csv->buffer + csv->at, csv->have - csv->at,
                                  &used, &done, err));
        csv->at += used;
    }
    return NN_OK;
}

static nn_code refuse_line(const nn_csv *csv, uint64_t line, nn_err *err, const char *what)
{
    char where[NN_WHERE_SIZE];

    snprintf(where, sizeof where, "%.250s:%llu", csv->name, (unsigned long long)line);
    return nn_err_set(err, NN_EDATA, where, "%s", what);
}

/* Every record has as many fields as the first. */
static nn_code check_width(nn_csv *csv, const nn_csv_record *r, nn_err *err)
{
    char what[96];

    if (csv->columns == 0)
        csv->columns = (int)r->count;
    if (r->count == (size_t)csv->columns)
        return NN_OK;
    snprintf(what, sizeof what, "expected %d fields, got %zu%s", csv->columns, r->count,
             r->count == (size_t)csv->columns + 1 && r->field[r->count - 1].len == 0
                 ? "; the line ends with a delimiter"
                 : "");
    return refuse_line(csv, r->line, err, what);
}

/* The next record that is not blank; count 0 at the end. Blank lines may stand only there. */
static nn_code read_full(nn_csv *csv, nn_csv_record *r, nn_err *err)
{
    NN_TRY(read_record(csv, r, err));
    while (nn_csv_record_is_blank(r)) {
        if (csv->blank_line == 0)
            csv->blank_line = r->line;
        NN_TRY(read_record(csv, r, err));
    }
    if (r->count == 0)
        return NN_OK;
    if (csv->blank_line != 0)
        return refuse_line(csv, csv->blank_line, err, "a blank line between records");
    return check_width(csv, r, err);
}

/* Enough bytes for the first two lines, or as many as there are. */
static nn_code fill_buffer(nn_csv *csv, nn_err *err)
{
    while (!csv->ended && csv->have < BUFFER && !nn_csv_look_is_enough(csv->buffer, csv->have))
        NN_TRY(refill(csv, err));
    return NN_OK;
}

/* Takes the mark of UTF-8 away; other encodings are refused by theirs. */
static nn_code take_mark(nn_csv *csv, nn_err *err)
{
    const char *encoding = nn_csv_look_encoding(csv->buffer, csv->have);
    const char *foreign = nn_foreign_name(csv->buffer, csv->have);

    if (csv->have == 0)
        return nn_err_set(err, NN_EDATA, csv->name, "the file is empty");
    if (foreign != NULL)
        return nn_err_set(err, NN_EDATA, csv->name, "expected CSV text, found %s", foreign);
    if (encoding != NULL)
        return nn_err_set(err, NN_EDATA, csv->name,
                          "the text is %s; convert it: iconv -f %s -t UTF-8", encoding, encoding);
    if (csv->have >= 3 && memcmp(csv->buffer, "\xEF\xBB\xBF", 3) == 0)
        csv->at = 3;
    return NN_OK;
}

static nn_code choose_delimiter(nn_csv *csv, const nn_csv_conf *conf, nn_err *err)
{
    const char *given = conf->delimiter;
    char shown[NN_SHOWN];

    if (given == NULL || strcmp(given, "auto") == 0) {
        csv->cursor.delimiter = nn_csv_look_delimiter(csv->buffer + csv->at, csv->have - csv->at);
        return NN_OK;
    }
    csv->cursor.delimiter = strcmp(given, "tab") == 0 ? '\t' : given[0];
    if (strcmp(given, "tab") == 0 || (strlen(given) == 1 && strchr(",;|:/ \t", given[0]) != NULL))
        return NN_OK;
    return nn_err_set(err, NN_ECONFIG, csv->name,
                      "csv.delimiter: expected one of , ; | : / space or \"tab\", got \"%s\"",
                      nn_text_show(shown, sizeof shown, given, strlen(given), 20));
}

static nn_code keep_names(nn_csv *csv, const nn_csv_record *r, nn_err *err)
{
    csv->names = nn_alloc(r->count, sizeof *csv->names);
    if (csv->names == NULL)
        return nn_err_memory(err, "the column names", 0);
    for (size_t i = 0; i < r->count; i++) {
        const nn_field_text *field = &r->field[i];
        const size_t bad = nn_utf8_check(field->bytes, field->len);
        char what[96];

        if (bad < field->len) {
            snprintf(what, sizeof what, "the name of column %zu is not UTF-8 at byte %zu", i + 1,
                     bad + 1);
            return refuse_line(csv, r->line, err, what);
        }
        csv->names[i] = nn_strndup(field->bytes, field->len);
        if (csv->names[i] == NULL)
            return nn_err_memory(err, "the column names", 0);
    }
    return NN_OK;
}

/* Reads the first record, and the second when only it can tell whether the first is a header. */
static nn_code find_header(nn_csv *csv, int header, nn_err *err)
{
    nn_csv_record *const r = csv->record;
    bool named = header == NN_HEADER_YES;

    NN_TRY(read_full(csv, &r[0], err));
    if (r[0].count == 0)
        return nn_err_set(err, NN_EDATA, csv->name, "the file has no records");
    csv->pending = 1;
    if (header == NN_HEADER_AUTO) {
        NN_TRY(read_full(csv, &r[1], err));
        named = nn_csv_look_header(r[0].field, r[1].count == 0 ? NULL : r[1].field, csv->columns);
        csv->pending = r[1].count == 0 ? 1 : 2;
    }
    if (!named)
        return NN_OK;
    csv->first = 1;
    csv->pending--;
    return keep_names(csv, &r[0], err);
}

static nn_code start(nn_csv *csv, nn_gz *f, const char *name, const nn_csv_conf *conf, nn_err *err)
{
    csv->f = f;
    csv->name = nn_strdup(name);
    csv->buffer = nn_alloc(BUFFER, 1);
    if (csv->name == NULL || csv->buffer == NULL)
        return nn_err_memory(err, "the CSV reader", BUFFER);
    csv->cursor = (nn_csv_cursor){.name = csv->name, .line = 1};
    NN_TRY(fill_buffer(csv, err));
    NN_TRY(take_mark(csv, err));
    NN_TRY(choose_delimiter(csv, conf, err));
    return find_header(csv, conf->header, err);
}

nn_code nn_csv_open(nn_csv **out, nn_gz *f, const char *name, const nn_csv_conf *conf, nn_err *err)
{
    nn_csv *csv = nn_alloc(1, sizeof *csv);
    nn_code rc = NN_OK;

    *out = NULL;
    if (csv == NULL)
        return nn_err_memory(err, "the CSV reader", sizeof *csv);
    rc = start(csv, f, name, conf, err);
    if (rc != NN_OK)
        nn_csv_close(csv);
    else
        *out = csv;
    return rc;
}

void nn_csv_close(nn_csv *csv)
{
    if (csv == NULL)
        return;
    for (int i = 0; csv->names != NULL && i < csv->columns; i++)
        nn_free(csv->names[i]);
    nn_free(csv->names);
    nn_csv_record_free(&csv->record[0]);
    nn_csv_record_free(&csv->record[1]);
    nn_free(csv->buffer);
    nn_free(csv->name);
    nn_free(csv);
}

const char *const *nn_csv_names(const nn_csv *csv)
{
    return (const char *const *)csv->names;
}

int nn_csv_columns(const nn_csv *csv)
{
    return csv->columns;
}

char nn_csv_delimiter(const nn_csv *csv)
{
    return csv->cursor.delimiter;
}

nn_code nn_csv_next(nn_csv *csv, const nn_field_text **out, nn_err *err)
{
    nn_csv_record *r = &csv->record[csv->first];

    *out = NULL;
    if (csv->pending > 0) {
        csv->pending--;
        csv->first = 1 - csv->first;
    } else {
        NN_TRY(read_full(csv, r, err));
    }
    if (r->count == 0)
        return NN_OK;
    csv->line = r->line;
    *out = r->field;
    return NN_OK;
}

uint64_t nn_csv_line(const nn_csv *csv)
{
    return csv->line;
}

const char *nn_csv_where(const nn_csv *csv, char *dst)
{
    snprintf(dst, NN_WHERE_SIZE, "%.250s:%llu", csv->name, (unsigned long long)csv->line);
    return dst;
}
