/* Cross-entropy of yes-or-no outputs, from probabilities or together with the sigmoid before it. */
#include "nn/loss_rows.h"

#include "math/hot.h"
#include "math/vec.h"

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

static NN_HOT void smooth(nn_real *restrict to, const nn_real *restrict t, nn_real smoothing,
                          size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = t[i] * (1 - smoothing) + smoothing / 2;
}

/*
 * With e = exp(-|y|), which cannot overflow, and more = log(1 + e) the loss is max(y, 0) - y t +
 * more. log1p(e) is log(u) * e / (u - 1) for u = 1 + e, which makes up for what u lost by rounding.
 */
static NN_HOT void join_logits(nn_real *restrict y, const nn_real *restrict t,
                               const nn_real *restrict e, const nn_real *restrict log_u,
                               nn_real *restrict value, nn_real *restrict slope, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const nn_real u = 1 + e[i];
        const nn_real kept = u - 1;
        const nn_real more = kept > 0 ? log_u[i] * e[i] / kept : e[i];
        const nn_real p = y[i] >= 0 ? 1 / u : e[i] / u;

        value[i] = (y[i] > 0 ? y[i] : 0) - y[i] * t[i] + more;
        slope[i] = p - t[i];
        y[i] = p;
    }
}

static NN_HOT void minus_distance(nn_real *restrict to, const nn_real *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = y[i] > 0 ? -y[i] : y[i];
}

static void from_logits(nn_real *restrict y, const nn_real *restrict t, nn_real *restrict value,
                        nn_real *restrict slope, size_t n)
{
    nn_real e[NN_LOSS_BLOCK], log_u[NN_LOSS_BLOCK];

    minus_distance(e, y, n);
    nn_vec_exp(e, e, n);
    for (size_t i = 0; i < n; i++)
        log_u[i] = 1 + e[i];
    nn_vec_log(log_u, log_u, n);
    join_logits(y, t, e, log_u, value, slope, n);
}

static NN_HOT void clip(nn_real *restrict yes, nn_real *restrict no, const nn_real *restrict y,
                        size_t n)
{
    const nn_real low = NN_CLIP_PROBABILITY, high = 1 - NN_CLIP_PROBABILITY;

    for (size_t i = 0; i < n; i++) {
        yes[i] = y[i] < low ? low : y[i] > high ? high : y[i];
        no[i] = 1 - yes[i];
    }
}

static NN_HOT void join_probabilities(const nn_real *restrict y, const nn_real *restrict t,
                                      const nn_real *restrict log_yes,
                                      const nn_real *restrict log_no, nn_real *restrict value,
                                      nn_real *restrict slope, size_t n)
{
    const nn_real low = NN_CLIP_PROBABILITY, high = 1 - NN_CLIP_PROBABILITY;

    for (size_t i = 0; i < n; i++) {
        const bool clipped = y[i] < low || y[i] > high;

        value[i] = -(t[i] * log_yes[i] + (1 - t[i]) * log_no[i]);
        slope[i] = clipped ? 0 : (y[i] - t[i]) / (y[i] * (1 - y[i]));
    }
}

static void from_probabilities(const nn_real *restrict y, const nn_real *restrict t,
                               nn_real *restrict value, nn_real *restrict slope, size_t n)
{
    nn_real yes[NN_LOSS_BLOCK], no[NN_LOSS_BLOCK];

    clip(yes, no, y, n);
    nn_vec_log(yes, yes, n);
    nn_vec_log(no, no, n);
    join_probabilities(y, t, yes, no, value, slope, n);
}

static void piece(const void *conf, bool fused, nn_real *restrict y, const nn_real *restrict t,
                  nn_real *restrict value, nn_real *restrict slope, size_t n)
{
    const nn_real smoothing = (nn_real)((const binary *)conf)->label_smoothing;
    nn_real smoothed[NN_LOSS_BLOCK];

    smooth(smoothed, t, smoothing, n);
    if (fused)
        from_logits(y, smoothed, value, slope, n);
    else
        from_probabilities(y, smoothed, value, slope, n);
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
