/* Reading a safetensors file: sizes, header, then the data that the header accounts for. */
#include "tensor_file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/gz.h"
#include "base/input.h"
#include "base/mem.h"
#include "doc.h"

enum { LENGTH_BYTES = 8, GUESS_BYTES = 64 };

/* A file, or bytes in memory. */
typedef struct source {
    const char *name;
    uint64_t size;
    nn_input input;             /* used when there are no bytes */
    const unsigned char *bytes; /* NULL: a file */
    size_t at;
} source;

/* The next `len` bytes; callers never ask for more than the source has. */
static nn_code take(source *s, void *dst, size_t len, nn_err *err)
{
    size_t done = 0;

    assert(len <= s->size - s->at);
    if (s->bytes != NULL)
        memcpy(dst, s->bytes + s->at, len);
    while (s->bytes == NULL && done < len) {
        size_t got = 0;

        NN_TRY(nn_input_read(&s->input, (char *)dst + done, len - done, &got, err));
        if (got == 0)
            return nn_err_set(err, NN_EFILE, s->name, "the file changed while it was read");
        done += got;
    }
    s->at += len;
    return NN_OK;
}

static uint64_t header_length(const unsigned char head[LENGTH_BYTES])
{
    uint64_t length = 0;

    for (int i = LENGTH_BYTES; i-- > 0;)
        length = length << 8 | head[i];
    return length;
}

/* Names the format if it is another one, else says what is wrong. */
static nn_code refuse(const source *s, const unsigned char *head, size_t seen, nn_err *err,
                      const char *fmt, ...) NN_PRINTF(5, 6);

static nn_code refuse(const source *s, const unsigned char *head, size_t seen, nn_err *err,
                      const char *fmt, ...)
{
    const char *guess = nn_format_guess(head, seen);
    va_list ap;

    if (guess != NULL)
        return nn_err_set(err, NN_EMODEL, s->name, "expected a safetensors file, got %s", guess);
    va_start(ap, fmt);
    (void)nn_err_setv(err, NN_EMODEL, s->name, fmt, ap);
    va_end(ap);
    return NN_EMODEL;
}

static nn_code take_length(source *s, size_t *out, nn_err *err)
{
    unsigned char head[GUESS_BYTES] = {0};
    const size_t seen = s->size < GUESS_BYTES ? (size_t)s->size : GUESS_BYTES;
    uint64_t length = 0;
    uint64_t most = 0;

    if (s->size < LENGTH_BYTES)
        return nn_err_set(err, NN_EMODEL, s->name,
                          "expected a safetensors file of at least %d bytes, got %zu", LENGTH_BYTES,
                          seen);
    NN_TRY(take(s, head, LENGTH_BYTES, err));
    length = header_length(head);
    most = s->size - LENGTH_BYTES;
    if (length >= 2 && length <= NN_TENSOR_MAX_HEADER && length <= most) {
        *out = (size_t)length;
        return NN_OK;
    }
    NN_TRY(take(s, head + LENGTH_BYTES, seen - LENGTH_BYTES, err));
    if (length < 2)
        return refuse(s, head, seen, err, "expected a header of at least 2 bytes, got %llu",
                      (unsigned long long)length);
    if (length > NN_TENSOR_MAX_HEADER)
        return refuse(s, head, seen, err, "expected a header of at most %d bytes, got %llu",
                      (int)NN_TENSOR_MAX_HEADER, (unsigned long long)length);
    return refuse(s, head, seen, err, "expected a header of %llu bytes, got only %llu",
                  (unsigned long long)length, (unsigned long long)most);
}

