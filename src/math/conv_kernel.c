/*
 * The kernels under convolution and pooling: a block of a product held in registers, a sum of few
 * rows held in registers. Compiled once per instruction set (isa.cmake).
 */
#include "math/conv_kernel.h"

#include <string.h>

#ifndef NN_ISA
#define NN_ISA baseline
#endif
#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define TEXT_(a)     #a
#define TEXT(a)      TEXT_(a)

#if defined(__AVX512F__)
#include <immintrin.h>
enum { VECTOR = 64, ROWS = 10, SUMS = 24 };
#elif defined(__AVX2__)
enum { VECTOR = 32, ROWS = 6, SUMS = 12 };
#else
enum { VECTOR = 16, ROWS = 4, SUMS = 12 };
#endif
enum {
    WIDTH = VECTOR / sizeof(nn_real),
    VECTORS = 2,
    COLS = VECTORS * WIDTH,
    WINDOWS = ROWS / NN_POOLED, /* of pooling in a block: 2 or 1 */
    LINES = 3,                  /* stretches of a window that are summed up together */
    MOST = SUMS / LINES,        /* vectors of a stretch that are */
    PACK_FROM = 256,            /* wider rows of B fall on too few cache sets */
};

typedef nn_real vector __attribute__((vector_size(VECTOR)));

static inline vector load(const nn_real *p)
{
    vector v;
    memcpy(&v, p, sizeof v); /* any alignment */
    return v;
}

static inline void store(nn_real *p, vector v)
{
    memcpy(p, &v, sizeof v);
}

/* Integers as wide as the numbers: masks, and what they choose from. */
#if NN_REAL_IS_DOUBLE
typedef long long whole;
#else
typedef int whole;
#endif
typedef whole wholes __attribute__((vector_size(VECTOR)));
typedef nn_tap tap_vector __attribute__((vector_size(WIDTH * sizeof(nn_tap))));

/* The larger of two vectors; where it is b, `from` becomes `tap`. NaN beats everything. */
static inline vector larger_of(vector a, vector b, wholes *from, int tap)
{
    const wholes larger = (wholes)(b > a) | (wholes)(b != b);

    *from = (((wholes){0} + (whole)tap) & larger) | (*from & ~larger);
    return (vector)(((wholes)b & larger) | ((wholes)a & ~larger));
}

/* Stores the largest of what a window of 2 x 2 sees, and which it was. */
static inline void store_largest(nn_real *y, nn_tap *from, vector a, vector b, vector c, vector d)
{
    wholes tap = {0};
    vector best = larger_of(a, b, &tap, 1);

    best = larger_of(best, c, &tap, 2);
    best = larger_of(best, d, &tap, 3);
    store(y, best);
    if (from != NULL) {
        const tap_vector taps = __builtin_convertvector(tap, tap_vector);

        memcpy(from, &taps, sizeof taps);
    }
}

/* A panel of a walk: B and the bias of its columns, at least COLS wide in memory. */
typedef struct panel {
    const nn_walk *w;
    const nn_real *b;
    ptrdiff_t ldb;
    const nn_real *bias; /* [COLS] */
} panel;

