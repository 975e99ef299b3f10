/* PNG: a header, one chunk of packed rows, an end. */
#include "view/png.h"

#include <string.h>

#include "base/deflate.h"
#include "base/gz.h"
#include "base/mem.h"

static void put_be32(unsigned char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(value >> (24 - 8 * i));
}

static void put_chunk(nn_buf *out, const char *type, const void *body, size_t len)
{
    unsigned char number[4];

    put_be32(number, (uint32_t)len);
    nn_buf_add(out, (const char *)number, 4);
    nn_buf_add(out, type, 4);
    nn_buf_add(out, body, len);
    put_be32(number, nn_crc32(nn_crc32(0, type, 4), body, len));
    nn_buf_add(out, (const char *)number, 4);
}

/* Every row begins with the number of its filter: each pixel less the one above, which suits. */
static nn_code pack(nn_buf *out, const uint8_t *pixel, size_t rows, size_t line, nn_err *err)
{
    uint8_t *raw = nn_alloc(rows, line + 1);
    nn_code rc;

    if (raw == NULL)
        return nn_err_memory(err, "a picture", rows * (line + 1));
    for (size_t y = 0; y < rows; y++) {
        uint8_t *to = raw + y * (line + 1);

        to[0] = 2;
        for (size_t i = 0; i < line; i++)
            to[1 + i] = (uint8_t)(pixel[y * line + i] - (y > 0 ? pixel[(y - 1) * line + i] : 0));
    }
    rc = nn_deflate(out, raw, rows * (line + 1), err);
    nn_free(raw);
    return rc;
}

nn_code nn_png_write(nn_buf *out, const uint8_t *pixel, int height, int width, int channels,
                     nn_err *err)
{
    unsigned char head[13] = {0};
    nn_buf packed = {0};
    nn_code rc = pack(&packed, pixel, (size_t)height, (size_t)width * (size_t)channels, err);

    if (rc == NN_OK) {
        put_be32(head, (uint32_t)width);
        put_be32(head + 4, (uint32_t)height);
        head[8] = 8;
        head[9] = channels == 3 ? 2 : 0;
        nn_buf_add(out, "\x89PNG\r\n\x1A\n", 8);
        put_chunk(out, "IHDR", head, sizeof head);
        put_chunk(out, "IDAT", packed.data, packed.len);
        put_chunk(out, "IEND", "", 0);
        rc = nn_buf_check(out, err);
    }
    nn_buf_free(&packed);
    return rc;
}
