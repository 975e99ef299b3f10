/* Windows in the rows of a view: none across series, none across what is not in the view. */
#include "data/windows.h"

#include <string.h>

#include "base/mem.h"

/* Rows of a view that follow each other in one series: positions [begin, end). */
typedef struct run {
    size_t begin, end;
} run;

/* Rows from a sample's first to the last of its targets. */
static size_t span_of(const nn_windows *w)
{
    const int targets = w->offset + w->horizon;

    return (size_t)(targets > w->window ? targets : w->window);
}

static bool follows(const nn_view *v, size_t i)
{
    const size_t before = nn_view_row(v, i - 1), row = nn_view_row(v, i);
    const int32_t *series = v->data->series;

    return row == before + 1 && (series == NULL || series[row] == series[before]);
}

static bool next_run(const nn_view *v, run *r)
{
    r->begin = r->end;
    if (r->begin >= v->count)
        return false;
    for (r->end = r->begin + 1; r->end < v->count && follows(v, r->end);)
        r->end++;
    return true;
}

static nn_code new_view(nn_view *out, const nn_dataset *d, size_t count, nn_err *err)
{
    *out = (nn_view){.data = d};
    out->row = nn_alloc(count > 0 ? count : 1, sizeof *out->row);
    return out->row == NULL ? nn_err_memory(err, "the windows", count * sizeof *out->row) : NN_OK;
}

static nn_code refuse(const nn_view *v, const nn_windows *w, size_t span, nn_err *err)
{
    run r = {0, 0};
    size_t longest = 0;

    while (next_run(v, &r))
        longest = r.end - r.begin > longest ? r.end - r.begin : longest;
    return nn_err_set(err, NN_EDATA, v->data->name,
                      "a window of %d rows%s needs %zu rows that follow each other, found at most "
                      "%zu",
                      w->window, span > (size_t)w->window ? " and its targets" : "", span, longest);
}

nn_code nn_windows_of(nn_view *out, const nn_view *rows, nn_err *err)
{
    const nn_windows *w = &rows->data->windows;
    const size_t span = span_of(w), stride = (size_t)w->stride;
    run r = {0, 0};

    NN_TRY(new_view(out, rows->data, rows->count / stride + 1, err));
    while (next_run(rows, &r))
        for (size_t at = r.begin; at + span <= r.end; at += stride)
            out->row[out->count++] = (uint32_t)nn_view_row(rows, at);
    if (out->count > 0)
        return NN_OK;
    nn_view_free(out);
    return refuse(rows, w, span, err);
}

nn_code nn_windows_last(nn_view *out, const nn_dataset *d, nn_err *err)
{
    const nn_view all = {.data = d, .count = d->rows};
    const size_t window = (size_t)d->windows.window;
    run r = {0, 0};
    size_t count = 0;

    while (next_run(&all, &r))
        count++;
    NN_TRY(new_view(out, d, count, err));
    r.end = 0;
    while (next_run(&all, &r))
        if (r.end - r.begin >= window)
            out->row[out->count++] = (uint32_t)(r.end - window);
    if (out->count > 0)
        return NN_OK;
    nn_view_free(out);
    return refuse(&all, &d->windows, window, err);
}

nn_code nn_view_all(nn_view *out, const nn_dataset *d, nn_err *err)
{
    const nn_view all = {.data = d, .count = d->rows};

    if (d->windows.window > 0)
        return nn_windows_of(out, &all, err);
    *out = all;
    return NN_OK;
}

static nn_code window(nn_view *v, size_t limit, uint64_t seed, nn_err *err)
{
    const nn_view rows = *v;
    nn_view all = {0};
    nn_code rc = NN_OK;

    if (rows.count == 0)
        return NN_OK;
    memset(v, 0, sizeof *v);
    rc = nn_windows_of(&all, &rows, err);
    nn_free(rows.row);
    if (rc != NN_OK)
        return rc;
    if (limit == 0 || limit >= all.count) {
        *v = all;
        return NN_OK;
    }
    rc = nn_view_limit(v, &all, limit, seed, err);
    nn_view_free(&all);
    return rc;
}

nn_code nn_parts_window(nn_parts *p, size_t limit, uint64_t seed, nn_err *err)
{
    if (p->train.data->windows.window == 0)
        return NN_OK;
    NN_TRY(window(&p->train, limit, seed, err));
    NN_TRY(window(&p->validation, limit, seed, err));
    return window(&p->test, 0, seed, err);
}
