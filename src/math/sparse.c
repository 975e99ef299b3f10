/*
 * The kernel under gemm for an A that is mostly zeros, such as pictures on black, words as one of
 * many, or what a rectifier leaves: the zeros of a row are found first and then left out. What is
 * added is added in the order of the plain kernel, so the sums are the same to the bit (but for the
 * sign of a zero). Compiled once per instruction set, like tile.c.
 */
#include "math/isa.h"

#include <stdint.h>
#include <string.h>

#ifndef NN_ISA
#define NN_ISA baseline
#endif
#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)

#if defined(__AVX512F__)
#include <immintrin.h>
enum { VECTOR = 64 };
#elif defined(__AVX2__)
#include <immintrin.h>
enum { VECTOR = 32 };
#else
enum { VECTOR = 16 };
#endif
enum {
    WIDTH = VECTOR / sizeof(nn_real),
    WIDE = 8,   /* vectors of sums that are held in registers */
    DEPTH = 64, /* of A and B that are worked through at a time: one word says which elements of a
                   row of A are zero there, and so much of B stays near */
    HALF = 32,  /* of a word, as it is gathered from columns of A */
    ROWS = 128, /* of which the words are found before any of them is used */
    NARROW =
        256,   /* rows of B that lie further apart would meet in the same few lines of a cache, */
    MANY = 32, /* and are brought together when so many rows of A want them */
    /* Rows of A transposed that lie a multiple of this apart meet there too, and are brought to one
     * another. */
    FAR = 1024 / sizeof(nn_real),
    STEP = ROWS + NN_REAL_LINE,
};

typedef nn_real vector __attribute__((vector_size(VECTOR)));
#if NN_REAL_IS_DOUBLE
typedef int64_t lanes __attribute__((vector_size(VECTOR))); /* as many whole numbers */
#else
typedef int32_t lanes __attribute__((vector_size(VECTOR)));
#endif

/* Some columns of a tile, and a piece of the depth. */
typedef struct strip {
    const nn_real *a; /* element (i, p) is a[i * a_row + p * a_k] */
    ptrdiff_t a_row, a_k;
    const nn_real *b; /* [depth][columns] */
    ptrdiff_t ldb;
    nn_real *c; /* [rows][columns] */
    ptrdiff_t ldc;
    const uint64_t *word; /* [rows]: bit p says that element p of the row is not zero */
    int rows;
    bool add;            /* the sums start from C, */
    const nn_real *bias; /* or from here */
} strip;

static inline vector load(const nn_real *p)
{
    vector v;
    memcpy(&v, p, sizeof v); /* any alignment */
    return v;
}

/*
 * All rows of a strip. What ends the walk through a word is known long before the sums are, as
 * nothing but the word decides it: so the processor has the next row at hand when this one is done.
 * Callers give constants for `vectors`, so that `sum` is registers.
 */
static inline __attribute__((always_inline)) void sum_rows(const strip *s, const int vectors)
{
    const nn_real *a = s->a, *const b = s->b;
    const ptrdiff_t a_k = s->a_k, ldb = s->ldb;
    nn_real *c = s->c;

    for (int i = 0; i < s->rows; i++, a += s->a_row, c += s->ldc) {
        const nn_real *const start = s->add ? c : s->bias;
        vector sum[WIDE];

        if (s->add && s->word[i] == 0)
            continue;
        for (int v = 0; v < vectors; v++)
            sum[v] = load(start + v * WIDTH);
        for (uint64_t left = s->word[i]; left != 0; left &= left - 1) {
            const ptrdiff_t p = __builtin_ctzll(left);
            const nn_real x = a[p * a_k];

            for (int v = 0; v < vectors; v++)
                sum[v] += x * load(b + p * ldb + v * WIDTH);
        }
        for (int v = 0; v < vectors; v++)
            memcpy(c + v * WIDTH, &sum[v], sizeof sum[v]);
    }
}

