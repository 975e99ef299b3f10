/* The header of a safetensors file: every rule of the format, before any data is believed. */
#include "tensor_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "doc.h"

#define META "__metadata__"

typedef struct entry {
    nn_tensor tensor;
    uint64_t begin, end; /* in the data */
} entry;

/* Where a fault of the header stands, as an offset in the file. */
static size_t fault_offset(const nn_tensors *t, const nn_problem *p)
{
    size_t at = 0;

    for (int line = 1; line < p->line; line++)
        at += strcspn(t->header + at, "\n") + 1;
    return sizeof(uint64_t) + at + (size_t)p->column - 1;
}

static nn_code parse_json(nn_tensors *t, nn_err *err)
{
    const nn_json_source source = {t->name, NN_EMODEL, false};
    const nn_code rc = nn_doc_parse_limit(&t->doc, &source, t->header, t->header_len,
                                          NN_TENSOR_MAX_HEADER, &t->problems, err);

    if (rc != NN_EMODEL || t->problems.count == 0)
        return rc;
    return nn_err_set(err, NN_EMODEL, t->name, "byte %zu, in the header: %s",
                      fault_offset(t, &t->problems.list[0]), t->problems.list[0].message);
}

static nn_code refuse(const nn_tensors *t, const char *tensor, nn_err *err, const char *fmt, ...)
    NN_PRINTF(4, 5);

/* "tensor "dense/kernel": ..." */
static nn_code refuse(const nn_tensors *t, const char *tensor, nn_err *err, const char *fmt, ...)
{
    char shown[NN_SHOWN];
    char message[NN_MSG_SIZE];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    return nn_err_set(err, NN_EMODEL, t->name, "tensor \"%s\": %s",
                      nn_text_show(shown, sizeof(shown), tensor, strlen(tensor), 80), message);
}

static nn_code read_meta(nn_tensors *t, nn_node meta, nn_err *err)
{
    char got[NN_SHOWN];
    char shown[NN_SHOWN];

    if (!nn_node_is(meta, NN_JSON_OBJECT))
        return nn_err_set(err, NN_EMODEL, t->name, META ": expected an object, got %s",
                          nn_node_show(meta, got));
    for (nn_node m = nn_node_first(meta); m.item != NULL; m = nn_node_next(m)) {
        const char *key = nn_node_key(m);

        if (!nn_node_is(m, NN_JSON_TEXT))
            return nn_err_set(err, NN_EMODEL, t->name, META ": \"%s\": expected text, got %s",
                              nn_text_show(shown, sizeof(shown), key, strlen(key), 40),
                              nn_node_show(m, got));
    }
    t->meta = meta;
    return NN_OK;
}

static bool read_whole(nn_node n, uint64_t *out)
{
    const double value = nn_node_number(n);

    if (!nn_node_is(n, NN_JSON_NUMBER) || !(value >= 0 && value < NN_JSON_MAX_WHOLE) ||
        value != floor(value))
        return false;
    *out = (uint64_t)value;
    return true;
}

static nn_code read_shape(const nn_tensors *t, nn_node shape, nn_tensor *out, nn_err *err)
{
    char got[NN_SHOWN];
    size_t count = 1;
    uint64_t dim = 0;

    if (!nn_node_is(shape, NN_JSON_ARRAY))
        return refuse(t, out->name, err, "shape: expected a list, got %s",
                      nn_node_show(shape, got));
    if (nn_node_count(shape) > NN_TENSOR_MAX_DIMS)
        return refuse(t, out->name, err, "shape: expected at most %d dimensions, got %d",
                      NN_TENSOR_MAX_DIMS, nn_node_count(shape));
    for (nn_node n = nn_node_first(shape); n.item != NULL; n = nn_node_next(n)) {
        if (!read_whole(n, &dim))
            return refuse(t, out->name, err,
                          "shape: expected integers from 0 to below 2^53, got %s",
                          nn_node_show(n, got));
        if (dim > SIZE_MAX || !nn_mul_size(count, (size_t)dim, &count))
            return refuse(t, out->name, err, "the number of its elements overflows");
        out->dim[out->rank++] = (int64_t)dim;
    }
    if (!nn_mul_size(count, nn_dtype_size(out->dtype), &out->bytes))
        return refuse(t, out->name, err, "the number of its bytes overflows");
    out->count = count;
    return NN_OK;
}

static nn_code read_offsets(const nn_tensors *t, nn_node offsets, entry *out, nn_err *err)
{
    const char *name = out->tensor.name;
    const nn_node begin = nn_node_first(offsets);
    const nn_node end = nn_node_next(begin);
    char got[NN_SHOWN];

    if (!nn_node_is(offsets, NN_JSON_ARRAY))
        return refuse(t, name, err, "data_offsets: expected two integers, got %s",
                      nn_node_show(offsets, got));
    if (nn_node_count(offsets) != 2)
        return refuse(t, name, err, "data_offsets: expected two integers, got %d values",
                      nn_node_count(offsets));
    if (!read_whole(begin, &out->begin) || !read_whole(end, &out->end))
        return refuse(t, name, err, "data_offsets: expected integers from 0 to below 2^53, got %s",
                      nn_node_show(read_whole(begin, &out->begin) ? end : begin, got));
    if (out->begin > out->end)
        return refuse(t, name, err, "data_offsets: the data ends at %llu before it begins at %llu",
                      (unsigned long long)out->end, (unsigned long long)out->begin);
    if (out->end > t->data_len)
        return refuse(t, name, err, "data_offsets: its data ends at %llu, the file's at %zu",
                      (unsigned long long)out->end, t->data_len);
    if (out->end - out->begin != out->tensor.bytes)
        return refuse(t, name, err, "expected %zu bytes of data by its shape, got %llu",
                      out->tensor.bytes, (unsigned long long)(out->end - out->begin));
    return NN_OK;
}

