/* The gzip writer: LZ77 with hash chains and lazy matching, blocks with their own Huffman codes. */
#include "gzip.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/gz.h"
#include "base/mem.h"

enum {
    WINDOW = 1 << 15, /* as far back as a match may reach */
    HASHES = 1 << 15,
    CHAIN = 64, /* candidates tried per position */
    MATCH_LEAST = 3,
    MATCH_MOST = 258,
    BLOCK = 1 << 15, /* tokens that share one pair of codes */

    END = 256,      /* the symbol that ends a block */
    SYMBOLS = 286,  /* literals, END, 29 length codes */
    DISTANCES = 30, /* distance codes */
    RUNS = 19,      /* symbols that describe code lengths */
    COPY = 16,      /* the last length 3 to 6 times more; then 3 to 10 and 11 to 138 zeros */
    ZEROS = 17,
    MANY_ZEROS = 18,
    BITS_MOST = 15, /* longest code */
    RUN_BITS_MOST = 7
};

/* RFC 1951, 3.2.5: the smallest length and distance of each code. */
static const uint16_t length_base[29] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                         15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                         67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint16_t distance_base[DISTANCES] = {
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};

/* A literal (length 0, `value` the byte) or a match (`value` the distance). */
typedef struct token {
    uint16_t length, value;
} token;

typedef struct code {
    uint8_t bits[SYMBOLS];
    uint16_t word[SYMBOLS]; /* bit-reversed: deflate sends a code's highest bit first */
} code;

typedef struct packer {
    nn_buf *out;
    uint64_t pending; /* bits not yet written, the first one lowest */
    int n_pending;

    const uint8_t *bytes;
    size_t len;
    int32_t head[HASHES];   /* newest position with this hash, or -1 */
    int32_t before[WINDOW]; /* the position before it with the same hash, by position mod WINDOW */

    size_t n_tokens;
    token tokens[BLOCK];
} packer;

static void put(packer *p, uint32_t bits, int count)
{
    p->pending |= (uint64_t)bits << p->n_pending;
    for (p->n_pending += count; p->n_pending >= 8; p->n_pending -= 8) {
        nn_buf_char(p->out, (char)(p->pending & 0xff));
        p->pending >>= 8;
    }
}

static void put_symbol(packer *p, const code *c, int symbol)
{
    assert(c->bits[symbol] > 0);
    put(p, c->word[symbol], c->bits[symbol]);
}

/* The code of a length or distance: the last one whose base is not above the value. */
static int code_of(const uint16_t *base, int n, int value)
{
    int i = n - 1;

    while (base[i] > value)
        i--;
    return i;
}

static int extra_length_bits(int i)
{
    return i < 8 || i == 28 ? 0 : (i - 4) / 4;
}

static int extra_distance_bits(int i)
{
    return i < 4 ? 0 : (i - 2) / 2;
}

/* The depth of every symbol in a Huffman tree over the weights; returns the greatest. */
static int huffman_depths(uint8_t *depth, const uint32_t *weight, int n)
{
    uint32_t heavy[2 * SYMBOLS]; /* leaves first, then the nodes in the order they are made */
    int parent[2 * SYMBOLS];
    int made = n, most = 0;

    memcpy(heavy, weight, (size_t)n * sizeof *heavy);
    memset(parent, 0, sizeof parent);
    for (;;) {
        int a = -1, b = -1; /* the two lightest without a parent; the earlier one wins a draw */

        for (int i = 0; i < made; i++) {
            if (heavy[i] == 0 || parent[i] != 0)
                continue;
            if (a < 0 || heavy[i] < heavy[a]) {
                b = a;
                a = i;
            } else if (b < 0 || heavy[i] < heavy[b]) {
                b = i;
            }
        }
        if (b < 0)
            break;
        heavy[made] = heavy[a] + heavy[b];
        parent[a] = parent[b] = made++;
    }
    for (int i = 0; i < n; i++) {
        depth[i] = 0;
        for (int up = i; parent[up] != 0; up = parent[up])
            depth[i]++;
        most = depth[i] > most ? depth[i] : most;
    }
    return most;
}

