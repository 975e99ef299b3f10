/* Writing IDX and NPY files: header, then numbers in the order of bytes that the format has. */
#include "data/array_write.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *const nn_element_words[] = {"u8", "i32", "i64", "f32", "f64", "auto", NULL};

static const struct {
    int bytes;
    unsigned char idx; /* the type's code; 0: IDX has none */
    const char *npy;
    double least, most;
    bool whole;
} types[] = {{1, 0x08, "|u1", 0, 255, true},
             {4, 0x0C, "<i4", -2147483648.0, 2147483647.0, true},
             {8, 0, "<i8", -9007199254740992.0, 9007199254740992.0, true},
             {4, 0x0D, "<f4", -(double)FLT_MAX, (double)FLT_MAX, false},
             {8, 0x0E, "<f8", -DBL_MAX, DBL_MAX, false}};

bool nn_element_holds(nn_element_type type, double least, double most, bool whole)
{
    return least >= types[type].least && most <= types[type].most && (whole || !types[type].whole);
}

static bool is_for(bool idx, nn_element_type type)
{
    return !idx || types[type].idx != 0;
}

nn_element_type nn_element_for(bool idx, double least, double most, bool whole)
{
    /* Floats hold few whole numbers: those go to a float only when no whole type takes them. */
    for (int t = whole ? NN_ELEMENT_U8 : NN_ELEMENT_F32; t < NN_ELEMENT_F64; t++)
        if (is_for(idx, (nn_element_type)t) && !(whole && t == NN_ELEMENT_F32) &&
            nn_element_holds((nn_element_type)t, least, most, whole))
            return (nn_element_type)t;
    return NN_ELEMENT_F64;
}

nn_element_type nn_element_of(const nn_array *a, bool idx)
{
    const size_t count = a->rows * nn_shape_len(&a->shape);
    double least = INFINITY, most = -INFINITY;

    if (a->store == NN_STORE_U8)
        return NN_ELEMENT_U8;
    if (!a->whole)
        return a->store == NN_STORE_F32 ? NN_ELEMENT_F32 : NN_ELEMENT_F64;
    for (size_t i = 0; i < count; i++) {
        const double value = nn_array_value(a, i);

        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    if (nn_element_holds(NN_ELEMENT_I32, least, most, true))
        return NN_ELEMENT_I32;
    return idx ? NN_ELEMENT_F64 : NN_ELEMENT_I64;
}

static void put_big(nn_buf *out, uint32_t value)
{
    for (int k = 24; k >= 0; k -= 8)
        nn_buf_char(out, (char)(value >> k & 0xFF));
}

static void put_idx_head(nn_buf *out, nn_element_type type, size_t rows, const nn_shape *shape)
{
    nn_buf_add(out, "\0\0", 2);
    nn_buf_char(out, (char)types[type].idx);
    nn_buf_char(out, (char)(1 + shape->rank));
    put_big(out, (uint32_t)rows);
    for (int i = 0; i < shape->rank; i++)
        put_big(out, (uint32_t)shape->dim[i]);
}

static void put_npy_head(nn_buf *out, nn_element_type type, size_t rows, const nn_shape *shape)
{
    nn_buf size = {0};

    nn_buf_printf(&size, "(%zu%s", rows, shape->rank == 0 ? "," : "");
    for (int i = 0; i < shape->rank; i++)
        nn_buf_printf(&size, ", %d", shape->dim[i]);
    nn_buf_char(&size, ')');
    if (!size.failed)
        nn_npy_head(out, types[type].npy, size.data);
    out->failed |= size.failed;
    nn_buf_free(&size);
}

nn_code nn_array_write_head(nn_array_writer *w, nn_out *out, const char *format,
                            nn_element_type type, size_t rows, const nn_shape *shape, nn_err *err)
{
    nn_buf head = {0};
    nn_code rc;

    *w = (nn_array_writer){.out = out, .type = type, .big = strcmp(format, "idx") == 0};
    if (w->big)
        put_idx_head(&head, type, rows, shape);
    else
        put_npy_head(&head, type, rows, shape);
    if ((rc = nn_buf_check(&head, err)) == NN_OK)
        rc = nn_out_write(out, head.data, head.len, err);
    nn_buf_free(&head);
    return rc;
}

static uint64_t bits_of(nn_element_type type, double value)
{
    const float narrow = (float)value;
    uint32_t bits32;
    uint64_t bits64;

    if (types[type].whole)
        return (uint64_t)(int64_t)value;
    memcpy(&bits32, &narrow, sizeof bits32);
    memcpy(&bits64, &value, sizeof bits64);
    return type == NN_ELEMENT_F32 ? bits32 : bits64;
}

nn_code nn_array_write(nn_array_writer *w, double value, nn_err *err)
{
    const uint64_t bits = bits_of(w->type, value);
    const int bytes = types[w->type].bytes;

    for (int k = 0; k < bytes; k++) {
        const int shift = 8 * (w->big ? bytes - 1 - k : k);
        w->buffer[w->used++] = (unsigned char)(bits >> shift & 0xFF);
    }
    if (w->used + 8 <= sizeof w->buffer)
        return NN_OK;
    return nn_array_write_end(w, err);
}

nn_code nn_array_write_end(nn_array_writer *w, nn_err *err)
{
    const size_t used = w->used;

    w->used = 0;
    return nn_out_write(w->out, w->buffer, used, err);
}
