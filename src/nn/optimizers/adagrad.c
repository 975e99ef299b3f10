/* Adagrad: divides the gradient by the root of the sum of all its squares so far. */
#include "nn/optimizer.h"

#include "math/hot.h"

#include <tgmath.h>

typedef struct adagrad {
    nn_rate rate;
    double initial_accumulator_value;
    double epsilon;
} adagrad;
_Static_assert(sizeof(adagrad) <= NN_CHOICE_CONF, "adagrad: conf does not fit");

static const nn_field fields[] = {NN_LEARNING_RATE("0.001"),
                                  {.key = "initial_accumulator_value",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(adagrad, initial_accumulator_value),
                                   .fallback = "0.1",
                                   .range = "[0,]",
                                   .help = "what the sum of squares begins with"},
                                  {.key = "epsilon",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(adagrad, epsilon),
                                   .fallback = "1e-7",
                                   .range = "(0,]",
                                   .help = "added under the root, against division by zero"},
                                  {.key = NULL}};

static int slots(const void *conf)
{
    (void)conf;
    return 1;
}

static double slot_start(const void *conf)
{
    return ((const adagrad *)conf)->initial_accumulator_value;
}

static NN_HOT void move(nn_real lr, nn_real epsilon, nn_real *restrict w, const nn_real *restrict g,
                        nn_real *restrict sum, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sum[i] += g[i] * g[i];
        w[i] -= lr * g[i] / sqrt(sum[i] + epsilon);
    }
}

static void step(const void *conf, const nn_step *s, nn_real *restrict w, const nn_real *restrict g,
                 nn_real *restrict slot0, nn_real *restrict slot1, size_t n)
{
    (void)slot1;
    move((nn_real)s->lr, (nn_real)((const adagrad *)conf)->epsilon, w, g, slot0, n);
}

const nn_optimizer_class nn_optimizer_adagrad = {
    .kind = {"adagrad", "divides the gradient by the root of the sum of all its squares so far",
             fields, sizeof(adagrad)},
    .slot_name = {"accumulator"},
    .slots = slots,
    .slot_start = slot_start,
    .step = step,
};