/* All callers give constants, so that the loops unroll and `sum` is registers. */
static inline __attribute__((always_inline)) void block(const panel *t, int row, nn_real *c,
                                                        ptrdiff_t ldc, const int rows,
                                                        const int vectors, const bool pools)
{
    const nn_walk *w = t->w;
    nn_tap *const from = pools && w->from != NULL ? w->from + (c - w->c) : NULL;
    const nn_real *b = t->b;
    vector sum[ROWS][VECTORS];

    for (int i = 0; i < rows; i++) {
        for (int v = 0; v < vectors; v++)
            sum[i][v] = load((w->add ? c + i * ldc : t->bias) + v * WIDTH);
    }
    for (int s = 0; s < w->stretches; s++) {
        const nn_real *a[ROWS];

        for (int i = 0; i < rows; i++)
            a[i] = w->a + w->row[row + i] + w->stretch[s];
        for (ptrdiff_t p = 0, end = w->len * w->step; p < end; p += w->step, b += t->ldb) {
            for (int i = 0; i < rows; i++) {
                for (int v = 0; v < vectors; v++)
                    sum[i][v] += a[i][p] * load(b + v * WIDTH);
            }
        }
    }
    for (int i = 0; pools && i < rows; i += NN_POOLED) {
        const ptrdiff_t at = i / NN_POOLED * ldc;

        for (int v = 0; v < vectors; v++)
            store_largest(c + at + v * WIDTH, from == NULL ? NULL : from + at + v * WIDTH,
                          sum[i][v], sum[i + 1][v], sum[i + 2][v], sum[i + 3][v]);
    }
    for (int i = 0; !pools && i < rows; i++) {
        for (int v = 0; v < vectors; v++)
            store(c + i * ldc + v * WIDTH, sum[i][v]);
    }
}

/* Rows of a block, at most ROWS, of two vectors or one. */
#define BLOCK(n)                                                                                   \
    case n:                                                                                        \
        if (n <= ROWS)                                                                             \
            half ? block(t, row, c, ldc, n, 1, false) : block(t, row, c, ldc, n, VECTORS, false);  \
        break
static void some_rows(const panel *t, int row, int rows, bool half, nn_real *c, ptrdiff_t ldc)
{
    switch (rows) {
        BLOCK(1);
        BLOCK(2);
        BLOCK(3);
        BLOCK(4);
#if defined(__AVX2__)
        BLOCK(5);
        BLOCK(6);
#endif
#if defined(__AVX512F__)
        BLOCK(7);
        BLOCK(8);
        BLOCK(9);
        BLOCK(10);
#endif
    }
}

/* Rows that windows of pooling see. */
static void some_windows(const panel *t, int row, int rows, bool half, nn_real *c, ptrdiff_t ldc)
{
    if (rows == NN_POOLED)
        half ? block(t, row, c, ldc, NN_POOLED, 1, true)
             : block(t, row, c, ldc, NN_POOLED, VECTORS, true);
    else
        half ? block(t, row, c, ldc, WINDOWS * NN_POOLED, 1, true)
             : block(t, row, c, ldc, WINDOWS * NN_POOLED, VECTORS, true);
}

/* Copies rows of `cols` numbers into rows of COLS, with zeros behind them. */
static void widen(nn_real *restrict to, const nn_real *restrict from, ptrdiff_t ld, int rows,
                  int cols)
{
    for (int i = 0; i < rows; i++, to += COLS, from += ld) {
        for (int j = 0; j < COLS; j++)
            to[j] = j < cols ? from[j] : 0;
    }
}

/* Rows of C that are narrower than the vectors, by way of a spare block. */
static void some_rows_of_edge(const panel *t, int row, int rows, int cols, nn_real *c)
{
    nn_real spare[ROWS * COLS];
    const ptrdiff_t ldc = t->w->ldc;

    if (t->w->add)
        widen(spare, c, ldc, rows, cols);
    some_rows(t, row, rows, cols <= WIDTH, spare, COLS);
    for (int i = 0; i < rows; i++)
        memcpy(c + i * ldc, spare + i * COLS, (size_t)cols * sizeof(*c));
}

/* In blocks of nearly the same size: a small one has to wait for its sums. */
static void walk_rows(const panel *t, int col, int cols)
{
    const nn_walk *w = t->w;

    for (int row = 0, rows, left = (w->rows + ROWS - 1) / ROWS; left > 0; left--, row += rows) {
        nn_real *const c = w->c + row * w->ldc + col;

        rows = (w->rows - row + left - 1) / left;
        if (cols % WIDTH != 0)
            some_rows_of_edge(t, row, rows, cols, c);
        else
            some_rows(t, row, rows, cols <= WIDTH, c, w->ldc);
    }
}

