/* Making run directories, finding the newest, and keeping run.json. */
#include "run/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/machine.h"
#include "base/mem.h"
#include "run/events.h"

const char *const nn_run_files[] = {
    "config.json",       "resolved.json",    "run.json",          "metrics.jsonl", "timing.jsonl",
    "model.safetensors", "last.safetensors", "state.safetensors", NN_EVENTS_FILE,  NULL};
enum { MOST_A_SECOND = 1000, STAMP_LENGTH = 15 };

/* ---- making ---- */

static nn_code no_path(nn_err *err)
{
    return nn_err_memory(err, "a path", 0);
}

/* parent/<stamp>, or <stamp>-1, -2 ... when runs begin within the same second. */
static nn_code make_stamped(char **path, const char *parent, nn_err *err)
{
    char stamp[NN_STAMP_TEXT];
    char name[NN_STAMP_TEXT + 16];

    NN_TRY(nn_dir_make_all(parent, err));
    nn_clock_stamp(stamp);
    for (int i = 0; i < MOST_A_SECOND; i++) {
        (void)snprintf(name, sizeof name, i > 0 ? "%s-%d" : "%s", stamp, i);
        if ((*path = nn_path_join(parent, name)) == NULL)
            return no_path(err);
        const nn_code rc = nn_dir_make(*path, err);
        if (rc == NN_OK || !nn_path_exists(*path))
            return rc;
        nn_free(*path);
        *path = NULL;
    }
    return nn_err_set(err, NN_EFILE, parent, "more than %d runs began within a second",
                      MOST_A_SECOND);
}

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

/* Also what a killed run leaves of a file that it was about to write: <name>.<8 digits>.tmp. */
static bool is_run_file(const char *name)
{
    for (int i = 0; nn_run_files[i] != NULL; i++) {
        const size_t len = strlen(nn_run_files[i]);

        if (strncmp(name, nn_run_files[i], len) == 0 &&
            (name[len] == '\0' ||
             (name[len] == '.' && strspn(name + len + 1, "0123456789abcdef") == 8 &&
              strcmp(name + len + 9, ".tmp") == 0)))
            return true;
    }
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Of all files of a run, this one alone is never written by anybody else. */
static const char evidence[] = "resolved.json";

/* Is it the directory of a run, or empty? Anything else is a reason to keep hands off. */
static nn_code check_old_run(const char *path, DIR *dir, nn_err *err)
{
    const struct dirent *entry;
    bool is_run = false, is_empty = true, has_others = false;

    while ((entry = readdir(dir)) != NULL) {
        is_run = is_run || strcmp(entry->d_name, evidence) == 0;
        is_empty = is_empty && entry->d_name[0] == '.';
        has_others = has_others || !is_run_file(entry->d_name);
    }
    if (has_others)
        return nn_err_set(err, NN_EFILE, path,
                          "is no run directory, so it is not replaced: it holds other files");
    if (!is_run && !is_empty)
        return nn_err_set(err, NN_EFILE, path,
                          "is no run directory, so it is not replaced: it has no %s", evidence);
    return NN_OK;
}

static nn_code remove_in(const char *path, const char *name, nn_err *err)
{
    char *file = nn_path_join(path, name);
    nn_code rc = NN_OK;

    if (file == NULL)
        return no_path(err);
    if (unlink(file) != 0 && errno != ENOENT)
        rc = nn_err_sys(err, file, "cannot remove");
    nn_free(file);
    return rc;
}

/* A run that is under way has its log open. */
static nn_code check_idle(const char *path, nn_err *err)
{
    char *log = nn_path_join(path, "metrics.jsonl");

    if (log == NULL)
        return no_path(err);
    const long owner = nn_log_owner(log);
    nn_free(log);
    if (owner == 0)
        return NN_OK;
    return nn_err_set(err, NN_EFILE, path, "this run is under way, in process %ld", owner);
}

/* Empties the directory of an older run. */
static nn_code clear_old_run(const char *path, nn_err *err)
{
    const struct dirent *entry;
    DIR *dir = opendir(path);

    if (dir == NULL)
        return nn_err_sys(err, path, "cannot open the directory");
    nn_code rc = check_old_run(path, dir, err);
    if (rc == NN_OK)
        rc = check_idle(path, err);
    rewinddir(dir);
    while (rc == NN_OK && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, evidence) != 0)
            rc = remove_in(path, entry->d_name, err);
    (void)closedir(dir);
    /* It goes last, so that a clearing that was cut short can be begun again. */
    return rc == NN_OK ? remove_in(path, evidence, err) : rc;
}

