/* The CSV reader: bytes from a stream, the look at the first lines, records with the same width. */
#include "data/csv.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/csv_cut.h"
#include "data/csv_look.h"
#include "data/csv_record.h"
#include "data/refuse.h"

enum { BUFFER = 65536, MAX_WORD = 64 };

static const char *const header_words[] = {"auto", "yes", "no", NULL};
const char *const nn_decimal_words[] = {".", ",", NULL};

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
         "is the first record made of column names? auto: when one of them stands over a number, "
         "or is a name that the config uses"},
    {.key = "decimal",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_csv_conf, decimal),
     .fallback = "\".\"",
     .words = nn_decimal_words,
     .help = "the decimal sign of numbers"},
    {.key = "missing",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_csv_conf, missing),
     .fallback = "null",
     .form = "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
     .help =
         "words that stand for a missing value, as an empty field always does; absent: NA, N/A, "
         "nan, NaN, null, None, ?"},
    {.key = NULL},
};

const nn_table nn_csv_table = {
    .name = "csv", .help = "how CSV files are written", .fields = fields};

/* How far the bytes were read. */
typedef struct place {
    size_t at; /* in the buffer */
    nn_csv_cursor cursor;
    uint64_t line;       /* of the record last handed out */
    uint64_t blank_line; /* of the first blank line that nothing followed so far; 0: none */
} place;

struct nn_csv {
    nn_gz *f;
    char *name;
    char *buffer; /* [room] */
    size_t have, room;
    bool ended;
    place now;
    bool holding; /* the bytes from `held` on are kept */
    place held;
    nn_csv_record record[2]; /* the second only looks ahead */
    int columns;             /* 0: not yet known */
    char **names;
};

nn_code nn_csv_missing(nn_words *out, nn_node missing, nn_err *err)
{
    static const char *const usual[] = {"NA", "N/A", "nan", "NaN", "null", "None", "?", NULL};
    char shown[NN_SHOWN];
    int id = 0;

    for (int i = 0; nn_node_is(missing, NN_JSON_NONE) && usual[i] != NULL; i++)
        NN_TRY(nn_words_add(out, usual[i], strlen(usual[i]), &id, NULL, err));
    if (!nn_node_is(missing, NN_JSON_NONE) && !nn_node_is(missing, NN_JSON_ARRAY))
        return nn_refuse_node(missing, err, NULL, "expected a list of words, got %s",
                              nn_node_show(missing, shown));
    for (nn_node n = nn_node_first(missing); n.item != NULL; n = nn_node_next(n)) {
        const char *text = nn_node_text(n);

        if (!nn_node_is(n, NN_JSON_TEXT) || strlen(text) > MAX_WORD)
            return nn_refuse_node(n, err, NULL, "expected a word of at most %d bytes, got %s",
                                  MAX_WORD, nn_node_show(n, shown));
        NN_TRY(nn_words_add(out, text, strlen(text), &id, NULL, err));
    }
    return NN_OK;
}

/* More bytes behind those that are there. */
static nn_code refill(nn_csv *csv, nn_err *err)
{
    size_t got = 0;

    NN_TRY(nn_grow(&csv->buffer, &csv->room, csv->have + BUFFER / 2, 1, err));
    NN_TRY(nn_gz_read_some(csv->f, csv->buffer + csv->have, csv->room - csv->have, &got, err));
    csv->have += got;
    csv->ended = got == 0;
    return NN_OK;
}

static nn_code read_record(nn_csv *csv, nn_csv_record *r, nn_err *err)
{
    bool done = false;

    nn_csv_record_start(r, &csv->now.cursor);
    while (!done) {
        size_t used = 0;

        if (csv->now.at == csv->have) {
            if (!csv->holding)
                csv->now.at = csv->have = 0;
            if (!csv->ended)
                NN_TRY(refill(csv, err));
            if (csv->ended)
                return nn_csv_record_finish(r, &csv->now.cursor, err);
        }
        NN_TRY(nn_csv_record_feed(r, &csv->now.cursor, csv->buffer + csv->now.at,
                                  csv->have - csv->now.at, &used, &done, err));
        csv->now.at += used;
    }
    return NN_OK;
}

static nn_code refuse_line(const nn_csv *csv, uint64_t line, nn_err *err, const char *what)
{
    char where[NN_WHERE_SIZE];

    snprintf(where, sizeof where, "%.250s:%llu", csv->name, (unsigned long long)line);
    return nn_err_set(err, NN_EDATA, where, "%s", what);
}

