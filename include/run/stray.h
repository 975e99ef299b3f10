/* Targets that a few rows have and that the network has no output for: the data's fault. */
#ifndef NN_RUN_STRAY_H
#define NN_RUN_STRAY_H

#include "run/setup.h"

/*
 * Of array files, before the last layer is held against the number of classes. NN_EDATA names the
 * first such sample; where many rows have them, the config has too few units, and this is silent.
 */
NN_MUST_CHECK nn_code nn_stray_check(const nn_setup *s, nn_err *err);

#endif
