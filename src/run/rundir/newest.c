/* The newest run of a directory of runs, whatever their names. */
#include "run/rundir.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

enum { STAMP_LENGTH = 15 };

/* Order of two stamps: by time, then by the number after it ("-10" comes after "-9"). */
static int compare_stamps(const char *a, const char *b)
{
    const int order = strncmp(a, b, STAMP_LENGTH);

    if (order != 0)
        return order;
    const long x = strlen(a) > STAMP_LENGTH ? strtol(a + STAMP_LENGTH + 1, NULL, 10) : 0;
    const long y = strlen(b) > STAMP_LENGTH ? strtol(b + STAMP_LENGTH + 1, NULL, 10) : 0;
    return (x > y) - (x < y);
}

static bool is_stamp(const char *name)
{
    return strspn(name, "0123456789") == 8 && name[8] == '-' && strspn(name + 9, "0123456789") == 6;
}

/* When a run began, to the nanosecond as far as the file system knows: its config is written once.
 */
static struct timespec birth(const char *run)
{
    struct timespec at = {0};
    char *config = nn_path_join(run, "config.json");
    struct stat st;

    if (config != NULL && stat(config, &st) == 0)
#ifdef __APPLE__
        at = st.st_mtimespec;
#else
        at = st.st_mtim;
#endif
    nn_free(config);
    return at;
}

/* Runs of different names may have begun within the same second; their numbers do not tell. */
static bool is_newer(const char *run, const char *than)
{
    const char *a = nn_path_base(run), *b = nn_path_base(than);

    if (strncmp(a, b, STAMP_LENGTH) == 0) {
        const struct timespec x = birth(run), y = birth(than);

        if (x.tv_sec != y.tv_sec)
            return x.tv_sec > y.tv_sec;
        if (x.tv_nsec != y.tv_nsec)
            return x.tv_nsec > y.tv_nsec;
    }
    return compare_stamps(a, b) > 0;
}

/* Keeps the newest directory of one name's runs in *best. */
static nn_code newest_of(char **best, const char *parent, nn_err *err)
{
    const struct dirent *entry;
    nn_code rc = NN_OK;
    DIR *dir = opendir(parent);

    if (dir == NULL)
        return NN_OK; /* a plain file beside the runs */
    while (rc == NN_OK && (entry = readdir(dir)) != NULL) {
        char *run = is_stamp(entry->d_name) ? nn_path_join(parent, entry->d_name) : NULL;

        if (is_stamp(entry->d_name) && run == NULL)
            rc = nn_err_memory(err, "a path", 0);
        if (run != NULL && (*best == NULL || is_newer(run, *best))) {
            nn_free(*best);
            *best = run;
            run = NULL;
        }
        nn_free(run);
    }
    (void)closedir(dir);
    return rc;
}

static nn_code search_runs(char **best, const char *runs, DIR *dir, nn_err *err)
{
    const struct dirent *entry;
    nn_code rc = NN_OK;

    while (rc == NN_OK && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        char *parent = nn_path_join(runs, entry->d_name);
        rc = parent != NULL ? newest_of(best, parent, err) : nn_err_memory(err, "a path", 0);
        nn_free(parent);
    }
    return rc;
}

nn_code nn_rundir_latest(char **path, const char *runs, nn_err *err)
{
    DIR *dir = opendir(runs);

    *path = NULL;
    if (dir == NULL)
        return nn_err_sys(err, runs, "no runs yet");
    nn_code rc = search_runs(path, runs, dir, err);
    (void)closedir(dir);
    if (rc == NN_OK && *path == NULL)
        rc = nn_err_set(err, NN_EFILE, runs,
                        "expected a run directory, found none; `nnctl train` makes one");
    return rc;
}
