/* What it costs to hand work to the pool and to wait for it: bench_pool [THREADS]. */
#include "math/pool.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

enum { ROUNDS = 41, FORKS = 2000 };
static const double task_seconds = 4e-6;

/* Lasts so long that every thread has to do its own: empty tasks would all be taken by one. */
static void last_a_while(void *context, int task, int worker)
{
    const double end = nn_clock_now() + task_seconds;

    (void)context;
    (void)task;
    (void)worker;
    while (nn_clock_now() < end)
        ;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    const int threads = argc > 1 ? atoi(argv[1]) : nn_cpu_count();
    double round[ROUNDS];
    nn_pool *pool = NULL;
    nn_err err = {0};

    if (nn_pool_new(&pool, threads, &err) != NN_OK) {
        printf("%s\n", err.msg);
        return 1;
    }
    for (int i = 0; i < ROUNDS; i++) {
        const double begin = nn_clock_now();

        for (int k = 0; k < FORKS; k++)
            nn_pool_run(pool, threads, last_a_while, NULL);
        round[i] = (nn_clock_now() - begin) / FORKS - task_seconds;
    }
    nn_pool_free(pool);
    qsort(round, ROUNDS, sizeof round[0], by_size);
    printf("fork and join of %d tasks on %d threads that spin: median %.3f us, least %.3f us\n",
           threads, threads, 1e6 * round[ROUNDS / 2], 1e6 * round[0]);
    return 0;
}
