/* The heap: zeroed, aligned, counted blocks. Each stands behind a prefix that remembers its size.
 */
#if defined(__linux__) && !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE /* for madvise */
#endif
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/machine.h"

/*
 * Below this a block is aligned by the allocator and cleared by hand; above it calloc is asked,
 * whose fresh pages are zero without being touched, and the alignment is made by hand.
 */
enum { BIG = 1 << 20 };

/*
 * From here on the machine is asked first. The system gives out more than it has and kills somebody
 * when it is used, so that a small file that unpacks to gigabytes would take the machine down.
 */
enum { HUGE_BLOCK = 256 << 20 };

typedef struct prefix {
    void *raw;   /* what the system gave, for free() */
    size_t size; /* what the caller asked for */
} prefix;
_Static_assert(sizeof(prefix) <= NN_ALIGN, "the prefix fits before an aligned block");

static atomic_uint_fast64_t calls, live, peak, fail_in;
static atomic_bool fails_for_good;

/* Counts down to the allocation that a test wants to fail. */
static bool must_fail(void)
{
    uint_fast64_t left = atomic_load(&fail_in);

    while (left > 0) {
        if (left == 1 && atomic_load(&fails_for_good))
            return true;
        if (atomic_compare_exchange_weak(&fail_in, &left, left - 1))
            return left == 1;
    }
    return false;
}

static void count(size_t size)
{
    const uint_fast64_t now = atomic_fetch_add(&live, size) + size;
    uint_fast64_t most = atomic_load(&peak);

    while (now > most && !atomic_compare_exchange_weak(&peak, &most, now))
        ;
}

static bool is_too_much(size_t size)
{
    return size >= HUGE_BLOCK && size > nn_machine_memory();
}

/*
 * Large blocks are filled from one end to the other: with pages of 2 MiB instead of 4 KiB the
 * system is asked for them 500 times less, which is a fifth of the time of reading a large table. A
 * wish; where it is not granted nothing is lost.
 */
static void wish_large_pages(char *block, size_t size)
{
#ifdef MADV_HUGEPAGE
    enum { PAGE = 2 << 20 };
    const size_t skip = (PAGE - (uintptr_t)block % PAGE) % PAGE;

    if (size >= skip + 2 * (size_t)PAGE)
        (void)madvise(block + skip, (size - skip) / PAGE * PAGE, MADV_HUGEPAGE);
#else
    (void)block;
    (void)size;
#endif
}

/* The first aligned byte of `size` zeros that has room for the prefix before it; NULL when refused.
 */
static char *obtain(size_t size, void **raw)
{
    if (size < BIG) {
        if (posix_memalign(raw, NN_ALIGN, NN_ALIGN + size) != 0)
            return NULL;
        memset(*raw, 0, NN_ALIGN + size);
        return (char *)*raw + NN_ALIGN;
    }
    if ((*raw = calloc(1, size + 2 * NN_ALIGN)) == NULL)
        return NULL;
    wish_large_pages(*raw, size);
    return (char *)*raw + 2 * NN_ALIGN - (uintptr_t)*raw % NN_ALIGN;
}

static prefix *prefix_of(void *block)
{
    return (prefix *)(void *)((char *)block - NN_ALIGN);
}

void *nn_alloc(size_t many, size_t size)
{
    void *raw = NULL;
    size_t total, padded;
    char *block;

    atomic_fetch_add(&calls, 1);
    if (must_fail() || !nn_mul_size(many, size, &total) ||
        !nn_add_size(total, 2 * NN_ALIGN, &padded) || is_too_much(total) ||
        (block = obtain(total, &raw)) == NULL)
        return NULL;
    *prefix_of(block) = (prefix){raw, total};
    count(total);
    return block;
}

void *nn_resize(void *block, size_t bytes)
{
    void *const fresh = nn_alloc(bytes, 1);

    if (fresh == NULL || block == NULL)
        return fresh;
    const size_t old = prefix_of(block)->size;
    memcpy(fresh, block, old < bytes ? old : bytes);
    nn_free(block);
    return fresh;
}

void nn_free(void *block)
{
    if (block == NULL)
        return;
    const prefix held = *prefix_of(block);
    atomic_fetch_sub(&live, held.size);
    free(held.raw);
}

char *nn_strndup(const char *text, size_t len)
{
    size_t bytes;
    char *const copy = nn_add_size(len, 1, &bytes) ? nn_alloc(bytes, 1) : NULL;

    if (copy != NULL)
        memcpy(copy, text, len);
    return copy;
}

char *nn_strdup(const char *text)
{
    return nn_strndup(text, strlen(text));
}

nn_code nn_grow(void *array, size_t *capacity, size_t need, size_t size, nn_err *err)
{
    size_t many = *capacity, bytes;
    void *block;

    if (need <= *capacity)
        return NN_OK;
    if (!nn_add_size(many, many < 8 ? 8 : many, &many) || many < need)
        many = need;
    if (nn_mul_size(many, size, &bytes) && is_too_much(bytes) && need < many)
        many = need + (many - need) / 8; /* the last room there is */
    if (!nn_mul_size(many, size, &bytes))
        return nn_err_memory(err, "a growing list", SIZE_MAX);
    /* `array` is the address of a pointer of any type; memcpy is how C lets it be read as one. */
    memcpy(&block, array, sizeof block);
    if ((block = nn_resize(block, bytes)) == NULL)
        return nn_err_memory(err, "a growing list", bytes);
    memcpy(array, &block, sizeof block);
    *capacity = many;
    return NN_OK;
}

bool nn_mul_size(size_t a, size_t b, size_t *out)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *out = a * b;
    return true;
}

bool nn_add_size(size_t a, size_t b, size_t *out)
{
    if (a > SIZE_MAX - b)
        return false;
    *out = a + b;
    return true;
}

size_t nn_mul_capped(size_t a, size_t b)
{
    return nn_mul_size(a, b, &a) ? a : SIZE_MAX;
}

size_t nn_add_capped(size_t a, size_t b)
{
    return nn_add_size(a, b, &a) ? a : SIZE_MAX;
}

nn_mem_stats nn_mem_read(void)
{
    return (nn_mem_stats){atomic_load(&calls), atomic_load(&live), atomic_load(&peak)};
}

void nn_mem_fail_at(uint64_t n)
{
    atomic_store(&fails_for_good, false);
    atomic_store(&fail_in, n);
}

void nn_mem_fail_from(uint64_t n)
{
    atomic_store(&fails_for_good, true);
    atomic_store(&fail_in, n);
}
