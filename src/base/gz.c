/*
 * Bytes that may be gzipped. A stream goes through the stages below, forward only; each step yields
 * some bytes or moves on. The first fault is kept and repeated, so that a damaged stream never goes
 * on.
 */
#define ZLIB_CONST /* zlib then takes its input as const */
#include "base/gz.h"

#include <assert.h>
#include <string.h>

#include <zlib.h>

#include "base/input.h"
#include "base/mem.h"

enum {
    RAW_SIZE = 128 << 10,
    AHEAD_SIZE = 64,
    MOST_AT_ONCE = 1 << 30, /* zlib counts in unsigned int */
    GZIP_ONLY = 15 + 16,    /* windowBits: the largest window, with a gzip frame and no other */
    MOST_EXPANSION = 1032,  /* two bits can stand for 258 bytes */
    HELD_BACK = 16          /* input bytes that zlib may have taken without showing their output */
};

typedef enum stage { PLAIN, MEMBER, AFTER_MEMBER, PADDING, END } stage;

struct nn_gz {
    char *name;
    nn_input in;              /* for bytes in memory: fd -1, and all of them read */
    unsigned char *buffer;    /* [RAW_SIZE]; NULL for bytes in memory */
    const unsigned char *raw; /* read and not used yet */
    size_t raw_len;
    bool raw_end; /* nothing can be read behind them */
    stage stage;
    z_stream z;
    unsigned member; /* from 1; 0 for a plain file */
    unsigned char ahead[AHEAD_SIZE];
    size_t ahead_from, ahead_to; /* peeked at and not taken yet */
    uint64_t taken;              /* bytes given out */
    nn_sha256 sha;
    nn_err fault;
};

static void *z_alloc(void *none, unsigned items, unsigned size)
{
    (void)none;
    return nn_alloc(items, size);
}

static void z_free(void *none, void *block)
{
    (void)none;
    nn_free(block);
}

/* Reads on behind what is left of the raw bytes. */
static nn_code fill(nn_gz *f)
{
    size_t got;

    if (f->raw_end)
        return NN_OK;
    if (f->raw_len > 0)
        memmove(f->buffer, f->raw, f->raw_len);
    f->raw = f->buffer;
    NN_TRY(nn_input_read(&f->in, f->buffer + f->raw_len, RAW_SIZE - f->raw_len, &got, &f->fault));
    nn_sha256_add(&f->sha, f->buffer + f->raw_len, got);
    f->raw_len += got;
    f->raw_end = got == 0;
    return NN_OK;
}

/* Has `len` raw bytes at hand, or all that are left. */
static nn_code need(nn_gz *f, size_t len)
{
    while (f->raw_len < len && !f->raw_end)
        NN_TRY(fill(f));
    return NN_OK;
}

static void use(nn_gz *f, size_t len)
{
    f->raw += len;
    f->raw_len -= len;
}

/* The offset in the file of the next raw byte. */
static unsigned long long offset(const nn_gz *f)
{
    return f->in.at - f->raw_len;
}

/* Bytes from there to the end; UINT64_MAX when nobody can know. */
static uint64_t raw_left(const nn_gz *f)
{
    if (f->in.size == UINT64_MAX)
        return UINT64_MAX;
    return f->in.size > f->in.at ? f->in.size - f->in.at + f->raw_len : f->raw_len;
}

static bool at_magic(const nn_gz *f)
{
    return f->raw_len >= 2 && f->raw[0] == 0x1F && f->raw[1] == 0x8B;
}

static nn_code step_plain(nn_gz *f, unsigned char *dst, size_t len, size_t *got)
{
    NN_TRY(need(f, 1));
    *got = len < f->raw_len ? len : f->raw_len;
    if (*got == 0) {
        f->stage = END;
        return NN_OK;
    }
    memcpy(dst, f->raw, *got);
    use(f, *got);
    return NN_OK;
}

/* What zlib found wrong, in words that say what it means for the file. */
static nn_code bad_member(nn_gz *f)
{
    static const struct {
        const char *said, *meant;
    } words[] = {
        {"incorrect data check", "CRC-32 mismatch"},
        {"incorrect length check", "length mismatch"},
        {"header crc mismatch", "header checksum mismatch"},
        {"unknown header flags set", "reserved header flags"},
        {"unknown compression method", "unknown compression method"},
    };
    const char *const said = f->z.msg == NULL ? "unknown fault" : f->z.msg;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(said, words[i].said) == 0)
            return nn_err_set(&f->fault, NN_EDATA, f->name, "%s in gzip member %u, at byte %llu",
                              words[i].meant, f->member, offset(f));
    return nn_err_set(&f->fault, NN_EDATA, f->name,
                      "invalid data in gzip member %u, at byte %llu: %s", f->member, offset(f),
                      said);
}