static void walk_windows(const panel *t, int col, int cols)
{
    const nn_walk *w = t->w;

    for (int row = 0, rows; row < w->rows; row += rows) {
        rows = w->rows - row < WINDOWS * NN_POOLED ? NN_POOLED : WINDOWS * NN_POOLED;
        some_windows(t, row, rows, cols <= WIDTH, w->c + row / NN_POOLED * w->ldc + col, w->ldc);
    }
}

static void walk_panel(const nn_walk *w, int col, int cols)
{
    nn_real bias[COLS] = {0};
    panel t = {w, w->b + col, w->ldb, bias};

    for (int j = 0; w->bias != NULL && j < cols; j++)
        bias[j] = w->bias[col + j];
    if (cols % WIDTH != 0 || w->ldb > PACK_FROM) {
        widen(w->packed, t.b, w->ldb, w->stretches * w->len, cols);
        t.b = w->packed;
        t.ldb = COLS;
    }
    if (w->pools)
        walk_windows(&t, col, cols);
    else
        walk_rows(&t, col, cols);
}

static void walk(const nn_walk *w)
{
    for (int col = 0; col < w->cols; col += COLS)
        walk_panel(w, col, w->cols - col < COLS ? w->cols - col : COLS);
}

/* Some vectors of LINES stretches or one, of all runs. Callers give constants, as in block(). */
static inline __attribute__((always_inline)) void sum_runs(const nn_sparse *t, int stretch,
                                                           int column, const int lines,
                                                           const int vectors)
{
    const nn_real *b[LINES];
    nn_real *c[LINES];

    for (int s = 0; s < lines; s++) {
        b[s] = t->b + t->from[stretch + s] + column;
        c[s] = t->c + t->to[stretch + s] + column;
    }
    for (int run = 0; run < t->runs; run++) {
        const ptrdiff_t place = t->place[run] - t->shift;
        const int last = t->last[run];
        vector sum[LINES][MOST] = {0};

        if (t->first[run] == last && !t->fresh)
            continue;
        for (int i = t->first[run]; i < last; i++) {
            const nn_real value = t->value[i];
            const ptrdiff_t at = t->at[i] * t->scale;

            for (int s = 0; s < lines; s++) {
                for (int v = 0; v < vectors; v++)
                    sum[s][v] += value * load(b[s] + at + v * WIDTH);
            }
        }
        for (int s = 0; s < lines; s++) {
            for (int v = 0; v < vectors; v++) {
                nn_real *const to = c[s] + place + v * WIDTH;

                store(to, t->fresh ? sum[s][v] : load(to) + sum[s][v]);
            }
        }
    }
}

/* At most MOST vectors of one stretch, or of LINES of them. */
#define SUM(n)                                                                                     \
    case n:                                                                                        \
        if (n <= MOST)                                                                             \
            lines == LINES ? sum_runs(t, stretch, column, LINES, n)                                \
                           : sum_runs(t, stretch, column, 1, n);                                   \
        break
static void sum_some(const nn_sparse *t, int stretch, int lines, int column, int vectors)
{
    switch (vectors) {
        SUM(1);
        SUM(2);
        SUM(3);
        SUM(4);
#if defined(__AVX512F__)
        SUM(5);
        SUM(6);
        SUM(7);
        SUM(8);
#endif
    }
}

static void add_sparse(const nn_sparse *t)
{
    const int most = t->most < MOST ? t->most : MOST;

    for (int s = 0, lines; s < t->stretches; s += lines) {
        lines = t->stretches - s >= LINES && t->most >= LINES * t->vectors ? LINES : 1;
        for (int v = 0, some; v < t->vectors; v += some) {
            some = t->vectors - v < most ? t->vectors - v : most;
            sum_some(t, s, lines, v * WIDTH, some);
        }
    }
}

