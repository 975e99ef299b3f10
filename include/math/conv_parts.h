/* Inside math only: what the ways of computing a convolution share. */
#ifndef NN_MATH_CONV_PARTS_H
#define NN_MATH_CONV_PARTS_H

#include "math/conv.h"

#include <stdbool.h>

/* Numbers of an image, of one with its zeros around it, of an output, of a kernel; */
size_t nn_conv_image(const nn_conv *c);
size_t nn_conv_padded(const nn_conv *c);
size_t nn_conv_output(const nn_conv *c);
size_t nn_conv_weights(const nn_conv *c);
/* of what is left of an output, and of room for a whole one where that is less. */
size_t nn_conv_result(const nn_conv *c, const nn_windows *pooled);
size_t nn_conv_whole(const nn_conv *c, const nn_windows *pooled);

/*
 * Where the output of an image is computed: in y, or in `whole` ([nn_conv_whole] of the worker's),
 * which is NULL when the kernels pool themselves; what is done when it is there. Backward: its
 * gradient is spread into `whole` as well.
 */
nn_real *nn_conv_begin(const nn_conv *c, const nn_conv_run *run, nn_real *whole, int image);
nn_tap *nn_conv_taps(const nn_conv *c, const nn_conv_run *run, int image);
void nn_conv_end(const nn_conv *c, const nn_conv_run *run, const nn_real *whole, int image);
const nn_real *nn_conv_spread(const nn_conv *c, const nn_conv_run *run, nn_real *whole, int image);

/* Can the kernels pool, in whole vectors and windows of 2 x 2 side by side? NULL: no. */
bool nn_conv_pools(const nn_conv *c, const nn_windows *pooled);

bool nn_conv_pads(const nn_conv *c);
/* Copies an image between zeros, and back without them. */
void nn_conv_pad(const nn_conv *c, const nn_real *image, nn_real *padded);
void nn_conv_unpad(const nn_conv *c, const nn_real *padded, nn_real *image);

/* Images of a task in forward, so that tasks are worth handing out. */
int nn_conv_group(const nn_conv *c);
/*
 * In backward n images are cut into this many parts, a task each; of any number, at most so many.
 * Every part sums up a gradient of the kernel and the bias of its own, [nn_conv_weights + out];
 * these are added up in their order.
 */
int nn_conv_most_parts(const nn_conv *c);
int nn_conv_parts(const nn_conv *c, int n);
void nn_conv_part(const nn_conv *c, int n, int part, int *first, int *last);

/* A way of computing; sizes in bytes. */
typedef struct nn_conv_way {
    size_t (*scratch)(const nn_conv *c, const nn_windows *pooled);
    size_t (*shared)(const nn_conv *c);
    void (*forward)(nn_pool *pool, const nn_conv *c, const nn_conv_run *run);
    void (*backward)(nn_pool *pool, const nn_conv *c, const nn_conv_run *run);
} nn_conv_way;

/* The windows of an image become rows of a matrix, whose product with the kernel is gemm's. */
extern const nn_conv_way nn_conv_columns;
/* The kernels of conv_kernel.h walk over the images. Not for kernels whose numbers int cannot
 * count. */
extern const nn_conv_way nn_conv_direct;
bool nn_conv_is_direct(const nn_conv *c);
/* Half the multiplications, for windows of 3 x 3 that move by single steps; rounds differently. */
extern const nn_conv_way nn_conv_winograd;
bool nn_conv_is_winograd(const nn_conv *c);

#endif