/* The next record that is not blank; count 0 at the end. Blank lines may stand only there. */
static nn_code read_full(nn_csv *csv, nn_csv_record *r, nn_err *err)
{
    NN_TRY(read_record(csv, r, err));
    while (nn_csv_record_is_blank(r)) {
        if (csv->now.blank_line == 0)
            csv->now.blank_line = r->line;
        NN_TRY(read_record(csv, r, err));
    }
    if (r->count == 0)
        return NN_OK;
    if (csv->now.blank_line != 0)
        return refuse_line(csv, csv->now.blank_line, err, "a blank line between records");
    if (csv->columns == 0)
        csv->columns = (int)r->count;
    return nn_csv_record_check(r, csv->name, csv->columns, err);
}

/* Enough bytes for the first lines, or as many as there are. */
static nn_code fill_buffer(nn_csv *csv, int lines, nn_err *err)
{
    while (!csv->ended && csv->have < BUFFER &&
           !nn_csv_look_is_enough(csv->buffer, csv->have, lines))
        NN_TRY(refill(csv, err));
    return NN_OK;
}

/* Takes the mark of UTF-8 away; other encodings are refused by theirs. */
static nn_code take_mark(nn_csv *csv, nn_err *err)
{
    const char *encoding = nn_csv_look_encoding(csv->buffer, csv->have);
    const char *foreign = nn_format_guess((const unsigned char *)csv->buffer, csv->have);

    if (csv->have == 0)
        return nn_err_set(err, NN_EDATA, csv->name, "the file is empty");
    if (foreign != NULL)
        return nn_err_set(err, NN_EDATA, csv->name, "expected CSV text, found %s", foreign);
    if (encoding != NULL)
        return nn_err_set(err, NN_EDATA, csv->name,
                          "the text is %s; convert it: iconv -f %s -t UTF-8", encoding, encoding);
    if (csv->have >= 3 && memcmp(csv->buffer, "\xEF\xBB\xBF", 3) == 0)
        csv->now.at = 3;
    return NN_OK;
}

