/*
 * Convolutions without a matrix of windows: the kernels walk over the images where they lie.
 * Forward is a product held in registers. Backward takes only what is not zero in dy, which ReLU
 * and pooling leave little of: a list of it for every output place gives dx, the same list sorted
 * by channels dw.
 */
#include "math/conv_parts.h"

#include "math/conv_kernel.h"
#include "math/vec.h"

#include <limits.h>
#include <string.h>

enum {
    BAND = 32 * 1024 /* numbers of dy that are listed at a time, unless a single row has more */
};

/* A convolution and what follows from it. */
typedef struct plan {
    const nn_conv *c;
    const nn_conv_kernel *kernel;
    const nn_conv_run *run;
    int stretches, len; /* of a window: neighbouring columns are one stretch when not dilated */
    int vectors;        /* of a stretch */
    int line;           /* numbers of a window in whole vectors */
    int depth;          /* numbers of a window */
    int width;          /* numbers of a row of the padded image */
    int places;         /* of the output */
    int band;           /* rows of the output in a band */
    bool pads;
    bool by_lists; /* dw: else stretches are too short for vectors */
} plan;

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static plan plan_of(const nn_conv *c, const nn_conv_run *run)
{
    plan p = {.c = c, .kernel = nn_conv_kernel_usable(0), .run = run, .pads = nn_conv_pads(c)};
    const int row = c->cols.out * c->out;

    p.stretches = c->rows.size * (c->cols.dilation == 1 ? 1 : c->cols.size);
    p.len = c->in * (c->cols.dilation == 1 ? c->cols.size : 1);
    p.vectors = (p.len + p.kernel->width - 1) / p.kernel->width;
    p.line = p.stretches * p.vectors * p.kernel->width;
    p.depth = p.stretches * p.len;
    p.width = nn_axis_padded(&c->cols) * c->in;
    p.places = c->rows.out * c->cols.out;
    p.band = row >= BAND ? 1 : smaller(BAND / row, c->rows.out);
    p.by_lists = p.len >= p.kernel->width;
    return p;
}

/* A worker's scratch. The images have room for a vector behind them. */
typedef struct room {
    nn_real *image;  /* x between zeros */
    nn_real *spread; /* dx, likewise */
    nn_real *packed; /* a panel of the right side of a product */
    int *place;      /* [places]: where the window of an output begins in the image */
    int *stretch;    /* [stretches]: where it begins in a window in the image, */
    int *piece;      /* [stretches]: and in a window as a line of whole vectors */
    int *tap;        /* [depth]: a number of a window in the image; for products that give dw */
    int *row;        /* [rows of the output]: where the first window of a row begins */
    nn_real *value;  /* [numbers of a band]: what is not zero in dy, place by place */
    int *channel;    /* [likewise]: its channel */
    int *first;      /* [places of a band + 1]: where the list of a place begins */
    nn_real *sorted; /* [numbers of a band]: the same, channel by channel */
    int *from;       /* [likewise]: where its window begins in the image */
    int *begin;      /* [channels + 1]: where the list of a channel begins */
} room;

static void *cut(char *base, size_t *used, size_t count, size_t size)
{
    char *const at = base == NULL ? NULL : base + *used;

    *used += (count * size + 63) / 64 * 64;
    return at;
}

/* Divides the scratch; returns its size. With base NULL nothing but the size counts. */
static size_t divide(const plan *p, char *base, room *r)
{
    const size_t image = nn_conv_padded(p->c) + (size_t)p->kernel->width;
    const int band_places = p->band * p->c->cols.out;
    const size_t numbers = (size_t)band_places * (size_t)p->c->out + (size_t)p->kernel->width;
    const size_t rows = (size_t)(p->depth > band_places ? p->depth : band_places);
    size_t used = 0;

    r->image = cut(base, &used, image, sizeof(nn_real));
    r->spread = cut(base, &used, image, sizeof(nn_real));
    r->packed = cut(base, &used, rows * (size_t)p->kernel->cols, sizeof(nn_real));
    r->place = cut(base, &used, (size_t)p->places, sizeof(int));
    r->stretch = cut(base, &used, (size_t)p->stretches, sizeof(int));
    r->piece = cut(base, &used, (size_t)p->stretches, sizeof(int));
    r->tap = cut(base, &used, (size_t)p->depth, sizeof(int));
    r->row = cut(base, &used, (size_t)p->c->rows.out, sizeof(int));
    r->value = cut(base, &used, numbers, sizeof(nn_real));
    r->channel = cut(base, &used, numbers, sizeof(int));
    r->first = cut(base, &used, (size_t)band_places + 1, sizeof(int));
    r->sorted = cut(base, &used, numbers, sizeof(nn_real));
    r->from = cut(base, &used, numbers, sizeof(int));
    r->begin = cut(base, &used, (size_t)p->c->out + 1, sizeof(int));
    return used;
}

