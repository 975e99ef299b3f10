/* nnctl train: from a config to a run directory with a model. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/condition.h"
#include "cli/label.h"
#include "cli/prepare.h"
#include "cli/status.h"
#include "cli/stop.h"
#include "cli/train_live.h"
#include "cli/train_view.h"
#include "run/events.h"
#include "view/page.h"

typedef struct conf {
    const char *out;
    const char *resume;
    const char *init_weights;
    const char *fail_if;
    double max_time; /* seconds; 0: no limit */
    int64_t limit;
    bool exact;
    bool other_data;
    bool dry_run;
    bool overfit_batch;
    bool force;
} conf;

/* One training, from the config to its end. */
typedef struct training {
    nn_session *s;
    const conf *conf;
    const nn_setup *setup;
    nn_condition condition;
    nn_memory memory;
    nn_train_view view;
    nn_train_live live;
    nn_events *events; /* NULL: not asked for, or given up */
    bool has_events;
    nn_err lost; /* what else was asked for and could not be made; NN_OK: nothing */
    nn_rundir *dir;
    nn_train_result result;
    nn_record origin; /* of the run that goes on */
    bool started;     /* else nothing of the run was touched */
    int threads;
    size_t limit;
    bool overfit_batch;
} training;

/* ---- what the trainer calls ---- */

/* They are for looking at: without them the training goes on, and its status says so in the end. */
static void log_events(training *t, const nn_setup *setup, const nn_epoch *e)
{
    if (nn_events_add(&t->events, t->dir->path, setup, e, &t->lost) == NN_OK)
        return;
    nn_session_warn(t->s, "%s; no more events are logged", t->lost.msg);
    t->has_events = false;
}

static void on_epoch(void *context, const nn_setup *setup, const nn_epoch *e)
{
    training *t = context;

    nn_train_view_epoch(&t->view, e);
    nn_train_live_epoch(&t->live, e);
    if (t->has_events)
        log_events(t, setup, e);
}

static bool is_asked(void *context)
{
    const training *t = context;

    return nn_live_asks(t->s->live);
}

static void on_progress(void *context, const nn_setup *setup, const nn_epoch *e, double share)
{
    training *t = context;

    nn_train_live_during(&t->live, t->s->live, setup, e, share);
}

static bool is_to_stop(void *context)
{
    const training *t = context;

    return nn_stop_signal() != 0 ||
           (t->conf->max_time > 0 && nn_clock_now() - t->s->start >= t->conf->max_time);
}

/* ---- the condition of --fail-if ---- */

static void name_values(const training *t, const nn_scores *test, const nn_epoch *last, bool tested,
                        bool validated, nn_named_list *list)
{
    const nn_setup *s = t->setup;

    if (tested)
        nn_named_scores(list, "test_", test, s->metric, s->metrics, s->task);
    nn_named_add(list, "", "loss", last->loss);
    for (int i = 0; i < s->metrics; i++)
        nn_named_add(list, "", nn_metric_name(&s->metric[i]), last->metric[i]);
    if (!validated)
        return;
    nn_named_add(list, "val_", "loss", last->val_loss);
    for (int i = 0; i < s->metrics; i++)
        nn_named_add(list, "val_", nn_metric_name(&s->metric[i]), last->val_metric[i]);
}

/* Asked before the training: a name that will not exist is a mistake of the command line. */
static nn_code check_condition(const training *t, nn_err *err)
{
    const bool validated = t->setup->validation.count > 0 && !t->overfit_batch;
    const nn_train_result none = {0};
    nn_named_list names = {.count = 0};

    if (t->conf->fail_if == NULL)
        return NN_OK;
    name_values(t, &none.test, &none.last, t->setup->test.count > 0, validated, &names);
    return nn_condition_check(&t->condition, &names, err);
}

static void judge(const training *t)
{
    nn_named_list values = {.count = 0};

    if (t->conf->fail_if == NULL)
        return;
    name_values(t, &t->result.test, &t->result.last, t->result.tested, t->result.last.validated,
                &values);
    nn_condition_judge(&t->condition, &values, t->s);
}

