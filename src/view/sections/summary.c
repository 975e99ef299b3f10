/* The head of a report: what was trained, how good it is, and how sure that is. */
#include "view/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/format.h"

static bool applies(const nn_dossier *d)
{
    (void)d;
    return true;
}

static void put_title(nn_page *p, const nn_dossier *d)
{
    const char *name = nn_dossier_text(d, "name");
    char count[NN_FORMAT_TEXT];
    nn_buf *out = &p->out;

    nn_buf_put(out, "<header id=\"summary\">\n<p class=\"over\">Training report</p>\n<h1>");
    nn_markup_text(out, *name != '\0' ? name : d->run);
    nn_buf_put(out, "</h1>\n<p class=\"sub\">");
    if (d->graph != NULL)
        nn_buf_printf(out, "%s, %s parameters, ", nn_task_words[d->task],
                      nn_format_count(count, d->graph->parameters));
    nn_buf_put(out, "started ");
    nn_markup_text(out, nn_dossier_text(d, "started"));
    nn_buf_put(out, "<br>");
    nn_markup_text(out, d->run);
    nn_buf_put(out, "</p>\n");
}

static const char *score_name(char *dst, size_t size, const char *name)
{
    (void)snprintf(dst, size, "%.40s", name);
    for (char *c = dst; *c != '\0'; c++)
        *c = (char)(*c == '_' ? ' ' : *c);
    return dst;
}

/* A score, how sure it is, and what the naive answer gets. */
static void put_score(nn_page *p, const char *class, const char *term, double value,
                      const nn_interval *interval, double naive)
{
    char text[NN_FORMAT_TEXT], bare[NN_FORMAT_TEXT], range[NN_PAGE_RANGE];
    char remark[NN_PAGE_RANGE + 2 * NN_FORMAT_TEXT] = "";
    size_t len = 0;

    if (*nn_page_range(range, interval) != '\0')
        len = (size_t)snprintf(remark, sizeof remark, "95 %%: %s", range);
    if (isfinite(naive))
        (void)snprintf(remark + len, sizeof remark - len, "%snaive answer %s", len > 0 ? "; " : "",
                       nn_format_short(bare, naive));
    nn_page_stat(p, class, term, nn_format_short(text, value), remark);
}

/* The loss under another name is not told twice. */
static bool is_loss(const nn_findings *f, const nn_measure *m)
{
    return strcmp(m->name, "log_loss") == 0 &&
           fabs(m->model - f->scores.loss) < 1e-5 * fabs(f->scores.loss);
}

static void put_scores(nn_page *p, const nn_dossier *d)
{
    const nn_findings *f = d->findings;
    char name[48], term[80];

    for (int i = 0; i < f->verdict.measures; i++) {
        const nn_measure *m = &f->verdict.measure[i];

        if (i > 0 && (!isfinite(m->model) || is_loss(f, m)))
            continue;
        (void)snprintf(term, sizeof term, i == 0 ? "%s, %s rows" : "%s",
                       score_name(name, sizeof name, m->name), d->split);
        put_score(p, i == 0 ? "main" : NULL, term, m->model, &f->interval[i], m->naive);
    }
    put_score(p, NULL, "loss", f->scores.loss, &f->loss, NAN);
}

static void put_best(nn_page *p, const nn_dossier *d)
{
    char value[NN_FORMAT_TEXT], score[NN_FORMAT_TEXT], remark[160];

    if (!isfinite(nn_dossier_best(d, "epoch")))
        return;
    (void)snprintf(value, sizeof value, "%.0f of %zu", nn_dossier_best(d, "epoch"),
                   d->history.lines);
    (void)snprintf(remark, sizeof remark, "%s %s", d->monitor,
                   nn_format_score(score, nn_dossier_best(d, d->monitor)));
    nn_page_stat(p, NULL, "best epoch", value, remark);
}

static void put_time(nn_page *p, const nn_dossier *d)
{
    const double seconds = nn_dossier_number(d, "seconds");
    char text[NN_FORMAT_TEXT], each[NN_FORMAT_TEXT], remark[NN_FORMAT_TEXT + 32] = "";
    const double *lasted = nn_history_find(&d->timing, "seconds");
    double sum = 0;

    if (!isfinite(seconds))
        return;
    for (size_t i = 0; lasted != NULL && i < d->timing.lines; i++)
        sum += isfinite(lasted[i]) ? lasted[i] : 0;
    if (d->timing.lines > 0)
        (void)snprintf(remark, sizeof remark, "%s an epoch",
                       nn_format_seconds(each, sum / (double)d->timing.lines));
    nn_page_stat(p, NULL, "time", nn_format_seconds(text, seconds), remark);
}

static void put_status(nn_page *p, const nn_dossier *d)
{
    const char *status = nn_dossier_text(d, "status");
    const char *message = nn_dossier_text(d, "message");

    if (strcmp(status, "done") == 0)
        return;
    nn_buf_put(&p->out, "<p class=\"gap\">This run has the status <b>");
    nn_markup_text(&p->out, status);
    nn_buf_put(&p->out, "</b>");
    nn_buf_put(&p->out, *message != '\0' ? ": " : "");
    nn_markup_text(&p->out, message);
    nn_buf_put(&p->out, "</p>\n");
}

static nn_code write(nn_page *p, const nn_dossier *d, nn_err *err)
{
    char count[NN_FORMAT_TEXT];

    (void)err;
    put_title(p, d);
    put_status(p, d);
    if (*d->gap != '\0') {
        nn_buf_put(&p->out, "<p class=\"gap\">Some of this report could not be made: ");
        nn_markup_text(&p->out, d->gap);
        nn_buf_put(&p->out, "</p>\n");
    }
    nn_buf_put(&p->out, "<dl class=\"stats\">\n");
    if (d->findings != NULL) {
        put_scores(p, d);
        nn_page_stat(p, NULL, "judged on", nn_format_count(count, d->findings->scores.samples),
                     d->split);
    }
    put_best(p, d);
    put_time(p, d);
    nn_buf_put(&p->out, "</dl>\n</header>\n");
    return NN_OK;
}

const nn_section nn_section_summary = {"summary", "Summary", applies, write};
