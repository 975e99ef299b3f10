/*
 * Making run directories and going on in them. A new one is filled under a hidden name, beside the
 * place it is for, and appears there when a training can begin in it: whole, or not at all.
 */
#include "run/rundir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "old_run.h"
#include "run/checkpoint.h"

enum { MOST_A_SECOND = 1000, TRIES = 64 };
static const char hidden[] = ".run-",
                  unfinished[] = ".new"; /* around the name of one that is made */

static nn_code no_path(nn_err *err)
{
    return nn_err_memory(err, "a path", 0);
}

/* ---- the names of its files ---- */

static void free_names(nn_rundir *d)
{
    nn_free(d->path);
    nn_free(d->model);
    nn_free(d->last);
    nn_free(d->state);
    nn_free(d->older);
}

/* Takes `path` over. */
static nn_code name_files(nn_rundir *d, char *path, nn_err *err)
{
    d->path = path;
    if (path == NULL)
        return no_path(err);
    d->model = nn_path_join(path, "model.safetensors");
    d->last = nn_path_join(path, "last.safetensors");
    d->state = nn_path_join(path, "state.safetensors");
    d->older = nn_path_join(path, NN_CHECKPOINT_OLDER);
    return d->model != NULL && d->last != NULL && d->state != NULL && d->older != NULL
               ? NN_OK
               : no_path(err);
}

/* The directory has another name now. */
static void take_names(nn_rundir *d, const nn_rundir *names)
{
    free_names(d);
    d->path = names->path;
    d->model = names->model;
    d->last = names->last;
    d->state = names->state;
    d->older = names->older;
}

/* ---- where it is to stand ---- */

/* runs/<name>/latest -> <stamp>, replaced in one step. It is a convenience: a file system without
   symbolic links is no reason to stop. */
static nn_code point_latest(const char *parent, const char *path, nn_err *err)
{
    char name[32];
    (void)snprintf(name, sizeof name, ".latest-%ld", (long)getpid());
    char *temporary = nn_path_join(parent, name);
    char *latest = nn_path_join(parent, "latest");
    const bool have = temporary != NULL && latest != NULL;

    if (have && symlink(nn_path_base(path), temporary) == 0 && rename(temporary, latest) != 0)
        (void)unlink(temporary);
    nn_free(temporary);
    nn_free(latest);
    return have ? NN_OK : no_path(err);
}

/* A directory that is there: refused, or looked at for what --force would replace. */
static nn_code look_at_old(nn_rundir *d, const char *out, bool force, nn_err *err)
{
    bool is_empty = false;

    if (!force)
        return nn_err_set(err, NN_EFILE, out,
                          "exists already; give --force to replace an older run there");
    NN_TRY(nn_old_run_check(out, &is_empty, err));
    d->within = is_empty; /* it may be a mount, and there is nothing to lose */
    d->replaces = !is_empty;
    return NN_OK;
}

/* A link to a directory stays; what it leads to is replaced. */
static char *real_place(const char *out)
{
    char *real = nn_path_is_dir(out) ? realpath(out, NULL) : NULL;
    char *copy = nn_strdup(real != NULL ? real : out);

    free(real); /* realpath's, not nn_alloc's */
    return copy;
}

static nn_code choose_place(nn_rundir *d, const char *runs, const char *name, const char *out,
                            bool force, nn_err *err)
{
    if (out == NULL) {
        d->parent = nn_path_join(runs, name);
        return d->parent != NULL ? nn_dir_make_all(d->parent, err) : no_path(err);
    }
    if ((d->place = nn_strdup(out)) == NULL)
        return no_path(err);
    if (nn_path_exists(out)) {
        NN_TRY(look_at_old(d, out, force, err));
        if ((d->real = real_place(out)) == NULL)
            return no_path(err);
    }
    d->parent = nn_path_dir(d->real != NULL ? d->real : out);
    return d->parent != NULL ? nn_dir_make_all(d->parent, err) : no_path(err);
}

/* ---- filling it ---- */

/* A directory that nobody else has, hidden beside the place. */
static nn_code make_hidden(nn_rundir *d, nn_err *err)
{
    char *path = NULL;
    nn_code rc = NN_OK;

    nn_old_run_sweep(d->parent, hidden, unfinished);
    for (int i = 0; i < TRIES; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "%s%ld-%d%s", hidden, (long)getpid(), i, unfinished);
        nn_free(path);
        if ((path = nn_path_join(d->parent, name)) == NULL)
            return no_path(err);
        if ((rc = nn_dir_make(path, err)) == NN_OK || !nn_path_exists(path))
            break;
    }
    d->is_made = rc == NN_OK;
    if (rc == NN_OK)
        return name_files(d, path, err);
    nn_free(path);
    return rc;
}

