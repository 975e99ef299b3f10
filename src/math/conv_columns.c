/*
 * Convolutions by matrix products: the windows of a band of output rows become the rows of a
 * matrix. Works for every shape; the other ways are checked against it.
 */
#include "math/conv_parts.h"

#include "math/gemm.h"
#include "math/vec.h"

#include <string.h>

enum { BAND = 64 * 1024 }; /* numbers in the matrix of a band, unless a single row has more */

typedef struct job {
    const nn_conv *c;
    const nn_conv_run *run;
    int rows;  /* of outputs in a band */
    int depth; /* numbers in a window */
} job;

/* A worker's scratch. */
typedef struct room {
    nn_real *padded; /* x between zeros */
    nn_real *spread; /* dx, likewise */
    nn_real *matrix; /* [positions of a band, depth] */
    nn_real *whole;  /* an output that is pooled */
} room;

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static size_t depth_of(const nn_conv *c)
{
    return nn_conv_weights(c) / (size_t)c->out;
}

static int band_rows(const nn_conv *c)
{
    const size_t row = (size_t)c->cols.out * depth_of(c);

    return row >= BAND ? 1 : smaller((int)(BAND / row), c->rows.out);
}

static size_t matrix_len(const nn_conv *c)
{
    return (size_t)band_rows(c) * (size_t)c->cols.out * depth_of(c);
}

static size_t scratch(const nn_conv *c, const nn_windows *pooled)
{
    return (2 * nn_real_padded(nn_conv_padded(c)) + nn_real_padded(matrix_len(c)) +
            nn_conv_whole(c, pooled)) *
           sizeof(nn_real);
}

static size_t shared(const nn_conv *c)
{
    return (size_t)nn_conv_most_parts(c) * (nn_conv_weights(c) + (size_t)c->out) * sizeof(nn_real);
}

static room room_of(const job *j, int worker)
{
    const size_t image = nn_real_padded(nn_conv_padded(j->c));
    char *const bytes = (char *)j->run->scratch + (size_t)worker * j->run->scratch_bytes;
    room r = {.padded = (nn_real *)(void *)bytes};

    r.spread = r.padded + image;
    r.matrix = r.spread + image;
    r.whole = r.matrix + nn_real_padded(matrix_len(j->c));
    return r;
}

/* Walks over the stretches of an image that the windows of a band consist of. */
typedef void stretch_fn(nn_real *column, nn_real *image, size_t len);

static void each_stretch(const job *j, int first, int rows, nn_real *matrix, nn_real *padded,
                         stretch_fn *fn)
{
    const nn_conv *c = j->c;
    const size_t in = (size_t)c->in, width = (size_t)nn_axis_padded(&c->cols);
    const size_t stretch = c->cols.dilation == 1 ? (size_t)c->cols.size * in : in;
    const int taps = c->cols.dilation == 1 ? 1 : c->cols.size;

    for (int y = first; y < first + rows; y++) {
        for (int x = 0; x < c->cols.out; x++) {
            for (int ky = 0; ky < c->rows.size; ky++) {
                const size_t row = (size_t)(y * c->rows.stride + ky * c->rows.dilation) * width;

                for (int kx = 0; kx < taps; kx++, matrix += stretch)
                    fn(matrix,
                       padded + (row + (size_t)(x * c->cols.stride + kx * c->cols.dilation)) * in,
                       stretch);
            }
        }
    }
}

static void gather(nn_real *column, nn_real *image, size_t len)
{
    memcpy(column, image, len * sizeof(*column));
}

static void scatter(nn_real *column, nn_real *image, size_t len)
{
    nn_vec_add(image, image, column, len);
}

static void forward_image(const job *j, const room *r, int image)
{
    const nn_conv *c = j->c;
    const nn_conv_run *run = j->run;
    nn_real *const y = nn_conv_begin(c, run, r->whole, image);

    nn_conv_pad(c, run->x + (size_t)image * nn_conv_image(c), r->padded);
    for (int row = 0; row < c->rows.out; row += j->rows) {
        const int rows = smaller(j->rows, c->rows.out - row);

        each_stretch(j, row, rows, r->matrix, r->padded, gather);
        nn_gemm_serial(&(nn_gemm){.m = rows * c->cols.out,
                                  .n = c->out,
                                  .k = j->depth,
                                  .a = r->matrix,
                                  .b = run->w,
                                  .c = y + (size_t)row * (size_t)c->cols.out * (size_t)c->out,
                                  .bias = run->bias});
    }
    nn_conv_end(c, run, r->whole, image);
}

