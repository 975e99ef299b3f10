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
    WORD = 32,  /* elements of A of which one word says whether they are zero */
    DEPTH = 96, /* of A and B that are worked through at a time: so much of B stays near */
    WORDS = DEPTH / WORD,
    NARROW =
        256,   /* rows of B that lie further apart would meet in the same few lines of a cache, */
    MANY = 32, /* and are brought together when so many rows of A want them */
};

typedef nn_real vector __attribute__((vector_size(VECTOR)));
#if NN_REAL_IS_DOUBLE
typedef int64_t lanes __attribute__((vector_size(VECTOR))); /* as many whole numbers */
#else
typedef int32_t lanes __attribute__((vector_size(VECTOR)));
#endif

/* Rows of C, at most WIDE vectors wide, and a piece of the depth. */
typedef struct strip {
    const nn_real *b; /* [depth][columns] */
    ptrdiff_t ldb, a_k;
    bool add;            /* the sums start from C, */
    const nn_real *bias; /* or from here */
    int words;           /* of a row of A */
    ptrdiff_t next_word; /* from one to the next */
} strip;

static inline vector load(const nn_real *p)
{
    vector v;
    memcpy(&v, p, sizeof v); /* any alignment */
    return v;
}

/*
 * One row of C from a row of A and the words that say what is not zero in it. Callers give
 * constants for `vectors`, so that `sum` is registers.
 */
static inline __attribute__((always_inline)) void sum_row(const strip *s, const nn_real *a,
                                                          const uint32_t *word, nn_real *c,
                                                          const int vectors)
{
    vector sum[WIDE];

    for (int v = 0; v < vectors; v++)
        sum[v] = load((s->add ? c : s->bias) + v * WIDTH);
    for (int w = 0; w < s->words; w++) {
        for (uint32_t left = word[w * s->next_word]; left != 0; left &= left - 1) {
            const int p = w * WORD + __builtin_ctz(left);
            const nn_real *b = s->b + p * s->ldb;
            const nn_real x = a[p * s->a_k];

            for (int v = 0; v < vectors; v++)
                sum[v] += x * load(b + v * WIDTH);
        }
    }
    for (int v = 0; v < vectors; v++)
        memcpy(c + v * WIDTH, &sum[v], sizeof sum[v]);
}

static void sum_row_of(const strip *s, const nn_real *a, const uint32_t *word, nn_real *c,
                       int vectors)
{
    if (vectors == 8)
        sum_row(s, a, word, c, 8);
    else if (vectors == 4)
        sum_row(s, a, word, c, 4);
    else if (vectors == 2)
        sum_row(s, a, word, c, 2);
    else
        sum_row(s, a, word, c, 1);
}

/* The last columns, when they are fewer than a vector, by way of spare ones. */
static void sum_edge(const strip *s, const nn_real *a, const uint32_t *word, nn_real *c, int cols)
{
    nn_real spare[WIDTH] = {0};

    memcpy(spare, c, (size_t)cols * sizeof *c);
    sum_row(s, a, word, spare, 1);
    memcpy(c, spare, (size_t)cols * sizeof *c);
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
} piece;

/* One row of the tile through all of its columns. */
static void run_row(const piece *t, int i, const uint32_t *word, ptrdiff_t next_word)
{
    const nn_gemm *g = t->g;
    const nn_real *a =
        g->ta ? g->a + (ptrdiff_t)t->p * g->lda + i : g->a + (ptrdiff_t)i * g->lda + t->p;
    nn_real *c = g->c + (ptrdiff_t)i * g->ldc + t->col;
    strip s = {.ldb = t->ldb, .a_k = g->ta ? g->lda : 1, .add = g->add || t->p > 0};
    int at = 0;

    s.words = (t->depth + WORD - 1) / WORD;
    s.next_word = next_word;
    for (int vectors = WIDE; vectors > 0; vectors /= 2) {
        for (; at + vectors * WIDTH <= t->cols; at += vectors * WIDTH) {
            s.b = t->b + at;
            s.bias = t->bias + at;
            sum_row_of(&s, a, word, c + at, vectors);
        }
    }
    if (at < t->cols) {
        s.b = t->edge;
        s.ldb = WIDTH;
        s.bias = t->bias + at;
        sum_edge(&s, a, word, c + at, t->cols - at);
    }
}