/* ---- the run record ---- */

static const char *status_word(nn_code rc)
{
    switch (rc) {
    case NN_OK:
        return "done";
    case NN_ESTOPPED:
        return "stopped";
    case NN_EDIVERGED:
        return "diverged";
    default:
        return "failed";
    }
}

/* `why`: how it ended when that was not well, or NULL. */
static nn_code record(const training *t, const char *status, int exit_code, const nn_err *why,
                      nn_err *err)
{
    char message[NN_WHERE_SIZE + NN_MSG_SIZE + 4] = "";
    const nn_run_facts facts = {.setup = t->setup,
                                .config_path = t->conf->resume != NULL ? t->origin.config_path
                                                                       : nn_session_word(t->s, 0),
                                .argc = t->s->argc,
                                .argv = t->s->argv,
                                .threads = t->threads,
                                .limit = t->limit,
                                .overfit_batch = t->overfit_batch,
                                .status = status,
                                .exit_code = exit_code,
                                .message = why != NULL ? message : NULL,
                                .memory = &t->memory};

    if (why != NULL)
        (void)snprintf(message, sizeof message, "%s%s%s", why->where,
                       why->where[0] != '\0' ? ": " : "", why->msg);
    return nn_rundir_record(t->dir, &facts, err);
}

static nn_code on_start(void *context, nn_err *err)
{
    return record(context, "running", -1, NULL, err);
}

static void on_begun(void *context)
{
    training *t = context;

    t->started = true;
    nn_train_view_start(&t->view, t->dir->path);
    nn_live_start(t->s, "training", 0.2);
}

static void on_warning(void *context, const char *text)
{
    training *t = context;

    nn_train_view_warn(&t->view, text);
}

/* ---- the training ---- */

/* Does the file stand in the directory that --force is going to clear? */
static nn_code check_apart(const char *file, const char *out, nn_err *err)
{
    char *dir = nn_path_dir(file);
    nn_code rc = NN_OK;

    if (dir == NULL)
        rc = nn_err_memory(err, "a path", 0);
    else if (out != NULL && nn_path_is_same(dir, out))
        rc = nn_err_set(err, NN_EUSAGE, file,
                        "these weights stand in the run that --force would replace; copy them");
    nn_free(dir);
    return rc;
}

/* Weights to begin with are looked at before a run directory is made for them. */
static nn_code check_init_weights(const training *t, nn_err *err)
{
    const nn_graph *g = t->setup->graph;
    nn_real *weights;
    nn_code rc;

    if (t->conf->init_weights == NULL)
        return NN_OK;
    if (t->conf->force)
        NN_TRY(check_apart(t->conf->init_weights, t->conf->out, err));
    weights = nn_alloc(g->weights_len, sizeof *weights);
    rc = weights != NULL ? nn_weights_load(t->conf->init_weights, g, weights, err)
                         : nn_err_memory(err, "the weights", g->weights_len * sizeof *weights);
    nn_free(weights);
    return rc;
}

static void tell_stop(const training *t)
{
    const int number = nn_stop_signal();

    t->s->status = nn_stop_status(number);
    t->s->told = true;
    nn_session_warn(
        t->s, "stopped by %s after %d of %d epochs; go on with: nnctl train --resume %s",
        nn_stop_name(number), t->result.epochs, t->setup->config->training.epochs, t->dir->path);
}

static int final_status(const training *t, nn_code rc)
{
    return rc == NN_OK || rc == NN_ESTOPPED ? t->s->status : nn_status_of(rc);
}

/* ---- the report ---- */

static nn_code make_report(const training *t, const char *path, nn_err *err)
{
    nn_dossier *d = NULL;
    nn_page page = {.keeps_plates = false};
    nn_code rc = nn_dossier_of(&d, t->dir->path, t->setup, t->threads, err);

    if (rc == NN_OK && (rc = nn_page_of_run(&page, d, err)) == NN_OK)
        rc = nn_file_write(path, page.out.data, page.out.len, NN_REPLACE_EXISTING, err);
    nn_page_free(&page);
    nn_dossier_free(d);
    return rc;
}

