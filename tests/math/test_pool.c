/* The pool: every task once, in the caller's sight when it returns, whatever sleeps or spins. */
#include "support/nn_test.h"

#include "math/pool.h"

#include <stdatomic.h>
#include <time.h>

enum { MOST = 1000 };

typedef struct tally {
    atomic_int hits[MOST];
    int plain[MOST]; /* not atomic: the join must make it visible */
    int threads;
    atomic_int bad_worker;
} tally;

static void count(void *context, int task, int worker)
{
    tally *t = context;

    atomic_fetch_add(&t->hits[task], 1);
    t->plain[task]++;
    if (worker < 0 || worker >= t->threads)
        atomic_store(&t->bad_worker, 1);
}

static void each_task_once(int threads, int tasks, int runs)
{
    static tally t;
    nn_err err = {0};
    nn_pool *pool = NULL;

    memset(&t, 0, sizeof t);
    t.threads = threads;
    assert_ok(nn_pool_new(&pool, threads, &err), err);
    assert_int_equal(nn_pool_threads(pool), threads);
    for (int i = 0; i < runs; i++)
        nn_pool_run(pool, tasks, count, &t);
    for (int i = 0; i < MOST; i++) {
        assert_int_equal(atomic_load(&t.hits[i]), i < tasks ? runs : 0);
        assert_int_equal(t.plain[i], i < tasks ? runs : 0);
    }
    assert_int_equal(atomic_load(&t.bad_worker), 0);
    nn_pool_free(pool);
}

static void test_every_task_runs_exactly_once(void **state)
{
    static const int threads[] = {1, 2, 3, 4, 7};
    static const int tasks[] = {0, 1, 2, 3, 5, 6, 7, 8, 64, 1000};

    (void)state;
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        for (size_t k = 0; k < sizeof tasks / sizeof *tasks; k++)
            each_task_once(threads[t], tasks[k], 20);
    }
}

static void test_many_short_runs_lose_nothing(void **state)
{
    (void)state;
    each_task_once(2, 2, 100000);
    each_task_once(3, 5, 3000);
}

static void test_workers_that_fell_asleep_wake_up(void **state)
{
    static tally t;
    const struct timespec nap = {.tv_nsec = 3000000}; /* well beyond the spinning */
    nn_err err = {0};
    nn_pool *pool = NULL;

    (void)state;
    memset(&t, 0, sizeof t);
    t.threads = 3;
    assert_ok(nn_pool_new(&pool, t.threads, &err), err);
    for (int i = 0; i < 20; i++) {
        nanosleep(&nap, NULL);
        nn_pool_run(pool, 50, count, &t);
    }
    for (int i = 0; i < 50; i++)
        assert_int_equal(t.plain[i], 20);
    nn_pool_free(pool);
}

/* Holds a task until another worker has come to take one. */
static void meet(void *context, int task, int worker)
{
    atomic_int *seen = context;

    (void)task;
    atomic_fetch_or(seen, 1 << worker);
    for (int i = 0; i < 2000 && atomic_load(seen) != 3; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void test_a_second_thread_takes_part(void **state)
{
    atomic_int seen = 0;
    nn_err err = {0};
    nn_pool *pool = NULL;

    (void)state;
    assert_ok(nn_pool_new(&pool, 2, &err), err);
    nn_pool_run(pool, 2, meet, &seen);
    assert_int_equal(atomic_load(&seen), 3);
    nn_pool_free(pool);
}

static void test_pools_come_and_go(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++)
        each_task_once(1 + i % 5, 10, i % 2);
    nn_pool_free(NULL);
}

typedef struct flushed {
    atomic_int seen; /* bits of the workers that came */
    atomic_int denormals;
} flushed;

/* The product of two small normal numbers lies among the denormals. */
static void multiply_small(void *context, int task, int worker)
{
    flushed *f = context;
    volatile float x = 1e-20f;

    meet(&f->seen, task, worker);
    x = x * 1e-20f;
    if (x != 0)
        atomic_fetch_add(&f->denormals, 1);
}

/* The first test of all: threads inherit the mode, so none must have set it before. */
static void test_every_thread_flushes_denormals(void **state)
{
    flushed f = {0};
    nn_err err = {0};
    nn_pool *pool = NULL;

    (void)state;
#if !defined(__SSE2__) && !defined(__aarch64__)
    skip();
#endif
    assert_ok(nn_pool_new(&pool, 2, &err), err);
    nn_pool_run(pool, 2, multiply_small, &f);
    assert_int_equal(atomic_load(&f.seen), 3);
    assert_int_equal(atomic_load(&f.denormals), 0);
    nn_pool_free(pool);
}

static void test_the_cpu_count_heeds_slurm(void **state)
{
    const int all = nn_cpu_count();

    (void)state;
    assert_in_range(all, 1, NN_MAX_THREADS);
    setenv("SLURM_CPUS_PER_TASK", "1", 1);
    assert_int_equal(nn_cpu_count(), 1);
    setenv("SLURM_CPUS_PER_TASK", "0", 1); /* nonsense is no limit */
    assert_int_equal(nn_cpu_count(), all);
    setenv("SLURM_CPUS_PER_TASK", "many", 1);
    assert_int_equal(nn_cpu_count(), all);
    unsetenv("SLURM_CPUS_PER_TASK");
}

static void test_the_machine_has_names(void **state)
{
    char name[128];

    (void)state;
    assert_true(strcmp(nn_cpu_isa(), "avx512") == 0 || strcmp(nn_cpu_isa(), "avx2") == 0 ||
                strcmp(nn_cpu_isa(), "baseline") == 0);
    assert_true(strlen(nn_cpu_name(name, sizeof name)) > 0);
    assert_true(strlen(nn_blas_name()) > 0);
}

/* And may use all that it could before. */
static void test_a_thread_leaves_a_core_for_another(void **state)
{
    const int all = nn_cpu_count();
    bool moved = false;

    (void)state;
    nn_cpu_leave(-1);
    if (all == 1 || nn_cpu_core() < 0)
        skip();
    for (int i = 0; i < 50 && !moved; i++) { /* the system may bring it back at any time */
        const int core = nn_cpu_core();

        nn_cpu_leave(core);
        moved = nn_cpu_core() != core;
        assert_int_equal(nn_cpu_count(), all);
    }
    assert_true(moved);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_thread_flushes_denormals),
        cmocka_unit_test(test_every_task_runs_exactly_once),
        cmocka_unit_test(test_many_short_runs_lose_nothing),
        cmocka_unit_test(test_workers_that_fell_asleep_wake_up),
        cmocka_unit_test(test_a_second_thread_takes_part),
        cmocka_unit_test(test_pools_come_and_go),
        cmocka_unit_test(test_the_cpu_count_heeds_slurm),
        cmocka_unit_test(test_the_machine_has_names),
        cmocka_unit_test(test_a_thread_leaves_a_core_for_another),
    };
    return nn_test_main(argc, argv, tests);
}
