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
    BAND = 32 * 1024, /* numbers of dy that are listed at a time, unless a single row has more */
    NEAR = 7 * 1024,  /* numbers of images whose gradient of the kernel is summed at a time */
    IMAGES = 16,      /* and as many of them at most */
    HOT = 20 * 1024,  /* numbers of the kernel that are gone through at a time for dx */
};

/* A convolution and what follows from it. */
typedef struct plan {
    const nn_conv *c;
    const nn_windows *pooled; /* or NULL */
    const nn_conv_kernel *kernel;
    const nn_conv_run *run;
    int stretches, len; /* of a window: neighbouring columns are one stretch when not dilated */
    int vectors;        /* of a stretch */
    int hot;            /* so many of all channels stay near */
    int line;           /* numbers of a window in whole vectors */
    int depth;          /* numbers of a window */
    int width;          /* numbers of a row of the padded image */
    int places;         /* of the output */
    int rows, cols;     /* of dy */
    int taps;           /* places of the output that one of dy may stand for */
    int band;           /* rows of dy in a band, */
    int images;         /* or whole images */
    size_t image_len;   /* from one image to the next */
    /* Whole vectors may reach beyond the end of an image: not beyond that of a copy. */
    bool pads, copies, spreads; /* copies, spreads: backward does not take x, dx where they lie */
    bool by_lists;              /* dw: else stretches are too short for vectors */
} plan;

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* How dy is cut: into bands of rows, or, where an image is one, into several images. */
static void plan_bands(plan *p)
{
    const int row = p->cols * p->c->out, near = (int)(NEAR / p->image_len);

    p->band = row >= BAND ? 1 : smaller(BAND / row, p->rows);
    p->images = p->band < p->rows ? 1 : smaller(BAND / (row * p->rows), smaller(near, IMAGES));
    p->images = p->images > 1 ? p->images : 1;
}

static plan plan_of(const nn_conv *c, const nn_windows *pooled, const nn_conv_run *run)
{
    plan p = {.c = c, .pooled = pooled, .kernel = nn_conv_kernel_usable(0), .run = run};

    p.stretches = c->rows.size * (c->cols.dilation == 1 ? 1 : c->cols.size);
    p.len = c->in * (c->cols.dilation == 1 ? c->cols.size : 1);
    p.vectors = (p.len + p.kernel->width - 1) / p.kernel->width;
    p.hot = HOT / (c->out * p.kernel->width) + 1;
    p.line = p.stretches * p.vectors * p.kernel->width;
    p.depth = p.stretches * p.len;
    p.width = nn_axis_padded(&c->cols) * c->in;
    p.places = c->rows.out * c->cols.out;
    p.rows = pooled == NULL ? c->rows.out : pooled->rows.out;
    p.cols = pooled == NULL ? c->cols.out : pooled->cols.out;
    p.taps = pooled == NULL ? 1 : pooled->rows.size * pooled->cols.size;
    p.pads = nn_conv_pads(c);
    p.by_lists = p.len >= p.kernel->width;
    p.spreads = p.pads || p.len % p.kernel->width != 0;
    p.copies = p.pads || (p.spreads && p.by_lists);
    p.image_len =
        p.copies ? nn_real_padded(nn_conv_padded(c) + (size_t)p.kernel->width) : nn_conv_image(c);
    plan_bands(&p);
    return p;
}

/*
 * A worker's scratch. The images have room for a vector behind them. A run is a stretch of the list
 * of what is not zero in dy: what there is of one place of dy and of one place of the output.
 */
