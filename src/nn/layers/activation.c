/* Activation: a function applied to every value (softmax: to every row). */
#include "nn/layer.h"

#include <string.h>

typedef struct conf {
    nn_choice activation;
} conf;

static const nn_field fields[] = {{.key = "activation",
                                   .type = NN_FIELD_CHOICE,
                                   .at = offsetof(conf, activation),
                                   .family = &nn_activations,
                                   .help = "The function."},
                                  {0}};

static void parse(nn_layer *l, nn_node node)
{
    (void)node;
    l->act = ((const conf *)l->conf)->activation;
}

static nn_code plan(nn_layer *l, nn_err *err)
{
    (void)err; /* every shape will do */
    l->out = l->in[0];
    nn_layer_each_step(l);
    return NN_OK;
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    nn_layer_activate(l, io->pool, io->x[0], io->y, io->n);
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    nn_layer_activate_back(l, io->pool, io->x[0], io->y, io->dy, io->n);
    if (io->dx[0] != NULL)
        memcpy(io->dx[0], io->dy, (size_t)io->n * nn_shape_len(&l->out) * sizeof(nn_real));
}

const nn_layer_class nn_layer_activation = {
    .kind = {"Activation", "A function of every value, or of every row.", fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .plan = plan,
    .forward = forward,
    .backward = backward};

bool nn_layer_take_activation(nn_layer *l, const nn_layer *next)
{
    if (next->class != &nn_layer_activation || !nn_activation_is_linear(&l->act))
        return false;
    l->act = next->act;
    return true;
}
