/* A directory that a test may fill, and small files in it. */
#ifndef NN_TEST_SCRATCH_H
#define NN_TEST_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

/* For cmocka: make the directory and enter it (so names in tests and messages are short); leave and
   remove it with all files in it. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

void scratch_write(const char *name, const void *bytes, size_t len);
/* Is the file there with exactly this text? */
bool scratch_holds(const char *name, const char *text);
/* How many entries the directory has. */
int scratch_count(void);

#endif
