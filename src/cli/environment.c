/* The environment variables that nnctl understands. */
#include "cli/environment.h"

#include <stdio.h>
#include <string.h>

#include "cli/nearest.h"

extern char **environ; /* POSIX leaves the declaration to its users */

static nn_code take_threads(nn_session *s, const char *text, nn_err *err)
{
    int threads = 0;

    NN_TRY(nn_read_threads(NULL, text, &threads, err));
    if (s->common.threads == 0)
        s->common.threads = threads;
    return NN_OK;
}

static nn_code take_runs(nn_session *s, const char *text, nn_err *err)
{
    if (text[0] == '\0')
        return nn_err_set(err, NN_EUSAGE, NULL, "expected a directory, got an empty text");
    s->runs = text;
    return NN_OK;
}

const nn_variable nn_variables[] = {
    {"NNCTL_THREADS", "N|auto", "threads to compute with, unless --threads says it", take_threads},
    {"NNCTL_RUNS", "DIR", "where the run directories are made; runs when not set", take_runs},
    {NULL, NULL, NULL, NULL},
};

static nn_code unknown(const char *entry, size_t len, nn_err *err)
{
    char name[NN_SHOWN];
    nn_nearest nearest = {name, "", NULL, 0};

    snprintf(name, sizeof name, "%.*s", (int)(len < NN_SHOWN ? len : NN_SHOWN), entry);
    for (const nn_variable *v = nn_variables; v->name != NULL; v++)
        nn_nearest_try(&nearest, v->name);
    return nn_nearest_refuse(&nearest, NULL, "environment variable", "see \"nnctl --help\"", err);
}

static nn_code take(nn_session *s, const char *entry, size_t len, nn_err *err)
{
    for (const nn_variable *v = nn_variables; v->name != NULL; v++)
        if (strlen(v->name) == len && memcmp(v->name, entry, len) == 0) {
            nn_err found = {0};
            const nn_code rc = v->take(s, entry + len + 1, &found);
            return rc == NN_OK ? NN_OK : nn_err_set(err, rc, v->name, "%s", found.msg);
        }
    return unknown(entry, len, err);
}

nn_code nn_environment_read(nn_session *s, nn_err *err)
{
    static const char prefix[] = "NNCTL_";

    for (char **entry = environ; *entry != NULL; entry++) {
        const char *equals = strchr(*entry, '=');
        if (equals != NULL && strncmp(*entry, prefix, sizeof prefix - 1) == 0)
            NN_TRY(take(s, *entry, (size_t)(equals - *entry), err));
    }
    return NN_OK;
}
