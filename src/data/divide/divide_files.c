/* Splitting files: what the rows have in common, the deal, and the copies. */
#include "data/divide_files.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "data/array_write.h"
#include "data/csv.h"
#include "data/csv_cut.h"
#include "data/csv_field.h"
#include "data/csv_place.h"
#include "data/dataset.h"
#include "data/words.h"

enum { BLOCK = 1 << 18 };

typedef struct job {
    const nn_divide_conf *c;
    size_t rows;
    int32_t *group; /* [rows], or NULL */
    size_t room;
    nn_words words; /* what the groups are called */
    uint8_t *part;  /* [rows] */
    bool header;
    nn_out *out[2][NN_MAX_PARTS]; /* of the table or x, and of y */
} job;

const char *nn_part_name(const nn_fractions *f, int k, char *dst, size_t size)
{
    static const char *const two[] = {"train", "test"};
    static const char *const three[] = {"train", "validation", "test"};

    if (f->parts <= 3)
        snprintf(dst, size, "%s", f->parts == 2 ? two[k] : three[k]);
    else
        snprintf(dst, size, "%d", k + 1);
    return dst;
}

/* ---- the deal ---- */

static nn_code deal(job *j, nn_divided *done, nn_err *err)
{
    const nn_divide_conf *c = j->c;
    char name[32];

    j->part = nn_alloc(j->rows, 1);
    if (j->part == NULL)
        return nn_err_memory(err, "the split", j->rows);
    NN_TRY(nn_divide(j->part, j->rows, j->group, j->words.count, c->group != NULL, &c->fractions,
                     c->seed, err));
    for (size_t i = 0; i < j->rows; i++)
        done->rows[j->part[i]]++;
    for (int k = 0; k < c->fractions.parts; k++)
        if (done->rows[k] == 0)
            return nn_err_set(err, NN_EDATA, c->table != NULL ? c->table : c->x,
                              "of %zu rows%s, none is left for the part \"%s\"", j->rows,
                              c->group != NULL ? " in groups" : "",
                              nn_part_name(&c->fractions, k, name, sizeof name));
    return NN_OK;
}

static nn_code open_parts(job *j, int which, const char *ending, nn_err *err)
{
    const nn_divide_conf *c = j->c;
    nn_buf path = {0};
    nn_code rc = NN_OK;
    char name[32];

    for (int k = 0; rc == NN_OK && k < c->fractions.parts; k++) {
        nn_buf_clear(&path);
        nn_buf_printf(&path, "%s-%s%s", c->prefix,
                      nn_part_name(&c->fractions, k, name, sizeof name), ending);
        if ((rc = nn_buf_check(&path, err)) == NN_OK)
            rc = nn_out_open(&j->out[which][k], path.data, c->exists, err);
    }
    nn_buf_free(&path);
    return rc;
}

/* ---- tables ---- */

static const char *column_asked_for(const job *j)
{
    return j->c->group != NULL ? j->c->group : j->c->target;
}

static nn_code note_group(job *j, nn_field_text field, nn_err *err)
{
    const nn_field_text bare = nn_csv_trim(field);
    int id;

    NN_TRY(nn_grow(&j->group, &j->room, j->rows + 1, sizeof *j->group, err));
    NN_TRY(nn_words_add(&j->words, bare.bytes, bare.len, &id, NULL, err));
    j->group[j->rows] = id;
    if (j->c->group != NULL || j->words.count <= NN_MAX_CLASSES)
        return NN_OK;
    return nn_err_set(err, NN_EDATA, j->c->table,
                      "the target has more than %d different values; leave --target away for "
                      "numbers",
                      NN_MAX_CLASSES);
}

static nn_code read_groups(job *j, nn_gz *f, nn_csv *csv, nn_err *err)
{
    const char *name = column_asked_for(j);
    const nn_field_text *fields = NULL;
    int column = -1;

    if (name != NULL)
        NN_TRY(nn_csv_place(&column, csv, name, j->c->table, err));
    j->header = nn_csv_names(csv) != NULL;
    for (;; j->rows++) {
        NN_TRY(nn_csv_next(csv, &fields, err));
        if (fields == NULL)
            return nn_gz_end(f, err);
        if (j->rows == NN_MAX_ROWS)
            return nn_err_set(err, NN_ELIMIT, j->c->table, "more than %d rows", NN_MAX_ROWS);
        if (column >= 0)
            NN_TRY(note_group(j, fields[column], err));
    }
}

