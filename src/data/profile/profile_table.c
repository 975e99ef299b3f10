/* The profile of a CSV file: one pass, with a sample of the rows kept where a target is named. */
#include "profile_file.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "data/csv_place.h"
#include "profile_column.h"
#include "tells.h"

/* Numbers of the sample, and hashes of values of all columns, that are held at the same time. */
enum { SAMPLE_ROWS = 1 << 16, SAMPLE_NUMBERS = 1 << 22, ALL_DISTINCT = 1 << 23 };

/* Of a block, unless a single row has more. */
enum { BLOCK_ROWS = 64, BLOCK_FIELDS = 1 << 16, BLOCK_TEXT = 1 << 18 };

/*
 * Some rows, which are looked at column by column: what is known of a column is more than a little,
 * and would be fetched from memory for every field if all columns took turns.
 */
typedef struct block {
    nn_field_text *field; /* [most][columns] */
    double *number;       /* [most][columns] as in a sample */
    uint64_t *hash;       /* [most] of whole rows */
    char *text;           /* [room] what the fields point into */
    size_t rows, most, used, room;
} block;

typedef struct reading {
    nn_profile *p;
    const nn_profile_options *options;
    nn_csv_conf conf;
    nn_words missing, known;
    nn_csv *csv;
    nn_look *look;  /* [columns] */
    bool *compared; /* [columns] */
    uint64_t *salt; /* [columns] of the column's name */
    block block;
    double *sample; /* [sample_rows][columns], or NULL */
    size_t sample_rows, sampled;
    size_t room;
} reading;

static bool is_compared(const reading *r, const char *name)
{
    if (r->options->compare == NULL)
        return true;
    for (int i = 0; i < r->options->compared; i++)
        if (name != NULL && strcmp(r->options->compare[i], name) == 0)
            return true;
    return false;
}

static nn_code name_columns(reading *r, nn_err *err)
{
    const char *const *names = nn_csv_names(r->csv);
    nn_profile *p = r->p;

    for (int c = 0; c < p->columns; c++) {
        const char *name = names == NULL ? NULL : names[c];

        if (name != NULL && (p->column[c].name = nn_strdup(name)) == NULL)
            return nn_err_memory(err, "the column names", 0);
        r->compared[c] = is_compared(r, name);
        r->salt[c] = name == NULL ? nn_hash_mix((uint64_t)c, 2) : nn_hash_bytes(name, strlen(name));
        r->look[c].limit = ALL_DISTINCT / (size_t)p->columns;
        if (r->look[c].limit > NN_PROFILE_DISTINCT)
            r->look[c].limit = NN_PROFILE_DISTINCT;
        r->look[c].missing_words = &r->missing;
        r->look[c].point = r->conf.decimal == NN_DECIMAL_COMMA ? ',' : '.';
    }
    return NN_OK;
}

static nn_code make_block(block *b, size_t columns, nn_err *err)
{
    const size_t rows = BLOCK_FIELDS / columns;

    b->most = rows < 1 ? 1 : rows < BLOCK_ROWS ? rows : BLOCK_ROWS;
    b->field = nn_alloc(b->most * columns, sizeof *b->field);
    b->number = nn_alloc(b->most * columns, sizeof *b->number);
    b->hash = nn_alloc(b->most, sizeof *b->hash);
    b->text = nn_alloc(BLOCK_TEXT, 1);
    b->room = BLOCK_TEXT;
    if (b->field == NULL || b->number == NULL || b->hash == NULL || b->text == NULL)
        return nn_err_memory(err, "the look at a file", b->most * columns * sizeof *b->field);
    return NN_OK;
}

static void free_block(block *b)
{
    nn_free(b->field);
    nn_free(b->number);
    nn_free(b->hash);
    nn_free(b->text);
}

