/* Fitting the scaling of samples and targets on the training rows, and undoing that of the targets.
 */
#include "data/prep.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/baseline.h"

enum { NAMED = 8 }; /* constant columns that a warning names */

/* The numbers to fit on: those of the rows of a view, in columns. */
typedef struct source {
    const nn_view *view;
    size_t len; /* numbers a row */
    size_t columns;
    bool targets; /* of the targets, not the samples */
} source;

static double number_at(const source *s, size_t row, size_t k)
{
    const nn_dataset *d = s->view->data;
    const size_t i = nn_view_row(s->view, row) * s->len + k;

    return s->targets ? (double)d->value[i] : nn_dataset_value(d, i);
}

/* Numbers in a column. */
static double column_count(const source *s)
{
    return (double)s->view->count * (double)(s->len / s->columns);
}

/* Mean and standard deviation in two passes; a column of equal numbers keeps the factor 1. */
static void fit_standard(const source *s, double *shift, double *factor)
{
    const double n = column_count(s);

    for (size_t i = 0; i < s->view->count; i++)
        for (size_t k = 0; k < s->len; k++)
            shift[k % s->columns] += number_at(s, i, k);
    for (size_t c = 0; c < s->columns; c++)
        shift[c] /= n;
    for (size_t i = 0; i < s->view->count; i++) {
        for (size_t k = 0; k < s->len; k++) {
            const double away = number_at(s, i, k) - shift[k % s->columns];

            factor[k % s->columns] += away * away;
        }
    }
    for (size_t c = 0; c < s->columns; c++)
        factor[c] = 1 / sqrt(factor[c] / n);
}

/* The least number is the shift; the way from it to the greatest becomes 1. */
static void fit_range(const source *s, double *least, double *most)
{
    for (size_t c = 0; c < s->columns; c++) {
        least[c] = INFINITY;
        most[c] = -INFINITY;
    }
    for (size_t i = 0; i < s->view->count; i++) {
        for (size_t k = 0; k < s->len; k++) {
            const double value = number_at(s, i, k);
            const size_t c = k % s->columns;

            least[c] = value < least[c] ? value : least[c];
            most[c] = value > most[c] ? value : most[c];
        }
    }
}

static void add_name(nn_buf *list, const nn_dataset *d, size_t column, bool named)
{
    char shown[NN_SHOWN];

    if (list->len > 0)
        nn_buf_put(list, ", ");
    if (named)
        nn_buf_printf(
            list, "\"%s\"",
            nn_text_show(shown, sizeof shown, d->column[column], strlen(d->column[column]), 40));
    else
        nn_buf_printf(list, "%zu", column);
}

/* One warning for all the columns (counted from 0 where they have no names) that tell nothing. */
static nn_code warn_constant(const source *s, const double *least, const double *most,
                             nn_problems *warn, nn_err *err)
{
    const nn_dataset *d = s->view->data;
    const bool named = !s->targets && d->column != NULL && s->columns == s->len;
    nn_buf list = {0};
    size_t count = 0;
    nn_code rc = NN_OK;

    for (size_t c = 0; c < s->columns; c++) {
        if (least[c] < most[c])
            continue;
        if (count++ < NAMED)
            add_name(&list, d, c, named);
    }
    rc = nn_buf_check(&list, err);
    if (rc == NN_OK && count > 0)
        nn_problems_add(warn, NN_WARNING, NN_EDATA, (nn_place){.file = d->name}, NULL,
                        "%zu of %zu %s are constant in the training rows: %s%s", count, s->columns,
                        s->targets ? "targets" : "columns", list.data,
                        count > NAMED ? ", ..." : "");
    nn_buf_free(&list);
    return rc == NN_OK && warn->lost ? nn_err_memory(err, "a warning", 0) : rc;
}

