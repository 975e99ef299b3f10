/* Array files: which format, opening, releasing; the formats do the reading. */
#include "data/array.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define NN_FORMAT(name) extern const nn_array_format nn_format_##name;
#include "data/formats.def"
#undef NN_FORMAT

#define NN_FORMAT(name) &nn_format_##name.kind,
static const nn_kind *const kinds[] = {
#include "data/formats.def"
    NULL};
#undef NN_FORMAT

const nn_family nn_array_formats = {.noun = "array format",
                                    .help = "files of numbers, samples along the first dimension",
                                    .kinds = kinds};

enum { HEAD = 64 };

static const nn_array_format *format_of(const unsigned char *head, size_t len)
{
    for (const nn_kind *const *k = kinds; *k != NULL; k++) {
        const nn_array_format *format = (const nn_array_format *)*k;

        if (format->is(head, len))
            return format;
    }
    return NULL;
}

/* The given format, or the one that the first bytes tell. */
static nn_code choose(const nn_array_format **format, nn_gz *f, const char *path, nn_err *err)
{
    unsigned char head[HEAD] = {0};
    const char *foreign = NULL;
    size_t len = 0;

    NN_TRY(nn_gz_peek(f, head, sizeof head, &len, err));
    if (len == 0)
        return nn_err_set(err, NN_EDATA, path, "the file is empty");
    if (*format == NULL)
        *format = format_of(head, len);
    foreign = nn_format_guess(head, len);
    if (*format == NULL)
        return nn_err_set(err, NN_EDATA, path,
                          "expected an IDX or NPY file, found the bytes %02x %02x %02x %02x%s%s",
                          head[0], head[1], head[2], head[3], foreign == NULL ? "" : ": ",
                          foreign == NULL ? "" : foreign);
    return NN_OK;
}

typedef enum depth { HEADER, ALL } depth;

static nn_code open_and_read(nn_array *out, const char *path, const nn_array_format *format,
                             depth how, nn_err *err)
{
    nn_gz *f = NULL;
    nn_code rc = NN_OK;

    memset(out, 0, sizeof *out);
    if ((rc = nn_gz_open(&f, path, err)) != NN_OK || (rc = choose(&format, f, path, err)) != NN_OK)
        goto out;
    rc = how == HEADER ? format->head(out, f, path, err) : format->load(out, f, path, err);
out:
    nn_gz_close(f);
    if (rc != NN_OK)
        nn_array_free(out);
    return nn_err_reading(err, rc, path);
}

nn_code nn_array_load(nn_array *out, const char *path, const nn_array_format *format, nn_err *err)
{
    return open_and_read(out, path, format, ALL, err);
}

nn_code nn_array_head(nn_array *out, const char *path, const nn_array_format *format, nn_err *err)
{
    return open_and_read(out, path, format, HEADER, err);
}

nn_code nn_array_sniff(const nn_array_format **out, const char *path, nn_err *err)
{
    unsigned char head[HEAD] = {0};
    size_t len = 0;
    nn_gz *f = NULL;
    nn_code rc = nn_gz_open(&f, path, err);

    *out = NULL;
    if (rc == NN_OK)
        rc = nn_gz_peek(f, head, sizeof head, &len, err);
    if (rc == NN_OK)
        *out = format_of(head, len);
    nn_gz_close(f);
    return rc;
}

void nn_array_free(nn_array *a)
{
    nn_free(a->data);
    memset(a, 0, sizeof *a);
}

double nn_array_value(const nn_array *a, size_t i)
{
    switch (a->store) {
    case NN_STORE_U8:
        return ((const uint8_t *)a->data)[i];
    case NN_STORE_F32:
        return (double)((const float *)a->data)[i];
    default:
        return ((const double *)a->data)[i];
    }
}