static size_t scratch(const nn_conv *c)
{
    const plan p = plan_of(c, NULL);
    room r;

    return divide(&p, NULL, &r);
}

/* Numbers of the gradients of kernel and bias that a part sums up. */
static size_t sums_len(const plan *p)
{
    const size_t line = p->by_lists ? (size_t)p->line : (size_t)p->depth;

    return nn_real_padded((line + 1) * (size_t)p->c->out);
}

/* The kernel as dx wants it: [out][line]. */
static size_t turned_len(const plan *p)
{
    return nn_real_padded((size_t)p->c->out * (size_t)p->line);
}

static size_t shared(const nn_conv *c)
{
    const plan p = plan_of(c, NULL);

    return (turned_len(&p) + (size_t)nn_conv_parts(c) * sums_len(&p)) * sizeof(nn_real);
}

static nn_real *turned_of(const plan *p)
{
    return p->run->shared;
}

static nn_real *sums_of(const plan *p, int part)
{
    return turned_of(p) + turned_len(p) + (size_t)part * sums_len(p);
}

/* Takes a worker's scratch and fills the tables of places. */
static room enter(const plan *p, int worker)
{
    const nn_conv *c = p->c;
    const int taps = p->stretches / c->rows.size; /* stretches in a row of the window */
    room r;

    (void)divide(p, (char *)p->run->scratch + (size_t)worker * p->run->scratch_bytes, &r);
    for (int y = 0; y < c->rows.out; y++) {
        r.row[y] = y * c->rows.stride * p->width;
        for (int x = 0; x < c->cols.out; x++)
            r.place[y * c->cols.out + x] = r.row[y] + x * c->cols.stride * c->in;
    }
    for (int s = 0; s < p->stretches; s++) {
        r.stretch[s] = s / taps * c->rows.dilation * p->width + s % taps * c->cols.dilation * c->in;
        r.piece[s] = s * p->vectors * p->kernel->width;
    }
    return r;
}

static const nn_real *padded_image(const plan *p, const room *r, int image, bool copies)
{
    const nn_real *x = p->run->x + (size_t)image * nn_conv_image(p->c);

    if (!copies)
        return x;
    nn_conv_pad(p->c, x, r->image);
    return r->image;
}

static void forward_image(const plan *p, const room *r, int image)
{
    const nn_conv *c = p->c;

    p->kernel->walk(&(nn_walk){.rows = p->places,
                               .cols = c->out,
                               .a = padded_image(p, r, image, p->pads),
                               .row = r->place,
                               .stretch = r->stretch,
                               .stretches = p->stretches,
                               .len = p->len,
                               .step = 1,
                               .b = p->run->w,
                               .ldb = c->out,
                               .c = p->run->y + (size_t)image * nn_conv_output(c),
                               .ldc = c->out,
                               .bias = p->run->bias,
                               .packed = r->packed});
    if (p->run->each != NULL)
        p->run->each(p->run->context, image);
}

static void forward_task(void *context, int task, int worker)
{
    const plan *p = context;
    const room r = enter(p, worker);
    const int group = nn_conv_group(p->c);

    for (int i = task * group; i < smaller((task + 1) * group, p->run->n); i++)
        forward_image(p, &r, i);
}

static void forward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run)
{
    const int group = nn_conv_group(c);
    plan p = plan_of(c, run);

    nn_pool_run(pool, run->n / group + (run->n % group != 0), forward_task, &p);
}

/* Lists what is not zero in `places` places of dy. */
static void list_places(const plan *p, const room *r, const nn_real *dy, int places)
{
    const int channels = p->c->out;
    int count = 0;

    for (int i = 0; i < places; i++, dy += channels) {
        r->first[i] = count;
        count += p->kernel->list(dy, channels, r->value + count, r->channel + count);
    }
    r->first[places] = count;
}

