/* A file that appears under its name only when it is complete and on disk. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/input.h"
#include "base/mem.h"

enum {
    LONGEST_STEM = 200,
    ENDING = sizeof ".01234567.tmp" - 1,
    TRIES = 64,
    MODE = 0666 /* the umask narrows it */
};

struct nn_out {
    char *path;       /* as the caller named it, for messages */
    const char *name; /* its last part, within `path` */
    char temporary[LONGEST_STEM + 32];
    char *keep;    /* the name that the file of before gets; NULL: it goes */
    int directory; /* descriptors, -1 when closed */
    int file;
    nn_exists exists;
    bool failed; /* a write did; nothing may be committed */
};

static nn_code refuse_existing(const nn_out *out, nn_err *err)
{
    return nn_err_set(err, NN_EFILE, out->path, "exists already; give --force to replace it");
}

/*
 * A rename would put a plain file in the place of a device, a FIFO or a link to one (/dev/stdout),
 * and fail late on a directory. A link to a plain file or to nothing is replaced like a plain file.
 */
static nn_code check_target(const nn_out *out, nn_err *err)
{
    struct stat here, there;

    if (*out->name == '\0' || strcmp(out->name, ".") == 0 || strcmp(out->name, "..") == 0)
        return nn_err_set(err, NN_EFILE, out->path, "expected the name of a file, got a directory");
    if (fstatat(out->directory, out->name, &here, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? NN_OK : nn_err_sys(err, out->path, "cannot look at the file");
    if (fstatat(out->directory, out->name, &there, 0) == 0 && !S_ISREG(there.st_mode))
        return nn_err_set(err, NN_EFILE, out->path, "expected a regular file, got %s",
                          nn_file_kind(there.st_mode));
    return out->exists == NN_REFUSE_EXISTING ? refuse_existing(out, err) : NN_OK;
}

static nn_code open_directory(nn_out *out, nn_err *err)
{
    char *const directory = nn_path_dir(out->path);

    if (directory == NULL)
        return nn_err_memory(err, "a path", strlen(out->path));
    do
        out->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (out->directory < 0 && errno == EINTR);
    const int reason = errno;
    nn_free(directory);
    errno = reason;
    return out->directory < 0 ? nn_err_sys(err, out->path, "cannot open its directory") : NN_OK;
}

/* Takes a name that nobody has; one that somebody made in advance is left to them. */
static nn_code open_temporary(nn_out *out, nn_err *err)
{
    const char *const stem = strlen(out->name) <= LONGEST_STEM ? out->name : "nnctl";
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    for (unsigned i = 0; i < TRIES && out->file < 0; i++) {
        const unsigned unique = ((unsigned)getpid() << 16 ^ (unsigned)now.tv_nsec) + i;

        snprintf(out->temporary, sizeof out->temporary, "%s.%08x.tmp", stem, unique);
        out->file = openat(out->directory, out->temporary,
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
        if (out->file < 0 && errno != EEXIST && errno != EINTR)
            break;
    }
    if (out->file >= 0)
        return NN_OK;
    out->temporary[0] = '\0'; /* not ours to remove */
    return nn_err_sys(err, out->path, "cannot create");
}

nn_code nn_out_open(nn_out **out, const char *path, nn_exists exists, nn_err *err)
{
    nn_out *const fresh = nn_alloc(1, sizeof *fresh);
    nn_code rc;

    if (fresh == NULL || (fresh->path = nn_strdup(path)) == NULL) {
        nn_free(fresh);
        return nn_err_memory(err, "an output file", sizeof *fresh);
    }
    fresh->name = nn_path_base(fresh->path);
    fresh->directory = fresh->file = -1;
    fresh->exists = exists;
    if ((rc = open_directory(fresh, err)) != NN_OK || (rc = check_target(fresh, err)) != NN_OK ||
        (rc = open_temporary(fresh, err)) != NN_OK)
        nn_out_abort(fresh);
    else
        *out = fresh;
    return rc;
}

nn_code nn_out_keep(nn_out *out, const char *name, nn_err *err)
{
    nn_free(out->keep);
    if ((out->keep = nn_strdup(name)) == NULL)
        return nn_err_memory(err, "a path", strlen(name));
    return NN_OK;
}

nn_code nn_out_write(nn_out *out, const void *bytes, size_t len, nn_err *err)
{
    const nn_code rc = nn_fd_write(out->file, out->path, bytes, len, err);

    out->failed = out->failed || rc != NN_OK;
    return rc;
}

/*
 * By a second link, so that the file never goes missing under its own name; where there are no
 * links, by a rename.
 */
static nn_code keep_old(const nn_out *out, nn_err *err)
{
    const char *ending = out->temporary + strlen(out->temporary) - ENDING;
    char link[2 * LONGEST_STEM];

    (void)snprintf(link, sizeof link, "%s%s", out->keep, ending);
    if (linkat(out->directory, out->name, out->directory, link, 0) == 0) {
        const int failed = renameat(out->directory, link, out->directory, out->keep);
        const int reason = errno;

        unlinkat(out->directory, link, 0); /* also when both names were the same file already */
        errno = reason;
        return failed != 0 ? nn_err_sys(err, out->path, "cannot keep the old file") : NN_OK;
    }
    if (errno == ENOENT || renameat(out->directory, out->name, out->directory, out->keep) == 0 ||
        errno == ENOENT)
        return NN_OK;
    return nn_err_sys(err, out->path, "cannot keep the old file");
}

/* Gives the temporary its name, and lets it go as a temporary. */
static nn_code put_in_place(nn_out *out, nn_err *err)
{
    struct stat here;

    if (out->exists == NN_REFUSE_EXISTING) {
        /* A link is never made over a file that has come up in the meantime. */
        if (linkat(out->directory, out->temporary, out->directory, out->name, 0) == 0) {
            unlinkat(out->directory, out->temporary, 0);
            out->temporary[0] = '\0';
            return NN_OK;
        }
        /* Where there are no links, a look before the rename has to do. */
        if (errno == EEXIST || fstatat(out->directory, out->name, &here, AT_SYMLINK_NOFOLLOW) == 0)
            return refuse_existing(out, err);
    }
    if (out->keep != NULL)
        NN_TRY(keep_old(out, err));
    if (renameat(out->directory, out->temporary, out->directory, out->name) != 0)
        return nn_err_sys(err, out->path, "cannot rename the finished file");
    out->temporary[0] = '\0';
    return NN_OK;
}

nn_code nn_out_finish(nn_out *out, nn_err *err)
{
    if (out->failed)
        return nn_err_set(err, NN_EFILE, out->path, "an earlier write to this file failed");
    if (out->file < 0)
        return NN_OK;   /* it is */
    out->failed = true; /* unless the rest goes well */
    NN_TRY(nn_fd_sync(out->file, out->path, err));
    const int closed = close(out->file);
    out->file = -1;
    if (closed != 0 && errno != EINTR) /* EINTR comes after the close: the sync said all is well */
        return nn_err_sys(err, out->path, "cannot close");
    out->failed = false;
    return NN_OK;
}

static nn_code commit(nn_out *out, nn_err *err)
{
    NN_TRY(nn_out_finish(out, err));
    NN_TRY(put_in_place(out, err));
    return nn_fd_sync(out->directory, out->path, err);
}

nn_code nn_out_commit(nn_out *out, nn_err *err)
{
    const nn_code rc = commit(out, err);

    nn_out_abort(out); /* nothing of a finished file is left to remove */
    return rc;
}

nn_code nn_out_commit_all(nn_out **out, size_t count, nn_err *err)
{
    nn_code rc = NN_OK;

    for (size_t i = 0; rc == NN_OK && i < count; i++)
        rc = out[i] == NULL ? NN_OK : nn_out_finish(out[i], err);
    for (size_t i = 0; i < count; i++) {
        if (rc == NN_OK && out[i] != NULL)
            rc = commit(out[i], err);
        nn_out_abort(out[i]);
        out[i] = NULL;
    }
    return rc;
}

void nn_out_abort(nn_out *out)
{
    if (out == NULL)
        return;
    if (out->file >= 0)
        close(out->file);
    if (out->temporary[0] != '\0')
        unlinkat(out->directory, out->temporary, 0);
    if (out->directory >= 0)
        close(out->directory);
    nn_free(out->keep);
    nn_free(out->path);
    nn_free(out);
}
