/*
 * The thread pool. Each worker has its own range of the tasks, so that the same worker meets the
 * same part of the data run after run, and takes from the others' ranges when its own is done.
 *
 * A run is known by its number. A range is one word: the run's number and how many tasks are left.
 * To claim a task is to count that word down, which fails when the number is not the claimer's; so
 * a worker that wakes late can do no harm, and nobody waits for a worker that slept through a run.
 */
#include "math/pool.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"

#include <assert.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    LINE = 64,      /* bytes that one core owns at a time */
    SPINS = 64,     /* looks between two looks at the clock */
    PATIENCE = 128, /* looks before taking what is another's: a few microseconds */
};
static const double spin_seconds = 200e-6; /* longer than the gaps within a training step */

typedef struct worker {
    _Alignas(LINE) _Atomic uint64_t range; /* run number << 32 | tasks left */
    nn_pool *pool;
    pthread_t thread;
    int index;
    double busy; /* seconds in tasks, while that is measured */
} worker;

struct nn_pool {
    /* What the caller writes and the workers read. */
    _Alignas(LINE) _Atomic uint32_t run; /* the number of the newest run */
    _Atomic int tasks;
    _Atomic(nn_task_fn *) fn;
    _Atomic(void *) context;
    atomic_bool stop;
    atomic_bool metered; /* how long the workers are busy is measured */
    int threads;
    bool crowded; /* more threads than cores: spinning would only take time from the others */
    /* What the workers write. */
    _Alignas(LINE) _Atomic int left;   /* tasks of this run that are not done */
    _Alignas(LINE) atomic_bool asleep; /* some may sleep whom nobody has called yet */
    _Atomic int core;                  /* on which the caller was when it woke them */
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    double waited;    /* seconds in which the caller waited for the last tasks, likewise */
    worker workers[]; /* [threads]; 0 is the caller of nn_pool_run */
};

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("isb" ::: "memory");
#endif
}

/* The first task of worker `index`; that of `threads` is the end. */
static int range_start(int tasks, int threads, int index)
{
    return (int)((int64_t)tasks * index / threads);
}

static int range_length(int tasks, int threads, int index)
{
    return range_start(tasks, threads, index + 1) - range_start(tasks, threads, index);
}

/* Claims a task of the range of `victim`; false when none is left or the run is over. */
static bool claim(nn_pool *pool, int victim, uint32_t run, int tasks, int *task)
{
    _Atomic uint64_t *range = &pool->workers[victim].range;
    uint64_t word = atomic_load_explicit(range, memory_order_acquire);

    while ((uint32_t)(word >> 32) == run && (uint32_t)word > 0) {
        if (atomic_compare_exchange_weak_explicit(range, &word, word - 1, memory_order_acq_rel,
                                                  memory_order_acquire)) {
            *task = range_start(tasks, pool->threads, victim + 1) - (int)(uint32_t)word;
            return true;
        }
    }
    return false;
}

/* What a thread knows of a run. */
typedef struct part {
    nn_pool *pool;
    int self;
    uint32_t run;
    nn_task_fn *fn;
    void *context;
    int tasks;
    bool metered;
} part;

/* Does what is left of one range; what is done is told at once, for somebody waits for the last. */
static void empty(const part *p, int victim)
{
    nn_pool *const pool = p->pool;
    const double begin = p->metered ? nn_clock_now() : 0;
    int done = 0;

    for (int task; claim(pool, victim, p->run, p->tasks, &task); done++)
        p->fn(p->context, task, p->self);
    if (p->metered && done > 0)
        pool->workers[p->self].busy += nn_clock_now() - begin;
    if (done > 0)
        atomic_fetch_sub_explicit(&pool->left, done, memory_order_acq_rel);
}

/* Has a task of this range been claimed? */
static bool has_begun(const part *p, int owner)
{
    const uint64_t word =
        atomic_load_explicit(&p->pool->workers[owner].range, memory_order_relaxed);

    return (int)(uint32_t)word < range_length(p->tasks, p->pool->threads, owner);
}

