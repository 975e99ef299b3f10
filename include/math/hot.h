/*
 * NN_HOT marks a loop function that is compiled for AVX-512, AVX2 and the baseline, the best chosen
 * when the program starts. Inside, plain C loops over restrict pointers: the compiler vectorises them.
 */
#ifndef NN_MATH_HOT_H
#define NN_MATH_HOT_H

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) &&           \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__OPTIMIZE__)
#define NN_HOT                                                                                         \
    __attribute__((optimize("O3"), target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define NN_HOT
#endif

#endif
