/* Predictions as CSV with a header. */
#include <string.h>

#include "cli/prediction.h"

/* Spreadsheets take a text that begins like a formula for one; in quotes it is at least seen as
 * text. */
static void put_label(nn_buf *out, const char *name)
{
    if (name[0] == '\0' || strchr("=+-@", name[0]) == NULL ||
        strpbrk(name, ",;\t\"\r\n ") != NULL) {
        nn_buf_csv(out, name);
        return;
    }
    nn_buf_char(out, '"');
    nn_buf_put(out, name);
    nn_buf_char(out, '"');
}

static void put_class(const nn_predictions *p, int k)
{
    char number[NN_NUMBER_TEXT];

    put_label(p->out, nn_label(p->prep, k, number));
}

static void put_probability_names(const nn_predictions *p)
{
    char number[NN_NUMBER_TEXT];
    nn_buf name = {0};

    for (int k = 0; k < p->classes; k++) {
        nn_buf_clear(&name);
        nn_buf_printf(&name, "p_%s", nn_label(p->prep, k, number));
        nn_buf_char(p->out, ',');
        if (nn_buf_check(&name, &(nn_err){0}) == NN_OK)
            nn_buf_csv(p->out, name.data);
    }
    p->out->failed |= name.failed;
    nn_buf_free(&name);
}

static void begin(nn_predictions *p)
{
    nn_buf_put(p->out, "row");
    for (int i = 1; i <= p->top; i++)
        nn_buf_printf(p->out, ",top%d,p%d", i, i);
    if (p->classes > 0 && p->top == 0)
        nn_buf_put(p->out, ",prediction,probability");
    if (p->proba)
        put_probability_names(p);
    if (p->classes == 0 && p->width == 1)
        nn_buf_put(p->out, ",prediction");
    for (int j = 0; p->classes == 0 && p->width > 1 && j < p->width; j++)
        nn_buf_printf(p->out, ",output_%d", j);
    nn_buf_char(p->out, '\n');
}

static void put_number(const nn_predictions *p, double value)
{
    nn_buf_char(p->out, ',');
    nn_buf_float(p->out, (float)value);
}

static void put_likeliest(const nn_predictions *p, const nn_real *y, int count)
{
    for (int i = 0, k = -1; i < count; i++) {
        k = nn_prediction_next(p, y, k);
        nn_buf_char(p->out, ',');
        put_class(p, k);
        put_number(p, nn_prediction_probability(p, y, k));
    }
}

static void row(nn_predictions *p, size_t i, const nn_real *y)
{
    nn_buf_printf(p->out, "%zu", i);
    if (p->classes > 0)
        put_likeliest(p, y, p->top > 0 ? p->top : 1);
    for (int k = 0; p->proba && k < p->classes; k++)
        put_number(p, nn_prediction_probability(p, y, k));
    for (int j = 0; p->classes == 0 && j < p->width; j++)
        put_number(p, (double)y[j]);
    nn_buf_char(p->out, '\n');
}

static void end(nn_predictions *p)
{
    (void)p; /* the rows were all */
}

const nn_prediction_format nn_prediction_csv = {"csv", begin, row, end};
