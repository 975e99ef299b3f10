/* Stochastic gradient descent, plain or with momentum. */
#include "nn/optimizer.h"

#include "math/hot.h"

typedef struct sgd {
    nn_rate rate;
    double momentum;
    bool nesterov;
} sgd;
_Static_assert(sizeof(sgd) <= NN_CHOICE_CONF, "sgd: conf does not fit");

static const nn_field fields[] = {
    NN_LEARNING_RATE("0.01"),
    {.key = "momentum",
     .type = NN_FIELD_NUM,
     .at = offsetof(sgd, momentum),
     .fallback = "0",
     .range = "[0,1)",
     .help = "how much of the last step is made again"},
    {.key = "nesterov",
     .type = NN_FIELD_BOOL,
     .at = offsetof(sgd, nesterov),
     .fallback = "false",
     .help = "looks ahead by the momentum; without momentum it changes nothing"},
    {.key = NULL}};

static int slots(const void *conf)
{
    return ((const sgd *)conf)->momentum > 0;
}

static NN_HOT void plain(nn_real lr, nn_real *restrict w, const nn_real *restrict g, size_t n)
{
    for (size_t i = 0; i < n; i++)
        w[i] -= lr * g[i];
}

/* Nesterov's step is the one that momentum will make of v, and the gradient once more. */
static NN_HOT void heavy(nn_real lr, nn_real momentum, bool nesterov, nn_real *restrict w,
                         const nn_real *restrict g, nn_real *restrict v, size_t n)
{
    const nn_real of_v = nesterov ? momentum : 1, of_g = nesterov ? lr : 0;

    for (size_t i = 0; i < n; i++) {
        v[i] = momentum * v[i] - lr * g[i];
        w[i] += of_v * v[i] - of_g * g[i];
    }
}

static void step(const void *conf, const nn_step *s, nn_real *restrict w, const nn_real *restrict g,
                 nn_real *restrict slot0, nn_real *restrict slot1, size_t n)
{
    const sgd *const c = (const sgd *)conf;

    (void)slot1;
    if (c->momentum > 0)
        heavy((nn_real)s->lr, (nn_real)c->momentum, c->nesterov, w, g, slot0, n);
    else
        plain((nn_real)s->lr, w, g, n);
}

const nn_optimizer_class nn_optimizer_sgd = {
    .kind = {"sgd", "steps against the gradient, optionally with momentum", fields, sizeof(sgd)},
    .slot_name = {"momentum"},
    .slots = slots,
    .step = step,
};
