/*
 * A file opened for reading, one forward pass: the lowest step below nn_file_read and nn_gz. Bytes
 * come as the system gives them; interrupted and refused-for-now reads are repeated. Faults are
 * NN_EFILE.
 */
#ifndef NN_BASE_INPUT_H
#define NN_BASE_INPUT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

typedef struct nn_input {
    const char *name;   /* the caller's, for messages; lives as long as the input */
    int fd;             /* -1 when closed */
    bool owned;         /* opened here, so closed here */
    bool regular;       /* else a pipe or a terminal */
    uint64_t size;      /* bytes from where reading began to the end; UINT64_MAX when not regular */
    uint64_t at;        /* bytes read so far */
    struct stat before; /* as it was when opened */
} nn_input;

/* Regular files only; never blocks on a FIFO, never takes a terminal. Nothing to close on failure.
 */
NN_MUST_CHECK nn_code nn_input_open(nn_input *in, const char *path, nn_err *err);
/* A descriptor that somebody else opened and closes, of any kind that can be read. */
NN_MUST_CHECK nn_code nn_input_from_fd(nn_input *in, const char *name, int fd, nn_err *err);
/*
 * Waits for some bytes; *got == 0 only at the end, which is also where a file opened here that has
 * changed since is found out ("changed while it was read").
 */
NN_MUST_CHECK nn_code nn_input_read(nn_input *in, void *dst, size_t len, size_t *got, nn_err *err);
void nn_input_close(nn_input *in);

/* What stands under a name: "a directory", "a device", ... */
const char *nn_file_kind(mode_t mode);

#endif
