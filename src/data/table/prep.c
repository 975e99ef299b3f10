/* Fitting the scaling of samples and targets on the training rows, and undoing that of the targets.
 */
#include "data/prep.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/baseline.h"
#include "data/season.h"

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

/* The numbers of a row, as doubles, in `to`. */
static void read_row(const source *s, size_t row, double *restrict to)
{
    const nn_dataset *d = s->view->data;
    const size_t start = nn_view_row(s->view, row) * s->len;

    if (s->targets)
        for (size_t k = 0; k < s->len; k++)
            to[k] = (double)d->value[start + k];
    else if (d->bytes != NULL)
        for (size_t k = 0; k < s->len; k++)
            to[k] = (double)d->bytes[start + k];
    else
        for (size_t k = 0; k < s->len; k++)
            to[k] = (double)d->numbers[start + k];
}

/* Mean and standard deviation in two passes; `row` holds a row. */
static void fit_standard(const source *s, double *restrict row, double *restrict mean,
                         double *restrict deviation)
{
    const double n = column_count(s);

    for (size_t i = 0; i < s->view->count; i++) {
        read_row(s, i, row);
        for (size_t at = 0; at < s->len; at += s->columns)
            for (size_t c = 0; c < s->columns; c++)
                mean[c] += row[at + c];
    }
    for (size_t c = 0; c < s->columns; c++)
        mean[c] /= n;
    for (size_t i = 0; i < s->view->count; i++) {
        read_row(s, i, row);
        for (size_t at = 0; at < s->len; at += s->columns) {
            for (size_t c = 0; c < s->columns; c++) {
                const double away = row[at + c] - mean[c];

                deviation[c] += away * away;
            }
        }
    }
    for (size_t c = 0; c < s->columns; c++)
        deviation[c] = sqrt(deviation[c] / n);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Between the two values that stand around a share of the sorted ones, in proportion. */
static double quantile(const double *sorted, size_t count, double share)
{
    const double at = share * (double)(count - 1);
    const size_t below = (size_t)floor(at), above = below + 1 < count ? below + 1 : below;

    return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

/* The median, and the way between the quartiles; `room` holds a column. */
static void fit_robust(const source *s, size_t column, double *room, double *middle, double *way)
{
    size_t count = 0;

    for (size_t i = 0; i < s->view->count; i++)
        for (size_t k = column; k < s->len; k += s->columns)
            room[count++] = number_at(s, i, k);
    qsort(room, count, sizeof *room, compare);
    *middle = quantile(room, count, 0.5);
    *way = quantile(room, count, 0.75) - quantile(room, count, 0.25);
}

static void fit_range(const source *s, double *restrict row, double *restrict least,
                      double *restrict most)
{
    for (size_t c = 0; c < s->columns; c++) {
        least[c] = INFINITY;
        most[c] = -INFINITY;
    }
    for (size_t i = 0; i < s->view->count; i++) {
        read_row(s, i, row);
        for (size_t at = 0; at < s->len; at += s->columns) {
            for (size_t c = 0; c < s->columns; c++) {
                const double value = row[at + c];

                least[c] = value < least[c] ? value : least[c];
                most[c] = value > most[c] ? value : most[c];
            }
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
static nn_code warn_constant(const source *s, const nn_scale *kind, const double *least,
                             const double *most, nn_problems *warn, nn_err *err)
{
    const nn_dataset *d = s->view->data;
    const bool named = !s->targets && d->column != NULL && s->columns == s->len;
    nn_buf list = {0};
    size_t count = 0;
    nn_code rc = NN_OK;

    for (size_t c = 0; c < s->columns; c++) {
        if (least[c] < most[c] || kind[c] == NN_SCALE_NONE || kind[c] == NN_SCALE_UNIT)
            continue;
        if (count++ < NAMED)
            add_name(&list, d, c, named);
    }
    rc = nn_buf_check(&list, err);
    if (rc == NN_OK && count > 0)
        nn_problems_report(
            warn, NN_WARNING, NN_EDATA, (nn_place){.file = d->name}, "constant-column", NULL,
            "%zu of %zu %s are constant in the training rows: %s%s", count, s->columns,
            s->targets ? "targets" : "columns", list.data, count > NAMED ? ", ..." : "");
    nn_buf_free(&list);
    return rc == NN_OK && warn->lost ? nn_err_memory(err, "a warning", 0) : rc;
}

/* Statistics of the columns, [columns] each. */
typedef struct stats {
    double *least, *most, *mean, *deviation;
} stats;

/* One column's scaling by its kind; a column of equal numbers keeps the factor 1. */
static void scale_column(const source *s, const stats *t, size_t c, nn_scale kind, double *room,
                         double *shift, double *factor)
{
    double way = t->most[c] - t->least[c];

    *shift = t->least[c];
    *factor = 1;
    if (kind == NN_SCALE_NONE || kind == NN_SCALE_UNIT) {
        *shift = 0;
        *factor = kind == NN_SCALE_UNIT ? 1.0 / 255 : 1;
        return;
    }
    if (way == 0)
        return;
    if (kind == NN_SCALE_STANDARD) {
        *shift = t->mean[c];
        way = t->deviation[c];
    } else if (kind == NN_SCALE_ROBUST) {
        fit_robust(s, c, room, shift, &way);
    }
    *factor = way > 0 ? 1 / way : 1;
}

/* shift and factor, [columns] each. */
static nn_code fit_columns(const source *s, const nn_scale *kind, double *shift, double *factor,
                           nn_problems *warn, nn_err *err)
{
    double *all = nn_alloc(4 * s->columns + s->len, sizeof *all), *room = NULL;
    const stats t = {all, all + s->columns, all + 2 * s->columns, all + 3 * s->columns};
    double *const row = all + 4 * s->columns;
    bool standard = false, robust = false, range = false;
    nn_code rc = all == NULL ? nn_err_memory(err, "the scaling", 0) : NN_OK;

    for (size_t c = 0; c < s->columns; c++) {
        standard = standard || kind[c] == NN_SCALE_STANDARD;
        robust = robust || kind[c] == NN_SCALE_ROBUST;
        range = range || (kind[c] != NN_SCALE_NONE && kind[c] != NN_SCALE_UNIT);
    }
    if (rc == NN_OK && robust &&
        (room = nn_alloc(s->view->count * (s->len / s->columns), sizeof *room)) == NULL)
        rc = nn_err_memory(err, "the scaling", s->view->count * sizeof *room);
    if (rc == NN_OK) {
        if (range) /* of the others nothing is asked */
            fit_range(s, row, t.least, t.most);
        if (standard)
            fit_standard(s, row, t.mean, t.deviation);
        for (size_t c = 0; c < s->columns; c++)
            scale_column(s, &t, c, kind[c], room, &shift[c], &factor[c]);
        rc = warn_constant(s, kind, t.least, t.most, warn, err);
    }
    nn_free(all);
    nn_free(room);
    return rc;
}

/* The same with one kind for all columns. */
static nn_code fit_alike(const source *s, nn_scale kind, double *shift, double *factor,
                         nn_problems *warn, nn_err *err)
{
    nn_scale *kinds = nn_alloc(s->columns, sizeof *kinds);
    nn_code rc = NN_OK;

    if (kinds == NULL)
        return nn_err_memory(err, "the scaling", 0);
    for (size_t c = 0; c < s->columns; c++)
        kinds[c] = kind;
    rc = fit_columns(s, kinds, shift, factor, warn, err);
    nn_free(kinds);
    return rc;
}

/* Every feature as its column says. */
static nn_code fit_features(const source *s, nn_prep *p, nn_problems *warn, nn_err *err)
{
    nn_scale *kinds = nn_alloc(s->columns, sizeof *kinds);
    nn_code rc = NN_OK;

    if (kinds == NULL)
        return nn_err_memory(err, "the scaling", 0);
    nn_encoder_scales(p->encoder, kinds);
    rc = fit_columns(s, kinds, p->shift, p->factor, warn, err);
    nn_free(kinds);
    return rc;
}

static nn_scale scale_of(const nn_dataset *d, const nn_data_conf *conf)
{
    if (d->text)
        return NN_SCALE_NONE;
    if (conf->scale != NN_SCALE_AUTO)
        return (nn_scale)conf->scale;
    if (d->table)
        return NN_SCALE_STANDARD;
    return d->bytes != NULL ? NN_SCALE_UNIT : NN_SCALE_NONE;
}

static nn_code new_pair(double **shift, double **factor, size_t count, nn_err *err)
{
    *shift = nn_alloc(count, sizeof **shift);
    *factor = nn_alloc(count, sizeof **factor);
    if (*shift == NULL || *factor == NULL)
        return nn_err_memory(err, "the scaling", 0);
    return NN_OK;
}

static bool is_by_column(nn_scale scale)
{
    return scale == NN_SCALE_STANDARD || scale == NN_SCALE_MINMAX || scale == NN_SCALE_ROBUST;
}

static nn_code fit_samples(nn_prep *p, const nn_view *train, const nn_data_conf *conf,
                           nn_problems *warn, nn_err *err)
{
    const nn_dataset *d = train->data;
    source s = {.view = train, .len = nn_dataset_pitch(d)};

    p->scale = scale_of(d, conf);
    p->shape = d->shape;
    p->columns = nn_prep_columns(p);
    s.columns = (size_t)p->columns;
    NN_TRY(new_pair(&p->shift, &p->factor, s.columns, err));
    if (p->encoder != NULL)
        return fit_features(&s, p, warn, err);
    if (is_by_column(p->scale))
        return fit_alike(&s, p->scale, p->shift, p->factor, warn, err);
    p->factor[0] = p->scale == NN_SCALE_UNIT ? 1.0 / 255 : 1;
    return NN_OK;
}

int nn_prep_steps(const nn_prep *p)
{
    if (p->classes.count == 0)
        return 1;
    return p->windows.window > 0 ? p->windows.horizon : p->steps > 0 ? p->steps : 1;
}

bool nn_prep_is_language(const nn_prep *p)
{
    return p->vocabulary != NULL && !p->vocabulary->table;
}

int nn_prep_columns(const nn_prep *p)
{
    if (p->encoder != NULL)
        return p->encoder->features;
    return is_by_column(p->scale) ? nn_shape_last(&p->shape) : 1;
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
    const size_t pitch = nn_dataset_target_pitch(d);
    const source s = {train, pitch, pitch, true};

    if (d->value == NULL)
        return NN_OK;
    p->width = d->width;
    NN_TRY(new_pair(&p->target_shift, &p->target_factor, (size_t)d->width, err));
    if (p->task == NN_TASK_REGRESSION)
        p->target_scale = (nn_target_scale)conf->target_scale;
    for (size_t k = 0; k < pitch; k++)
        p->target_factor[k] = 1;
    if (p->target_scale == NN_TARGET_STANDARD || p->target_scale == NN_TARGET_MINMAX)
        NN_TRY(fit_alike(
            &s, p->target_scale == NN_TARGET_STANDARD ? NN_SCALE_STANDARD : NN_SCALE_MINMAX,
            p->target_shift, p->target_factor, warn, err));
    else if (p->target_scale == NN_TARGET_LOG1P)
        NN_TRY(check_log1p(train, pitch, err));
    for (size_t k = pitch; k < (size_t)d->width; k++) { /* every row of a horizon is scaled alike */
        p->target_shift[k] = p->target_shift[k - pitch];
        p->target_factor[k] = p->target_factor[k - pitch];
    }
    return NN_OK;
}

static nn_code copy_names(nn_prep *p, const nn_dataset *d, nn_err *err)
{
    const int count = (int)nn_dataset_pitch(d);

    NN_TRY(nn_classes_copy(&p->classes, &d->classes, err));
    NN_TRY(nn_classes_copy(&p->targets, &d->targets, err));
    p->target_column = p->targets.count == 1 ? p->targets.name[0] : NULL;
    if (d->column == NULL)
        return NN_OK;
    p->column = nn_alloc((size_t)count, sizeof *p->column);
    if (p->column == NULL)
        return nn_err_memory(err, "the column names", 0);
    for (; p->column_count < count; p->column_count++)
        if ((p->column[p->column_count] = nn_strdup(d->column[p->column_count])) == NULL)
            return nn_err_memory(err, "the column names", 0);
    return NN_OK;
}

static nn_code copy_place(nn_column_place *out, const nn_column_place *from, nn_err *err)
{
    out->place = from->place;
    if (from->name == NULL || (out->name = nn_strdup(from->name)) != NULL)
        return NN_OK;
    return nn_err_memory(err, "a column name", 0);
}

static nn_code copy_sequence(nn_prep *p, const nn_view *train, const nn_data_conf *conf,
                             nn_err *err)
{
    const nn_dataset *d = train->data;

    p->windows = d->windows;
    p->steps = d->steps;
    if (d->windows.window == 0)
        return NN_OK;
    NN_TRY(copy_place(&p->series_column, &d->series_column, err));
    NN_TRY(copy_place(&p->order_column, &d->order_column, err));
    p->season = d->text ? 1 : conf->sequence.season;
    return p->season > 0 ? NN_OK : nn_season_find(&p->season, train, err);
}

nn_code nn_prep_fit(nn_prep **out, const nn_view *train, nn_encoder *encoder,
                    const nn_data_conf *conf, nn_task task, nn_problems *warn, nn_err *err)
{
    nn_prep *p = nn_alloc(1, sizeof *p);
    nn_code rc = NN_OK;

    *out = NULL;
    if (p == NULL) {
        nn_encoder_free(encoder);
        return nn_err_memory(err, "the preprocessing", sizeof *p);
    }
    p->task = task;
    p->encoder = encoder;
    if ((rc = fit_samples(p, train, conf, warn, err)) != NN_OK ||
        (rc = fit_targets(p, train, conf, warn, err)) != NN_OK ||
        (rc = nn_baseline_fit(p, train, err)) != NN_OK ||
        (rc = copy_names(p, train->data, err)) != NN_OK ||
        (rc = copy_sequence(p, train, conf, err)) != NN_OK)
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
    nn_encoder_free(p->encoder);
    nn_vocabulary_free(p->vocabulary);
    nn_classes_free(&p->classes);
    nn_classes_free(&p->targets);
    nn_free(p->shift);
    nn_free(p->factor);
    nn_free(p->target_shift);
    nn_free(p->target_factor);
    nn_free(p->baseline);
    nn_free(p->series_column.name);
    nn_free(p->order_column.name);
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
    how->steps = p->steps;
    how->targets = p->targets.count > 0 ? &p->targets : NULL;
    how->encoder = p->encoder;
    how->plain = p->encoder == NULL;
    how->vocabulary = p->vocabulary;
    if (p->windows.window == 0 || p->vocabulary != NULL)
        return;
    conf->sequence.window = p->windows.window;
    conf->sequence.horizon = p->windows.horizon;
    conf->sequence.lead = p->windows.offset + 1 - p->windows.window;
    conf->sequence.stride = p->windows.stride;
    how->series = &p->series_column;
    how->order = &p->order_column;
}

const char *nn_prep_label(const nn_prep *p, int k, char *dst)
{
    if (k < p->classes.count)
        return p->classes.name[k];
    (void)snprintf(dst, NN_NUMBER_TEXT, "%d", k);
    return dst;
}

const char *nn_prep_output(const nn_prep *p, int width, int k, char *dst)
{
    if (p->targets.count == width)
        return p->targets.name[k];
    (void)snprintf(dst, NN_NUMBER_TEXT, "output_%d", k);
    return dst;
}