#if defined(__AVX512F__) && !NN_REAL_IS_DOUBLE
/* Adds those of 16 numbers at x + i that are not zero, among `these`; returns how many. */
static inline int list_some(const nn_real *x, int i, __mmask16 these, nn_real *value, int *at)
{
    const __m512i first = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i place = _mm512_add_epi32(first, _mm512_set1_epi32(i));
    const __m512 v = _mm512_maskz_loadu_ps(these, x + i);
    const __mmask16 some = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    /* At once: of a mask that it has put away as 16 bits, GCC 12 counts 32. */
    const int found = _mm_popcnt_u32(_cvtmask16_u32(some));

    _mm512_storeu_ps(value, _mm512_maskz_compress_ps(some, v));
    _mm512_storeu_si512(at, _mm512_maskz_compress_epi32(some, place));
    return found;
}

static inline __mmask16 there(int left)
{
    return (__mmask16)(left < WIDTH ? (1U << left) - 1 : 0xffffU);
}

static int list(const nn_real *x, int n, nn_real *value, int *at)
{
    int count = 0;

    for (int i = 0; i < n; i += WIDTH)
        count += list_some(x, i, there(n - i), value + count, at + count);
    return count;
}

static int list_tap(const nn_real *x, const nn_tap *from, int tap, int n, nn_real *value, int *at)
{
    const __m256i wanted = _mm256_set1_epi16((short)tap);
    int count = 0;

    for (int i = 0; i < n; i += WIDTH) {
        const __m256i taps = _mm256_maskz_loadu_epi16(there(n - i), from + i);
        const __mmask16 these = _mm256_mask_cmpeq_epi16_mask(there(n - i), taps, wanted);

        count += list_some(x, i, these, value + count, at + count);
    }
    return count;
}
#else
static int list(const nn_real *x, int n, nn_real *value, int *at)
{
    int count = 0;

    for (int i = 0; i < n; i++) {
        value[count] = x[i];
        at[count] = i;
        count += x[i] != 0;
    }
    return count;
}

static int list_tap(const nn_real *x, const nn_tap *from, int tap, int n, nn_real *value, int *at)
{
    int count = 0;

    for (int i = 0; i < n; i++) {
        value[count] = x[i];
        at[count] = i;
        count += (x[i] != 0) & (from[i] == tap);
    }
    return count;
}
#endif

static inline __attribute__((always_inline)) void largest_some(const nn_largest *t, int c,
                                                               const int down, const int across)
{
    vector best = load(t->x + c);
    wholes from = (wholes){0} + (whole)t->tap;

    for (int i = 0; i < down; i++) {
        for (int k = i == 0; k < across; k++)
            best = larger_of(best, load(t->x + i * t->row + (ptrdiff_t)k * t->channels + c), &from,
                             t->tap + i * t->taps + k);
    }
    store(t->y + c, best);
    if (t->from != NULL) {
        const tap_vector taps = __builtin_convertvector(from, tap_vector);

        memcpy(t->from + c, &taps, sizeof taps);
    }
}

static void largest_one(const nn_largest *t, int c)
{
    nn_real best = t->x[c];
    int from = t->tap;

    for (int i = 0; i < t->down; i++) {
        for (int k = 0; k < t->across; k++) {
            const nn_real v = t->x[i * t->row + (ptrdiff_t)k * t->channels + c];

            if (v > best || v != v) {
                best = v;
                from = t->tap + i * t->taps + k;
            }
        }
    }
    t->y[c] = best;
    if (t->from != NULL)
        t->from[c] = (nn_tap)from;
}

static void largest(const nn_largest *t)
{
    int c = 0;

    for (; c + WIDTH <= t->channels; c += WIDTH) {
        if (t->down == 2 && t->across == 2)
            largest_some(t, c, 2, 2);
        else
            largest_some(t, c, t->down, t->across);
    }
    for (; c < t->channels; c++)
        largest_one(t, c);
}

/* Winograd's transformations, a vector of channels at a time. */
enum { SIDE = 4, POINTS = SIDE * SIDE, WINDOW = 3 };

