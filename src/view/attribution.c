/* Attributions as pictures, blocks and bars. */
#include "view/attribution.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/decode.h"
#include "view/markup.h"
#include "view/picture.h"
#include "view/plot.h"
#include "view/png.h"
#include "view/sample.h"
#include "view/style.h"

enum { SIDE = 448 /* pixels of a file, at least */, MOST_BARS = 40 };

bool nn_attribution_is_picture(const nn_prep *prep)
{
    const nn_shape *s = &prep->shape;

    return prep->windows.window == 0 && (s->rank == 2 || s->rank == 3) && s->dim[0] > 1 &&
           s->dim[1] > 1;
}

/* ---- columns ---- */

static int by_size(const void *a, const void *b)
{
    const double x = fabs(((const nn_attributed *)a)->share);
    const double y = fabs(((const nn_attributed *)b)->share);

    return (x < y) - (x > y);
}

static void describe(nn_attributed *a, const nn_prep *prep, const nn_dataset *d,
                     const nn_explanation *x, int i)
{
    const nn_encoded *c = prep->encoder != NULL ? &prep->encoder->column[i] : NULL;
    const size_t last = nn_dataset_at(d, x->row) + x->len - nn_dataset_pitch(d);

    if (c != NULL) {
        a->name = nn_encoded_name(c, a->text);
        nn_decode(c, d, last, &a->value);
    } else {
        (void)snprintf(a->text, sizeof a->text, "%d", i);
        a->name = d->column != NULL ? d->column[i] : a->text;
        nn_buf_float(&a->value, (float)nn_dataset_value(d, last + (size_t)i));
    }
    a->share = nn_explained_column(x, prep, i);
}

nn_code nn_attributed_new(nn_attributed **out, int *count, const nn_prep *prep, const nn_dataset *d,
                          const nn_explanation *x, nn_err *err)
{
    bool failed = false;

    *count = nn_explained_columns(x, prep);
    *out = nn_alloc((size_t)*count, sizeof **out);
    if (*out == NULL)
        return nn_err_memory(err, "the columns", 0);
    for (int i = 0; i < *count; i++) {
        describe(&(*out)[i], prep, d, x, i);
        failed = failed || (*out)[i].value.failed;
    }
    if (failed) {
        nn_attributed_free(*out, *count);
        *out = NULL;
        return nn_err_memory(err, "the columns", 0);
    }
    qsort(*out, (size_t)*count, sizeof **out, by_size);
    for (int i = 0; i < *count; i++) /* sorting has moved the texts that names point to */
        if (prep->encoder != NULL || d->column == NULL)
            (*out)[i].name = (*out)[i].text;
    return NN_OK;
}

void nn_attributed_free(nn_attributed *list, int count)
{
    for (int i = 0; list != NULL && i < count; i++)
        nn_buf_free(&list[i].value);
    nn_free(list);
}

/* ---- pictures ---- */

/* A sample and its attributions by pixel, channels taken together. */
typedef struct sheet {
    int height, width;
    double *grey; /* [height][width] from 0 to 1; likewise below */
    double *plus; /* what speaks for it */
    double *minus;
} sheet;

static void sheet_free(sheet *s)
{
    nn_free(s->grey);
    nn_free(s->plus);
    nn_free(s->minus);
}

static void fill(sheet *s, const nn_dataset *d, const nn_explanation *x, int channels)
{
    const size_t pixels = (size_t)s->height * (size_t)s->width;
    double least = INFINITY, most = -INFINITY, reach = 0;

    for (size_t i = 0; i < pixels; i++) {
        double share = 0;

        for (int c = 0; c < channels; c++) {
            const size_t at = i * (size_t)channels + (size_t)c;
            s->grey[i] += nn_dataset_value(d, nn_dataset_at(d, x->row) + at) / channels;
            share += x->share[at];
        }
        s->plus[i] = fmax(share, 0);
        s->minus[i] = fmax(-share, 0);
        least = fmin(least, s->grey[i]);
        most = fmax(most, s->grey[i]);
        reach = fmax(reach, fabs(share));
    }
    for (size_t i = 0; i < pixels; i++) {
        s->grey[i] = most > least ? (s->grey[i] - least) / (most - least) : 0;
        s->plus[i] /= reach > 0 ? reach : 1;
        s->minus[i] /= reach > 0 ? reach : 1;
    }
}

static nn_code sheet_new(sheet *s, const nn_prep *prep, const nn_dataset *d,
                         const nn_explanation *x, nn_err *err)
{
    const nn_shape *shape = &prep->shape;
    const size_t pixels = (size_t)shape->dim[0] * (size_t)shape->dim[1];

    s->height = shape->dim[0];
    s->width = shape->dim[1];
    s->grey = nn_alloc(pixels, sizeof *s->grey);
    s->plus = nn_alloc(pixels, sizeof *s->plus);
    s->minus = nn_alloc(pixels, sizeof *s->minus);
    if (s->grey == NULL || s->plus == NULL || s->minus == NULL) {
        sheet_free(s);
        return nn_err_memory(err, "a picture", 0);
    }
    fill(s, d, x, shape->rank == 3 ? shape->dim[2] : 1);
    return NN_OK;
}