/*
 * A task that is taken from another has its data in the other's cache, and so has the next run when
 * the other does it again: a short task is sooner done where it belongs. So a thread that is ready
 * waits a moment, until the run is over or the others are surely late. One that has not begun
 * sleeps, or has no core.
 */
static void be_patient(const part *p)
{
    nn_pool *const pool = p->pool;

    for (int i = 0; i < PATIENCE; i++) {
        if (p->self == 0 ? atomic_load_explicit(&pool->left, memory_order_acquire) <= 0
                         : atomic_load_explicit(&pool->run, memory_order_relaxed) != p->run)
            return;
        if (i == PATIENCE / 4 && !has_begun(p, (p->self + 1) % pool->threads))
            return;
        relax();
    }
}

/*
 * Does what there is to do of a run. The run may be over and the next one being prepared while its
 * fields are read here; then no claim succeeds, and what was read is not used.
 */
static void work(nn_pool *pool, int self, uint32_t run)
{
    const part p = {.pool = pool,
                    .self = self,
                    .run = run,
                    .fn = atomic_load_explicit(&pool->fn, memory_order_relaxed),
                    .context = atomic_load_explicit(&pool->context, memory_order_relaxed),
                    .tasks = atomic_load_explicit(&pool->tasks, memory_order_relaxed),
                    .metered = atomic_load_explicit(&pool->metered, memory_order_relaxed)};

    empty(&p, self);
    if (!pool->crowded)
        be_patient(&p);
    for (int i = 1; i < pool->threads; i++)
        empty(&p, (self + i) % pool->threads);
}

/* Spins for a while until a run with another number than `seen` is there. */
static bool spin(nn_pool *pool, uint32_t seen)
{
    const double end = pool->crowded ? 0 : nn_clock_now() + spin_seconds;

    do {
        for (int i = 0; i < SPINS; i++) {
            if (atomic_load_explicit(&pool->run, memory_order_acquire) != seen)
                return true;
            relax();
        }
    } while (!pool->crowded && nn_clock_now() < end);
    return false;
}

/*
 * Sleeps until a run with another number than `seen` is there. A system likes to wake a thread on
 * the core of the one that wakes it; there the two would take turns instead of working side by
 * side, and the worker's spinning would cost the caller its time.
 */
static void doze(nn_pool *pool, uint32_t seen)
{
    bool slept = false;

    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        /* Either the caller sees this, or this sleeper sees the caller's new run. Said again after
         * each sleep: it may have ended by the call for a run that is done here already. */
        atomic_store(&pool->asleep, true);
        if (atomic_load(&pool->run) != seen)
            break;
        pthread_cond_wait(&pool->wake, &pool->mutex);
        slept = true;
    }
    pthread_mutex_unlock(&pool->mutex);
    if (slept && !pool->crowded)
        nn_cpu_leave(atomic_load_explicit(&pool->core, memory_order_relaxed));
}

static void *serve(void *context)
{
    worker *self = context;
    nn_pool *pool = self->pool;
    uint32_t seen = 0;

    nn_cpu_flush_denormals();
    for (;;) {
        if (!spin(pool, seen))
            doze(pool, seen);
        seen = atomic_load_explicit(&pool->run, memory_order_acquire);
        if (atomic_load_explicit(&pool->stop, memory_order_relaxed))
            return NULL;
        work(pool, self->index, seen);
    }
}

/*
 * Lets the workers see a new run, and wakes those that sleep: once, for a call to the system takes
 * as long as a small run, and it may be many runs until a worker gets a core.
 */
