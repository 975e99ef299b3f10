/* Telling outputs that are inputs as well. */
#include "run/outputs.h"

#include "base/mem.h"
#include "run/rundir.h"

static bool is_of_dataset(const nn_dataset *d, const char *path)
{
    for (int i = 0; d != NULL && i < d->files; i++)
        if (nn_path_is_same(d->file[i].path, path))
            return true;
    return false;
}

static bool is_of_setup(const nn_setup *s, const char *path)
{
    return s != NULL &&
           (is_of_dataset(s->train_set, path) || is_of_dataset(s->validation_set, path) ||
            is_of_dataset(s->test_set, path));
}

static nn_code is_of_run(bool *is, const char *run, const char *path, nn_err *err)
{
    *is = false;
    for (int i = 0; run != NULL && nn_run_files[i] != NULL && !*is; i++) {
        char *file = nn_path_join(run, nn_run_files[i]);

        if (file == NULL)
            return nn_err_memory(err, "a path", 0);
        *is = nn_path_is_same(file, path);
        nn_free(file);
    }
    return NN_OK;
}

nn_code nn_output_check(const char *path, const nn_model *m, const nn_held *h, nn_err *err)
{
    bool is_of = false;

    NN_TRY(is_of_run(&is_of, m->run, path, err));
    if (is_of || nn_path_is_same(m->path, path) || is_of_setup(m->setup, path) ||
        is_of_dataset(h->owned, path))
        return nn_err_set(err, NN_EUSAGE, path, "this file is an input as well");
    return NN_OK;
}
