/*
 * The kernel under gemm: a block of C held in registers, A broadcast, B by vectors. Compiled once
 * per instruction set (isa.cmake), each with the block that just fills its registers.
 */
#include "math/isa.h"
#include "math/tile.h"

#define TEXT_(a) #a
#define TEXT(a)  TEXT_(a)

enum {
    PANEL = DEPTH * COLS, /* where groups of A begin in the room: behind a panel of B */
    MOST = 2 * ROWS,      /* of a block, when it is one vector wide */
    TALL = (NN_KERNEL_ROOM - PANEL) / GROUP_SIZE * GROUP, /* rows of A that they take at a time, */
    NARROW = 256,                                         /* where they are wider than this, */
    REUSE = 4 * COLS, /* and read again for so many columns of C */
    FEW = 4 * ROWS,   /* B is read where it is for so few rows */
};

_Static_assert(TALL > 0, "a panel and a group find room");

/* A piece of the depth: C += A[rows, k] B[k, cols], for one panel of at most COLS columns. */
typedef struct piece {
    int k;
    const nn_real *a; /* element (i, p) is a[i * a_row + p * a_k] */
    ptrdiff_t a_row, a_k;
    const nn_real *b; /* [k, COLS], row stride ldb */
    ptrdiff_t ldb;
    nn_real *c; /* [rows, COLS] */
    ptrdiff_t ldc;
    bool add;            /* the sums start from C, */
    const nn_real *bias; /* [COLS]; else from here */
} piece;

/* All callers give constants, so that the loops unroll and `sum` is registers. */
static inline __attribute__((always_inline)) void block(const piece *t, const int rows,
                                                        const int vectors)
{
    const nn_real *a = t->a, *b = t->b;
    vector sum[MOST][VECTORS];

    for (int i = 0; i < rows; i++) {
        for (int v = 0; v < vectors; v++)
            sum[i][v] = load((t->add ? t->c + i * t->ldc : t->bias) + v * WIDTH);
    }
    for (int p = 0; p < t->k; p++, a += t->a_k, b += t->ldb) {
        for (int i = 0; i < rows; i++) {
            for (int v = 0; v < vectors; v++)
                sum[i][v] += a[i * t->a_row] * load(b + v * WIDTH);
        }
    }
    for (int i = 0; i < rows; i++) {
        for (int v = 0; v < vectors; v++)
            memcpy(t->c + i * t->ldc + v * WIDTH, &sum[i][v], sizeof sum[i][v]);
    }
}

/* As many of the rows as one block takes, of one vector; returns how many. */
static int some_rows_of_one(const piece *t, int rows)
{
    if (rows >= MOST && t->a_row == 1) { /* neighbours: they come with one line of A */
        block(t, MOST, 1);
        return MOST;
    }
    if (rows >= ROWS) {
        block(t, ROWS, 1);
        return ROWS;
    }
    if (rows >= 4) {
        block(t, 4, 1);
        return 4;
    }
    block(t, 1, 1);
    return 1;
}

/* The same of two vectors, or of one where there are no more columns. */
static int some_rows(const piece *t, int rows, int cols)
{
    if (cols <= WIDTH)
        return some_rows_of_one(t, rows);
    if (rows >= ROWS) {
        block(t, ROWS, VECTORS);
        return ROWS;
    }
    if (rows >= 4) {
        block(t, 4, VECTORS);
        return 4;
    }
    if (rows >= 2) {
        block(t, 2, VECTORS);
        return 2;
    }
    block(t, 1, VECTORS);
    return 1;
}

/* Copies the first `cols` columns of rows of COLS. */
static void narrow(nn_real *restrict to, ptrdiff_t ld, const nn_real *restrict from, int rows,
                   int cols)
{
    const int width = cols <= WIDTH ? WIDTH : COLS;

    for (int i = 0; i < rows; i++, to += ld, from += COLS) {
        for (int j = 0; j < width; j++) {
            if (j < cols) /* a masked store where there is one */
                to[j] = from[j];
        }
    }
}

/* The same as some_rows where C has fewer columns than the vectors: by way of a spare block. */
static int some_rows_of_edge(const piece *t, int rows, int cols)
{
    nn_real spare[MOST * COLS];
    piece edge = *t;

    edge.c = spare;
    edge.ldc = COLS;
    if (t->add)
        nn_pack_rows(spare, t->c, t->ldc, rows < MOST ? rows : MOST, cols);
    rows = some_rows(&edge, rows, cols);
    narrow(t->c, t->ldc, spare, rows, cols);
    return rows;
}

