/* The keys of a config as --set writes them: "training.epochs". */
#ifndef NN_CLI_KEYS_H
#define NN_CLI_KEYS_H

#include "base/text.h"

/* Every key, each after a space. */
void nn_config_keys(nn_buf *out);

#endif
