/* make_digits DIR: writes the bundled digits, 10,000 to train and 2,000 to test with. */
#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"

#include "gzip.h"
#include "pen.h"

enum { SEED = 20, IMAGES_MAGIC = 0x803, LABELS_MAGIC = 0x801 };

static void put_be32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static nn_code write_packed(const char *dir, const char *name, const uint8_t *bytes, size_t len,
                            nn_err *err)
{
    char *path = nn_path_join(dir, name);
    nn_buf packed = {0};
    nn_code rc =
        path != NULL ? nn_gzip_pack(&packed, bytes, len, err) : nn_err_memory(err, "a path", 0);

    if (rc == NN_OK)
        rc = nn_file_write(path, packed.data, packed.len, NN_REPLACE_EXISTING, err);
    nn_buf_free(&packed);
    nn_free(path);
    return rc;
}

/* A set of n images in two files; its stream keeps it apart. The labels go round from 0 to 9. */
static nn_code write_set(const char *dir, const char *images_name, const char *labels_name,
                         uint32_t stream, uint32_t n, nn_err *err)
{
    const size_t images_len = 16 + (size_t)n * NN_PEN_PIXELS, labels_len = 8 + (size_t)n;
    uint8_t *bytes = nn_alloc(1, images_len);
    nn_code rc;

    if (bytes == NULL)
        return nn_err_memory(err, "the images", images_len);
    put_be32(bytes, IMAGES_MAGIC);
    put_be32(bytes + 4, n);
    put_be32(bytes + 8, NN_PEN_SIDE);
    put_be32(bytes + 12, NN_PEN_SIDE);
    for (uint32_t i = 0; i < n; i++) {
        const nn_rng rng = {SEED, stream, i};

        nn_pen_draw(bytes + 16 + (size_t)i * NN_PEN_PIXELS, (int)(i % 10), &rng);
    }
    rc = write_packed(dir, images_name, bytes, images_len, err);

    put_be32(bytes, LABELS_MAGIC);
    for (uint32_t i = 0; i < n; i++)
        bytes[8 + i] = (uint8_t)(i % 10);
    if (rc == NN_OK)
        rc = write_packed(dir, labels_name, bytes, labels_len, err);
    nn_free(bytes);
    return rc;
}

int main(int argc, char **argv)
{
    nn_err err = {0};
    nn_code rc;

    if (argc != 2) {
        fputs("usage: make_digits DIR\n", stderr);
        return 2;
    }
    rc = write_set(argv[1], "digits-train-images-idx3-ubyte.gz",
                   "digits-train-labels-idx1-ubyte.gz", 1, 10000, &err);
    if (rc == NN_OK)
        rc = write_set(argv[1], "digits-test-images-idx3-ubyte.gz",
                       "digits-test-labels-idx1-ubyte.gz", 2, 2000, &err);
    if (rc != NN_OK)
        fprintf(stderr, "make_digits: error: %s: %s\n", err.where, err.msg);
    return rc == NN_OK ? 0 : 1;
}
