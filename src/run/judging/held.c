/* Loading a split of a run's data again, with the model's own preprocessing. */
#include "run/held.h"

#include <string.h>

#include "data/windows.h"
#include "run/record.h"

static nn_load how_to_load(const nn_held *out, const nn_model *m, const nn_data_conf *conf,
                           const char *dir)
{
    const nn_prep *p = m->prep;
    const nn_load how = {.dir = dir,
                         .conf = conf,
                         .task = p->task,
                         .classes = p->classes.count > 0 ? &p->classes : NULL,
                         .steps = p->steps,
                         .encoder = p->encoder,
                         .vocabulary = p->vocabulary,
                         .plain = p->encoder == NULL,
                         .threads = out->threads};
    return how;
}

nn_code nn_held_check(const nn_dataset *d, const nn_model *m, nn_err *err)
{
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];

    if (nn_shape_equal(&d->shape, &m->prep->shape))
        return NN_OK;
    return nn_err_set(err, NN_EDATA, d->name,
                      "expected samples of shape %s, as the model takes, got %s",
                      nn_shape_text(a, &m->prep->shape), nn_shape_text(b, &d->shape));
}

static nn_code load(nn_held *out, const nn_model *m, nn_node node, const nn_config *c, nn_err *err)
{
    const nn_load how = how_to_load(out, m, &c->data, c->dir);
    nn_files files = {0};

    nn_files_read(node, &files);
    NN_TRY(nn_problems_check(&c->problems, err));
    NN_TRY(nn_dataset_load(&out->owned, &files, &how, err));
    return nn_held_check(out->owned, m, err);
}

static nn_code whole(nn_held *out, nn_err *err)
{
    return nn_view_all(&out->view, out->owned, err);
}

/* The parts of the training data that the run was made with. */
static nn_code make_parts(nn_parts *parts, const nn_dataset *d, const nn_record *r, nn_err *err)
{
    const nn_config *c = r->config;
    const bool windows = d->windows.window > 0;

    NN_TRY(nn_parts_make(parts, d, &c->validation, windows ? 0 : r->limit, c->seed, err));
    return nn_parts_window(parts, r->limit, c->seed, err);
}

/* Part of the training data: the rows that were trained on, or held back from them. */
static nn_code take_part(nn_held *out, nn_parts *parts)
{
    nn_view *const view = strcmp(out->split, "train") == 0  ? &parts->train
                          : strcmp(out->split, "test") == 0 ? &parts->test
                                                            : &parts->validation;

    out->view = *view;
    memset(view, 0, sizeof *view); /* handed over */
    return NN_OK;
}

/* Picks the split: the one asked for, or the best judge there is. */
static nn_code choose_split(nn_held *out, const char *split, bool has_test, bool has_validation,
                            const char *where, nn_err *err)
{
    out->split = split != NULL    ? split
                 : has_test       ? "test"
                 : has_validation ? "validation"
                                  : "train";
    if ((strcmp(out->split, "test") == 0 && !has_test) ||
        (strcmp(out->split, "validation") == 0 && !has_validation))
        return nn_err_set(err, NN_EUSAGE, where, "the config has no %s split", out->split);
    return NN_OK;
}

/* The file of a split by name, or a part of the training data. */
static nn_code load_split(nn_held *out, const nn_model *m, const nn_record *r, nn_parts *parts,
                          nn_err *err)
{
    const nn_config *c = r->config;
    const bool test = strcmp(out->split, "test") == 0 && parts->test.count == 0;
    const bool validation = strcmp(out->split, "validation") == 0 && c->validation.has_files;

    if (test || validation) {
        nn_dataset_free(out->owned);
        out->owned = NULL;
        NN_TRY(load(out, m, test ? c->data.test : c->validation.files.node, c, err));
        return whole(out, err);
    }
    if (out->owned == NULL) {
        NN_TRY(load(out, m, c->data.train, c, err));
        NN_TRY(make_parts(parts, out->owned, r, err));
    }
    return take_part(out, parts);
}

/* Which splits there are is in the config, unless a column of the data says it. */
static nn_code find_split(nn_held *out, const nn_model *m, const char *split, const nn_record *r,
                          nn_parts *parts, nn_err *err)
{
    const nn_config *c = r->config;
    const nn_validation_conf *v = &c->validation;

    if (!nn_node_is(c->data.split, NN_JSON_NONE)) {
        NN_TRY(load(out, m, c->data.train, c, err));
        NN_TRY(make_parts(parts, out->owned, r, err));
    }
    NN_TRY(
        choose_split(out, split, !nn_node_is(c->data.test, NN_JSON_NONE) || parts->test.count > 0,
                     v->has_files || v->fraction > 0 || parts->validation.count > 0, m->run, err));
    return load_split(out, m, r, parts, err);
}

