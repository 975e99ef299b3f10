/* System calls on a descriptor, carried through interruptions and short counts. */
#include "base/file.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { MOST_AT_ONCE = 1 << 30 }; /* macOS refuses more than INT_MAX in one call */

static size_t at_once(size_t len)
{
    return len < MOST_AT_ONCE ? len : MOST_AT_ONCE;
}

/* After a failed call: is it to be tried again? Waits first when the descriptor is not ready. */
static bool try_again(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};

    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return poll(&one, 1, -1) >= 0 || errno == EINTR;
    return errno == EINTR;
}

nn_code nn_fd_read(int fd, const char *name, uint64_t at, void *dst, size_t len, size_t *got,
                   nn_err *err)
{
    char what[64];
    ssize_t n;

    *got = 0;
    do
        n = read(fd, dst, at_once(len));
    while (n < 0 && try_again(fd, POLLIN));
    if (n < 0) {
        const int reason = errno;

        snprintf(what, sizeof what, "cannot read at byte %llu", (unsigned long long)at);
        errno = reason;
        return nn_err_sys(err, name, what);
    }
    *got = (size_t)n;
    return NN_OK;
}

nn_code nn_fd_write(int fd, const char *name, const void *bytes, size_t len, nn_err *err)
{
    const char *from = bytes;

    while (len > 0) {
        const ssize_t n = write(fd, from, at_once(len));

        if (n == 0)
            errno = EIO; /* nothing written and nothing said: never loop on it */
        if (n == 0 || (n < 0 && !try_again(fd, POLLOUT)))
            return nn_err_sys(err, name, "cannot write");
        if (n > 0) {
            from += n;
            len -= (size_t)n;
        }
    }
    return NN_OK;
}

nn_code nn_fd_sync(int fd, const char *name, nn_err *err)
{
    while (fsync(fd) != 0) {
        if (errno == EINVAL || errno == ENOTSUP) /* this file system has no such thing */
            break;
        if (errno != EINTR)
            return nn_err_sys(err, name, "cannot bring it to disk");
    }
    return NN_OK;
}
