/*
 * What control groups leave of memory and cores. This program's own fopen stands before the C
 * library's, and has the files of /proc and /sys that a case gives.
 */
#undef _FORTIFY_SOURCE
#include "support/nn_test.h"

#include <errno.h>
#include <fcntl.h>

#include "base/machine.h"
#include "math/pool.h"

#define MIB(n) ((uint64_t)(n) << 20)

typedef struct file {
    const char *path;
    char text[200];
} file;

static file *files; /* up to one without a path; NULL: those of the machine */

static FILE *open_real(const char *path)
{
    const int fd = open(path, O_RDONLY);

    return fd < 0 ? NULL : fdopen(fd, "r");
}

FILE *fopen(const char *path, const char *mode)
{
    (void)mode;
    if (files == NULL || (strncmp(path, "/proc/", 6) != 0 && strncmp(path, "/sys/", 5) != 0))
        return open_real(path);
    for (file *f = files; f->path != NULL; f++)
        if (strcmp(f->path, path) == 0)
            return fmemopen(f->text, strlen(f->text), "r");
    errno = ENOENT;
    return NULL;
}

#define SELF  "/proc/self/cgroup"
#define GROUP "/sys/fs/cgroup"
#define PLENTY                                                                                     \
    {                                                                                              \
        "/proc/meminfo", "MemTotal: 9999999 kB\nMemAvailable: 8388608 kB\n"                        \
    }

enum { MOST = 12 };

static const struct {
    const char *what;
    uint64_t left; /* MiB */
    file file[MOST];
} memory_cases[] = {
    {"no group", 8192, {PLENTY}},
    {"no limit",
     8192,
     {PLENTY,
      {SELF, "0::/a\n"},
      {GROUP "/a/memory.max", "max\n"},
      {GROUP "/a/memory.current", "5\n"}}},
    {"a limit",
     70,
     {PLENTY,
      {SELF, "0::/a\n"},
      {GROUP "/a/memory.max", "104857600\n"},
      {GROUP "/a/memory.current", "31457280\n"}}},
    {"files that were read are given back",
     80,
     {PLENTY,
      {SELF, "0::/a\n"},
      {GROUP "/a/memory.max", "104857600\n"},
      {GROUP "/a/memory.current", "31457280\n"},
      {GROUP "/a/memory.stat", "anon 5\nfile 12345678\nactive_file 1\ninactive_file 10485760\n"}}},
    {"of a container, whose group is the root of what it sees",
     70,
     {PLENTY,
      {SELF, "0::/\n"},
      {GROUP "/memory.max", "104857600\n"},
      {GROUP "/memory.current", "31457280\n"}}},
    {"of a group above",
     20,
     {PLENTY,
      {SELF, "0::/a/b/c\n"},
      {GROUP "/a/b/c/memory.max", "max\n"},
      {GROUP "/a/b/c/memory.current", "0\n"},
      {GROUP "/a/memory.max", "31457280\n"},
      {GROUP "/a/memory.current", "10485760\n"}}},
    {"the least of those above each other",
     1,
     {PLENTY,
      {SELF, "0::/a/b\n"},
      {GROUP "/a/b/memory.max", "104857600\n"},
      {GROUP "/a/b/memory.current", "0\n"},
      {GROUP "/a/memory.max", "31457280\n"},
      {GROUP "/a/memory.current", "30408704\n"}}},
    {"more taken than given",
     0,
     {PLENTY,
      {SELF, "0::/a\n"},
      {GROUP "/a/memory.max", "1\n"},
      {GROUP "/a/memory.current", "31457280\n"}}},
    {"version 1",
     8,
     {PLENTY,
      {SELF, "3:memoryish:/x\n5:cpu,memory:/a\n1:name=systemd:/y\n"},
      {GROUP "/memory/a/memory.limit_in_bytes", "67108864\n"},
      {GROUP "/memory/a/memory.usage_in_bytes", "62914560\n"},
      {GROUP "/memory/a/memory.stat", "inactive_file 7\ntotal_inactive_file 4194304\n"},
      {GROUP "/memory/x/memory.limit_in_bytes", "1\n"},
      {GROUP "/memory/x/memory.usage_in_bytes", "0\n"}}},
    {"less available than the group has",
     3,
     {{"/proc/meminfo", "MemAvailable: 3072 kB\n"},
      {SELF, "0::/a\n"},
      {GROUP "/a/memory.max", "104857600\n"},
      {GROUP "/a/memory.current", "0\n"}}},
    {"what is not written as it should be",
     8192,
     {PLENTY, {SELF, "rubbish\n\n0:\n0::\n"}, {GROUP "/memory.max", "-\n"}}},
};
enum { MEMORY_CASES = sizeof memory_cases / sizeof *memory_cases };

/* What is writable for fmemopen. */
static void give(const file *from)
{
    static file copy[MOST + 1];

    memcpy(copy, from, MOST * sizeof *copy);
    files = copy;
}

static void test_memory_is_what_the_groups_leave(void **state)
{
    (void)state;
    for (int i = 0; i < MEMORY_CASES; i++) {
        give(memory_cases[i].file);
        const uint64_t left = nn_machine_memory();

        files = NULL;
        if (left != MIB(memory_cases[i].left))
            fail_msg("%s: %g MiB left", memory_cases[i].what, (double)left / (double)MIB(1));
    }
}

static const struct {
    const char *what;
    int cores;
    file file[MOST];
} core_cases[] = {
    {"no quota", NN_MAX_THREADS, {{SELF, "0::/a\n"}, {GROUP "/a/cpu.max", "max 100000\n"}}},
    {"half a core is one", 1, {{SELF, "0::/a\n"}, {GROUP "/a/cpu.max", "50000 100000\n"}}},
    {"a core and a half are two", 2, {{SELF, "0::/a\n"}, {GROUP "/a/cpu.max", "150000 100000\n"}}},
    {"of a group above", 1, {{SELF, "0::/a/b\n"}, {GROUP "/a/cpu.max", "100000 100000\n"}}},
    {"version 1",
     1,
     {{SELF, "2:cpuset:/x\n5:cpu,cpuacct:/a\n"},
      {GROUP "/cpu/a/cpu.cfs_quota_us", "100000\n"},
      {GROUP "/cpu/a/cpu.cfs_period_us", "100000\n"}}},
    {"version 1 without one",
     NN_MAX_THREADS,
     {{SELF, "5:cpu,cpuacct:/a\n"},
      {GROUP "/cpu/a/cpu.cfs_quota_us", "-1\n"},
      {GROUP "/cpu/a/cpu.cfs_period_us", "100000\n"}}},
};
enum { CORE_CASES = sizeof core_cases / sizeof *core_cases };

static void test_threads_are_no_more_than_the_groups_give_cores(void **state)
{
    (void)state;
    files = (file[]){{NULL, ""}};
    const int all = nn_cpu_count();
    for (int i = 0; i < CORE_CASES; i++) {
        give(core_cases[i].file);
        const int cores = nn_cpu_count();

        files = NULL;
        if (cores != (core_cases[i].cores < all ? core_cases[i].cores : all))
            fail_msg("%s: %d of %d cores", core_cases[i].what, cores, all);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_what_the_groups_leave),
        cmocka_unit_test(test_threads_are_no_more_than_the_groups_give_cores),
    };

    return nn_test_main(argc, argv, tests);
}
