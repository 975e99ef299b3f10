/* The convolution kernels of the instruction sets that this CPU has. */
#include "math/conv_kernel.h"

#include "math/isa.h"

#include <string.h>

extern const nn_conv_kernel nn_conv_kernel_baseline;
#ifdef NN_X86_TILES
extern const nn_conv_kernel nn_conv_kernel_avx512;
extern const nn_conv_kernel nn_conv_kernel_avx2;
#endif

const nn_conv_kernel *nn_conv_kernel_usable(int i)
{
    static const nn_conv_kernel *const all[] = {
#ifdef NN_X86_TILES
        &nn_conv_kernel_avx512, &nn_conv_kernel_avx2,
#endif
        &nn_conv_kernel_baseline};
    const nn_kernel *usable = nn_kernel_usable(i);

    for (size_t k = 0; usable != NULL && k < sizeof all / sizeof all[0]; k++) {
        if (strcmp(all[k]->isa, usable->isa) == 0)
            return all[k];
    }
    return NULL;
}
