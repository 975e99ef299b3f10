/* Limits and identity of the machine, from /proc and cgroup files where they exist. */
#include "base/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cgroup.h"

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The number on the line that begins with `name`; UINT64_MAX when the file or the line is not
 * there. */
static uint64_t number_in(const char *path, const char *name)
{
    unsigned long long value = 0;
    uint64_t found = UINT64_MAX;
    char line[256];
    FILE *f = fopen(path, "re");

    if (f == NULL)
        return UINT64_MAX;
    while (found == UINT64_MAX && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, name, strlen(name)) == 0 &&
            sscanf(line + strlen(name), "%llu", &value) == 1)
            found = value;
    (void)fclose(f); /* only read */
    return found;
}

static uint64_t number_of(const char *dir, const char *file, const char *name)
{
    char path[1100];

    (void)snprintf(path, sizeof path, "%s/%s", dir, file);
    return number_in(path, name);
}

/* Lowers *left to what one control group, of version 2 or 1, still leaves. */
static void see_group(void *left, const char *dir)
{
    uint64_t limit = number_of(dir, "memory.max", "");
    uint64_t used = number_of(dir, "memory.current", "");
    uint64_t cache = number_of(dir, "memory.stat", "inactive_file ");

    if (limit == UINT64_MAX) {
        limit = number_of(dir, "memory.limit_in_bytes", "");
        used = number_of(dir, "memory.usage_in_bytes", "");
        cache = number_of(dir, "memory.stat", "total_inactive_file ");
    }
    if (limit == UINT64_MAX || used == UINT64_MAX)
        return;
    if (cache != UINT64_MAX) /* pages of files that were read are given back when asked for */
        used -= least(cache, used);
    *(uint64_t *)left = least(*(uint64_t *)left, limit > used ? limit - used : 0);
}

static uint64_t cgroup_left(void)
{
    uint64_t left = UINT64_MAX;

    nn_cgroup_walk("memory", see_group, &left);
    return left;
}

static uint64_t address_space_left(void)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    const uint64_t used = number_in("/proc/self/statm", "");
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    if (used == UINT64_MAX)
        return limit.rlim_cur;
    return limit.rlim_cur > used * page ? limit.rlim_cur - used * page : 0;
}

uint64_t nn_machine_memory(void)
{
    const uint64_t kib = number_in("/proc/meminfo", "MemAvailable:");
    const uint64_t available = kib == UINT64_MAX ? UINT64_MAX : kib * 1024;

    return least(available, least(cgroup_left(), address_space_left()));
}

uint64_t nn_machine_peak(void)
{
    const uint64_t kib = number_in("/proc/self/status", "VmHWM:");
    struct rusage usage;

    if (kib != UINT64_MAX) /* getrusage would tell that of the program that started this one */
        return kib * 1024;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
#ifdef __APPLE__
    return (uint64_t)usage.ru_maxrss;
#else
    return (uint64_t)usage.ru_maxrss * 1024;
#endif
}

uint64_t nn_machine_disk(const char *path)
{
    struct statvfs fs;

    if (statvfs(path, &fs) != 0 || fs.f_blocks == 0) /* some file systems do not say */
        return UINT64_MAX;
    return (uint64_t)fs.f_bavail * fs.f_frsize;
}

const char *nn_machine_host(char *dst, size_t size)
{
    if (gethostname(dst, size) != 0)
        dst[0] = '\0';
    dst[size - 1] = '\0';
    return dst;
}
