/* Rows of a table to predict, as they come in. */
#include "run/feed.h"

#include <string.h>

#include "run/held.h"

nn_code nn_feed_open(nn_feed *f, const nn_model *m, const char *id, nn_err *err)
{
    nn_load how = {0};

    *f = (nn_feed){.model = m};
    nn_prep_load(m->prep, &how, &f->conf);
    how.targets_optional = true;
    how.id = id;
    return nn_rows_open(&f->rows, NULL, 0, &how, err);
}

nn_code nn_feed_next(nn_feed *f, nn_dataset **out, nn_err *err)
{
    nn_code rc = nn_rows_next(f->rows, out, err);

    if (rc == NN_OK && *out == NULL)
        return f->taken > 0 ? NN_OK : nn_err_set(err, NN_EDATA, "<stdin>", "a header but no rows");
    if (rc == NN_OK)
        rc = nn_held_check(*out, f->model, err);
    if (rc != NN_OK) {
        nn_dataset_free(*out);
        *out = NULL;
        return rc;
    }
    f->taken += (*out)->rows;
    f->tiny += (*out)->tiny;
    f->unknown += (*out)->unknown;
    return NN_OK;
}

void nn_feed_close(nn_feed *f)
{
    nn_rows_close(f->rows);
    memset(f, 0, sizeof *f);
}
