/* Pictures: which format, reading the file, and bringing a picture to the form that is wanted. */
#include "data/raster.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "data/load.h"

#define NN_RASTER(name) extern const nn_raster_format nn_raster_##name;
#include "data/rasters.def"
#undef NN_RASTER

#define NN_RASTER(name) &nn_raster_##name,
static const nn_raster_format *const formats[] = {
#include "data/rasters.def"
    NULL};
#undef NN_RASTER

enum { HEAD = 64, STEP = 64 << 10 };

static const nn_raster_format *format_of(const unsigned char *head, size_t len)
{
    for (const nn_raster_format *const *f = formats; *f != NULL; f++)
        if ((*f)->is(head, len))
            return *f;
    return NULL;
}

nn_code nn_raster_sniff(bool *is, const char *path, nn_err *err)
{
    unsigned char head[HEAD] = {0};
    size_t len = 0;
    nn_gz *f = NULL;
    nn_code rc = nn_gz_open(&f, path, err);

    *is = false;
    if (rc == NN_OK)
        rc = nn_gz_peek(f, head, sizeof head, &len, err);
    if (rc == NN_OK)
        *is = format_of(head, len) != NULL;
    nn_gz_close(f);
    return rc;
}

nn_code nn_raster_check(unsigned height, unsigned width, const char *name, nn_err *err)
{
    if (height < 1 || width < 1 || height > NN_RASTER_MOST_SIDE || width > NN_RASTER_MOST_SIDE)
        return nn_err_set(err, NN_EDATA, name,
                          "expected a picture of 1 to %d pixels a side, got %u x %u",
                          NN_RASTER_MOST_SIDE, width, height);
    if (height * width > NN_RASTER_MOST_PIXELS)
        return nn_err_set(err, NN_ELIMIT, name, "a picture of more than %d pixels: %u x %u",
                          NN_RASTER_MOST_PIXELS, width, height);
    return NN_OK;
}

nn_code nn_raster_new(nn_raster *out, int height, int width, int channels, nn_err *err)
{
    const size_t len = (size_t)height * (size_t)width * (size_t)channels;

    *out = (nn_raster){height, width, channels, nn_alloc(len, 1)};
    if (out->pixel == NULL)
        return nn_err_memory(err, "a picture", len);
    return NN_OK;
}

void nn_raster_free(nn_raster *p)
{
    nn_free(p->pixel);
    *p = (nn_raster){0};
}

/* ---- reading ---- */

/* The whole file; it never takes much more memory than it has bytes. */
static nn_code read_all(unsigned char **bytes, size_t *len, nn_gz *f, const char *path, nn_err *err)
{
    size_t room = 0, got = STEP;

    while (got == STEP) {
        NN_TRY(nn_grow(bytes, &room, *len + STEP, 1, err));
        NN_TRY(nn_gz_read(f, *bytes + *len, STEP, &got, err));
        *len += got;
        if (*len > NN_RASTER_MOST_BYTES)
            return nn_err_set(err, NN_ELIMIT, path, "a picture of more than %d bytes",
                              NN_RASTER_MOST_BYTES);
    }
    return nn_gz_end(f, err);
}

nn_code nn_raster_load(nn_raster *out, nn_file_id *id, const char *path, nn_err *err)
{
    const nn_raster_format *format = NULL;
    unsigned char *bytes = NULL;
    size_t len = 0;
    nn_gz *f = NULL;
    nn_code rc = nn_gz_open(&f, path, err);

    *out = (nn_raster){0};
    if (rc == NN_OK)
        rc = read_all(&bytes, &len, f, path, err);
    if (rc == NN_OK && (format = format_of(bytes, len)) == NULL)
        rc = nn_err_set(err, NN_EDATA, path, "expected a PNG, PGM or PPM picture");
    if (rc == NN_OK)
        rc = format->read(out, bytes, len, path, err);
    if (rc == NN_OK && id != NULL)
        nn_gz_id(f, id);
    nn_gz_close(f);
    nn_free(bytes);
    return rc;
}

/* ---- fitting ---- */

/* Puts other pixels in the place of the old ones. */
static void take_pixels(nn_raster *p, nn_raster *from)
{
    nn_free(p->pixel);
    *p = *from;
}

static nn_code change_channels(nn_raster *p, int channels, nn_err *err)
{
    const size_t pixels = (size_t)p->height * (size_t)p->width;
    nn_raster to;

    NN_TRY(nn_raster_new(&to, p->height, p->width, channels, err));
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *c = p->pixel + 3 * i;

        if (channels == 1)
            to.pixel[i] = (uint8_t)((299U * c[0] + 587U * c[1] + 114U * c[2] + 500) / 1000);
        else
            memset(to.pixel + 3 * i, p->pixel[i], 3);
    }
    take_pixels(p, &to);
    return NN_OK;
}

/*
 * A line of `to` numbers from one of `from`, both `step` apart: each is a mean of the old ones
 * around it, weighted by a triangle as wide as two new ones, or two old ones where it grows.
 */