/* A page to look at, of whatever came of the run. */
static nn_code report(training *t, nn_code how, nn_err *err)
{
    char *path = nn_path_join(t->dir->path, "report.html");
    nn_err failed = {0};
    nn_code rc = path == NULL ? nn_err_memory(&failed, "a path", 0) : NN_OK;

    if (rc == NN_OK)
        rc = make_report(t, path, &failed);
    if (rc != NN_OK)
        rc = nn_err_set(err, rc, failed.where,
                        "%s; no report was made, all else of the run is on disk: make the report "
                        "with nnctl report %s",
                        failed.msg, t->dir->path);
    else if (how == NN_OK && !t->s->common.json)
        nn_buf_printf(&t->s->out, "report  %s\n", path);
    nn_free(path);
    return rc;
}

/* A training that ended in another way than well has that to say first. */
static void report_or_warn(training *t, nn_code how)
{
    nn_err err = {0};

    if (report(t, how, &err) == NN_OK || how == NN_OK) {
        t->lost = t->lost.code == NN_OK ? err : t->lost;
        return;
    }
    nn_session_warn(t->s, "%s%s%s", err.where, err.where[0] != '\0' ? ": " : "", err.msg);
}

/* It ended well, but something beside it is missing: status and record say so. */
static nn_code tell_lost(const training *t, nn_err *err)
{
    nn_err ignored = {0};

    if (t->lost.code == NN_OK)
        return NN_OK;
    *err = t->lost;
    if (record(t, status_word(NN_OK), nn_status_of(err->code), err, &ignored) != NN_OK)
        return err->code; /* the first failure is the one to tell */
    return err->code;
}

/* The end as it is told and recorded; a failure to record it does not hide how the training ended.
 */
static nn_code finish(training *t, nn_code rc, nn_err *err)
{
    const nn_train_end end = {status_word(rc), t->dir, &t->result};
    nn_err failed = {0};

    nn_live_stop(t->s);
    if (!t->started)
        return rc;
    if (rc == NN_OK)
        judge(t);
    else if (rc == NN_ESTOPPED)
        tell_stop(t);
    if (rc == NN_OK || t->s->common.json)
        nn_train_view_end(&t->view, &end);
    const nn_code recorded =
        record(t, end.status, final_status(t, rc), rc == NN_OK ? NULL : err, &failed);
    if (rc == NN_OK || rc == NN_ESTOPPED || rc == NN_EDIVERGED)
        report_or_warn(t, rc);
    if (rc != NN_OK)
        return rc;
    if (recorded == NN_OK)
        return tell_lost(t, err);
    *err = failed;
    return recorded;
}

static nn_code train(training *t, nn_setup *setup, nn_err *err)
{
    const nn_train_options options = {.threads = t->threads,
                                      .init_weights = t->conf->init_weights,
                                      .resume = t->conf->resume != NULL,
                                      .exact = t->conf->exact,
                                      .other_data = t->conf->other_data,
                                      .overfit_batch = t->overfit_batch,
                                      .watch = {.context = t,
                                                .started = on_start,
                                                .begun = on_begun,
                                                .warn = on_warning,
                                                .asks = is_asked,
                                                .during = on_progress,
                                                .epoch = on_epoch,
                                                .stop = is_to_stop}};

    if (!options.resume)
        NN_TRY(nn_rundir_new(&t->dir, t->s->runs, setup->config->name, t->conf->out, t->conf->force,
                             setup, err));
    nn_stop_listen();
    return finish(t, nn_train(setup, t->dir, &options, &t->result, err), err);
}

static nn_code dry_run(training *t)
{
    const nn_train_end end = {"dry-run", NULL, &t->result};

    nn_train_view_start(&t->view, NULL);
    nn_train_view_end(&t->view, &end);
    if (!t->s->common.json)
        nn_buf_put(&t->s->out, "dry run: nothing was trained\n");
    return NN_OK;
}

