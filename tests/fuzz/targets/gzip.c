/* gzip: the same bytes or the same fault whatever the sizes of the reads. */
#include "../fuzz.h"

#include "base/gz.h"

enum { MOST = 1 << 22 }; /* of a stream that unpacks to more; nothing is learned behind it */

typedef struct unpacked {
    nn_code rc;
    size_t len;
    uint32_t crc;
} unpacked;

static unpacked unpack(const uint8_t *bytes, size_t len, size_t piece)
{
    const uint64_t live = nn_mem_read().live;
    static uint8_t dst[1 << 16];
    unpacked all = {0};
    size_t got = 1;
    nn_gz *f = NULL;
    nn_err err = {0};

    all.rc = nn_gz_open_bytes(&f, "x", bytes, len, &err);
    if (all.rc == NN_OK)
        all.rc = nn_gz_peek(f, dst, piece < 64 ? piece : 64, &got, &err);
    while (all.rc == NN_OK && got > 0 && all.len < MOST) {
        const uint64_t left = nn_gz_left(f);

        all.rc = nn_gz_read(f, dst, piece, &got, &err);
        FUZZ_CHECK(got <= piece && got <= left);
        all.crc = nn_crc32(all.crc, dst, got);
        all.len += got;
    }
    if (all.rc == NN_OK && all.len < MOST)
        all.rc = nn_gz_end(f, &err);
    nn_gz_close(f);
    fuzz_settled(all.rc, &err, live);
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const unpacked a = unpack(bytes, len, 1 << 16), b = unpack(bytes, len, 4093);

    FUZZ_CHECK(a.rc == b.rc);
    if (a.rc == NN_OK && a.len < MOST)
        FUZZ_CHECK(a.len == b.len && a.crc == b.crc);
    if (a.rc == NN_OK)
        fuzz_say(&a.crc, sizeof a.crc);
    return 0;
}
