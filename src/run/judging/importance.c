/* Permutation importance: a score with one column's values dealt to other rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "run/explain.h"

enum { MOST_COLUMNS = 4096 };

typedef struct work {
    const nn_view *view;
    nn_dataset mixed; /* the view's dataset with numbers of its own */
    nn_view over;     /* the same rows of it */
    size_t len;
    uint32_t *order; /* [count] */
    nn_evaluator *evaluator;
    const nn_encoder *columns; /* NULL: every number is a column */
    bool by_loss;              /* there is no metric */
    bool higher_is_better;
} work;

static void columns_of(const work *w, int column, int *at, int *width)
{
    *at = w->columns != NULL ? w->columns->column[column].at : column;
    *width = w->columns != NULL ? w->columns->column[column].width : 1;
}

static double score(work *w)
{
    nn_scores scores;

    nn_evaluate(w->evaluator, &w->over, &scores);
    return w->by_loss ? scores.loss : scores.metric[0];
}

/* Position i of the view gets the column of position order[i]; NULL: its own again. */
static void deal(work *w, int column, const uint32_t *order)
{
    int at, width;

    columns_of(w, column, &at, &width);
    for (size_t i = 0; i < w->view->count; i++) {
        const size_t to = nn_view_row(w->view, i);
        const size_t from = order == NULL ? to : nn_view_row(w->view, order[i]);

        for (int k = at; k < at + width; k++)
            w->mixed.numbers[to * w->len + (size_t)k] =
                (float)nn_dataset_value(w->view->data, from * w->len + (size_t)k);
    }
}

static void measure(work *w, int column, double base, int repeats, uint64_t seed,
                    nn_importance *out)
{
    double sum = 0, squares = 0;

    for (int r = 0; r < repeats; r++) {
        const nn_rng rng = {seed, NN_RNG_PERMUTE,
                            (uint64_t)column * (uint64_t)repeats + (uint64_t)r};

        nn_rng_permute(&rng, w->order, w->view->count);
        deal(w, column, w->order);
        const double loss = w->higher_is_better ? base - score(w) : score(w) - base;
        sum += loss;
        squares += loss * loss;
    }
    deal(w, column, NULL);
    const double mean = sum / repeats;
    *out = (nn_importance){column, mean, sqrt(fmax(0, squares / repeats - mean * mean))};
}

static int by_mean(const void *a, const void *b)
{
    const nn_importance *x = a, *y = b;

    if (x->mean != y->mean)
        return (x->mean < y->mean) - (x->mean > y->mean);
    return x->column - y->column;
}

/* All numbers of the rows, to be dealt anew. */
static nn_code copy_data(work *w, nn_err *err)
{
    const nn_dataset *d = w->view->data;
    const size_t count = d->rows * w->len;

    w->mixed = *d;
    w->mixed.bytes = NULL;
    w->mixed.numbers = nn_alloc(count, sizeof(float));
    w->order = nn_alloc(w->view->count, sizeof *w->order);
    if (w->mixed.numbers == NULL || w->order == NULL)
        return nn_err_memory(err, "a copy of the data", count * sizeof(float));
    for (size_t i = 0; i < count; i++)
        w->mixed.numbers[i] = (float)nn_dataset_value(d, i);
    w->over = (nn_view){&w->mixed, w->view->row, w->view->count};
    return NN_OK;
}

nn_code nn_permutation_importance(nn_importance **out, int *count, const char **name, double *base,
                                  const nn_subject *subject, const nn_view *view, int repeats,
                                  uint64_t seed, nn_err *err)
{
    const bool by_loss = subject->metrics == 0;
    const nn_metric_class *metric =
        by_loss ? NULL : (const nn_metric_class *)subject->metric[0].kind;
    work w = {.view = view,
              .len = nn_shape_len(&view->data->shape),
              .columns = subject->prep->encoder,
              .by_loss = by_loss,
              .higher_is_better = !by_loss && metric->higher_is_better};
    nn_code rc;

    *out = NULL;
    *name = by_loss ? "loss" : metric->kind.name;
    *count = w.columns != NULL ? w.columns->count : (int)w.len;
    if (view->data->windows.window > 0)
        return nn_err_set(err, NN_EUSAGE, view->data->name,
                          "rows of a time series cannot be dealt out at random; take --method "
                          "integrated or occlusion");
    if (w.len > MOST_COLUMNS)
        return nn_err_set(err, NN_EUSAGE, view->data->name,
                          "permutation importance is for tables; samples of %zu numbers are "
                          "explained by --method integrated or occlusion",
                          w.len);
    if ((rc = copy_data(&w, err)) == NN_OK)
        rc = nn_evaluator_new(&w.evaluator, subject, &w.mixed, view->count, false, err);
    if (rc == NN_OK && (*out = nn_alloc((size_t)*count, sizeof **out)) == NULL)
        rc = nn_err_memory(err, "the importances", 0);
    if (rc == NN_OK) {
        *base = score(&w);
        for (int c = 0; c < *count; c++)
            measure(&w, c, *base, repeats, seed, &(*out)[c]);
        qsort(*out, (size_t)*count, sizeof **out, by_mean);
    }
    nn_evaluator_free(w.evaluator);
    nn_free(w.mixed.numbers);
    nn_free(w.order);
    return rc;
}