/* Bit i says that a[i * step] is not 0; NaN is not. */
static inline uint32_t word_of(const nn_real *a, ptrdiff_t step, int n)
{
    uint32_t bits = 0;

    for (int i = 0; i < n; i++)
        bits |= (uint32_t)(a[i * step] != 0) << i;
    return bits;
}

/* The same for a whole word of neighbours. */
static inline uint32_t full_word(const nn_real *a)
{
#if defined(__AVX512F__) && !NN_REAL_IS_DOUBLE
    const __m512 zero = _mm512_setzero_ps();

    return _mm512_cmp_ps_mask(_mm512_loadu_ps(a), zero, _CMP_NEQ_UQ) |
           (uint32_t)_mm512_cmp_ps_mask(_mm512_loadu_ps(a + 16), zero, _CMP_NEQ_UQ) << 16;
#elif defined(__AVX2__) && !NN_REAL_IS_DOUBLE
    uint32_t bits = 0;

    for (int i = 0; i < WORD; i += 8)
        bits |= (uint32_t)_mm256_movemask_ps(
                    _mm256_cmp_ps(_mm256_loadu_ps(a + i), _mm256_setzero_ps(), _CMP_NEQ_UQ))
                << i;
    return bits;
#else
    return word_of(a, 1, WORD);
#endif
}

static void run_rows(const piece *t, int begin, int end)
{
    const nn_gemm *g = t->g;
    const int full = t->depth / WORD;
    uint32_t word[WORDS];

    for (int i = begin; i < end; i++) {
        const nn_real *a = g->a + (ptrdiff_t)i * g->lda + t->p;

        for (int w = 0; w < full; w++)
            word[w] = full_word(a + w * WORD);
        if (full * WORD < t->depth)
            word[full] = word_of(a + full * WORD, 1, t->depth - full * WORD);
        run_row(t, i, word, 1);
    }
}

/* The words of WIDTH neighbouring rows of A transposed, whose elements stand below each other. */
static void words_down(uint32_t (*word)[WIDTH], const nn_real *a, ptrdiff_t ld, int depth)
{
    for (int at = 0; at < depth; at += WORD, word++) {
        lanes all = {0};

        for (int p = at; p < depth && p < at + WORD; p++)
            all |= (lanes)(load(a + p * ld) != 0) & (int32_t)(1U << (p - at));
        for (int i = 0; i < WIDTH; i++)
            (*word)[i] = (uint32_t)all[i];
    }
}

/* Rows of A transposed: as many at a time as a vector holds, and one by one those that are left. */
static void run_columns(const piece *t, int begin, int end)
{
    const nn_gemm *g = t->g;
    const nn_real *a = g->a + (ptrdiff_t)t->p * g->lda;
    uint32_t word[WORDS][WIDTH];
    int i = begin;

    for (; i + WIDTH <= end; i += WIDTH) {
        words_down(word, a + i, g->lda, t->depth);
        for (int lane = 0; lane < WIDTH; lane++)
            run_row(t, i + lane, &word[0][lane], WIDTH);
    }
    for (; i < end; i++) {
        for (int w = 0; w * WORD < t->depth; w++)
            word[w][0] = word_of(a + (ptrdiff_t)w * WORD * g->lda + i, g->lda,
                                 t->depth - w * WORD < WORD ? t->depth - w * WORD : WORD);
        run_row(t, i, &word[0][0], WIDTH);
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

void PASTE(nn_sparse_tile_, NN_ISA)(const nn_gemm *g, int row, int rows, int col, int cols);
void PASTE(nn_sparse_tile_, NN_ISA)(const nn_gemm *g, int row, int rows, int col, int cols)
{
    /* Stacks may be small. */
    static _Thread_local _Alignas(64) nn_real edge[DEPTH * WIDTH];
    static _Thread_local _Alignas(64) nn_real packed[DEPTH * NN_SPARSE_COLS];
    nn_real bias[NN_SPARSE_COLS + WIDTH] = {0};
    piece t = {.g = g, .edge = edge, .packed = packed};

    t.col = col;
    t.cols = cols;
    t.bias = bias;
    if (g->bias != NULL)
        memcpy(bias, g->bias + col, (size_t)cols * sizeof *bias);
    for (t.p = 0; t.p < g->k; t.p += DEPTH) {
        t.depth = g->k - t.p < DEPTH ? g->k - t.p : DEPTH;
        bring_b(&t, rows);
        if (g->ta)
            run_columns(&t, row, row + rows);
        else
            run_rows(&t, row, row + rows);
    }
}
