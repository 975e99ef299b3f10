/*
 * System calls that go wrong when told to, for LD_PRELOAD. NN_FAULT is
 * "<call>:<n>[-<m>][/<k>]:<what>": from the n-th call of this kind to the m-th (n alone: only that
 * one; "n-": all from there on), or each k-th of them, <what> is the name of an error, or kill
 * (before the call), half (kill after half of a write), killed (after the call), or slow (it is
 * carried out, but takes 0.2 s longer). The kinds are open, create, read, write, fsync, rename,
 * link, unlink, truncate, mkdir, close, durable: all of them that change what is on disk, save: a
 * write into a file, log: writing and cutting *.jsonl, and checkpoint: the first file that is made
 * for one. With NN_FAULT_FILE only the opens and creates of a file of that name count.
 * NN_FAULT_COUNT names a file to which the counts of all kinds are written in the end, and
 * NN_FAULT_TRACE one for a line per create, write, fsync and rename: its name ("unsynced" for an
 * fsync that failed), the file, the new name or the inode, and which of its kind it is (of the
 * saves, for a write), parted by tabs. With NN_FAULT_CLOCK it is this many seconds after 1970, and
 * an hour earlier each time that somebody asks; durations are what they are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef enum kind {
    OPEN,
    CREATE,
    READ,
    WRITE,
    FSYNC,
    RENAME,
    LINK,
    UNLINK,
    TRUNCATE,
    MKDIR,
    CLOSE,
    DURABLE,
    LOG,
    CHECKPOINT,
    SAVE,
    KINDS
} kind;
static const char *const kind_names[KINDS] = {"open",   "create",  "read",   "write",      "fsync",
                                              "rename", "link",    "unlink", "truncate",   "mkdir",
                                              "close",  "durable", "log",    "checkpoint", "save"};

static const struct {
    const char *name;
    int number;
} errors[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EACCES", EACCES}, {"EINTR", EINTR},
              {"EROFS", EROFS},   {"EDQUOT", EDQUOT}, {"EMFILE", EMFILE}, {"ENOLCK", ENOLCK},
              {"EINVAL", EINVAL}, {"ENOSYS", ENOSYS}, {"EPERM", EPERM}};

enum { KILL_BEFORE = -1, KILL_HALF = -2, KILL_AFTER = -3, SLOW = -4 };

static struct {
    kind of;
    unsigned long first, last; /* 0: none */
    unsigned long step;
    int what; /* an errno, or one of the above */
} plan;
static atomic_ulong counts[KINDS];
static int trace_file = -1;
static const char *only_file; /* NULL: all of them */
static const char *odd_clock; /* NULL: the clock is right */
static atomic_long clock_asked;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int read_what(const char *text)
{
    if (strcmp(text, "kill") == 0)
        return KILL_BEFORE;
    if (strcmp(text, "half") == 0)
        return KILL_HALF;
    if (strcmp(text, "killed") == 0)
        return KILL_AFTER;
    if (strcmp(text, "slow") == 0)
        return SLOW;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (strcmp(text, errors[i].name) == 0)
            return errors[i].number;
    abort();
}

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("NN_FAULT"), *path = getenv("NN_FAULT_TRACE");
    char name[16], range[48], what[16];
    char *end;

    only_file = getenv("NN_FAULT_FILE");
    odd_clock = getenv("NN_FAULT_CLOCK");
    if (path != NULL)
        trace_file = REAL(open)(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (text == NULL || sscanf(text, "%15[a-z]:%47[0-9/-]:%15s", name, range, what) != 3)
        return;
    for (plan.of = 0; plan.of < KINDS && strcmp(name, kind_names[plan.of]) != 0;)
        plan.of++;
    plan.first = plan.last = strtoul(range, &end, 10);
    if (*end == '-' && end[1] >= '0')
        plan.last = strtoul(end + 1, &end, 10);
    else if (*end == '-')
        plan.last = (unsigned long)-1;
    end += *end == '-';
    plan.step = *end == '/' ? strtoul(end + 1, NULL, 10) : 1;
    plan.what = read_what(what);
}

__attribute__((destructor)) static void finish(void)
{
    const char *path = getenv("NN_FAULT_COUNT");
    FILE *f = path != NULL ? fopen(path, "w") : NULL;

    for (int i = 0; f != NULL && i < KINDS; i++)
        fprintf(f, "%s %lu\n", kind_names[i], counts[i]);
    if (f != NULL)
        fclose(f);
}

/* ---- what was done to which file, in order ---- */

static void trace(const char *call, const char *a, const char *b, unsigned long n)
{
    char line[2 * 4096 + 64];
    const int len = snprintf(line, sizeof line, "%s\t%s\t%s\t%lu\n", call, a, b, n);

    if (len <= 0 || (size_t)len >= sizeof line || REAL(write)(trace_file, line, (size_t)len) != len)
        abort();
}

