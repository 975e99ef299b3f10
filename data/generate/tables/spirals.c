/* Two spirals that wind around each other one and a half times: no straight line tells them apart.
 */
#include "table.h"

#include <math.h>

enum { ROWS = 1200 };

void nn_table_spirals(nn_buf *out)
{
    static const char *const arm[] = {"amber", "blue"};
    const double turn = 2 * acos(-1);

    nn_buf_put(out, "x,y,arm,split\n");
    for (int i = 0; i < ROWS; i++) {
        const nn_rng rng = nn_table_row(NN_TABLE_SPIRALS, (uint64_t)i);
        const double along = sqrt((double)nn_rng_uniform(&rng, 0)); /* as dense outside as inside */
        const double radius = 0.4 + 4.6 * along;
        const double angle = turn * (1.5 * along + 0.5 * (i % 2));

        nn_buf_printf(out, "%.3f,%.3f,%s,%s\n", radius * cos(angle) + 0.12 * nn_rng_normal(&rng, 1),
                      radius * sin(angle) + 0.12 * nn_rng_normal(&rng, 2), arm[i % 2],
                      nn_table_split(i / 2));
    }
}