/* Four numbers of a tile that stand `s` apart. */
static inline void turn_line(vector *to, const vector *from, int s)
{
    to[0] = from[0] - from[2 * s];
    to[s] = from[s] + from[2 * s];
    to[2 * s] = from[2 * s] - from[s];
    to[3 * s] = from[s] - from[3 * s];
}

static void turn_tile(const nn_real *tile, size_t line, nn_real *to, size_t gap, int channels)
{
    for (int c = 0; c < channels; c += WIDTH) {
        vector d[POINTS], half[POINTS], t[POINTS];

        for (int i = 0; i < POINTS; i++)
            d[i] = load(tile + (size_t)(i / SIDE) * line + (i % SIDE) * channels + c);
        for (int i = 0; i < SIDE; i++)
            turn_line(half + i, d + i, SIDE);
        for (int i = 0; i < SIDE; i++)
            turn_line(t + SIDE * i, half + SIDE * i, 1);
        for (int i = 0; i < POINTS; i++)
            store(to + (size_t)i * gap + c, t[i]);
    }
}

/* The four outputs of a tile. */
static inline void turn_product(vector *y, const nn_real *from, size_t gap)
{
    vector m[POINTS], up[SIDE], low[SIDE];

    for (int i = 0; i < POINTS; i++)
        m[i] = load(from + (size_t)i * gap);
    for (int i = 0; i < SIDE; i++) {
        up[i] = m[i] + m[SIDE + i] + m[2 * SIDE + i];
        low[i] = m[SIDE + i] - m[2 * SIDE + i] - m[3 * SIDE + i];
    }
    y[0] = up[0] + up[1] + up[2];
    y[1] = up[1] - up[2] - up[3];
    y[2] = low[0] + low[1] + low[2];
    y[3] = low[1] - low[2] - low[3];
}

static void turn_products(const nn_real *from, size_t gap, nn_real *const y[4], int channels)
{
    for (int c = 0; c < channels; c += WIDTH) {
        vector out[NN_POOLED];

        turn_product(out, from + c, gap);
        for (int i = 0; i < NN_POOLED; i++)
            store(y[i] + c, out[i]);
    }
}

static void pool_products(const nn_real *from, size_t gap, nn_real *y, nn_tap *tap, int channels)
{
    for (int c = 0; c < channels; c += WIDTH) {
        vector out[NN_POOLED];

        turn_product(out, from + c, gap);
        store_largest(y + c, tap == NULL ? NULL : tap + c, out[0], out[1], out[2], out[3]);
    }
}

/* Three numbers of a window that stand `s` apart become four that stand `t` apart. */
static inline void turn_taps(vector *to, int t, const vector *from, int s)
{
    const vector outer = (from[0] + from[2 * s]) / 2, inner = from[s] / 2;

    to[0] = from[0];
    to[t] = outer + inner;
    to[2 * t] = outer - inner;
    to[3 * t] = from[2 * s];
}

static void turn_windows(const nn_real *w, nn_real *to, size_t gap, int channels)
{
    for (int c = 0; c < channels; c += WIDTH) {
        vector g[WINDOW * WINDOW], half[SIDE * WINDOW], t[POINTS];

        for (int i = 0; i < WINDOW * WINDOW; i++)
            g[i] = load(w + (size_t)i * gap + c);
        for (int i = 0; i < WINDOW; i++)
            turn_taps(half + i, WINDOW, g + i, WINDOW);
        for (int i = 0; i < SIDE; i++)
            turn_taps(t + SIDE * i, 1, half + WINDOW * i, 1);
        for (int i = 0; i < POINTS; i++)
            store(to + (size_t)i * gap + c, t[i]);
    }
}

extern const nn_conv_kernel PASTE(nn_conv_kernel_, NN_ISA);
const nn_conv_kernel PASTE(nn_conv_kernel_, NN_ISA) = {
    TEXT(NN_ISA), WIDTH,   COLS,      walk,          add_sparse,    list,
    list_tap,     largest, turn_tile, turn_products, pool_products, turn_windows};