static void sum_strip(const strip *s, int vectors)
{
    if (vectors == 8)
        sum_rows(s, 8);
    else if (vectors == 4)
        sum_rows(s, 4);
    else if (vectors == 2)
        sum_rows(s, 2);
    else
        sum_rows(s, 1);
}

/* The last columns, when they are fewer than a vector, by way of spare ones. */
static void sum_edge(const strip *s, int cols)
{
    nn_real spare[WIDTH] = {0};
    strip one = *s;

    one.c = spare;
    one.rows = 1;
    for (int i = 0; i < s->rows; i++, one.a += s->a_row, one.word++) {
        nn_real *const c = s->c + i * s->ldc;

        memcpy(spare, c, (size_t)cols * sizeof *c);
        sum_rows(&one, 1);
        memcpy(c, spare, (size_t)cols * sizeof *c);
    }
}

/* What the rows of a tile share while they go through a piece of the depth. */
typedef struct piece {
    const nn_gemm *g;
    int col, cols;
    int p, depth;
    const nn_real *bias; /* [cols], and a vector behind them */
    const nn_real *b;    /* [depth][cols] */
    ptrdiff_t ldb;
    nn_real *edge;   /* [DEPTH][WIDTH] the last columns of B, widened */
    nn_real *packed; /* [DEPTH][NN_SPARSE_COLS] */
    nn_real *near;   /* [DEPTH][STEP] of A transposed */
} piece;