static nn_code take_header(nn_tensors *t, source *s, nn_err *err)
{
    unsigned char head[GUESS_BYTES] = {0};
    size_t seen = 0;

    NN_TRY(take_length(s, &t->header_len, err));
    t->header = nn_alloc(1, t->header_len + 1);
    if (t->header == NULL)
        return nn_err_memory(err, "a header", t->header_len);
    NN_TRY(take(s, t->header, t->header_len, err));
    if (t->header[0] == '{')
        return NN_OK;
    for (int i = 0; i < LENGTH_BYTES; i++)
        head[i] = (unsigned char)(t->header_len >> 8 * i);
    seen = t->header_len < GUESS_BYTES - LENGTH_BYTES ? t->header_len : GUESS_BYTES - LENGTH_BYTES;
    memcpy(head + LENGTH_BYTES, t->header, seen);
    return refuse(s, head, LENGTH_BYTES + seen, err,
                  "expected the header to begin with {, got the byte 0x%02x", head[LENGTH_BYTES]);
}

/* The data; it is as long as the header accounts for, which nn_tensors_read_header has seen to. */
static nn_code take_data(nn_tensors *t, source *s, nn_err *err)
{
    size_t at = 0;
    size_t got = 0;
    char more = 0;

    t->data = nn_alloc(1, t->data_len + 1);
    if (t->data == NULL)
        return nn_err_memory(err, "the tensors of a file", t->data_len);
    NN_TRY(take(s, t->data, t->data_len, err));
    if (s->bytes == NULL)
        NN_TRY(
            nn_input_read(&s->input, &more, 1, &got, err)); /* a changed file is seen at its end */
    for (int i = 0; i < t->count; i++) {
        t->tensor[i].data = t->data + at;
        at += t->tensor[i].bytes;
    }
    return NN_OK;
}

static nn_code read_all(nn_tensors **out, source *s, nn_err *err)
{
    nn_tensors *t = nn_alloc(1, sizeof(*t));
    nn_code rc = NN_OK;

    if (t == NULL || (t->name = nn_strdup(s->name)) == NULL) {
        nn_tensors_free(t);
        return nn_err_memory(err, "a file of tensors", sizeof(*t));
    }
    rc = take_header(t, s, err);
    if (rc == NN_OK) {
        t->data_len = (size_t)(s->size - s->at);
        rc = nn_tensors_read_header(t, err);
    }
    if (rc == NN_OK)
        rc = take_data(t, s, err);
    if (rc != NN_OK)
        nn_tensors_free(t);
    else
        *out = t;
    return rc;
}

nn_code nn_tensors_load(nn_tensors **out, const char *path, nn_err *err)
{
    source s = {.name = path};
    nn_code rc = NN_OK;

    *out = NULL;
    NN_TRY(nn_input_open(&s.input, path, err));
    s.size = s.input.size;
    rc = read_all(out, &s, err);
    nn_input_close(&s.input);
    return rc;
}

nn_code nn_tensors_parse(nn_tensors **out, const char *name, const void *bytes, size_t len,
                         nn_err *err)
{
    source s = {.name = name, .size = len, .bytes = bytes};

    *out = NULL;
    return read_all(out, &s, err);
}

void nn_tensors_free(nn_tensors *t)
{
    if (t == NULL)
        return;
    nn_doc_free(t->doc);
    nn_problems_free(&t->problems);
    nn_free(t->name);
    nn_free(t->header);
    nn_free(t->data);
    nn_free(t->tensor);
    nn_free(t->by_name);
    nn_free(t);
}

int nn_tensors_count(const nn_tensors *t)
{
    return t->count;
}

const nn_tensor *nn_tensors_at(const nn_tensors *t, int i)
{
    return &t->tensor[i];
}

static int compare_to_name(const void *name, const void *tensor)
{
    return strcmp(name, (*(const nn_tensor *const *)tensor)->name);
}

const nn_tensor *nn_tensors_find(const nn_tensors *t, const char *name)
{
    const nn_tensor *const *found =
        bsearch(name, t->by_name, (size_t)t->count, sizeof(*t->by_name), compare_to_name);

    return found == NULL ? NULL : *found;
}

const char *nn_tensors_meta(const nn_tensors *t, const char *key)
{
    const nn_node value = nn_node_get(t->meta, key);

    return value.item == NULL ? NULL : nn_node_text(value);
}
