/* Cross-entropy of classes; targets are labels, or a row of shares for each sample. */
#include "nn/loss_rows.h"

typedef struct categorical {
    bool from_logits;
    double label_smoothing;
} categorical;
_Static_assert(sizeof(categorical) <= NN_CHOICE_CONF,
               "categorical_crossentropy: conf does not fit");

static const nn_field fields[] = {
    {.key = "from_logits",
     .type = NN_FIELD_BOOL,
     .at = offsetof(categorical, from_logits),
     .fallback = "false",
     .help = "the model ends in logits: the loss applies the softmax"},
    {.key = "label_smoothing",
     .type = NN_FIELD_NUM,
     .at = offsetof(categorical, label_smoothing),
     .fallback = "0",
     .range = "[0,1)",
     .help = "shares this part of each target evenly among all classes"},
    {.key = NULL}};

static void rows(const void *conf, const nn_loss_io *io, size_t begin, size_t end, nn_real scale,
                 double *loss)
{
    nn_loss_by_class(((const categorical *)conf)->label_smoothing, io, begin, end, scale, loss);
}

static bool takes_logits(const void *conf)
{
    return ((const categorical *)conf)->from_logits;
}

const nn_loss_class nn_loss_categorical_crossentropy = {
    .kind = {"categorical_crossentropy", "-log of the probability given to the true class", fields,
             sizeof(categorical)},
    .head = "softmax",
    .wants_classes = true,
    .rows = rows,
    .from_logits = takes_logits,
};
