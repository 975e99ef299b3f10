/* Elements of array files: dimensions checked before memory is taken, payload read to the last
 * byte. */
#include "data/elements.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/dataset.h"

enum {
    CHUNK = 8192,           /* bytes converted at a time */
    FIRST_BYTES = 64 << 20, /* memory taken on the word of a header that a gzip file might back */
    DIMS_TEXT = 24 * NN_ARRAY_MAX_DIMS
};

/* false when the product does not fit. */
static bool byte_count(const uint64_t *dim, int dims, int size, uint64_t *bytes)
{
    uint64_t n = (uint64_t)size;

    for (int i = 0; i < dims; i++) {
        if (dim[i] != 0 && n > UINT64_MAX / dim[i])
            return false;
        n *= dim[i];
    }
    *bytes = n;
    return true;
}

bool nn_elements_fit(const uint64_t *dim, int dims, int size, uint64_t left)
{
    uint64_t bytes = 0;

    return byte_count(dim, dims, size, &bytes) && bytes <= left;
}

static const char *dims_text(char dst[DIMS_TEXT], const uint64_t *dim, int dims)
{
    size_t len = 0;

    for (int i = 0; i < dims; i++)
        len += (size_t)snprintf(dst + len, DIMS_TEXT - len, "%s%llu", i == 0 ? "[" : ", ",
                                (unsigned long long)dim[i]);
    snprintf(dst + len, DIMS_TEXT - len, "]");
    return dst;
}

static nn_store store_of(const nn_elements *type)
{
    if (type->kind == 'b' || (type->kind == 'u' && type->size == 1))
        return NN_STORE_U8;
    if (type->size <= 2 || (type->kind == 'f' && type->size == 4))
        return NN_STORE_F32;
    return NN_STORE_F64;
}

static size_t store_size(nn_store store)
{
    return store == NN_STORE_U8 ? 1 : store == NN_STORE_F32 ? sizeof(float) : sizeof(double);
}

/* Each dimension for itself: at least 1, and small enough for the type that keeps it. */
static nn_code check_dims(const uint64_t *dim, int dims, const char *path, nn_err *err)
{
    if (dim[0] == 0)
        return nn_err_set(err, NN_EDATA, path, "no samples: the first dimension is 0");
    for (int i = 1; i < dims; i++)
        if (dim[i] == 0)
            return nn_err_set(err, NN_EDATA, path, "empty samples: dimension %d is 0", i + 1);
    return NN_OK;
}

nn_code nn_elements_plan(nn_array *out, const nn_elements *type, const uint64_t *dim, int dims,
                         const nn_gz *f, const char *path, nn_err *err)
{
    const uint64_t left = nn_gz_left(f);
    char text[DIMS_TEXT];
    uint64_t bytes = 0;

    assert(dims >= 1 && dims <= NN_ARRAY_MAX_DIMS);
    NN_TRY(check_dims(dim, dims, path, err));
    if (!byte_count(dim, dims, type->size, &bytes) || bytes > SIZE_MAX / sizeof(double))
        return nn_err_set(err, NN_EDATA, path, "size overflow: dimensions %s of %d-byte elements",
                          dims_text(text, dim, dims), type->size);
    if (bytes > left)
        return nn_err_set(
            err, NN_EDATA, path, "expected %llu bytes of data for dimensions %s, got at most %llu",
            (unsigned long long)bytes, dims_text(text, dim, dims), (unsigned long long)left);
    if (dim[0] > NN_MAX_ROWS || bytes / dim[0] > INT_MAX)
        return nn_err_set(err, NN_ELIMIT, path,
                          "dimensions %s are over the limit of %d samples and %d bytes a sample",
                          dims_text(text, dim, dims), NN_MAX_ROWS, INT_MAX);
    out->store = store_of(type);
    out->whole = type->kind != 'f';
    out->rows = (size_t)dim[0];
    out->shape.rank = dims - 1;
    for (int i = 1; i < dims; i++)
        out->shape.dim[i - 1] = (int)dim[i];
    return NN_OK;
}

static uint64_t bits_of(const unsigned char *p, int size, bool big)
{
    uint64_t bits = 0;

    for (int i = 0; i < size; i++)
        bits = bits << 8 | p[big ? i : size - 1 - i];
    return bits;
}