static nn_code look_at_table(job *j, nn_err *err)
{
    nn_csv_conf conf = {.delimiter = NULL};
    nn_words known = {0};
    nn_gz *f = NULL;
    nn_csv *csv = NULL;
    nn_code rc = nn_csv_expect(&conf, &known, column_asked_for(j), err);

    if (rc == NN_OK && (rc = nn_gz_open(&f, j->c->table, err)) == NN_OK &&
        (rc = nn_csv_open(&csv, f, j->c->table, &conf, err)) == NN_OK)
        rc = read_groups(j, f, csv, err);
    nn_words_free(&known);
    nn_csv_close(csv);
    nn_gz_close(f);
    return rc;
}

/* A record as it stands in the file; a last one without a line feed is given one. */
static nn_code copy_record(const job *j, size_t record, const char *bytes, size_t len, nn_err *err)
{
    const bool is_header = j->header && record == 0;
    const size_t row = record - j->header;

    if (!is_header && row >= j->rows)
        return NN_OK; /* blank lines at the end */
    for (int k = 0; k < j->c->fractions.parts; k++) {
        if (!is_header && j->part[row] != k)
            continue;
        NN_TRY(nn_out_write(j->out[0][k], bytes, len, err));
        if (bytes[len - 1] != '\n')
            NN_TRY(nn_out_write(j->out[0][k], "\n", 1, err));
    }
    return NN_OK;
}

/* What is left to be copied: bytes from the beginning of a record on. */
typedef struct copying {
    char *bytes;
    size_t len, room;
    size_t record;
} copying;

/* Copies all records that are there as a whole; at the end of the file, the rest as well. */
static nn_code copy_whole(const job *j, copying *c, bool ended, nn_err *err)
{
    size_t at = 0;

    while (at < c->len) {
        size_t end = nn_csv_cut(c->bytes, c->len, at, at);

        if (end == 0 && !ended)
            break;
        end = end == 0 ? c->len : end;
        NN_TRY(copy_record(j, c->record++, c->bytes + at, end - at, err));
        at = end;
    }
    c->len -= at;
    memmove(c->bytes, c->bytes + at, c->len);
    return NN_OK;
}

static nn_code copy_stream(const job *j, copying *c, nn_gz *f, nn_err *err)
{
    for (;;) {
        size_t got = 0;

        NN_TRY(nn_grow(&c->bytes, &c->room, c->len + BLOCK, 1, err));
        NN_TRY(nn_gz_read(f, c->bytes + c->len, BLOCK, &got, err));
        c->len += got;
        NN_TRY(copy_whole(j, c, got < BLOCK, err));
        if (got < BLOCK)
            return nn_gz_end(f, err);
    }
}

static nn_code divide_table(job *j, nn_divided *done, nn_err *err)
{
    copying c = {0};
    nn_gz *f = NULL;
    nn_code rc;

    NN_TRY(look_at_table(j, err));
    NN_TRY(deal(j, done, err));
    NN_TRY(open_parts(j, 0, ".csv", err));
    if ((rc = nn_gz_open(&f, j->c->table, err)) == NN_OK)
        rc = copy_stream(j, &c, f, err);
    nn_gz_close(f);
    nn_free(c.bytes);
    return rc;
}

/* ---- arrays ---- */

/* `w` is one writer for each part. */
static nn_code write_parts(job *j, int which, const nn_array *a, const char *format,
                           const nn_divided *done, nn_array_writer *w, nn_err *err)
{
    const nn_element_type type = nn_element_of(a, strcmp(format, "idx") == 0);
    const size_t len = nn_shape_len(&a->shape);

    for (int k = 0; k < j->c->fractions.parts; k++)
        NN_TRY(nn_array_write_head(&w[k], j->out[which][k], format, type, done->rows[k], &a->shape,
                                   err));
    for (size_t i = 0; i < a->rows * len; i++)
        NN_TRY(nn_array_write(&w[j->part[i / len]], nn_array_value(a, i), err));
    for (int k = 0; k < j->c->fractions.parts; k++)
        NN_TRY(nn_array_write_end(&w[k], err));
    return NN_OK;
}

