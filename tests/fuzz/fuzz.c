/* What the fuzz targets share. */
#include "fuzz.h"

#include <stdio.h>
#include <unistd.h>

#include "base/gz.h"
#include "base/text.h"

uint64_t fuzz_said;
bool fuzz_as_it_is;

void fuzz_say(const void *bytes, size_t len)
{
    fuzz_said = (uint64_t)1 << 32 | nn_crc32((uint32_t)fuzz_said, bytes, len);
}

void fuzz_printable(const char *text)
{
    FUZZ_CHECK(text[0] != '\0' && nn_utf8_check(text, strlen(text)) == strlen(text));
    for (const char *c = text; *c != '\0'; c++)
        FUZZ_CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
}

void fuzz_settled(nn_code rc, const nn_err *err, uint64_t live)
{
    FUZZ_CHECK(nn_mem_read().live == live);
    if (rc == NN_OK)
        return;
    FUZZ_CHECK(rc == err->code && rc != NN_EBUG);
    FUZZ_CHECK(strlen(err->msg) < NN_MSG_SIZE);
    fuzz_printable(err->msg);
}

bool fuzz_is_inline(const nn_config *c)
{
    nn_files train = {0}, test = {0};

    nn_files_read(c->data.train, &train);
    if (c->data.test.item != NULL)
        nn_files_read(c->data.test, &test);
    return train.given.item != NULL && train.x == NULL && train.path == NULL && test.x == NULL &&
           test.path == NULL && !c->validation.has_files;
}

static char path[] = "/tmp/nnctl-fuzz-XXXXXX";
static FILE *file;

static void remove_file(void)
{
    (void)unlink(path);
}

const char *fuzz_file(const uint8_t *bytes, size_t len)
{
    if (file == NULL) {
        const int fd = mkstemp(path);

        file = fd < 0 ? NULL : fdopen(fd, "wb");
        FUZZ_CHECK(file != NULL);
        (void)atexit(remove_file);
    }
    rewind(file);
    FUZZ_CHECK(ftruncate(fileno(file), 0) == 0);
    FUZZ_CHECK(fwrite(bytes, 1, len, file) == len && fflush(file) == 0);
    return path;
}

uint8_t *fuzz_with_crc(const uint8_t *bytes, size_t len)
{
    static const char key[] = "\"crc32\":\"";
    const size_t skip = sizeof key - 1, digits = 8;
    uint8_t *const copy = malloc(len + 1);
    char right[16];

    FUZZ_CHECK(copy != NULL);
    if (len > 0)
        memcpy(copy, bytes, len);
    for (size_t at = 8; !fuzz_as_it_is && at + skip + digits < len; at++)
        if (memcmp(copy + at, key, skip) == 0) {
            memset(copy + at + skip, '0', digits);
            (void)snprintf(right, sizeof right, "%08x", (unsigned)nn_crc32(0, copy + 8, len - 8));
            memcpy(copy + at + skip, right, digits);
            break;
        }
    return copy;
}

char *fuzz_text(const uint8_t *bytes, size_t len)
{
    char *const text = calloc(len + 1, 1);

    FUZZ_CHECK(text != NULL);
    if (len > 0)
        memcpy(text, bytes, len);
    return text;
}
