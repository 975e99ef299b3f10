/* A table into arrays: one pass to see what the columns hold, one to write them. */
#include "convert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/csv_field.h"
#include "data/dataset.h"
#include "data/profile.h"
#include "data/words.h"

typedef struct table {
    const nn_convert *c;
    const nn_profile *p;
    nn_csv *csv;
    nn_array_writer x, y;
    nn_out *x_out, *y_out;
    nn_words words; /* of the target, sorted by their bytes at the end */
    bool worded;
} table;

/* Opens the table anew and hands every record to `each`. */
typedef nn_code each_fn(table *t, const nn_field_text *fields, nn_err *err);
static nn_code walk(table *t, each_fn *each, nn_err *err)
{
    const nn_csv_conf conf = {.header = t->p->header ? NN_HEADER_YES : NN_HEADER_NO};
    const nn_field_text *fields = NULL;
    nn_gz *f = NULL;
    nn_code rc = nn_gz_open(&f, t->c->in, err);

    if (rc == NN_OK && (rc = nn_csv_open(&t->csv, f, t->c->in, &conf, err)) == NN_OK) {
        rc = nn_csv_next(t->csv, &fields, err);
        while (rc == NN_OK && fields != NULL && (rc = each(t, fields, err)) == NN_OK)
            rc = nn_csv_next(t->csv, &fields, err);
        if (rc == NN_OK)
            rc = nn_gz_end(f, err);
    }
    nn_csv_close(t->csv);
    t->csv = NULL;
    nn_gz_close(f);
    return rc;
}

static nn_code refuse_field(const table *t, int column, nn_field_text field, nn_err *err)
{
    char where[NN_WHERE_SIZE], name[NN_SHOWN], shown[NN_SHOWN];

    nn_csv_where(t->csv, where);
    nn_profile_name(t->p, column, name);
    if (field.len == 0)
        return nn_err_set(err, NN_EDATA, where, "column \"%s\": a missing value; arrays have none",
                          name);
    return nn_err_set(err, NN_EDATA, where,
                      "column \"%s\": expected a number, got \"%s\"; only the target's column may "
                      "hold words",
                      name, nn_text_show(shown, sizeof shown, field.bytes, field.len, 40));
}

static nn_code read_number(const table *t, int column, const nn_field_text *fields, double *value,
                           nn_err *err)
{
    const nn_number kind = nn_csv_number(fields[column], '.', value);

    if (kind == NN_NUMBER_OK || kind == NN_NUMBER_TINY)
        return NN_OK;
    return refuse_field(t, column, fields[column], err);
}

/* ---- words of the target ---- */