static void forward_task(void *context, int task, int worker)
{
    const job *j = context;
    const int group = nn_conv_group(j->c);
    const room r = room_of(j, worker);

    for (int i = task * group; i < smaller((task + 1) * group, j->run->n); i++)
        forward_image(j, &r, i);
}

static void forward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run)
{
    const int group = nn_conv_group(c);
    job j = {c, run, band_rows(c), (int)depth_of(c)};

    nn_pool_run(pool, run->n / group + (run->n % group != 0), forward_task, &j);
}

/* Adds a band to the gradients of the kernel and of the input. */
static void backward_band(const job *j, const room *r, const nn_real *dy, nn_real *dw, int row,
                          int rows)
{
    const nn_conv *c = j->c;
    const int positions = rows * c->cols.out;

    dy += (size_t)row * (size_t)c->cols.out * (size_t)c->out;
    if (j->run->dw != NULL) {
        each_stretch(j, row, rows, r->matrix, r->padded, gather);
        nn_gemm_serial(&(nn_gemm){.m = j->depth,
                                  .n = c->out,
                                  .k = positions,
                                  .a = r->matrix,
                                  .ta = true,
                                  .b = dy,
                                  .c = dw,
                                  .add = true});
    }
    if (j->run->dx != NULL) {
        nn_gemm_serial(&(nn_gemm){.m = positions,
                                  .n = j->depth,
                                  .k = c->out,
                                  .a = dy,
                                  .b = j->run->w,
                                  .tb = true,
                                  .c = r->matrix});
        each_stretch(j, row, rows, r->matrix, r->spread, scatter);
    }
}

static void backward_image(const job *j, const room *r, nn_real *dw, int image)
{
    const nn_conv *c = j->c;
    const nn_conv_run *run = j->run;
    const size_t given = nn_conv_result(c, run->pooled);
    nn_real *const dbias = dw + nn_conv_weights(c);

    if (run->each != NULL)
        run->each(run->context, image);
    const nn_real *dy = nn_conv_spread(c, run, r->whole, image);
    if (run->dw != NULL)
        nn_conv_pad(c, run->x + (size_t)image * nn_conv_image(c), r->padded);
    if (run->dx != NULL)
        memset(r->spread, 0, nn_conv_padded(c) * sizeof(nn_real));
    for (int row = 0; row < c->rows.out; row += j->rows)
        backward_band(j, r, dy, dw, row, smaller(j->rows, c->rows.out - row));
    nn_vec_add_rows(dbias, run->dy + (size_t)image * given, given / (size_t)c->out, (size_t)c->out);
    if (run->dx != NULL)
        nn_conv_unpad(c, r->spread, run->dx + (size_t)image * nn_conv_image(c));
}

/* The sums of a part: the gradient of the kernel and behind it that of the bias. */
static nn_real *sums_of(const job *j, int part)
{
    return (nn_real *)j->run->shared + (size_t)part * (nn_conv_weights(j->c) + (size_t)j->c->out);
}

static void backward_task(void *context, int task, int worker)
{
    const job *j = context;
    const room r = room_of(j, worker);
    nn_real *const dw = sums_of(j, task);
    int first = 0, last = 0;

    memset(dw, 0, (nn_conv_weights(j->c) + (size_t)j->c->out) * sizeof(*dw));
    nn_conv_part(j->c, j->run->n, task, &first, &last);
    for (int i = first; i < last; i++)
        backward_image(j, &r, dw, i);
}

static void add_parts(const job *j, nn_real *to, size_t at, size_t len)
{
    if (to == NULL)
        return;
    memcpy(to, sums_of(j, 0) + at, len * sizeof(*to));
    for (int part = 1; part < nn_conv_parts(j->c, j->run->n); part++)
        nn_vec_add(to, to, sums_of(j, part) + at, len);
}

static void backward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run)
{
    job j = {c, run, band_rows(c), (int)depth_of(c)};

    nn_pool_run(pool, nn_conv_parts(c, run->n), backward_task, &j);
    add_parts(&j, run->dw, 0, nn_conv_weights(c));
    add_parts(&j, run->dbias, nn_conv_weights(c), (size_t)c->out);
}

const nn_conv_way nn_conv_columns = {scratch, shared, forward, backward};
