/* Figures of lines. */
#include "view/series.h"

#include <string.h>

bool nn_series_is_score(const char *name)
{
    static const char *const others[] = {"epoch", "step", "lr", "penalty", "gradient_norm", NULL};

    for (int i = 0; others[i] != NULL; i++)
        if (strcmp(name, others[i]) == 0)
            return false;
    return strncmp(name, "val_", 4) != 0;
}

nn_code nn_series_figure(nn_page *p, const char *caption, const char *plate, const nn_lines *lines,
                         nn_err *err)
{
    nn_page_figure(p, caption, NULL);
    const size_t from = p->out.len;
    nn_plot_lines(&p->out, lines);
    NN_TRY(nn_page_plate(p, from, plate, err));
    nn_page_figure_end(p);
    return NN_OK;
}