static nn_code check_keys(const nn_tensors *t, nn_node n, const char *name, nn_err *err)
{
    static const char *const keys[] = {"dtype", "shape", "data_offsets"};
    char shown[NN_SHOWN];

    if (!nn_node_is(n, NN_JSON_OBJECT))
        return refuse(t, name, err, "expected an object, got %s", nn_node_show(n, shown));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (nn_node_get(n, keys[i]).item == NULL)
            return refuse(t, name, err, "\"%s\" is missing", keys[i]);
    }
    for (nn_node m = nn_node_first(n); m.item != NULL; m = nn_node_next(m)) {
        const char *key = nn_node_key(m);

        if (strcmp(key, keys[0]) != 0 && strcmp(key, keys[1]) != 0 && strcmp(key, keys[2]) != 0)
            return refuse(t, name, err, "unknown key \"%s\"",
                          nn_text_show(shown, sizeof(shown), key, strlen(key), 40));
    }
    return NN_OK;
}

static nn_code read_entry(const nn_tensors *t, nn_node n, entry *out, nn_err *err)
{
    const char *name = nn_node_key(n);
    const nn_node dtype = nn_node_get(n, "dtype");
    char got[NN_SHOWN];

    *out = (entry){.tensor = {.name = name}};
    if (strlen(name) > NN_TENSOR_MAX_NAME)
        return refuse(t, name, err, "expected a name of at most %d bytes, got %zu",
                      NN_TENSOR_MAX_NAME, strlen(name));
    NN_TRY(check_keys(t, n, name, err));
    if (!nn_node_is(dtype, NN_JSON_TEXT) || !nn_dtype_find(nn_node_text(dtype), &out->tensor.dtype))
        return refuse(t, name, err,
                      "dtype: expected F32, F64, F16, BF16, U8, I32, I64 or U64, got %s",
                      nn_node_show(dtype, got));
    NN_TRY(read_shape(t, nn_node_get(n, "shape"), &out->tensor, err));
    return read_offsets(t, nn_node_get(n, "data_offsets"), out, err);
}

/* Empty tensors come before what begins where they stand. */
static int compare_entries(const void *a, const void *b)
{
    const entry *x = a;
    const entry *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* Sorted by their data, tensors must follow each other without hole or overlap up to the end. */
static nn_code check_order(const nn_tensors *t, const entry *entries, nn_err *err)
{
    uint64_t end = 0;

    for (int i = 0; i < t->count; i++) {
        const entry *e = &entries[i];

        if (e->begin > end)
            return refuse(t, e->tensor.name, err,
                          "its data begins at %llu, which leaves a hole from %llu",
                          (unsigned long long)e->begin, (unsigned long long)end);
        if (e->begin < end)
            return refuse(t, e->tensor.name, err,
                          "its data begins at %llu, inside other data up to %llu",
                          (unsigned long long)e->begin, (unsigned long long)end);
        end = e->end;
    }
    if (end != t->data_len)
        return nn_err_set(err, NN_EMODEL, t->name,
                          "expected the file to end after the last tensor, got %llu more bytes",
                          (unsigned long long)(t->data_len - end));
    return NN_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const nn_tensor *const *)a)->name, (*(const nn_tensor *const *)b)->name);
}

static nn_code keep_entries(nn_tensors *t, const entry *entries, nn_err *err)
{
    const size_t count = (size_t)t->count;

    t->tensor = nn_alloc(count + 1, sizeof(*t->tensor));
    t->by_name = nn_alloc(count + 1, sizeof(*t->by_name));
    if (t->tensor == NULL || t->by_name == NULL)
        return nn_err_memory(err, "a list of tensors", count * sizeof(*t->tensor));
    for (size_t i = 0; i < count; i++) {
        t->tensor[i] = entries[i].tensor;
        t->by_name[i] = &t->tensor[i];
    }
    qsort(t->by_name, count, sizeof(*t->by_name), compare_names);
    return NN_OK;
}

static nn_code read_entries(nn_tensors *t, entry *entries, nn_err *err)
{
    for (nn_node n = nn_node_first(nn_doc_root(t->doc)); n.item != NULL; n = nn_node_next(n)) {
        if (strcmp(nn_node_key(n), META) == 0)
            NN_TRY(read_meta(t, n, err));
        else
            NN_TRY(read_entry(t, n, &entries[t->count++], err));
    }
    qsort(entries, (size_t)t->count, sizeof(*entries), compare_entries);
    NN_TRY(check_order(t, entries, err));
    return keep_entries(t, entries, err);
}

nn_code nn_tensors_read_header(nn_tensors *t, nn_err *err)
{
    entry *entries = NULL;
    int members = 0;
    nn_code rc = parse_json(t, err);

    if (rc != NN_OK)
        return rc;
    members = nn_node_count(nn_doc_root(t->doc));
    if (members - (nn_node_get(nn_doc_root(t->doc), META).item != NULL) > NN_TENSOR_MAX_COUNT)
        return nn_err_set(err, NN_EMODEL, t->name, "expected at most %d tensors, got more",
                          NN_TENSOR_MAX_COUNT);
    entries = nn_alloc((size_t)members + 1, sizeof(*entries));
    if (entries == NULL)
        return nn_err_memory(err, "a list of tensors", (size_t)members * sizeof(*entries));
    rc = read_entries(t, entries, err);
    nn_free(entries);
    return rc;
}
