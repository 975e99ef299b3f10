/* Adam: steps by the mean gradient, in units of its root mean square. */
#include "nn/adam.h"

#include "math/hot.h"

#include <tgmath.h>

_Static_assert(sizeof(nn_adam) <= NN_CHOICE_CONF, "adam: conf does not fit");

static const nn_field fields[] = {NN_ADAM_FIELDS, {.key = NULL}};

/* The constants of a step, as the loop needs them. */
typedef struct rate {
    nn_real decay, step, new_1, new_2, epsilon;
} rate;

static NN_HOT void move(rate r, nn_real *restrict w, const nn_real *restrict g, nn_real *restrict m,
                        nn_real *restrict v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        m[i] += r.new_1 * (g[i] - m[i]);
        v[i] += r.new_2 * (g[i] * g[i] - v[i]);
        w[i] -= r.decay * w[i];
        w[i] -= r.step * m[i] / (sqrt(v[i]) + r.epsilon);
    }
}

void nn_adam_step(const nn_adam *conf, double decay, const nn_step *s, nn_real *restrict w,
                  const nn_real *restrict g, nn_real *restrict m, nn_real *restrict v, size_t n)
{
    const double count = (double)s->count;
    const double unbias = sqrt(1 - pow(conf->beta_2, count)) / (1 - pow(conf->beta_1, count));
    const rate r = {(nn_real)decay, (nn_real)(s->lr * unbias), (nn_real)(1 - conf->beta_1),
                    (nn_real)(1 - conf->beta_2), (nn_real)conf->epsilon};

    move(r, w, g, m, v, n);
}

int nn_adam_slots(const void *conf)
{
    (void)conf;
    return 2;
}

static void step(const void *conf, const nn_step *s, nn_real *restrict w, const nn_real *restrict g,
                 nn_real *restrict slot0, nn_real *restrict slot1, size_t n)
{
    nn_adam_step((const nn_adam *)conf, 0, s, w, g, slot0, slot1, n);
}

const nn_optimizer_class nn_optimizer_adam = {
    .kind = {"adam", "steps by the mean gradient, in units of its root mean square", fields,
             sizeof(nn_adam)},
    .slot_name = {"m", "v"},
    .slots = nn_adam_slots,
    .step = step,
};
