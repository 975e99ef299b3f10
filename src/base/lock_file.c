/* Who has a file open, told by files beside it. */
#include "lock_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

enum { TRIES = 6, LONGEST = 4096 };
static const char ending[] = ".lock";

bool nn_log_is_lock(const char *text)
{
    const size_t digits = *text == '.' ? strspn(text + 1, "0123456789") : 0;

    return digits > 0 && digits < 16 && strcmp(text + 1 + digits, ending) == 0;
}

static long self(void)
{
    return (long)getpid();
}

static bool name_own(char *name, size_t size, const char *path)
{
    const int len = snprintf(name, size, "%s.%ld%s", path, self(), ending);

    return len > 0 && (size_t)len < size;
}

static DIR *open_directory_of(const char *path)
{
    char directory[LONGEST];
    const size_t len = (size_t)(nn_path_base(path) - path);

    if (len >= sizeof directory)
        return NULL;
    memcpy(directory, path, len);
    directory[len] = '\0';
    return opendir(len > 0 ? directory : ".");
}

/* The process in the name of a lock of the file called `base`; 0: it is another name. */
static long process_in(const char *name, const char *base)
{
    const size_t len = strlen(base);

    return strncmp(name, base, len) == 0 && nn_log_is_lock(name + len)
               ? strtol(name + len + 1, NULL, 10)
               : 0;
}

static bool lives(long process)
{
    return kill((pid_t)process, 0) == 0 || errno == EPERM;
}

/* With `tidy`, what the dead left is removed. */
static long find_other(const char *path, bool tidy)
{
    DIR *dir = open_directory_of(path);
    const struct dirent *entry;
    long other = 0;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        const long process = process_in(entry->d_name, nn_path_base(path));

        if (process > 0 && process != self() && lives(process))
            other = process;
        else if (process > 0 && process != self() && tidy)
            (void)unlinkat(dirfd(dir), entry->d_name, 0); /* it is only in the way */
    }
    if (dir != NULL)
        (void)closedir(dir); /* only read */
    return other;
}

long nn_lock_file_owner(const char *path)
{
    return find_other(path, false);
}

void nn_lock_file_release(const char *path)
{
    char own[LONGEST];

    if (name_own(own, sizeof own, path))
        (void)unlink(own); /* it says nothing without its process */
}

/* Two who came at once and both stepped back come again at different times. */
static void step_back(const char *path, int turn)
{
    const long milliseconds = 1 + (self() * 7919 + turn * 131L) % 23;
    const struct timespec pause = {0, milliseconds * 1000000};

    nn_lock_file_release(path);
    (void)nanosleep(&pause, NULL); /* a shorter one will do as well */
}

nn_code nn_lock_file_take(const char *path, long *other, nn_err *err)
{
    char own[LONGEST];

    errno = ENAMETOOLONG;
    if (!name_own(own, sizeof own, path))
        return nn_err_sys(err, path, "cannot create a lock file beside it");
    for (int i = 0; i < TRIES; i++) {
        /* One that is there already is of a dead process that had our number. */
        const int fd = open(own, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);

        if (fd < 0)
            return nn_err_sys(err, own, "cannot create the lock file");
        (void)close(fd); /* that it exists is what counts */
        if ((*other = find_other(path, true)) == 0)
            return NN_OK;
        step_back(path, i);
    }
    return NN_OK;
}
