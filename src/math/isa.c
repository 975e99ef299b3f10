/* The choice of the instruction set, made from what the CPU says of itself. */
#include "math/isa.h"

#include "math/pool.h"

extern const nn_tile_kernel nn_tile_baseline;

#ifdef NN_X86_TILES
extern const nn_tile_kernel nn_tile_avx512;
extern const nn_tile_kernel nn_tile_avx2;

/* Asks for all that the kernel's compiler flags allow; the answer includes the system's support. */
const nn_tile_kernel *nn_tile_best(void)
{
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        return &nn_tile_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &nn_tile_avx2;
    return &nn_tile_baseline;
}
#else
const nn_tile_kernel *nn_tile_best(void)
{
    return &nn_tile_baseline;
}
#endif

const char *nn_cpu_isa(void)
{
    return nn_tile_best()->isa;
}
