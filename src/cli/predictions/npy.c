/* Predictions as a NumPy file: class numbers, probabilities (--proba), or the predicted numbers. */
#include "cli/prediction.h"

#include "data/array.h"

static void begin(nn_predictions *p)
{
    (void)p; /* the header says how many rows there are: it is written with them */
}

static void keep(nn_predictions *p, double value)
{
    const float number = (float)value;

    nn_buf_add(&p->values, (const char *)&number, sizeof number);
}

static void row(nn_predictions *p, size_t i, const nn_real *y)
{
    (void)i;
    if (p->classes > 0 && !p->proba)
        keep(p, nn_prediction_next(p, y, -1));
    for (int k = 0; p->proba && k < p->classes; k++)
        keep(p, nn_prediction_probability(p, y, k));
    for (int j = 0; p->classes == 0 && j < p->width; j++)
        keep(p, (double)y[j]);
}

static void end(nn_predictions *p)
{
    const int numbers = p->steps * (p->classes == 0 ? p->width : (p->proba ? p->classes : 1));

    p->out->failed |= p->values.failed;
    if (!p->values.failed)
        nn_npy_write(p->out, (const float *)(const void *)p->values.data, p->rows,
                     numbers > 1 ? (size_t)numbers : 0);
}

const nn_prediction_format nn_prediction_npy = {"npy", begin, row, end};
