/* Writing a safetensors file, whole or not at all. */
#include "tensor_file.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/gz.h"
#include "base/mem.h"

#if defined(__BYTE_ORDER__) && defined(__ORDER_BIG_ENDIAN__)
_Static_assert(__BYTE_ORDER__ != __ORDER_BIG_ENDIAN__, "tensors are written as they lie in memory");
#endif

enum { HEADER_ALIGN = 8, CRC_DIGITS = 8 };

static nn_code check_finite(const char *path, const nn_tensor *t, nn_err *err)
{
    size_t bad = 0;

    if (t->dtype != NN_F32 && t->dtype != NN_F64)
        return NN_OK;
    for (size_t i = 0; i < t->count; i++)
        bad += !isfinite(nn_tensor_value(t, i));
    if (bad == 0)
        return NN_OK;
    return nn_err_set(err, NN_EDIVERGED, path,
                      "not written: tensor \"%.80s\" holds %zu values that are NaN or infinite",
                      t->name, bad);
}

/* As the reference sorts: by type from the widest alignment down, then by name. */
static int compare(const void *a, const void *b)
{
    const nn_tensor *x = *(const nn_tensor *const *)a;
    const nn_tensor *y = *(const nn_tensor *const *)b;
    const int order = nn_dtype_rank(y->dtype) - nn_dtype_rank(x->dtype);

    return order != 0 ? order : strcmp(x->name, y->name);
}

/* Returns where the digits of the checksum begin. */
static size_t put_meta(const nn_meta *meta, int metas, nn_buf *out)
{
    nn_buf_put(out, "\"__metadata__\":{");
    for (int i = 0; i < metas; i++) {
        assert(strcmp(meta[i].key, NN_TENSOR_CRC) != 0);
        nn_buf_json(out, meta[i].key);
        nn_buf_char(out, ':');
        nn_buf_json(out, meta[i].value);
        nn_buf_char(out, ',');
    }
    nn_buf_printf(out, "\"%s\":\"%0*d\"}", NN_TENSOR_CRC, CRC_DIGITS, 0);
    return out->len - CRC_DIGITS - 2;
}

static void put_entry(const nn_tensor *t, size_t begin, nn_buf *out)
{
    nn_buf_char(out, ',');
    nn_buf_json(out, t->name);
    nn_buf_printf(out, ":{\"dtype\":\"%s\",\"shape\":[", nn_dtype_name(t->dtype));
    for (int i = 0; i < t->rank; i++)
        nn_buf_printf(out, "%s%lld", i == 0 ? "" : ",", (long long)t->dim[i]);
    nn_buf_printf(out, "],\"data_offsets\":[%zu,%zu]}", begin, begin + t->bytes);
}

/* The header with its checksum in place. */
static nn_code make_header(const char *path, const nn_tensor *const *sorted, int count,
                           const nn_meta *meta, int metas, nn_buf *out, nn_err *err)
{
    char digits[CRC_DIGITS + 1];
    size_t begin = 0;
    size_t crc_at = 0;
    uint32_t crc = 0;

    nn_buf_char(out, '{');
    crc_at = put_meta(meta, metas, out);
    for (int i = 0; i < count; i++) {
        put_entry(sorted[i], begin, out);
        begin += sorted[i]->bytes;
    }
    nn_buf_char(out, '}');
    while (!out->failed && out->len % HEADER_ALIGN != 0)
        nn_buf_char(out, ' ');
    NN_TRY(nn_buf_check(out, err));
    if (out->len > NN_TENSOR_MAX_HEADER)
        return nn_err_set(err, NN_ELIMIT, path, "expected a header of at most %d bytes, got %zu",
                          (int)NN_TENSOR_MAX_HEADER, out->len);
    crc = nn_crc32(0, out->data, out->len);
    for (int i = 0; i < count; i++)
        crc = nn_crc32(crc, sorted[i]->data, sorted[i]->bytes);
    (void)snprintf(digits, sizeof(digits), "%08x", (unsigned)crc);
    memcpy(out->data + crc_at, digits, CRC_DIGITS);
    return NN_OK;
}

static nn_code write_file(const char *path, const char *keep, const nn_buf *header,
                          const nn_tensor *const *sorted, int count, nn_err *err)
{
    unsigned char length[8];
    nn_out *out = NULL;
    nn_code rc = NN_OK;

    for (size_t i = 0; i < sizeof(length); i++)
        length[i] = (unsigned char)((uint64_t)header->len >> 8 * i);
    NN_TRY(nn_out_open(&out, path, NN_REPLACE_EXISTING, err));
    if (keep != NULL)
        rc = nn_out_keep(out, keep, err);
    if (rc == NN_OK)
        rc = nn_out_write(out, length, sizeof(length), err);
    if (rc == NN_OK)
        rc = nn_out_write(out, header->data, header->len, err);
    for (int i = 0; i < count && rc == NN_OK; i++)
        rc = nn_out_write(out, sorted[i]->data, sorted[i]->bytes, err);
    if (rc == NN_OK)
        return nn_out_commit(out, err);
    nn_out_abort(out);
    return rc;
}

static nn_code save(const char *path, const char *keep, const nn_tensor *tensors, int count,
                    const nn_meta *meta, int metas, nn_err *err)
{
    const nn_tensor **sorted = nn_alloc((size_t)count + 1, sizeof(*sorted));
    nn_buf header = {0};
    nn_code rc = NN_OK;

    assert(count <= NN_TENSOR_MAX_COUNT);
    if (sorted == NULL)
        return nn_err_memory(err, "a list of tensors", (size_t)count * sizeof(*sorted));
    for (int i = 0; i < count; i++)
        sorted[i] = &tensors[i];
    qsort(sorted, (size_t)count, sizeof(*sorted), compare);
    rc = make_header(path, sorted, count, meta, metas, &header, err);
    if (rc == NN_OK)
        rc = write_file(path, keep, &header, sorted, count, err);
    nn_buf_free(&header);
    nn_free(sorted);
    return rc;
}

nn_code nn_tensors_save(const char *path, const nn_tensor *tensors, int count, const nn_meta *meta,
                        int metas, bool allow_nonfinite, nn_err *err)
{
    for (int i = 0; i < count && !allow_nonfinite; i++)
        NN_TRY(check_finite(path, &tensors[i], err));
    return save(path, NULL, tensors, count, meta, metas, err);
}

nn_code nn_tensors_save_keeping(const char *path, const char *keep, const nn_tensor *tensors,
                                int count, const nn_meta *meta, int metas, nn_err *err)
{
    return save(path, keep, tensors, count, meta, metas, err);
}
