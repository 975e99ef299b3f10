/* Contact sheets: samples through the same batches that training takes, and back to bytes. */
#include "view/contact.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "view/png.h"

enum { GAP = 2, GAP_GREY = 96, CELL = 64 /* pixels that a small sample is enlarged to */ };

typedef struct sheet {
    const nn_contact *c;
    int height, width, channels; /* of a sample */
    int shown;                   /* channels of the sheet: 1 or 3 */
    int zoom;                    /* pixels of the sheet for one of a sample, each way */
    int rows, line;              /* pixels of the sheet */
    uint8_t *pixel;              /* [rows][line][shown] */
    double least, span;          /* of the numbers in the data's units */
} sheet;

static nn_code plan(sheet *s, nn_err *err)
{
    const nn_contact *c = s->c;
    const nn_shape *shape = &c->data->shape;
    char text[NN_SHAPE_TEXT];

    if (shape->rank != 2 && shape->rank != 3)
        return nn_err_set(err, NN_EDATA, c->data->name,
                          "expected pictures, samples of shape [height, width] or [height, width, "
                          "channels], got %s",
                          nn_shape_text(text, shape));
    s->height = shape->dim[0];
    s->width = shape->dim[1];
    s->channels = shape->rank == 3 ? shape->dim[2] : 1;
    s->shown = s->channels == 3 ? 3 : 1;
    s->zoom = CELL / (s->height > s->width ? s->height : s->width);
    s->zoom = s->zoom > 1 ? s->zoom : 1;
    const double rows = (double)c->samples * (s->height * s->zoom + GAP) + GAP;
    const double line = (1.0 + c->epochs) * (s->width * s->zoom + GAP) + GAP;
    if (rows * line > 1 << 28)
        return nn_err_set(err, NN_ELIMIT, c->data->name,
                          "a sheet of %.0f x %.0f pixels is too large; show fewer samples", line,
                          rows);
    s->rows = (int)rows;
    s->line = (int)line;
    s->pixel = nn_alloc((size_t)s->rows * (size_t)s->line, (size_t)s->shown);
    if (s->pixel == NULL)
        return nn_err_memory(err, "the sheet", 0);
    memset(s->pixel, GAP_GREY, (size_t)s->rows * (size_t)s->line * (size_t)s->shown);
    return NN_OK;
}

/* Bytes are shown as they are; other numbers from the least to the most of those on the sheet. */
static void find_range(sheet *s)
{
    const nn_dataset *d = s->c->data;
    double least = INFINITY, most = -INFINITY;

    s->span = 255;
    if (d->bytes != NULL && !d->table)
        return;
    for (size_t i = 0; i < (size_t)s->c->samples * nn_shape_len(&d->shape); i++) {
        least = fmin(least, nn_dataset_value(d, i));
        most = fmax(most, nn_dataset_value(d, i));
    }
    s->least = least;
    s->span = most > least ? most - least : 1;
}

static uint8_t byte_of(const sheet *s, nn_real x, size_t at)
{
    const nn_prep *p = s->c->prep;
    const size_t column = at % (size_t)p->columns;
    const double raw = (double)x / p->factor[column] + p->shift[column];
    const double value = (raw - s->least) / s->span * 255;

    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5);
}

/* One sample into the cell of its row and column. */
static void put_cell(sheet *s, const nn_real *x, int row, int column)
{
    const int top = GAP + row * (s->height * s->zoom + GAP);
    const int left = GAP + column * (s->width * s->zoom + GAP);

    for (int y = 0; y < s->height * s->zoom; y++)
        for (int i = 0; i < s->width * s->zoom; i++) {
            const size_t from = ((size_t)(y / s->zoom) * (size_t)s->width + (size_t)(i / s->zoom)) *
                                (size_t)s->channels;
            const size_t to =
                ((size_t)(top + y) * (size_t)s->line + (size_t)(left + i)) * (size_t)s->shown;

            for (size_t k = 0; k < (size_t)s->shown; k++)
                s->pixel[to + k] = byte_of(s, x[from + k], from + k);
        }
}

static void put_column(sheet *s, nn_batch *b, int column, nn_pool *pool)
{
    const nn_contact *c = s->c;
    const nn_view all = {.data = c->data, .count = c->data->rows};
    const size_t len = nn_shape_len(&c->data->shape);

    b->epoch = (uint64_t)column;
    nn_batch_fill(b, &all, c->prep, NULL, 0, c->samples, NULL, pool);
    for (int i = 0; i < c->samples; i++)
        put_cell(s, b->x + (size_t)i * len, i, column);
}

static nn_code put_columns(sheet *s, nn_batch *b, nn_pool *pool, nn_err *err)
{
    const nn_contact *c = s->c;

    find_range(s);
    put_column(s, b, 0, pool);
    if (c->epochs > 0)
        NN_TRY(nn_batch_augment(b, c->augment, c->data, 1, c->seed, err));
    for (int epoch = 1; epoch <= c->epochs; epoch++)
        put_column(s, b, epoch, pool);
    return NN_OK;
}

nn_code nn_contact_write(const nn_contact *c, nn_buf *out, nn_err *err)
{
    sheet s = {.c = c};
    nn_batch *b = NULL;
    nn_pool *pool = NULL;
    nn_code rc = plan(&s, err);

    if (rc == NN_OK && (rc = nn_pool_new(&pool, 1, err)) == NN_OK &&
        (rc = nn_batch_new(&b, c->data, c->prep, c->samples, 0, err)) == NN_OK &&
        (rc = put_columns(&s, b, pool, err)) == NN_OK)
        rc = nn_png_write(out, s.pixel, s.rows, s.line, s.shown, err);
    nn_batch_free(b);
    nn_pool_free(pool);
    nn_free(s.pixel);
    return rc;
}