static void resize_line(float *y, int to, const float *x, int from, size_t step)
{
    const double scale = (double)from / to, reach = scale > 1 ? scale : 1;

    for (int i = 0; i < to; i++) {
        const double middle = (i + 0.5) * scale - 0.5;
        const int first = (int)ceil(middle - reach), last = (int)floor(middle + reach);
        double sum = 0, weights = 0;

        for (int k = first < 0 ? 0 : first; k <= last && k < from; k++) {
            const double weight = 1 - fabs(k - middle) / reach;

            sum += weight * (double)x[(size_t)k * step];
            weights += weight;
        }
        y[(size_t)i * step] = (float)(sum / weights);
    }
}

/* Across, then down: `wide` is [height][to.width][channels], `all` as `to`. */
static void resize_into(nn_raster *to, const nn_raster *p, float *line, float *wide, float *all)
{
    const size_t channels = (size_t)p->channels, across = (size_t)to->width * channels;
    const size_t old = (size_t)p->width * channels;

    for (size_t y = 0; y < (size_t)p->height; y++) {
        for (size_t i = 0; i < old; i++)
            line[i] = (float)p->pixel[y * old + i];
        for (size_t k = 0; k < channels; k++)
            resize_line(wide + y * across + k, to->width, line + k, p->width, channels);
    }
    for (size_t i = 0; i < across; i++)
        resize_line(all + i, to->height, wide + i, p->height, across);
    for (size_t i = 0; i < (size_t)to->height * across; i++)
        to->pixel[i] = (uint8_t)(all[i] + 0.5f);
}

static nn_code resize(nn_raster *p, int height, int width, nn_err *err)
{
    const size_t line = (size_t)p->width * (size_t)p->channels;
    const size_t across = (size_t)width * (size_t)p->channels;
    const size_t wide = (size_t)p->height * across, all = (size_t)height * across;
    float *room = nn_alloc(line + wide + all, sizeof *room);
    nn_raster to = {0};
    nn_code rc;

    if (room == NULL)
        return nn_err_memory(err, "a picture", (line + wide + all) * sizeof *room);
    if ((rc = nn_raster_new(&to, height, width, p->channels, err)) == NN_OK) {
        resize_into(&to, p, room, room + line, room + line + wide);
        take_pixels(p, &to);
    }
    nn_free(room);
    return rc;
}

nn_code nn_raster_fit(nn_raster *p, const nn_raster_form *form, const char *name, nn_err *err)
{
    const int height = form->height > 0 ? form->height : p->height;
    const int width = form->width > 0 ? form->width : p->width;

    if ((height != p->height || width != p->width) && !form->resize)
        return nn_err_set(err, NN_EDATA, name,
                          "expected a picture of %d x %d pixels, got %d x %d; --resize changes its "
                          "size",
                          width, height, p->width, p->height);
    if (form->channels > 0 && form->channels != p->channels)
        NN_TRY(change_channels(p, form->channels, err));
    if (height != p->height || width != p->width)
        NN_TRY(resize(p, height, width, err));
    if (form->invert)
        for (size_t i = 0; i < (size_t)height * (size_t)width * (size_t)p->channels; i++)
            p->pixel[i] = (uint8_t)(255 - p->pixel[i]);
    return NN_OK;
}

/* ---- as a dataset ---- */

nn_code nn_raster_form_of(nn_raster_form *form, const nn_shape *shape, const char *path,
                          nn_err *err)
{
    char text[NN_SHAPE_TEXT];
    const int channels = shape->rank == 3 ? shape->dim[2] : 1;

    if (shape->rank == 0)
        return NN_OK;
    if ((shape->rank != 2 && shape->rank != 3) || (channels != 1 && channels != 3))
        return nn_err_set(err, NN_EDATA, path,
                          "a picture where samples have the shape %s; expected [height, width], or "
                          "with 1 or 3 channels behind",
                          nn_shape_text(text, shape));
    form->height = shape->dim[0];
    form->width = shape->dim[1];
    form->channels = channels;
    return NN_OK;
}

static nn_shape shape_of(const nn_raster *p)
{
    return p->channels == 1 ? nn_shape_2(p->height, p->width)
                            : nn_shape_3(p->height, p->width, p->channels);
}

nn_code nn_raster_dataset(nn_dataset **out, const char *path, const nn_shape *shape,
                          const nn_raster_form *how, nn_err *err)
{
    nn_raster_form form = *how;
    nn_raster p = {0};
    nn_dataset *d = NULL;
    nn_file_id id;
    nn_code rc;

    *out = NULL;
    NN_TRY(nn_raster_form_of(&form, shape, path, err));
    if ((rc = nn_raster_load(&p, &id, path, err)) == NN_OK &&
        (rc = nn_raster_fit(&p, &form, path, err)) == NN_OK &&
        (rc = nn_dataset_new(&d, path, err)) == NN_OK)
        rc = nn_dataset_add_file(d, path, &id, err);
    if (rc == NN_OK) {
        d->rows = 1;
        d->shape = shape->rank > 0 ? *shape : shape_of(&p);
        d->bytes = p.pixel;
        *out = d;
        return NN_OK;
    }
    nn_raster_free(&p);
    nn_dataset_free(d);
    return rc;
}
