/* Rows of every class: one class alone is told, and refused with data.strict_classes. */
#ifndef NN_RUN_CLASSES_H
#define NN_RUN_CLASSES_H

#include "run/setup.h"

/* Of a setup whose data is split; what it finds goes to the config's problems. */
NN_MUST_CHECK nn_code nn_classes_check(const nn_setup *s, nn_err *err);

#endif
