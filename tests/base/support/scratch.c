/* A directory that a test may fill. */
#include "support/nn_test.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/support/scratch.h"

typedef struct scratch {
    char home[4096];
    char made[64];
} scratch;

int scratch_setup(void **state)
{
    scratch *const s = calloc(1, sizeof *s);

    if (s == NULL)
        return -1;
    *state = s;
    strcpy(s->made, "/tmp/nnctl-test-XXXXXX");
    return getcwd(s->home, sizeof s->home) == NULL || mkdtemp(s->made) == NULL ||
           chdir(s->made) != 0;
}

/* Removes what is in the current directory, two levels deep as the tests make it. */
static void clear_here(int depth)
{
    DIR *const here = opendir(".");

    for (struct dirent *e; here != NULL && (e = readdir(here)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (unlink(e->d_name) != 0 && depth > 0 && chdir(e->d_name) == 0) {
            clear_here(depth - 1);
            if (chdir("..") != 0)
                break;
            rmdir(e->d_name);
        }
    }
    if (here != NULL)
        closedir(here);
}

int scratch_teardown(void **state)
{
    scratch *const s = *state;

    clear_here(4);
    const int failed = chdir(s->home) != 0 || rmdir(s->made) != 0;
    free(s);
    return failed;
}

void scratch_write(const char *name, const void *bytes, size_t len)
{
    FILE *const f = fopen(name, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

bool scratch_holds(const char *name, const char *text)
{
    char got[4096];
    FILE *const f = fopen(name, "rb");

    if (f == NULL)
        return false;
    const size_t len = fread(got, 1, sizeof got, f);
    fclose(f);
    return len == strlen(text) && memcmp(got, text, len) == 0;
}

int scratch_count(void)
{
    DIR *const here = opendir(".");
    int count = -2; /* . and .. */

    assert_non_null(here);
    while (readdir(here) != NULL)
        count++;
    closedir(here);
    return count;
}
