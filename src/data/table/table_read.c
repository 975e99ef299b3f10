/* Windows of text, cut into chunks, read by threads and put together in order. */
#include "data/table_read.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "data/csv_cut.h"
#include "data/table_chunk.h"
#include "data/table_row.h"
#include "math/pool.h"

/* Chunks are cut by the bytes alone, so that any number of threads reads the same. */
enum { CHUNKS = 16, CHUNK_BYTES = 256 << 10, WINDOW_BYTES = CHUNKS * CHUNK_BYTES };
enum { WIDE = 64 }; /* columns */

typedef struct reader {
    nn_table_fill *fill;
    nn_table_format format;
    nn_csv *csv;
    nn_csv_piece piece[2]; /* one is read while the next comes in */
    int now;
    nn_table_chunk chunk[CHUNKS + 1];
    int chunks;
    uint8_t *old;      /* bytes from before the dataset had numbers, while chunks point to them */
    uint64_t taken;    /* bytes so far */
    size_t start;      /* rows before this file */
    nn_code next_code; /* of the piece that came in meanwhile */
    nn_err next_err;
} reader;

/* Cuts the window; the rest of a window with very long records is one chunk. */
static void cut(reader *r)
{
    nn_csv_piece *p = &r->piece[r->now];
    uint64_t line = p->line;
    size_t at = 0;

    for (r->chunks = 0; at < p->len; r->chunks++) {
        nn_table_chunk *c = &r->chunk[r->chunks];
        const bool last = r->chunks == CHUNKS || p->len - at <= CHUNK_BYTES;
        size_t end = last ? 0 : nn_csv_cut(p->bytes, p->len, at, at + CHUNK_BYTES);

        end = end == 0 ? p->len : end;
        c->bytes = p->bytes + at;
        c->len = end - at;
        c->line = line;
        c->most = (size_t)nn_csv_count_lines(c->bytes, c->len);
        line += c->most;
        c->most += c->bytes[c->len - 1] != '\n';
        at = end;
    }
}

/* Room for the rows of this window: by what the rest of the file promises, else twice as much. */
static nn_code reserve(reader *r, size_t rows, nn_err *err)
{
    nn_dataset *d = r->fill->d;
    const size_t width = (size_t)r->format.plan->raw->count;
    const uint64_t left = nn_csv_left(r->csv);
    size_t need = d->rows + rows, numbers = 0;

    if (need > NN_MAX_ROWS)
        return nn_err_set(err, NN_ELIMIT, r->format.name, "more than %d rows", NN_MAX_ROWS);
    if (!nn_mul_size(need, width, &numbers))
        return nn_err_memory(err, "the rows", 0);
    if (numbers <= r->fill->room)
        return NN_OK;
    if (left != UINT64_MAX && r->taken >= CHUNK_BYTES) { /* a few rows promise nothing */
        const double more = (double)left / (double)r->taken * (double)(need - r->start) * 1.02;

        if (!nn_mul_size(need + (size_t)more + (left > 0), width, &numbers))
            return nn_err_memory(err, "the rows", 0);
    }
    return d->bytes != NULL
               ? nn_grow(&d->bytes, &r->fill->room, numbers, 1, err)
               : nn_grow(&d->numbers, &r->fill->room, numbers, sizeof *d->numbers, err);
}

/*
 * Wide tables are pictures, as a rule, and all their numbers bytes. Kept as such they take a
 * quarter of the memory, which the system is slower to give than we are to fill. The first number
 * that is no byte ends it.
 */
static bool may_be_bytes(const reader *r)
{
    const nn_raw *raw = r->format.plan->raw;
    bool may = raw->count >= WIDE && r->fill->d->rows == 0;

    for (int k = 0; may && k < raw->count; k++)
        may = !raw->column[k].is_word;
    return may;
}

/* Every chunk writes its numbers where they will stay, unless one before it has fewer rows. */
static nn_code place(reader *r, nn_err *err)
{
    nn_dataset *d = r->fill->d;
    const size_t width = (size_t)r->format.plan->raw->count;
    size_t rows = 0;

    for (int i = 0; i < r->chunks; i++)
        rows += r->chunk[i].most;
    NN_TRY(reserve(r, rows, err));
    rows = d->rows;
    for (int i = 0; i < r->chunks; i++) {
        nn_table_chunk *c = &r->chunk[i];

        c->byte = d->bytes != NULL ? d->bytes + rows * width : NULL;
        c->cell = d->bytes != NULL ? NULL : d->numbers + rows * width;
        rows += c->most;
    }
    return NN_OK;
}

static nn_code widen(reader *r, size_t count, nn_err *err)
{
    nn_free(r->old);
    return nn_dataset_widen(r->fill->d, count, r->fill->room, &r->old, err);
}

/* The chunk's numbers to where they belong, unless they are there. */
static nn_code take_numbers(reader *r, const nn_table_chunk *c, nn_err *err)
{
    nn_dataset *d = r->fill->d;
    const size_t width = (size_t)r->format.plan->raw->count;
    const size_t at = d->rows * width, count = c->rows * width;

    if (d->bytes != NULL && c->byte == NULL && count > 0)
        NN_TRY(widen(r, at, err));
    if (d->bytes != NULL && d->bytes + at != c->byte)
        memmove(d->bytes + at, c->byte, count);
    for (size_t i = 0; d->bytes == NULL && c->byte != NULL && i < count; i++)
        d->numbers[at + i] = (float)c->byte[i];
    if (d->bytes == NULL && c->byte == NULL && d->numbers + at != c->cell)
        memmove(d->numbers + at, c->cell, count * sizeof *d->numbers);
    return NN_OK;
}

