/* Element types of tensors, and elements as numbers. Bytes are put together, never cast. */
#include "tensor_file.h"

#include <math.h>
#include <string.h>

typedef struct element {
    const char *name;
    size_t size;
    int rank; /* the reference's order of types by alignment; tensors are written from the highest
               */
} element;

static const element types[] = {
    [NN_U8] = {"U8", 1, 0},   [NN_F16] = {"F16", 2, 1}, [NN_BF16] = {"BF16", 2, 2},
    [NN_I32] = {"I32", 4, 3}, [NN_F32] = {"F32", 4, 4}, [NN_F64] = {"F64", 8, 5},
    [NN_I64] = {"I64", 8, 6}, [NN_U64] = {"U64", 8, 7},
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

const char *nn_dtype_name(nn_dtype dtype)
{
    return types[dtype].name;
}

size_t nn_dtype_size(nn_dtype dtype)
{
    return types[dtype].size;
}

int nn_dtype_rank(nn_dtype dtype)
{
    return types[dtype].rank;
}

bool nn_dtype_find(const char *name, nn_dtype *out)
{
    for (int i = 0; i < TYPES; i++) {
        if (strcmp(types[i].name, name) == 0) {
            *out = (nn_dtype)i;
            return true;
        }
    }
    return false;
}

static uint64_t little_endian(const unsigned char *bytes, size_t size)
{
    uint64_t word = 0;

    for (size_t i = size; i-- > 0;)
        word = word << 8 | bytes[i];
    return word;
}

static float float_of_bits(uint32_t bits)
{
    float value = 0;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static double double_of_bits(uint64_t bits)
{
    double value = 0;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* Half precision: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
static double half_of_bits(uint32_t bits)
{
    const int exponent = (int)(bits >> 10 & 0x1f);
    const double fraction = bits & 0x3ff;
    double value = 0;

    if (exponent == 0)
        value = ldexp(fraction, -24);
    else if (exponent == 31)
        value = fraction == 0 ? INFINITY : NAN;
    else
        value = ldexp(1024 + fraction, exponent - 25);
    return (bits & 0x8000) != 0 ? -value : value;
}

double nn_tensor_value(const nn_tensor *t, size_t i)
{
    const size_t size = types[t->dtype].size;
    const uint64_t bits = little_endian((const unsigned char *)t->data + i * size, size);

    switch (t->dtype) {
    case NN_F32:
        return (double)float_of_bits((uint32_t)bits);
    case NN_F64:
        return double_of_bits(bits);
    case NN_F16:
        return half_of_bits((uint32_t)bits);
    case NN_BF16: /* the upper half of a float */
        return (double)float_of_bits((uint32_t)bits << 16);
    case NN_I32:
        return (double)(int32_t)(uint32_t)bits;
    case NN_I64:
        return (double)(int64_t)bits;
    case NN_U8:
    case NN_U64:
        break;
    }
    return (double)bits;
}

void nn_tensor_read_f32(const nn_tensor *t, float *dst)
{
    for (size_t i = 0; i < t->count; i++)
        dst[i] = (float)nn_tensor_value(t, i);
}

void nn_tensor_read_f64(const nn_tensor *t, double *dst)
{
    for (size_t i = 0; i < t->count; i++)
        dst[i] = nn_tensor_value(t, i);
}