static nn_code make_room(reading *r, nn_err *err)
{
    const size_t columns = (size_t)r->p->columns;

    r->p->column = nn_alloc(columns, sizeof *r->p->column);
    r->look = nn_alloc(columns, sizeof *r->look);
    r->compared = nn_alloc(columns, sizeof *r->compared);
    r->salt = nn_alloc(columns, sizeof *r->salt);
    if (r->p->column == NULL || r->look == NULL || r->compared == NULL || r->salt == NULL)
        return nn_err_memory(err, "the look at a file", columns * sizeof *r->look);
    NN_TRY(make_block(&r->block, columns, err));
    NN_TRY(name_columns(r, err));
    if (r->options->last)
        r->p->target = r->p->columns - 1;
    if (r->options->target != NULL)
        NN_TRY(nn_csv_place(&r->p->target, r->csv, r->options->target, r->p->path, err));
    if (r->p->target < 0)
        return NN_OK;
    r->sample_rows =
        SAMPLE_NUMBERS / columns < SAMPLE_ROWS ? SAMPLE_NUMBERS / columns : SAMPLE_ROWS;
    return NN_OK;
}

/* Every row of the file is as likely to be in the sample as any other. */
static nn_code sample(reading *r, const double *row, nn_err *err)
{
    const nn_rng rng = {.seed = 0, .stream = NN_RNG_LIMIT};
    const size_t columns = (size_t)r->p->columns;
    size_t at = r->sampled, room = r->room;

    if (r->sample_rows == 0)
        return NN_OK;
    if (r->sampled < r->sample_rows) {
        NN_TRY(nn_grow(&r->sample, &room, (r->sampled + 1) * columns, sizeof *r->sample, err));
        r->room = room;
        r->sampled++;
    } else {
        at = (size_t)nn_rng_below(&rng, r->p->rows, r->p->rows + 1);
    }
    if (at < r->sample_rows)
        memcpy(r->sample + at * columns, row, columns * sizeof *row);
    return NN_OK;
}

/* The rows of the block in one column. */
static nn_code look_down(reading *r, int c, nn_err *err)
{
    const size_t columns = (size_t)r->p->columns;
    block *b = &r->block;

    for (size_t i = 0; i < b->rows; i++) {
        const size_t at = i * columns + (size_t)c;
        nn_looked seen;

        NN_TRY(nn_look_field(&r->look[c], b->field[at], &seen, err));
        /* A word becomes a number that no other word is likely to have. */
        b->number[at] = seen.is_word ? (double)(seen.hash >> 12) : seen.number;
        if (r->compared[c])
            b->hash[i] += nn_hash_mix(r->salt[c], seen.hash); /* in any order of the columns */
    }
    return NN_OK;
}

static nn_code look_at_block(reading *r, size_t *room, nn_err *err)
{
    nn_profile *p = r->p;
    block *b = &r->block;

    memset(b->hash, 0, b->rows * sizeof *b->hash);
    for (int c = 0; c < p->columns; c++)
        NN_TRY(look_down(r, c, err));
    for (size_t i = 0; i < b->rows; i++) {
        NN_TRY(nn_profile_remember(p, room, b->hash[i], err));
        NN_TRY(sample(r, b->number + i * (size_t)p->columns, err));
        p->rows++;
    }
    b->rows = b->used = 0;
    return NN_OK;
}

static size_t text_of(const nn_field_text *fields, int columns)
{
    size_t bytes = 0;

    for (int c = 0; c < columns; c++)
        bytes += fields[c].len;
    return bytes;
}

/* Copies a row, whose text lasts until the next one is read, behind those of the block. */
static void keep_row(block *b, const nn_field_text *fields, int columns)
{
    nn_field_text *to = b->field + b->rows++ * (size_t)columns;

    for (int c = 0; c < columns; c++) {
        to[c] = fields[c];
        to[c].bytes = b->text + b->used;
        memcpy(b->text + b->used, fields[c].bytes, fields[c].len);
        b->used += fields[c].len;
    }
}

