/*
 * Files: read whole, written whole or not at all, logs of lines, directories, paths.
 * Every failure is NN_EFILE with the path, except a size over a limit or memory (NN_ELIMIT).
 */
#ifndef NN_BASE_FILE_H
#define NN_BASE_FILE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A regular file read whole (plus a terminating NUL that is not counted). FIFOs, devices and
 * directories are refused without blocking; a file that changes while it is read is an error.
 * `most` bounds the size. The caller frees *bytes with nn_free.
 */
NN_MUST_CHECK nn_code nn_file_read(char **bytes, size_t *len, const char *path, size_t most,
                                   nn_err *err);

/*
 * A file that appears under its name only when it is complete and on disk: temporary in the same
 * directory (O_EXCL, O_NOFOLLOW), short writes continued, fsync, checked close, rename, fsync of
 * the directory. nn_out_abort (or a failure) leaves whatever stood under the name byte-identical;
 * only a directory that cannot be brought to disk fails when the new file already stands there.
 * A link under the name is replaced, not followed; a directory, a device, a FIFO are refused. What
 * a killed process leaves behind is called <name>.<8 hexadecimal digits>.tmp.
 */
typedef struct nn_out nn_out;
typedef enum nn_exists { NN_REFUSE_EXISTING, NN_REPLACE_EXISTING } nn_exists;
NN_MUST_CHECK nn_code nn_out_open(nn_out **out, const char *path, nn_exists exists, nn_err *err);
/*
 * What stands under the name when the new file takes it is kept under `name` in the same directory,
 * in the place of what was kept there before. Until the new file is on disk, nothing moves; and at
 * every moment after that, one of the two is the file that stood there.
 */
NN_MUST_CHECK nn_code nn_out_keep(nn_out *out, const char *name, nn_err *err);
NN_MUST_CHECK nn_code nn_out_write(nn_out *out, const void *bytes, size_t len, nn_err *err);
NN_MUST_CHECK nn_code nn_out_commit(nn_out *out, nn_err *err); /* releases out, also on failure */
/*
 * What belongs together gets its names only when all of it is on disk, so that what is short, of
 * memory or of room, is so before. Releases them, also on failure, and leaves NULLs; NULLs are
 * fine.
 */
NN_MUST_CHECK nn_code nn_out_commit_all(nn_out **out, size_t count, nn_err *err);
/* On disk, and nothing more will be written; for those who keep many until they are committed. */
NN_MUST_CHECK nn_code nn_out_finish(nn_out *out, nn_err *err);
void nn_out_abort(nn_out *out); /* NULL is fine */
/* The whole of it in one call. */
NN_MUST_CHECK nn_code nn_file_write(const char *path, const void *bytes, size_t len,
                                    nn_exists exists, nn_err *err);

/*
 * A log that grows by whole lines or records: a failed append is cut back, so that no half one
 * stays, and tried again with the next line and by nn_log_sync, so that none is missing in the end.
 * After a nn_log_sync that failed, the next one puts a new file with all the lines in its place.
 * nn_log_open creates the file, which must not exist; nn_log_line adds the '\n'. While it is open
 * it is locked, so that no second process can open it: by the kernel, or where the file system
 * knows no locks, by a file <log>.<process>.lock (nn_log_is_guarded is then false: on other
 * machines it says nothing).
 */
typedef struct nn_log nn_log;
NN_MUST_CHECK nn_code nn_log_open(nn_log **out, const char *path, nn_err *err);
/* Opens one that exists, cut back to its first `len` bytes; NN_EFILE when it has fewer. */
NN_MUST_CHECK nn_code nn_log_reopen(nn_log **out, const char *path, uint64_t len, nn_err *err);
/*
 * The other process that has the log of this name open; 0: none, or not known. Not to be asked of a
 * log that this process has open itself: POSIX would take its lock away.
 */
long nn_log_owner(const char *path);
bool nn_log_is_guarded(const nn_log *log);
bool nn_log_is_lock(const char *ending); /* is this what such a file has after the log's name? */
uint64_t nn_log_len(const nn_log *log);  /* bytes of whole lines */
/* Its directory has another name now; for messages. */
NN_MUST_CHECK nn_code nn_log_move(nn_log *log, const char *directory, nn_err *err);
NN_MUST_CHECK nn_code nn_log_line(nn_log *log, const char *line, size_t len, nn_err *err);
NN_MUST_CHECK nn_code nn_log_add(nn_log *log, const char *bytes, size_t len, nn_err *err);
NN_MUST_CHECK nn_code nn_log_sync(nn_log *log, nn_err *err);
NN_MUST_CHECK nn_code nn_log_close(nn_log *log, nn_err *err); /* releases log, also on failure */

/*
 * Descriptors, through EINTR, EAGAIN and short counts. nn_fd_write writes all of it, to stdout for
 * instance; nn_fd_read waits for some bytes (*got == 0 at the end), `at` being the offset for
 * messages.
 */
NN_MUST_CHECK nn_code nn_fd_read(int fd, const char *name, uint64_t at, void *dst, size_t len,
                                 size_t *got, nn_err *err);
NN_MUST_CHECK nn_code nn_fd_write(int fd, const char *name, const void *bytes, size_t len,
                                  nn_err *err);
NN_MUST_CHECK nn_code nn_fd_sync(int fd, const char *name, nn_err *err);

/* One level, and NN_EFILE if it exists; or with parents, and existing is fine. */
NN_MUST_CHECK nn_code nn_dir_make(const char *path, nn_err *err);
NN_MUST_CHECK nn_code nn_dir_make_all(const char *path, nn_err *err);
NN_MUST_CHECK nn_code nn_dir_sync(const char *path, nn_err *err); /* the names in it, to disk */
/* Two names change places, in one step where the system can. */
NN_MUST_CHECK nn_code nn_path_exchange(const char *a, const char *b, nn_err *err);
bool nn_path_exists(const char *path);
bool nn_path_is_dir(const char *path);
bool nn_path_is_same(const char *a, const char *b); /* the same file, also by links */

/* "dir/name" ("name" alone when it is absolute or dir is empty or "."); nn_free it; NULL: no
 * memory. */
char *nn_path_join(const char *dir, const char *name);
/* The directory part of a path ("." when there is none); nn_free it. */
char *nn_path_dir(const char *path);
const char *nn_path_base(const char *path); /* points into path */

#endif