/* The canonical code for these weights, no word longer than `limit` bits. Weights may be changed.
 */
static void code_build(code *c, uint32_t *weight, int n, int limit)
{
    uint16_t next = 0;

    /* A tree needs two leaves; which ones are added does not matter, since nothing uses them. */
    weight[0] += weight[0] == 0;
    weight[1] += weight[1] == 0;
    /* Flattening the weights shortens the longest words; it costs next to nothing when it happens.
     */
    while (huffman_depths(c->bits, weight, n) > limit) {
        for (int i = 0; i < n; i++)
            weight[i] -= weight[i] / 2;
    }
    for (int bits = 1; bits <= limit; bits++, next = (uint16_t)(next << 1)) {
        for (int i = 0; i < n; i++) {
            if (c->bits[i] != bits)
                continue;
            c->word[i] = 0;
            for (int k = 0; k < bits; k++)
                c->word[i] |= (uint16_t)((next >> k & 1) << (bits - 1 - k));
            next++;
        }
    }
}

/* Rewrites n code lengths as runs: run[i] is a symbol, extra[i] its repeat count's extra bits. */
static int runs_of(uint8_t *run, uint8_t *extra, const uint8_t *bits, int n)
{
    int n_runs = 0, same;

    for (int i = 0; i < n; i += same) {
        same = 1;
        while (i + same < n && bits[i + same] == bits[i] && same < 138)
            same++;
        if (bits[i] == 0 && same >= 3) {
            run[n_runs] = same < 11 ? ZEROS : MANY_ZEROS;
            extra[n_runs++] = (uint8_t)(same < 11 ? same - 3 : same - 11);
        } else if (i > 0 && bits[i] == bits[i - 1] && same >= 3) {
            same = same > 6 ? 6 : same;
            run[n_runs] = COPY;
            extra[n_runs++] = (uint8_t)(same - 3);
        } else {
            same = 1;
            run[n_runs++] = bits[i];
        }
    }
    return n_runs;
}

