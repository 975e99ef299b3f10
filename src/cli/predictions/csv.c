/* Predictions as CSV with a header. */
#include <string.h>

#include "cli/prediction.h"

/*
 * Spreadsheets take a text that begins like a formula for one. In quotes it is at least seen to be
 * a text; only another first character keeps all of them from it.
 */
static void put_text(const nn_predictions *p, const char *text)
{
    const bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
    nn_buf safe = {0};

    if (formula && p->spreadsheet) {
        nn_buf_printf(&safe, "'%s", text);
        if (!safe.failed)
            nn_buf_csv(p->out, safe.data);
        p->out->failed |= safe.failed;
        nn_buf_free(&safe);
    } else if (formula && strpbrk(text, ",;\t\"\r\n ") == NULL) {
        nn_buf_printf(p->out, "\"%s\"", text);
    } else {
        nn_buf_csv(p->out, text);
    }
}

static void put_class(const nn_predictions *p, int k)
{
    char number[NN_NUMBER_TEXT];

    put_text(p, nn_prep_label(p->prep, k, number));
}

/* The columns of several numbers are called as their targets. */
static void put_outputs(const nn_predictions *p)
{
    char number[NN_NUMBER_TEXT];

    for (int j = 0; j < p->width; j++) {
        nn_buf_char(p->out, ',');
        put_text(p, nn_prep_output(p->prep, p->width, j, number));
    }
}

static void put_probability_names(const nn_predictions *p)
{
    char number[NN_NUMBER_TEXT];
    nn_buf name = {0};

    for (int k = 0; k < p->classes; k++) {
        nn_buf_clear(&name);
        nn_buf_printf(&name, "p_%s", nn_prep_label(p->prep, k, number));
        nn_buf_char(p->out, ',');
        if (nn_buf_check(&name, &(nn_err){0}) == NN_OK)
            nn_buf_csv(p->out, name.data);
    }
    p->out->failed |= name.failed;
    nn_buf_free(&name);
}

static void begin(nn_predictions *p)
{
    if (p->id_name != NULL)
        put_text(p, p->id_name);
    else
        nn_buf_put(p->out, "row");
    nn_buf_put(p->out, p->steps > 1 ? ",step" : "");
    for (int i = 1; i <= p->top; i++)
        nn_buf_printf(p->out, ",top%d,p%d", i, i);
    if (p->classes > 0 && p->top == 0)
        nn_buf_put(p->out, ",prediction,probability");
    if (p->proba)
        put_probability_names(p);
    if (p->classes == 0 && p->width == 1)
        nn_buf_put(p->out, ",prediction");
    else if (p->classes == 0)
        put_outputs(p);
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
    if (p->id != NULL)
        put_text(p, p->id);
    else
        nn_buf_printf(p->out, "%zu", i);
    if (p->steps > 1)
        nn_buf_printf(p->out, ",%d", p->step);
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
