/* Gathering what there is to tell of a run. */
#include "run/dossier.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

enum { MOST_CONFIG = 16 << 20 };

/* ---- the files of the run ---- */

static nn_code read_text(char **bytes, size_t *len, const char *run, const char *name, nn_err *err)
{
    char *path = nn_path_join(run, name);

    if (path == NULL)
        return nn_err_memory(err, "a path", 0);
    const nn_code rc = nn_file_read(bytes, len, path, MOST_CONFIG, err);
    nn_free(path);
    return rc;
}

static nn_code parse(nn_doc **out, nn_dossier *d, const char *name, const char *bytes, size_t len,
                     nn_err *err)
{
    const nn_json_source source = {name, NN_EMODEL, false};

    return nn_doc_parse(out, &source, bytes, len, &d->problems, err);
}

static nn_code read_record(nn_dossier *d, nn_err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    nn_code rc;

    if (!nn_path_is_dir(d->run))
        return nn_err_set(err, NN_EFILE, d->run,
                          "expected a run directory, as `nnctl train` makes them");
    if ((rc = read_text(&bytes, &len, d->run, "run.json", err)) == NN_OK)
        rc = parse(&d->record, d, "run.json", bytes, len, err);
    nn_free(bytes);
    return rc;
}

static nn_code read_history(nn_history *h, const char *run, const char *name, nn_err *err)
{
    char *path = nn_path_join(run, name);
    nn_code rc;

    if (path == NULL)
        return nn_err_memory(err, "a path", 0);
    rc = nn_history_read(h, path, err);
    nn_free(path);
    return rc;
}

static nn_code read_files(nn_dossier *d, nn_err *err)
{
    NN_TRY(read_record(d, err));
    NN_TRY(read_text(&d->config, &d->config_len, d->run, "config.json", err));
    NN_TRY(read_text(&d->resolved_text, &d->resolved_len, d->run, "resolved.json", err));
    NN_TRY(parse(&d->resolved, d, "resolved.json", d->resolved_text, d->resolved_len, err));
    NN_TRY(read_history(&d->history, d->run, "metrics.jsonl", err));
    return read_history(&d->timing, d->run, "timing.jsonl", err);
}

/* ---- the best epoch ---- */

/* Metrics that are errors are better low; so are losses. */
static bool is_higher_better(const char *name)
{
    const char *bare = strncmp(name, "val_", 4) == 0 ? name + 4 : name;
    const nn_kind *kind = nn_family_find(&nn_metrics, bare);

    return kind != NULL && ((const nn_metric_class *)kind)->higher_is_better;
}

static void find_best(nn_dossier *d)
{
    const nn_node checkpoint = nn_node_get(nn_doc_root(d->resolved), "checkpoint");
    const char *asked = nn_node_text(nn_node_get(checkpoint, "monitor"));
    const double *value = nn_history_find(&d->history, asked);

    if (value == NULL) {
        asked = nn_history_find(&d->history, "val_loss") != NULL ? "val_loss" : "loss";
        value = nn_history_find(&d->history, asked);
    }
    (void)snprintf(d->monitor, sizeof d->monitor, "%.79s", asked);
    d->higher_is_better = is_higher_better(d->monitor);
    d->best = value != NULL ? nn_history_best(&d->history, value, d->higher_is_better) : -1;
}

/* ---- the model and its data ---- */

/* What cannot be had is a gap, and told; but memory that runs out leaves no report with holes. */
static nn_code tell_gap(nn_dossier *d, const char *what, nn_code rc, nn_err *err)
{
    const size_t len = strlen(d->gap);

    if (rc == NN_OK || rc == NN_ELIMIT)
        return rc;
    (void)snprintf(d->gap + len, sizeof d->gap - len, "%s%s: %s: %s", len > 0 ? "; " : "", what,
                   err->where, err->msg);
    *err = (nn_err){.code = NN_OK};
    return NN_OK;
}

static uint64_t seed_of(const nn_dossier *d)
{
    const char *text = nn_dossier_text(d, "seed");
    uint64_t seed = 0;

    return nn_parse_u64(text, strlen(text), &seed) ? seed : 0;
}

/* Looks at what the model does. */
static nn_code look(nn_dossier *d, const nn_subject *subject, nn_err *err)
{
    const nn_view *view = d->view.count > 0 ? &d->view : NULL;
    nn_code rc = NN_OK;

    d->graph = subject->graph;
    d->prep = subject->prep;
    d->weights = subject->weights;
    d->task = subject->prep->task;
    if (view != NULL)
        rc = nn_findings_new(&d->findings, subject, view, seed_of(d), err);
    NN_TRY(tell_gap(d, "the model could not be judged", rc, err));
    rc = nn_anatomy_new(&d->anatomy, subject, view, err);
    return tell_gap(d, "the network could not be looked into", rc, err);
}