static void name_of(int fd, char *name, size_t size)
{
    char link[64];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t len = readlink(link, name, size - 1);
    name[len < 0 ? 0 : len] = '\0';
}

static void trace_descriptor(const char *call, int fd, kind k)
{
    char name[4096], inode[32] = "";
    struct stat st;

    if (trace_file < 0 || fd <= 2)
        return;
    name_of(fd, name, sizeof name);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        snprintf(inode, sizeof inode, "%lu", (unsigned long)st.st_ino);
    trace(call, name, inode, counts[k]);
}

static void trace_rename(int from_dir, const char *from, int to_dir, const char *to)
{
    char a[4096] = "", b[4096] = "";

    if (trace_file < 0)
        return;
    name_of(from_dir, a, sizeof a);
    name_of(to_dir, b, sizeof b);
    snprintf(a + strlen(a), sizeof a - strlen(a), "/%s", from);
    snprintf(b + strlen(b), sizeof b - strlen(b), "/%s", to);
    trace("rename", a, b, counts[RENAME] + 1);
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* As a disk does: a signal does not make it any shorter. */
static void wait_a_moment(void)
{
    struct timespec left = {0, 200000000};

    while (nanosleep(&left, &left) != 0)
        ;
}

static int ends_with(const char *text, const char *end)
{
    const size_t len = strlen(text), tail = strlen(end);

    return len >= tail && strcmp(text + len - tail, end) == 0;
}

/* The verdict on a call of this kind: 0 to go on, an errno, or a way to die. */
static int count(kind k)
{
    const unsigned long n = atomic_fetch_add(&counts[k], 1) + 1;

    return k == plan.of && plan.first > 0 && n >= plan.first && n <= plan.last &&
                   (n - plan.first) % plan.step == 0
               ? plan.what
               : 0;
}

static int verdict(kind k, int is_durable)
{
    int what = count(k);

    if (is_durable) {
        const int other = count(DURABLE), saved = k == WRITE ? count(SAVE) : 0;
        what = what != 0 ? what : other != 0 ? other : saved;
    }
    if (what == KILL_BEFORE || (what == KILL_HALF && k != WRITE))
        die();
    if (what == SLOW)
        wait_a_moment();
    return what;
}

static long end(int what, long result)
{
    const int reason = errno;

    if (what == KILL_AFTER)
        die();
    errno = reason;
    return result;
}

/* A call that fails, or is carried out and perhaps its last. */
#define CALL(kind, is_durable, call)                                                               \
    do {                                                                                           \
        const int what = verdict(kind, is_durable);                                                \
        if (what > 0) {                                                                            \
            errno = what;                                                                          \
            return -1;                                                                             \
        }                                                                                          \
        return (__typeof__(call))end(what, (long)(call));                                          \
    } while (0)

static mode_t mode_of(int flags, va_list ap)
{
    return (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
}

static int do_open(int dir, const char *path, int flags, mode_t mode)
{
    const int creates = (flags & O_CREAT) != 0;
    const char *const slash = strrchr(path, '/');
    int what;

    if (only_file != NULL && strcmp(slash != NULL ? slash + 1 : path, only_file) != 0)
        return REAL(openat)(dir, path, flags, mode);
    if (creates && trace_file >= 0)
        trace("create", path, "", counts[CREATE] + 1);
    if (creates && strncmp(path, "last.safetensors.", 17) == 0 && (what = count(CHECKPOINT)) > 0) {
        errno = what;
        return -1;
    }
    CALL(creates ? CREATE : OPEN, creates, REAL(openat)(dir, path, flags, mode));
}

#define OPENER(name, parameters, dir)                                                              \
    int name parameters                                                                            \
    {                                                                                              \
        va_list ap;                                                                                \
        va_start(ap, flags);                                                                       \
        const mode_t mode = mode_of(flags, ap);                                                    \
        va_end(ap);                                                                                \
        return do_open(dir, path, flags, mode);                                                    \
    }
OPENER(open, (const char *path, int flags, ...), AT_FDCWD)
OPENER(open64, (const char *path, int flags, ...), AT_FDCWD)
OPENER(openat, (int dir, const char *path, int flags, ...), dir)
OPENER(openat64, (int dir, const char *path, int flags, ...), dir)

/* What fortified programs call. */
int __open_2(const char *path, int flags)
{
    return do_open(AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
    return do_open(AT_FDCWD, path, flags, 0);
}

int __openat_2(int dir, const char *path, int flags)
{
    return do_open(dir, path, flags, 0);
}

int __openat64_2(int dir, const char *path, int flags)
{
    return do_open(dir, path, flags, 0);
}

ssize_t read(int fd, void *to, size_t len)
{
    CALL(READ, 0, REAL(read)(fd, to, len));
}

ssize_t __read_chk(int fd, void *to, size_t len, size_t size)
{
    (void)size;
    CALL(READ, 0, REAL(read)(fd, to, len));
}

/* What goes to a terminal or a pipe is not on disk. */
static int is_file(int fd)
{
    struct stat st;

    return fd > 2 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static int is_log(int fd)
{
    char name[4096];

    name_of(fd, name, sizeof name);
    return ends_with(name, ".jsonl");
}

ssize_t write(int fd, const void *from, size_t len)
{
    int what = verdict(WRITE, is_file(fd));

    if (what == 0 && plan.of == LOG && is_log(fd))
        what = count(LOG);
    trace_descriptor("write", fd, SAVE);
    if (what > 0) {
        errno = what;
        return -1;
    }
    const ssize_t n = REAL(write)(fd, from, what == KILL_HALF ? len / 2 : len);
    if (what == KILL_HALF)
        die();
    return end(what, n);
}

int fsync(int fd)
{
    const int what = verdict(FSYNC, 1);

    trace_descriptor(what > 0 ? "unsynced" : "fsync", fd, FSYNC);
    if (what > 0) {
        errno = what;
        return -1;
    }
    return (int)end(what, REAL(fsync)(fd));
}

int rename(const char *from, const char *to)
{
    CALL(RENAME, 1, REAL(rename)(from, to));
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    trace_rename(from_dir, from, to_dir, to);
    CALL(RENAME, 1, REAL(renameat)(from_dir, from, to_dir, to));
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    CALL(RENAME, 1, REAL(renameat2)(from_dir, from, to_dir, to, flags));
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    CALL(LINK, 1, REAL(linkat)(from_dir, from, to_dir, to, flags));
}

int symlink(const char *from, const char *to)
{
    CALL(LINK, 1, REAL(symlink)(from, to));
}

int unlink(const char *path)
{
    CALL(UNLINK, 1, REAL(unlink)(path));
}

int unlinkat(int dir, const char *path, int flags)
{
    CALL(UNLINK, 1, REAL(unlinkat)(dir, path, flags));
}

int rmdir(const char *path)
{
    CALL(UNLINK, 1, REAL(rmdir)(path));
}

static int do_truncate(int fd, off_t len)
{
    const int failed = plan.of == LOG && is_log(fd) ? count(LOG) : 0;

    if (failed > 0) {
        errno = failed;
        return -1;
    }
    CALL(TRUNCATE, 1, REAL(ftruncate)(fd, len));
}

int ftruncate(int fd, off_t len)
{
    return do_truncate(fd, len);
}

int ftruncate64(int fd, off_t len)
{
    return do_truncate(fd, len);
}

int mkdir(const char *path, mode_t mode)
{
    CALL(MKDIR, 1, REAL(mkdir)(path, mode));
}

/* A close that fails has closed all the same. */
int close(int fd)
{
    const int what = verdict(CLOSE, 0);
    const int result = REAL(close)(fd);

    if (what > 0) {
        errno = what;
        return -1;
    }
    return (int)end(what, result);
}

/* A library that is not there: NN_NO_LIBRARY is a part of its name. */
void *dlopen(const char *name, int flags)
{
    const char *const gone = getenv("NN_NO_LIBRARY");

    return gone != NULL && name != NULL && strstr(name, gone) != NULL ? NULL
                                                                      : REAL(dlopen)(name, flags);
}

/* Locks, for file systems without them: NN_NO_LOCKS=1. */
int fcntl64(int fd, int command, ...)
{
    va_list ap;

    va_start(ap, command);
    void *argument = va_arg(ap, void *);
    va_end(ap);
    if ((command == F_SETLK || command == F_GETLK) && getenv("NN_NO_LOCKS") != NULL) {
        errno = ENOLCK;
        return -1;
    }
    return REAL(fcntl64)(fd, command, argument);
}

int fcntl(int fd, int command, ...)
{
    va_list ap;

    va_start(ap, command);
    void *argument = va_arg(ap, void *);
    va_end(ap);
    return fcntl64(fd, command, argument);
}

static time_t odd_time(void)
{
    return (time_t)(strtoll(odd_clock, NULL, 10) - 3600 * clock_asked++);
}

time_t time(time_t *to)
{
    const time_t now = odd_clock != NULL ? odd_time() : REAL(time)(NULL);

    if (to != NULL)
        *to = now;
    return now;
}

int clock_gettime(clockid_t id, struct timespec *to)
{
    if (odd_clock == NULL || id != CLOCK_REALTIME)
        return REAL(clock_gettime)(id, to);
    *to = (struct timespec){.tv_sec = odd_time()};
    return 0;
}
