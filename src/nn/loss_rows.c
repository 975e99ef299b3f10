/* Loops over samples that losses share: output by output, and over the classes of a softmax. */
#include "nn/loss_rows.h"

#include "math/vec.h"

#include <assert.h>
#include <math.h>

static double weight_of(const nn_target *t, size_t i)
{
    if (!nn_target_counts(t, i))
        return 0;
    return t->weight != NULL ? (double)t->weight[i] : 1;
}

/* `len` targets of each of `rows` rows, from output `from` on; values are taken where they lie. */
static const nn_real *targets(const nn_target *t, size_t row, size_t rows, size_t from, size_t len,
                              nn_real *room)
{
    nn_real *at = room;

    if (t->label == NULL)
        return t->value + row * (size_t)t->width + from;
    for (size_t i = row; i < row + rows; i++)
        for (size_t j = from; j < from + len; j++)
            *at++ = nn_target_at(t, i, (int)j);
    return room;
}

/* Adds up `len` outputs of each of `rows` rows: losses into loss[], slopes scaled into dy. */
static void add_up(const nn_loss_io *io, size_t row, size_t rows, size_t len, const nn_real *value,
                   const nn_real *slope, nn_real *dy, nn_real scale, double *loss)
{
    for (size_t r = 0; r < rows; r++) {
        const double share = weight_of(&io->target, row + r) / io->width;

        loss[row + r] += share * nn_vec_sum(value + r * len, len);
        if (dy != NULL)
            nn_vec_scale(dy + r * len, slope + r * len, scale * (nn_real)share, len);
    }
}

void nn_loss_by_output(nn_loss_piece *piece, const void *conf, const nn_loss_io *io, size_t begin,
                       size_t end, nn_real scale, double *loss)
{
    const size_t width = (size_t)io->width;
    const size_t group = width < NN_LOSS_BLOCK ? NN_LOSS_BLOCK / width : 1; /* rows at a time */
    nn_real room[NN_LOSS_BLOCK], value[NN_LOSS_BLOCK], slope[NN_LOSS_BLOCK];

    for (size_t row = begin; row < end; row += group) {
        const size_t rows = end - row < group ? end - row : group;

        for (size_t r = row; r < row + rows; r++)
            loss[r] = 0;
        /* Several rows are taken whole; a single one that is too long, in pieces. */
        for (size_t from = 0; from < width; from += NN_LOSS_BLOCK) {
            const size_t len = width - from < NN_LOSS_BLOCK ? width - from : NN_LOSS_BLOCK;
            const size_t at = row * width + from;
            const nn_real *const t = targets(&io->target, row, rows, from, len, room);

            piece(conf, io->fused, io->y + at, t, value, slope, rows * len);
            add_up(io, row, rows, len, value, slope, io->dy != NULL ? io->dy + at : NULL, scale,
                   loss);
        }
    }
}

/* A target after smoothing is sharp * t + even. */
typedef struct smooth {
    double sharp, even;
} smooth;

static int largest(const nn_real *x, int n)
{
    int top = 0;

    for (int j = 1; j < n; j++)
        if (x[j] > x[top])
            top = j;
    return top;
}

/*
 * The sum of t[j] * (x[top] - x[j]), and the sum of t in *whole. With the softmax p of x, the
 * largest of which is exp(0) over the sum of exponentials, the loss is gap - whole * log(p[top]):
 * nothing in it can overflow or vanish, however far apart the logits are.
 */
static double gap(const nn_loss_io *io, smooth s, size_t i, const nn_real *x, int top,
                  double *whole)
{
    const nn_target *const t = &io->target;
    const double most = x[top];
    double sum = 0;

    if (t->label == NULL) {
        *whole = 0;
        for (int j = 0; j < io->width; j++) {
            const double part = s.sharp * (double)nn_target_at(t, i, j) + s.even;

            sum += part * (most - x[j]);
            *whole += part;
        }
        return sum;
    }
    assert(t->label[i] >= 0 && t->label[i] < io->width);
    *whole = 1;
    if (s.even > 0)
        for (int j = 0; j < io->width; j++)
            sum += s.even * (most - x[j]);
    return sum + s.sharp * (most - x[t->label[i]]);
}

