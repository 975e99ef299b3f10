/*
 * Replays files, or every file of directories, through a fuzz target: a crash is the failure.
 * "--damage N" first: of each file that is accepted as it is, also every N-th prefix and every N-th
 * flip of a bit. It counts how many of them were refused, said the same as the file, or something
 * else; "--strict" before it, for formats with a checksum, makes the last a failure.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { MOST_DAMAGED = 8192 }; /* bytes of a file that is damaged */

typedef struct tally {
    long tried, refused, same, other;
} tally;

static int replayed, whole_files; /* files, and those of them that are accepted as they are */
static long stride;               /* 0: nothing is damaged */
static bool strict;
static tally prefixes, flips;

static void say(const uint8_t *bytes, size_t len)
{
    fuzz_said = 0;
    FUZZ_CHECK(LLVMFuzzerTestOneInput(bytes, len) == 0);
}

static void count(tally *t, uint64_t whole)
{
    t->tried++;
    t->refused += fuzz_said == 0;
    t->same += fuzz_said == whole;
    t->other += fuzz_said != 0 && fuzz_said != whole;
}

static void damage(uint8_t *bytes, size_t len)
{
    static long turn; /* over all files, so that each stride meets every place in some file */

    say(bytes, len);
    const uint64_t whole = fuzz_said;
    if (whole == 0 || len > MOST_DAMAGED)
        return;
    whole_files++;
    for (size_t n = 0; n < len; n++)
        if (turn++ % stride == 0) {
            uint8_t *const prefix = malloc(n > 0 ? n : 1);

            FUZZ_CHECK(prefix != NULL);
            memcpy(prefix, bytes, n);
            say(prefix, n);
            free(prefix);
            count(&prefixes, whole);
        }
    for (size_t bit = 0; bit < 8 * len; bit++)
        if (turn++ % stride == 0) {
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            say(bytes, len);
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            count(&flips, whole);
        }
}

static void print(const char *what, const tally *t)
{
    printf("%s: %ld tried, %ld refused, %ld said the same, %ld something else\n", what, t->tried,
           t->refused, t->same, t->other);
}

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
    say(bytes, (size_t)len);
    if (stride > 0) {
        fuzz_as_it_is = true;
        damage(bytes, (size_t)len);
        fuzz_as_it_is = false;
    }
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
    int i = 1;

    if (i < argc && strcmp(argv[i], "--strict") == 0) {
        strict = true;
        i++;
    }
    if (i + 1 < argc && strcmp(argv[i], "--damage") == 0) {
        stride = atol(argv[i + 1]);
        i += 2;
    }
    for (; i < argc; i++)
        replay(argv[i]);
    printf("%d inputs\n", replayed);
    if (stride > 0) {
        printf("%d damaged\n", whole_files);
        print("prefixes", &prefixes);
        print("flips", &flips);
    }
    if (stride > 0 && whole_files == 0)
        return 1; /* a format has changed, and the corpus has not */
    return replayed == 0 || (strict && prefixes.other + flips.other > 0);
}
