/* Deflate data in memory, packed and unpacked whole by zlib. */
#define ZLIB_CONST /* zlib then takes its input as const */
#include "base/deflate.h"

#include <limits.h>

#include <zlib.h>

#include "base/mem.h"

enum { MOST_EXPANSION = 1032 /* two bits can stand for 258 bytes */ };

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

bool nn_inflate_fits(size_t unpacked, size_t len)
{
    return unpacked / MOST_EXPANSION <= len;
}

/* zlib counts in unsigned int. */
static bool is_countable(size_t a, size_t b)
{
    return a <= INT_MAX && b <= INT_MAX;
}

nn_code nn_inflate(void *dst, size_t unpacked, const void *bytes, size_t len, const char *name,
                   nn_err *err)
{
    z_stream z = {.zalloc = z_alloc, .zfree = z_free};
    nn_code rc = NN_OK;

    if (!is_countable(unpacked, len))
        return nn_err_set(err, NN_ELIMIT, name, "more than %d bytes to unpack", INT_MAX);
    if (inflateInit(&z) != Z_OK)
        return nn_err_memory(err, "unpacking", 0);
    z.next_in = bytes;
    z.avail_in = (unsigned)len;
    z.next_out = dst;
    z.avail_out = (unsigned)unpacked;
    const int said = inflate(&z, Z_FINISH);
    if (said == Z_MEM_ERROR)
        rc = nn_err_memory(err, "unpacking", 0);
    else if (said == Z_DATA_ERROR || said == Z_NEED_DICT)
        rc = nn_err_set(err, NN_EDATA, name, "invalid packed data after %lu bytes: %s", z.total_in,
                        z.msg != NULL ? z.msg : "it needs a dictionary");
    else if (said == Z_STREAM_END && z.avail_in > 0)
        rc =
            nn_err_set(err, NN_EDATA, name, "%u bytes too many behind the packed data", z.avail_in);
    else if (said != Z_STREAM_END && z.avail_out == 0)
        rc = nn_err_set(err, NN_EDATA, name, "the packed data holds more than the %zu bytes due",
                        unpacked);
    else if (said != Z_STREAM_END || z.avail_out > 0)
        rc = nn_err_set(err, NN_EDATA, name, "the packed data ends after %lu of %zu bytes",
                        z.total_out, unpacked);
    (void)inflateEnd(&z);
    return rc;
}

nn_code nn_deflate(nn_buf *out, const void *bytes, size_t len, nn_err *err)
{
    unsigned char piece[16384];
    z_stream z = {.zalloc = z_alloc, .zfree = z_free};
    int said = Z_OK;

    if (!is_countable(len, 0))
        return nn_err_set(err, NN_ELIMIT, NULL, "more than %d bytes to pack", INT_MAX);
    if (deflateInit(&z, Z_BEST_COMPRESSION) != Z_OK)
        return nn_err_memory(err, "packing", 0);
    z.next_in = bytes;
    z.avail_in = (unsigned)len;
    while (said == Z_OK) {
        z.next_out = piece;
        z.avail_out = sizeof piece;
        said = deflate(&z, Z_FINISH);
        nn_buf_add(out, (const char *)piece, sizeof piece - z.avail_out);
    }
    (void)deflateEnd(&z);
    return nn_buf_check(out, err);
}
