/* Orthogonal: the shorter side of the matrix is a set of orthonormal vectors, times gain. */
#include "fill.h"

#include "math/hot.h"
#include "math/vec.h"

#include <math.h>

typedef struct conf {
    double gain;
} conf;

static const nn_field fields[] = {{.key = "gain",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, gain),
                                   .fallback = "1",
                                   .help = "Factor."},
                                  {0}};

enum { BLOCK = 64 };

/* Takes from row j of w [.][cols] what points along the rows before it. */
static void clear_row(nn_real *w, size_t cols, size_t j)
{
    nn_real *row = w + j * cols;

    for (size_t i = 0; i < j; i++)
        nn_vec_axpy(row, (nn_real)-nn_vec_dot(row, w + i * cols, cols), w + i * cols, cols);
}

/* The same for column j of w [rows][cols] and `block` columns from `from` on, walking along rows.
 */
static NN_HOT void clear_column(nn_real *w, size_t rows, size_t cols, size_t j, size_t from,
                                size_t block)
{
    double along[BLOCK] = {0};

    for (size_t r = 0; r < rows; r++) {
        const nn_real *row = w + r * cols;

        for (size_t k = 0; k < block; k++)
            along[k] += (double)row[j] * (double)row[from + k];
    }
    for (size_t r = 0; r < rows; r++) {
        nn_real *row = w + r * cols;
        double sum = 0;

        for (size_t k = 0; k < block; k++)
            sum += along[k] * (double)row[from + k];
        row[j] -= (nn_real)sum;
    }
}

static void clear_columns(nn_real *w, size_t rows, size_t cols, size_t j)
{
    for (size_t from = 0; from < j; from += BLOCK)
        clear_column(w, rows, cols, j, from, j - from < BLOCK ? j - from : BLOCK);
}

/* Gives the n numbers at w, `stride` apart, length 1. */
static void normalise(nn_real *w, size_t n, size_t stride)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)w[i * stride] * (double)w[i * stride];
    for (size_t i = 0; i < n; i++)
        w[i * stride] = (nn_real)((double)w[i * stride] / sqrt(sum));
}

/*
 * Gram-Schmidt on random vectors: the Q of their QR decomposition whose R has a positive diagonal.
 * Each vector is cleared twice, because rounding leaves a rest the first time.
 */
static void fill(const void *c, const nn_rng *rng, const nn_weight_size *size, nn_real *w)
{
    const size_t rows = (size_t)size->rows, cols = (size_t)size->cols;

    nn_fill_normal(rng, 0, 1, w, size->count);
    for (size_t j = 0; rows <= cols && j < rows; j++) {
        for (int twice = 0; twice < 2; twice++) {
            clear_row(w, cols, j);
            normalise(w + j * cols, cols, 1);
        }
    }
    for (size_t j = 0; rows > cols && j < cols; j++) {
        for (int twice = 0; twice < 2; twice++) {
            clear_columns(w, rows, cols, j);
            normalise(w + j, rows, cols);
        }
    }
    nn_vec_scale(w, w, (nn_real)((const conf *)c)->gain, size->count);
}

const nn_initializer nn_initializer_orthogonal = {
    {"orthogonal", "Orthonormal rows or columns, times gain.", fields, sizeof(conf)}, fill};