/* dy = factor * (whole * p - t) */
static void class_gradient(const nn_loss_io *io, smooth s, size_t i, const nn_real *p, double whole,
                           double factor, nn_real *dy)
{
    const nn_target *const t = &io->target;
    const nn_real up = (nn_real)(factor * whole), down = (nn_real)(factor * s.even);
    const nn_real sharp = (nn_real)(factor * s.sharp);

    for (int j = 0; j < io->width; j++)
        dy[j] = up * p[j] - down;
    if (t->label != NULL)
        dy[t->label[i]] -= sharp;
    else
        for (int j = 0; j < io->width; j++)
            dy[j] -= sharp * nn_target_at(t, i, j);
}

/* Up to NN_LOSS_BLOCK rows of logits, which become probabilities. */
static void from_logits(const nn_loss_io *io, smooth s, size_t row, size_t rows, nn_real scale,
                        double *loss)
{
    const size_t width = (size_t)io->width;
    nn_real *const y = io->y + row * width;
    double whole[NN_LOSS_BLOCK];
    int top[NN_LOSS_BLOCK];

    for (size_t r = 0; r < rows; r++) {
        top[r] = largest(y + r * width, io->width);
        loss[row + r] = gap(io, s, row + r, y + r * width, top[r], &whole[r]);
    }
    nn_vec_softmax(y, y, rows, io->width);
    for (size_t r = 0; r < rows; r++) {
        const nn_real *const p = y + r * width;
        const double weight = weight_of(&io->target, row + r);

        loss[row + r] = weight * (loss[row + r] - whole[r] * log((double)p[top[r]]));
        if (io->dy != NULL)
            class_gradient(io, s, row + r, p, whole[r], weight * scale, io->dy + (row + r) * width);
    }
}

/* One row of what should be probabilities: divided by their sum, then clipped. */
static double from_probabilities(const nn_loss_io *io, smooth s, size_t i, nn_real scale)
{
    const nn_real low = NN_CLIP_PROBABILITY, high = 1 - NN_CLIP_PROBABILITY;
    const nn_real *const y = io->y + i * (size_t)io->width;
    nn_real *const dy = io->dy != NULL ? io->dy + i * (size_t)io->width : NULL;
    const double weight = weight_of(&io->target, i);
    const double sum = nn_vec_sum(y, (size_t)io->width);
    double loss = 0, inside = 0; /* targets whose probability is not clipped */

    for (int j = 0; j < io->width; j++) {
        const double t = s.sharp * (double)nn_target_at(&io->target, i, j) + s.even;
        const nn_real p = (nn_real)(y[j] / sum);
        const bool clipped = p < low || p > high;

        loss -= t * log((double)(p < low ? low : p > high ? high : p));
        inside += clipped ? 0 : t;
        if (dy != NULL)
            dy[j] = clipped ? 0 : (nn_real)(t / p);
    }
    if (dy != NULL)
        for (int j = 0; j < io->width; j++)
            dy[j] = (nn_real)(weight * scale * (inside - dy[j]) / sum);
    return weight * loss;
}

void nn_loss_by_class(double smoothing, const nn_loss_io *io, size_t begin, size_t end,
                      nn_real scale, double *loss)
{
    const smooth s = {1 - smoothing, smoothing / io->width};

    if (!io->fused) {
        for (size_t i = begin; i < end; i++)
            loss[i] = from_probabilities(io, s, i, scale);
        return;
    }
    for (size_t row = begin; row < end; row += NN_LOSS_BLOCK)
        from_logits(io, s, row, end - row < NN_LOSS_BLOCK ? end - row : NN_LOSS_BLOCK, scale, loss);
}
