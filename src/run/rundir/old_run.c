/* Telling the directory of an older run from anything else, and clearing it. */
#include "old_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "run/checkpoint.h"
#include "run/events.h"
#include "run/rundir.h"

const char *const nn_run_files[] = {"config.json",      "resolved.json",     "run.json",
                                    "metrics.jsonl",    "timing.jsonl",      "model.safetensors",
                                    "last.safetensors", "state.safetensors", NN_CHECKPOINT_OLDER,
                                    "report.html",      NN_EVENTS_FILE,      NULL};

/* Of all files of a run, this one alone is never written by anybody else. */
static const char evidence[] = "resolved.json";

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* What a killed run leaves of a file that it was about to write: <name>.<8 digits>.tmp. */
static bool is_leftover(const char *ending)
{
    return ending[0] == '.' && strspn(ending + 1, "0123456789abcdef") == 8 &&
           strcmp(ending + 9, ".tmp") == 0;
}

/* What comes after the name of a file of a run; NULL: it does not begin with one. */
static const char *after_name(const char *name)
{
    for (int i = 0; nn_run_files[i] != NULL; i++) {
        const size_t len = strlen(nn_run_files[i]);

        if (strncmp(name, nn_run_files[i], len) == 0)
            return name + len;
    }
    return NULL;
}

static bool is_run_file(DIR *dir, const char *name)
{
    (void)dir;
    const char *ending = after_name(name);

    return ending != NULL && (*ending == '\0' || is_leftover(ending) || nn_log_is_lock(ending));
}

/* More than a process needs to lock what it has just made, or to write a page. */
enum { A_MINUTE = 60 };

static bool is_old(const struct stat *st)
{
    return time(NULL) - st->st_mtime > A_MINUTE;
}

/* The page alone is written by others too, by nnctl report, while a training has the run. */
static bool is_under_way(DIR *dir, const char *name)
{
    static const char page[] = "report.html";
    struct stat st;

    return strncmp(name, page, sizeof page - 1) == 0 &&
           fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !is_old(&st);
}

static bool is_tidied(DIR *dir, const char *name)
{
    const char *ending = after_name(name);

    return ending != NULL && is_leftover(ending) && !is_under_way(dir, name);
}

static nn_code look(const char *path, DIR *dir, bool *is_empty, nn_err *err)
{
    const struct dirent *entry;
    bool is_run = false, has_others = false;

    *is_empty = true;
    while ((entry = readdir(dir)) != NULL) {
        if (is_dot(entry->d_name))
            continue;
        is_run = is_run || strcmp(entry->d_name, evidence) == 0;
        has_others = has_others || !is_run_file(dir, entry->d_name);
        *is_empty = false;
    }
    if (has_others)
        return nn_err_set(err, NN_EFILE, path,
                          "is no run directory, so it is not replaced: it holds other files");
    if (!is_run && !*is_empty)
        return nn_err_set(err, NN_EFILE, path,
                          "is no run directory, so it is not replaced: it has no %s", evidence);
    return NN_OK;
}

static DIR *open_directory(const char *path, nn_err *err)
{
    DIR *dir = opendir(path);

    if (dir == NULL)
        (void)nn_err_sys(err, path, "cannot open the directory");
    return dir;
}

nn_code nn_old_run_is_idle(const char *path, nn_err *err)
{
    char *log = nn_path_join(path, "metrics.jsonl");

    if (log == NULL)
        return nn_err_memory(err, "a path", 0);
    const long owner = nn_log_owner(log);
    nn_free(log);
    if (owner == 0)
        return NN_OK;
    return nn_err_set(err, NN_EFILE, path, "this run is under way, in process %ld", owner);
}

nn_code nn_old_run_check(const char *path, bool *is_empty, nn_err *err)
{
    DIR *dir = open_directory(path, err);

    if (dir == NULL)
        return err->code;
    const nn_code rc = look(path, dir, is_empty, err);
    (void)closedir(dir); /* only read */
    return rc == NN_OK ? nn_old_run_is_idle(path, err) : rc;
}

/* Without allocating anything: it is what is done when memory has run out. */
static nn_code remove_in(DIR *dir, const char *path, const char *name, nn_err *err)
{
    char file[NN_WHERE_SIZE];

    if (unlinkat(dirfd(dir), name, 0) == 0 || errno == ENOENT)
        return NN_OK;
    const int reason = errno;
    (void)snprintf(file, sizeof file, "%s/%s", path, name);
    errno = reason;
    return nn_err_sys(err, file, "cannot remove");
}

static nn_code remove_all(DIR *dir, const char *path, bool (*is_wanted)(DIR *dir, const char *name),
                          nn_err *err)
{
    const struct dirent *entry;
    nn_code rc = NN_OK;

    while (rc == NN_OK && (entry = readdir(dir)) != NULL)
        if (is_wanted(dir, entry->d_name) && strcmp(entry->d_name, evidence) != 0)
            rc = remove_in(dir, path, entry->d_name, err);
    return rc;
}

nn_code nn_old_run_clear(const char *path, nn_err *err)
{
    DIR *dir = open_directory(path, err);

    if (dir == NULL)
        return err->code;
    nn_code rc = remove_all(dir, path, is_run_file, err);
    if (rc == NN_OK) /* last, so that a clearing that was cut short can be begun again */
        rc = remove_in(dir, path, evidence, err);
    (void)closedir(dir); /* only read */
    return rc;
}

nn_code nn_old_run_tidy(const char *path, nn_err *err)
{
    DIR *dir = open_directory(path, err);

    if (dir == NULL)
        return err->code;
    const nn_code rc = remove_all(dir, path, is_tidied, err);
    (void)closedir(dir); /* only read */
    return rc;
}

static bool is_abandoned(const char *path)
{
    struct stat st;
    nn_err ignored = {0};

    return stat(path, &st) == 0 && is_old(&st) && nn_old_run_is_idle(path, &ignored) == NN_OK;
}

static bool has_ends(const char *name, const char *prefix, const char *suffix)
{
    const size_t len = strlen(name), head = strlen(prefix), tail = strlen(suffix);

    return len > head + tail && strncmp(name, prefix, head) == 0 &&
           strcmp(name + len - tail, suffix) == 0;
}

/* They are only in the way: one that cannot be removed stays. */
void nn_old_run_sweep(const char *parent, const char *prefix, const char *suffix)
{
    const struct dirent *entry;
    DIR *dir = opendir(parent);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        nn_err ignored = {0};
        char *path =
            has_ends(entry->d_name, prefix, suffix) ? nn_path_join(parent, entry->d_name) : NULL;

        if (path != NULL && is_abandoned(path) && nn_old_run_clear(path, &ignored) == NN_OK)
            (void)rmdir(path); /* unless somebody keeps other files in it */
        nn_free(path);
    }
    if (dir != NULL)
        (void)closedir(dir); /* only read */
}
