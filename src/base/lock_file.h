/*
 * Files that say who has another file open, where the file system knows no locks: beside the file,
 * <file>.<process>.lock for each. Nothing here allocates.
 */
#ifndef NN_BASE_LOCK_FILE_H
#define NN_BASE_LOCK_FILE_H

#include "base/err.h"

/*
 * Each makes its own and looks for others only then, so that of two who come at once one at least
 * sees the other, and never do both have it. What dead processes left says nothing, and goes.
 * *other is the process that has it (NN_OK, and nothing is taken); 0: this one does.
 */
NN_MUST_CHECK nn_code nn_lock_file_take(const char *path, long *other, nn_err *err);
void nn_lock_file_release(const char *path);
/* The other living process that has it; 0: none. */
long nn_lock_file_owner(const char *path);

#endif
