/* Replays files, or every file of directories, through a fuzz target: a crash is the failure. */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"

static int replayed;

static void replay_file(const char *path)
{
    FILE *const f = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long len = 0;

    FUZZ_CHECK(f != NULL && fseek(f, 0, SEEK_END) == 0 && (len = ftell(f)) >= 0);
    rewind(f);
    /* Exactly as long as the input, so that a sanitizer sees a read behind its end. */
    bytes = malloc(len > 0 ? (size_t)len : 1);
    FUZZ_CHECK(bytes != NULL && fread(bytes, 1, (size_t)len, f) == (size_t)len);
    fclose(f);
    if (getenv("NN_FUZZ_VERBOSE") != NULL)
        fprintf(stderr, "%s\n", path);
    FUZZ_CHECK(LLVMFuzzerTestOneInput(bytes, (size_t)len) == 0);
    free(bytes);
    replayed++;
}

static void replay(const char *path)
{
    DIR *const dir = opendir(path);
    const struct dirent *entry;
    char name[4096];

    if (dir == NULL) {
        replay_file(path);
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        FUZZ_CHECK((size_t)snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < sizeof name);
        replay_file(name);
    }
    closedir(dir);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%d inputs\n", replayed);
    return replayed == 0;
}