/* A part of a tile and a piece of the depth, which all of its panels go through. */
typedef struct slice {
    const nn_gemm *g;
    int row, rows;
    int p, depth;
    const nn_real *a; /* NULL: it is read where it is; else the rows in groups */
} slice;

/* Sets where row i of A begins: in its group, or in A itself. */
static void find_row(piece *t, const slice *s, int i)
{
    const nn_gemm *g = s->g;

    if (s->a != NULL) {
        t->a = s->a + i / GROUP * GROUP_SIZE + i % GROUP;
        t->a_row = 1;
        t->a_k = GROUP;
        return;
    }
    t->a_row = g->ta ? 1 : g->lda;
    t->a_k = g->ta ? g->lda : 1;
    t->a = g->a + (s->row + i) * t->a_row + s->p * t->a_k;
}

/* Sets where the panel of B begins; packs it where it is read in rows that are too wide or too few.
 */
static void find_columns(piece *t, const slice *s, int col, int cols)
{
    const nn_gemm *g = s->g;
    nn_real *packed = nn_kernel_room();

    t->b = g->b + (g->tb ? (ptrdiff_t)col * g->ldb + s->p : (ptrdiff_t)s->p * g->ldb + col);
    t->ldb = g->ldb;
    if (g->tb)
        nn_pack_turned(packed, t->b, g->ldb, s->depth, cols);
    else if (cols < COLS || (s->rows > FEW && g->ldb > NARROW))
        nn_pack_rows(packed, t->b, g->ldb, s->depth, cols);
    else
        return;
    t->b = packed;
    t->ldb = COLS;
}

/* A panel of C, at most COLS wide. */
static void panel(const slice *s, int col, int cols)
{
    const nn_gemm *g = s->g;
    const bool edge = cols % WIDTH != 0;
    nn_real bias[COLS] = {0};
    piece t = {.k = s->depth, .ldc = g->ldc, .add = g->add || s->p > 0, .bias = bias};

    for (int j = 0; !t.add && g->bias != NULL && j < cols; j++)
        bias[j] = g->bias[col + j];
    find_columns(&t, s, col, cols);
    for (int i = 0; i < s->rows;) {
        find_row(&t, s, i);
        t.c = g->c + (ptrdiff_t)(s->row + i) * g->ldc + col;
        i += edge ? some_rows_of_edge(&t, s->rows - i, cols) : some_rows(&t, s->rows - i, cols);
    }
}

/* The depth in pieces of about the same length, of whole squares that are turned. */
static int piece_of(int k)
{
    const int pieces = (k + DEPTH - 1) / DEPTH;

    return ((k + pieces - 1) / pieces + WIDTH - 1) / WIDTH * WIDTH;
}

/*
 * A part of the tile. The depth is walked in pieces whose sums continue in C, so every element
 * stays one sum in one order.
 */
static void part(const nn_gemm *g, int row, int rows, int col, int cols, bool packs)
{
    nn_real *groups = packs ? nn_kernel_room() + PANEL : NULL;
    const int step = piece_of(g->k);
    slice s = {.g = g, .row = row, .rows = rows, .a = groups};

    for (; s.p < g->k; s.p += step) {
        s.depth = g->k - s.p < step ? g->k - s.p : step;
        if (packs)
            nn_pack_groups(groups, g->a + (ptrdiff_t)s.p * g->lda + row, g->lda, s.depth, rows);
        for (int at = 0; at < cols; at += COLS)
            panel(&s, col + at, cols - at < COLS ? cols - at : COLS);
    }
}

/* With both `add` and a bias, the bias is put on C first, and the sums start from there. */
static void add_bias(const nn_gemm *g, int row, int rows, int col, int cols)
{
    for (int i = row; i < row + rows; i++) {
        for (int j = col; j < col + cols; j++)
            g->c[(ptrdiff_t)i * g->ldc + j] += g->bias[j];
    }
}

static void tile(const nn_gemm *g, int row, int rows, int col, int cols)
{
    const bool packs = g->ta && g->lda > NARROW && cols >= REUSE && rows >= GROUP;
    const int step = packs && rows > TALL ? TALL : rows;

    if (g->add && g->bias != NULL)
        add_bias(g, row, rows, col, cols);
    for (int at = 0; at < rows; at += step)
        part(g, row + at, rows - at < step ? rows - at : step, col, cols, packs);
}

void NN_PASTE(nn_sparse_tile_, NN_ISA)(const nn_gemm *g, int row, int rows, int col, int cols);

extern const nn_kernel NN_PASTE(nn_kernel_, NN_ISA);
const nn_kernel NN_PASTE(nn_kernel_, NN_ISA) = {TEXT(NN_ISA), ROWS, COLS, tile,
                                                NN_PASTE(nn_sparse_tile_, NN_ISA)};
