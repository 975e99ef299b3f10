/* What an older run left in a directory, and taking it away. */
#ifndef NN_RUN_OLD_RUN_H
#define NN_RUN_OLD_RUN_H

#include "base/err.h"

#include <stdbool.h>

/* Is it the directory of a run that nobody has under way, or empty? Else there is reason to keep
 * hands off. */
NN_MUST_CHECK nn_code nn_old_run_check(const char *path, bool *is_empty, nn_err *err);
/* Is no process training in this directory? */
NN_MUST_CHECK nn_code nn_old_run_is_idle(const char *path, nn_err *err);
/* Removes the files of a run. */
NN_MUST_CHECK nn_code nn_old_run_clear(const char *path, nn_err *err);
/* Removes runs beside it that were killed before they came to stand: "<prefix>...<suffix>". */
void nn_old_run_sweep(const char *parent, const char *prefix, const char *suffix);
/* Removes what killed processes left of files that they were about to write. */
NN_MUST_CHECK nn_code nn_old_run_tidy(const char *path, nn_err *err);

#endif