/* shift and factor, [columns] each and zero before. */
static nn_code fit_columns(const source *s, bool standard, double *shift, double *factor,
                           nn_problems *warn, nn_err *err)
{
    double *least = nn_alloc(2 * s->columns, sizeof *least);
    double *most = least == NULL ? NULL : least + s->columns;
    nn_code rc = NN_OK;

    if (least == NULL)
        return nn_err_memory(err, "the scaling", 0);
    fit_range(s, least, most);
    if (standard)
        fit_standard(s, shift, factor);
    for (size_t c = 0; c < s->columns; c++) {
        const double way = most[c] - least[c];

        if (!standard || way == 0)
            shift[c] = least[c];
        if (way == 0)
            factor[c] = 1;
        else if (!standard)
            factor[c] = 1 / way;
    }
    rc = warn_constant(s, least, most, warn, err);
    nn_free(least);
    return rc;
}

static nn_scale scale_of(const nn_dataset *d, const nn_data_conf *conf)
{
    if (conf->scale != NN_SCALE_AUTO)
        return (nn_scale)conf->scale;
    if (d->bytes != NULL)
        return NN_SCALE_UNIT;
    return d->table ? NN_SCALE_STANDARD : NN_SCALE_NONE;
}

static nn_code new_pair(double **shift, double **factor, size_t count, nn_err *err)
{
    *shift = nn_alloc(count, sizeof **shift);
    *factor = nn_alloc(count, sizeof **factor);
    if (*shift == NULL || *factor == NULL)
        return nn_err_memory(err, "the scaling", 0);
    return NN_OK;
}

static nn_code fit_samples(nn_prep *p, const nn_view *train, const nn_data_conf *conf,
                           nn_problems *warn, nn_err *err)
{
    const nn_dataset *d = train->data;
    source s = {.view = train, .len = nn_shape_len(&d->shape)};

    p->scale = scale_of(d, conf);
    p->shape = d->shape;
    p->columns =
        p->scale == NN_SCALE_STANDARD || p->scale == NN_SCALE_MINMAX ? nn_shape_last(&d->shape) : 1;
    s.columns = (size_t)p->columns;
    NN_TRY(new_pair(&p->shift, &p->factor, s.columns, err));
    if (p->columns > 1 || p->scale == NN_SCALE_STANDARD || p->scale == NN_SCALE_MINMAX)
        return fit_columns(&s, p->scale == NN_SCALE_STANDARD, p->shift, p->factor, warn, err);
    p->factor[0] = p->scale == NN_SCALE_UNIT ? 1.0 / 255 : 1;
    return NN_OK;
}

static nn_code check_log1p(const nn_view *train, size_t width, nn_err *err)
{
    const nn_dataset *d = train->data;

    for (size_t i = 0; i < train->count; i++) {
        const size_t row = nn_view_row(train, i);

        for (size_t k = 0; k < width; k++)
            if (d->value[row * width + k] <= -1)
                return nn_err_set(err, NN_EDATA, d->name,
                                  "target_scale log1p: sample %zu has the target %g, expected more "
                                  "than -1",
                                  row, (double)d->value[row * width + k]);
    }
    return NN_OK;
}

static nn_code fit_targets(nn_prep *p, const nn_view *train, const nn_data_conf *conf,
                           nn_problems *warn, nn_err *err)
{
    const nn_dataset *d = train->data;
    const source s = {train, (size_t)d->width, (size_t)d->width, true};

    if (d->value == NULL)
        return NN_OK;
    p->width = d->width;
    NN_TRY(new_pair(&p->target_shift, &p->target_factor, s.columns, err));
    if (p->task == NN_TASK_REGRESSION)
        p->target_scale = (nn_target_scale)conf->target_scale;
    if (p->target_scale == NN_TARGET_STANDARD || p->target_scale == NN_TARGET_MINMAX)
        return fit_columns(&s, p->target_scale == NN_TARGET_STANDARD, p->target_shift,
                           p->target_factor, warn, err);
    for (int k = 0; k < p->width; k++)
        p->target_factor[k] = 1;
    return p->target_scale == NN_TARGET_LOG1P ? check_log1p(train, s.columns, err) : NN_OK;
}

