/* A log of event records beside metrics.jsonl. */
#include "run/events.h"

#include <stdio.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "run/event_record.h"

static const size_t most_bytes = (size_t)1 << 30; /* of a file that is read back */

struct nn_events {
    nn_log *log;
    nn_event event;
    nn_buf record;
};

static double wall_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static nn_code write_record(nn_events *events, nn_err *err)
{
    nn_code rc = nn_buf_check(&events->record, err);

    if (rc == NN_OK)
        rc = nn_log_add(events->log, events->record.data, events->record.len, err);
    nn_buf_clear(&events->record);
    return rc;
}

static nn_code begin(nn_events *events, const char *path, nn_err *err)
{
    NN_TRY(nn_log_open(&events->log, path, err));
    nn_event_put_version(&events->record, wall_time());
    return write_record(events, err);
}

/* Where nothing of an older file is any good, it is written anew from its first record. */
static nn_code go_on(nn_events *events, const char *path, uint64_t step, nn_err *err)
{
    char *bytes = NULL;
    size_t len = 0;

    NN_TRY(nn_file_read(&bytes, &len, path, most_bytes, err));
    const size_t keep = nn_event_keep(bytes, len, step);
    nn_free(bytes);
    NN_TRY(nn_log_reopen(&events->log, path, keep, err));
    if (keep > 0)
        return NN_OK;
    nn_event_put_version(&events->record, wall_time());
    return write_record(events, err);
}

static nn_code open_file(nn_events **out, const char *run, uint64_t step, nn_err *err)
{
    nn_events *events = nn_alloc(1, sizeof *events);
    char *path = nn_path_join(run, NN_EVENTS_FILE);
    nn_err ignored = {0};
    nn_code rc = NN_OK;

    if (events == NULL || path == NULL)
        rc = nn_err_memory(err, "the event file", sizeof *events);
    else
        rc = nn_path_exists(path) ? go_on(events, path, step, err) : begin(events, path, err);
    nn_free(path);
    if (rc == NN_OK)
        *out = events;
    else if (nn_events_close(events, &ignored) != NN_OK)
        return rc; /* the first error is the one to tell */
    return rc;
}

static void add_values(nn_event *event, const nn_setup *s, const char *split, double loss,
                       const double *metric)
{
    char tag[128];

    (void)snprintf(tag, sizeof tag, "loss/%s", split);
    nn_event_add(event, tag, loss);
    for (int i = 0; i < s->metrics; i++) {
        (void)snprintf(tag, sizeof tag, "%s/%s", nn_metric_name(&s->metric[i]), split);
        nn_event_add(event, tag, metric[i]);
    }
}

nn_code nn_events_add(nn_events **events, const char *run, const nn_setup *s, const nn_epoch *e,
                      nn_err *err)
{
    if (*events == NULL)
        NN_TRY(open_file(events, run, e->step, err));
    nn_event *event = &(*events)->event;
    add_values(event, s, "train", e->loss, e->metric);
    if (e->validated)
        add_values(event, s, "validation", e->val_loss, e->val_metric);
    nn_event_add(event, "learning_rate", e->lr);
    nn_event_add(event, "gradient_norm", e->gradient_norm);
    nn_event_put(&(*events)->record, event, wall_time(), e->step);
    return write_record(*events, err);
}

nn_code nn_events_close(nn_events *events, nn_err *err)
{
    nn_code rc = NN_OK;

    if (events == NULL)
        return NN_OK;
    if (events->log != NULL)
        rc = nn_log_close(events->log, err);
    nn_buf_free(&events->event.summary);
    nn_buf_free(&events->record);
    nn_free(events);
    return rc;
}
