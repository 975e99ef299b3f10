/* Gamma and beta of the normalising layers. */
#include "normalization.h"

void nn_normalization_weights(nn_layer *l, const nn_normalization *c)
{
    const int channels = nn_shape_last(&l->in[0]);
    const nn_shape shape = nn_shape_1(channels);

    if (c->scale)
        nn_layer_weight(l, "gamma", shape, &c->gamma_initializer, channels, channels);
    if (c->center)
        nn_layer_weight(l, "beta", shape, &c->beta_initializer, channels, channels);
}

nn_real *nn_normalization_gamma(const nn_normalization *c, nn_real *const *w)
{
    return c->scale ? w[0] : NULL;
}

nn_real *nn_normalization_beta(const nn_normalization *c, nn_real *const *w)
{
    return c->center ? w[c->scale ? 1 : 0] : NULL;
}

void nn_normalization_gradients(const nn_layer *l, const nn_normalization *c, const nn_bwd *io,
                                const double *sums)
{
    const int channels = nn_shape_last(&l->out);
    nn_real *const dgamma = nn_normalization_gamma(c, io->dw);
    nn_real *const dbeta = nn_normalization_beta(c, io->dw);

    for (int i = 0; dbeta != NULL && i < channels; i++)
        dbeta[i] = (nn_real)sums[i];
    for (int i = 0; dgamma != NULL && i < channels; i++)
        dgamma[i] = (nn_real)sums[channels + i];
}
