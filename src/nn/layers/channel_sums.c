/* Sums over all rows for each channel: parts of the rows are summed apart, then in their order. */
#include "channel_sums.h"

#include <string.h>

enum { PARTS = 16, SUMS = 2 };

typedef struct job {
    size_t rows;
    size_t width; /* sums of a part */
    nn_channel_sums_fn *fn;
    const void *context;
    double *room; /* [PARTS][width] */
} job;

size_t nn_channel_sums_bytes(int channels)
{
    return (size_t)PARTS * SUMS * (size_t)channels * sizeof(double);
}

static void sum_part(void *context, int task, int worker)
{
    const job *j = context;
    double *const sums = j->room + (size_t)task * j->width;

    (void)worker;
    memset(sums, 0, j->width * sizeof(*sums));
    j->fn(j->context, j->rows * (size_t)task / PARTS, j->rows * ((size_t)task + 1) / PARTS, sums);
}

const double *nn_channel_sums(nn_pool *pool, size_t rows, int channels, nn_channel_sums_fn *fn,
                              const void *context, void *room)
{
    job j = {rows, (size_t)SUMS * (size_t)channels, fn, context, room};

    nn_pool_run(pool, PARTS, sum_part, &j);
    for (size_t part = 1; part < PARTS; part++) {
        for (size_t i = 0; i < j.width; i++)
            j.room[i] += j.room[part * j.width + i];
    }
    return j.room;
}
