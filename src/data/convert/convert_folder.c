/* A folder of pictures by class into an array of pictures and one of class numbers. */
#include "convert.h"

#include <string.h>

static nn_code write_bytes(nn_out *out, const nn_convert *c, const nn_dataset *d,
                           const nn_shape *shape, nn_err *err)
{
    const size_t count = d->rows * nn_shape_len(shape);
    nn_array_writer w;

    NN_TRY(nn_array_write_head(&w, out, c->to, NN_ELEMENT_U8, d->rows, shape, err));
    for (size_t i = 0; i < count; i++)
        NN_TRY(nn_array_write(&w, d->bytes[i], err));
    return nn_array_write_end(&w, err);
}

static nn_code write_labels(nn_out *out, const nn_convert *c, const nn_dataset *d, nn_err *err)
{
    const bool idx = strcmp(c->to, "idx") == 0;
    const nn_shape scalar = {.rank = 0};
    nn_array_writer w;

    NN_TRY(nn_array_write_head(&w, out, c->to, nn_element_for(idx, 0, d->classes.count - 1, true),
                               d->rows, &scalar, err));
    for (size_t i = 0; i < d->rows; i++)
        NN_TRY(nn_array_write(&w, d->label[i], err));
    return nn_array_write_end(&w, err);
}

static nn_code write_both(const nn_convert *c, const nn_dataset *d, const nn_shape *shape,
                          nn_err *err)
{
    nn_out *both[] = {NULL, NULL};
    nn_code rc;

    if ((rc = nn_out_open(&both[0], c->out, c->exists, err)) == NN_OK &&
        (rc = nn_out_open(&both[1], c->y, c->exists, err)) == NN_OK &&
        (rc = write_bytes(both[0], c, d, shape, err)) == NN_OK &&
        (rc = write_labels(both[1], c, d, err)) == NN_OK)
        return nn_out_commit_all(both, 2, err);
    nn_out_abort(both[0]);
    nn_out_abort(both[1]);
    return rc;
}

static nn_code check(const nn_convert *c, nn_err *err)
{
    if (strcmp(c->to, "csv") == 0)
        return nn_err_set(err, NN_EUSAGE, c->in, "pictures become IDX or NPY, not CSV");
    if (c->y == NULL)
        return nn_err_set(err, NN_EUSAGE, c->in,
                          "expected --y FILE for the numbers of the classes");
    if (c->target != NULL)
        return nn_err_set(err, NN_EUSAGE, c->in, "--target names a column, but this is a folder");
    if (c->form.channels == 1 && c->shape.rank == 3 && c->shape.dim[2] == 3)
        return nn_err_set(err, NN_EUSAGE, c->in, "--grey does not go with a shape of 3 channels");
    if (c->type != NN_ELEMENT_AUTO && c->type != NN_ELEMENT_U8)
        return nn_err_set(err, NN_EUSAGE, c->in, "pictures are of the type u8, not %s",
                          nn_element_words[c->type]);
    return NN_OK;
}

static nn_code tell(const nn_dataset *d, nn_converted *done, nn_err *err)
{
    for (int i = 0; i < d->classes.count; i++)
        nn_buf_printf(&done->classes, "%s%d %s", i == 0 ? "" : ", ", i, d->classes.name[i]);
    done->rows = d->rows;
    done->type = NN_ELEMENT_U8;
    return nn_buf_check(&done->classes, err);
}

nn_code nn_convert_folder(const nn_convert *c, nn_converted *done, nn_err *err)
{
    nn_raster_form form = c->form;
    nn_dataset *d = NULL;
    nn_code rc;

    NN_TRY(check(c, err));
    NN_TRY(nn_raster_form_of(&form, &c->shape, c->in, err));
    NN_TRY(nn_raster_folder(&d, c->in, &form, err));
    done->shape = c->shape.rank > 0 ? c->shape : d->shape;
    if ((rc = tell(d, done, err)) == NN_OK)
        rc = write_both(c, d, &done->shape, err);
    nn_dataset_free(d);
    return rc;
}
