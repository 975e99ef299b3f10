/* Vectors: elementwise functions and sums, as loops that the compiler turns into vector code. */
#include "math/vec.h"

#include "math/elementary.h"
#include "math/hot.h"

enum {
    LANES = 16,   /* sums are made in so many lanes, on every instruction set, */
    MANY = 32,    /* or in so many, where they are long and an addition waits for the one before */
    BLOCK = 1024, /* values looked at before asking whether to go on */
};

NN_HOT void nn_vec_exp(nn_real *y, const nn_real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = nn_exp(x[i]);
}

NN_HOT void nn_vec_log(nn_real *y, const nn_real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = nn_log(x[i]);
}

NN_HOT void nn_vec_tanh(nn_real *y, const nn_real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = nn_tanh(x[i]);
}

NN_HOT void nn_vec_sigmoid(nn_real *y, const nn_real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = nn_sigmoid(x[i]);
}

NN_HOT void nn_vec_erf(nn_real *y, const nn_real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = nn_erf(x[i]);
}

NN_HOT void nn_vec_relu(nn_real *y, const nn_real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? 0 : x[i]; /* in this order NaN stays NaN */
}

NN_HOT void nn_vec_relu_back(nn_real *dx, const nn_real *y, const nn_real *dy, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] > 0 ? dy[i] : 0;
}

NN_HOT void nn_vec_add(nn_real *y, const nn_real *a, const nn_real *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = a[i] + b[i];
}

NN_HOT void nn_vec_add_rows(nn_real *y, const nn_real *x, size_t rows, size_t n)
{
    for (size_t i = 0; i < rows; i++, x += n) {
        for (size_t j = 0; j < n; j++)
            y[j] += x[j];
    }
}

NN_HOT void nn_vec_mul(nn_real *y, const nn_real *a, const nn_real *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = a[i] * b[i];
}

NN_HOT void nn_vec_scale(nn_real *y, const nn_real *x, nn_real factor, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * factor;
}

NN_HOT void nn_vec_axpy(nn_real *y, nn_real factor, const nn_real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += factor * x[i];
}

NN_HOT void nn_vec_from_u8(nn_real *y, const uint8_t *x, nn_real shift, nn_real scale, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = ((nn_real)x[i] - shift) * scale;
}

NN_HOT void nn_vec_affine(nn_real *y, const nn_real *x, nn_real shift, nn_real scale, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] - shift) * scale;
}

/* Lanes 0 and 8, 1 and 9, ... of 16 first: a tree whose form does not depend on the vector width.
 */
NN_HOT_INLINE double fold(double *lane, int lanes)
{
    for (int width = lanes / 2; width > 0; width /= 2) {
        for (int j = 0; j < width; j++)
            lane[j] += lane[j + width];
    }
    return lane[0];
}

NN_HOT double nn_vec_sum(const nn_real *x, size_t n)
{
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        for (size_t j = 0; j < LANES; j++)
            lane[j] += (double)x[i + j];
    }
    for (size_t j = 0; i + j < n; j++)
        lane[j] += (double)x[i + j];
    return fold(lane, LANES);
}

NN_HOT double nn_vec_dot(const nn_real *a, const nn_real *b, size_t n)
{
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        for (size_t j = 0; j < LANES; j++)
            lane[j] += (double)a[i + j] * (double)b[i + j];
    }
    for (size_t j = 0; i + j < n; j++)
        lane[j] += (double)a[i + j] * (double)b[i + j];
    return fold(lane, LANES);
}

NN_HOT double nn_vec_sum_squares(const nn_real *x, size_t n)
{
    double lane[MANY] = {0};
    size_t i = 0;

    for (; i + MANY <= n; i += MANY) {
        for (size_t j = 0; j < MANY; j++)
            lane[j] += (double)x[i + j] * (double)x[i + j];
    }
    for (size_t j = 0; i + j < n; j++)
        lane[j] += (double)x[i + j] * (double)x[i + j];
    return fold(lane, MANY);
}

/* x - x is 0 for a finite x and NaN for every other. */
NN_HOT static bool block_finite(const nn_real *x, size_t n)
{
    int odd = 0;

    for (size_t i = 0; i < n; i++)
        odd |= !(x[i] - x[i] == 0);
    return odd == 0;
}

bool nn_vec_finite(const nn_real *x, size_t n)
{
    for (size_t i = 0; i < n; i += BLOCK) {
        if (!block_finite(x + i, n - i < BLOCK ? n - i : BLOCK))
            return false;
    }
    return true;
}

/* y = x - its greatest element, so that no exponential overflows. */
NN_HOT static void lower_row(nn_real *y, const nn_real *x, int width)
{
    nn_real greatest = x[0];

    for (int j = 1; j < width; j++)
        greatest = x[j] > greatest ? x[j] : greatest;
    for (int j = 0; j < width; j++)
        y[j] = x[j] - greatest;
}

/* A few rows at a time, so that the exponentials of short rows fill whole vectors. */
void nn_vec_softmax(nn_real *y, const nn_real *x, size_t rows, int width)
{
    const size_t row = (size_t)width;
    const size_t most = row < BLOCK ? BLOCK / row : 1;

    for (size_t i = 0; i < rows; i += most) {
        const size_t count = rows - i < most ? rows - i : most;
        nn_real *to = y + i * row;

        for (size_t r = 0; r < count; r++)
            lower_row(to + r * row, x + (i + r) * row, width);
        nn_vec_exp(to, to, count * row);
        for (size_t r = 0; r < count; r++)
            nn_vec_scale(to + r * row, to + r * row, (nn_real)(1 / nn_vec_sum(to + r * row, row)),
                         row);
    }
}
