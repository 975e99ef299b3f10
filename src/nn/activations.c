/* The family of activations, made from nn/activations.def. */
#include "nn/activation.h"

#define NN_ACTIVATION(name) extern const nn_activation nn_activation_##name;
#include "nn/activations.def"
#undef NN_ACTIVATION

static const nn_kind *const kinds[] = {
#define NN_ACTIVATION(name) &nn_activation_##name.kind,
#include "nn/activations.def"
#undef NN_ACTIVATION
    NULL};

const nn_family nn_activations = {"activation", "The function applied to a layer's output.", kinds};

bool nn_activation_is_linear(const nn_choice *choice)
{
    return choice->kind == &nn_activation_linear.kind;
}
