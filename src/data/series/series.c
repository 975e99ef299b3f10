/* Rows in the order of time: one series behind the other. */
#include "data/sequence.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/raw.h"

typedef struct key {
    double moment;
    int32_t series;
    uint32_t row;
} key;

static int compare(const void *a, const void *b)
{
    const key *x = a, *y = b;

    if (x->series != y->series)
        return x->series < y->series ? -1 : 1;
    if (x->moment != y->moment)
        return x->moment < y->moment ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static key key_of(const nn_dataset *d, size_t row)
{
    const key k = {.moment = d->moment == NULL ? 0 : d->moment[row],
                   .series = d->series == NULL ? 0 : d->series[row],
                   .row = (uint32_t)row};
    return k;
}

static bool is_sorted(const nn_dataset *d)
{
    key before = key_of(d, 0);

    for (size_t i = 1; i < d->rows; i++) {
        const key now = key_of(d, i);

        if (compare(&before, &now) > 0)
            return false;
        before = now;
    }
    return true;
}

/* An array of rows of this size in the new order. */
static nn_code permute(void *array, size_t size, const key *order, size_t rows, nn_err *err)
{
    char **const to = array;
    char *fresh;

    if (*to == NULL || size == 0)
        return NN_OK;
    fresh = nn_alloc(rows, size);
    if (fresh == NULL)
        return nn_err_memory(err, "the rows in order", rows * size);
    for (size_t i = 0; i < rows; i++)
        memcpy(fresh + i * size, *to + order[i].row * size, size);
    nn_free(*to);
    *to = fresh;
    return NN_OK;
}

static nn_code permute_all(nn_dataset *d, const key *order, nn_err *err)
{
    const size_t n = d->rows;
    const size_t pitch = d->raw != NULL ? (size_t)d->raw->count : nn_dataset_pitch(d);

    NN_TRY(permute(&d->bytes, pitch, order, n, err));
    NN_TRY(permute(&d->numbers, pitch * sizeof *d->numbers, order, n, err));
    NN_TRY(permute(&d->label, sizeof *d->label, order, n, err));
    NN_TRY(permute(&d->value, (size_t)d->width * sizeof *d->value, order, n, err));
    NN_TRY(permute(&d->line, sizeof *d->line, order, n, err));
    NN_TRY(permute(&d->weight, sizeof *d->weight, order, n, err));
    NN_TRY(permute(&d->group, sizeof *d->group, order, n, err));
    NN_TRY(permute(&d->part, sizeof *d->part, order, n, err));
    NN_TRY(permute(&d->id_at, sizeof *d->id_at, order, n, err));
    NN_TRY(permute(&d->series, sizeof *d->series, order, n, err));
    return permute(&d->moment, sizeof *d->moment, order, n, err);
}

static nn_code check_moments(const nn_dataset *d, nn_err *err)
{
    char where[NN_WHERE_SIZE];

    for (size_t i = 1; d->moment != NULL && i < d->rows; i++) {
        const key before = key_of(d, i - 1), now = key_of(d, i);

        if (before.series == now.series && before.moment == now.moment)
            return nn_err_set(err, NN_EDATA, nn_dataset_where(d, i, where),
                              "the same time as in line %llu, so the order of the two rows is not "
                              "known; if there are several series, name their column in "
                              "sequence.group",
                              (unsigned long long)d->line[i - 1]);
    }
    return NN_OK;
}

nn_code nn_series_sort(nn_dataset *d, nn_err *err)
{
    key *order = NULL;
    nn_code rc = NN_OK;

    d->ordered = true;
    if (d->rows == 0)
        return NN_OK;
    if (!is_sorted(d)) {
        order = nn_alloc(d->rows, sizeof *order);
        if (order == NULL)
            return nn_err_memory(err, "the rows in order", d->rows * sizeof *order);
        for (size_t i = 0; i < d->rows; i++)
            order[i] = key_of(d, i);
        qsort(order, d->rows, sizeof *order, compare);
        rc = permute_all(d, order, err);
        nn_free(order);
    }
    return rc != NN_OK ? rc : check_moments(d, err);
}
