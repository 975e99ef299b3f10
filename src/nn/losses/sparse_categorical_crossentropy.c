/* Cross-entropy of classes by the name that Keras uses for integer labels; it has no smoothing. */
#include "nn/loss_rows.h"

typedef struct sparse {
    bool from_logits;
} sparse;
_Static_assert(sizeof(sparse) <= NN_CHOICE_CONF,
               "sparse_categorical_crossentropy: conf does not fit");

static const nn_field fields[] = {
    {.key = "from_logits",
     .type = NN_FIELD_BOOL,
     .at = offsetof(sparse, from_logits),
     .fallback = "false",
     .help = "the model ends in logits: the loss applies the softmax"},
    {.key = NULL}};

static void rows(const void *conf, const nn_loss_io *io, size_t begin, size_t end, nn_real scale,
                 double *loss)
{
    (void)conf;
    nn_loss_by_class(0, io, begin, end, scale, loss);
}

static bool takes_logits(const void *conf)
{
    return ((const sparse *)conf)->from_logits;
}

const nn_loss_class nn_loss_sparse_categorical_crossentropy = {
    .kind = {"sparse_categorical_crossentropy", "-log of the probability given to the true class",
             fields, sizeof(sparse)},
    .head = "softmax",
    .wants_classes = true,
    .rows = rows,
    .from_logits = takes_logits,
};
