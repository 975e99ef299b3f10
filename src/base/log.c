/* A log that grows by whole lines or records. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/gz.h"
#include "base/mem.h"
#include "base/text.h"
#include "lock_file.h"

struct nn_log {
    char *path;
    bool has_lock_file; /* the file system knows no locks */
    int fd;
    off_t len;     /* bytes of whole lines */
    off_t on_disk; /* so many of them are certain */
    uint32_t crc;  /* of the others */
    bool is_torn;  /* half a line stands behind them that could not be cut off */
    bool is_lost;  /* a sync failed: what a next one says of this file means nothing */
    nn_buf lines;  /* with their ends, so that they go out in one write */
};

static void release(nn_log *log)
{
    if (log->has_lock_file)
        nn_lock_file_release(log->path);
    nn_free(log->path);
    nn_buf_free(&log->lines);
    nn_free(log);
}

/* ---- who has it open ---- */

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
    return found != 0 ? found : nn_lock_file_owner(path);
}

static nn_code in_use(const nn_log *log, long pid, nn_err *err)
{
    return nn_err_set(err, NN_EFILE, log->path, "in use by process %ld", pid);
}

static nn_code lock_by_file(nn_log *log, nn_err *err)
{
    long other;

    NN_TRY(nn_lock_file_take(log->path, &other, err));
    if (other != 0)
        return in_use(log, other, err);
    log->has_lock_file = true;
    return NN_OK;
}

/* The lock goes with the process, however it ends. */
static nn_code lock(nn_log *log, nn_err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(log->fd, F_SETLK, &whole) == 0)
        return NN_OK;
    if (errno == EACCES || errno == EAGAIN)
        return in_use(log, owner(log->fd), err);
    return lock_by_file(log, err);
}

bool nn_log_is_guarded(const nn_log *log)
{
    return !log->has_lock_file;
}

/* ---- opening ---- */

/* Another process may have put a new file in its place between our open and our lock. */
static nn_code check_place(const nn_log *log, nn_err *err)
{
    struct stat here, there;

    if (fstat(log->fd, &here) == 0 && lstat(log->path, &there) == 0 &&
        here.st_ino == there.st_ino && here.st_dev == there.st_dev)
        return NN_OK;
    return nn_err_set(err, NN_EFILE, log->path, "replaced by another process while it was opened");
}

/* Opens and locks it; nothing stays open on failure. */
static nn_code take(nn_log *log, int flags, const char *what, nn_err *err)
{
    nn_code rc = NN_OK;

    do
        log->fd =
            open(log->path, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0666);
    while (log->fd < 0 && errno == EINTR);
    if (log->fd < 0)
        return nn_err_sys(err, log->path, what);
    if (!log->has_lock_file) /* which holds for the name, whatever file has it */
        rc = lock(log, err);
    if (rc == NN_OK)
        rc = check_place(log, err);
    if (rc != NN_OK)
        (void)close(log->fd); /* nothing was written through it */
    return rc;
}

