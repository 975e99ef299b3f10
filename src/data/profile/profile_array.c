/* The profile of an array file: one column of all its numbers, constant places, equal samples. */
#include "profile_file.h"

#include <string.h>

#include "base/mem.h"
#include "profile_column.h"

static size_t element_bytes(const nn_array *a)
{
    return a->store == NN_STORE_U8 ? 1 : a->store == NN_STORE_F32 ? 4 : 8;
}

/* Places of a sample where all samples have what the first one has. */
static nn_code count_constant(nn_profile *p, const nn_array *a, size_t len, nn_err *err)
{
    const size_t size = element_bytes(a);
    const char *first = a->data;
    bool *moved = nn_alloc(len, sizeof *moved);

    if (moved == NULL)
        return nn_err_memory(err, "the look at a file", len);
    for (size_t i = 1; i < a->rows; i++)
        for (size_t k = 0; k < len; k++)
            moved[k] =
                moved[k] || memcmp(first + (i * len + k) * size, first + k * size, size) != 0;
    for (size_t k = 0; k < len; k++)
        p->constant += !moved[k];
    nn_free(moved);
    return NN_OK;
}

static nn_code look(nn_profile *p, const nn_array *a, nn_look *l, nn_err *err)
{
    const size_t len = nn_shape_len(&a->shape);
    const size_t bytes = len * element_bytes(a);
    size_t room = 0;

    p->rows = a->rows;
    p->shape = a->shape;
    p->store = a->store;
    p->whole = a->whole;
    for (size_t i = 0; i < a->rows; i++) {
        for (size_t k = 0; k < len; k++)
            NN_TRY(nn_look_number(l, nn_array_value(a, i * len + k), err));
        NN_TRY(nn_profile_remember(p, &room,
                                   nn_hash_bytes((const char *)a->data + i * bytes, bytes), err));
    }
    if (a->shape.rank > 0 && a->rows > 1)
        NN_TRY(count_constant(p, a, len, err));
    return nn_look_end(l, &p->column[0], err);
}

nn_code nn_profile_array(nn_profile *p, const nn_array_format *format, nn_err *err)
{
    nn_look l = {.limit = NN_PROFILE_DISTINCT};
    nn_array a = {0};
    nn_code rc = nn_array_load(&a, p->path, format, err);

    if (rc == NN_OK) {
        p->column = nn_alloc(1, sizeof *p->column);
        p->columns = p->column == NULL ? 0 : 1;
        rc = p->column == NULL ? nn_err_memory(err, "the look at a file", 0) : look(p, &a, &l, err);
    }
    nn_look_free(&l);
    nn_array_free(&a);
    return rc;
}
