/* Targets that a few rows have and that the network has no output for: the data's fault. */
#include "run/stray.h"

#include <math.h>
#include <string.h>

/* A class of its own is rarely so small: one row, or one of a hundred. */
static bool are_few(size_t stray, size_t rows)
{
    return stray == 1 || stray <= rows / 100;
}

/* Is the value of a row one of the classes 0 to below `classes`? */
static bool is_class(const nn_dataset *d, size_t row, int classes)
{
    if (d->label != NULL)
        return d->label[row] < classes;
    return d->value[row] >= 0 && d->value[row] < (float)classes &&
           d->value[row] == floorf(d->value[row]);
}

static bool ends_in_softmax(const nn_graph *g)
{
    const nn_choice *const act = &g->layer[g->count - 1]->act;

    return act->kind != NULL && strcmp(act->kind->name, "softmax") == 0;
}

/* A number for each sample, from a file of its own, and a network that tells classes apart. */
static bool is_about_classes(const nn_dataset *d, const nn_graph *g)
{
    const bool one = d->label != NULL ? d->steps <= 1 : d->value != NULL && d->width == 1;

    return one && d->files == 2 && !d->table && g->out.rank == 1 && nn_shape_len(&g->out) > 1 &&
           ends_in_softmax(g);
}

nn_code nn_stray_check(const nn_setup *s, nn_err *err)
{
    const nn_dataset *d = s->train_set;
    size_t stray = 0, first = 0;

    if (!is_about_classes(d, s->graph))
        return NN_OK;
    const int classes = (int)nn_shape_len(&s->graph->out);
    for (size_t row = 0; row < d->rows; row++)
        if (!is_class(d, row, classes) && stray++ == 0)
            first = row;
    if (stray == 0 || !are_few(stray, d->rows))
        return NN_OK;
    return nn_err_set(err, NN_EDATA, d->file[1].path,
                      "sample %zu: expected one of the %d classes that the last layer gives, a "
                      "whole number from 0 to %d, got %g; %zu of %zu samples are like that; where "
                      "they are right, the layer's units are to be the number of classes",
                      first, classes, classes - 1,
                      d->label != NULL ? (double)d->label[first] : (double)d->value[first], stray,
                      d->rows);
}
