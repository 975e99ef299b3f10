/* The naive answer: shares of classes, means of numbers. */
#include "data/baseline.h"

#include <math.h>

#include "base/mem.h"
#include "data/targets.h"

static nn_code make(nn_prep *p, int count, nn_err *err)
{
    p->baseline = nn_alloc((size_t)count, sizeof *p->baseline);
    p->baseline_count = p->baseline == NULL ? 0 : count;
    return p->baseline == NULL ? nn_err_memory(err, "the naive answer", 0) : NN_OK;
}

nn_code nn_baseline_fit(nn_prep *p, const nn_view *train, nn_err *err)
{
    const nn_dataset *d = train->data;
    const size_t labels = d->windows.window > 0 ? 1 : (size_t)nn_dataset_labels(d);
    const double n = (double)train->count;
    const int pitch = (int)nn_dataset_target_pitch(d);

    if (d->label == NULL && d->value == NULL)
        return NN_OK;
    NN_TRY(make(p, d->label != NULL ? d->classes.count : d->width, err));
    for (size_t i = 0; i < train->count; i++) {
        const size_t row = nn_view_row(train, i);

        for (int k = 0; d->label == NULL && k < pitch; k++)
            p->baseline[k] += (double)d->value[row * (size_t)pitch + (size_t)k] / n;
        for (size_t k = 0; d->label != NULL && k < labels; k++)
            p->baseline[d->label[row * labels + k]] += 1;
    }
    for (int k = pitch; d->label == NULL && k < d->width; k++)
        p->baseline[k] = p->baseline[k - pitch]; /* the same for every row of a horizon */
    for (int k = 0; d->label != NULL && k < d->classes.count; k++)
        p->baseline[k] /= n * (double)labels; /* after the counting, which is exact */
    return NN_OK;
}

void nn_baseline_write(const nn_prep *p, nn_buf *out)
{
    if (p->baseline == NULL)
        return;
    for (int i = 0; i < p->baseline_count; i++) {
        nn_buf_put(out, i == 0 ? ",\"baseline\":[" : ",");
        nn_buf_double(out, p->baseline[i]);
    }
    nn_buf_char(out, ']');
}

nn_code nn_baseline_read(nn_prep *p, nn_node list, nn_err *err)
{
    const int expected = p->classes.count > 0 ? p->classes.count : p->width;
    char shown[NN_SHOWN];
    double *at;

    if (nn_node_is(list, NN_JSON_NONE))
        return NN_OK;
    if (!nn_node_is(list, NN_JSON_ARRAY) || nn_node_count(list) != expected || expected == 0)
        return nn_refuse_node(list, err, NULL, "expected a list of %d numbers, got %s", expected,
                              nn_node_show(list, shown));
    NN_TRY(make(p, expected, err));
    at = p->baseline;
    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n), at++) {
        *at = nn_node_number(n);
        if (!nn_node_is(n, NN_JSON_NUMBER) || !isfinite(*at) || (p->classes.count > 0 && *at < 0))
            return nn_refuse_node(n, err, NULL, "expected a finite number%s, got %s",
                                  p->classes.count > 0 ? " from 0" : "", nn_node_show(n, shown));
    }
    return NN_OK;
}
