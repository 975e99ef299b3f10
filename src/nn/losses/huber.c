/* Huber loss: squared for small errors, absolute for large ones. */
#include "nn/loss_rows.h"

#include "math/hot.h"

typedef struct huber {
    double delta;
} huber;
_Static_assert(sizeof(huber) <= NN_CHOICE_CONF, "huber: conf does not fit");

static const nn_field fields[] = {
    {.key = "delta",
     .type = NN_FIELD_NUM,
     .at = offsetof(huber, delta),
     .fallback = "1",
     .range = "(0,]",
     .help = "the error at which the loss goes over from a parabola to a straight line"},
    {.key = NULL}};

static NN_HOT void piece(const void *conf, bool fused, nn_real *restrict y,
                         const nn_real *restrict t, nn_real *restrict value,
                         nn_real *restrict slope, size_t n)
{
    const nn_real delta = (nn_real)((const huber *)conf)->delta;

    (void)fused; /* it has no head */
    for (size_t i = 0; i < n; i++) {
        const nn_real d = y[i] - t[i];
        const nn_real far = d < 0 ? -d : d;

        value[i] = far <= delta ? d * d / 2 : delta * (far - delta / 2);
        slope[i] = far <= delta ? d : d < 0 ? -delta : delta;
    }
}

static void rows(const void *conf, const nn_loss_io *io, size_t begin, size_t end, nn_real scale,
                 double *loss)
{
    nn_loss_by_output(piece, conf, io, begin, end, scale, loss);
}

const nn_loss_class nn_loss_huber = {
    .kind = {"huber", "(y - t)^2 / 2 for errors up to delta, growing straight beyond", fields,
             sizeof(huber)},
    .rows = rows,
};
