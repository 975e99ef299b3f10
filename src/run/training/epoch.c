/* An epoch's figures as JSON. */
#include "run/epoch.h"

#include <math.h>

const char *nn_metric_name(const nn_choice *metric)
{
    return metric->kind->name;
}

static void put(nn_buf *out, const char *prefix, const char *name, double value)
{
    nn_buf_printf(out, ",\"%s%s\":", prefix, name);
    nn_buf_double(out, value);
}

static void put_scores(nn_buf *out, const char *prefix, const nn_setup *s, double loss,
                       const double *metric)
{
    put(out, prefix, "loss", loss);
    for (int i = 0; i < s->metrics; i++)
        put(out, prefix, nn_metric_name(&s->metric[i]), metric[i]);
}

/* JSON has no word for a value that is no number: null, and here what it was. */
static void put_nonfinite(nn_buf *out, const nn_epoch *e)
{
    const double value[] = {e->loss, e->validated ? e->val_loss : 0, e->penalty, e->gradient_norm};

    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        if (!isfinite(value[i])) {
            nn_buf_printf(out, ",\"nonfinite\":\"%s\"",
                          isnan(value[i]) ? "nan"
                          : value[i] > 0  ? "inf"
                                          : "-inf");
            return;
        }
}

void nn_epoch_members(nn_buf *out, const nn_setup *s, const nn_epoch *e)
{
    nn_buf_printf(out, "\"epoch\":%d,\"step\":%llu", e->epoch, (unsigned long long)e->step);
    put_scores(out, "", s, e->loss, e->metric);
    if (e->validated)
        put_scores(out, "val_", s, e->val_loss, e->val_metric);
    put(out, "", "lr", e->lr);
    put(out, "", "penalty", e->penalty);
    put(out, "", "gradient_norm", e->gradient_norm);
    if (e->set_back > 0)
        nn_buf_printf(out, ",\"set_back\":%d", e->set_back);
    put_nonfinite(out, e);
}

void nn_epoch_metrics(nn_buf *out, const nn_setup *s, const nn_epoch *e)
{
    nn_buf_char(out, '{');
    nn_epoch_members(out, s, e);
    nn_buf_char(out, '}');
}

void nn_epoch_timing(nn_buf *out, const nn_epoch *e)
{
    nn_buf_printf(out, "{\"epoch\":%d,\"seconds\":%.6f,\"rows_per_second\":%.1f}", e->epoch,
                  e->seconds, e->rows_per_second);
}
