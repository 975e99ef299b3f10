/* The family of initializers, made from nn/initializers.def. */
#include "nn/init.h"

#define NN_INITIALIZER(name) extern const nn_initializer nn_initializer_##name;
#include "nn/initializers.def"
#undef NN_INITIALIZER

static const nn_kind *const kinds[] = {
#define NN_INITIALIZER(name) &nn_initializer_##name.kind,
#include "nn/initializers.def"
#undef NN_INITIALIZER
    NULL};

const nn_family nn_initializers = {"initializer", "The values a weight starts with.", kinds};