static nn_code go(training *t, nn_setup *setup, nn_err *err)
{
    NN_TRY(nn_blas_require(err));
    t->setup = setup;
    t->threads = nn_session_threads(t->s);
    t->has_events = setup->config->logging.tensorboard;
    NN_TRY(nn_setup_memory(setup, t->threads, &t->memory, err));
    t->view =
        (nn_train_view){.s = t->s, .setup = setup, .memory = &t->memory, .threads = t->threads};
    NN_TRY(nn_memory_check(&t->memory, err));
    if (nn_memory_is_unknown())
        nn_session_warn(t->s, "/proc/meminfo cannot be read, so nobody can tell whether there is "
                              "memory enough for this; is /proc mounted?");
    NN_TRY(check_condition(t, err));
    NN_TRY(check_init_weights(t, err));
    return t->conf->dry_run ? dry_run(t) : train(t, setup, err);
}

/* What only a new run can be given. */
static nn_code check_resume(const training *t, nn_err *err)
{
    const conf *c = t->conf;
    const bool has_config = nn_session_word(t->s, 0) != NULL;

    if (c->resume == NULL && !has_config)
        return nn_err_set(err, NN_EUSAGE, "train", "expected CONFIG; see \"nnctl train --help\"");
    if (c->resume == NULL && (c->exact || c->other_data))
        return nn_err_set(err, NN_EUSAGE, "train", "%s goes with --resume alone",
                          c->exact ? "--exact" : "--allow-changed-data");
    if (c->resume != NULL && has_config)
        return nn_err_set(err, NN_EUSAGE, "train",
                          "expected CONFIG or --resume, not both: a run knows its config");
    if (c->resume != NULL && (c->out != NULL || c->init_weights != NULL || c->limit > 0 ||
                              c->overfit_batch || c->force || c->dry_run))
        return nn_err_set(err, NN_EUSAGE, "train",
                          "--resume does not go with --out, --init-weights, --limit, "
                          "--overfit-batch, --force and --dry-run");
    return NN_OK;
}

static nn_code prepare_new(training *t, nn_prepared *p, nn_err *err)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA,
                                      .limit = (size_t)t->conf->limit,
                                      .threads = nn_session_threads(t->s)};

    t->limit = options.limit;
    t->overfit_batch = t->conf->overfit_batch;
    return nn_prepare_aloud(p, t->s, nn_session_word(t->s, 0), &options, err);
}

static nn_code prepare_resume(training *t, nn_prepared *p, nn_err *err)
{
    char *path = NULL;

    if (strcmp(t->conf->resume, "@latest") == 0)
        NN_TRY(nn_rundir_latest(&path, t->s->runs, err));
    nn_code rc = nn_rundir_open(&t->dir, path != NULL ? path : t->conf->resume, err);
    nn_free(path);
    if (rc == NN_OK)
        rc = nn_prepare_run(p, t->s, t->dir->path, &t->origin, err);
    t->limit = t->origin.limit;
    t->overfit_batch = t->origin.overfit_batch;
    return rc;
}

static void close_events(const training *t)
{
    nn_err err = {0};

    if (nn_events_close(t->events, &err) != NN_OK)
        nn_session_warn(t->s, "%s: %s", err.where, err.msg);
}

static nn_code run(nn_session *s, nn_err *err)
{
    training t = {.s = s, .conf = s->conf};
    nn_prepared p = {0};
    nn_code rc;

    signal(SIGPIPE, SIG_IGN); /* a reader that goes away must not end a training */
    s->survives_pipe = true;
    NN_TRY(check_resume(&t, err));
    if (t.conf->fail_if != NULL)
        NN_TRY(nn_condition_parse(&t.condition, t.conf->fail_if, err));
    rc = t.conf->resume != NULL ? prepare_resume(&t, &p, err) : prepare_new(&t, &p, err);
    if (rc == NN_OK)
        rc = go(&t, p.setup, err);
    close_events(&t);
    nn_rundir_free(t.dir);
    nn_prepared_free(&p);
    nn_record_free(&t.origin);
    return rc;
}

#define AT(member) offsetof(conf, member)

