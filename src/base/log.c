/* A log that grows by whole lines. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
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

nn_code nn_log_open(nn_log **out, const char *path, nn_err *err)
{
    nn_log *const log = nn_alloc(1, sizeof *log);

    if (log == NULL || (log->path = nn_strdup(path)) == NULL) {
        nn_free(log);
        return nn_err_memory(err, "a log", sizeof *log);
    }
    do
        log->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
    while (log->fd < 0 && errno == EINTR);
    if (log->fd < 0) {
        const nn_code rc = nn_err_sys(err, path, "cannot create");

        release(log);
        return rc;
    }
    *out = log;
    return NN_OK;
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
    const nn_code rc = nn_fd_write(log->fd, log->path, log->line.data, log->line.len, err);
    if (rc == NN_OK)
        log->len += (off_t)log->line.len;
    else if (ftruncate(log->fd, log->len) != 0)
        return nn_err_sys(err, log->path, "cannot write, nor cut the half line off");
    return rc;
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
