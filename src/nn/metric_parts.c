/* Means that are being collected, and counts per class: what several metrics are made of. */
#include "nn/metric_parts.h"

#include <math.h>
#include <string.h>

size_t nn_tally_size(const void *conf, const nn_metric_case *what)
{
    (void)conf;
    (void)what;
    return sizeof(nn_tally);
}

void nn_tally_start(const void *conf, const nn_metric_case *what, void *state)
{
    (void)conf;
    (void)what;
    *(nn_tally *)state = (nn_tally){0, 0};
}

double nn_tally_value(const void *conf, void *state)
{
    const nn_tally *const tally = (const nn_tally *)state;

    (void)conf;
    return tally->seen > 0 ? tally->sum / tally->seen : NAN;
}

void nn_tally_squares(const void *conf, void *state, const nn_real *y, const nn_target *t, int n,
                      int width)
{
    nn_tally *const tally = (nn_tally *)state;

    (void)conf;
    for (size_t i = 0; i < (size_t)n; i++) {
        const double share = nn_target_share(t, i);

        for (int j = 0; j < width; j++) {
            const double d = (double)y[i * (size_t)width + (size_t)j] - nn_target_at(t, i, j);

            tally->sum += share * (d * d);
        }
        tally->seen += share * width;
    }
}

size_t nn_class_counts_size(const void *conf, const nn_metric_case *what)
{
    (void)conf;
    return sizeof(nn_class_counts) + (size_t)what->width * sizeof(nn_class_count);
}

void nn_class_counts_start(const void *conf, const nn_metric_case *what, void *state)
{
    nn_class_counts *const c = (nn_class_counts *)state;

    (void)conf;
    c->classes = what->width;
    memset(c->count, 0, (size_t)what->width * sizeof c->count[0]);
}

static void count_output(nn_class_count *c, bool truth, bool said, double share)
{
    c->truth += truth ? share : 0;
    c->said += said ? share : 0;
    c->both += truth && said ? share : 0;
}

bool nn_class_counts_hold(const void *conf, const nn_metric_case *what, size_t added,
                          const void *state)
{
    (void)conf;
    (void)added;
    return ((const nn_class_counts *)state)->classes == what->width;
}

void nn_class_counts_add(const void *conf, void *state, const nn_real *y, const nn_target *t, int n,
                         int width)
{
    nn_class_counts *const c = (nn_class_counts *)state;

    (void)conf;
    for (size_t i = 0; i < (size_t)n; i++) {
        const nn_real *const row = y + i * (size_t)width;
        const double share = nn_target_share(t, i);

        if (t->label == NULL || width == 1) {
            for (int j = 0; j < width; j++)
                count_output(&c->count[j], nn_target_at(t, i, j) > (nn_real)0.5,
                             row[j] > (nn_real)0.5, share);
        } else {
            const int said = nn_predicted_class(row, width);

            c->count[t->label[i]].truth += share;
            c->count[said].said += share;
            c->count[said].both += said == t->label[i] ? share : 0;
        }
    }
}

double nn_class_counts_mean(const nn_class_counts *c, double (*score)(const nn_class_count *c))
{
    double sum = 0;
    int met = 0;

    for (int k = 0; k < c->classes; k++) {
        if (c->count[k].truth == 0 && c->count[k].said == 0)
            continue;
        sum += score(&c->count[k]);
        met++;
    }
    return met > 0 ? sum / met : NAN;
}