static const nn_option options[] = {
    {.name = "out",
     .letter = 'o',
     .value = "DIR",
     .read = nn_read_text,
     .at = AT(out),
     .complete = NN_COMPLETE_DIRECTORY,
     .help = "the run directory itself, instead of a new one under runs/"},
    {.name = "name",
     .value = "NAME",
     .read = nn_read_run_name,
     .set = "name",
     .is_text = true,
     .help = "name of the run, instead of the config's"},
    {.name = "resume",
     .value = "RUN",
     .read = nn_read_text,
     .at = AT(resume),
     .complete = NN_COMPLETE_MODEL,
     .help = "go on with a run that was stopped, or for more epochs, to the same bytes"},
    {.name = "exact",
     .at = AT(exact),
     .help = "with --resume: refuse to go on where the last bits might differ"},
    {.name = "allow-changed-data",
     .at = AT(other_data),
     .help = "with --resume: go on although the data has changed, with as many rows"},
    {.name = "init-weights",
     .value = "FILE",
     .read = nn_read_text,
     .at = AT(init_weights),
     .complete = NN_COMPLETE_FILE,
     .help = "begin with the tensors of a safetensors file"},
    {.name = "epochs",
     .value = "N",
     .read = nn_read_int,
     .set = "training.epochs",
     .least = 1,
     .most = 1000000000,
     .help = "passes over the training rows"},
    {.name = "batch-size",
     .value = "N|full",
     .read = nn_read_batch,
     .set = "training.batch_size",
     .least = 1,
     .most = 1048576,
     .help = "rows per step"},
    {.name = "seed",
     .value = "N",
     .read = nn_read_seed,
     .set = "seed",
     .is_text = true,
     .help = "what everything random follows from"},
    {.name = "max-time",
     .value = "TIME",
     .read = nn_read_seconds,
     .at = AT(max_time),
     .help = "stop after 30s, 30m, 2h or 1d, ready for --resume: status 75"},
    {.name = "limit",
     .value = "N",
     .read = nn_read_int,
     .at = AT(limit),
     .least = 1,
     .most = INT32_MAX,
     .help = "only the first N rows after the seeded shuffle"},
    {.name = "dry-run", .at = AT(dry_run), .help = "everything but the training"},
    {.name = "overfit-batch",
     .at = AT(overfit_batch),
     .help = "train on the first batch alone: a network that works gets it right"},
    {.name = "fail-if",
     .value = "CONDITION",
     .read = nn_read_text,
     .at = AT(fail_if),
     .help = "end with status 1 when it holds, as in 'test_accuracy<0.97'"},
    {.name = "force", .at = AT(force), .help = "replace DIR of --out when it holds an older run"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"CONFIG", true, NN_COMPLETE_FILE, "the config to train; - is stdin; none with --resume"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl train mlp.json", "trains into a new directory under runs/"},
    {"nnctl train mlp.json --epochs 3 --set optimizer.learning_rate=0.01",
     "the same with other settings"},
    {"nnctl train --resume @latest --epochs 30", "goes on, for 30 epochs in all"},
    {"nnctl train mlp.json --max-time 30m --fail-if 'test_accuracy<0.97'", "for a script"},
    {NULL, NULL},
};

const nn_command nn_command_train = {
    .name = "train",
    .summary = "train a network",
    .text = "Trains the network of a config into a new run directory, and ends with the\n"
            "score of the best model on the test split if there is one.\n"
            "\n"
            "SIGINT, SIGTERM and SIGHUP stop it after the current step, with all written\n"
            "that --resume needs; a second one stops it at once. SIGUSR1 does what\n"
            "--max-time does. A run that was killed goes on from its last checkpoint.\n"
            "A resumed run ends in the bytes of one that was never stopped.\n"
            "\n"
            "--fail-if knows loss and the metrics, the same with val_ for the validation\n"
            "rows, both as of the last epoch, and with test_ for the best model on the test\n"
            "split.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .takes_set = true,
    .examples = examples,
    .busy = "loading",
    .run = run,
};