static nn_code open_with(nn_log **out, const char *path, int flags, const char *what, nn_err *err)
{
    nn_log *const log = nn_alloc(1, sizeof *log);

    if (log == NULL || (log->path = nn_strdup(path)) == NULL) {
        nn_free(log);
        return nn_err_memory(err, "a log", sizeof *log);
    }
    const nn_code rc = take(log, flags, what, err);
    if (rc != NN_OK) {
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
    log->len = log->on_disk = (off_t)len;
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

nn_code nn_log_move(nn_log *log, const char *directory, nn_err *err)
{
    char *path = nn_path_join(directory, nn_path_base(log->path));

    if (path == NULL)
        return nn_err_memory(err, "a path", 0);
    nn_free(log->path);
    log->path = path;
    return NN_OK;
}

/* ---- a new file in the place of one that cannot be trusted ---- */

/* Into `out`, unless what was not on disk yet reads otherwise than it was written. */
static nn_code copy_lines(const nn_log *log, nn_out *out, nn_err *err)
{
    char bytes[1 << 12];
    uint32_t crc = 0;

    for (off_t at = 0; at < log->len;) {
        const off_t end = at < log->on_disk ? log->on_disk : log->len;
        const size_t most = end - at < (off_t)sizeof bytes ? (size_t)(end - at) : sizeof bytes;
        const ssize_t got = pread(log->fd, bytes, most, at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return nn_err_sys(err, log->path, "cannot read it back");
        if (got == 0)
            break;
        if (at >= log->on_disk)
            crc = nn_crc32(crc, bytes, (size_t)got);
        NN_TRY(nn_out_write(out, bytes, (size_t)got, err));
        at += got;
    }
    if (crc == log->crc)
        return NN_OK;
    return nn_err_set(err, NN_EFILE, log->path, "the disk has lost what was written last");
}

static nn_code write_again(const nn_log *log, nn_err *err)
{
    nn_out *out = NULL;

    NN_TRY(nn_out_open(&out, log->path, NN_REPLACE_EXISTING, err));
    const nn_code rc = copy_lines(log, out, err);
    if (rc == NN_OK)
        return nn_out_commit(out, err);
    nn_out_abort(out);
    return rc;
}

/*
 * After a sync that failed the system takes the pages for written, and the next one succeeds: the
 * lines go into a new file, whose sync says what is true.
 */
static nn_code renew(nn_log *log, nn_err *err)
{
    const int old = log->fd;

    NN_TRY(write_again(log, err));
    const nn_code rc = take(log, 0, "cannot open", err);
    if (rc != NN_OK) {
        log->fd = old;
        return rc;
    }
    (void)close(old); /* all of it stands in the new one */
    log->is_lost = log->is_torn = false;
    log->on_disk = log->len;
    log->crc = 0;
    return NN_OK;
}

/* ---- lines ---- */

/* Everything that waits. What fails is cut off and goes on waiting. */
static nn_code write_lines(nn_log *log, nn_err *err)
{
    if (log->is_lost)
        NN_TRY(renew(log, err));
    if (log->is_torn && ftruncate(log->fd, log->len) != 0)
        return nn_err_sys(err, log->path, "cannot cut a half line off");
    log->is_torn = false;
    if (log->lines.len == 0)
        return NN_OK;
    const nn_code rc = nn_fd_write(log->fd, log->path, log->lines.data, log->lines.len, err);
    if (rc == NN_OK) {
        log->len += (off_t)log->lines.len;
        log->crc = nn_crc32(log->crc, log->lines.data, log->lines.len);
        nn_buf_clear(&log->lines);
    } else {
        log->is_torn = ftruncate(log->fd, log->len) != 0;
    }
    return rc;
}

/* A record with what ends it. */
static nn_code put(nn_log *log, const char *bytes, size_t len, const char *end, nn_err *err)
{
    const size_t before = log->lines.len;

    nn_buf_add(&log->lines, bytes, len);
    nn_buf_put(&log->lines, end);
    if (log->lines.failed) {
        log->lines.failed = false; /* the next one may fit again */
        log->lines.len = before;
        return nn_err_memory(err, "a line of a log", len);
    }
    return log->is_lost ? NN_OK : write_lines(log, err); /* they wait for the next sync */
}

nn_code nn_log_add(nn_log *log, const char *bytes, size_t len, nn_err *err)
{
    return put(log, bytes, len, "", err);
}

nn_code nn_log_line(nn_log *log, const char *line, size_t len, nn_err *err)
{
    return put(log, line, len, "\n", err);
}

nn_code nn_log_sync(nn_log *log, nn_err *err)
{
    NN_TRY(write_lines(log, err));
    const nn_code rc = nn_fd_sync(log->fd, log->path, err);
    if (rc != NN_OK) {
        log->is_lost = true;
        return rc;
    }
    log->on_disk = log->len;
    log->crc = 0;
    return NN_OK;
}

nn_code nn_log_close(nn_log *log, nn_err *err)
{
    nn_code rc = write_lines(log, err);

    if (close(log->fd) != 0 && errno != EINTR && rc == NN_OK)
        rc = nn_err_sys(err, log->path, "cannot close");
    release(log);
    return rc;
}
