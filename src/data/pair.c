/* A dataset from array files: the samples in one, the targets in another of as many rows. */
#include "data/load.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"

/* The array's data become the dataset's, without a copy where the types allow it. */
static nn_code take_samples(nn_dataset *d, nn_array *x, const char *path, nn_err *err)
{
    const size_t count = x->rows * nn_shape_len(&x->shape);

    d->rows = x->rows;
    if (x->store == NN_STORE_U8) {
        d->bytes = x->data;
        x->data = NULL;
        return NN_OK;
    }
    if (x->store == NN_STORE_F32) {
        d->numbers = x->data;
        x->data = NULL;
        return NN_OK;
    }
    d->numbers = nn_alloc(count, sizeof *d->numbers);
    if (d->numbers == NULL)
        return nn_err_memory(err, "the samples", count * sizeof *d->numbers);
    for (size_t i = 0; i < count; i++) {
        const double value = nn_array_value(x, i);

        if (fabs(value) > (double)FLT_MAX)
            return nn_err_set(err, NN_EDATA, path,
                              "element %zu (sample %zu) is out of the range of float32", i,
                              i / nn_shape_len(&x->shape));
        d->numbers[i] = (float)value;
    }
    return NN_OK;
}

static nn_code load_samples(nn_dataset *d, const char *path, const nn_array_format *format,
                            const nn_load *how, nn_err *err)
{
    nn_array x = {0};
    nn_code rc = nn_array_load(&x, path, format, err);

    if (rc == NN_OK)
        rc = nn_shape_settle(&d->shape, &x.shape, &how->conf->shape, path, err);
    if (rc == NN_OK)
        rc = take_samples(d, &x, path, err);
    if (rc == NN_OK)
        rc = nn_dataset_add_file(d, path, &x.id, err);
    nn_array_free(&x);
    return rc;
}

/* The rows of a target file: one number each, or a list of them. */
static nn_code collect(nn_targets *t, const nn_array *y, nn_err *err)
{
    double *row = NULL;
    nn_code rc = NN_OK;

    if (y->shape.rank > 1) {
        char text[NN_SHAPE_TEXT];

        return nn_err_set(err, NN_EDATA, t->name,
                          "expected targets, one number or one list a sample, got samples of shape "
                          "%s",
                          nn_shape_text(text, &y->shape));
    }
    t->width = (int)nn_shape_len(&y->shape);
    t->whole = y->whole;
    row = nn_alloc((size_t)t->width, sizeof *row);
    if (row == NULL)
        return nn_err_memory(err, "a row of targets", 0);
    for (size_t i = 0; rc == NN_OK && i < y->rows; i++) {
        for (size_t k = 0; k < (size_t)t->width; k++)
            row[k] = nn_array_value(y, i * (size_t)t->width + k);
        rc = nn_targets_add_numbers(t, row, err);
    }
    nn_free(row);
    return rc;
}

static nn_code load_targets(nn_dataset *d, const char *path, const nn_array_format *format,
                            const nn_load *how, nn_err *err)
{
    nn_array y = {0};
    nn_targets t = {.name = path};
    nn_code rc = nn_array_load(&y, path, format, err);

    if (rc == NN_OK && y.rows != d->rows)
        rc = nn_err_set(err, NN_EDATA, path, "%zu targets for the %zu samples of %s", y.rows,
                        d->rows, d->name);
    if (rc == NN_OK)
        rc = collect(&t, &y, err);
    if (rc == NN_OK)
        rc = nn_targets_settle(&t, how, d, err);
    if (rc == NN_OK)
        rc = nn_dataset_add_file(d, path, &y.id, err);
    nn_targets_free(&t);
    nn_array_free(&y);
    return rc;
}

nn_code nn_pair_load(nn_dataset **out, const char *x, const char *y, const nn_array_format *format,
                     const nn_load *how, nn_err *err)
{
    nn_dataset *d = NULL;
    nn_code rc = nn_dataset_new(&d, x, err);

    *out = NULL;
    if (rc == NN_OK)
        rc = load_samples(d, x, format, how, err);
    if (rc == NN_OK && y != NULL)
        rc = load_targets(d, y, format, how, err);
    if (rc != NN_OK)
        nn_dataset_free(d);
    else
        *out = d;
    return rc;
}
