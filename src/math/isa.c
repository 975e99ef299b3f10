/* The choice of the instruction set, made from what the CPU says of itself. */
#include "math/isa.h"

#include "math/pool.h"

extern const nn_kernel nn_kernel_baseline;

#ifdef NN_X86_TILES
extern const nn_kernel nn_kernel_avx512;
extern const nn_kernel nn_kernel_avx2;

/* All that the kernel's compiler flags allow must be there; the answer includes the system's
 * support. */
static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("fma");
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const nn_kernel *nn_kernel_usable(int i)
{
    if (has_avx512() && i-- == 0)
        return &nn_kernel_avx512;
    if (has_avx2() && i-- == 0)
        return &nn_kernel_avx2;
    return i == 0 ? &nn_kernel_baseline : NULL;
}
#else
const nn_kernel *nn_kernel_usable(int i)
{
    return i == 0 ? &nn_kernel_baseline : NULL;
}
#endif

nn_real *nn_kernel_room(void)
{
    static _Thread_local _Alignas(64) nn_real room[NN_KERNEL_ROOM];
    return room;
}

const char *nn_cpu_isa(void)
{
    return nn_kernel_usable(0)->isa;
}
