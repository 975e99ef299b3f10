/*
 * The run directory: runs/<name>/<stamp>[-n]/ made with mkdir and never reused, runs/<name>/latest,
 * and the files in it. run.json tells what happened and is rewritten whole as the run goes on.
 */
#ifndef NN_RUN_RUNDIR_H
#define NN_RUN_RUNDIR_H

#include "base/file.h"
#include "run/setup.h"

typedef struct nn_rundir {
    char *path;  /* where it stands, or is filled */
    char *model; /* path of model.safetensors; likewise below */
    char *last;
    char *state;
    char *older; /* NN_CHECKPOINT_OLDER: the state before */
    nn_log *metrics;
    nn_log *timing;
    char started[32];
    double start; /* nn_clock_now */

    /* While it is made: */
    char *place;   /* as given by --out; NULL: a stamp within `parent` */
    char *real;    /* of what is there already, without links; NULL: nothing is */
    char *parent;  /* holds the place */
    bool within;   /* an empty directory is filled as it is */
    bool replaces; /* an older run */
    bool is_made;
    bool stands;
} nn_rundir;

typedef struct nn_run_facts {
    const nn_setup *setup;
    const char *config_path; /* as given */
    int argc;
    char *const *argv;
    int threads;
    size_t limit;        /* of --limit; 0: none */
    bool overfit_batch;  /* --overfit-batch */
    const char *status;  /* "running", "done", "stopped", "diverged", "failed" */
    int exit_code;       /* -1 while it runs */
    const char *message; /* the error, or NULL */
    const nn_memory *memory;
} nn_run_facts;

extern const char *const nn_run_files[]; /* the names of what a run makes; ends with NULL */

/*
 * A new one, filled under a hidden name. `out` names its place (`force`: an older run there is
 * replaced); NULL: a stamp under `runs`. nn_rundir_stand puts it there, and only then is an older
 * run given up; until then nn_rundir_free leaves nothing behind.
 */
NN_MUST_CHECK nn_code nn_rundir_new(nn_rundir **dir, const char *runs, const char *name,
                                    const char *out, bool force, const nn_setup *s, nn_err *err);
NN_MUST_CHECK nn_code nn_rundir_stand(nn_rundir *dir, nn_err *err);
/* An existing one to go on in; it must hold a state. Logs are opened by nn_rundir_go_on. */
NN_MUST_CHECK nn_code nn_rundir_open(nn_rundir **dir, const char *path, nn_err *err);
/* Cuts the logs back to where the state was saved, and renews resolved.json. */
NN_MUST_CHECK nn_code nn_rundir_go_on(nn_rundir *dir, const nn_setup *s, uint64_t metrics_len,
                                      uint64_t timing_len, nn_err *err);
/* The state before takes the place of the newest, which was damaged. */
NN_MUST_CHECK nn_code nn_rundir_take_older(const nn_rundir *dir, nn_err *err);
/* Removes what a killed process left of files that it was writing. */
NN_MUST_CHECK nn_code nn_rundir_tidy(const nn_rundir *dir, nn_err *err);
/* A file of it, whole or not at all. */
NN_MUST_CHECK nn_code nn_rundir_write(const nn_rundir *dir, const char *name, const void *bytes,
                                      size_t len, nn_err *err);
NN_MUST_CHECK nn_code nn_rundir_record(nn_rundir *dir, const nn_run_facts *facts, nn_err *err);
void nn_rundir_free(nn_rundir *dir);
/* The newest run under `runs`; nn_free it. NN_EFILE when there is none. */
NN_MUST_CHECK nn_code nn_rundir_latest(char **path, const char *runs, nn_err *err);

#endif
