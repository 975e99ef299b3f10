/*
 * The thread pool. Work is cut into tasks by its shape, never by the number of threads; each task
 * does the same whoever runs it, so the bits do not depend on the threads. Sums over tasks are the
 * caller's to make, in task order.
 */
#ifndef NN_MATH_POOL_H
#define NN_MATH_POOL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct nn_pool nn_pool;

/* `worker` counts from 0 to threads - 1: an index for scratch memory, nothing that may change a
 * result. */
typedef void nn_task_fn(void *context, int task, int worker);

/* threads >= 1; the caller of nn_pool_run is one of them. */
NN_MUST_CHECK nn_code nn_pool_new(nn_pool **out, int threads, nn_err *err);
void nn_pool_free(nn_pool *pool); /* NULL is fine */
int nn_pool_threads(const nn_pool *pool);

/* Runs tasks 0..tasks-1 and returns when all are done. Allocates nothing. Not to be nested. */
void nn_pool_run(nn_pool *pool, int tasks, nn_task_fn *fn, void *context);

/*
 * Measures, while it is on, how long the workers have nothing to do; off, it costs nothing. Reading
 * gives the seconds, of all threads together, since it was switched on `elapsed` seconds ago.
 */
void nn_pool_meter(nn_pool *pool, bool on);
double nn_pool_idle(const nn_pool *pool, double elapsed);

/* Cores this process may use: affinity, cgroup quota, SLURM_CPUS_PER_TASK. At least 1. */
int nn_cpu_count(void);

/* The number of the core that the calling thread is on; -1: unknown. */
int nn_cpu_core(void);
/* Moves the calling thread to another core that it may use, if it is on this one. */
void nn_cpu_leave(int core);

/* Flush denormals to zero in the calling thread, as the pool's threads do. */
void nn_cpu_flush_denormals(void);
/* "avx512", "avx2" or "baseline": the kernels in use, and the CPU's and BLAS's name, for the run
 * record. */
const char *nn_cpu_isa(void);
const char *nn_cpu_name(char *dst, size_t size);
const char *nn_blas_name(void);
/*
 * NN_ELIMIT with a remedy when there is no BLAS. Everything can be computed without one, but large
 * products would be slower and have other last bits.
 */
NN_MUST_CHECK nn_code nn_blas_require(nn_err *err);
/* Why one that was wanted could not be loaded; NULL: it could, or none was. When no pool works. */
const char *nn_blas_trouble(void);

#endif
