/*
 * Forward convolution by windows of 3 x 3 with Winograd's F(2 x 2, 3 x 3): tiles of 4 x 4 inputs
 * and the windows are transformed so that 2 x 2 outputs take 16 multiplications instead of 36.
 * Backward is that of the direct way. Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks".
 */
#include "math/conv_parts.h"

#include "math/conv_kernel.h"

enum {
    STEP = 2,    /* outputs of a tile, down and across */
    WINDOW = 3,  /* taps of the window, likewise */
    POINTS = 16, /* numbers of a tile of 4 x 4 inputs, also when transformed */
    TILES = 64,  /* at a time, unless a row of them is longer */
    ENOUGH = 32, /* of several small images: so many share the transformed windows, */
    TASKS = 8,   /* if there are so many tasks then */
    MIDDLE = 5   /* the point that is in each output of a tile once: the bias goes there */
};

typedef struct plan {
    nn_conv c; /* with as many zeros behind the image as whole tiles need */
    const nn_windows *pooled;
    const nn_conv_kernel *kernel;
    const nn_conv_run *run;
    int down, across; /* tiles of an image */
    int lines;        /* rows of tiles at a time, */
    int images;       /* or whole images: at most so many */
    nn_real
        *windows; /* [POINTS][in][out] transformed; for all workers, in the first one's scratch */
} plan;

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static void widen(nn_axis *a)
{
    a->after += a->out % STEP;
}

static plan plan_of(const nn_conv *c, const nn_windows *pooled, const nn_conv_run *run)
{
    plan p = {.c = *c, .pooled = pooled, .kernel = nn_conv_kernel_usable(0), .run = run};

    widen(&p.c.rows);
    widen(&p.c.cols);
    p.down = (c->rows.out + STEP - 1) / STEP;
    p.across = (c->cols.out + STEP - 1) / STEP;
    p.lines = p.across >= TILES ? 1 : smaller(TILES / p.across, p.down);
    p.images = p.down * p.across >= ENOUGH ? 1 : ENOUGH / (p.down * p.across);
    p.windows = run == NULL ? NULL : run->scratch;
    return p;
}

/*
 * Numbers from one point to the next, for so many tiles. Not a multiple of a cache's page, or all
 * points of a tile would fall into one set of it.
 */
static size_t apart(const plan *p, int tiles, int channels)
{
    return (size_t)tiles * (size_t)channels + (size_t)p->kernel->width;
}

/* A worker's scratch, behind the windows. */
typedef struct room {
    nn_real *image;    /* padded, if it is */
    nn_real *tiles;    /* [POINTS][tiles][in], points `apart` */
    nn_real *products; /* [POINTS][tiles][out], likewise */
    nn_real *packed;
    nn_real *spare; /* [out] for outputs of a tile beyond the image */
    nn_real *whole; /* an output that is pooled */
    int *row;       /* [tiles] where a tile's channels begin, for the product */
} room;

static size_t cut(size_t *used, size_t count, size_t size)
{
    const size_t at = *used;

    *used += (count * size + 63) / 64 * 64;
    return at;
}

static size_t divide(const plan *p, char *base, room *r)
{
    const size_t in = (size_t)p->c.in, out = (size_t)p->c.out;
    const int tiles = p->images * p->lines * p->across;
    size_t used = 0;

    (void)cut(&used, POINTS * in * out, sizeof(nn_real));
    const size_t image = cut(&used, nn_conv_padded(&p->c), sizeof(nn_real));
    const size_t inputs = cut(&used, POINTS * apart(p, tiles, p->c.in), sizeof(nn_real));
    const size_t products = cut(&used, POINTS * apart(p, tiles, p->c.out), sizeof(nn_real));
    const size_t packed = cut(&used, in * (size_t)p->kernel->cols, sizeof(nn_real));
    const size_t spare = cut(&used, out, sizeof(nn_real));
    const size_t whole = cut(&used, nn_conv_whole(&p->c, p->pooled), sizeof(nn_real));
    const size_t row = cut(&used, (size_t)tiles, sizeof(int));
    if (base != NULL)
        *r = (room){(nn_real *)(void *)(base + image),    (nn_real *)(void *)(base + inputs),
                    (nn_real *)(void *)(base + products), (nn_real *)(void *)(base + packed),
                    (nn_real *)(void *)(base + spare),    (nn_real *)(void *)(base + whole),
                    (int *)(void *)(base + row)};
    return used;
}

static size_t scratch(const nn_conv *c, const nn_windows *pooled)
{
    const plan p = plan_of(c, pooled, NULL);
    const size_t own = divide(&p, NULL, NULL), direct = nn_conv_direct.scratch(c, pooled);

    return own > direct ? own : direct;
}

enum { CHANNELS = 8 /* of the input, in a task that turns windows */ };

static void turn_windows_task(void *context, int task, int worker)
{
    const plan *p = context;
    const size_t in = (size_t)p->c.in, out = (size_t)p->c.out;

    (void)worker;
    for (int i = task * CHANNELS; i < smaller((task + 1) * CHANNELS, p->c.in); i++)
        p->kernel->turn_windows(p->run->w + (size_t)i * out, p->windows + (size_t)i * out, in * out,
                                p->c.out);
}

/* Tiles that are worked on together: some rows of them of an image, or all of several images. */
typedef struct share {
    int image, images;
    int first, lines; /* rows of tiles, of each image */
} share;

static int tiles_of(const plan *p, const share *s)
{
    return s->lines * p->across; /* of an image */
}