static nn_code step_member(nn_gz *f, unsigned char *dst, size_t len, size_t *got)
{
    const size_t give = f->raw_len < MOST_AT_ONCE ? f->raw_len : MOST_AT_ONCE;
    const size_t room = len < MOST_AT_ONCE ? len : MOST_AT_ONCE;

    f->z.next_in = f->raw;
    f->z.avail_in = (unsigned)give;
    f->z.next_out = dst;
    f->z.avail_out = (unsigned)room;
    const int said = inflate(&f->z, Z_NO_FLUSH);
    use(f, give - f->z.avail_in);
    *got = room - f->z.avail_out;
    if (said == Z_MEM_ERROR)
        return nn_err_memory(&f->fault, "unpacking gzip data", 0);
    if (said == Z_STREAM_END)
        f->stage = AFTER_MEMBER;
    else if (said != Z_OK && said != Z_BUF_ERROR)
        return bad_member(f);
    else if (*got == 0 && f->raw_len == 0) { /* all output is out: only now wait for more input */
        NN_TRY(fill(f));
        if (f->raw_len == 0)
            return nn_err_set(&f->fault, NN_EDATA, f->name,
                              "truncated gzip data: member %u is cut off after %llu bytes",
                              f->member, offset(f));
    }
    return NN_OK;
}

static nn_code step_after_member(nn_gz *f)
{
    NN_TRY(need(f, 2));
    if (!at_magic(f)) {
        f->stage = PADDING;
        return NN_OK;
    }
    if (f->member == NN_GZIP_MAX_MEMBERS)
        return nn_err_set(&f->fault, NN_EDATA, f->name, "more than %d gzip members",
                          NN_GZIP_MAX_MEMBERS);
    f->member++;
    f->stage = MEMBER;
    return inflateReset(&f->z) == Z_OK ? NN_OK : bad_member(f);
}

/* Tapes and block devices leave zeros behind the last member; anything else is not ours. */
static nn_code step_padding(nn_gz *f)
{
    NN_TRY(need(f, 1));
    if (f->raw_len == 0)
        f->stage = END;
    while (f->raw_len > 0 && *f->raw == 0)
        use(f, 1);
    if (f->raw_len == 0)
        return NN_OK;
    const uint64_t left = raw_left(f);
    if (left == UINT64_MAX)
        return nn_err_set(&f->fault, NN_EDATA, f->name,
                          "trailing bytes after the gzip data, from byte %llu", offset(f));
    return nn_err_set(&f->fault, NN_EDATA, f->name,
                      "%llu trailing byte%s after the gzip data, from byte %llu",
                      (unsigned long long)left, left == 1 ? "" : "s", offset(f));
}

/* Some bytes, as soon as there are any; none only at the end. */
static nn_code more(nn_gz *f, unsigned char *dst, size_t len, size_t *got)
{
    *got = 0;
    while (*got == 0 && f->stage != END) {
        if (f->stage == PLAIN)
            NN_TRY(step_plain(f, dst, len, got));
        else if (f->stage == MEMBER)
            NN_TRY(step_member(f, dst, len, got));
        else
            NN_TRY(f->stage == PADDING ? step_padding(f) : step_after_member(f));
    }
    return NN_OK;
}

static nn_code start(nn_gz *f)
{
    NN_TRY(need(f, 2));
    if (!at_magic(f)) {
        f->stage = PLAIN;
        return NN_OK;
    }
    f->z.zalloc = z_alloc;
    f->z.zfree = z_free;
    if (inflateInit2(&f->z, GZIP_ONLY) != Z_OK)
        return nn_err_memory(&f->fault, "unpacking gzip data", 0);
    f->stage = MEMBER;
    f->member = 1;
    return NN_OK;
}

/* Everything but the input itself; `buffered` is false for bytes that are in memory already. */
static nn_code make(nn_gz **out, const char *name, bool buffered, nn_err *err)
{
    nn_gz *const f = nn_alloc(1, sizeof *f);

    if (f == NULL)
        return nn_err_memory(err, "reading a file", sizeof *f);
    f->in.fd = -1;
    nn_sha256_start(&f->sha);
    if ((f->name = nn_strdup(name)) == NULL ||
        (buffered && (f->buffer = nn_alloc(RAW_SIZE, 1)) == NULL)) {
        nn_gz_close(f);
        return nn_err_memory(err, "reading a file", RAW_SIZE);
    }
    *out = f;
    return NN_OK;
}

/* The last step of every way to open: the first bytes tell what it is. */
static nn_code finish(nn_gz **out, nn_gz *f, nn_code rc, nn_err *err)
{
    if (rc == NN_OK)
        rc = start(f);
    if (rc != NN_OK) {
        *err = f->fault;
        nn_gz_close(f);
        return rc;
    }
    *out = f;
    return NN_OK;
}

nn_code nn_gz_open(nn_gz **out, const char *path, nn_err *err)
{
    nn_gz *f = NULL;

    NN_TRY(make(&f, path, true, err));
    return finish(out, f, nn_input_open(&f->in, f->name, &f->fault), err);
}

