/* AdamW: Adam, with weights that decay apart from their gradients. */
#include "nn/adam.h"

typedef struct adamw {
    nn_adam adam;
    double weight_decay;
} adamw;
_Static_assert(sizeof(adamw) <= NN_CHOICE_CONF, "adamw: conf does not fit");
_Static_assert(offsetof(adamw, adam) == 0, "NN_ADAM_FIELDS count from the beginning");

static const nn_field fields[] = {
    NN_ADAM_FIELDS,
    {.key = "weight_decay",
     .type = NN_FIELD_NUM,
     .at = offsetof(adamw, weight_decay),
     .fallback = "0.004",
     .range = "[0,]",
     .help = "part of every trainable weight, biases too, that a step at rate 1 takes away"},
    {.key = NULL}};

static void step(const void *conf, const nn_step *s, nn_real *restrict w, const nn_real *restrict g,
                 nn_real *restrict slot0, nn_real *restrict slot1, size_t n)
{
    const adamw *const a = (const adamw *)conf;

    nn_adam_step(&a->adam, s->lr * a->weight_decay, s, w, g, slot0, slot1, n);
}

const nn_optimizer_class nn_optimizer_adamw = {
    .kind = {"adamw", "adam, with weights that decay apart from their gradients", fields,
             sizeof(adamw)},
    .slot_name = {"m", "v"},
    .slots = nn_adam_slots,
    .step = step,
};