static void announce(nn_pool *pool, uint32_t run)
{
    atomic_store(&pool->run, run);
    if (atomic_load(&pool->asleep)) {
        pthread_mutex_lock(&pool->mutex);
        atomic_store(&pool->asleep, false);
        atomic_store_explicit(&pool->core, nn_cpu_core(), memory_order_relaxed);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
}

/* Until the last task is done, whoever has it. */
static void await(nn_pool *pool)
{
    const bool metered = atomic_load_explicit(&pool->metered, memory_order_relaxed);
    const double begin = metered ? nn_clock_now() : 0;

    for (int i = 0; atomic_load_explicit(&pool->left, memory_order_acquire) > 0; i++) {
        if (pool->crowded || i > SPINS * SPINS)
            sched_yield(); /* the worker that holds the last task may need this core */
        else
            relax();
    }
    if (metered)
        pool->waited += nn_clock_now() - begin;
}

void nn_pool_run(nn_pool *pool, int tasks, nn_task_fn *fn, void *context)
{
    uint32_t run;

    if (pool->threads == 1 || tasks <= 1) {
        for (int task = 0; task < tasks; task++)
            fn(context, task, 0);
        return;
    }
    run = atomic_load_explicit(&pool->run, memory_order_relaxed) + 1;
    atomic_store_explicit(&pool->fn, fn, memory_order_relaxed);
    atomic_store_explicit(&pool->context, context, memory_order_relaxed);
    atomic_store_explicit(&pool->tasks, tasks, memory_order_relaxed);
    atomic_store_explicit(&pool->left, tasks, memory_order_relaxed);
    for (int i = 0; i < pool->threads; i++) {
        const int count = range_length(tasks, pool->threads, i);

        atomic_store_explicit(&pool->workers[i].range, (uint64_t)run << 32 | (uint64_t)count,
                              memory_order_release);
    }
    announce(pool, run);
    work(pool, 0, run);
    await(pool);
}

static int start(nn_pool *pool, worker *w)
{
    w->pool = pool;
    return nn_thread_start(&w->thread, serve, w);
}

/* Ends the workers 1..started-1 and releases the pool. */
static void release(nn_pool *pool, int started)
{
    atomic_store(&pool->stop, true);
    announce(pool, atomic_load(&pool->run) + 1);
    for (int i = 1; i < started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    nn_free(pool);
}

nn_code nn_pool_new(nn_pool **out, int threads, nn_err *err)
{
    nn_pool *pool;

    assert(threads >= 1 && threads <= NN_MAX_THREADS);
    pool = nn_alloc(1, sizeof *pool + (size_t)threads * sizeof *pool->workers);
    if (pool == NULL)
        return nn_err_memory(err, "the thread pool", 0);
    pool->threads = threads;
    pool->crowded = threads > nn_cpu_count();
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    for (int i = 1; i < threads; i++) {
        int rc;
        pool->workers[i].index = i;
        if ((rc = start(pool, &pool->workers[i])) != 0) {
            release(pool, i);
            return nn_err_set(err, NN_ELIMIT, NULL, "cannot start thread %d of %d: %s", i + 1,
                              threads, strerror(rc));
        }
    }
    nn_cpu_flush_denormals(); /* this thread is worker 0 and must compute like the others */
    *out = pool;
    return NN_OK;
}

void nn_pool_free(nn_pool *pool)
{
    if (pool != NULL)
        release(pool, pool->threads);
}

void nn_pool_meter(nn_pool *pool, bool on)
{
    atomic_store_explicit(&pool->metered, on, memory_order_relaxed);
    pool->waited = 0;
    for (int i = 0; i < pool->threads; i++)
        pool->workers[i].busy = 0;
}

/* The caller is busy but for its waiting; the others are idle but for their tasks. */
double nn_pool_idle(const nn_pool *pool, double elapsed)
{
    double idle = pool->waited;

    for (int i = 1; i < pool->threads; i++)
        idle += elapsed - pool->workers[i].busy;
    return idle;
}

int nn_pool_threads(const nn_pool *pool)
{
    return pool->threads;
}