typedef struct room {
    nn_real *image;  /* [images]: x between zeros */
    nn_real *spread; /* dx, likewise */
    nn_real *packed; /* a panel of the right side of a product */
    nn_real *whole;  /* an output that is pooled */
    int *place;      /* [places]: where the window of an output begins in the image */
    int *stretch;    /* [stretches]: where it begins in a window in the image, */
    int *piece;      /* [stretches]: and in a window as a line of whole vectors */
    int *tap;        /* [depth]: a number of a window in the image; for products that give dw */
    int *row;        /* [rows of the output]: where the first window of a row begins */
    nn_real *value;  /* [numbers of a band]: what is not zero in dy, run by run */
    int *channel;    /* [likewise]: its channel */
    int *first;      /* [runs of a band + 1]: where a run begins */
    int *at;         /* [runs of a band]: where its window begins in the image, or the images */
    nn_real *sorted; /* [channels][places of dy in a band]: the same list, channel by channel */
    int *from;       /* [likewise]: where its window begins */
    int *begin;      /* [channels]: where they begin in the sorted list, */
    int *end;        /* [likewise]: and end */
    int *turned;     /* [likewise]: where their lines begin in the kernel as dx wants it */
} room;

static void *cut(char *base, size_t *used, size_t count, size_t size)
{
    char *const at = base == NULL ? NULL : base + *used;

    *used += (count * size + 63) / 64 * 64;
    return at;
}

/* Places of dy in a band. */
static int band_places(const plan *p)
{
    return p->images * p->band * p->cols;
}

/* Rows of the output in a band of the product that gives dw. */
static int product_rows(const plan *p)
{
    const int row = p->c->cols.out * p->c->out;

    return row >= BAND ? 1 : smaller(BAND / row, p->c->rows.out);
}

/* Divides the scratch; returns its size. With base NULL nothing but the size counts. */
static size_t divide(const plan *p, char *base, room *r)
{
    const size_t image = nn_conv_padded(p->c) + (size_t)p->kernel->width;
    const size_t images = p->copies ? (size_t)p->images * p->image_len : image;
    const size_t places = (size_t)band_places(p), channels = (size_t)p->c->out;
    const size_t numbers = places * channels + (size_t)p->kernel->width;
    const int product = product_rows(p) * p->c->cols.out;
    const size_t rows = (size_t)(p->by_lists || p->depth > product ? p->depth : product);
    size_t used = 0;

    r->image = cut(base, &used, images, sizeof(nn_real));
    r->spread = cut(base, &used, image, sizeof(nn_real));
    r->packed = cut(base, &used, rows * (size_t)p->kernel->cols, sizeof(nn_real));
    r->whole = cut(base, &used, nn_conv_whole(p->c, p->pooled), sizeof(nn_real));
    r->place = cut(base, &used, (size_t)p->places, sizeof(int));
    r->stretch = cut(base, &used, (size_t)p->stretches, sizeof(int));
    r->piece = cut(base, &used, (size_t)p->stretches, sizeof(int));
    r->tap = cut(base, &used, (size_t)p->depth, sizeof(int));
    r->row = cut(base, &used, (size_t)p->c->rows.out, sizeof(int));
    r->value = cut(base, &used, numbers, sizeof(nn_real));
    r->channel = cut(base, &used, numbers, sizeof(int));
    r->first = cut(base, &used, places * (size_t)p->taps + 1, sizeof(int));
    r->at = cut(base, &used, places * (size_t)p->taps, sizeof(int));
    r->sorted = cut(base, &used, numbers, sizeof(nn_real));
    r->from = cut(base, &used, numbers, sizeof(int));
    r->begin = cut(base, &used, channels, sizeof(int));
    r->end = cut(base, &used, channels, sizeof(int));
    r->turned = cut(base, &used, channels, sizeof(int));
    return used;
}

static size_t scratch(const nn_conv *c, const nn_windows *pooled)
{
    const plan p = plan_of(c, pooled, NULL);
    room r;

    return divide(&p, NULL, &r);
}

/* Numbers of the gradient of the kernel that a part sums up; behind it stands that of the bias. */
static size_t weight_sums(const plan *p)
{
    return (size_t)(p->by_lists ? p->line : p->depth) * (size_t)p->c->out;
}

static size_t sums_len(const plan *p)
{
    return nn_real_padded(weight_sums(p) + (size_t)p->c->out);
}

/* The kernel as dx wants it: [out][line]. */
static size_t turned_len(const plan *p)
{
    return nn_real_padded((size_t)p->c->out * (size_t)p->line);
}

