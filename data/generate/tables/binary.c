/* Ten numbers and a yes or no that depends on a few of them, on two together, and on chance. */
#include "table.h"

#include <math.h>

enum { ROWS = 4800, COLUMNS = 10 };

/* The odds of a 1, as a logarithm; three of the columns mean nothing. */
static double logit(const double *x)
{
    return 1.6 * x[0] - 1.2 * x[1] + 0.9 * x[2] * x[3] + 1.4 * fabs(x[4]) - 1.1 + 0.8 * x[5] -
           1.5 * (x[6] > 0.5);
}

void nn_table_binary(nn_buf *out)
{
    for (int k = 0; k < COLUMNS; k++)
        nn_buf_printf(out, "x%d,", k);
    nn_buf_put(out, "y,split\n");
    for (int i = 0; i < ROWS; i++) {
        const nn_rng rng = nn_table_row(NN_TABLE_BINARY, (uint64_t)i);
        double x[COLUMNS];

        for (int k = 0; k < COLUMNS; k++) {
            x[k] = nn_rng_normal(&rng, (uint64_t)k);
            nn_buf_printf(out, "%.3f,", x[k]);
        }
        const double chance = 1 / (1 + exp(-3 * logit(x)));
        nn_buf_printf(out, "%d,%s\n", (double)nn_rng_uniform(&rng, 4 * COLUMNS) < chance,
                      nn_table_split(i));
    }
}
