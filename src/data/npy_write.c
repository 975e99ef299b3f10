/* Writes NPY: version 1.0, C order. */
#include "data/array_write.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { MAGIC = 10, LINE = 64, DICT = 256 };

void nn_npy_head(nn_buf *out, const char *descr, const char *size)
{
    char dict[DICT];
    const size_t len = (size_t)snprintf(
        dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, size);
    const size_t total = (MAGIC + len + 1 + LINE - 1) / LINE * LINE;

    nn_buf_add(out, "\x93NUMPY\x01\x00", 8);
    nn_buf_char(out, (char)((total - MAGIC) & 0xFF));
    nn_buf_char(out, (char)((total - MAGIC) >> 8));
    nn_buf_add(out, dict, len);
    for (size_t i = MAGIC + len; i + 1 < total; i++)
        nn_buf_char(out, ' ');
    nn_buf_char(out, '\n');
}

void nn_npy_write(nn_buf *out, const float *data, size_t rows, size_t cols)
{
    char size[48];
    const size_t count = rows * (cols == 0 ? 1 : cols);

    if (cols == 0)
        snprintf(size, sizeof size, "(%zu,)", rows);
    else
        snprintf(size, sizeof size, "(%zu, %zu)", rows, cols);
    nn_npy_head(out, "<f4", size);
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = 0;
        char b[4];

        memcpy(&bits, &data[i], sizeof bits);
        for (int k = 0; k < 4; k++)
            b[k] = (char)(bits >> (8 * k) & 0xFF);
        nn_buf_add(out, b, sizeof b);
    }
}