static nn_code make_named(char **path, const char *out, bool force, nn_err *err)
{
    char *parent = nn_path_dir(out);
    nn_code rc;

    *path = nn_strdup(out);
    if (parent == NULL || *path == NULL)
        rc = no_path(err);
    else if (!nn_path_exists(out))
        rc = (rc = nn_dir_make_all(parent, err)) == NN_OK ? nn_dir_make(out, err) : rc;
    else if (!force)
        rc = nn_err_set(err, NN_EFILE, out,
                        "exists already; give --force to replace an older run there");
    else
        rc = clear_old_run(out, err);
    nn_free(parent);
    return rc;
}

static nn_code make_directory(nn_rundir *d, const char *runs, const char *name, const char *out,
                              bool force, nn_err *err)
{
    if (out != NULL)
        return make_named(&d->path, out, force, err);
    char *parent = nn_path_join(runs, name);
    if (parent == NULL)
        return no_path(err);
    nn_code rc = make_stamped(&d->path, parent, err);
    if (rc == NN_OK)
        rc = point_latest(parent, d->path, err);
    nn_free(parent);
    return rc;
}

static nn_code write_in(const nn_rundir *d, const char *name, const void *bytes, size_t len,
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
        rc = write_in(d, "resolved.json", resolved.data, resolved.len, err);
    nn_buf_free(&resolved);
    return rc;
}

static nn_code name_files(nn_rundir *d, nn_err *err)
{
    (void)nn_clock_iso(d->started);
    d->start = nn_clock_now();
    d->model = nn_path_join(d->path, "model.safetensors");
    d->last = nn_path_join(d->path, "last.safetensors");
    d->state = nn_path_join(d->path, "state.safetensors");
    return d->model != NULL && d->last != NULL && d->state != NULL ? NN_OK : no_path(err);
}

static nn_code fill(nn_rundir *d, const nn_setup *s, nn_err *err)
{
    NN_TRY(name_files(d, err));
    NN_TRY(write_in(d, "config.json", s->config->bytes, s->config->len, err));
    NN_TRY(write_resolved(d, s, err));
    NN_TRY(open_log(&d->metrics, d, "metrics.jsonl", err));
    return open_log(&d->timing, d, "timing.jsonl", err);
}

nn_code nn_rundir_new(nn_rundir **dir, const char *runs, const char *name, const char *out,
                      bool force, const nn_setup *s, nn_err *err)
{
    nn_rundir *d = nn_alloc(1, sizeof *d);
    nn_code rc;

    *dir = NULL;
    if (d == NULL)
        return nn_err_memory(err, "the run directory", sizeof *d);
    if ((rc = make_directory(d, runs, name, out, force, err)) == NN_OK)
        rc = fill(d, s, err);
    if (rc != NN_OK)
        nn_rundir_free(d);
    else
        *dir = d;
    return rc;
}

