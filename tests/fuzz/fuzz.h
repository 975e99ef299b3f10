/*
 * A fuzz target is one file in targets/: a function that reads some bytes the way nnctl would and
 * checks what it hands out. Built by clang it is driven by libFuzzer (preset `fuzz`), built by any
 * compiler it replays the files that it is given (replay.c), which ctest does with the corpus.
 */
#ifndef NN_FUZZ_H
#define NN_FUZZ_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "run/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/*
 * What the last input said, as a checksum of it: 0 when it was refused. And whether it is to be
 * read as it is; else checksums in it are put right first.
 */
extern uint64_t fuzz_said;
extern bool fuzz_as_it_is;
void fuzz_say(const void *bytes, size_t len); /* adds to fuzz_said */

/* As assert, in every build. */
#define FUZZ_CHECK(holds) ((holds) ? (void)0 : abort())

/* Something that can be shown, and is not empty. */
void fuzz_printable(const char *text);

/* The data of a config is all in it: no file is to be opened. */
bool fuzz_is_inline(const nn_config *c);

/*
 * The end of a reading: an error says something that can be printed, and nothing is held any more
 * than the `live` bytes of before.
 */
void fuzz_settled(nn_code rc, const nn_err *err, uint64_t live);

/* The bytes as a file, always the same one; its path. It goes when the program ends. */
const char *fuzz_file(const uint8_t *bytes, size_t len);

/*
 * Unless fuzz_as_it_is, safetensors bytes with the digits of "crc32" put right, so that what stands
 * behind the checksum is reached as well; the caller frees with free().
 */
uint8_t *fuzz_with_crc(const uint8_t *bytes, size_t len);

/* Bytes as a NUL-terminated text, up to the first NUL; the caller frees with free(). */
char *fuzz_text(const uint8_t *bytes, size_t len);

#endif
