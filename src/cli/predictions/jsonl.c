/* Predictions as JSON Lines: an object per row. */
#include "cli/prediction.h"

static void begin(nn_predictions *p)
{
    (void)p; /* no header */
}

static void put_class(const nn_predictions *p, int k)
{
    char number[NN_NUMBER_TEXT];

    nn_buf_json(p->out, nn_prep_label(p->prep, k, number));
}

static void put_probability(const nn_predictions *p, const nn_real *y, int k)
{
    nn_buf_float(p->out, (float)nn_prediction_probability(p, y, k));
}

static void put_top(const nn_predictions *p, const nn_real *y)
{
    nn_buf_put(p->out, ",\"top\":[");
    for (int i = 0, k = -1; i < p->top; i++) {
        k = nn_prediction_next(p, y, k);
        nn_buf_put(p->out, i == 0 ? "{\"class\":" : ",{\"class\":");
        put_class(p, k);
        nn_buf_put(p->out, ",\"probability\":");
        put_probability(p, y, k);
        nn_buf_char(p->out, '}');
    }
    nn_buf_char(p->out, ']');
}

static void put_all(const nn_predictions *p, const nn_real *y)
{
    nn_buf_put(p->out, ",\"probabilities\":{");
    for (int k = 0; k < p->classes; k++) {
        nn_buf_put(p->out, k == 0 ? "" : ",");
        put_class(p, k);
        nn_buf_char(p->out, ':');
        put_probability(p, y, k);
    }
    nn_buf_char(p->out, '}');
}

static void put_numbers(const nn_predictions *p, const nn_real *y)
{
    nn_buf_put(p->out, p->width == 1 ? ",\"prediction\":" : ",\"prediction\":[");
    for (int j = 0; j < p->width; j++) {
        nn_buf_put(p->out, j == 0 ? "" : ",");
        nn_buf_float(p->out, (float)y[j]);
    }
    nn_buf_put(p->out, p->width == 1 ? "" : "]");
}

static void row(nn_predictions *p, size_t i, const nn_real *y)
{
    nn_buf_printf(p->out, "{\"row\":%zu", i);
    if (p->id != NULL) {
        nn_buf_put(p->out, ",\"id\":");
        nn_buf_json(p->out, p->id);
    }
    if (p->steps > 1)
        nn_buf_printf(p->out, ",\"step\":%d", p->step);
    if (p->classes == 0) {
        put_numbers(p, y);
    } else {
        const int k = nn_prediction_next(p, y, -1);
        nn_buf_put(p->out, ",\"prediction\":");
        put_class(p, k);
        nn_buf_put(p->out, ",\"probability\":");
        put_probability(p, y, k);
    }
    if (p->top > 0)
        put_top(p, y);
    if (p->proba)
        put_all(p, y);
    nn_buf_put(p->out, "}\n");
}

static void end(nn_predictions *p)
{
    (void)p; /* no footer */
}

const nn_prediction_format nn_prediction_jsonl = {"jsonl", begin, row, end};
