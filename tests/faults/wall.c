/*
 * A wall around the program, for LD_PRELOAD: with NN_WALL=FILE, the kernel hands every call that
 * opens a file to us, who write its path to FILE, a line each ("r" or "w", a tab, the path), and
 * carry it out; a call that starts a program or a process, or that leads to a network, is told on
 * stderr and ends the process with SIGSYS. It holds for all that is in the process, also for what
 * does not ask the C library.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#define ARGUMENTS(c)                                                                               \
    {                                                                                              \
        (c)->uc_mcontext.gregs[REG_RDI], (c)->uc_mcontext.gregs[REG_RSI],                          \
            (c)->uc_mcontext.gregs[REG_RDX], (c)->uc_mcontext.gregs[REG_R10]                       \
    }
#define RESULT(c) (c)->uc_mcontext.gregs[REG_RAX]
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#define ARGUMENTS(c)                                                                               \
    {                                                                                              \
        (long)(c)->uc_mcontext.regs[0], (long)(c)->uc_mcontext.regs[1],                            \
            (long)(c)->uc_mcontext.regs[2], (long)(c)->uc_mcontext.regs[3]                         \
    }
#define RESULT(c) (c)->uc_mcontext.regs[0]
#else
#error "the registers of this processor are not known here"
#endif

enum {
    OURS = 0x6e6e7761, /* in the argument after the last: an open that we carry out */
    NOT_HERE = 77
};

static int file = -1; /* of the paths */

static void tell(int to, const char *text, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(to, text, len);
        if (n <= 0)
            _exit(NOT_HERE);
        text += n;
        len -= (size_t)n;
    }
}

static void refuse(int number)
{
    char text[64];

    tell(STDERR_FILENO, text,
         (size_t)snprintf(text, sizeof text, "wall: system call %d is refused\n", number));
    signal(SIGSYS, SIG_DFL);
    raise(SIGSYS);
    _exit(128 + SIGSYS);
}

static void write_path(int dir, const char *path, long flags)
{
    char link[64] = "/proc/self/cwd", base[4096] = "", line[2 * 4096 + 8];
    const char *const way = (flags & O_ACCMODE) == O_RDONLY && (flags & O_CREAT) == 0 ? "r" : "w";

    if (dir != AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
    if (path[0] != '/') {
        const ssize_t len = readlink(link, base, sizeof base - 2);
        base[len < 0 ? 0 : len] = '/';
    }
    const int len = snprintf(line, sizeof line, "%s\t%s%s\n", way, base, path);
    tell(file, line, (size_t)len < sizeof line ? (size_t)len : sizeof line - 1);
}

/* On the thread that made the call, in its place. */
static void on_call(int number, siginfo_t *info, void *data)
{
    ucontext_t *const context = data;
    const long argument[4] = ARGUMENTS(context);
    const int saved = errno;
    int dir = (int)argument[0], shift = 1;

    (void)number;
#ifdef SYS_open
    if (info->si_syscall == SYS_open) {
        dir = AT_FDCWD;
        shift = 0;
    }
#endif
    if (shift == 1 && info->si_syscall != SYS_openat)
        refuse(info->si_syscall);
    const char *const path = (const char *)argument[shift];
    const long flags = argument[shift + 1], mode = argument[shift + 2];
    write_path(dir, path, flags);
    const long result = syscall(SYS_openat, dir, path, flags, mode, 0L, (long)OURS);
    RESULT(context) = result < 0 ? -errno : result;
    errno = saved;
}

#define LOAD(field)                                                                                \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define END(how)     BPF_STMT(BPF_RET | BPF_K, how)
#define TRAP(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), END(SECCOMP_RET_TRAP)

/* Low halves of arguments are enough: flags and our mark fit, and both processors have them first.
 */
static struct sock_filter program[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
    END(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4),
    LOAD(args[5]),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OURS, 0, 1),
    END(SECCOMP_RET_ALLOW),
    END(SECCOMP_RET_TRAP),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1), /* a thread is no process */
    END(SECCOMP_RET_ALLOW),
    END(SECCOMP_RET_TRAP),
#ifdef SYS_clone3 /* whose flags cannot be seen: the C library then takes clone */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
    END(SECCOMP_RET_ERRNO | ENOSYS),
#endif
#ifdef SYS_open
    TRAP(SYS_open),
    TRAP(SYS_creat),
    TRAP(SYS_fork),
    TRAP(SYS_vfork),
#endif
#ifdef SYS_openat2
    TRAP(SYS_openat2),
#endif
#ifdef SYS_io_uring_setup
    TRAP(SYS_io_uring_setup),
#endif
    TRAP(SYS_open_by_handle_at),
    TRAP(SYS_execve),
    TRAP(SYS_execveat),
    TRAP(SYS_ptrace),
    TRAP(SYS_process_vm_writev),
    TRAP(SYS_socket),
    TRAP(SYS_socketpair),
    TRAP(SYS_connect),
    TRAP(SYS_bind),
    TRAP(SYS_listen),
    TRAP(SYS_accept),
    TRAP(SYS_accept4),
    TRAP(SYS_sendto),
    TRAP(SYS_sendmsg),
    END(SECCOMP_RET_ALLOW),
};

__attribute__((constructor)) static void build(void)
{
    const char *const path = getenv("NN_WALL");
    const struct sock_fprog filter = {sizeof program / sizeof program[0], program};
    struct sigaction action;

    if (path == NULL)
        return;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_call;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    file = (int)syscall(SYS_openat, AT_FDCWD, path,
                        O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    file = fcntl(file, F_DUPFD_CLOEXEC, 900); /* out of the way of those that the program counts */
    if (file < 0 || sigaction(SIGSYS, &action, NULL) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        _exit(NOT_HERE);
}
