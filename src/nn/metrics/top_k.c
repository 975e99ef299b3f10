/* Top-k accuracy: the share of samples whose true class is among the k with the largest outputs. */
#include "nn/metric_parts.h"

#include <math.h>

typedef struct top_k {
    int k;
} top_k;
_Static_assert(sizeof(top_k) <= NN_CHOICE_CONF, "top_k: conf does not fit");

static const nn_field fields[] = {{.key = "k",
                                   .type = NN_FIELD_INT,
                                   .at = offsetof(top_k, k),
                                   .fallback = "5",
                                   .range = "[1,1048576]",
                                   .help = "how many classes may be guessed"},
                                  {.key = NULL}};

/* A class as large as the true one does not push it out. */
static bool is_among(const nn_real *y, int width, int truth, int k)
{
    int above = 0;

    if (width == 1)
        return k > 1 || nn_predicted_class(y, width) == truth;
    if (isnan(y[truth]))
        return false; /* a NaN compares with nothing, which would look like a win */
    for (int j = 0; j < width; j++)
        above += y[j] > y[truth];
    return above < k;
}

static void add(const void *conf, void *state, const nn_real *y, const nn_target *t, int n,
                int width)
{
    nn_tally *const tally = (nn_tally *)state;

    if (t->label == NULL)
        return; /* outputs on their own have no order */
    for (size_t i = 0; i < (size_t)n; i++) {
        const double share = nn_target_share(t, i);

        if (is_among(y + i * (size_t)width, width, t->label[i], ((const top_k *)conf)->k))
            tally->sum += share;
        tally->seen += share;
    }
}

const nn_metric_class nn_metric_top_k = {
    .kind = {"top_k", "share of samples whose true class is among the k largest outputs", fields,
             sizeof(top_k)},
    .higher_is_better = true,
    .for_classes = true,
    .state_size = nn_tally_size,
    .start = nn_tally_start,
    .add = add,
    .value = nn_tally_value,
};
