/* The family of metrics. */
#include "nn/metric.h"

#define NN_METRIC(name) extern const nn_metric_class nn_metric_##name;
#include "nn/metrics.def"
#undef NN_METRIC

static const nn_kind *const kinds[] = {
#define NN_METRIC(name) &nn_metric_##name.kind,
#include "nn/metrics.def"
#undef NN_METRIC
    NULL};

const nn_family nn_metrics = {"metric", "what is measured beside the loss", kinds};

int nn_predicted_class(const nn_real *y, int width)
{
    int best = 0;

    if (width == 1)
        return y[0] > (nn_real)0.5;
    for (int j = 1; j < width; j++)
        if (y[j] > y[best])
            best = j;
    return best;
}
