/* Loading and settling a config. */
#include "cli/prepare.h"

#include <string.h>

#include "base/file.h"
#include "run/lint.h"
#include "run/model.h"

nn_code nn_names_config(const char *word, bool *is, nn_err *err)
{
    *is = strcmp(word, "-") == 0;
    return *is || word[0] == '@' || nn_path_is_dir(word) ? NN_OK : nn_is_config(word, is, err);
}

const nn_problems *nn_prepared_problems(const nn_prepared *p)
{
    return p->config != NULL ? &p->config->problems : &p->lost;
}

void nn_prepared_free(nn_prepared *p)
{
    nn_setup_free(p->setup);
    nn_config_free(p->config);
    nn_problems_free(&p->lost);
}

/*
 * A config with faults is settled as well when it could be parsed: the faults of its graph and its
 * data are worth knowing in the same run. The first fault stays the one in *err.
 */
static nn_code settle(nn_prepared *p, nn_code loaded, const nn_setup_options *options, nn_err *err)
{
    nn_err later = {0};

    if (loaded == NN_OK)
        return nn_setup_new(&p->setup, p->config, options, err);
    if (loaded == NN_ECONFIG && p->config != NULL && p->config->doc != NULL &&
        nn_setup_new(&p->setup, p->config, options, &later) == NN_OK) {
        nn_setup_free(p->setup);
        p->setup = NULL;
    }
    return loaded;
}

/* Settles what was loaded, and keeps a fault that was found before there was a config to keep it.
 */
static nn_code finish(nn_prepared *p, nn_code loaded, const nn_setup_options *options, nn_err *err)
{
    const nn_code rc = settle(p, loaded, options, err);

    if (rc != NN_OK && nn_problems_errors(nn_prepared_problems(p)) == 0)
        nn_problems_add_err(p->config != NULL ? &p->config->problems : &p->lost, err, NULL);
    return rc;
}

nn_code nn_prepare(nn_prepared *p, const nn_session *s, const char *path,
                   const nn_setup_options *options, nn_err *err)
{
    const nn_texts *sets = &s->common.sets;
    const nn_code rc =
        nn_config_load(&p->config, path, (const char *const *)sets->list, sets->count, err);

    return finish(p, rc, options, err);
}

nn_code nn_prepare_run(nn_prepared *p, nn_session *s, const char *run, nn_record *record,
                       nn_err *err)
{
    const nn_texts *sets = &s->common.sets;
    nn_code rc = nn_record_read(record, run, (const char *const *)sets->list, sets->count, err);
    const nn_setup_options options = {
        .depth = NN_SETUP_DATA, .limit = record->limit, .threads = nn_session_threads(s)};

    p->config = record->config;
    record->config = NULL; /* handed over */
    rc = finish(p, rc, &options, err);
    nn_session_problems(s, nn_prepared_problems(p));
    return rc;
}

nn_code nn_prepare_aloud(nn_prepared *p, nn_session *s, const char *path,
                         const nn_setup_options *options, nn_err *err)
{
    nn_code rc = nn_prepare(p, s, path, options, err);

    if (rc == NN_OK && s->common.verbose && options->depth == NN_SETUP_DATA)
        rc = nn_lint(p->setup, err);
    nn_session_problems(s, nn_prepared_problems(p));
    return rc;
}
