/* What a training brings to disk, and when: checkpoints, the best model, the logs; and back again.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/machine.h"
#include "run/checkpoint.h"
#include "trainer.h"

/* A write of weights waits for the disk; more than one a second would be all that a small net does.
 */
static const double seconds_between_writes = 1.0;
enum { MOST_FAILURES = 3, MOST_TEXT = NN_WHERE_SIZE + NN_MSG_SIZE };

/* ---- the state ---- */

/* Everything that decides how the training goes on. Order and names are the file's format. */
static void blocks_of(nn_trainer *t, nn_blocks *blocks)
{
    blocks->count = 0;
    nn_engine_blocks(t->engine, blocks);
    nn_blocks_add(blocks, "best", -1, nn_real_dtype(), t->best, t->s->graph->weights_len);
    nn_blocks_add(blocks, "this_epoch", -1, NN_I32, &t->epoch, 1);
    nn_blocks_add(blocks, "batch", -1, NN_U64, &t->batch, 1);
    nn_blocks_add(blocks, "sum_loss", -1, NN_F64, &t->sum.loss, 1);
    nn_blocks_add(blocks, "sum_counted", -1, NN_F64, &t->sum.counted, 1);
    nn_blocks_add(blocks, "sum_gradient_norm", -1, NN_F64, &t->sum.gradient_norm, 1);
    nn_blocks_add(blocks, "sum_lr", -1, NN_F64, &t->sum.lr, 1);
    nn_blocks_add(blocks, "sum_samples", -1, NN_U64, &t->sum.samples, 1);
    nn_blocks_add(blocks, "sum_steps", -1, NN_U64, &t->sum.steps, 1);
    nn_guard_blocks(&t->guard, blocks);
    nn_blocks_add(blocks, "best_epoch", -1, NN_I32, &t->best_epoch, 1);
    nn_blocks_add(blocks, "best_value", -1, NN_F64, &t->best_value, 1);
    nn_blocks_add(blocks, "early_waited", -1, NN_I32, &t->early_waited, 1);
    nn_blocks_add(blocks, "early_best", -1, NN_F64, &t->early_best, 1);
    nn_blocks_add(blocks, "stopped_early", -1, NN_I32, &t->stopped_early, 1);
    nn_blocks_add(blocks, "plateau_factor", -1, NN_F64, &t->plateau.factor, 1);
    nn_blocks_add(blocks, "plateau_best", -1, NN_F64, &t->plateau.best, 1);
    nn_blocks_add(blocks, "plateau_waited", -1, NN_I32, &t->plateau.waited, 1);
    nn_blocks_add(blocks, "plateau_cooling", -1, NN_I32, &t->plateau.cooling, 1);
    nn_blocks_add(blocks, "plateau_seen", -1, NN_U8, &t->plateau.seen, 1);
    nn_blocks_add(blocks, "epochs", -1, NN_I32, &t->epochs, 1);
    nn_blocks_add(blocks, "metrics_bytes", -1, NN_U64, &t->metrics_len, 1);
    nn_blocks_add(blocks, "timing_bytes", -1, NN_U64, &t->timing_len, 1);
}

/* The logs must hold on disk what the state says that they hold. */
static nn_code write_state(nn_trainer *t, nn_err *err)
{
    nn_blocks blocks;

    NN_TRY(nn_log_sync(t->dir->metrics, err));
    NN_TRY(nn_log_sync(t->dir->timing, err));
    t->log_fails = false;
    t->epochs = t->s->config->training.epochs;
    t->metrics_len = nn_log_len(t->dir->metrics);
    t->timing_len = nn_log_len(t->dir->timing);
    blocks_of(t, &blocks);
    return nn_checkpoint_save(t->dir->state, t->s, &blocks, err);
}

/* Two models and two states stay, and one more file is there while it is written. */
static nn_code check_space(nn_trainer *t, nn_err *err)
{
    const double mib = 1024.0 * 1024.0;
    const uint64_t free = nn_machine_disk(t->dir->path);
    nn_blocks blocks;

    blocks_of(t, &blocks);
    const uint64_t state = nn_blocks_bytes(&blocks);
    const uint64_t needed = 2 * (uint64_t)nn_trainer_weights_bytes(t) + 3 * state;
    if (free == UINT64_MAX || needed <= free)
        return NN_OK;
    return nn_err_set(err, NN_EFILE, t->dir->parent,
                      "this training needs %.1f MiB of disk space for its models and checkpoints, "
                      "but only %.1f MiB are free",
                      (double)needed / mib, (double)free / mib);
}

