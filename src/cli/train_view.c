/* What a training says. */
#include "cli/train_view.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cli/label.h"
#include "cli/terminal.h"
#include "run/epoch.h"
#include "view/format.h"
#include "view/fitted.h"

enum { MOST_LINES = 50, LARGEST_PARTS = 3 };

/* An event is on its way at once: whoever reads the pipe waits for it. */
static void send(nn_train_view *v)
{
    nn_err ignored = {0};

    nn_buf_char(&v->s->out, '\n');
    if (nn_session_flush(v->s, &ignored) != NN_OK)
        return; /* cannot be: the session keeps the error of a training for the end */
}

static void put_text(nn_buf *out, const char *key, const char *text)
{
    nn_buf_printf(out, ",\"%s\":", key);
    nn_buf_json(out, text);
}

/* ---- the start ---- */

static void send_start(nn_train_view *v, const char *run)
{
    const nn_setup *setup = v->setup;
    const nn_training_conf *t = &setup->config->training;
    nn_buf *out = &v->s->out;

    nn_buf_put(out, "{\"event\":\"start\",\"version\":\"" NN_VERSION "\"");
    put_text(out, "name", setup->config->name);
    if (run != NULL)
        put_text(out, "run", run);
    nn_buf_printf(out, ",\"task\":\"%s\",\"parameters\":%zu,\"rows\":%zu,\"validation_rows\":%zu",
                  nn_task_words[setup->task], setup->graph->parameters, setup->train.count,
                  setup->validation.count);
    nn_buf_printf(out, ",\"test_rows\":%zu,\"epochs\":%d,\"batch_size\":%d,\"seed\":\"%llu\"",
                  setup->test.count, t->epochs, setup->batch_size,
                  (unsigned long long)setup->config->seed);
    nn_buf_printf(out, ",\"threads\":%d,\"memory_bytes\":%llu}", v->threads,
                  (unsigned long long)v->memory->total);
    send(v);
}

static void send_warning(nn_train_view *v, const char *text)
{
    nn_buf_put(&v->s->out, "{\"event\":\"warning\"");
    put_text(&v->s->out, "message", text);
    nn_buf_char(&v->s->out, '}');
    send(v);
}

void nn_train_view_warn(nn_train_view *v, const char *text)
{
    if (v->s->common.json)
        send_warning(v, text);
    nn_session_warn(v->s, "%s", text);
}

/* What was found in the config and the data; only warnings, or nothing would be trained. */
static void send_problems(nn_train_view *v, const nn_problems *problems)
{
    char text[NN_WHERE_SIZE + 2 * NN_MSG_SIZE];

    for (size_t i = 0; i < problems->count; i++) {
        nn_problem_text(&problems->list[i], text, sizeof text);
        send_warning(v, text);
    }
}

static void put_rows(nn_buf *line, const char *before, size_t rows, const char *after)
{
    char text[NN_FORMAT_TEXT];

    if (rows > 0)
        nn_buf_printf(line, "%s%s%s", before, nn_format_count(text, rows), after);
}

static void put_memory(nn_buf *line, const nn_memory *memory)
{
    char bytes[NN_FORMAT_TEXT];

    nn_buf_printf(line, ", %s of memory", nn_format_bytes(bytes, memory->total));
    for (int i = 0; i < LARGEST_PARTS; i++)
        nn_buf_printf(line, "%s%s %s", i == 0 ? " (" : ", ", memory->part[i].name,
                      nn_format_bytes(bytes, memory->part[i].bytes));
    nn_buf_char(line, ')');
}

static void note_line(const nn_train_view *v, nn_buf *line)
{
    if (line->failed)
        nn_session_warn(v->s, "not enough memory for a line of progress");
    else
        nn_session_note(v->s, "%s", line->data);
    nn_buf_free(line);
}

static void note_start(const nn_train_view *v, const char *run)
{
    const nn_setup *setup = v->setup;
    char bytes[NN_FORMAT_TEXT];
    nn_buf line = {0};

    if (v->s->common.quiet)
        return;
    nn_buf_printf(&line, "%s: ", setup->config->name);
    put_rows(&line, "", setup->graph->parameters, " parameters");
    put_rows(&line, "; ", setup->train.count, " rows to train");
    put_rows(&line, ", ", setup->validation.count, " to validate");
    put_rows(&line, ", ", setup->test.count, " to test");
    nn_buf_printf(&line, "; batch size %d; %d thread%s", setup->batch_size, v->threads,
                  v->threads == 1 ? "" : "s");
    put_memory(&line, v->memory);
    note_line(v, &line);
    for (int i = 0; v->s->common.verbose && i < NN_MEMORY_PARTS; i++)
        nn_session_note(v->s, "  %-18s  %s", v->memory->part[i].name,
                        nn_format_bytes(bytes, v->memory->part[i].bytes));
    if (run != NULL)
        nn_session_note(v->s, "run directory %s", run);
}

void nn_train_view_start(nn_train_view *v, const char *run)
{
    const int epochs = v->setup->config->training.epochs;

    v->every = nn_terminal_columns(STDERR_FILENO) > 0 ? 1 : (epochs + MOST_LINES - 1) / MOST_LINES;
    if (v->s->common.json) {
        send_start(v, run);
        send_problems(v, &v->setup->config->problems);
    }
    note_start(v, run);
}

/* ---- epochs ---- */

static int digits(int n)
{
    int count = 1;

    while ((n /= 10) > 0)
        count++;
    return count;
}

static void put_scores(nn_buf *line, const char *prefix, const nn_setup *setup, double loss,
                       const double *metric)
{
    char score[NN_FORMAT_TEXT];

    nn_buf_printf(line, "  %sloss %s", prefix, nn_format_score(score, loss));
    for (int i = 0; i < setup->metrics; i++)
        nn_buf_printf(line, "  %s%s %s", prefix, nn_metric_name(&setup->metric[i]),
                      nn_format_score(score, metric[i]));
}

