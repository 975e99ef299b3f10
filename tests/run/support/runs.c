/* Making, training and removing the small runs that tests look at. */
#include "runs.h"

#include "base/mem.h"
#include "support/nn_temp.h"

const char *const nn_test_points =
    "{'task': 'binary', 'scale': 'none', 'train': {'inline': {'x': ["
    "[1,2],[2,1],[2,3],[3,2],[1,3],[3,1],[2,2],[4,2],[2,4],[3,4],"
    "[4,3],[1,4],[4,1],[3,3],[1.5,2.5],[2.5,1.5],[3.5,2.5],[2.5,3.5],[4,4],[1.2,2.2],"
    "[-1,-2],[-2,-1],[-2,-3],[-3,-2],[-1,-3],[-3,-1],[-2,-2],[-4,-2],[-2,-4],[-3,-4],"
    "[-4,-3],[-1,-4],[-4,-1],[-3,-3],[-1.5,-2.5],[-2.5,-1.5],[-3.5,-2.5],[-2.5,-3.5],[-4,-4],[-1.2,"
    "-2.2]],"
    "'y': [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}}}";

char *nn_test_quotes(const char *text)
{
    char *copy = nn_strdup(text);

    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    return copy;
}

nn_config *nn_test_config(const char *text)
{
    char *json = nn_test_quotes(text);
    const nn_config_source source = {"test.json", "", json, strlen(json), NN_ECONFIG, NULL, 0};
    nn_config *config = NULL;
    nn_err err = {0};

    assert_ok(nn_config_read(&config, &source, &err), err);
    nn_free(json);
    return config;
}

void nn_test_train(nn_test_run *r, const char *text, const nn_train_options *options)
{
    const nn_setup_options setup = {.depth = NN_SETUP_DATA};
    char *runs;

    memset(r, 0, sizeof *r);
    r->dir = nn_temp_dir_in_memory(); /* runs are written over and over */
    runs = nn_path_join(r->dir, "runs");
    r->config = nn_test_config(text);
    assert_ok(nn_setup_new(&r->setup, r->config, &setup, &r->err), r->err);
    assert_ok(nn_rundir_new(&r->run, runs, r->config->name, NULL, false, r->setup, &r->err),
              r->err);
    r->code = nn_train(r->setup, r->run, options, &r->result, &r->err);
    nn_free(runs);
}

char *nn_test_file(const nn_test_run *r, const char *name, size_t *len)
{
    char *path = nn_path_join(r->run->path, name);
    char *bytes = NULL;
    nn_err err = {0};

    assert_ok(nn_file_read(&bytes, len, path, 1 << 30, &err), err);
    nn_free(path);
    return bytes;
}

void nn_test_run_free(nn_test_run *r)
{
    nn_rundir_free(r->run);
    nn_setup_free(r->setup);
    nn_config_free(r->config);
    nn_temp_remove(r->dir);
}