/* The tiles of the k-th image. */
static void turn_tiles(const plan *p, const room *r, const share *s, int k)
{
    const size_t in = (size_t)p->c.in, width = (size_t)nn_axis_padded(&p->c.cols) * in;
    const int tiles = tiles_of(p, s);
    const nn_real *image = p->run->x + (size_t)(s->image + k) * nn_conv_image(&p->c);

    if (nn_conv_pads(&p->c)) {
        nn_conv_pad(&p->c, image, r->image);
        image = r->image;
    }
    for (int i = 0; i < tiles; i++) {
        const size_t y = (size_t)((s->first + i / p->across) * STEP);
        const size_t x = (size_t)(i % p->across * STEP);

        p->kernel->turn_tile(image + y * width + x * in, width,
                             r->tiles + (size_t)(k * tiles + i) * in,
                             apart(p, s->images * tiles, p->c.in), p->c.in);
    }
}

static void multiply(const plan *p, const room *r, int tiles)
{
    static const int start = 0;
    const size_t in = (size_t)p->c.in, out = (size_t)p->c.out;

    for (size_t point = 0; point < POINTS; point++)
        p->kernel->walk(&(nn_walk){.rows = tiles,
                                   .cols = p->c.out,
                                   .a = r->tiles + point * apart(p, tiles, p->c.in),
                                   .row = r->row,
                                   .stretch = &start,
                                   .stretches = 1,
                                   .len = p->c.in,
                                   .step = 1,
                                   .b = p->windows + point * in * out,
                                   .ldb = p->c.out,
                                   .c = r->products + point * apart(p, tiles, p->c.out),
                                   .ldc = p->c.out,
                                   .bias = point == MIDDLE ? p->run->bias : NULL,
                                   .packed = r->packed});
}

/* The k-th image, pooled; a window of it is a tile. */
static void give_pooled(const plan *p, const room *r, const share *s, int k)
{
    const int tiles = tiles_of(p, s);
    const size_t out = (size_t)p->c.out;
    nn_real *const y = nn_conv_begin(&p->c, p->run, NULL, s->image + k);
    nn_tap *const taps = nn_conv_taps(&p->c, p->run, s->image + k);

    for (int i = 0; i < tiles; i++) {
        const size_t to = (size_t)(s->first * p->across + i) * out;

        p->kernel->pool_products(r->products + (size_t)(k * tiles + i) * out,
                                 apart(p, s->images * tiles, p->c.out), y + to,
                                 taps == NULL ? NULL : taps + to, p->c.out);
    }
}

static void give_outputs(const plan *p, const room *r, const share *s, int k)
{
    const int tiles = tiles_of(p, s);
    const size_t out = (size_t)p->c.out;
    nn_real *const y = nn_conv_begin(&p->c, p->run, r->whole, s->image + k);

    for (int i = 0; i < tiles; i++) {
        nn_real *to[STEP * STEP];

        for (int j = 0; j < STEP * STEP; j++) {
            const int row = (s->first + i / p->across) * STEP + j / STEP;
            const int col = i % p->across * STEP + j % STEP;
            const bool inside = row < p->c.rows.out && col < p->c.cols.out;

            to[j] =
                inside ? y + ((size_t)row * (size_t)p->c.cols.out + (size_t)col) * out : r->spare;
        }
        p->kernel->turn_products(r->products + (size_t)(k * tiles + i) * out,
                                 apart(p, s->images * tiles, p->c.out), to, p->c.out);
    }
}

static void forward_share(const plan *p, const room *r, const share *s)
{
    const bool pools = nn_conv_pools(&p->c, p->pooled);

    for (int k = 0; k < s->images; k++)
        turn_tiles(p, r, s, k);
    multiply(p, r, s->images * tiles_of(p, s));
    for (int k = 0; k < s->images; k++) {
        pools ? give_pooled(p, r, s, k) : give_outputs(p, r, s, k);
        if (s->first + s->lines == p->down)
            nn_conv_end(&p->c, p->run, pools ? NULL : r->whole, s->image + k);
    }
}

static int group_of(const plan *p)
{
    const int group = nn_conv_group(&p->c);

    return group > p->images ? group : p->images;
}

static void forward_task(void *context, int task, int worker)
{
    const plan *p = context;
    const int group = group_of(p), last = smaller((task + 1) * group, p->run->n);
    room r = {0};

    (void)divide(p, (char *)p->run->scratch + (size_t)worker * p->run->scratch_bytes, &r);
    for (int i = 0; i < p->images * p->lines * p->across; i++)
        r.row[i] = i * p->c.in;
    for (int i = task * group; i < last; i += p->images) {
        for (int first = 0; first < p->down; first += p->lines)
            forward_share(p, &r,
                          &(share){i, smaller(p->images, last - i), first,
                                   smaller(p->lines, p->down - first)});
    }
}

static void forward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run)
{
    plan p = plan_of(c, run->pooled, run);

    p.images = smaller(p.images, (run->n + TASKS - 1) / TASKS);
    const int group = group_of(&p);
    nn_pool_run(pool, (c->in + CHANNELS - 1) / CHANNELS, turn_windows_task, &p);
    nn_pool_run(pool, run->n / group + (run->n % group != 0), forward_task, &p);
}

static size_t shared(const nn_conv *c)
{
    return nn_conv_direct.shared(c);
}

static void backward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run)
{
    nn_conv_direct.backward(pool, c, run);
}

const nn_conv_way nn_conv_winograd = {scratch, shared, forward, backward};

static bool is_plain(const nn_axis *a)
{
    return a->size == WINDOW && a->stride == 1 && a->dilation == 1;
}

bool nn_conv_is_winograd(const nn_conv *c)
{
    const int width = nn_conv_kernel_usable(0)->width;

    return is_plain(&c->rows) && is_plain(&c->cols) && c->in % width == 0 && c->out % width == 0 &&
           nn_conv_is_direct(c);
}
