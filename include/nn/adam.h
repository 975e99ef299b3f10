/* Adam's update, which AdamW shares. */
#ifndef NN_NN_ADAM_H
#define NN_NN_ADAM_H

#include "nn/optimizer.h"

typedef struct nn_adam {
    nn_rate rate;
    double beta_1, beta_2;
    double epsilon;
} nn_adam;

#define NN_ADAM_FIELDS                                                                             \
    NN_LEARNING_RATE("0.001"),                                                                     \
        {.key = "beta_1",                                                                          \
         .type = NN_FIELD_NUM,                                                                     \
         .at = offsetof(nn_adam, beta_1),                                                          \
         .fallback = "0.9",                                                                        \
         .range = "[0,1)",                                                                         \
         .help = "how much of the mean gradient is kept from step to step"},                       \
        {.key = "beta_2",                                                                          \
         .type = NN_FIELD_NUM,                                                                     \
         .at = offsetof(nn_adam, beta_2),                                                          \
         .fallback = "0.999",                                                                      \
         .range = "[0,1)",                                                                         \
         .help = "how much of the mean squared gradient is kept from step to step"},               \
    {                                                                                              \
        .key = "epsilon", .type = NN_FIELD_NUM, .at = offsetof(nn_adam, epsilon),                  \
        .fallback = "1e-7", .range = "(0,]", .help = "added to the root, against division by zero" \
    }

/* w -= decay * w, then Adam's step; m and v are its moments. */
void nn_adam_step(const nn_adam *conf, double decay, const nn_step *s, nn_real *restrict w,
                  const nn_real *restrict g, nn_real *restrict m, nn_real *restrict v, size_t n);
int nn_adam_slots(const void *conf);

#endif