nn_code nn_gz_open_fd(nn_gz **out, const char *name, int fd, nn_err *err)
{
    nn_gz *f = NULL;

    NN_TRY(make(&f, name, true, err));
    return finish(out, f, nn_input_from_fd(&f->in, f->name, fd, &f->fault), err);
}

nn_code nn_gz_open_bytes(nn_gz **out, const char *name, const void *bytes, size_t len, nn_err *err)
{
    nn_gz *f = NULL;

    NN_TRY(make(&f, name, false, err));
    f->raw = bytes;
    f->raw_len = f->in.at = f->in.size = len;
    f->raw_end = true;
    nn_sha256_add(&f->sha, bytes, len);
    return finish(out, f, NN_OK, err);
}

void nn_gz_close(nn_gz *f)
{
    if (f == NULL)
        return;
    if (f->member > 0)
        inflateEnd(&f->z);
    nn_input_close(&f->in);
    nn_free(f->buffer);
    nn_free(f->name);
    nn_free(f);
}

/* Takes from what was peeked at. */
static size_t take_ahead(nn_gz *f, unsigned char *dst, size_t len)
{
    const size_t held = f->ahead_to - f->ahead_from, n = len < held ? len : held;

    memcpy(dst, f->ahead + f->ahead_from, n);
    f->ahead_from += n;
    return n;
}

/* The gate of all reading: at least `least` bytes unless the end comes, at most `len`. */
static nn_code read_least(nn_gz *f, unsigned char *dst, size_t least, size_t len, size_t *got,
                          nn_err *err)
{
    nn_code rc = f->fault.code;
    size_t n = 0, part = 1;

    *got = 0;
    if (rc == NN_OK)
        n = take_ahead(f, dst, len);
    while (rc == NN_OK && n < least && part > 0) {
        rc = more(f, dst + n, len - n, &part);
        n += part;
    }
    if (rc != NN_OK) {
        *err = f->fault;
        return rc;
    }
    f->taken += n;
    *got = n;
    return NN_OK;
}

nn_code nn_gz_read(nn_gz *f, void *dst, size_t len, size_t *got, nn_err *err)
{
    return read_least(f, dst, len, len, got, err);
}

nn_code nn_gz_read_some(nn_gz *f, void *dst, size_t len, size_t *got, nn_err *err)
{
    return read_least(f, dst, len > 0, len, got, err);
}

nn_code nn_gz_peek(nn_gz *f, void *dst, size_t len, size_t *got, nn_err *err)
{
    unsigned char first[AHEAD_SIZE];
    size_t n;

    assert(len <= AHEAD_SIZE);
    *got = 0;
    NN_TRY(nn_gz_read(f, first, len, &n, err));
    /* Put back in front of what an earlier, longer look may have left. */
    const size_t held = f->ahead_to - f->ahead_from;
    memmove(f->ahead + n, f->ahead + f->ahead_from, held);
    memcpy(f->ahead, first, n);
    f->ahead_from = 0;
    f->ahead_to = n + held;
    f->taken -= n;
    memcpy(dst, first, n);
    *got = n;
    return NN_OK;
}

nn_code nn_gz_end(nn_gz *f, nn_err *err)
{
    unsigned char one;
    size_t got;
    const unsigned long long due = f->taken;
    const uint64_t left = nn_gz_left(f);

    NN_TRY(nn_gz_read(f, &one, 1, &got, err));
    if (got == 0)
        return NN_OK;
    if (f->member == 0 && left != UINT64_MAX)
        nn_err_set(&f->fault, NN_EDATA, f->name, "expected the end after %llu bytes, got %llu more",
                   due, (unsigned long long)left);
    else
        nn_err_set(&f->fault, NN_EDATA, f->name, "expected the end after %llu bytes, got more",
                   due);
    *err = f->fault;
    return NN_EDATA;
}

uint64_t nn_gz_left(const nn_gz *f)
{
    const uint64_t held = f->ahead_to - f->ahead_from, raw = raw_left(f);

    if (f->stage == END)
        return held;
    if (raw == UINT64_MAX)
        return UINT64_MAX;
    if (f->stage == PLAIN)
        return held + raw;
    if (raw > UINT64_MAX / MOST_EXPANSION - HELD_BACK - AHEAD_SIZE)
        return UINT64_MAX;
    return held + (raw + HELD_BACK) * MOST_EXPANSION;
}

bool nn_gz_is_packed(const nn_gz *f)
{
    return f->member > 0;
}

void nn_gz_id(const nn_gz *f, nn_file_id *id)
{
    nn_sha256 sha = f->sha;

    id->bytes = f->in.at;
    nn_sha256_end(&sha, id->sha256);
}

uint32_t nn_crc32(uint32_t crc, const void *bytes, size_t len)
{
    return (uint32_t)crc32_z(crc, bytes, len);
}
