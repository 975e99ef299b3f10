/* A file opened for reading: regular, unchanged to the end, through every interruption. */
#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

const char *nn_file_kind(mode_t mode)
{
    return S_ISREG(mode)    ? "a regular file"
           : S_ISDIR(mode)  ? "a directory"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

nn_code nn_input_open(nn_input *in, const char *path, nn_err *err)
{
    *in = (nn_input){.name = path, .fd = -1, .owned = true, .regular = true};
    do /* O_NONBLOCK: a FIFO without a writer would wait for one. */
        in->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    while (in->fd < 0 && errno == EINTR);
    if (in->fd < 0)
        return nn_err_sys(err, path, "cannot open");
    nn_code rc = NN_OK;
    if (fstat(in->fd, &in->before) != 0)
        rc = nn_err_sys(err, path, "cannot look at the file");
    else if (!S_ISREG(in->before.st_mode))
        rc = nn_err_set(err, NN_EFILE, path, "expected a regular file, got %s",
                        nn_file_kind(in->before.st_mode));
    if (rc != NN_OK)
        nn_input_close(in);
    else
        in->size = (uint64_t)in->before.st_size;
    return rc;
}

nn_code nn_input_from_fd(nn_input *in, const char *name, int fd, nn_err *err)
{
    *in = (nn_input){.name = name, .fd = fd, .size = UINT64_MAX};
    if (fstat(fd, &in->before) != 0)
        return nn_err_sys(err, name, "cannot look at the input");
    if (S_ISREG(in->before.st_mode)) {
        const off_t start = lseek(fd, 0, SEEK_CUR);

        in->regular = true;
        in->size = start < in->before.st_size ? (uint64_t)(in->before.st_size - start) : 0;
    }
    return NN_OK;
}

static bool same_time(const struct stat *a, const struct stat *b)
{
#ifdef __APPLE__
    const struct timespec x = a->st_mtimespec, y = b->st_mtimespec;
#else
    const struct timespec x = a->st_mtim, y = b->st_mtim;
#endif
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
}

static nn_code check_unchanged(const nn_input *in, nn_err *err)
{
    struct stat now;

    if (!in->owned)
        return NN_OK;
    if (fstat(in->fd, &now) != 0)
        return nn_err_sys(err, in->name, "cannot look at the file");
    /* Files under /proc say 0 bytes and have some. */
    if (now.st_size != in->before.st_size || !same_time(&now, &in->before) ||
        (in->size != 0 && in->at != in->size))
        return nn_err_set(err, NN_EFILE, in->name, "the file changed while it was read");
    return NN_OK;
}

nn_code nn_input_read(nn_input *in, void *dst, size_t len, size_t *got, nn_err *err)
{
    NN_TRY(nn_fd_read(in->fd, in->name, in->at, dst, len, got, err));
    in->at += *got;
    return *got == 0 && len > 0 ? check_unchanged(in, err) : NN_OK;
}

void nn_input_close(nn_input *in)
{
    if (in->owned && in->fd >= 0)
        close(in->fd);
    in->fd = -1;
}
