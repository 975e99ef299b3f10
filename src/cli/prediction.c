/* What the formats of predictions share. */
#include "cli/prediction.h"

#define NN_PREDICTION(name) extern const nn_prediction_format nn_prediction_##name;
#include "cli/predictions.def"
#undef NN_PREDICTION

const nn_prediction_format *const nn_prediction_formats[] = {
#define NN_PREDICTION(name) &nn_prediction_##name,
#include "cli/predictions.def"
#undef NN_PREDICTION
    NULL};

double nn_prediction_probability(const nn_predictions *p, const nn_real *y, int k)
{
    if (p->width > 1)
        return (double)y[k];
    return k == 1 ? (double)y[0] : 1 - (double)y[0]; /* one output is the probability of class 1 */
}

int nn_prediction_next(const nn_predictions *p, const nn_real *y, int before)
{
    const double ceiling = before < 0 ? 2 : nn_prediction_probability(p, y, before);
    double best_value = -1;
    int best = 0;

    for (int k = 0; k < p->classes; k++) {
        const double value = nn_prediction_probability(p, y, k);
        const bool is_left = value < ceiling || (value == ceiling && k > before);
        if (is_left && value > best_value) {
            best = k;
            best_value = value;
        }
    }
    return best;
}