static void put_codes(packer *p, const code *symbols, const code *distances)
{
    static const uint8_t order[RUNS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                        11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t bits[SYMBOLS + DISTANCES], run[SYMBOLS + DISTANCES], extra[SYMBOLS + DISTANCES];
    uint32_t weight[RUNS] = {0};
    code runs = {0};
    int n_runs;

    memcpy(bits, symbols->bits, SYMBOLS);
    memcpy(bits + SYMBOLS, distances->bits, DISTANCES);
    n_runs = runs_of(run, extra, bits, SYMBOLS + DISTANCES);
    for (int i = 0; i < n_runs; i++)
        weight[run[i]]++;
    code_build(&runs, weight, RUNS, RUN_BITS_MOST);

    put(p, SYMBOLS - 257, 5);
    put(p, DISTANCES - 1, 5);
    put(p, RUNS - 4, 4);
    for (int i = 0; i < RUNS; i++)
        put(p, runs.bits[order[i]], 3);
    for (int i = 0; i < n_runs; i++) {
        put_symbol(p, &runs, run[i]);
        if (run[i] >= COPY)
            put(p, extra[i], run[i] == COPY ? 2 : run[i] == ZEROS ? 3 : 7);
    }
}

static void put_block(packer *p, bool last)
{
    uint32_t symbol_weight[SYMBOLS] = {0}, distance_weight[DISTANCES] = {0};
    code symbols = {0}, distances = {0};

    symbol_weight[END] = 1;
    for (size_t i = 0; i < p->n_tokens; i++) {
        const token t = p->tokens[i];

        if (t.length == 0) {
            symbol_weight[t.value]++;
        } else {
            symbol_weight[END + 1 + code_of(length_base, 29, t.length)]++;
            distance_weight[code_of(distance_base, DISTANCES, t.value)]++;
        }
    }
    code_build(&symbols, symbol_weight, SYMBOLS, BITS_MOST);
    code_build(&distances, distance_weight, DISTANCES, BITS_MOST);

    put(p, last, 1);
    put(p, 2, 2); /* a block with its own codes */
    put_codes(p, &symbols, &distances);
    for (size_t i = 0; i < p->n_tokens; i++) {
        const token t = p->tokens[i];

        if (t.length == 0) {
            put_symbol(p, &symbols, t.value);
        } else {
            const int l = code_of(length_base, 29, t.length);
            const int d = code_of(distance_base, DISTANCES, t.value);

            put_symbol(p, &symbols, END + 1 + l);
            put(p, (uint32_t)(t.length - length_base[l]), extra_length_bits(l));
            put_symbol(p, &distances, d);
            put(p, (uint32_t)(t.value - distance_base[d]), extra_distance_bits(d));
        }
    }
    put_symbol(p, &symbols, END);
    p->n_tokens = 0;
}

static int32_t *hash_slot(packer *p, size_t at)
{
    const uint32_t three =
        p->bytes[at] | (uint32_t)p->bytes[at + 1] << 8 | (uint32_t)p->bytes[at + 2] << 16;

    return &p->head[(three * 2654435761u) >> 17];
}

/* Makes the position known to later searches. */
static void remember(packer *p, size_t at)
{
    int32_t *slot;

    if (at + MATCH_LEAST > p->len)
        return;
    slot = hash_slot(p, at);
    p->before[at % WINDOW] = *slot;
    *slot = (int32_t)at;
}

/* The longest earlier copy of what starts here; length 0 when there is none. */
static token longest_match(packer *p, size_t at)
{
    const size_t most = p->len - at < MATCH_MOST ? p->len - at : MATCH_MOST;
    token best = {0, 0};
    int32_t from;

    if (most < MATCH_LEAST)
        return best;
    from = *hash_slot(p, at);
    for (int tries = 0; tries < CHAIN && from >= 0 && at - (size_t)from < WINDOW; tries++) {
        const uint8_t *old = p->bytes + from, *new = p->bytes + at;
        size_t same = 0;

        while (same < most && old[same] == new[same])
            same++;
        if (same >= MATCH_LEAST && same > best.length)
            best = (token){(uint16_t)same, (uint16_t)(at - (size_t)from)};
        if (same == most)
            break;
        from = p->before[(size_t)from % WINDOW];
    }
    return best;
}

static void add_token(packer *p, token t)
{
    if (p->n_tokens == BLOCK)
        put_block(p, false);
    p->tokens[p->n_tokens++] = t;
}

static void deflate(packer *p)
{
    token here = longest_match(p, 0);

    for (size_t at = 0; at < p->len;) {
        token next;
        size_t end;

        remember(p, at);
        next = at + 1 < p->len ? longest_match(p, at + 1) : (token){0, 0};
        if (here.length == 0 || next.length > here.length) {
            /* A literal is the price of the longer match that starts one byte later. */
            add_token(p, (token){0, p->bytes[at]});
            at++;
            here = next;
            continue;
        }
        add_token(p, here);
        for (end = at + here.length, at++; at < end; at++)
            remember(p, at);
        here = at < p->len ? longest_match(p, at) : (token){0, 0};
    }
    put_block(p, true);
    put(p, 0, 7); /* fills the last byte */
}

static void put_le32(nn_buf *out, uint32_t value)
{
    for (int shift = 0; shift < 32; shift += 8)
        nn_buf_char(out, (char)(value >> shift & 0xff));
}

nn_code nn_gzip_pack(nn_buf *out, const uint8_t *bytes, size_t len, nn_err *err)
{
    /* Deflate, no flags, no time, no hint at the effort, unknown system. */
    static const char header[10] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, (char)0xff};
    packer *p = nn_alloc(1, sizeof *p);

    assert(len <= INT32_MAX);
    if (p == NULL)
        return nn_err_memory(err, "the gzip writer", sizeof *p);
    p->out = out;
    p->bytes = bytes;
    p->len = len;
    for (int i = 0; i < HASHES; i++)
        p->head[i] = -1;

    nn_buf_add(out, header, sizeof header);
    deflate(p);
    put_le32(out, nn_crc32(0, bytes, len));
    put_le32(out, (uint32_t)len);
    nn_free(p);
    return nn_buf_check(out, err);
}