static size_t shared(const nn_conv *c)
{
    const plan p = plan_of(c, NULL, NULL);

    return (turned_len(&p) + (size_t)nn_conv_most_parts(c) * sums_len(&p)) * sizeof(nn_real);
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
    for (int k = 0; k < c->out; k++) {
        r.begin[k] = k * band_places(p);
        r.turned[k] = k * p->line;
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

/* Places window by window, as the kernel pools them. */
static void order_by_window(const plan *p, const room *r)
{
    int *place = r->place;

    for (int y = 0; y < p->c->rows.out; y += 2) {
        for (int x = 0; x < p->c->cols.out; x += 2) {
            for (int tap = 0; tap < NN_POOLED; tap++)
                *place++ = r->row[y + tap / 2] + (x + tap % 2) * p->c->cols.stride * p->c->in;
        }
    }
}

static void forward_image(const plan *p, const room *r, int image)
{
    const nn_conv *c = p->c;
    const bool pools = nn_conv_pools(c, p->pooled);
    nn_real *const whole = pools ? NULL : r->whole;

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
                               .c = nn_conv_begin(c, p->run, whole, image),
                               .ldc = c->out,
                               .bias = p->run->bias,
                               .pools = pools,
                               .from = nn_conv_taps(c, p->run, image),
                               .packed = r->packed});
    nn_conv_end(c, p->run, whole, image);
}

static void forward_task(void *context, int task, int worker)
{
    const plan *p = context;
    const room r = enter(p, worker);
    const int group = nn_conv_group(p->c);

    if (nn_conv_pools(p->c, p->pooled))
        order_by_window(p, &r);
    for (int i = task * group; i < smaller((task + 1) * group, p->run->n); i++)
        forward_image(p, &r, i);
}

static void forward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run)
{
    const int group = nn_conv_group(c);
    plan p = plan_of(c, run->pooled, run);

    nn_pool_run(pool, run->n / group + (run->n % group != 0), forward_task, &p);
}

/* What has been listed so far. */
typedef struct list {
    const room *r;
    int runs, places;
} list;

/* Adds what is not zero in one place of dy, which each tap of a window is a run of. */
static void list_place(const plan *p, list *t, const nn_real *dy, const nn_tap *from, int row,
                       int col, int offset)
{
    const room *r = t->r;
    const nn_windows *w = p->pooled;
    const nn_window_part part = nn_windows_part(w, row, col);

    for (int ky = part.y0; ky < part.y1; ky++) {
        const int line = nn_axis_at(&w->rows, row, ky) * p->c->cols.out;

        for (int kx = part.x0; kx < part.x1; kx++) {
            const int count = r->first[t->runs];

            r->at[t->runs] = r->place[line + nn_axis_at(&w->cols, col, kx)] + offset;
            r->first[++t->runs] =
                count + p->kernel->list_tap(dy, from, ky * w->cols.size + kx, p->c->out,
                                            r->value + count, r->channel + count);
        }
    }
}

/* Adds some rows of dy of an image that stands at `offset`. */
static void list_rows(const plan *p, list *t, int image, int row, int rows, int offset)
{
    const size_t channels = (size_t)p->c->out;
    size_t at =
        (size_t)image * nn_conv_result(p->c, p->pooled) + (size_t)(row * p->cols) * channels;

    for (int i = row * p->cols; i < (row + rows) * p->cols; i++, at += channels) {
        const int count = t->r->first[t->runs];

        t->places++;
        if (p->pooled != NULL) {
            list_place(p, t, p->run->dy + at, p->run->from + at, i / p->cols, i % p->cols, offset);
            continue;
        }
        t->r->at[t->runs] = t->r->place[i] + offset;
        t->r->first[++t->runs] =
            count +
            p->kernel->list(p->run->dy + at, p->c->out, t->r->value + count, t->r->channel + count);
    }
}

