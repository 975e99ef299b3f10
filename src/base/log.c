/* A log that grows by whole lines or records. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

struct nn_log {
    char *path;
    int fd;
    off_t len;   /* bytes of whole lines */
    nn_buf line; /* the line with its end, so that it goes out in one write */
};

static void release(nn_log *log)
{
    nn_free(log->path);
    nn_buf_free(&log->line);
    nn_free(log);
}

/* The process that keeps others from locking the file; 0 when nobody does. */
static long owner(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK ? (long)whole.l_pid : 0;
}

long nn_log_owner(const char *path)
{
    const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const long found = fd >= 0 ? owner(fd) : 0;

    if (fd >= 0)
        (void)close(fd); /* only looked at */
    return found;
}

/* The lock goes with the process, however it ends. A file system without locks is no reason to
 * stop. */
static nn_code lock(const nn_log *log, nn_err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(log->fd, F_SETLK, &whole) == 0 || (errno != EACCES && errno != EAGAIN))
        return NN_OK;
    return nn_err_set(err, NN_EFILE, log->path, "in use by process %ld", owner(log->fd));
}

static nn_code open_with(nn_log **out, const char *path, int flags, const char *what, nn_err *err)
{
    nn_log *const log = nn_alloc(1, sizeof *log);

    if (log == NULL || (log->path = nn_strdup(path)) == NULL) {
        nn_free(log);
        return nn_err_memory(err, "a log", sizeof *log);
    }
    do
        log->fd =
            open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0666);
    while (log->fd < 0 && errno == EINTR);
    if (log->fd < 0) {
        const nn_code rc = nn_err_sys(err, path, what);

        release(log);
        return rc;
    }
    const nn_code rc = lock(log, err);
    if (rc != NN_OK) {
        (void)close(log->fd); /* nothing was written through it */
        release(log);
        return rc;
    }
    *out = log;
    return NN_OK;
}

nn_code nn_log_open(nn_log **out, const char *path, nn_err *err)
{
    return open_with(out, path, O_CREAT | O_EXCL, "cannot create", err);
}

/* Cuts to `len` bytes what must be a regular file of at least that many. */
static nn_code cut(nn_log *log, uint64_t len, nn_err *err)
{
    struct stat st;

    if (fstat(log->fd, &st) != 0)
        return nn_err_sys(err, log->path, "cannot look at");
    if (!S_ISREG(st.st_mode))
        return nn_err_set(err, NN_EFILE, log->path, "expected a regular file");
    if ((uint64_t)st.st_size < len)
        return nn_err_set(err, NN_EFILE, log->path, "expected at least %llu bytes, found %llu",
                          (unsigned long long)len, (unsigned long long)st.st_size);
    if (ftruncate(log->fd, (off_t)len) != 0)
        return nn_err_sys(err, log->path, "cannot cut back");
    log->len = (off_t)len;
    return NN_OK;
}

nn_code nn_log_reopen(nn_log **out, const char *path, uint64_t len, nn_err *err)
{
    nn_log *log = NULL;
    nn_code rc;

    NN_TRY(open_with(&log, path, 0, "cannot open", err));
    if ((rc = cut(log, len, err)) == NN_OK) {
        *out = log;
        return NN_OK;
    }
    (void)close(log->fd); /* nothing was written through it */
    release(log);
    return rc;
}

uint64_t nn_log_len(const nn_log *log)
{
    return (uint64_t)log->len;
}

nn_code nn_log_add(nn_log *log, const char *bytes, size_t len, nn_err *err)
{
    const nn_code rc = nn_fd_write(log->fd, log->path, bytes, len, err);

    if (rc == NN_OK)
        log->len += (off_t)len;
    else if (ftruncate(log->fd, log->len) != 0)
        return nn_err_sys(err, log->path, "cannot write, nor cut off what was half written");
    return rc;
}

nn_code nn_log_line(nn_log *log, const char *line, size_t len, nn_err *err)
{
    nn_buf_clear(&log->line);
    nn_buf_add(&log->line, line, len);
    nn_buf_char(&log->line, '\n');
    if (log->line.failed) {
        log->line.failed = false; /* the next line may fit again */
        return nn_err_memory(err, "a line of a log", len);
    }
    return nn_log_add(log, log->line.data, log->line.len, err);
}

nn_code nn_log_sync(nn_log *log, nn_err *err)
{
    return nn_fd_sync(log->fd, log->path, err);
}

nn_code nn_log_close(nn_log *log, nn_err *err)
{
    nn_code rc = NN_OK;

    if (close(log->fd) != 0 && errno != EINTR)
        rc = nn_err_sys(err, log->path, "cannot close");
    release(log);
    return rc;
}
