/* Reading run.json and resolved.json of a run directory. */
#include "run/record.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"

static nn_code read_in(char **bytes, size_t *len, char **path, const char *run, const char *name,
                       nn_err *err)
{
    *path = nn_path_join(run, name);
    if (*path == NULL)
        return nn_err_memory(err, "a path", 0);
    return nn_file_read(bytes, len, *path, NN_JSON_MAX_BYTES, err);
}

/* The directory that the config's paths start from, and options, out of run.json. */
static nn_code read_facts(nn_record *r, char **dir, const char *run, nn_err *err)
{
    nn_problems problems = {0};
    nn_doc *doc = NULL;
    char *bytes = NULL;
    char *path = NULL;
    size_t len = 0;
    nn_code rc = read_in(&bytes, &len, &path, run, "run.json", err);

    if (rc == NN_OK) {
        const nn_json_source source = {path, NN_EMODEL, false};
        rc = nn_doc_parse(&doc, &source, bytes, len, &problems, err);
    }
    if (rc == NN_OK) {
        const nn_node root = nn_doc_root(doc);
        const double limit = nn_node_number(nn_node_get(root, "limit"));

        r->limit = limit >= 1 && limit < 1e15 ? (size_t)limit : 0;
        r->overfit_batch = nn_node_bool(nn_node_get(root, "overfit_batch"));
        r->config_path = nn_strdup(nn_node_text(nn_node_get(root, "config")));
        *dir = nn_strdup(nn_node_text(nn_node_get(root, "config_dir")));
        if (*dir == NULL || r->config_path == NULL)
            rc = nn_err_memory(err, "a path", 0);
    }
    nn_doc_free(doc);
    nn_problems_free(&problems);
    nn_free(bytes);
    nn_free(path);
    return rc;
}

nn_code nn_record_read(nn_record *r, const char *run, const char *const *sets, int set_count,
                       nn_err *err)
{
    char *bytes = NULL;
    char *path = NULL;
    char *dir = NULL;
    size_t len = 0;
    nn_code rc;

    memset(r, 0, sizeof *r);
    rc = read_facts(r, &dir, run, err);
    if (rc == NN_OK && (rc = read_in(&bytes, &len, &path, run, "resolved.json", err)) == NN_OK) {
        const nn_config_source source = {path, dir, bytes, len, NN_ECONFIG, sets, set_count};
        rc = nn_config_read(&r->config, &source, err);
    }
    nn_free(bytes);
    nn_free(path);
    nn_free(dir);
    return rc;
}

void nn_record_free(nn_record *r)
{
    nn_config_free(r->config);
    nn_free(r->config_path);
    memset(r, 0, sizeof *r);
}