static nn_code read_rows(reading *r, nn_err *err)
{
    const int columns = r->p->columns;
    const nn_field_text *fields = NULL;
    block *b = &r->block;
    size_t room = 0;

    for (;;) {
        NN_TRY(nn_csv_next(r->csv, &fields, err));
        if (fields == NULL)
            return look_at_block(r, &room, err);
        const size_t text = text_of(fields, columns);

        if (b->rows == b->most || text > b->room - b->used)
            NN_TRY(look_at_block(r, &room, err));
        NN_TRY(nn_grow(&b->text, &b->room, text, 1, err)); /* nothing points into it then */
        keep_row(b, fields, columns);
    }
}

static nn_code compare_with_target(reading *r, nn_err *err)
{
    nn_profile *p = r->p;
    const size_t columns = (size_t)p->columns, n = r->sampled;
    double *x = nn_alloc(2 * n + 1, sizeof *x);
    double *y = x + n;
    nn_code rc = x == NULL ? nn_err_memory(err, "the comparison of columns", 0) : NN_OK;

    for (size_t i = 0; rc == NN_OK && i < n; i++)
        y[i] = r->sample[i * columns + (size_t)p->target];
    for (int c = 0; rc == NN_OK && c < p->columns; c++) {
        const nn_column_profile *column = &p->column[c];

        if (c == p->target || nn_column_is_constant(column))
            continue;
        for (size_t i = 0; i < n; i++)
            x[i] = r->sample[i * columns + (size_t)c];
        rc = nn_tells(x, y, n, column->words == 0, nn_column_is_category(&p->column[p->target]),
                      &p->column[c].tells, err);
    }
    nn_free(x);
    return rc;
}

/* Columns with the same values in the same order. */
static void find_same(reading *r)
{
    for (int c = 1; c < r->p->columns; c++)
        for (int d = 0; d < c && r->p->column[c].same_as < 0; d++)
            if (r->look[c].all == r->look[d].all && r->p->column[d].same_as < 0 &&
                !nn_column_is_constant(&r->p->column[c]))
                r->p->column[c].same_as = d;
}

static nn_code finish(reading *r, nn_err *err)
{
    nn_profile *p = r->p;

    if (p->rows == 0)
        return nn_err_set(err, NN_EDATA, p->path, "the file has a header, but no rows");
    for (int c = 0; c < p->columns; c++)
        NN_TRY(nn_look_end(&r->look[c], &p->column[c], err));
    find_same(r);
    if (p->target >= 0 && p->rows >= NN_PROFILE_FEW)
        return compare_with_target(r, err);
    return NN_OK;
}

static nn_code read_table(reading *r, nn_gz *f, nn_err *err)
{
    if (r->options->csv != NULL)
        r->conf = *r->options->csv;
    NN_TRY(nn_csv_missing(&r->missing, r->conf.missing, err));
    NN_TRY(nn_csv_expect(&r->conf, &r->known, r->options->target, err));
    NN_TRY(nn_csv_open(&r->csv, f, r->p->path, &r->conf, err));
    r->p->columns = nn_csv_columns(r->csv);
    r->p->delimiter = nn_csv_delimiter(r->csv);
    r->p->header = nn_csv_names(r->csv) != NULL;
    NN_TRY(make_room(r, err));
    NN_TRY(read_rows(r, err));
    NN_TRY(nn_gz_end(f, err));
    return finish(r, err);
}

nn_code nn_profile_table(nn_profile *p, const nn_profile_options *options, nn_err *err)
{
    reading r = {.p = p, .options = options};
    nn_gz *f = NULL;
    nn_code rc = nn_gz_open(&f, p->path, err);

    if (rc == NN_OK)
        rc = read_table(&r, f, err);
    for (int c = 0; r.look != NULL && c < p->columns; c++)
        nn_look_free(&r.look[c]);
    nn_free(r.look);
    nn_words_free(&r.missing);
    nn_words_free(&r.known);
    nn_free(r.compared);
    nn_free(r.salt);
    free_block(&r.block);
    nn_free(r.sample);
    nn_csv_close(r.csv);
    nn_gz_close(f);
    return rc;
}