nn_code nn_rundir_open(nn_rundir **dir, const char *path, nn_err *err)
{
    nn_rundir *d = nn_alloc(1, sizeof *d);
    nn_code rc;

    *dir = NULL;
    if (d == NULL)
        return nn_err_memory(err, "the run directory", sizeof *d);
    d->path = nn_strdup(path);
    if ((rc = d->path != NULL ? name_files(d, err) : no_path(err)) == NN_OK &&
        !nn_path_exists(d->state))
        rc = nn_err_set(err, NN_EFILE, path,
                        "expected a run directory with a state.safetensors to go on from");
    if (rc == NN_OK)
        rc = check_idle(path, err);
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

static void close_log(nn_log *log)
{
    nn_err ignored = {0};

    if (log != NULL && nn_log_close(log, &ignored) != NN_OK)
        return; /* every line was already written and checked; only the release is left */
}

void nn_rundir_free(nn_rundir *d)
{
    if (d == NULL)
        return;
    close_log(d->metrics);
    close_log(d->timing);
    nn_free(d->path);
    nn_free(d->model);
    nn_free(d->last);
    nn_free(d->state);
    nn_free(d);
}

/* ---- run.json ---- */

static void put_text(nn_buf *out, const char *key, const char *value)
{
    nn_buf_printf(out, ",\n  \"%s\": ", key);
    if (value == NULL)
        nn_buf_put(out, "null");
    else
        nn_buf_json(out, value);
}

static void put_number(nn_buf *out, const char *key, uint64_t value)
{
    nn_buf_printf(out, ",\n  \"%s\": %llu", key, (unsigned long long)value);
}

static void put_argv(nn_buf *out, int argc, char *const *argv)
{
    nn_buf_put(out, ",\n  \"argv\": [");
    for (int i = 0; i < argc; i++) {
        nn_buf_put(out, i > 0 ? ", " : "");
        nn_buf_json(out, argv[i]);
    }
    nn_buf_char(out, ']');
}

static void put_file(nn_buf *out, const char *split, const nn_dataset_file *f, bool *first)
{
    char hash[NN_SHA256_TEXT];

    nn_buf_put(out, *first ? "\n    {\"split\": " : ",\n    {\"split\": ");
    nn_buf_json(out, split);
    nn_buf_put(out, ", \"path\": ");
    nn_buf_json(out, f->path);
    nn_buf_printf(out, ", \"bytes\": %llu, \"sha256\": \"%s\"}", (unsigned long long)f->id.bytes,
                  nn_sha256_text(hash, f->id.sha256));
    *first = false;
}

static void put_files(nn_buf *out, const nn_setup *s)
{
    const nn_dataset *set[] = {s->train_set, s->validation_set, s->test_set};
    static const char *const split[] = {"train", "validation", "test"};
    bool first = true;

    nn_buf_put(out, ",\n  \"data\": [");
    for (int i = 0; i < 3; i++)
        for (int k = 0; set[i] != NULL && k < set[i]->files; k++)
            put_file(out, split[i], &set[i]->file[k], &first);
    nn_buf_put(out, first ? "]" : "\n  ]");
}

static void put_machine(nn_buf *out, const nn_run_facts *facts)
{
    char host[256], cpu[128];

    put_text(out, "host", nn_machine_host(host, sizeof host));
    put_text(out, "cpu", nn_cpu_name(cpu, sizeof cpu));
    put_text(out, "kernels", nn_cpu_isa());
    put_text(out, "blas", nn_blas_name());
    put_number(out, "threads", (uint64_t)facts->threads);
}

/* The directory that relative paths of the config start from, so that `eval RUN` finds its data. */
static void put_config(nn_buf *out, const nn_run_facts *facts)
{
    char *full =
        realpath(facts->setup->config->dir[0] != '\0' ? facts->setup->config->dir : ".", NULL);

    put_text(out, "config", facts->config_path);
    put_text(out, "config_dir", full != NULL ? full : facts->setup->config->dir);
    free(full); /* realpath's, not nn_alloc's */
}

nn_code nn_rundir_record(nn_rundir *d, const nn_run_facts *facts, nn_err *err)
{
    const nn_config *c = facts->setup->config;
    nn_buf out = {0};
    nn_code rc;

    nn_buf_put(&out, "{\n  \"status\": ");
    nn_buf_json(&out, facts->status);
    if (facts->exit_code >= 0)
        put_number(&out, "exit_code", (uint64_t)facts->exit_code);
    put_text(&out, "message", facts->message);
    put_text(&out, "version", NN_VERSION);
    put_text(&out, "name", c->name);
    put_argv(&out, facts->argc, facts->argv);
    put_config(&out, facts);
    nn_buf_printf(&out, ",\n  \"seed\": \"%llu\"", (unsigned long long)c->seed);
    put_machine(&out, facts);
    put_number(&out, "limit", facts->limit);
    nn_buf_printf(&out, ",\n  \"overfit_batch\": %s", facts->overfit_batch ? "true" : "false");
    put_files(&out, facts->setup);
    put_text(&out, "started", d->started);
    nn_buf_printf(&out, ",\n  \"seconds\": %.3f", nn_clock_now() - d->start);
    if (facts->memory != NULL)
        put_number(&out, "planned_memory_bytes", facts->memory->total);
    put_number(&out, "peak_memory_bytes", nn_machine_peak());
    nn_buf_put(&out, "\n}\n");
    if ((rc = nn_buf_check(&out, err)) == NN_OK)
        rc = write_in(d, "run.json", out.data, out.len, err);
    nn_buf_free(&out);
    return rc;
}

/* ---- the newest run ---- */

/* Order of two stamps: by time, then by the number after it ("-10" comes after "-9"). */
static int compare_stamps(const char *a, const char *b)
{
    const int order = strncmp(a, b, STAMP_LENGTH);

    if (order != 0)
        return order;
    const long x = strlen(a) > STAMP_LENGTH ? strtol(a + STAMP_LENGTH + 1, NULL, 10) : 0;
    const long y = strlen(b) > STAMP_LENGTH ? strtol(b + STAMP_LENGTH + 1, NULL, 10) : 0;
    return (x > y) - (x < y);
}

static bool is_stamp(const char *name)
{
    return strspn(name, "0123456789") == 8 && name[8] == '-' && strspn(name + 9, "0123456789") == 6;
}

/* When a run began, to the nanosecond as far as the file system knows: its config is written once.
 */
static struct timespec birth(const char *run)
{
    struct timespec at = {0};
    char *config = nn_path_join(run, "config.json");
    struct stat st;

    if (config != NULL && stat(config, &st) == 0)
#ifdef __APPLE__
        at = st.st_mtimespec;
#else
        at = st.st_mtim;
#endif
    nn_free(config);
    return at;
}

/* Runs of different names may have begun within the same second; their numbers do not tell. */
static bool is_newer(const char *run, const char *than)
{
    const char *a = nn_path_base(run), *b = nn_path_base(than);

    if (strncmp(a, b, STAMP_LENGTH) == 0) {
        const struct timespec x = birth(run), y = birth(than);

        if (x.tv_sec != y.tv_sec)
            return x.tv_sec > y.tv_sec;
        if (x.tv_nsec != y.tv_nsec)
            return x.tv_nsec > y.tv_nsec;
    }
    return compare_stamps(a, b) > 0;
}

/* Keeps the newest directory of one name's runs in *best. */
static nn_code newest_of(char **best, const char *parent, nn_err *err)
{
    const struct dirent *entry;
    nn_code rc = NN_OK;
    DIR *dir = opendir(parent);

    if (dir == NULL)
        return NN_OK; /* a plain file beside the runs */
    while (rc == NN_OK && (entry = readdir(dir)) != NULL) {
        char *run = is_stamp(entry->d_name) ? nn_path_join(parent, entry->d_name) : NULL;

        if (is_stamp(entry->d_name) && run == NULL)
            rc = no_path(err);
        if (run != NULL && (*best == NULL || is_newer(run, *best))) {
            nn_free(*best);
            *best = run;
            run = NULL;
        }
        nn_free(run);
    }
    (void)closedir(dir);
    return rc;
}

static nn_code search_runs(char **best, const char *runs, DIR *dir, nn_err *err)
{
    const struct dirent *entry;
    nn_code rc = NN_OK;

    while (rc == NN_OK && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        char *parent = nn_path_join(runs, entry->d_name);
        rc = parent != NULL ? newest_of(best, parent, err) : no_path(err);
        nn_free(parent);
    }
    return rc;
}

nn_code nn_rundir_latest(char **path, const char *runs, nn_err *err)
{
    DIR *dir = opendir(runs);

    *path = NULL;
    if (dir == NULL)
        return nn_err_sys(err, runs, "no runs yet");
    nn_code rc = search_runs(path, runs, dir, err);
    (void)closedir(dir);
    if (rc == NN_OK && *path == NULL)
        rc = nn_err_set(err, NN_EFILE, runs,
                        "expected a run directory, found none; `nnctl train` makes one");
    return rc;
}