nn_code nn_rundir_write(const nn_rundir *d, const char *name, const void *bytes, size_t len,
                        nn_err *err)
{
    char *path = nn_path_join(d->path, name);

    if (path == NULL)
        return no_path(err);
    const nn_code rc = nn_file_write(path, bytes, len, NN_REPLACE_EXISTING, err);
    nn_free(path);
    return rc;
}

static nn_code open_log(nn_log **log, const nn_rundir *d, const char *name, nn_err *err)
{
    char *path = nn_path_join(d->path, name);

    if (path == NULL)
        return no_path(err);
    const nn_code rc = nn_log_open(log, path, err);
    nn_free(path);
    return rc;
}

static nn_code write_resolved(const nn_rundir *d, const nn_setup *s, nn_err *err)
{
    nn_buf resolved = {0};
    nn_code rc;

    nn_setup_write(s, &resolved);
    nn_buf_char(&resolved, '\n');
    if ((rc = nn_buf_check(&resolved, err)) == NN_OK)
        rc = nn_rundir_write(d, "resolved.json", resolved.data, resolved.len, err);
    nn_buf_free(&resolved);
    return rc;
}

static nn_code fill(nn_rundir *d, const nn_setup *s, nn_err *err)
{
    if (!d->within)
        NN_TRY(make_hidden(d, err));
    else
        NN_TRY(name_files(d, nn_strdup(d->place), err));
    d->is_made = true;
    NN_TRY(nn_rundir_write(d, "config.json", s->config->bytes, s->config->len, err));
    NN_TRY(write_resolved(d, s, err));
    NN_TRY(open_log(&d->metrics, d, "metrics.jsonl", err));
    return open_log(&d->timing, d, "timing.jsonl", err);
}

static nn_rundir *make(nn_err *err)
{
    nn_rundir *d = nn_alloc(1, sizeof *d);

    if (d == NULL) {
        (void)nn_err_memory(err, "the run directory", sizeof *d);
        return NULL;
    }
    (void)nn_clock_iso(d->started);
    d->start = nn_clock_now();
    return d;
}

nn_code nn_rundir_new(nn_rundir **dir, const char *runs, const char *name, const char *out,
                      bool force, const nn_setup *s, nn_err *err)
{
    nn_rundir *d = make(err);
    nn_code rc;

    *dir = NULL;
    if (d == NULL)
        return err->code;
    if ((rc = choose_place(d, runs, name, out, force, err)) == NN_OK)
        rc = fill(d, s, err);
    if (rc != NN_OK)
        nn_rundir_free(d);
    else
        *dir = d;
    return rc;
}

/* ---- putting it there ---- */

/* Is the place taken? A rename takes none but an empty directory's. */
static bool is_taken(int reason)
{
    return reason == EEXIST || reason == ENOTEMPTY || reason == ENOTDIR || reason == EISDIR;
}

static nn_code rename_to(const nn_rundir *d, const char *place, bool *taken, nn_err *err)
{
    *taken = false;
    if (rename(d->path, place) == 0)
        return NN_OK;
    *taken = is_taken(errno);
    return nn_err_sys(err, place, "cannot make the directory");
}

/* parent/<stamp>, or <stamp>-1, -2 ... when runs begin within the same second. */
static nn_code stand_stamped(nn_rundir *d, nn_err *err)
{
    char stamp[NN_STAMP_TEXT];
    char name[NN_STAMP_TEXT + 16];
    bool taken = false;

    nn_clock_stamp(stamp);
    for (int i = 0; i < MOST_A_SECOND; i++) {
        nn_rundir names = {0};

        (void)snprintf(name, sizeof name, i > 0 ? "%s-%d" : "%s", stamp, i);
        nn_code rc = name_files(&names, nn_path_join(d->parent, name), err);
        if (rc == NN_OK)
            rc = rename_to(d, names.path, &taken, err);
        if (rc == NN_OK) {
            take_names(d, &names);
            return point_latest(d->parent, d->path, err);
        }
        free_names(&names);
        if (rc != NN_EFILE || !taken)
            return rc;
    }
    return nn_err_set(err, NN_EFILE, d->parent, "more than %d runs began within a second",
                      MOST_A_SECOND);
}

