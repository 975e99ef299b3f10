/* The config's `sequence`, and the windows that it makes of a dataset's rows. */
#include "data/sequence.h"

#include <limits.h>

#include "base/mem.h"
#include "data/load.h"

#define COLUMN "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\",\"minimum\":0}]}"

static const nn_field fields[] = {
    {.key = "window",
     .type = NN_FIELD_INT,
     .at = offsetof(nn_sequence_conf, window),
     .range = "[1,1048576]",
     .help = "rows of a sample, whose shape is [window, features]"},
    {.key = "horizon",
     .type = NN_FIELD_INT,
     .at = offsetof(nn_sequence_conf, horizon),
     .fallback = "1",
     .range = "[1,1048576]",
     .help = "rows that are forecast at once; the network gives a number for each (and target)"},
    {.key = "lead",
     .type = NN_FIELD_INT,
     .at = offsetof(nn_sequence_conf, lead),
     .fallback = "1",
     .range = "[0,1048576]",
     .help = "rows from the window's last to the first that is forecast; 0: the last itself, whose "
             "target is then no feature"},
    {.key = "stride",
     .type = NN_FIELD_INT,
     .at = offsetof(nn_sequence_conf, stride),
     .fallback = "1",
     .range = "[1,1048576]",
     .help = "rows from the start of one sample to that of the next"},
    {.key = "group",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_sequence_conf, group),
     .fallback = "null",
     .form = COLUMN,
     .help = "the column that says which series a row belongs to; absent: all are one; no feature"},
    {.key = "order",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_sequence_conf, order),
     .fallback = "null",
     .form = COLUMN,
     .help = "the column of the time, numbers or dates like 2024-01-31 13:45; absent: as the rows "
             "stand; no feature"},
    {.key = "season",
     .type = NN_FIELD_INT,
     .at = offsetof(nn_sequence_conf, season),
     .fallback = "null",
     .range = "[1,1048576]",
     .help = "rows after which a pattern repeats, for the naive forecast that eval compares with; "
             "1: none; absent: found in the training rows"},
    {.key = NULL},
};

const nn_table nn_sequence_table = {
    .name = "sequence", .help = "the rows of a table as time series", .fields = fields};

nn_windows nn_sequence_windows(const nn_sequence_conf *conf)
{
    const nn_windows w = {.window = conf->window,
                          .horizon = conf->horizon,
                          .offset = conf->window - 1 + conf->lead,
                          .stride = conf->stride};
    return w;
}

nn_code nn_dataset_window(nn_dataset *d, const nn_windows *windows, const nn_shape *wanted,
                          nn_err *err)
{
    const size_t pitch = nn_dataset_pitch(d);
    nn_shape found = {.rank = 2};
    size_t len = 0, width = 0;

    if (!nn_mul_size(pitch, (size_t)windows->window, &len) || len > INT_MAX ||
        !nn_mul_size((size_t)d->width, (size_t)windows->horizon, &width) || width > INT_MAX)
        return nn_err_set(err, NN_ELIMIT, d->name, "a window of %d rows has more than %d numbers",
                          windows->window, INT_MAX);
    found.dim[0] = windows->window;
    found.dim[1] = (int)pitch;
    NN_TRY(nn_shape_settle(&d->shape, &found, wanted, d->name, err));
    d->windows = *windows;
    d->width = (int)width;
    return NN_OK;
}