static nn_code open_model(nn_dossier *d, const char *split, nn_pool *pool, nn_err *err)
{
    nn_code rc = nn_model_open(&d->model, d->run, NULL, NULL, 0, err);

    if (rc != NN_OK)
        return tell_gap(d, "no model", rc, err);
    const nn_subject subject = nn_model_subject(d->model, pool);
    d->held.threads = nn_pool_threads(pool);
    rc = nn_held_split(&d->held, d->model, split, err);
    if (rc == NN_OK) {
        d->view = d->held.view;
        d->split = d->held.split;
    }
    NN_TRY(tell_gap(d, "the data could not be read", rc, err));
    return look(d, &subject, err);
}

static nn_code load_weights(nn_dossier *d, const nn_setup *s, nn_err *err)
{
    char *path = nn_path_join(d->run, "model.safetensors");

    d->loaded = nn_alloc(s->graph->weights_len + 1, sizeof *d->loaded);
    const nn_code rc = path != NULL && d->loaded != NULL
                           ? nn_weights_load(path, s->graph, d->loaded, err)
                           : nn_err_memory(err, "the weights", 0);
    nn_free(path);
    return rc;
}

static nn_code take_training(nn_dossier *d, const nn_setup *s, nn_pool *pool, nn_err *err)
{
    const nn_code rc = load_weights(d, s, err);

    if (rc != NN_OK)
        return tell_gap(d, "no model", rc, err);
    const nn_subject subject = nn_setup_subject(s, d->loaded, pool);
    d->view = s->test.count > 0 ? s->test : s->validation.count > 0 ? s->validation : s->train;
    d->split = s->test.count > 0 ? "test" : s->validation.count > 0 ? "validation" : "train";
    return look(d, &subject, err);
}

static nn_code fill(nn_dossier *d, const char *run, const char *split, const nn_setup *s,
                    int threads, nn_err *err)
{
    nn_pool *pool = NULL;

    d->best = -1;
    d->run = nn_strdup(run);
    if (d->run == NULL)
        return nn_err_memory(err, "a path", 0);
    NN_TRY(read_files(d, err));
    find_best(d);
    NN_TRY(nn_pool_new(&pool, threads, err));
    const nn_code rc = s != NULL ? take_training(d, s, pool, err) : open_model(d, split, pool, err);
    nn_pool_free(pool);
    return rc;
}

static nn_code make(nn_dossier **out, const char *run, const char *split, const nn_setup *s,
                    int threads, nn_err *err)
{
    nn_dossier *d = nn_alloc(1, sizeof *d);

    *out = NULL;
    if (d == NULL)
        return nn_err_memory(err, "a report", sizeof *d);
    const nn_code rc = fill(d, run, split, s, threads, err);
    if (rc != NN_OK)
        nn_dossier_free(d);
    else
        *out = d;
    return rc;
}

nn_code nn_dossier_open(nn_dossier **out, const char *run, const char *split, int threads,
                        nn_err *err)
{
    return make(out, run, split, NULL, threads, err);
}

nn_code nn_dossier_of(nn_dossier **out, const char *run, const nn_setup *s, int threads,
                      nn_err *err)
{
    return make(out, run, NULL, s, threads, err);
}

void nn_dossier_free(nn_dossier *d)
{
    if (d == NULL)
        return;
    nn_findings_free(d->findings);
    nn_anatomy_free(d->anatomy);
    nn_held_free(&d->held);
    nn_model_free(d->model);
    nn_free(d->loaded);
    nn_history_free(&d->history);
    nn_history_free(&d->timing);
    nn_doc_free(d->record);
    nn_doc_free(d->resolved);
    nn_problems_free(&d->problems);
    nn_free(d->config);
    nn_free(d->resolved_text);
    nn_free(d->run);
    nn_free(d);
}

const char *nn_dossier_text(const nn_dossier *d, const char *key)
{
    return nn_node_text(nn_node_get(nn_doc_root(d->record), key));
}

double nn_dossier_number(const nn_dossier *d, const char *key)
{
    const nn_node n = nn_node_get(nn_doc_root(d->record), key);

    return nn_node_is(n, NN_JSON_NUMBER) ? nn_node_number(n) : (double)NAN;
}

double nn_dossier_best(const nn_dossier *d, const char *series)
{
    const double *value = nn_history_find(&d->history, series);

    return value != NULL && d->best >= 0 ? value[d->best] : (double)NAN;
}
