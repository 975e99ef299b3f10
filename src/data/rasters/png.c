/*
 * PNG: chunks that are checked to the last byte, then rows that are unpacked, freed of their
 * filters and turned into bytes. All colour types, depths and interlacing; of the optional chunks
 * only transparency matters here.
 */
#include "data/raster.h"

#include <string.h>

#include "base/deflate.h"
#include "base/mem.h"

enum { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };
enum { SIGNATURE = 8, CHUNK = 12, HEADER = 13, PASSES = 7 };

static const unsigned char signature[SIGNATURE] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

typedef struct png {
    const char *name;
    unsigned width, height;
    unsigned depth; /* bits of a sample */
    unsigned colour;
    bool interlaced;
    unsigned samples;        /* of a pixel */
    uint8_t palette[256][4]; /* red, green, blue, alpha */
    unsigned colours;        /* in it */
    bool has_key;            /* one colour is transparent: */
    unsigned key[3];
    unsigned char *packed; /* what the data chunks hold together, inside the file's bytes */
    size_t packed_len;
    bool data_over; /* something else came after them */
} png;

static unsigned be32(const unsigned char *p)
{
    return (unsigned)p[0] << 24 | (unsigned)p[1] << 16 | (unsigned)p[2] << 8 | p[3];
}

static unsigned be16(const unsigned char *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static bool is(const unsigned char *head, size_t len)
{
    return len >= SIGNATURE && memcmp(head, signature, SIGNATURE) == 0;
}

/* ---- chunks ---- */

static nn_code bad(const png *p, nn_err *err, const char *what)
{
    return nn_err_set(err, NN_EDATA, p->name, "not a valid PNG: %s", what);
}

static bool is_depth_right(unsigned colour, unsigned depth)
{
    const bool few = depth == 1 || depth == 2 || depth == 4;

    switch (colour) {
    case GREY:
        return few || depth == 8 || depth == 16;
    case PALETTE:
        return few || depth == 8;
    default:
        return depth == 8 || depth == 16;
    }
}

static nn_code read_header(png *p, const unsigned char *body, size_t len, nn_err *err)
{
    static const unsigned samples[] = {1, 0, 3, 1, 2, 0, 4};

    if (len != HEADER)
        return bad(p, err, "its header has another length than 13");
    p->width = be32(body);
    p->height = be32(body + 4);
    p->depth = body[8];
    p->colour = body[9];
    p->interlaced = body[12] == 1;
    if (p->colour > RGB_ALPHA || samples[p->colour] == 0 || !is_depth_right(p->colour, p->depth))
        return nn_err_set(err, NN_EDATA, p->name, "not a valid PNG: colour type %u with %u bits",
                          p->colour, p->depth);
    if (body[10] != 0 || body[11] != 0 || body[12] > 1)
        return bad(p, err, "unknown methods of packing, filtering or interlacing");
    p->samples = samples[p->colour];
    return nn_raster_check(p->height, p->width, p->name, err);
}

static nn_code read_palette(png *p, const unsigned char *body, size_t len, nn_err *err)
{
    if (p->colours > 0 || p->packed_len > 0 || p->colour == GREY || p->colour == GREY_ALPHA)
        return bad(p, err, "a palette where none may be");
    if (len == 0 || len % 3 != 0 || len > sizeof p->palette / 4 * 3)
        return bad(p, err, "a palette that is not 1 to 256 colours");
    p->colours = (unsigned)(len / 3);
    for (size_t i = 0; i < p->colours; i++) {
        memcpy(p->palette[i], body + 3 * i, 3);
        p->palette[i][3] = 255;
    }
    return NN_OK;
}

static nn_code read_transparency(png *p, const unsigned char *body, size_t len, nn_err *err)
{
    const size_t due = p->colour == GREY ? 2 : 6;

    if (p->colour == PALETTE && len <= p->colours) {
        for (size_t i = 0; i < len; i++)
            p->palette[i][3] = body[i];
        return NN_OK;
    }
    if ((p->colour != GREY && p->colour != RGB) || len != due)
        return bad(p, err, "transparency that does not go with its colours");
    p->has_key = true;
    for (unsigned i = 0; i < p->samples; i++)
        p->key[i] = be16(body + 2 * i);
    return NN_OK;
}

/* The data chunks are moved together; what they overwrite has been read. */
static nn_code add_data(png *p, const unsigned char *body, size_t len, nn_err *err)
{
    if (p->data_over)
        return bad(p, err, "data chunks that are not together");
    if (p->colour == PALETTE && p->colours == 0)
        return bad(p, err, "no palette before the data");
    memmove(p->packed + p->packed_len, body, len);
    p->packed_len += len;
    return NN_OK;
}

static nn_code take_chunk(png *p, const unsigned char *type, const unsigned char *body, size_t len,
                          nn_err *err)
{
    if (memcmp(type, "IDAT", 4) == 0)
        return add_data(p, body, len, err);
    p->data_over = p->packed_len > 0;
    if (memcmp(type, "PLTE", 4) == 0)
        return read_palette(p, body, len, err);
    if (memcmp(type, "tRNS", 4) == 0)
        return read_transparency(p, body, len, err);
    if ((type[0] & 0x20) == 0) /* a capital: it must be understood */
        return bad(p, err, "a chunk that is unknown and needed");
    return NN_OK;
}

/* One chunk at `at`, checked; *len is that of its body. */
static nn_code check_chunk(const png *p, const unsigned char *bytes, size_t left, size_t *len,
                           nn_err *err)
{
    if (left < CHUNK || be32(bytes) > left - CHUNK)
        return bad(p, err, "the file is cut off");
    *len = be32(bytes);
    if (nn_crc32(0, bytes + 4, *len + 4) != be32(bytes + 8 + *len))
        return bad(p, err, "CRC-32 mismatch");
    return NN_OK;
}

static nn_code read_chunks(png *p, unsigned char *bytes, size_t size, nn_err *err)
{
    size_t at = SIGNATURE, len = 0;

    p->packed = bytes;
    for (int i = 0;; i++, at += CHUNK + len) {
        NN_TRY(check_chunk(p, bytes + at, size - at, &len, err));
        const unsigned char *type = bytes + at + 4, *body = type + 4;

        if ((i == 0) != (memcmp(type, "IHDR", 4) == 0))
            return bad(p, err, "its header is not the first chunk, once");
        if (memcmp(type, "IEND", 4) == 0)
            break;
        NN_TRY(i == 0 ? read_header(p, body, len, err) : take_chunk(p, type, body, len, err));
    }
    if (len != 0 || at + CHUNK != size)
        return bad(p, err, "bytes behind its end");
    return p->packed_len > 0 ? NN_OK : bad(p, err, "no data");
}

/* ---- rows ---- */

/* The pixels of a pass: from where, in which steps. Without interlacing there is one, of all. */
typedef struct pass {
    unsigned x, y, step_x, step_y;
    unsigned width, height; /* pixels of it; 0: none */
    size_t line;            /* bytes of a row, its filter not counted */
} pass;

static pass pass_of(const png *p, int i)
{
    static const pass adam7[PASSES] = {
        {.x = 0, .y = 0, .step_x = 8, .step_y = 8}, {.x = 4, .y = 0, .step_x = 8, .step_y = 8},
        {.x = 0, .y = 4, .step_x = 4, .step_y = 8}, {.x = 2, .y = 0, .step_x = 4, .step_y = 4},
        {.x = 0, .y = 2, .step_x = 2, .step_y = 4}, {.x = 1, .y = 0, .step_x = 2, .step_y = 2},
        {.x = 0, .y = 1, .step_x = 1, .step_y = 2}};
    pass s = p->interlaced ? adam7[i] : (pass){.step_x = 1, .step_y = 1};

    s.width = p->width > s.x ? (p->width - s.x + s.step_x - 1) / s.step_x : 0;
    s.height = p->height > s.y ? (p->height - s.y + s.step_y - 1) / s.step_y : 0;
    if (s.width == 0)
        s.height = 0; /* not even filters are stored */
    s.line = ((size_t)s.width * p->samples * p->depth + 7) / 8;
    return s;
}

static int passes_of(const png *p)
{
    return p->interlaced ? PASSES : 1;
}

static unsigned char nearest(unsigned char left, unsigned char up, unsigned char corner)
{
    const int guess = left + up - corner;
    const int a = guess > left ? guess - left : left - guess;
    const int b = guess > up ? guess - up : up - guess;
    const int c = guess > corner ? guess - corner : corner - guess;

    return a <= b && a <= c ? left : b <= c ? up : corner;
}

/* Undoes the filter of a row, `above` being the row before it without its filter, or NULL. */
static bool unfilter(unsigned filter, unsigned char *row, const unsigned char *above, size_t len,
                     size_t pixel)
{
    for (size_t i = 0; i < len; i++) {
        const unsigned char left = i >= pixel ? row[i - pixel] : 0;
        const unsigned char up = above != NULL ? above[i] : 0;
        const unsigned char corner = above != NULL && i >= pixel ? above[i - pixel] : 0;

        switch (filter) {
        case 0:
            return true;
        case 1:
            row[i] = (unsigned char)(row[i] + left);
            break;
        case 2:
            row[i] = (unsigned char)(row[i] + up);
            break;
        case 3:
            row[i] = (unsigned char)(row[i] + (left + up) / 2);
            break;
        case 4:
            row[i] = (unsigned char)(row[i] + nearest(left, up, corner));
            break;
        default:
            return false;
        }
    }
    return true;
}

/* ---- pixels ---- */

static unsigned sample_at(const png *p, const unsigned char *row, size_t i)
{
    if (p->depth == 16)
        return be16(row + 2 * i);
    if (p->depth == 8)
        return row[i];
    const size_t bit = i * p->depth;
    return row[bit / 8] >> (8 - p->depth - bit % 8) & ((1U << p->depth) - 1);
}

static unsigned to_byte(unsigned value, unsigned most)
{
    return (value * 255 + most / 2) / most;
}

/* What lies on white. */
static uint8_t cover(unsigned value, unsigned alpha)
{
    return (uint8_t)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

/* One pixel, into one byte or three; false when it is a colour that the palette does not have. */
static bool put_pixel(const png *p, const unsigned char *row, size_t i, uint8_t *out)
{
    const unsigned most = (1U << p->depth) - 1, channels = p->samples < 3 ? 1 : 3;
    const bool alpha_sample = p->colour == GREY_ALPHA || p->colour == RGB_ALPHA;
    unsigned value[4], alpha = 255;
    bool is_key = p->has_key;

    for (unsigned k = 0; k < p->samples; k++)
        value[k] = sample_at(p, row, i * p->samples + k);
    if (p->colour == PALETTE) {
        if (value[0] >= p->colours)
            return false;
        for (int k = 0; k < 3; k++)
            out[k] = cover(p->palette[value[0]][k], p->palette[value[0]][3]);
        return true;
    }
    for (unsigned k = 0; k < channels; k++)
        is_key = is_key && value[k] == p->key[k];
    if (alpha_sample)
        alpha = to_byte(value[channels], most);
    else if (is_key)
        alpha = 0;
    for (unsigned k = 0; k < channels; k++)
        out[k] = cover(to_byte(value[k], most), alpha);
    return true;
}

static nn_code put_pass(nn_raster *out, const png *p, const pass *s, unsigned char *raw,
                        nn_err *err)
{
    const size_t bits = (size_t)p->samples * p->depth, pixel = bits < 8 ? 1 : bits / 8;
    const unsigned char *above = NULL;

    for (unsigned y = 0; y < s->height; y++, raw += s->line + 1) {
        const size_t line = (size_t)(s->y + y * s->step_y) * p->width;

        if (!unfilter(raw[0], raw + 1, above, s->line, pixel))
            return bad(p, err, "an unknown filter");
        above = raw + 1;
        for (unsigned x = 0; x < s->width; x++) {
            const size_t at = line + s->x + x * s->step_x;

            if (!put_pixel(p, above, x, out->pixel + at * (size_t)out->channels))
                return bad(p, err, "a colour that its palette does not have");
        }
    }
    return NN_OK;
}

static nn_code put_passes(nn_raster *out, const png *p, unsigned char *raw, size_t len, nn_err *err)
{
    NN_TRY(nn_inflate(raw, len, p->packed, p->packed_len, p->name, err));
    for (int i = 0; i < passes_of(p); i++) {
        const pass s = pass_of(p, i);

        NN_TRY(put_pass(out, p, &s, raw, err));
        raw += s.height * (s.line + 1);
    }
    return NN_OK;
}

static nn_code unpack(nn_raster *out, const png *p, nn_err *err)
{
    const int channels = p->colour == GREY || p->colour == GREY_ALPHA ? 1 : 3;
    unsigned char *raw = NULL;
    size_t len = 0;
    nn_code rc;

    for (int i = 0; i < passes_of(p); i++) {
        const pass s = pass_of(p, i);
        len += s.height * (s.line + 1);
    }
    if (!nn_inflate_fits(len, p->packed_len))
        return bad(p, err, "it has too little data for its size");
    NN_TRY(nn_raster_new(out, (int)p->height, (int)p->width, channels, err));
    raw = nn_alloc(len, 1);
    rc = raw == NULL ? nn_err_memory(err, "a picture", len) : put_passes(out, p, raw, len, err);
    nn_free(raw);
    if (rc != NN_OK)
        nn_raster_free(out);
    return rc;
}

static nn_code read(nn_raster *out, unsigned char *bytes, size_t len, const char *name, nn_err *err)
{
    png p = {.name = name};

    NN_TRY(read_chunks(&p, bytes, len, err));
    return unpack(out, &p, err);
}

const nn_raster_format nn_raster_png = {"PNG", is, read};
