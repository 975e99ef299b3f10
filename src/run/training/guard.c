/* Watching over losses and gradients. */
#include "guard.h"

#include <string.h>

static const double steep = 1e3, steep_at_first = 10, far = 1e4;

void nn_guard_start(nn_guard *g)
{
    memset(g, 0, sizeof *g);
    g->factor = 1;
}

static double median_of(const double *norm)
{
    double sorted[NN_GUARD_STEPS];

    for (int i = 0; i < NN_GUARD_STEPS; i++) {
        int at = i;

        for (; at > 0 && sorted[at - 1] > norm[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = norm[i];
    }
    return sorted[NN_GUARD_STEPS / 2];
}

/*
 * Late in a training gradients are small, and a row that is hard to learn stands out: that is no
 * explosion, which goes beyond what the training began with.
 */
static bool is_steep(const nn_guard *g, double norm)
{
    return g->told == 0 && g->usual > 0 && norm > steep * g->usual &&
           norm > steep_at_first * g->first_usual;
}

static bool is_lost(nn_guard *g, double loss)
{
    if (g->steps < NN_GUARD_FIRST && loss > g->first_loss)
        g->first_loss = loss;
    g->lost = g->first_loss > 0 && loss > far * g->first_loss ? g->lost + 1 : 0;
    return g->lost >= NN_GUARD_LOST;
}

nn_alarm nn_guard_see(nn_guard *g, double loss, double norm)
{
    const bool now_steep = is_steep(g, norm);
    const bool now_lost = is_lost(g, loss);

    g->norm[g->steps++ % NN_GUARD_STEPS] = norm;
    if (g->steps % NN_GUARD_STEPS == 0) {
        g->usual = median_of(g->norm);
        if (g->first_usual == 0)
            g->first_usual = g->usual;
    }
    if (now_lost)
        return NN_LOST;
    g->told += now_steep;
    return now_steep ? NN_STEEP : NN_CALM;
}

void nn_guard_blocks(nn_guard *g, nn_blocks *blocks)
{
    nn_blocks_add(blocks, "guard_norm", -1, NN_F64, g->norm, NN_GUARD_STEPS);
    nn_blocks_add(blocks, "guard_usual", -1, NN_F64, &g->usual, 1);
    nn_blocks_add(blocks, "guard_first_usual", -1, NN_F64, &g->first_usual, 1);
    nn_blocks_add(blocks, "guard_first_loss", -1, NN_F64, &g->first_loss, 1);
    nn_blocks_add(blocks, "guard_steps", -1, NN_U64, &g->steps, 1);
    nn_blocks_add(blocks, "guard_lost", -1, NN_I32, &g->lost, 1);
    nn_blocks_add(blocks, "guard_told", -1, NN_I32, &g->told, 1);
    nn_blocks_add(blocks, "guard_bad", -1, NN_I32, &g->bad, 1);
    nn_blocks_add(blocks, "guard_all", -1, NN_I32, &g->all, 1);
    nn_blocks_add(blocks, "guard_factor", -1, NN_F64, &g->factor, 1);
}