static nn_code merge_chunk(reader *r, nn_table_chunk *c, nn_err *err)
{
    nn_dataset *d = r->fill->d;

    if (r->fill->blank != 0 && (c->rows > 0 || c->code != NN_OK))
        return nn_table_refuse_blank(&r->format, r->fill->blank, err);
    r->fill->blank = r->fill->blank == 0 ? c->blank : r->fill->blank;
    NN_TRY(take_numbers(r, c, err));
    NN_TRY(nn_table_rows_add(r->fill, &r->format, c, err));
    d->tiny += c->tiny;
    if (c->code != NN_OK)
        *err = c->err;
    return c->code;
}

static nn_code take(reader *r, int which, bool wait, nn_err *err)
{
    return nn_csv_take(r->csv, &r->piece[which], WINDOW_BYTES, wait, err);
}

/* Task 0 fetches the next window; the others read chunks of this one. */
static void work(void *context, int task, int worker)
{
    reader *r = context;

    (void)worker;
    if (task == 0)
        r->next_code = take(r, 1 - r->now, true, &r->next_err);
    else
        nn_table_chunk_read(&r->chunk[task - 1], &r->format);
}

static nn_code merge(reader *r, nn_err *err)
{
    for (int i = 0; i < r->chunks; i++)
        NN_TRY(merge_chunk(r, &r->chunk[i], err));
    return NN_OK;
}

static nn_code read_all(reader *r, int threads, nn_pool **pool, nn_err *err)
{
    NN_TRY(take(r, r->now, true, err));
    if (may_be_bytes(r))
        NN_TRY(nn_grow(&r->fill->d->bytes, &r->fill->room, 1, 1, err));
    /* A small file is read before other threads would have started. */
    NN_TRY(nn_pool_new(pool, r->piece[r->now].len > CHUNK_BYTES && threads > 1 ? threads : 1, err));
    while (r->piece[r->now].len > 0) {
        r->taken += r->piece[r->now].len;
        cut(r);
        NN_TRY(place(r, err));
        nn_pool_run(*pool, r->chunks + 1, work, r);
        NN_TRY(merge(r, err));
        if (r->next_code != NN_OK) {
            *err = r->next_err;
            return r->next_code;
        }
        r->now = 1 - r->now;
    }
    return NN_OK;
}

static nn_code read_some(reader *r, nn_err *err)
{
    const size_t before = r->fill->d->rows;

    do {
        NN_TRY(take(r, r->now, false, err));
        if (r->piece[r->now].len == 0)
            return NN_OK;
        r->taken += r->piece[r->now].len;
        cut(r);
        NN_TRY(place(r, err));
        for (int i = 0; i < r->chunks; i++)
            nn_table_chunk_read(&r->chunk[i], &r->format);
        NN_TRY(merge(r, err));
    } while (r->fill->d->rows == before);
    return NN_OK;
}

static nn_code open_reader(reader **out, nn_table_fill *fill, const nn_table_plan *plan,
                           nn_csv *csv, const char *name, nn_err *err)
{
    reader *r = nn_alloc(1, sizeof *r);

    *out = r;
    if (r == NULL)
        return nn_err_memory(err, "the reader of a table", sizeof *r);
    r->fill = fill;
    r->csv = csv;
    r->start = fill->d->rows;
    r->format = (nn_table_format){plan, name, nn_csv_names(csv), nn_csv_delimiter(csv)};
    return NN_OK;
}

static void close_reader(reader *r)
{
    for (int i = 0; r != NULL && i <= CHUNKS; i++)
        nn_table_chunk_free(&r->chunk[i]);
    for (int i = 0; r != NULL && i < 2; i++)
        nn_csv_piece_free(&r->piece[i]);
    if (r != NULL)
        nn_free(r->old);
    nn_free(r);
}

nn_code nn_table_read(nn_table_fill *fill, const nn_table_plan *plan, nn_csv *csv, const char *name,
                      int threads, nn_err *err)
{
    reader *r = NULL;
    nn_pool *pool = NULL;
    nn_code rc = open_reader(&r, fill, plan, csv, name, err);

    fill->blank = 0;
    if (rc == NN_OK)
        rc = read_all(r, threads, &pool, err);
    nn_pool_free(pool);
    close_reader(r);
    return rc;
}

nn_code nn_table_read_some(nn_table_fill *fill, const nn_table_plan *plan, nn_csv *csv,
                           const char *name, nn_err *err)
{
    reader *r = NULL;
    nn_code rc = open_reader(&r, fill, plan, csv, name, err);

    if (rc == NN_OK)
        rc = read_some(r, err);
    close_reader(r);
    return rc;
}

void nn_table_fill_free(nn_table_fill *fill)
{
    nn_targets_free(&fill->targets);
    nn_words_free(&fill->groups);
    nn_words_free(&fill->series);
    nn_free(fill->value);
    fill->value = NULL;
}
