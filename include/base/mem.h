/*
 * The heap. Every block is zeroed and 64-byte aligned; a size that overflows, a refusal of the
 * system, or a large block of more than the machine has left gives NULL. The counters let tests see
 * that a loop allocates nothing, and make the n-th call fail.
 */
#ifndef NN_BASE_MEM_H
#define NN_BASE_MEM_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NN_ALIGN = 64 };

void *nn_alloc(size_t count, size_t size);
/* Keeps the contents and clears the rest; NULL leaves the old block alone. */
void *nn_resize(void *block, size_t bytes);
void nn_free(void *block); /* NULL is fine */
char *nn_strdup(const char *text);
char *nn_strndup(const char *text, size_t len);

/* Makes room for `need` elements in *array (doubling); NN_ELIMIT leaves everything as it was. */
NN_MUST_CHECK nn_code nn_grow(void *array, size_t *capacity, size_t need, size_t size, nn_err *err);

/* false when a * b (or a + b) does not fit; *out is then untouched. */
NN_MUST_CHECK bool nn_mul_size(size_t a, size_t b, size_t *out);
NN_MUST_CHECK bool nn_add_size(size_t a, size_t b, size_t *out);

/* For sums that are only compared or shown: one that does not fit is SIZE_MAX, and stays that. */
size_t nn_mul_capped(size_t a, size_t b);
size_t nn_add_capped(size_t a, size_t b);

typedef struct nn_mem_stats {
    uint64_t calls; /* allocations and resizes since the start */
    uint64_t live;  /* bytes held now */
    uint64_t peak;
} nn_mem_stats;

nn_mem_stats nn_mem_read(void);

/*
 * For tests: the n-th allocation from now (1 = the next) fails, alone or with all after it; 0
 * switches the failing off.
 */
void nn_mem_fail_at(uint64_t n);
void nn_mem_fail_from(uint64_t n);

#endif