nn_code nn_keep_begin(nn_trainer *t, nn_err *err)
{
    NN_TRY(check_space(t, err));
    NN_TRY(write_state(t, err));
    t->written = nn_clock_now();
    t->is_tidied = true; /* nobody else was here */
    return NN_OK;
}

/* The step's rate is the same whether the run was to have this many epochs or as many as now. */
static bool is_same_rate(nn_trainer *t, uint64_t step, int epochs)
{
    nn_training_conf *const conf = &t->s->config->training;
    const double now = nn_trainer_rate(t, step);
    const int planned = conf->epochs;

    conf->epochs = epochs;
    const double then = nn_trainer_rate(t, step);
    conf->epochs = planned;
    return then == now;
}

/* What is trained cannot be taken back, and a state beyond its end could not be gone on with. */
static nn_code check_end(const nn_trainer *t, nn_err *err)
{
    const int begun = t->epoch - 1 + (t->batch > 0), planned = t->s->config->training.epochs;

    if (planned >= begun)
        return NN_OK;
    return nn_err_set(err, NN_ECONFIG, "training.epochs",
                      "expected at least %d, since epoch %d is %s already, got %d", begun, begun,
                      t->batch > 0 ? "begun" : "trained", planned);
}

/*
 * A schedule that counts on the number of epochs would have had other rates in the past. Rates are
 * compared at the epochs' first steps and at the last step that was made.
 */
static nn_code check_rates(nn_trainer *t, nn_err *err)
{
    const int planned = t->s->config->training.epochs;
    const uint64_t done = nn_engine_steps(t->engine);
    bool same = done == 0 || is_same_rate(t, done - 1, t->epochs);

    for (uint64_t step = 0; same && planned != t->epochs && step < done; step += t->steps_per_epoch)
        same = is_same_rate(t, step, t->epochs);
    if (same)
        return NN_OK;
    return nn_err_set(
        err, NN_ECONFIG, "training.epochs",
        "cannot go from %d to %d: the schedule depends on it, so that the epochs behind "
        "would have had other learning rates",
        t->epochs, planned);
}

static nn_code check_exact(const nn_trainer *t, nn_err *err)
{
    if (!t->options->exact || t->notes.elsewhere[0] == '\0')
        return NN_OK;
    return nn_err_set(err, NN_EMODEL, NULL, "%s", t->notes.elsewhere);
}

nn_code nn_keep_go_on(nn_trainer *t, nn_err *err)
{
    nn_blocks blocks;

    blocks_of(t, &blocks);
    NN_TRY(nn_checkpoint_load(t->dir->state, t->dir->older, t->s, &blocks, t->options->other_data,
                              &t->notes, err));
    NN_TRY(nn_state_check(t, err));
    NN_TRY(check_end(t, err));
    NN_TRY(check_rates(t, err));
    NN_TRY(check_exact(t, err));
    NN_TRY(nn_engine_go_on(t->engine, t->batch, err));
    NN_TRY(nn_rundir_go_on(t->dir, t->s, t->metrics_len, t->timing_len, err));
    if (t->notes.unread[0] != '\0')
        NN_TRY(nn_rundir_take_older(t->dir, err));
    t->written = nn_clock_now();
    return NN_OK;
}

void nn_keep_tell(const nn_trainer *t)
{
    if (t->notes.unread[0] != '\0')
        nn_trainer_warn(t, t->notes.unread);
    if (t->notes.other_data)
        nn_trainer_warn(t, "the training data is not what it was when the state was saved, as "
                           "--allow-changed-data allows: these are no longer the bytes of a run "
                           "that was never stopped");
    if (t->notes.elsewhere[0] != '\0')
        nn_trainer_warn(t, t->notes.elsewhere);
    if (!nn_log_is_guarded(t->dir->metrics))
        nn_trainer_warn(
            t, "this file system knows no locks: a lock file keeps other trainings on this "
               "machine out of the run directory, but none on others");
}

/* ---- checkpoints ---- */

static nn_code write_best(nn_trainer *t, nn_err *err)
{
    if (t->best_is_written)
        return NN_OK;
    NN_TRY(nn_model_save(t->dir->model, t->s, t->best, err));
    t->best_is_written = true;
    t->best_written = nn_clock_now();
    return NN_OK;
}

static nn_code write_all(nn_trainer *t, nn_err *err)
{
    NN_TRY(nn_model_save(t->dir->last, t->s, nn_engine_weights(t->engine), err));
    if (t->best_epoch > 0)
        NN_TRY(write_best(t, err));
    NN_TRY(write_state(t, err));
    t->written = nn_clock_now();
    if (!t->is_tidied)
        NN_TRY(nn_rundir_tidy(t->dir, err));
    t->is_tidied = true;
    return NN_OK;
}