/* The same list channel by channel. A channel has at most one number of each place of dy. */
static void sort_by_channel(const plan *p, const list *t)
{
    const room *r = t->r;

    for (int c = 0; c < p->c->out; c++)
        r->end[c] = r->begin[c];
    for (int i = 0; i < t->runs; i++) {
        const int window = r->at[i];

        for (int k = r->first[i]; k < r->first[i + 1]; k++) {
            const int to = r->end[r->channel[k]]++;

            r->sorted[to] = r->value[k];
            r->from[to] = window;
        }
    }
}

/* The runs from `run` on, whose windows stand in an image at `offset`. */
static void add_dx(const plan *p, const list *t, int run, nn_real *dx, int offset)
{
    const room *r = t->r;

    p->kernel->add_sparse(&(nn_sparse){.runs = t->runs - run,
                                       .first = r->first + run,
                                       .last = r->first + run + 1,
                                       .at = r->channel,
                                       .value = r->value,
                                       .b = turned_of(p),
                                       .scale = p->line,
                                       .from = r->piece,
                                       .c = dx,
                                       .place = r->at + run,
                                       .shift = offset,
                                       .to = r->stretch,
                                       .stretches = p->stretches,
                                       .vectors = p->vectors,
                                       .most = p->hot});
}

/* What backward does with the images of a band: they stand at `images`, or where they are. */
typedef struct pass {
    const plan *p;
    const room *r;
    list found;
    const nn_real *images;
    nn_real *dw;
    bool wants_dw;
    bool fresh; /* nothing is in dw yet */
} pass;

/* dw [out][line], from what is listed, which then is forgotten. */
static void add_dw_by_lists(pass *b)
{
    const plan *p = b->p;
    const room *r = b->r;

    sort_by_channel(p, &b->found);
    p->kernel->add_sparse(&(nn_sparse){.runs = p->c->out,
                                       .first = r->begin,
                                       .last = r->end,
                                       .at = r->from,
                                       .value = r->sorted,
                                       .b = b->images,
                                       .scale = 1,
                                       .from = r->stretch,
                                       .c = b->dw,
                                       .place = r->turned,
                                       .to = r->piece,
                                       .stretches = p->stretches,
                                       .vectors = p->vectors,
                                       .most = p->line,
                                       .fresh = b->fresh});
    b->found = (list){.r = r};
    b->fresh = false;
}

/* dw [depth][out] of an image, as a product: a row for each number of a window. */
static void add_dw_by_product(pass *b, const nn_real *image, const nn_real *dy)
{
    const plan *p = b->p;
    const room *r = b->r;
    const nn_conv *c = p->c;

    for (int row = 0; row < c->rows.out; row += product_rows(p), b->fresh = false)
        p->kernel->walk(&(nn_walk){.rows = p->depth,
                                   .cols = c->out,
                                   .a = image,
                                   .row = r->tap,
                                   .stretch = r->row + row,
                                   .stretches = smaller(product_rows(p), c->rows.out - row),
                                   .len = c->cols.out,
                                   .step = (ptrdiff_t)c->cols.stride * c->in,
                                   .b = dy + (size_t)row * (size_t)(c->cols.out * c->out),
                                   .ldb = c->out,
                                   .c = b->dw,
                                   .ldc = c->out,
                                   .add = !b->fresh,
                                   .packed = r->packed});
}

/* dx is NULL when nobody wants it. */
static void backward_rows(pass *b, nn_real *dx, int image, int offset)
{
    const plan *p = b->p;

    for (int row = 0; row < p->rows; row += p->band) {
        const int run = b->found.runs;

        list_rows(p, &b->found, image, row, smaller(p->band, p->rows - row), offset);
        if (dx != NULL)
            add_dx(p, &b->found, run, dx, offset);
        if (!b->wants_dw || !p->by_lists)
            b->found = (list){.r = b->r};
        else if (p->band < p->rows)
            add_dw_by_lists(b);
    }
}

