/* The family of layer kinds, made from nn/layers.def. */
#include "nn/layer.h"

#define NN_LAYER(name) extern const nn_layer_class nn_layer_##name;
#include "nn/layers.def"
#undef NN_LAYER

static const nn_kind *const kinds[] = {
#define NN_LAYER(name) &nn_layer_##name.kind,
#include "nn/layers.def"
#undef NN_LAYER
    NULL};

const nn_family nn_layers = {"layer type", "What a layer computes.", kinds};
