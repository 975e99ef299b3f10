/* Files read whole and written whole, in one call. */
#include "base/file.h"

#include "base/input.h"
#include "base/mem.h"

static nn_code too_large(const char *path, size_t most, nn_err *err)
{
    return nn_err_set(err, NN_ELIMIT, path, "the file is larger than the limit of %zu bytes", most);
}

/* Reads to the end into a block that has room for one byte more than expected, to see that end. */
static nn_code read_all(nn_input *in, char **bytes, size_t *len, size_t most, nn_err *err)
{
    size_t capacity = 0, got = 0;

    if (in->size > most)
        return too_large(in->name, most, err);
    NN_TRY(nn_grow(bytes, &capacity, (size_t)in->size + 1, 1, err));
    do {
        *len += got;
        if (*len > most)
            return too_large(in->name, most, err);
        NN_TRY(nn_grow(bytes, &capacity, *len + 1, 1, err));
        NN_TRY(nn_input_read(in, *bytes + *len, capacity - *len, &got, err));
    } while (got > 0);
    (*bytes)[*len] = '\0';
    return NN_OK;
}

nn_code nn_file_read(char **bytes, size_t *len, const char *path, size_t most, nn_err *err)
{
    nn_input in;
    char *all = NULL;
    size_t count = 0;

    NN_TRY(nn_input_open(&in, path, err));
    const nn_code rc = read_all(&in, &all, &count, most, err);
    nn_input_close(&in);
    if (rc != NN_OK) {
        nn_free(all);
        return rc;
    }
    *bytes = all;
    *len = count;
    return NN_OK;
}

nn_code nn_file_write(const char *path, const void *bytes, size_t len, nn_exists exists,
                      nn_err *err)
{
    nn_out *out = NULL;

    NN_TRY(nn_out_open(&out, path, exists, err));
    const nn_code rc = nn_out_write(out, bytes, len, err);
    if (rc == NN_OK)
        return nn_out_commit(out, err);
    nn_out_abort(out);
    return rc;
}
