/* Samples to look at. */
#include "view/sample.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/decode.h"

enum { SIDE = 56 /* pixels that a picture is made small to */, COLUMNS = 8, CURVE = 100 };

static bool is_picture(const nn_dataset *d)
{
    return (d->shape.rank == 2 || d->shape.rank == 3) && d->shape.dim[0] > 1 && d->shape.dim[1] > 1;
}

bool nn_sample_is_visible(const nn_dataset *d)
{
    if (d->windows.window > 0)
        return false; /* rows of a table, of which the last is shown */
    return is_picture(d) || (!d->table && nn_shape_len(&d->shape) > 12);
}

/* ---- pictures ---- */

typedef struct look {
    const nn_dataset *d;
    size_t first; /* number of the sample in the dataset */
    int height, width, channels, shown;
    int stride; /* pixels that become one, each way */
    double least, span;
} look;

static void find_range(look *l)
{
    double most = -INFINITY;

    l->least = 0;
    l->span = 255;
    if (l->d->bytes != NULL && !l->d->table)
        return;
    l->least = INFINITY;
    for (size_t i = 0; i < nn_shape_len(&l->d->shape); i++) {
        l->least = fmin(l->least, nn_dataset_value(l->d, l->first + i));
        most = fmax(most, nn_dataset_value(l->d, l->first + i));
    }
    l->span = most > l->least ? most - l->least : 1;
}

/* The mean of the pixels that become this one. */
static uint8_t pixel_at(const look *l, int y, int x, int channel)
{
    double sum = 0;
    int count = 0;

    for (int v = y * l->stride; v < (y + 1) * l->stride && v < l->height; v++)
        for (int u = x * l->stride; u < (x + 1) * l->stride && u < l->width; u++) {
            const size_t at = ((size_t)v * (size_t)l->width + (size_t)u) * (size_t)l->channels;

            sum += nn_dataset_value(l->d, l->first + at + (size_t)channel);
            count++;
        }
    const double value = (sum / count - l->least) / l->span * 255;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
}

static nn_code put_picture(nn_buf *out, const nn_dataset *d, size_t row, nn_err *err)
{
    const nn_shape *s = &d->shape;
    look l = {.d = d,
              .first = nn_dataset_at(d, row),
              .height = s->dim[0],
              .width = s->dim[1],
              .channels = s->rank == 3 ? s->dim[2] : 1};
    const int side = l.height > l.width ? l.height : l.width;
    uint8_t *pixel;
    size_t at = 0;

    l.shown = l.channels == 3 ? 3 : 1;
    l.stride = (side + SIDE - 1) / SIDE;
    const int height = (l.height + l.stride - 1) / l.stride;
    const int width = (l.width + l.stride - 1) / l.stride;
    pixel = nn_alloc((size_t)height * (size_t)width, (size_t)l.shown);
    if (pixel == NULL)
        return nn_err_memory(err, "a picture", 0);
    find_range(&l);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int k = 0; k < l.shown; k++)
                pixel[at++] = pixel_at(&l, y, x, k);
    const nn_code rc = nn_markup_picture(out, pixel, height, width, l.shown, "sample", err);
    nn_free(pixel);
    return rc;
}

/* ---- curves ---- */

static void put_curve(nn_buf *out, const nn_dataset *d, size_t row)
{
    const size_t len = nn_shape_len(&d->shape), first = nn_dataset_at(d, row);
    double least = INFINITY, most = -INFINITY;

    for (size_t i = 0; i < len; i++) {
        least = fmin(least, nn_dataset_value(d, first + i));
        most = fmax(most, nn_dataset_value(d, first + i));
    }
    nn_buf_put(out, "<svg class=\"plot\" viewBox=\"0 0 100 100\" role=\"img\"><path class=\"line "
                    "s0\" d=\"");
    for (size_t i = 0; i < len; i += 1 + len / (4 * CURVE)) {
        const double value = nn_dataset_value(d, first + i);

        nn_buf_char(out, i == 0 ? 'M' : 'L');
        nn_markup_number(out, 4 + 92 * (double)i / (double)(len - 1));
        nn_buf_char(out, ' ');
        nn_markup_number(out, most > least ? 92 - 84 * (value - least) / (most - least) : 50);
    }
    nn_buf_put(out, "\"/></svg>");
}

nn_code nn_sample_put(nn_buf *out, const nn_dataset *d, size_t row, nn_err *err)
{
    if (is_picture(d))
        return put_picture(out, d, row, err);
    put_curve(out, d, row);
    return NN_OK;
}

/* ---- rows ---- */

void nn_sample_name(nn_buf *out, const nn_dataset *d, size_t row)
{
    const char *id = nn_dataset_id(d, row);

    if (id != NULL)
        nn_markup_text_n(out, id, strlen(id), 40);
    else if (d->line != NULL)
        nn_buf_printf(out, "line %llu", (unsigned long long)d->line[row]);
    else
        nn_buf_printf(out, "row %zu", row);
}

int nn_sample_columns(const nn_dataset *d, const nn_encoder *e)
{
    const size_t count = e != NULL ? (size_t)e->count : nn_dataset_pitch(d);

    return count < COLUMNS ? (int)count : COLUMNS;
}

void nn_sample_titles(nn_buf *out, const nn_dataset *d, const nn_encoder *e)
{
    char number[NN_SHOWN];

    for (int i = 0; i < nn_sample_columns(d, e); i++) {
        const bool named = e == NULL && d->column != NULL;

        (void)snprintf(number, sizeof number, "%d", i + 1);
        nn_buf_put(out, "<th>");
        const char *name = e != NULL ? nn_encoded_name(&e->column[i], number)
                           : named   ? d->column[i]
                                     : number;
        nn_markup_text_n(out, name, strlen(name), 24);
        nn_buf_put(out, "</th>");
    }
}

void nn_sample_cells(nn_buf *out, const nn_dataset *d, const nn_encoder *e, size_t row)
{
    const size_t pitch = nn_dataset_pitch(d);
    const size_t first = nn_dataset_at(d, row) + nn_shape_len(&d->shape) - pitch;
    nn_buf text = {0};

    for (int i = 0; i < nn_sample_columns(d, e); i++) {
        nn_buf_clear(&text);
        if (e != NULL)
            nn_decode(&e->column[i], d, first, &text);
        else
            nn_buf_float(&text, (float)nn_dataset_value(d, first + (size_t)i));
        nn_buf_put(out, "<td>");
        if (text.data != NULL)
            nn_markup_text_n(out, text.data, text.len, 24);
        nn_buf_put(out, "</td>");
    }
    out->failed |= text.failed;
    nn_buf_free(&text);
}

void nn_signed_color(double value, uint8_t *rgb)
{
    static const double middle[3] = {244, 244, 242}, below[3] = {178, 69, 11},
                        above[3] = {27, 98, 184};
    const double part = fmin(1, fabs(value));
    const double *end = value < 0 ? below : above;

    for (int k = 0; k < 3; k++)
        rgb[k] = (uint8_t)(middle[k] + part * (end[k] - middle[k]) + 0.5);
}
