/* A fault in the config that a loader found. */
#ifndef NN_DATA_REFUSE_H
#define NN_DATA_REFUSE_H

#include "conf/json.h"

/*
 * Reports a fault at a node of the config to its document and gives the same as an error value,
 * with the document's code.
 */
nn_code nn_refuse_node(nn_node at, nn_err *err, const char *hint, const char *fmt, ...)
    NN_PRINTF(4, 5);

#endif
