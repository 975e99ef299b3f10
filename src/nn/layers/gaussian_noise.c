/* GaussianNoise: in training, adds normal noise to every value. */
#include "nn/layer.h"

#include <string.h>

typedef struct conf {
    double stddev;
} conf;

static const nn_field fields[] = {{.key = "stddev",
                                   .type = NN_FIELD_NUM,
                                   .at = offsetof(conf, stddev),
                                   .range = "[0,]",
                                   .help = "Standard deviation of the noise."},
                                  {0}};

static nn_code plan(nn_layer *l, nn_err *err)
{
    (void)err; /* every shape will do */
    l->out = l->in[0];
    nn_layer_each_step(l);
    l->is_identity_in_eval = true;
    return NN_OK;
}

typedef struct pass {
    nn_rng rng;
    double stddev;
    const nn_real *x;
    nn_real *y;
} pass;

static void add_noise(void *context, size_t begin, size_t end)
{
    const pass *p = context;

    for (size_t i = begin; i < end; i++)
        p->y[i] = p->x[i] + (nn_real)(p->stddev * nn_rng_normal(&p->rng, i));
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    const size_t len = (size_t)io->n * nn_shape_len(&l->out);
    pass p = {.rng = {io->seed, NN_RNG_LAYER + (uint32_t)l->index, io->step},
              .stddev = ((const conf *)l->conf)->stddev,
              .x = io->x[0],
              .y = io->y};

    if (io->training)
        nn_rows_run(io->pool, len, 1, add_noise, &p);
    else
        memcpy(io->y, io->x[0], len * sizeof(nn_real));
}

static void backward(const nn_layer *l, const nn_bwd *io)
{
    if (io->dx[0] != NULL)
        memcpy(io->dx[0], io->dy, (size_t)io->n * nn_shape_len(&l->out) * sizeof(nn_real));
}

const nn_layer_class nn_layer_gaussian_noise = {
    .kind = {"GaussianNoise", "In training, adds normal noise.", fields, sizeof(conf)},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward};
