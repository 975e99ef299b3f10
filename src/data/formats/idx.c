/* IDX: two zero bytes, a type, the number of dimensions, big-endian sizes, big-endian elements. */
#include "data/elements.h"

#include <stdio.h>

enum { MAGIC = 4 };

static bool is_idx(const unsigned char *head, size_t len)
{
    return len > 0 && head[0] == 0 && (len == 1 || head[1] == 0);
}

/* All the types that the format knows; false for any other code. */
static bool type_of(unsigned char code, nn_elements *type)
{
    static const struct {
        unsigned char code;
        nn_elements type;
    } known[] = {{0x08, {'u', 1, true}}, {0x09, {'i', 1, true}}, {0x0B, {'i', 2, true}},
                 {0x0C, {'i', 4, true}}, {0x0D, {'f', 4, true}}, {0x0E, {'f', 8, true}}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].code == code) {
            *type = known[i].type;
            return true;
        }
    }
    return false;
}

static nn_code read_magic(nn_elements *type, int *dims, nn_gz *f, const char *path, nn_err *err)
{
    unsigned char b[MAGIC] = {0};
    size_t got = 0;

    NN_TRY(nn_gz_read(f, b, MAGIC, &got, err));
    if (got < MAGIC)
        return nn_err_set(err, NN_EDATA, path, "truncated IDX magic: expected 4 bytes, got %zu",
                          got);
    if (b[0] != 0 || b[1] != 0)
        return nn_err_set(err, NN_EDATA, path, "not an IDX file: begins with %02x %02x %02x %02x",
                          b[0], b[1], b[2], b[3]);
    if (!type_of(b[2], type))
        return nn_err_set(err, NN_EDATA, path,
                          "unknown IDX type 0x%02x, expected 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e",
                          b[2]);
    if (b[3] < 1 || b[3] > NN_ARRAY_MAX_DIMS)
        return nn_err_set(err, NN_EDATA, path, "expected 1 to %d dimensions, got %d",
                          NN_ARRAY_MAX_DIMS, b[3]);
    *dims = b[3];
    return NN_OK;
}

/* Sizes that fit the file only when their bytes are swapped were written by a little-endian
 * program. */
static nn_code check_order(const unsigned char *b, const uint64_t *dim, int dims, int size,
                           uint64_t left, const char *path, nn_err *err)
{
    uint64_t swapped[NN_ARRAY_MAX_DIMS] = {0};

    for (int i = 0; i < dims; i++, b += 4)
        swapped[i] = (uint64_t)b[3] << 24 | (uint64_t)b[2] << 16 | (uint64_t)b[1] << 8 | b[0];
    if (nn_elements_fit(dim, dims, size, left) || !nn_elements_fit(swapped, dims, size, left))
        return NN_OK;
    return nn_err_set(err, NN_EDATA, path,
                      "the dimensions are little-endian (the first would be %llu, not %llu); "
                      "IDX files are big-endian",
                      (unsigned long long)swapped[0], (unsigned long long)dim[0]);
}

static nn_code read_header(nn_array *out, nn_elements *type, nn_gz *f, const char *path,
                           nn_err *err)
{
    unsigned char b[4 * NN_ARRAY_MAX_DIMS] = {0};
    uint64_t dim[NN_ARRAY_MAX_DIMS] = {0};
    size_t got = 0;
    int dims = 0;

    NN_TRY(read_magic(type, &dims, f, path, err));
    NN_TRY(nn_gz_read(f, b, 4 * (size_t)dims, &got, err));
    if (got < 4 * (size_t)dims)
        return nn_err_set(err, NN_EDATA, path,
                          "truncated IDX header: expected %d bytes, the file ends at %zu",
                          MAGIC + 4 * dims, MAGIC + got);
    for (int i = 0; i < dims; i++) {
        const unsigned char *p = b + 4 * i;

        dim[i] = (uint64_t)p[0] << 24 | (uint64_t)p[1] << 16 | (uint64_t)p[2] << 8 | p[3];
    }
    NN_TRY(check_order(b, dim, dims, type->size, nn_gz_left(f), path, err));
    return nn_elements_plan(out, type, dim, dims, f, path, err);
}

static nn_code head(nn_array *out, nn_gz *f, const char *path, nn_err *err)
{
    nn_elements type = {0};

    return read_header(out, &type, f, path, err);
}

static nn_code load(nn_array *out, nn_gz *f, const char *path, nn_err *err)
{
    nn_elements type = {0};

    NN_TRY(read_header(out, &type, f, path, err));
    return nn_elements_read(out, &type, f, path, err);
}

extern const nn_array_format nn_format_idx;
const nn_array_format nn_format_idx = {.kind = {.name = "idx", .help = "as the MNIST files are"},
                                       .is = is_idx,
                                       .head = head,
                                       .load = load};