/* What an epoch's line can do without is what has the higher rank. */
enum { BEST, VAL_LOSS, VAL_METRIC, LOSS, METRIC, SECONDS, RATE };

static void add_scores(nn_fitted *w, const nn_setup *setup, const nn_epoch *e)
{
    char text[NN_FORMAT_TEXT];

    nn_fitted_add(w, LOSS, "loss %s", nn_format_score(text, e->loss));
    for (int i = 0; i < setup->metrics; i++)
        nn_fitted_add(w, METRIC, "%s %s", nn_metric_name(&setup->metric[i]),
                      nn_format_score(text, e->metric[i]));
    if (!e->validated)
        return;
    nn_fitted_add(w, VAL_LOSS, "val_loss %s", nn_format_score(text, e->val_loss));
    for (int i = 0; i < setup->metrics; i++)
        nn_fitted_add(w, VAL_METRIC, "val_%s %s", nn_metric_name(&setup->metric[i]),
                      nn_format_score(text, e->val_metric[i]));
}

static void note_epoch(nn_train_view *v, const nn_epoch *e)
{
    const int columns = nn_terminal_columns(STDERR_FILENO);
    char text[NN_FORMAT_TEXT];
    nn_fitted words = {.count = 0};
    nn_buf line = {0};

    if (v->s->common.quiet)
        return;
    nn_buf_printf(&line, "epoch %*d/%d", digits(e->epochs), e->epoch, e->epochs);
    add_scores(&words, v->setup, e);
    nn_fitted_add(&words, RATE, "lr %s", nn_format_rate(text, e->lr));
    nn_fitted_add(&words, SECONDS, "%s", nn_format_seconds(text, e->seconds));
    if (e->best)
        nn_fitted_add(&words, BEST, "best");
    nn_fitted_choose(&words, columns > 0 ? columns - 1 - (int)line.len : INT_MAX);
    nn_fitted_put(&line, &words);
    note_line(v, &line);
    v->shown = e->epoch;
}

static void send_epoch(nn_train_view *v, const nn_epoch *e)
{
    nn_buf *out = &v->s->out;

    nn_buf_put(out, "{\"event\":\"epoch\",");
    nn_epoch_members(out, v->setup, e);
    nn_buf_printf(out, ",\"seconds\":%.6f}", e->seconds);
    send(v);
}

void nn_train_view_epoch(nn_train_view *v, const nn_epoch *e)
{
    if (v->s->common.json)
        send_epoch(v, e);
    if (e->epoch % v->every == 0 || e->epoch == e->epochs)
        note_epoch(v, e);
}

/* ---- the end ---- */

/* The scores of the best model on the test split, by name. */
static void name_test(const nn_train_view *v, const nn_scores *test, nn_named_list *list)
{
    const nn_setup *setup = v->setup;

    nn_named_scores(list, "", test, setup->metric, setup->metrics, setup->task);
}

static void send_end(nn_train_view *v, const nn_train_end *end)
{
    const nn_train_result *r = end->result;
    nn_named_list test = {.count = 0};
    nn_buf *out = &v->s->out;

    nn_buf_put(out, "{\"event\":\"end\"");
    put_text(out, "status", end->status);
    if (end->dir != NULL) {
        put_text(out, "run", end->dir->path);
        put_text(out, "model", end->dir->model);
        nn_buf_printf(out, ",\"epochs\":%d,\"best_epoch\":%d", r->epochs, r->best_epoch);
    }
    if (r->tested)
        name_test(v, &r->test, &test);
    for (int i = 0; i < test.count; i++) {
        nn_buf_printf(out, "%s\"%s\":", i == 0 ? ",\"test\":{" : ",", test.item[i].name);
        nn_buf_double(out, test.item[i].value);
    }
    nn_buf_put(out, r->tested ? "}}" : "}");
    send(v);
}

static void put_last(const nn_train_view *v, const nn_epoch *last, nn_buf *out)
{
    nn_buf_put(out, "last  ");
    put_scores(out, "", v->setup, last->loss, last->metric);
    if (last->validated)
        put_scores(out, "val_", v->setup, last->val_loss, last->val_metric);
    nn_buf_char(out, '\n');
}

static void put_end(nn_train_view *v, const nn_train_end *end)
{
    const nn_train_result *r = end->result;
    nn_named_list test = {.count = 0};
    char score[NN_FORMAT_TEXT];
    char shown[NN_SHOWN];
    nn_buf *out = &v->s->out;

    nn_buf_printf(out, "model   %s\n",
                  nn_text_show(shown, sizeof shown, end->dir->model, strlen(end->dir->model), 200));
    nn_buf_printf(out, "epochs  %d, best %d%s\n", r->epochs, r->best_epoch,
                  r->stopped_early ? ", stopped early" : "");
    if (r->last.epoch > 0)
        put_last(v, &r->last, out);
    if (!r->tested)
        return;
    name_test(v, &r->test, &test);
    nn_buf_put(out, "test  ");
    for (int i = 0; i < test.count; i++)
        nn_buf_printf(out, "  %s %s", test.item[i].name,
                      nn_format_score(score, test.item[i].value));
    nn_buf_char(out, '\n');
}

void nn_train_view_end(nn_train_view *v, const nn_train_end *end)
{
    const nn_train_result *r = end->result;

    if (r->last.epoch > v->shown) /* early stopping came between two lines */
        note_epoch(v, &r->last);
    if (v->s->common.json)
        send_end(v, end);
    else if (end->dir != NULL)
        put_end(v, end);
}
