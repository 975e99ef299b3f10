/* RMSprop: divides the gradient by a running root mean square of it. */
#include "nn/optimizer.h"

#include "math/hot.h"

#include <tgmath.h>

typedef struct rmsprop {
    nn_rate rate;
    double rho;
    double momentum;
    double epsilon;
} rmsprop;
_Static_assert(sizeof(rmsprop) <= NN_CHOICE_CONF, "rmsprop: conf does not fit");

static const nn_field fields[] = {
    NN_LEARNING_RATE("0.001"),
    {.key = "rho",
     .type = NN_FIELD_NUM,
     .at = offsetof(rmsprop, rho),
     .fallback = "0.9",
     .range = "[0,1)",
     .help = "how much of the mean squared gradient is kept from step to step"},
    {.key = "momentum",
     .type = NN_FIELD_NUM,
     .at = offsetof(rmsprop, momentum),
     .fallback = "0",
     .range = "[0,1)",
     .help = "how much of the last step is made again"},
    {.key = "epsilon",
     .type = NN_FIELD_NUM,
     .at = offsetof(rmsprop, epsilon),
     .fallback = "1e-7",
     .range = "(0,]",
     .help = "added under the root, against division by zero"},
    {.key = NULL}};

static int slots(const void *conf)
{
    return ((const rmsprop *)conf)->momentum > 0 ? 2 : 1;
}

/* The constants of a step, as the loops need them. */
typedef struct rate {
    nn_real lr, renew, momentum, epsilon;
} rate;

static NN_HOT void plain(rate r, nn_real *restrict w, const nn_real *restrict g,
                         nn_real *restrict v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        v[i] += r.renew * (g[i] * g[i] - v[i]);
        w[i] -= r.lr * g[i] / sqrt(v[i] + r.epsilon);
    }
}

static NN_HOT void heavy(rate r, nn_real *restrict w, const nn_real *restrict g,
                         nn_real *restrict v, nn_real *restrict m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        v[i] += r.renew * (g[i] * g[i] - v[i]);
        m[i] = r.momentum * m[i] + r.lr * g[i] / sqrt(v[i] + r.epsilon);
        w[i] -= m[i];
    }
}

static void step(const void *conf, const nn_step *s, nn_real *restrict w, const nn_real *restrict g,
                 nn_real *restrict slot0, nn_real *restrict slot1, size_t n)
{
    const rmsprop *const c = (const rmsprop *)conf;
    const rate r = {(nn_real)s->lr, (nn_real)(1 - c->rho), (nn_real)c->momentum,
                    (nn_real)c->epsilon};

    if (c->momentum > 0)
        heavy(r, w, g, slot0, slot1, n);
    else
        plain(r, w, g, slot0, n);
}

const nn_optimizer_class nn_optimizer_rmsprop = {
    .kind = {"rmsprop", "divides the gradient by a running root mean square of it", fields,
             sizeof(rmsprop)},
    .slot_name = {"v", "momentum"},
    .slots = slots,
    .step = step,
};