static double number_of(const unsigned char *p, const nn_elements *type)
{
    const uint64_t bits = bits_of(p, type->size, type->big);
    const uint64_t sign = (uint64_t)1 << (8 * type->size - 1);
    const uint32_t low = (uint32_t)bits;
    double value = 0;
    float narrow = 0;

    if (type->kind == 'f' && type->size == 8) {
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (type->kind == 'f') {
        memcpy(&narrow, &low, sizeof narrow);
        return (double)narrow;
    }
    if (type->kind == 'i' && (bits & sign) != 0)
        return -(double)(sign - (bits ^ sign));
    return (double)bits;
}

/* Converts `count` elements into place `at` of the array. */
static void convert(nn_array *out, size_t at, const unsigned char *from, size_t count,
                    const nn_elements *type)
{
    for (size_t i = 0; i < count; i++) {
        const double value = number_of(from + i * (size_t)type->size, type);

        if (out->store == NN_STORE_F32)
            ((float *)out->data)[at + i] = (float)value;
        else
            ((double *)out->data)[at + i] = value;
    }
}

/* Reads into place, or through a small buffer when the bytes need turning. *got counts elements. */
static nn_code read_some(nn_array *out, size_t at, size_t count, const nn_elements *type, nn_gz *f,
                         size_t *got, nn_err *err)
{
    unsigned char chunk[CHUNK];
    const size_t size = (size_t)type->size;
    size_t bytes = 0;

    if (out->store == NN_STORE_U8)
        return nn_gz_read(f, (uint8_t *)out->data + at, count, got, err);
    if (count > CHUNK / size)
        count = CHUNK / size;
    NN_TRY(nn_gz_read(f, chunk, count * size, &bytes, err));
    *got = bytes / size;
    convert(out, at, chunk, *got, type);
    return NN_OK;
}

/*
 * Room for more of the `total` elements: all of it at once when small or when the file is plain (it
 * then holds exactly these bytes), else twice what has been read, since a small gzip file can
 * promise much.
 */
static nn_code make_room(nn_array *out, size_t *room, size_t total, bool backed, nn_err *err)
{
    const size_t size = store_size(out->store);
    size_t next = *room == 0 ? FIRST_BYTES / size : *room * 2;
    void *data = NULL;

    if (backed || next > total)
        next = total;
    data = *room == 0 ? nn_alloc(next, size) : nn_resize(out->data, next * size);
    if (data == NULL)
        return nn_err_memory(err, "the array", (unsigned long long)next * size);
    out->data = data;
    *room = next;
    return NN_OK;
}

static nn_code check_end(size_t total, size_t done, const nn_elements *type, nn_gz *f,
                         const char *path, nn_err *err)
{
    unsigned char more = 0;
    size_t got = 0;

    if (done < total)
        return nn_err_set(err, NN_EDATA, path, "expected %zu elements of %d bytes, got %zu", total,
                          type->size, done);
    NN_TRY(nn_gz_peek(f, &more, 1, &got, err));
    if (got > 0)
        return nn_err_set(err, NN_EDATA, path,
                          "trailing bytes: expected the end after %zu elements of %d bytes", total,
                          type->size);
    return nn_gz_end(f, err);
}

/* Only numbers may stand in an array of numbers: NaN, infinity, and booleans of 2 are faults. */
static nn_code check_values(const nn_array *a, size_t total, const nn_elements *type,
                            const char *path, nn_err *err)
{
    size_t bad = 0, first = 0;

    if (type->kind != 'f' && type->kind != 'b')
        return NN_OK;
    for (size_t i = total; i-- > 0;) {
        const double value = nn_array_value(a, i);

        if (type->kind == 'f' ? !isfinite(value) : value > 1) {
            bad++;
            first = i;
        }
    }
    if (bad == 0)
        return NN_OK;
    return nn_err_set(err, NN_EDATA, path, "%zu %s, the first at element %zu (sample %zu)", bad,
                      type->kind == 'f' ? "values are NaN or infinite" : "booleans are not 0 or 1",
                      first, first / nn_shape_len(&a->shape));
}

nn_code nn_elements_read(nn_array *out, const nn_elements *type, nn_gz *f, const char *path,
                         nn_err *err)
{
    const size_t total = out->rows * nn_shape_len(&out->shape);
    const bool backed = nn_gz_left(f) == (uint64_t)total * (uint64_t)type->size;
    size_t room = 0, done = 0, got = 1;

    while (done < total && got > 0) {
        if (done == room)
            NN_TRY(make_room(out, &room, total, backed, err));
        NN_TRY(read_some(out, done, room - done, type, f, &got, err));
        done += got;
    }
    NN_TRY(check_end(total, done, type, f, path, err));
    nn_gz_id(f, &out->id);
    return check_values(out, total, type, path, err);
}
