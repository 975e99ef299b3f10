/* A directory of its own for a test, and its removal with everything in it. */
#ifndef NN_TEMP_H
#define NN_TEMP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static inline char *nn_temp_dir(void)
{
    char path[] = "/tmp/nnctl-test-XXXXXX";

    return mkdtemp(path) != NULL ? nn_strdup(path) : NULL;
}

/* For a few small files that are written over and over: fsync costs nothing there. */
static inline char *nn_temp_dir_in_memory(void)
{
    char path[] = "/dev/shm/nnctl-test-XXXXXX";

    return mkdtemp(path) != NULL ? nn_strdup(path) : nn_temp_dir();
}

static inline void nn_temp_empty(const char *path)
{
    const struct dirent *entry;
    struct stat st;
    DIR *dir = opendir(path);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *child = nn_path_join(path, entry->d_name);
        if (lstat(child, &st) == 0 && S_ISDIR(st.st_mode))
            nn_temp_empty(child);
        (void)remove(child);
        nn_free(child);
    }
    if (dir != NULL)
        (void)closedir(dir);
}

/* Also frees the path. */
static inline void nn_temp_remove(char *path)
{
    nn_temp_empty(path);
    (void)rmdir(path);
    nn_free(path);
}

#endif