nn_code nn_attribution_blocks(nn_buf *out, const nn_prep *prep, const nn_dataset *d,
                              const nn_explanation *x, bool color, nn_err *err)
{
    sheet s = {0};

    NN_TRY(sheet_new(&s, prep, d, x, err));
    const nn_picture pictures[] = {
        {s.grey, s.height, s.width}, {s.plus, s.height, s.width}, {s.minus, s.height, s.width}};
    nn_pictures_put(pictures, 3, color, out);
    sheet_free(&s);
    return NN_OK;
}

/* Dimmed grey under the colour, which is as thick as the attribution is large. */
static void color_of(const sheet *s, size_t i, uint8_t *rgb)
{
    static const double plus[3] = {66, 140, 255}, minus[3] = {255, 128, 40};
    const double ground = 30 + 120 * s->grey[i];
    const bool is_for = s->plus[i] >= s->minus[i];
    const double part = sqrt(is_for ? s->plus[i] : s->minus[i]);

    for (int k = 0; k < 3; k++)
        rgb[k] = (uint8_t)(ground + part * ((is_for ? plus[k] : minus[k]) - ground) + 0.5);
}

/* The overlay and the bare picture, each pixel `zoom` of the result. */
static uint8_t *draw(const sheet *s, int zoom, bool bare)
{
    const int width = s->width * zoom;
    uint8_t *pixel = nn_alloc((size_t)(s->height * zoom) * (size_t)width, 3);

    for (int y = 0; pixel != NULL && y < s->height * zoom; y++)
        for (int x = 0; x < width; x++) {
            const size_t from = (size_t)(y / zoom) * (size_t)s->width + (size_t)(x / zoom);
            uint8_t *rgb = pixel + 3 * ((size_t)y * (size_t)width + (size_t)x);

            if (bare)
                memset(rgb, (int)(255 * s->grey[from] + 0.5), 3);
            else
                color_of(s, from, rgb);
        }
    return pixel;
}

nn_code nn_attribution_png(nn_buf *out, const nn_prep *prep, const nn_dataset *d,
                           const nn_explanation *x, nn_err *err)
{
    sheet s = {0};
    nn_code rc;

    NN_TRY(sheet_new(&s, prep, d, x, err));
    const int side = s.height > s.width ? s.height : s.width;
    const int zoom = side < SIDE ? SIDE / side : 1;
    uint8_t *pixel = draw(&s, zoom, false);
    rc = pixel == NULL ? nn_err_memory(err, "a picture", 0)
                       : nn_png_write(out, pixel, s.height * zoom, s.width * zoom, 3, err);
    nn_free(pixel);
    sheet_free(&s);
    return rc;
}

static nn_code put_image(nn_buf *out, const sheet *s, bool bare, double left, double size,
                         nn_err *err)
{
    uint8_t *pixel = draw(s, 1, bare);

    if (pixel == NULL)
        return nn_err_memory(err, "a picture", 0);
    nn_buf_printf(out,
                  "<image x=\"%.1f\" y=\"44\" width=\"%.1f\" height=\"%.1f\" "
                  "style=\"image-rendering:pixelated\" preserveAspectRatio=\"none\" href=\"",
                  left, size * s->width / s->height, size);
    const nn_code rc = nn_markup_png_uri(out, pixel, s->height, s->width, 3, err);
    nn_buf_put(out, "\"/>");
    nn_free(pixel);
    return rc;
}

nn_code nn_attribution_svg(nn_buf *out, const nn_prep *prep, const nn_dataset *d,
                           const nn_explanation *x, const char *title, nn_err *err)
{
    nn_buf plot = {0};
    sheet s = {0};
    nn_plot p;
    nn_code rc;

    NN_TRY(sheet_new(&s, prep, d, x, err));
    const double size = 200, wide = size * s.width / s.height;
    nn_plot_start(&p, &plot, 2 * wide + 36, size + 72, title);
    nn_plot_text(&p, 12, 18, "mark", title, 60);
    nn_plot_text(&p, 12, 36, "name", "sample", 20);
    nn_plot_text(&p, 24 + wide, 36, "name", "what it rests on", 20);
    if ((rc = put_image(&plot, &s, true, 12, size, err)) == NN_OK)
        rc = put_image(&plot, &s, false, 24 + wide, size, err);
    nn_plot_text(&p, 24 + wide, size + 62, "name t0", "blue speaks for it", 20);
    nn_plot_text(&p, 24 + 2 * wide, size + 62, "name t1 end", "orange against", 20);
    nn_plot_end(&p);
    sheet_free(&s);
    if (rc == NN_OK && (rc = nn_buf_check(&plot, err)) == NN_OK)
        nn_style_alone(out, plot.data, plot.len);
    nn_buf_free(&plot);
    return rc == NN_OK ? nn_buf_check(out, err) : rc;
}

nn_code nn_attribution_bars(nn_buf *out, const char *const *name, const double *value,
                            const double *spread, int count, const char *title, nn_err *err)
{
    const nn_ranks ranks = {.about = title,
                            .name = name,
                            .value = value,
                            .spread = spread,
                            .count = count < MOST_BARS ? count : MOST_BARS};
    nn_buf plot = {0};

    nn_plot_ranks(&plot, &ranks);
    const nn_code rc = nn_buf_check(&plot, err);
    if (rc == NN_OK)
        nn_style_alone(out, plot.data, plot.len);
    nn_buf_free(&plot);
    return rc == NN_OK ? nn_buf_check(out, err) : rc;
}
