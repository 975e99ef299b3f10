/* Conv1D: a window slides along sequences [length, channels]. */
#include "convolution.h"

static const nn_field fields[] = {NN_CONVOLUTION_FILTERS,
                                  {.key = "kernel_size",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(nn_convolution, kernel_size[1]),
                                   .range = "[1,4096]",
                                   .help = "Length of the window."},
                                  {.key = "strides",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(nn_convolution, strides[1]),
                                   .fallback = "1",
                                   .range = "[1,4096]",
                                   .help = "Steps of the window."},
                                  {.key = "dilation_rate",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(nn_convolution, dilation_rate[1]),
                                   .fallback = "1",
                                   .range = "[1,4096]",
                                   .help = "Distance of the window's taps."},
                                  NN_PADDING_FIELD(nn_convolution, nn_causal_words),
                                  NN_CONVOLUTION_FIELDS,
                                  {0}};

/* The sequence is an image of one row. */
static void parse(nn_layer *l, nn_node node)
{
    nn_convolution *c = l->conf;

    c->kernel_size[0] = c->strides[0] = c->dilation_rate[0] = 1;
    nn_convolution_parse(l, node);
}

static nn_code plan(nn_layer *l, nn_err *err)
{
    const nn_convolution *c = l->conf;
    const nn_axis *axis = &c->conv.cols;

    NN_TRY(nn_convolution_plan(l, true, err));
    if (c->padding != NN_PAD_CAUSAL || axis->stride != 1)
        return NN_OK;
    l->sight = NN_SEES_BACK;
    l->past_bytes =
        (size_t)(axis->size - 1) * (size_t)axis->dilation * (size_t)c->conv.in * sizeof(nn_real);
    return NN_OK;
}

static void forward(const nn_layer *l, const nn_fwd *io)
{
    if (io->past != NULL)
        nn_convolution_step(l, io);
    else
        nn_convolution_forward(l, io);
}

const nn_layer_class nn_layer_conv1d = {
    .kind = {"Conv1D", "A window slides along sequences; each filter weighs all that it sees.",
             fields, sizeof(nn_convolution)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .plan = plan,
    .forward = forward,
    .backward = nn_convolution_backward,
    .absorb = nn_convolution_absorb};