/* The same list channel by channel, by counting. */
static void sort_by_channel(const plan *p, const room *r, const int *place, int places)
{
    const int channels = p->c->out, count = r->first[places];
    int total = 0;

    memset(r->begin, 0, ((size_t)channels + 1) * sizeof(*r->begin));
    for (int k = 0; k < count; k++)
        r->begin[r->channel[k]]++;
    for (int c = 0; c < channels; c++) {
        total += r->begin[c];
        r->begin[c] = total;
    }
    r->begin[channels] = total;
    /* From the end, so that each beginning ends up where it should. */
    for (int i = places - 1; i >= 0; i--) {
        for (int k = r->first[i + 1] - 1; k >= r->first[i]; k--) {
            const int at = --r->begin[r->channel[k]];

            r->sorted[at] = r->value[k];
            r->from[at] = place[i];
        }
    }
}

static void add_dx(const plan *p, const room *r, nn_real *dx, const int *place, int places)
{
    nn_sparse sum = {.scale = p->line,
                     .b = turned_of(p),
                     .from = r->piece,
                     .to = r->stretch,
                     .stretches = p->stretches,
                     .vectors = p->vectors};

    for (int i = 0; i < places; i++) {
        sum.count = r->first[i + 1] - r->first[i];
        sum.at = r->channel + r->first[i];
        sum.value = r->value + r->first[i];
        sum.c = dx + place[i];
        if (sum.count > 0)
            p->kernel->add_sparse(&sum);
    }
}

/* dw [out][line] and behind it dbias [out], from the sorted lists. */
static void add_dw_by_lists(const plan *p, const room *r, const nn_real *image, nn_real *dw)
{
    nn_real *const dbias = dw + (size_t)p->c->out * (size_t)p->line;
    nn_sparse sum = {.scale = 1,
                     .b = image,
                     .from = r->stretch,
                     .to = r->piece,
                     .stretches = p->stretches,
                     .vectors = p->vectors};

    for (int c = 0; c < p->c->out; c++) {
        sum.count = r->begin[c + 1] - r->begin[c];
        sum.at = r->from + r->begin[c];
        sum.value = r->sorted + r->begin[c];
        sum.c = dw + (size_t)c * (size_t)p->line;
        if (sum.count > 0)
            p->kernel->add_sparse(&sum);
        for (int k = 0; k < sum.count; k++)
            dbias[c] += sum.value[k];
    }
}

/* dw [depth][out] and behind it dbias [out], as a product: a row for each number of a window. */
static void add_dw_by_product(const plan *p, const room *r, const nn_real *image, const nn_real *dy,
                              int row, int rows, nn_real *dw)
{
    const nn_conv *c = p->c;
    nn_real *const dbias = dw + (size_t)p->depth * (size_t)c->out;

    p->kernel->walk(&(nn_walk){.rows = p->depth,
                               .cols = c->out,
                               .a = image,
                               .row = r->tap,
                               .stretch = r->row + row,
                               .stretches = rows,
                               .len = c->cols.out,
                               .step = (ptrdiff_t)c->cols.stride * c->in,
                               .b = dy,
                               .ldb = c->out,
                               .c = dw,
                               .ldc = c->out,
                               .add = true,
                               .packed = r->packed});
    for (int i = 0; i < rows * c->cols.out; i++)
        nn_vec_add(dbias, dbias, dy + (size_t)i * (size_t)c->out, (size_t)c->out);
}

static void backward_band(const plan *p, const room *r, const nn_real *image, const nn_real *dy,
                          nn_real *dx, nn_real *dw, int row, int rows)
{
    const int places = rows * p->c->cols.out;
    const int *place = r->place + row * p->c->cols.out;

    dy += (size_t)row * (size_t)p->c->cols.out * (size_t)p->c->out;
    if (dx != NULL || p->by_lists)
        list_places(p, r, dy, places);
    if (dx != NULL)
        add_dx(p, r, dx, place, places);
    if (image == NULL)
        return;
    if (p->by_lists) {
        sort_by_channel(p, r, place, places);
        add_dw_by_lists(p, r, image, dw);
    } else {
        add_dw_by_product(p, r, image, dy, row, rows, dw);
    }
}

