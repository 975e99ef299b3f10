/* Conv2D: a window slides over images [height, width, channels]. */
#include "convolution.h"

static const nn_field fields[] = {NN_CONVOLUTION_FILTERS,
                                  {.key = "kernel_size",
                                   .type = NN_FIELD_PAIR,
                                   .at = offsetof(nn_convolution, kernel_size),
                                   .range = "[1,4096]",
                                   .help = "Rows and columns of the window."},
                                  {.key = "strides",
                                   .type = NN_FIELD_PAIR,
                                   .at = offsetof(nn_convolution, strides),
                                   .fallback = "1",
                                   .range = "[1,4096]",
                                   .help = "Steps of the window down and across."},
                                  {.key = "dilation_rate",
                                   .type = NN_FIELD_PAIR,
                                   .at = offsetof(nn_convolution, dilation_rate),
                                   .fallback = "1",
                                   .range = "[1,4096]",
                                   .help = "Distance of the window's taps."},
                                  NN_PADDING_FIELD(nn_convolution, nn_padding_words),
                                  NN_CONVOLUTION_FIELDS,
                                  {0}};

static nn_code plan(nn_layer *l, nn_err *err)
{
    return nn_convolution_plan(l, false, err);
}

const nn_layer_class nn_layer_conv2d = {
    .kind = {"Conv2D", "A window slides over images; each filter weighs all that it sees.", fields,
             sizeof(nn_convolution)},
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = nn_convolution_parse,
    .plan = plan,
    .forward = nn_convolution_forward,
    .backward = nn_convolution_backward,
    .absorb = nn_convolution_absorb};