/* The old run, which has the hidden name now, is done with; what of it cannot be removed is left.
 */
static void drop_old(const char *path)
{
    nn_err ignored = {0};

    if (nn_old_run_clear(path, &ignored) == NN_OK)
        (void)rmdir(path); /* in the end it was only in the way */
}

static nn_code replace_old(const nn_rundir *d, nn_err *err)
{
    bool is_empty;

    NN_TRY(nn_old_run_check(d->real, &is_empty, err)); /* it may have been gone on with since */
    if (access(d->real, W_OK | X_OK) != 0)
        return nn_err_sys(err, d->place, "cannot be replaced");
    NN_TRY(nn_path_exchange(d->path, d->real, err));
    drop_old(d->path);
    return NN_OK;
}

static nn_code stand_named(nn_rundir *d, nn_err *err)
{
    nn_rundir names = {0};
    bool taken = false;
    nn_code rc = name_files(&names, nn_strdup(d->place), err);

    if (rc == NN_OK && !d->within)
        rc = d->replaces ? replace_old(d, err) : rename_to(d, d->place, &taken, err);
    if (taken)
        rc = nn_err_set(err, NN_EFILE, d->place, "has come into being in the meantime");
    if (rc == NN_OK)
        take_names(d, &names);
    else
        free_names(&names);
    return rc;
}

nn_code nn_rundir_stand(nn_rundir *d, nn_err *err)
{
    if (d->stands)
        return NN_OK;
    NN_TRY(d->place != NULL ? stand_named(d, err) : stand_stamped(d, err));
    d->stands = true;
    NN_TRY(nn_log_move(d->metrics, d->path, err));
    NN_TRY(nn_log_move(d->timing, d->path, err));
    return nn_dir_sync(d->parent, err);
}

/* ---- going on in one ---- */

nn_code nn_rundir_open(nn_rundir **dir, const char *path, nn_err *err)
{
    nn_rundir *d = make(err);
    nn_code rc;

    *dir = NULL;
    if (d == NULL)
        return err->code;
    d->stands = true;
    if ((rc = name_files(d, nn_strdup(path), err)) == NN_OK && !nn_path_exists(d->state) &&
        !nn_path_exists(d->older))
        rc = nn_err_set(err, NN_EFILE, path,
                        "expected a run directory with a state.safetensors to go on from");
    if (rc == NN_OK)
        rc = nn_old_run_is_idle(path, err);
    if (rc != NN_OK)
        nn_rundir_free(d);
    else
        *dir = d;
    return rc;
}

static nn_code reopen_log(nn_log **log, const nn_rundir *d, const char *name, uint64_t len,
                          nn_err *err)
{
    char *path = nn_path_join(d->path, name);

    if (path == NULL)
        return no_path(err);
    const nn_code rc = nn_log_reopen(log, path, len, err);
    nn_free(path);
    return rc;
}

nn_code nn_rundir_go_on(nn_rundir *d, const nn_setup *s, uint64_t metrics_len, uint64_t timing_len,
                        nn_err *err)
{
    NN_TRY(reopen_log(&d->metrics, d, "metrics.jsonl", metrics_len, err));
    NN_TRY(reopen_log(&d->timing, d, "timing.jsonl", timing_len, err));
    return write_resolved(d, s, err);
}

nn_code nn_rundir_take_older(const nn_rundir *d, nn_err *err)
{
    if (rename(d->older, d->state) != 0)
        return nn_err_sys(err, d->state, "cannot replace what is damaged");
    return NN_OK;
}

nn_code nn_rundir_tidy(const nn_rundir *d, nn_err *err)
{
    return nn_old_run_tidy(d->path, err);
}

/* ---- the end ---- */

static void close_log(nn_log *log)
{
    nn_err ignored = {0};

    if (log != NULL && nn_log_close(log, &ignored) != NN_OK)
        return; /* every line was already written and checked; only the release is left */
}

/* What never came to stand leaves nothing behind. */
static void unmake(const nn_rundir *d)
{
    nn_err ignored = {0};

    if (nn_old_run_clear(d->path, &ignored) == NN_OK && !d->within)
        (void)rmdir(d->path); /* nothing was promised of it yet */
}

void nn_rundir_free(nn_rundir *d)
{
    if (d == NULL)
        return;
    close_log(d->metrics);
    close_log(d->timing);
    if (d->is_made && !d->stands)
        unmake(d);
    free_names(d);
    nn_free(d->place);
    nn_free(d->real);
    nn_free(d->parent);
    nn_free(d);
}
