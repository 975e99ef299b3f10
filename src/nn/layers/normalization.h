/* What the layers share that shift and scale by a gamma and a beta for each channel. */
#ifndef NN_SRC_LAYERS_NORMALIZATION_H
#define NN_SRC_LAYERS_NORMALIZATION_H

#include "nn/layer.h"

typedef struct nn_normalization {
    double epsilon;
    bool center, scale;
    nn_choice beta_initializer, gamma_initializer;
} nn_normalization;

/* Fields of a nn_normalization that stands at `at` in a conf. */
#define NN_NORMALIZATION_FIELDS(base)                                                              \
    {.key = "epsilon",                                                                             \
     .type = NN_FIELD_NUM,                                                                         \
     .at = (base) + offsetof(nn_normalization, epsilon),                                           \
     .fallback = "0.001",                                                                          \
     .range = "(0,]",                                                                              \
     .help = "Added to the variance, against division by zero."},                                  \
        {.key = "center",                                                                          \
         .type = NN_FIELD_BOOL,                                                                    \
         .at = (base) + offsetof(nn_normalization, center),                                        \
         .fallback = "true",                                                                       \
         .help = "Add beta."},                                                                     \
        {.key = "scale",                                                                           \
         .type = NN_FIELD_BOOL,                                                                    \
         .at = (base) + offsetof(nn_normalization, scale),                                         \
         .fallback = "true",                                                                       \
         .help = "Multiply by gamma."},                                                            \
        {.key = "beta_initializer",                                                                \
         .type = NN_FIELD_CHOICE,                                                                  \
         .at = (base) + offsetof(nn_normalization, beta_initializer),                              \
         .fallback = "\"zeros\"",                                                                  \
         .family = &nn_initializers,                                                               \
         .help = "First values of beta."},                                                         \
    {                                                                                              \
        .key = "gamma_initializer", .type = NN_FIELD_CHOICE,                                       \
        .at = (base) + offsetof(nn_normalization, gamma_initializer), .fallback = "\"ones\"",      \
        .family = &nn_initializers, .help = "First values of gamma."                               \
    }

/* Declares gamma and beta, as far as there are any, before all other weights. */
void nn_normalization_weights(nn_layer *l, const nn_normalization *c);
/* Among the layer's weights or gradients; NULL when there is none. */
nn_real *nn_normalization_gamma(const nn_normalization *c, nn_real *const *w);
nn_real *nn_normalization_beta(const nn_normalization *c, nn_real *const *w);

static inline nn_real nn_gamma_at(const nn_real *gamma, int i)
{
    return gamma != NULL ? gamma[i] : 1;
}

/* Rows of channels in n samples. */
static inline size_t nn_channel_rows(const nn_layer *l, int n)
{
    return (size_t)n * nn_shape_len(&l->out) / (size_t)nn_shape_last(&l->out);
}

/* dgamma and dbeta (NULL: not wanted) from the sums of dy and of dy times the normalised x. */
void nn_normalization_gradients(const nn_layer *l, const nn_normalization *c, const nn_bwd *io,
                                const double *sums);

#endif
