/* Directories and paths. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

nn_code nn_dir_make(const char *path, nn_err *err)
{
    return mkdir(path, 0777) == 0 ? NN_OK : nn_err_sys(err, path, "cannot make the directory");
}

static nn_code make_or_find(const char *path, nn_err *err)
{
    if (mkdir(path, 0777) == 0)
        return NN_OK;
    const int reason = errno;
    if (nn_path_is_dir(path))
        return NN_OK;
    errno = reason;
    return nn_err_sys(err, path, "cannot make the directory");
}

nn_code nn_dir_make_all(const char *path, nn_err *err)
{
    char *const copy = nn_strdup(path);
    nn_code rc = NN_OK;

    if (copy == NULL)
        return nn_err_memory(err, "a path", strlen(path));
    /* Each parent in turn: the path cut at a slash that ends a name. */
    for (char *at = copy; *at != '\0' && rc == NN_OK; at++)
        if (*at == '/' && at > copy && at[-1] != '/') {
            *at = '\0';
            rc = make_or_find(copy, err);
            *at = '/';
        }
    nn_free(copy);
    return rc == NN_OK ? make_or_find(path, err) : rc;
}

nn_code nn_dir_sync(const char *path, nn_err *err)
{
    int fd;

    do
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return nn_err_sys(err, path, "cannot open the directory");
    const nn_code rc = nn_fd_sync(fd, path, err);
    (void)close(fd); /* nothing was written through it */
    return rc;
}

bool nn_path_exists(const char *path)
{
    struct stat here;

    return lstat(path, &here) == 0; /* a link to nothing is something */
}

bool nn_path_is_dir(const char *path)
{
    struct stat here;

    return stat(path, &here) == 0 && S_ISDIR(here.st_mode);
}

bool nn_path_is_same(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

char *nn_path_join(const char *dir, const char *name)
{
    const bool alone = *name == '/' || strcmp(dir, ".") == 0;
    const size_t head = alone ? 0 : strlen(dir), tail = strlen(name);
    const bool slash = head > 0 && dir[head - 1] != '/';
    char *const path = nn_alloc(head + slash + tail + 1, 1);

    if (path == NULL)
        return NULL;
    memcpy(path, dir, head);
    if (slash)
        path[head] = '/';
    memcpy(path + head + slash, name, tail);
    return path;
}

char *nn_path_dir(const char *path)
{
    size_t len = (size_t)(nn_path_base(path) - path);

    if (len == 0)
        return nn_strdup(".");
    while (len > 1 && path[len - 1] == '/')
        len--;
    return nn_strndup(path, len);
}

const char *nn_path_base(const char *path)
{
    const char *const slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}