static nn_code split_of_run(nn_held *out, const nn_model *m, const char *split, nn_err *err)
{
    nn_record r = {0};
    nn_parts parts = {0};
    nn_code rc = nn_record_read(&r, m->run, NULL, 0, err);

    if (rc == NN_OK)
        rc = find_split(out, m, split, &r, &parts, err);
    nn_parts_free(&parts);
    nn_record_free(&r);
    return rc;
}

/* A hand-set config's data is loaded already. */
static nn_code split_of_setup(nn_held *out, const nn_model *m, const char *split, nn_err *err)
{
    const nn_setup *s = m->setup;

    NN_TRY(choose_split(out, split, s->test.count > 0, s->validation.count > 0, m->path, err));
    out->view = strcmp(out->split, "test") == 0         ? s->test
                : strcmp(out->split, "validation") == 0 ? s->validation
                                                        : s->train;
    if (out->view.data->label == NULL && out->view.data->value == NULL)
        return nn_err_set(err, NN_EUSAGE, m->path,
                          "the config's data has no targets to compare with");
    return NN_OK;
}

nn_code nn_held_split(nn_held *out, const nn_model *m, const char *split, nn_err *err)
{
    nn_code rc;

    *out = (nn_held){.threads = out->threads};
    if (m->setup != NULL)
        rc = split_of_setup(out, m, split, err);
    else if (m->run != NULL)
        rc = split_of_run(out, m, split, err);
    else
        rc = nn_err_set(
            err, NN_EUSAGE, m->path,
            "a model file names no data; give --x and --y, or --csv, or the run directory");
    if (rc != NN_OK) {
        if (m->setup != NULL)
            memset(out, 0, sizeof *out); /* the views are the setup's */
        nn_held_free(out);
    }
    return rc;
}

/* Keeps what was loaded when it fits the model, else nothing. */
static nn_code take(nn_held *out, const nn_model *m, nn_code rc, nn_err *err)
{
    if (rc == NN_OK)
        rc = nn_held_check(out->owned, m, err);
    if (rc == NN_OK && out->owned->windows.window > 0 && strcmp(out->split, "input") == 0)
        rc = nn_windows_last(&out->view, out->owned, err);
    else if (rc == NN_OK)
        rc = whole(out, err);
    if (rc != NN_OK)
        nn_held_free(out);
    return rc;
}

nn_code nn_held_files(nn_held *out, const nn_model *m, const char *x, const char *y,
                      const char *csv, nn_err *err)
{
    nn_data_conf conf = {0};
    nn_load how = {0};
    const nn_files files = {.x = x, .y = y, .path = csv};

    *out = (nn_held){.threads = out->threads, .split = "files"};
    nn_prep_load(m->prep, &how, &conf);
    how.threads = out->threads;
    return take(out, m, nn_dataset_load(&out->owned, &files, &how, err), err);
}

nn_code nn_held_input(nn_held *out, const nn_model *m, const char *path, const char *id,
                      nn_err *err)
{
    nn_data_conf conf = {0};
    nn_load how = {0};

    *out = (nn_held){.threads = out->threads, .split = "input"};
    nn_prep_load(m->prep, &how, &conf);
    how.threads = out->threads;
    how.targets_optional = true;
    how.id = id;
    NN_TRY(take(out, m, nn_dataset_load_input(&out->owned, path, path == NULL ? 0 : -1, &how, err),
                err));
    if (id == NULL || out->owned->ids != NULL)
        return NN_OK;
    nn_held_free(out);
    return nn_err_set(err, NN_EUSAGE, path, "an id column is for CSV, which this is not");
}

nn_code nn_held_picture(nn_held *out, const nn_model *m, const char *path,
                        const nn_raster_form *form, nn_err *err)
{
    *out = (nn_held){.threads = out->threads, .split = "input"};
    return take(out, m, nn_raster_dataset(&out->owned, path, &m->prep->shape, form, err), err);
}

void nn_held_free(nn_held *h)
{
    if (h->owned != NULL)
        nn_view_free(&h->view);
    nn_dataset_free(h->owned);
    memset(h, 0, sizeof *h);
}
