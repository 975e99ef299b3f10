/* Learning rate, size of the gradients, penalty and speed by epoch. */
#include "view/page.h"

#include <string.h>

#include "view/series.h"

typedef struct row {
    const char *series, *title, *about;
} row;

static const row rows[] = {
    {"lr", "learning rate", "Learning rate by epoch"},
    {"gradient_norm", "gradient norm", "Mean norm of the gradient by epoch"},
    {"penalty", "penalty", "Penalty on the weights by epoch"},
    {"rows_per_second", "rows per second", "Rows trained on per second by epoch"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bool applies(const nn_dossier *d)
{
    return d->history.lines > 0 && nn_history_find(&d->history, "epoch") != NULL;
}

/* A penalty that is 0 throughout was not asked for. */
static bool is_telling(const double *value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (value[i] != 0)
            return true;
    return false;
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    nn_buf_put(&p->out, "<div class=\"grid\">\n");
    for (int i = 0; i < ROWS; i++) {
        const bool timed = nn_history_find(&d->history, rows[i].series) == NULL;
        const nn_history *h = timed ? &d->timing : &d->history;
        const double *value = nn_history_find(h, rows[i].series);
        const size_t count = h->lines < d->history.lines ? h->lines : d->history.lines;

        if (value == NULL || !is_telling(value, count))
            continue;
        const nn_line line = {
            .x = nn_history_find(&d->history, "epoch"), .y = value, .count = count, .color = 2};
        const nn_lines lines = {.about = rows[i].about,
                                .x_name = "epoch",
                                .line = &line,
                                .count = 1,
                                .linear = strcmp(rows[i].series, "lr") == 0,
                                .from_zero = timed || strcmp(rows[i].series, "lr") == 0};
        NN_TRY(nn_series_figure(p, rows[i].title, rows[i].series, &lines, err));
    }
    nn_buf_put(&p->out, "</div>\n");
    return NN_OK;
}

const nn_section nn_section_pace = {"pace", "Learning rate and gradient", applies, write};
