/*
 * NN_HOT marks a loop function that is compiled for AVX-512, AVX2 and the baseline, the best chosen
 * when the program starts. Inside, plain C loops over restrict pointers: the compiler vectorises
 * them. src/math/isa.cmake defines NN_CLONES where compiler, linker and C library can do this, and
 * gives the sources of math and nn the optimisation level and the fused multiply-add that such
 * loops need.
 */
#ifndef NN_MATH_HOT_H
#define NN_MATH_HOT_H

#include <stddef.h>

#if defined(__GNUC__)
#define NN_HOT_INLINE static inline __attribute__((always_inline)) /* a piece of such a loop */
#else
#define NN_HOT_INLINE static inline
#endif

/* Asks for memory that will be read soon; a whole cache line at a time. */
static inline void nn_prefetch(const void *at, size_t bytes)
{
#if defined(__GNUC__)
    for (size_t i = 0; i < bytes; i += 64)
        __builtin_prefetch((const char *)at + i, 0, 2);
#else
    (void)at;
    (void)bytes;
#endif
}

#ifdef NN_CLONES
#define NN_HOT __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NN_HOT
#endif

#endif