static void backward_image(const plan *p, const room *r, nn_real *dw, int image)
{
    const nn_conv *c = p->c;
    const nn_conv_run *run = p->run;
    /* Whole vectors may reach beyond the end of an image: not beyond that of a copy. */
    const bool copies = p->pads || p->len % p->kernel->width != 0;
    const bool wants_dw = run->dw != NULL || run->dbias != NULL;
    nn_real *const own_dx = run->dx == NULL ? NULL : run->dx + (size_t)image * nn_conv_image(c);
    nn_real *const dx = own_dx != NULL && copies ? r->spread : own_dx;
    const nn_real *x = wants_dw ? padded_image(p, r, image, p->by_lists ? copies : p->pads) : NULL;

    if (run->each != NULL)
        run->each(run->context, image);
    if (dx != NULL)
        memset(dx, 0, nn_conv_padded(c) * sizeof(*dx));
    for (int row = 0; row < c->rows.out; row += p->band)
        backward_band(p, r, x, run->dy + (size_t)image * nn_conv_output(c), dx, dw, row,
                      smaller(p->band, c->rows.out - row));
    if (dx != own_dx)
        nn_conv_unpad(c, dx, own_dx);
}

static void backward_task(void *context, int task, int worker)
{
    const plan *p = context;
    const room r = enter(p, worker);
    nn_real *const dw = sums_of(p, task);
    int first = 0, last = 0;

    for (int k = 0; k < p->depth; k++)
        r.tap[k] = r.stretch[k / p->len] + k % p->len;
    memset(dw, 0, sums_len(p) * sizeof(*dw));
    nn_conv_part(p->c, p->run->n, task, &first, &last);
    for (int i = first; i < last; i++)
        backward_image(p, &r, dw, i);
}

/* A channel's weights become a line of whole vectors; a task turns a few channels. */
enum { CHANNELS = 16 };

static void turn_task(void *context, int task, int worker)
{
    const plan *p = context;
    const size_t channels = (size_t)p->c->out;
    const size_t gap = (size_t)p->vectors * (size_t)p->kernel->width;
    const size_t lines = (size_t)smaller(CHANNELS, p->c->out - task * CHANNELS);

    (void)worker;
    memset(turned_of(p) + (size_t)task * CHANNELS * (size_t)p->line, 0,
           lines * (size_t)p->line * sizeof(nn_real));
    for (int k = 0; k < p->depth; k++) {
        const size_t at = (size_t)(k / p->len) * gap + (size_t)(k % p->len);

        for (int c = task * CHANNELS; c < smaller((task + 1) * CHANNELS, p->c->out); c++)
            turned_of(p)[(size_t)c * (size_t)p->line + at] =
                p->run->w[(size_t)k * channels + (size_t)c];
    }
}

static void turn_back_task(void *context, int task, int worker)
{
    const plan *p = context;
    const int first = task * CHANNELS, last = smaller(first + CHANNELS, p->c->out);
    const size_t channels = (size_t)p->c->out, begin = (size_t)first * (size_t)p->line;
    const size_t gap = (size_t)p->vectors * (size_t)p->kernel->width;
    nn_real *const sums = sums_of(p, 0);

    (void)worker;
    for (int part = 1; part < nn_conv_parts(p->c); part++)
        nn_vec_add(sums + begin, sums + begin, sums_of(p, part) + begin,
                   (size_t)(last - first) * (size_t)p->line);
    for (int k = 0; k < p->depth; k++) {
        const size_t at = (size_t)(k / p->len) * gap + (size_t)(k % p->len);

        for (int c = first; c < last; c++)
            p->run->dw[(size_t)k * channels + (size_t)c] = sums[(size_t)c * (size_t)p->line + at];
    }
}

static void add_parts(const plan *p, nn_real *to, size_t at, size_t len)
{
    memcpy(to, sums_of(p, 0) + at, len * sizeof(*to));
    for (int part = 1; part < nn_conv_parts(p->c); part++)
        nn_vec_add(to, to, sums_of(p, part) + at, len);
}

static void backward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run)
{
    plan p = plan_of(c, run);
    const int tasks = (c->out + CHANNELS - 1) / CHANNELS;
    const size_t channels = (size_t)c->out;
    const size_t kernel = (size_t)(p.by_lists ? p.line : p.depth) * channels;

    if (run->dx != NULL)
        nn_pool_run(pool, tasks, turn_task, &p);
    nn_pool_run(pool, nn_conv_parts(c), backward_task, &p);
    if (run->dbias != NULL)
        add_parts(&p, run->dbias, kernel, channels);
    if (run->dw != NULL && p.by_lists)
        nn_pool_run(pool, tasks, turn_back_task, &p);
    else if (run->dw != NULL)
        add_parts(&p, run->dw, 0, kernel);
}

const nn_conv_way nn_conv_direct = {scratch, shared, forward, backward};

bool nn_conv_is_direct(const nn_conv *c)
{
    const plan p = plan_of(c, NULL);

    return (double)p.line * c->out <= INT_MAX;
}
