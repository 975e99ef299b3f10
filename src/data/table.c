/* A dataset from the records of a CSV file: features are numbers, the target words or numbers. */
#include "data/table_plan.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/csv_field.h"

typedef struct table {
    const char *name;
    nn_csv *csv;
    nn_table_plan plan;
    nn_dataset *d;
    size_t room; /* of d->numbers */
    nn_targets targets;
} table;

/* What is wrong with a field that should be a number; NULL when it is fine. */
static const char *flaw_of(const table *t, const nn_field_text *field, nn_number kind, double value)
{
    if (nn_csv_trim(*field).len == 0)
        return "a missing value";
    if (kind == NN_NUMBER_HUGE || (kind != NN_NUMBER_BAD && fabs(value) > (double)FLT_MAX))
        return "a number out of the range of float32";
    if (kind != NN_NUMBER_BAD)
        return NULL;
    if (nn_csv_delimiter(t->csv) != ',' && memchr(field->bytes, ',', field->len) != NULL)
        return "expected a number with a decimal point, not a comma";
    return "the column is not numeric: expected a number";
}

static nn_code refuse_field(const table *t, int column, const nn_field_text *field,
                            const char *flaw, nn_err *err)
{
    const char *const *names = nn_csv_names(t->csv);
    char where[NN_WHERE_SIZE], name[NN_SHOWN], shown[NN_SHOWN];

    if (names == NULL)
        snprintf(name, sizeof name, "%d", column + 1);
    else
        nn_text_show(name, sizeof name, names[column], strlen(names[column]), 40);
    nn_text_show(shown, sizeof shown, field->bytes, field->len, 40);
    return nn_err_set(err, NN_EDATA, nn_csv_where(t->csv, where),
                      names == NULL ? "column %s: %s, got \"%s\"" : "column \"%s\": %s, got \"%s\"",
                      name, flaw, shown);
}

static nn_code add_feature(table *t, int column, const nn_field_text *field, float *to, nn_err *err)
{
    double value = 0;
    const nn_number kind = nn_csv_number(*field, &value);
    const char *flaw = flaw_of(t, field, kind, value);

    if (flaw != NULL)
        return refuse_field(t, column, field, flaw, err);
    *to = (float)value;
    return NN_OK;
}

/* A last column without name or content in the first row comes from delimiters at the ends of
 * lines. */
static nn_code check_last_column(const table *t, const nn_field_text *fields, nn_err *err)
{
    const char *const *names = nn_csv_names(t->csv);
    const int last = t->plan.columns - 1;
    char where[NN_WHERE_SIZE];

    if (fields[last].len > 0 || (names != NULL && names[last][0] != '\0'))
        return NN_OK;
    return nn_err_set(err, NN_EDATA, nn_csv_where(t->csv, where),
                      "the last column is empty: the lines end with a delimiter");
}

static nn_code add_row(table *t, const nn_field_text *fields, nn_err *err)
{
    nn_dataset *d = t->d;
    const size_t width = (size_t)t->plan.features;
    size_t need = 0;

    if (d->rows == 0)
        NN_TRY(check_last_column(t, fields, err));
    if (d->rows == NN_MAX_ROWS || !nn_mul_size(d->rows + 1, width, &need))
        return nn_err_set(err, NN_ELIMIT, t->name, "more than %d rows", NN_MAX_ROWS);
    NN_TRY(nn_grow(&d->numbers, &t->room, need, sizeof *d->numbers, err));
    for (int i = 0; i < t->plan.columns; i++) {
        const int place = t->plan.feature[i];

        if (place >= 0)
            NN_TRY(
                add_feature(t, i, &fields[i], d->numbers + d->rows * width + (size_t)place, err));
    }
    if (t->plan.target >= 0)
        NN_TRY(nn_targets_add_text(&t->targets, fields[t->plan.target].bytes,
                                   fields[t->plan.target].len, nn_csv_line(t->csv), err));
    d->rows++;
    return NN_OK;
}

static nn_code read_rows(table *t, nn_err *err)
{
    const nn_field_text *fields = NULL;

    NN_TRY(nn_csv_next(t->csv, &fields, err));
    if (fields == NULL)
        return nn_err_set(err, NN_EDATA, t->name, "a header but no rows");
    while (fields != NULL) {
        NN_TRY(add_row(t, fields, err));
        NN_TRY(nn_csv_next(t->csv, &fields, err));
    }
    return NN_OK;
}

static nn_code copy_text(char **out, const char *text, nn_err *err)
{
    *out = nn_strdup(text);
    return *out == NULL ? nn_err_memory(err, "the column names", 0) : NN_OK;
}

/* The names of the features in their order, and of the target. */
static nn_code keep_names(table *t, nn_err *err)
{
    const char *const *names = nn_csv_names(t->csv);
    nn_dataset *d = t->d;

    if (names == NULL)
        return NN_OK;
    d->column = nn_alloc((size_t)t->plan.features, sizeof *d->column);
    if (d->column == NULL)
        return nn_err_memory(err, "the column names", 0);
    for (int i = 0; i < t->plan.columns; i++)
        if (t->plan.feature[i] >= 0)
            NN_TRY(copy_text(&d->column[t->plan.feature[i]], names[i], err));
    if (t->plan.target < 0)
        return NN_OK;
    NN_TRY(copy_text(&d->target_column, names[t->plan.target], err));
    t->targets.column = d->target_column;
    return NN_OK;
}

static nn_code load(table *t, nn_gz *f, const nn_load *how, nn_table_targets targets, nn_err *err)
{
    nn_shape found = {0};
    nn_file_id id = {0};

    NN_TRY(nn_dataset_new(&t->d, t->name, err));
    t->d->table = true;
    NN_TRY(nn_csv_open(&t->csv, f, t->name, &how->conf->csv, err));
    NN_TRY(nn_table_plan_make(&t->plan, t->csv, t->name, how, targets, err));
    found = nn_shape_1(t->plan.features);
    NN_TRY(nn_shape_settle(&t->d->shape, &found, &how->conf->shape, t->name, err));
    NN_TRY(keep_names(t, err));
    NN_TRY(read_rows(t, err));
    NN_TRY(nn_gz_end(f, err));
    nn_gz_id(f, &id);
    NN_TRY(nn_dataset_add_file(t->d, t->name, &id, err));
    return t->plan.target < 0 ? NN_OK : nn_targets_settle(&t->targets, how, t->d, err);
}

static void release(table *t)
{
    nn_targets_free(&t->targets);
    nn_table_plan_free(&t->plan);
    nn_csv_close(t->csv);
}

nn_code nn_table_load(nn_dataset **out, nn_gz *f, const char *name, const nn_load *how,
                      nn_table_targets targets, nn_err *err)
{
    table t = {.name = name, .targets = {.name = name, .width = 1}};
    const nn_code rc = load(&t, f, how, targets, err);

    release(&t);
    if (rc != NN_OK)
        nn_dataset_free(t.d);
    *out = rc == NN_OK ? t.d : NULL;
    return rc;
}

nn_code nn_table_peek(int *features, nn_gz *f, const char *name, const nn_load *how, nn_err *err)
{
    table t = {.name = name};
    nn_code rc = nn_csv_open(&t.csv, f, name, &how->conf->csv, err);

    if (rc == NN_OK)
        rc = nn_table_plan_make(&t.plan, t.csv, name, how, NN_TABLE_TARGETS, err);
    *features = t.plan.features;
    release(&t);
    return rc;
}
