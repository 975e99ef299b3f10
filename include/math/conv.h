/*
 * Convolutions of images with channels last, and their gradients. Images are cut into tasks by the
 * shapes alone. A sequence is an image of one row.
 */
#ifndef NN_MATH_CONV_H
#define NN_MATH_CONV_H

#include "math/max_pool.h"
#include "math/pool.h"
#include "math/real.h"
#include "math/window.h"

typedef struct nn_conv {
    nn_axis rows, cols; /* planned */
    int in, out;        /* channels */
} nn_conv;

/* Called inside tasks for single images: forward when y is complete, backward before dy is read. */
typedef void nn_image_fn(const void *context, int image);

/*
 * H, W: rows and columns of x; kh, kw: of the window; h, w: of y, which is what the windows of
 * `pooled` leave of the output, so that the whole output never stands in memory.
 */
typedef struct nn_conv_run {
    int n;                    /* images */
    const nn_real *x;         /* [n, H, W, in] */
    const nn_real *w;         /* [kh, kw, in, out] */
    const nn_real *bias;      /* [out], or NULL */
    const nn_windows *pooled; /* max-pooling of the output, or NULL: y is the output */
    nn_tap *from;             /* [n, h, w, out] with pooled; NULL in forward: nobody will ask */
    nn_real *y;               /* [n, h, w, out]; forward only, and so on */
    const nn_real *dy;        /* [n, h, w, out]; backward */
    nn_real *dx;              /* each NULL when nobody wants it */
    nn_real *dw;
    nn_real *dbias;
    nn_image_fn *each; /* or NULL */
    const void *context;
    void *scratch;        /* worker k's part begins at k * scratch_bytes; 64-byte aligned */
    size_t scratch_bytes; /* at least nn_conv_scratch; a multiple of 64 */
    void *shared;         /* nn_conv_shared bytes; backward */
} nn_conv_run;

/* Bytes; SIZE_MAX when there are too many. */
size_t nn_conv_scratch(const nn_conv *c, const nn_windows *pooled);
size_t nn_conv_shared(const nn_conv *c);

void nn_conv_forward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run);
void nn_conv_backward(nn_pool *pool, const nn_conv *c, const nn_conv_run *run);

#endif
