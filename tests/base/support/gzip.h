/* Small gzip files for tests: one made by gzip, others put together by hand. */
#ifndef NN_TEST_GZIP_H
#define NN_TEST_GZIP_H

#include <stddef.h>
#include <stdint.h>

/* One member with dynamic Huffman codes, and what it holds. */
enum { FOX_GZ_LEN = 116, FOX_LEN = 148 };
extern const unsigned char fox_gz[FOX_GZ_LEN];
extern const char fox[FOX_LEN + 1];

/* Bytes put together piece by piece. */
typedef struct pieces {
    unsigned char bytes[70000];
    size_t len;
} pieces;

void put(pieces *p, const void *bytes, size_t len);
/* A member of one stored block; flags as in the header's FLG, `extra` between header and data. */
void put_member(pieces *p, const char *text, unsigned flags, const void *extra, size_t extra_len);

#endif