static void backward_image(pass *b, int image, int k)
{
    const plan *p = b->p;
    const nn_conv_run *run = p->run;
    const size_t len = nn_conv_image(p->c), given = nn_conv_result(p->c, p->pooled);
    const int offset = (int)((size_t)k * p->image_len);
    nn_real *const own_dx = run->dx == NULL ? NULL : run->dx + (size_t)image * len;
    nn_real *const dx = own_dx != NULL && p->spreads ? b->r->spread : own_dx;

    if (run->each != NULL)
        run->each(run->context, image);
    if (b->wants_dw)
        nn_vec_add_rows(b->dw + weight_sums(p), run->dy + (size_t)image * given,
                        (size_t)(p->rows * p->cols), (size_t)p->c->out);
    if (b->wants_dw && p->copies)
        nn_conv_pad(p->c, run->x + (size_t)image * len, b->r->image + offset);
    if (b->wants_dw && !p->by_lists)
        add_dw_by_product(b, b->images + offset, nn_conv_spread(p->c, run, b->r->whole, image));
    if (dx != NULL)
        memset(dx, 0, nn_conv_padded(p->c) * sizeof(*dx));
    if (dx != NULL || (b->wants_dw && p->by_lists))
        backward_rows(b, dx, image, offset);
    if (dx != own_dx)
        nn_conv_unpad(p->c, dx, own_dx);
}

static void backward_task(void *context, int task, int worker)
{
    const plan *p = context;
    const room r = enter(p, worker);
    const size_t sums = weight_sums(p);
    pass b = {.p = p, .r = &r, .found = {.r = &r}, .dw = sums_of(p, task), .fresh = true};
    int first = 0, last = 0;

    b.wants_dw = p->run->dw != NULL || p->run->dbias != NULL;
    for (int k = 0; k < p->depth; k++)
        r.tap[k] = r.stretch[k / p->len] + k % p->len;
    r.first[0] = 0;
    memset(b.dw + sums, 0, (size_t)p->c->out * sizeof(*b.dw));
    nn_conv_part(p->c, p->run->n, task, &first, &last);
    for (int i = first; i < last; i += p->images) {
        b.images = p->copies ? r.image : p->run->x + (size_t)i * p->image_len;
        for (int k = 0; k < smaller(p->images, last - i); k++)
            backward_image(&b, i + k, k);
        if (b.found.runs > 0)
            add_dw_by_lists(&b);
    }
    if (b.fresh)
        memset(b.dw, 0, sums * sizeof(*b.dw));
}

/* A channel's weights become a line of whole vectors; a task turns a few channels. */
enum { CHANNELS = 16, DEPTH = 32 /* numbers of a window at a time, so that they stay near */ };

static void turn_task(void *context, int task, int worker)
{
    const plan *p = context;
    const int first = task * CHANNELS, last = smaller(first + CHANNELS, p->c->out);
    const size_t channels = (size_t)p->c->out, line = (size_t)p->line;

    (void)worker;
    memset(turned_of(p) + (size_t)first * line, 0, (size_t)(last - first) * line * sizeof(nn_real));
    for (int k = 0, end; k < p->depth; k = end) {
        const size_t at = (size_t)(k / p->len * p->vectors * p->kernel->width + k % p->len);
        const nn_real *from = p->run->w + (size_t)k * channels;

        end = smaller(k + DEPTH, (k / p->len + 1) * p->len);
        for (int c = first; c < last; c++) {
            for (int i = 0; i < end - k; i++)
                turned_of(p)[(size_t)c * line + at + (size_t)i] =
                    from[(size_t)i * channels + (size_t)c];
        }
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
    for (int part = 1; part < nn_conv_parts(p->c, p->run->n); part++)
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
    for (int part = 1; part < nn_conv_parts(p->c, p->run->n); part++)
        nn_vec_add(to, to, sums_of(p, part) + at, len);
}

static void backward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run)
{
    plan p = plan_of(c, run->pooled, run);
    const int tasks = (c->out + CHANNELS - 1) / CHANNELS;
    const size_t channels = (size_t)c->out;
    const size_t kernel = weight_sums(&p);

    if (run->dx != NULL)
        nn_pool_run(pool, tasks, turn_task, &p);
    nn_pool_run(pool, nn_conv_parts(c, run->n), backward_task, &p);
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
    const plan p = plan_of(c, NULL, NULL);

    return (double)p.line * c->out <= INT_MAX;
}
