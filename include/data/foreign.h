/* Names of well-known formats that are not read here, for messages. */
#ifndef NN_DATA_FOREIGN_H
#define NN_DATA_FOREIGN_H

#include <stddef.h>

/* "a zip archive" and the like by the first bytes; NULL when they tell nothing. */
const char *nn_foreign_name(const void *head, size_t len);

#endif
