/* What a command writes must be none of the files that it reads, under whatever name. */
#ifndef NN_RUN_OUTPUTS_H
#define NN_RUN_OUTPUTS_H

#include "run/held.h"

/*
 * NN_EUSAGE when the file `path` is one that the model or the samples came from: the model file, a
 * file of its run directory, a data file.
 */
NN_MUST_CHECK nn_code nn_output_check(const char *path, const nn_model *m, const nn_held *h,
                                      nn_err *err);

#endif