static nn_code choose_delimiter(nn_csv *csv, const nn_csv_conf *conf, nn_err *err)
{
    const char *given = conf->delimiter;
    char shown[NN_SHOWN];

    if (given == NULL || strcmp(given, "auto") == 0) {
        csv->now.cursor.delimiter =
            nn_csv_look_delimiter(csv->buffer + csv->now.at, csv->have - csv->now.at);
        return NN_OK;
    }
    csv->now.cursor.delimiter = strcmp(given, "tab") == 0 ? '\t' : given[0];
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

size_t nn_csv_held(const nn_csv *csv)
{
    return csv->now.at - csv->held.at;
}

/* Is the first record a header? The second is read only when nothing else can tell. */
static nn_code is_header(nn_csv *csv, const nn_csv_conf *conf, bool *yes, nn_err *err)
{
    nn_csv_record *const r = csv->record;

    *yes = conf->header == NN_HEADER_YES;
    if (conf->header != NN_HEADER_AUTO)
        return NN_OK;
    for (int i = 0; conf->known != NULL && i < csv->columns && !*yes; i++)
        *yes = nn_words_find(conf->known, r[0].field[i].bytes, r[0].field[i].len) >= 0;
    if (*yes || conf->sure)
        return NN_OK;
    NN_TRY(read_full(csv, &r[1], err));
    *yes = nn_csv_look_header(r[0].field, r[1].count == 0 ? NULL : r[1].field, csv->columns);
    return NN_OK;
}

static nn_code find_header(nn_csv *csv, const nn_csv_conf *conf, nn_err *err)
{
    bool named = false;
    place second;

    nn_csv_hold(csv);
    NN_TRY(read_full(csv, &csv->record[0], err));
    if (csv->record[0].count == 0)
        return nn_err_set(err, NN_EDATA, csv->name, "the file has no records");
    second = csv->now;
    NN_TRY(is_header(csv, conf, &named, err));
    nn_csv_back(csv);
    if (!named)
        return NN_OK;
    csv->now = second;
    return keep_names(csv, &csv->record[0], err);
}

void nn_csv_hold(nn_csv *csv)
{
    csv->holding = true;
    csv->held = csv->now;
}

void nn_csv_back(nn_csv *csv)
{
    csv->holding = false;
    csv->now = csv->held;
}

static nn_code start(nn_csv *csv, nn_gz *f, const char *name, const nn_csv_conf *conf, nn_err *err)
{
    csv->f = f;
    csv->name = nn_strdup(name);
    if (csv->name == NULL)
        return nn_err_memory(err, "the CSV reader", 0);
    csv->now.cursor = (nn_csv_cursor){.name = csv->name, .line = 1};
    NN_TRY(nn_grow(&csv->buffer, &csv->room, BUFFER, 1, err));
    NN_TRY(fill_buffer(csv, conf->sure ? 1 : 2, err));
    NN_TRY(take_mark(csv, err));
    NN_TRY(choose_delimiter(csv, conf, err));
    return find_header(csv, conf, err);
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
    return csv->now.cursor.delimiter;
}

nn_code nn_csv_next(nn_csv *csv, const nn_field_text **out, nn_err *err)
{
    nn_csv_record *const r = &csv->record[0];

    *out = NULL;
    NN_TRY(read_full(csv, r, err));
    if (r->count == 0)
        return NN_OK;
    csv->now.line = r->line;
    *out = r->field;
    return NN_OK;
}

uint64_t nn_csv_line(const nn_csv *csv)
{
    return csv->now.line;
}

const char *nn_csv_where(const nn_csv *csv, char *dst)
{
    snprintf(dst, NN_WHERE_SIZE, "%.250s:%llu", csv->name, (unsigned long long)csv->now.line);
    return dst;
}

/*
 * A record that fills the piece: it may be a long one, or a quote that is never closed. Reading it
 * from its beginning finds the second out before the piece grows further.
 */
static nn_code check_long(const nn_csv *csv, const nn_csv_piece *piece, nn_err *err)
{
    nn_csv_record r = {0};
    nn_csv_cursor c = csv->now.cursor;
    size_t used = 0;
    bool done = false;

    nn_csv_record_start(&r, &c);
    const nn_code rc = nn_csv_record_feed(&r, &c, piece->bytes, piece->len, &used, &done, err);
    nn_csv_record_free(&r);
    return rc;
}

/* Reads on until the piece holds a record and enough; *end is where its last one ends. */
static nn_code fill_piece(nn_csv *csv, nn_csv_piece *piece, size_t want, bool wait, size_t *end,
                          nn_err *err)
{
    for (;; want = piece->len > want / 2 ? 2 * want : want) {
        NN_TRY(nn_grow(&piece->bytes, &piece->room, want + 1, 1, err));
        *end = wait ? 0 : nn_csv_cut_last(piece->bytes, piece->len);
        while (*end == 0 && piece->len < want && !csv->ended) {
            size_t got = 0;

            NN_TRY(
                nn_gz_read_some(csv->f, piece->bytes + piece->len, want - piece->len, &got, err));
            piece->len += got;
            csv->ended = got == 0;
            if (!wait)
                *end = nn_csv_cut_last(piece->bytes, piece->len);
        }
        if (csv->ended)
            *end = piece->len;
        else if (*end == 0)
            *end = nn_csv_cut_last(piece->bytes, piece->len);
        if (*end > 0 || csv->ended)
            return NN_OK;
        NN_TRY(check_long(csv, piece, err));
    }
}

nn_code nn_csv_take(nn_csv *csv, nn_csv_piece *piece, size_t want, bool wait, nn_err *err)
{
    const size_t left = csv->have - csv->now.at;
    size_t end = 0;

    want = want < left ? left : want;
    piece->len = 0;
    piece->line = csv->now.cursor.line;
    NN_TRY(nn_grow(&piece->bytes, &piece->room, want + 1, 1, err));
    memcpy(piece->bytes, csv->buffer + csv->now.at, left);
    piece->len = left;
    csv->now.at = csv->have = 0;
    NN_TRY(fill_piece(csv, piece, want, wait, &end, err));
    NN_TRY(nn_grow(&csv->buffer, &csv->room, piece->len - end, 1, err));
    csv->have = piece->len - end;
    memcpy(csv->buffer, piece->bytes + end, csv->have);
    piece->len = end;
    piece->bytes[end] = '\0';
    piece->lines = nn_csv_count_lines(piece->bytes, end);
    csv->now.cursor.line += piece->lines;
    return NN_OK;
}

void nn_csv_piece_free(nn_csv_piece *piece)
{
    nn_free(piece->bytes);
    memset(piece, 0, sizeof *piece);
}

uint64_t nn_csv_left(const nn_csv *csv)
{
    const uint64_t left = nn_gz_left(csv->f);

    return nn_gz_is_packed(csv->f) || left == UINT64_MAX ? UINT64_MAX
                                                         : left + csv->have - csv->now.at;
}
