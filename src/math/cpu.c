/* What this process may use of the machine, what the CPU is called, and its treatment of denormals.
 */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* for sched_getaffinity and its like; no other file needs it */
#endif
#include "math/pool.h"

#include "base/cgroup.h"
#include "base/text.h"

#include <math.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif
#if defined(__APPLE__)
#include <sys/sysctl.h>
#include <sys/types.h>
#endif

enum { LINE_SIZE = 512, PATH_SIZE = 1024 };

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int online(void)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n >= 1 && n <= NN_MAX_THREADS ? (int)n : n < 1 ? 1 : NN_MAX_THREADS;
}

static int slurm_limit(void)
{
    const char *text = getenv("SLURM_CPUS_PER_TASK");
    int64_t n;

    if (text == NULL || !nn_parse_i64(text, strlen(text), &n) || n < 1 || n > NN_MAX_THREADS)
        return NN_MAX_THREADS;
    return (int)n;
}

#if defined(__linux__)

static int affinity_limit(void)
{
    cpu_set_t set;

    /* Fails on machines with more cores than the set holds; then there is no limit to know of. */
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return NN_MAX_THREADS;
    return smaller(CPU_COUNT(&set), NN_MAX_THREADS);
}

int nn_cpu_core(void)
{
    return sched_getcpu();
}

/* The system moves a thread at once from a core that it may not use, and not back when it may. */
void nn_cpu_leave(int core)
{
    cpu_set_t all, others;

    if (core < 0 || core >= CPU_SETSIZE || sched_getcpu() != core ||
        sched_getaffinity(0, sizeof all, &all) != 0)
        return;
    others = all;
    CPU_CLR((size_t)core, &others);
    if (CPU_COUNT(&others) > 0 && sched_setaffinity(0, sizeof others, &others) == 0)
        (void)sched_setaffinity(0, sizeof all, &all);
}

/* The cores that `quota` microseconds of every `period` amount to, rounded to the next whole one.
 */
static int quota_cores(double quota, double period)
{
    if (quota <= 0 || period <= 0 || quota >= period * NN_MAX_THREADS)
        return NN_MAX_THREADS;
    return (int)ceil(quota / period);
}

/* Reads a first line; "" when the file does not exist. */
static void first_line(char line[LINE_SIZE], const char *dir, const char *name)
{
    char path[PATH_SIZE];
    FILE *f = NULL;

    line[0] = '\0';
    if (snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path)
        f = fopen(path, "r");
    if (f == NULL)
        return;
    if (fgets(line, LINE_SIZE, f) == NULL)
        line[0] = '\0';
    fclose(f);
}

/* The quota written in one directory of the control group file system, of version 2 or 1. */
static int directory_limit(const char *dir)
{
    char line[LINE_SIZE];
    double quota, period;

    first_line(line, dir, "cpu.max");
    if (sscanf(line, "%lf %lf", &quota, &period) == 2) /* "max 100000" is no number */
        return quota_cores(quota, period);
    first_line(line, dir, "cpu.cfs_quota_us");
    if (sscanf(line, "%lf", &quota) != 1)
        return NN_MAX_THREADS;
    first_line(line, dir, "cpu.cfs_period_us");
    return sscanf(line, "%lf", &period) == 1 ? quota_cores(quota, period) : NN_MAX_THREADS;
}

static void see_group(void *limit, const char *dir)
{
    *(int *)limit = smaller(*(int *)limit, directory_limit(dir));
}

/* The smallest quota of the group and those above it. */
static int cgroup_limit(void)
{
    int limit = NN_MAX_THREADS;

    nn_cgroup_walk("cpu", see_group, &limit);
    return limit;
}

#else

int nn_cpu_core(void)
{
    return -1;
}

void nn_cpu_leave(int core)
{
    (void)core;
}

static int affinity_limit(void)
{
    return NN_MAX_THREADS;
}

static int cgroup_limit(void)
{
    return NN_MAX_THREADS;
}

#endif

int nn_cpu_count(void)
{
    return smaller(smaller(online(), affinity_limit()), smaller(cgroup_limit(), slurm_limit()));
}

/* Moments of an optimizer decay into denormals, which cost a hundred cycles each. */
void nn_cpu_flush_denormals(void)
{
#if defined(__SSE2__)
    _mm_setcsr(_mm_getcsr() | 0x8040); /* flush to zero, denormals are zero */
#elif defined(__aarch64__)
    uint64_t fpcr;
    __asm__ __volatile__("mrs %0, fpcr" : "=r"(fpcr));
    fpcr |= UINT64_C(1) << 24;
    __asm__ __volatile__("msr fpcr, %0" ::"r"(fpcr));
#endif
}

#if defined(__APPLE__)
const char *nn_cpu_name(char *dst, size_t size)
{
    size_t len = size;
    if (sysctlbyname("machdep.cpu.brand_string", dst, &len, NULL, 0) != 0)
        snprintf(dst, size, "unknown");
    return dst;
}
#else
const char *nn_cpu_name(char *dst, size_t size)
{
    char line[LINE_SIZE];
    FILE *f = fopen("/proc/cpuinfo", "r");

    snprintf(dst, size, "unknown");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        colon += strspn(colon, ": \t");
        nn_text_show(dst, size, colon, strlen(colon), 64);
        break;
    }
    if (f != NULL)
        fclose(f);
    return dst;
}
#endif
