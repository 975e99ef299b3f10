/* Cuts rows into tasks for the pool, by their width alone. */
#include "nn/layer.h"

#include <assert.h>
#include <limits.h>

/* Values a task should have: long enough to pay for handing it out, short enough to stay in cache.
 */
enum { TASK_VALUES = 8192 };

static size_t rows_per_task(size_t width)
{
    return width < TASK_VALUES ? TASK_VALUES / (width > 0 ? width : 1) : 1;
}

int nn_row_tasks(size_t rows, size_t width)
{
    const size_t per = rows_per_task(width);
    const size_t tasks = rows / per + (rows % per != 0);

    assert(tasks <= INT_MAX);
    return (int)tasks;
}

void nn_row_range(size_t rows, size_t width, int task, size_t *begin, size_t *end)
{
    const size_t per = rows_per_task(width);

    *begin = (size_t)task * per;
    *end = rows - *begin < per ? rows : *begin + per;
}

typedef struct job {
    size_t rows, width;
    nn_rows_fn *fn;
    void *context;
} job;

static void run_task(void *context, int task, int worker)
{
    const job *j = context;
    size_t begin = 0, end = 0;

    (void)worker;
    nn_row_range(j->rows, j->width, task, &begin, &end);
    j->fn(j->context, begin, end);
}

void nn_rows_run(nn_pool *pool, size_t rows, size_t width, nn_rows_fn *fn, void *context)
{
    job j = {rows, width, fn, context};

    nn_pool_run(pool, nn_row_tasks(rows, width), run_task, &j);
}