static nn_code copy_text(char **out, const char *text, nn_err *err)
{
    *out = text == NULL ? NULL : nn_strdup(text);
    return text != NULL && *out == NULL ? nn_err_memory(err, "the column names", 0) : NN_OK;
}

static nn_code copy_names(nn_prep *p, const nn_dataset *d, nn_err *err)
{
    const int count = (int)nn_shape_len(&d->shape);

    NN_TRY(nn_classes_copy(&p->classes, &d->classes, err));
    NN_TRY(copy_text(&p->target_column, d->target_column, err));
    NN_TRY(copy_text(&p->format, d->table ? "csv" : NULL, err));
    if (d->column == NULL)
        return NN_OK;
    p->column = nn_alloc((size_t)count, sizeof *p->column);
    if (p->column == NULL)
        return nn_err_memory(err, "the column names", 0);
    for (; p->column_count < count; p->column_count++)
        NN_TRY(copy_text(&p->column[p->column_count], d->column[p->column_count], err));
    return NN_OK;
}

nn_code nn_prep_fit(nn_prep **out, const nn_view *train, const nn_data_conf *conf, nn_task task,
                    nn_problems *warn, nn_err *err)
{
    nn_prep *p = nn_alloc(1, sizeof *p);
    nn_code rc = NN_OK;

    *out = NULL;
    if (p == NULL)
        return nn_err_memory(err, "the preprocessing", sizeof *p);
    p->task = task;
    if ((rc = fit_samples(p, train, conf, warn, err)) != NN_OK ||
        (rc = fit_targets(p, train, conf, warn, err)) != NN_OK ||
        (rc = nn_baseline_fit(p, train, err)) != NN_OK ||
        (rc = copy_names(p, train->data, err)) != NN_OK)
        nn_prep_free(p);
    else
        *out = p;
    return rc;
}

nn_code nn_prep_none(nn_prep **out, const nn_shape *shape, nn_task task, nn_err *err)
{
    nn_prep *p = nn_alloc(1, sizeof *p);
    nn_code rc = NN_OK;

    *out = NULL;
    if (p == NULL)
        return nn_err_memory(err, "the preprocessing", sizeof *p);
    p->task = task;
    p->scale = NN_SCALE_NONE;
    p->shape = *shape;
    p->columns = 1;
    rc = new_pair(&p->shift, &p->factor, 1, err);
    if (rc == NN_OK) {
        p->factor[0] = 1;
        *out = p;
    } else {
        nn_prep_free(p);
    }
    return rc;
}

void nn_prep_free(nn_prep *p)
{
    if (p == NULL)
        return;
    for (int i = 0; p->column != NULL && i < p->column_count; i++)
        nn_free(p->column[i]);
    nn_free(p->column);
    nn_free(p->target_column);
    nn_free(p->format);
    nn_classes_free(&p->classes);
    nn_free(p->shift);
    nn_free(p->factor);
    nn_free(p->target_shift);
    nn_free(p->target_factor);
    nn_free(p->baseline);
    nn_free(p);
}

void nn_prep_undo_target(const nn_prep *p, nn_real *y, size_t n)
{
    const size_t width = (size_t)p->width;

    for (size_t i = 0; i < n * width; i++) {
        const double scaled =
            (double)y[i] / p->target_factor[i % width] + p->target_shift[i % width];

        y[i] = (nn_real)(p->target_scale == NN_TARGET_LOG1P ? expm1(scaled) : scaled);
    }
}

void nn_prep_load(const nn_prep *p, nn_load *how, nn_data_conf *conf)
{
    memset(conf, 0, sizeof *conf);
    conf->task = (int)p->task;
    conf->shape = p->shape;
    conf->scale = (int)p->scale;
    conf->target_scale = (int)p->target_scale;
    memset(how, 0, sizeof *how);
    how->conf = conf;
    how->task = p->task;
    how->classes = p->classes.count > 0 ? &p->classes : NULL;
    how->column = p->column;
    how->columns = p->column_count;
    how->target = p->target_column;
}