/* Bit i says that element i of v is not 0; NaN is not. */
static inline uint64_t bits_of(vector v)
{
#if defined(__AVX512F__) && !NN_REAL_IS_DOUBLE
    return _mm512_cmp_ps_mask((__m512)v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
#elif defined(__AVX2__) && !NN_REAL_IS_DOUBLE
    return (uint64_t)_mm256_movemask_ps(_mm256_cmp_ps((__m256)v, _mm256_setzero_ps(), _CMP_NEQ_UQ));
#else
    uint64_t bits = 0;

    for (int i = 0; i < WIDTH; i++)
        bits |= (uint64_t)(v[i] != 0) << i;
    return bits;
#endif
}

/* The word of n elements that are neighbours. */
static inline uint64_t word_across(const nn_real *a, int n)
{
    uint64_t word = 0;
    int i = 0;

    for (; i + WIDTH <= n; i += WIDTH)
        word |= bits_of(load(a + i)) << i;
    for (; i < n; i++)
        word |= (uint64_t)(a[i] != 0) << i;
    return word;
}

/* The word of n elements that stand below each other. */
static uint64_t word_down(const nn_real *a, ptrdiff_t ld, int n)
{
    uint64_t word = 0;

    for (int p = 0; p < n; p++)
        word |= (uint64_t)(a[p * ld] != 0) << p;
    return word;
}

/* The words of WIDTH columns side by side. */
static inline void words_down(uint64_t *word, const nn_real *a, ptrdiff_t ld, int n)
{
    for (int at = 0; at < n || at == 0; at += HALF) {
        lanes all = {0};

        for (int p = at; p < n && p < at + HALF; p++)
            all |= (lanes)(load(a + p * ld) != 0) & (int32_t)(1U << (p - at));
        for (int i = 0; i < WIDTH; i++)
            word[i] = (at == 0 ? 0 : word[i]) | (uint64_t)(uint32_t)all[i] << at;
    }
}

static void find_words(uint64_t *word, const strip *s, bool ta, int depth)
{
    int i = 0;

    for (; !ta && i < s->rows; i++)
        word[i] = word_across(s->a + i * s->a_row, depth);
    for (; i + WIDTH <= s->rows; i += WIDTH)
        words_down(word + i, s->a + i, s->a_k, depth);
    for (; i < s->rows; i++)
        word[i] = word_down(s->a + i, s->a_k, depth);
}

/* Brings a piece of A transposed together. */
static void bring_a(strip *s, const piece *t)
{
    for (int p = 0; p < t->depth; p++)
        memcpy(t->near + p * STEP, s->a + p * s->a_k, (size_t)s->rows * sizeof *t->near);
    s->a = t->near;
    s->a_k = STEP;
}

/* At most ROWS rows, from `row` on, through all of their columns. */
static void run_rows(const piece *t, int row, int rows)
{
    const nn_gemm *g = t->g;
    uint64_t word[ROWS];
    strip s = {.a_row = g->ta ? 1 : g->lda, .a_k = g->ta ? g->lda : 1, .ldb = t->ldb};
    nn_real *const c = g->c + (ptrdiff_t)row * g->ldc + t->col;
    int at = 0;

    s.a = g->a + row * s.a_row + t->p * s.a_k;
    s.ldc = g->ldc;
    s.word = word;
    s.rows = rows;
    s.add = g->add || t->p > 0;
    if (g->ta && g->lda % FAR == 0)
        bring_a(&s, t);
    find_words(word, &s, g->ta, t->depth);
    for (int vectors = WIDE; vectors > 0; vectors /= 2) {
        for (; at + vectors * WIDTH <= t->cols; at += vectors * WIDTH) {
            s.b = t->b + at;
            s.c = c + at;
            s.bias = t->bias + at;
            sum_strip(&s, vectors);
        }
    }
    if (at < t->cols) {
        s.b = t->edge;
        s.ldb = WIDTH;
        s.c = c + at;
        s.bias = t->bias + at;
        sum_edge(&s, t->cols - at);
    }
}

static void widen_edge(piece *t)
{
    const nn_gemm *g = t->g;
    const int cols = t->cols % WIDTH, at = t->col + t->cols - cols;

    for (int p = 0; cols > 0 && p < t->depth; p++) {
        memset(t->edge + p * WIDTH, 0, WIDTH * sizeof *t->edge);
        memcpy(t->edge + p * WIDTH, g->b + (ptrdiff_t)(t->p + p) * g->ldb + at,
               (size_t)cols * sizeof *t->edge);
    }
}

static void bring_b(piece *t, int rows)
{
    const nn_gemm *g = t->g;

    t->b = g->b + (ptrdiff_t)t->p * g->ldb + t->col;
    t->ldb = g->ldb;
    widen_edge(t);
    if (g->ldb <= NARROW || rows < MANY)
        return;
    for (int p = 0; p < t->depth; p++)
        memcpy(t->packed + p * NN_SPARSE_COLS, t->b + p * t->ldb,
               (size_t)t->cols * sizeof *t->packed);
    t->b = t->packed;
    t->ldb = NN_SPARSE_COLS;
}

_Static_assert(DEPTH *(WIDTH + NN_SPARSE_COLS + STEP) <= NN_KERNEL_ROOM,
               "what is packed finds room");

void PASTE(nn_sparse_tile_, NN_ISA)(const nn_gemm *g, int row, int rows, int col, int cols);
void PASTE(nn_sparse_tile_, NN_ISA)(const nn_gemm *g, int row, int rows, int col, int cols)
{
    nn_real *edge = nn_kernel_room(), *packed = edge + DEPTH * WIDTH;
    nn_real bias[NN_SPARSE_COLS + WIDTH] = {0};
    piece t = {.g = g, .edge = edge, .packed = packed, .near = packed + DEPTH * NN_SPARSE_COLS};

    t.col = col;
    t.cols = cols;
    t.bias = bias;
    if (g->bias != NULL)
        memcpy(bias, g->bias + col, (size_t)cols * sizeof *bias);
    for (t.p = 0; t.p < g->k; t.p += DEPTH) {
        t.depth = g->k - t.p < DEPTH ? g->k - t.p : DEPTH;
        bring_b(&t, rows);
        for (int i = 0; i < rows; i += ROWS)
            run_rows(&t, row + i, rows - i < ROWS ? rows - i : ROWS);
    }
}