static nn_code collect(table *t, const nn_field_text *fields, nn_err *err)
{
    const nn_field_text bare = nn_csv_trim(fields[t->p->target]);
    int id;

    if (bare.len == 0)
        return refuse_field(t, t->p->target, bare, err);
    NN_TRY(nn_words_add(&t->words, bare.bytes, bare.len, &id, NULL, err));
    if (t->words.count <= NN_MAX_CLASSES)
        return NN_OK;
    return nn_err_set(err, NN_EDATA, t->c->in, "the target has more than %d different words",
                      NN_MAX_CLASSES);
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The classes in order, and what they are called, for the user. */
static nn_code sort_words(table *t, nn_converted *done, nn_err *err)
{
    nn_words sorted = {0};
    nn_code rc = NN_OK;
    int id;

    qsort(t->words.text, (size_t)t->words.count, sizeof *t->words.text, compare_words);
    for (int i = 0; rc == NN_OK && i < t->words.count; i++) {
        nn_buf_printf(&done->classes, "%s%d %s", i == 0 ? "" : ", ", i, t->words.text[i]);
        rc = nn_words_add(&sorted, t->words.text[i], strlen(t->words.text[i]), &id, NULL, err);
    }
    nn_words_free(&t->words);
    t->words = sorted;
    return rc == NN_OK ? nn_buf_check(&done->classes, err) : rc;
}

/* ---- writing ---- */

static nn_code write_target(table *t, const nn_field_text *fields, nn_err *err)
{
    const nn_field_text bare = nn_csv_trim(fields[t->p->target]);
    double value = 0;

    if (t->worded)
        value = nn_words_find(&t->words, bare.bytes, bare.len);
    else
        NN_TRY(read_number(t, t->p->target, fields, &value, err));
    return nn_array_write(&t->y, value, err);
}

static nn_code write_record(table *t, const nn_field_text *fields, nn_err *err)
{
    for (int c = 0; c < t->p->columns; c++) {
        double value = 0;

        if (c == t->p->target)
            continue;
        NN_TRY(read_number(t, c, fields, &value, err));
        NN_TRY(nn_array_write(&t->x, value, err));
    }
    return t->p->target >= 0 ? write_target(t, fields, err) : NN_OK;
}

/* The range of all columns but the target, or of the target alone. */
static nn_element_type type_of(const table *t, bool of_target)
{
    double least = INFINITY, most = -INFINITY;
    bool whole = true;

    for (int c = 0; c < t->p->columns; c++) {
        const nn_column_profile *column = &t->p->column[c];

        if ((c == t->p->target) != of_target || column->numbers == 0)
            continue;
        least = column->least < least ? column->least : least;
        most = column->most > most ? column->most : most;
        whole = whole && column->whole == column->numbers;
    }
    return nn_element_for(strcmp(t->c->to, "idx") == 0, least, most, whole);
}

static nn_code check_type(const table *t, nn_element_type type, nn_err *err)
{
    char name[NN_SHOWN], least[NN_NUMBER_TEXT], most[NN_NUMBER_TEXT];

    for (int c = 0; c < t->p->columns; c++) {
        const nn_column_profile *column = &t->p->column[c];

        if (c != t->p->target && column->numbers > 0 &&
            !nn_element_holds(type, column->least, column->most, column->whole == column->numbers))
            return nn_err_set(
                err, NN_EDATA, t->c->in, "column \"%s\" goes from %s to %s, which %s does not hold",
                nn_profile_name(t->p, c, name), nn_format_double(least, column->least),
                nn_format_double(most, column->most), nn_element_words[type]);
    }
    return NN_OK;
}

static nn_code write_heads(table *t, nn_converted *done, nn_err *err)
{
    const nn_convert *c = t->c;
    const nn_shape scalar = {.rank = 0};
    const bool idx = strcmp(c->to, "idx") == 0;
    const int features = t->p->columns - (t->p->target >= 0);
    char shape[NN_SHAPE_TEXT];

    done->rows = t->p->rows;
    done->type = c->type == NN_ELEMENT_AUTO ? type_of(t, false) : c->type;
    done->shape = c->shape.rank > 0 ? c->shape : nn_shape_1(features);
    if (features == 0)
        return nn_err_set(err, NN_EDATA, c->in, "no column but the target");
    if (nn_shape_len(&done->shape) != (size_t)features)
        return nn_err_set(err, NN_EUSAGE, c->in, "%d columns do not become samples of shape %s",
                          features, nn_shape_text(shape, &done->shape));
    NN_TRY(check_type(t, done->type, err));
    NN_TRY(nn_array_write_head(&t->x, t->x_out, c->to, done->type, done->rows, &done->shape, err));
    if (t->p->target < 0)
        return NN_OK;
    const nn_element_type type =
        t->worded ? nn_element_for(idx, 0, t->words.count - 1, true) : type_of(t, true);
    return nn_array_write_head(&t->y, t->y_out, c->to, type, done->rows, &scalar, err);
}

static nn_code write_all(table *t, nn_converted *done, nn_err *err)
{
    t->worded = t->p->target >= 0 && t->p->column[t->p->target].words > 0;
    if (t->worded) {
        NN_TRY(walk(t, collect, err));
        NN_TRY(sort_words(t, done, err));
    }
    NN_TRY(nn_out_open(&t->x_out, t->c->out, t->c->exists, err));
    if (t->p->target >= 0)
        NN_TRY(nn_out_open(&t->y_out, t->c->y, t->c->exists, err));
    NN_TRY(write_heads(t, done, err));
    NN_TRY(walk(t, write_record, err));
    NN_TRY(nn_array_write_end(&t->x, err));
    return t->y_out == NULL ? NN_OK : nn_array_write_end(&t->y, err);
}

static nn_code commit(table *t, nn_err *err)
{
    nn_out *both[] = {t->x_out, t->y_out};

    t->x_out = t->y_out = NULL; /* released by the commit, whatever comes of it */
    return nn_out_commit_all(both, 2, err);
}

nn_code nn_convert_table(const nn_convert *c, nn_converted *done, nn_err *err)
{
    const nn_profile_options options = {.target = c->target};
    nn_profile *p = NULL;
    nn_code rc;

    if ((c->target == NULL) != (c->y == NULL))
        return nn_err_set(err, NN_EUSAGE, c->in,
                          "the column of --target goes to the file of --y: give both");
    if ((rc = nn_profile_new(&p, c->in, &options, err)) == NN_OK) {
        table t = {.c = c, .p = p};

        if ((rc = write_all(&t, done, err)) == NN_OK)
            rc = commit(&t, err);
        nn_out_abort(t.x_out);
        nn_out_abort(t.y_out);
        nn_words_free(&t.words);
    }
    nn_profile_free(p);
    return rc;
}
