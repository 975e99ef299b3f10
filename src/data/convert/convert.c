/* Conversions: which way, and from arrays. */
#include "convert.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum { BLOCK = 1 << 16 };

static bool ends_with(const char *text, size_t len, const char *end)
{
    const size_t n = strlen(end);

    return len >= n && strncmp(text + len - n, end, n) == 0;
}

const char *nn_format_by_name(const char *path)
{
    const size_t len = strlen(path);

    if (ends_with(path, len, ".csv"))
        return "csv";
    if (ends_with(path, len, ".npy"))
        return "npy";
    return ends_with(path, len, ".idx") || ends_with(path, len, "ubyte") ? "idx" : NULL;
}

/* ---- arrays into arrays ---- */

static nn_code settle_type(const nn_convert *c, const nn_array *x, nn_element_type *type,
                           nn_err *err)
{
    const size_t count = x->rows * nn_shape_len(&x->shape);
    const bool idx = strcmp(c->to, "idx") == 0;

    *type = c->type == NN_ELEMENT_AUTO ? nn_element_of(x, idx) : c->type;
    for (size_t i = 0; c->type != NN_ELEMENT_AUTO && i < count; i++) {
        const double value = nn_array_value(x, i);
        char text[NN_NUMBER_TEXT];

        if (!nn_element_holds(*type, value, value, value == floor(value)))
            return nn_err_set(err, NN_EDATA, c->in, "number %zu is %s, which is no %s", i,
                              nn_format_double(text, value), nn_element_words[*type]);
    }
    return NN_OK;
}

static nn_code write_array(const nn_convert *c, const nn_array *x, nn_out *out, nn_converted *done,
                           nn_err *err)
{
    const size_t count = x->rows * nn_shape_len(&x->shape);
    nn_array_writer w;

    NN_TRY(settle_type(c, x, &done->type, err));
    NN_TRY(nn_array_write_head(&w, out, c->to, done->type, x->rows, &done->shape, err));
    for (size_t i = 0; i < count; i++)
        NN_TRY(nn_array_write(&w, nn_array_value(x, i), err));
    return nn_array_write_end(&w, err);
}

/* ---- arrays into a table ---- */

static void put_names(nn_buf *text, const char *one, const char *many, const nn_shape *shape)
{
    const size_t len = nn_shape_len(shape);

    for (size_t k = 0; k < len && shape->rank > 0; k++)
        nn_buf_printf(text, "%s%s%zu", k == 0 ? "" : ",", many, k);
    nn_buf_put(text, shape->rank == 0 ? one : "");
}

static void put_row(nn_buf *text, const nn_array *a, size_t row)
{
    const size_t len = nn_shape_len(&a->shape);

    for (size_t k = 0; k < len; k++) {
        const double value = nn_array_value(a, row * len + k);

        nn_buf_put(text, k == 0 ? "" : ",");
        if (a->store == NN_STORE_F32 && !a->whole)
            nn_buf_float(text, (float)value);
        else
            nn_buf_double(text, value);
    }
}

static nn_code flush(nn_buf *text, nn_out *out, size_t most, nn_err *err)
{
    if (text->len <= most && !text->failed)
        return NN_OK;
    NN_TRY(nn_buf_check(text, err));
    NN_TRY(nn_out_write(out, text->data, text->len, err));
    nn_buf_clear(text);
    return NN_OK;
}

static nn_code write_rows(nn_buf *text, const nn_array *x, const nn_array *y, nn_out *out,
                          nn_err *err)
{
    put_names(text, "value", "x", &x->shape);
    if (y != NULL) {
        nn_buf_char(text, ',');
        put_names(text, "label", "y", &y->shape);
    }
    nn_buf_char(text, '\n');
    for (size_t i = 0; i < x->rows; i++) {
        put_row(text, x, i);
        if (y != NULL) {
            nn_buf_char(text, ',');
            put_row(text, y, i);
        }
        nn_buf_char(text, '\n');
        NN_TRY(flush(text, out, BLOCK, err));
    }
    return flush(text, out, 0, err);
}

static nn_code write_table(const nn_convert *c, const nn_array *x, nn_out *out, nn_converted *done,
                           nn_err *err)
{
    nn_array y = {0};
    nn_buf text = {0};
    nn_code rc = c->y == NULL ? NN_OK : nn_array_load(&y, c->y, NULL, err);

    done->type = NN_ELEMENT_AUTO;
    if (rc == NN_OK && c->y != NULL && y.rows != x->rows)
        rc = nn_err_set(err, NN_EDATA, c->y, "%zu targets, but %s has %zu samples", y.rows, c->in,
                        x->rows);
    if (rc == NN_OK)
        rc = write_rows(&text, x, c->y == NULL ? NULL : &y, out, err);
    nn_buf_free(&text);
    nn_array_free(&y);
    return rc;
}

/* ---- which way ---- */

nn_code nn_convert_array(const nn_convert *c, const nn_array *x, nn_converted *done, nn_err *err)
{
    const bool to_table = strcmp(c->to, "csv") == 0;
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
    nn_out *out = NULL;

    if (c->target != NULL)
        return nn_err_set(err, NN_EUSAGE, c->in, "--target names a column, but this is an array");
    if (c->y != NULL && !to_table)
        return nn_err_set(err, NN_EUSAGE, c->y,
                          "targets are an array as well: convert them by themselves");
    done->rows = x->rows;
    done->shape = c->shape.rank > 0 ? c->shape : x->shape;
    if (nn_shape_len(&done->shape) != nn_shape_len(&x->shape))
        return nn_err_set(err, NN_EUSAGE, c->in, "samples of shape %s do not become %s",
                          nn_shape_text(a, &x->shape), nn_shape_text(b, &done->shape));
    NN_TRY(nn_out_open(&out, c->out, c->exists, err));
    const nn_code rc =
        to_table ? write_table(c, x, out, done, err) : write_array(c, x, out, done, err);
    if (rc == NN_OK)
        return nn_out_commit(out, err);
    nn_out_abort(out);
    return rc;
}

static nn_code convert_file(const nn_convert *c, nn_converted *done, nn_err *err)
{
    const nn_array_format *format = NULL;
    nn_array x = {0};

    memset(done, 0, sizeof *done);
    if (nn_path_is_dir(c->in))
        return nn_convert_folder(c, done, err);
    if (c->form.channels > 0 || c->form.resize || c->form.invert)
        return nn_err_set(err, NN_EUSAGE, c->in,
                          "--grey, --resize and --invert are for a folder of pictures");
    NN_TRY(nn_array_sniff(&format, c->in, err));
    if (format == NULL && strcmp(c->to, "csv") == 0)
        return nn_err_set(err, NN_EUSAGE, c->in, "the file is no array, so CSV already");
    if (format == NULL)
        return nn_convert_table(c, done, err);
    NN_TRY(nn_array_load(&x, c->in, format, err));
    const nn_code rc = nn_convert_array(c, &x, done, err);
    nn_array_free(&x);
    return rc;
}

nn_code nn_convert_file(const nn_convert *c, nn_converted *done, nn_err *err)
{
    return nn_err_reading(err, convert_file(c, done, err), c->in);
}
