/* What the rules share; for src/run/rules/ alone. */
#ifndef NN_RULE_H
#define NN_RULE_H

#include "run/lint.h"

#include <string.h>

/* Where the layer of this name stands in the config; the list of layers when it cannot be told. */
nn_node nn_rule_layer(const nn_setup *s, const nn_layer *l);
/* The member of the config's root, or the root itself when it is not given. */
nn_node nn_rule_key(const nn_setup *s, const char *key);

#endif
