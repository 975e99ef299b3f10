/* Cross-entropy of yes-or-no outputs, from probabilities or together with the sigmoid before it. */
#include "nn/loss_rows.h"

#include "math/elementary.h"

typedef struct binary {
    bool from_logits;
    double label_smoothing;
} binary;
_Static_assert(sizeof(binary) <= NN_CHOICE_CONF, "binary_crossentropy: conf does not fit");

static const nn_field fields[] = {
    {.key = "from_logits",
     .type = NN_FIELD_BOOL,
     .at = offsetof(binary, from_logits),
     .fallback = "false",
     .help = "the model ends in logits: the loss applies the sigmoid"},
    {.key = "label_smoothing",
     .type = NN_FIELD_NUM,
     .at = offsetof(binary, label_smoothing),
     .fallback = "0",
     .range = "[0,1)",
     .help = "draws targets towards 1/2: t becomes t * (1 - s) + s / 2"},
    {.key = NULL}};

/*
 * With e = exp(-|y|), which cannot overflow, the loss is max(y, 0) - y t + log(1 + e). For u = 1 +
 * e the last is log(u) * e / (u - 1), which makes up for what u lost by rounding.
 */
static NN_HOT void from_logits(nn_real smoothing, nn_real *restrict y, const nn_real *restrict t,
                               nn_real *restrict value, nn_real *restrict slope, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const nn_real truth = t[i] * (1 - smoothing) + smoothing / 2;
        const nn_real e = nn_exp(-nn_abs(y[i]));
        const nn_real u = 1 + e, kept = u - 1;
        const nn_real more = kept > 0 ? nn_log(u) * e / kept : e;
        const nn_real p = y[i] < 0 ? e / u : 1 / u;

        value[i] = (y[i] > 0 ? y[i] : 0) - y[i] * truth + more;
        slope[i] = p - truth;
        y[i] = p;
    }
}

NN_HOT_INLINE nn_real clip(nn_real p)
{
    const nn_real low = NN_CLIP_PROBABILITY, high = 1 - NN_CLIP_PROBABILITY;

    return p < low ? low : p > high ? high : p;
}

/* Both sides are clipped on their own, because floats are finer near 0 than near 1. */
static NN_HOT void from_probabilities(nn_real smoothing, const nn_real *restrict y,
                                      const nn_real *restrict t, nn_real *restrict value,
                                      nn_real *restrict slope, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const nn_real truth = t[i] * (1 - smoothing) + smoothing / 2;
        const nn_real yes = clip(y[i]), no = clip(1 - y[i]);

        value[i] = -(truth * nn_log(yes) + (1 - truth) * nn_log(no));
        slope[i] = (nn_real)(yes == y[i]) * (yes - truth) / (yes * no);
    }
}

static void piece(const void *conf, bool fused, nn_real *restrict y, const nn_real *restrict t,
                  nn_real *restrict value, nn_real *restrict slope, size_t n)
{
    const nn_real smoothing = (nn_real)((const binary *)conf)->label_smoothing;

    if (fused)
        from_logits(smoothing, y, t, value, slope, n);
    else
        from_probabilities(smoothing, y, t, value, slope, n);
}

static void rows(const void *conf, const nn_loss_io *io, size_t begin, size_t end, nn_real scale,
                 double *loss)
{
    nn_loss_by_output(piece, conf, io, begin, end, scale, loss);
}

static bool takes_logits(const void *conf)
{
    return ((const binary *)conf)->from_logits;
}

const nn_loss_class nn_loss_binary_crossentropy = {
    .kind = {"binary_crossentropy", "-(t log(y) + (1 - t) log(1 - y)), the mean over the outputs",
             fields, sizeof(binary)},
    .head = "sigmoid",
    .wants_binary = true,
    .rows = rows,
    .from_logits = takes_logits,
};