static nn_code copy_array(job *j, int which, const nn_array *a, const char *format,
                          const nn_divided *done, nn_err *err)
{
    const size_t parts = (size_t)j->c->fractions.parts;
    nn_array_writer *w;
    char ending[16];
    nn_code rc;

    snprintf(ending, sizeof ending, "-%s.%s", which == 0 ? "x" : "y", format);
    NN_TRY(open_parts(j, which, ending, err));
    if ((w = nn_alloc(parts, sizeof *w)) == NULL)
        return nn_err_memory(err, "the files of the parts", parts * sizeof *w);
    rc = write_parts(j, which, a, format, done, w, err);
    nn_free(w);
    return rc;
}

/* Class numbers are spread evenly; other targets are of no matter. */
static nn_code group_by_class(job *j, const nn_array *y, nn_err *err)
{
    char text[NN_NUMBER_TEXT];
    int id;

    if (!y->whole || nn_shape_len(&y->shape) != 1)
        return NN_OK;
    j->group = nn_alloc(y->rows, sizeof *j->group);
    if (j->group == NULL)
        return nn_err_memory(err, "the split", y->rows * sizeof *j->group);
    for (size_t i = 0; i < y->rows; i++) {
        nn_format_double(text, nn_array_value(y, i));
        NN_TRY(nn_words_add(&j->words, text, strlen(text), &id, NULL, err));
        j->group[i] = id;
    }
    return NN_OK;
}

static nn_code divide_loaded(job *j, const nn_array *x, const nn_array *y, const char *x_format,
                             const char *y_format, nn_divided *done, nn_err *err)
{
    j->rows = x->rows;
    if (y->data != NULL && y->rows != x->rows)
        return nn_err_set(err, NN_EDATA, j->c->y, "%zu targets, but %s has %zu samples", y->rows,
                          j->c->x, x->rows);
    if (y->data != NULL)
        NN_TRY(group_by_class(j, y, err));
    NN_TRY(deal(j, done, err));
    NN_TRY(copy_array(j, 0, x, x_format, done, err));
    return y->data == NULL ? NN_OK : copy_array(j, 1, y, y_format, done, err);
}

static nn_code load(nn_array *a, const char **format, const char *path, nn_err *err)
{
    const nn_array_format *found = NULL;

    NN_TRY(nn_array_sniff(&found, path, err));
    *format = found == NULL ? "" : found->kind.name;
    return nn_array_load(a, path, found, err);
}

static nn_code divide_arrays(job *j, nn_divided *done, nn_err *err)
{
    nn_array x = {0}, y = {0};
    const char *x_format = NULL, *y_format = NULL;
    nn_code rc = load(&x, &x_format, j->c->x, err);

    if (rc == NN_OK && j->c->y != NULL)
        rc = load(&y, &y_format, j->c->y, err);
    if (rc == NN_OK)
        rc = divide_loaded(j, &x, &y, x_format, y_format, done, err);
    nn_array_free(&x);
    nn_array_free(&y);
    return rc;
}

nn_code nn_divide_files(const nn_divide_conf *c, nn_divided *done, nn_err *err)
{
    job j = {.c = c};
    nn_code rc;

    memset(done, 0, sizeof *done);
    rc = c->table != NULL ? divide_table(&j, done, err) : divide_arrays(&j, done, err);
    if (rc == NN_OK)
        rc = nn_out_commit_all(&j.out[0][0], sizeof j.out / sizeof j.out[0][0], err);
    for (int which = 0; which < 2; which++)
        for (int k = 0; k < NN_MAX_PARTS; k++)
            nn_out_abort(j.out[which][k]);
    nn_words_free(&j.words);
    nn_free(j.group);
    nn_free(j.part);
    return nn_err_reading(err, rc, c->table != NULL ? c->table : c->x);
}