/* A disk that is full or gone may be well again at the next checkpoint: the training goes on. */
static nn_code bear(nn_trainer *t, nn_code rc, nn_err *err)
{
    char text[MOST_TEXT + 128];

    if (rc == NN_OK)
        t->failures = 0;
    if (rc != NN_EFILE)
        return rc;
    t->written = t->best_written = nn_clock_now();
    if (++t->failures >= MOST_FAILURES)
        return rc;
    (void)snprintf(text, sizeof text,
                   "%s: %s; what was written before is whole, and the next checkpoint tries again "
                   "(%d of %d)",
                   err->where, err->msg, t->failures, MOST_FAILURES);
    nn_trainer_warn(t, text);
    *err = (nn_err){.code = NN_OK};
    return NN_OK;
}

nn_code nn_keep_within(nn_trainer *t, nn_err *err)
{
    const nn_every *every = &t->s->config->checkpoint.every;

    if (every->seconds == 0 || nn_clock_now() - t->written < every->seconds)
        return NN_OK;
    return bear(t, write_all(t, err), err);
}

static bool is_due(const nn_trainer *t, const nn_epoch *e, double now)
{
    const nn_every *every = &t->s->config->checkpoint.every;

    if (every->seconds > 0)
        return now - t->written >= every->seconds;
    return e->epoch % every->epochs == 0 && now - t->written >= seconds_between_writes;
}

/* The best model does not wait for a checkpoint: it is what a run that gets killed leaves. */
nn_code nn_keep_between(nn_trainer *t, const nn_epoch *e, nn_err *err)
{
    const double now = nn_clock_now();

    if (is_due(t, e, now))
        return bear(t, write_all(t, err), err);
    if (t->best_is_written || t->best_epoch == 0 || now - t->best_written < seconds_between_writes)
        return NN_OK;
    return bear(t, write_best(t, err), err);
}

/* ---- the logs ---- */

static nn_code write_lines(const nn_trainer *t, const nn_epoch *e, nn_err *err)
{
    nn_err later = {0};
    nn_buf line = {0};
    nn_code rc;

    nn_epoch_metrics(&line, t->s, e);
    if ((rc = nn_buf_check(&line, err)) == NN_OK)
        rc = nn_log_line(t->dir->metrics, line.data, line.len, err);
    nn_buf_clear(&line);
    nn_epoch_timing(&line, e);
    nn_code timed = nn_buf_check(&line, &later);
    if (timed == NN_OK) /* also when the other log failed: each keeps what it could not write */
        timed = nn_log_line(t->dir->timing, line.data, line.len, &later);
    nn_buf_free(&line);
    if (rc == NN_OK && timed != NN_OK) {
        *err = later;
        rc = timed;
    }
    return rc;
}

nn_code nn_keep_record(nn_trainer *t, const nn_epoch *e, nn_err *err)
{
    char text[MOST_TEXT + 64];
    const nn_code rc = write_lines(t, e, err);

    if (rc == NN_OK)
        t->log_fails = false;
    if (rc != NN_EFILE)
        return rc;
    (void)snprintf(text, sizeof text, "%s: %s; the line of epoch %d waits for the next", err->where,
                   err->msg, e->epoch);
    if (!t->log_fails)
        nn_trainer_warn(t, text);
    t->log_fails = true;
    *err = (nn_err){.code = NN_OK};
    return NN_OK;
}

/* ---- the end ---- */

/*
 * A stop asked for leaves the state to go on from, and a model even before the first epoch has
 * ended: the user waited for it. After a divergence the newest weights are worth nothing, and only
 * the best model is brought to disk.
 */
static nn_code save_what_is_good(nn_trainer *t, nn_code rc, nn_err *err)
{
    nn_code saved = NN_OK;

    if (rc == NN_ESTOPPED)
        saved = write_all(t, err);
    if (rc == NN_ESTOPPED && saved == NN_OK && t->best_epoch == 0)
        saved = nn_model_save(t->dir->model, t->s, nn_engine_weights(t->engine), err);
    if (rc == NN_EDIVERGED && t->best_epoch > 0)
        saved = write_best(t, err);
    return saved;
}

nn_code nn_keep_end(nn_trainer *t, nn_code rc, nn_err *err)
{
    nn_err failed = {0};

    if (rc == NN_OK)
        rc = write_all(t, err); /* fails as well when the very last step diverged */
    if (rc == NN_OK)
        return NN_OK;
    const nn_code saved = save_what_is_good(t, rc, &failed);
    if (saved == NN_OK)
        return rc;
    *err = failed;
    return saved;
}
