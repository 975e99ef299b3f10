/* The page that lays several runs side by side. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "view/differ.h"
#include "view/format.h"
#include "view/series.h"

enum { LABEL = 96, MOST_LINES = 16, LONGEST_VALUE = 80 };

typedef struct comparison {
    const nn_dossier *const *run; /* [count] */
    int count;
    char (*label)[LABEL]; /* [count] what each is called, no two the same */
    int best;             /* -1: they cannot be compared */
    const char *by;       /* the score that decides */
} comparison;

/* ---- names ---- */

static bool is_taken(const comparison *c, int i, const char *name)
{
    for (int k = 0; k < c->count; k++)
        if (k != i && strcmp(nn_dossier_text(c->run[k], "name"), name) == 0)
            return true;
    return false;
}

/* The config's name; where several have it, the directory's as well. */
static void name_runs(const comparison *c)
{
    for (int i = 0; i < c->count; i++) {
        const char *name = nn_dossier_text(c->run[i], "name");
        const char *dir = nn_path_base(c->run[i]->run);

        if (*name == '\0' || is_taken(c, i, name))
            (void)snprintf(c->label[i], LABEL, "%.80s", *dir != '\0' ? dir : c->run[i]->run);
        else
            (void)snprintf(c->label[i], LABEL, "%.80s", name);
        for (int k = 0; k < i; k++)
            if (strcmp(c->label[k], c->label[i]) == 0)
                (void)snprintf(c->label[i], LABEL, "%.70s (%d)", *dir != '\0' ? dir : name, i + 1);
    }
}

/* ---- the best ---- */

static const nn_measure *score_of(const nn_dossier *d)
{
    return d->findings != NULL && d->findings->verdict.measures > 0
               ? &d->findings->verdict.measure[0]
               : NULL;
}

static bool is_higher_better(const char *name)
{
    const nn_kind *kind = nn_family_find(&nn_metrics, name);

    return kind != NULL && ((const nn_metric_class *)kind)->higher_is_better;
}

/* By the score on the same kind of split; if it is not the same for all, by what they watched. */
static void find_best(comparison *c)
{
    const nn_measure *first = score_of(c->run[0]);
    bool judged = first != NULL, watched = true;

    for (int i = 0; i < c->count; i++) {
        const nn_measure *m = score_of(c->run[i]);

        judged = judged && m != NULL && strcmp(m->name, first->name) == 0 && isfinite(m->model) &&
                 strcmp(c->run[i]->split, c->run[0]->split) == 0;
        watched = watched && strcmp(c->run[i]->monitor, c->run[0]->monitor) == 0;
    }
    c->best = -1;
    c->by = judged ? first->name : c->run[0]->monitor;
    for (int i = 0; (judged || watched) && i < c->count; i++) {
        const double value =
            judged ? score_of(c->run[i])->model : nn_dossier_best(c->run[i], c->by);
        const double than = c->best < 0 ? (double)NAN
                            : judged    ? score_of(c->run[c->best])->model
                                        : nn_dossier_best(c->run[c->best], c->by);
        const bool higher = judged ? is_higher_better(c->by) : c->run[0]->higher_is_better;

        if (isfinite(value) && (isnan(than) || (higher ? value > than : value < than)))
            c->best = i;
    }
}

/* ---- the table of runs ---- */

static void put_label(nn_buf *out, const comparison *c, int i)
{
    nn_buf_printf(out, "<span class=\"dot d%d\"></span>", i % NN_PLOT_COLORS);
    nn_markup_text(out, c->label[i]);
}

static void put_scores(nn_buf *out, const comparison *c, int i)
{
    const nn_dossier *d = c->run[i];
    const nn_measure *m = score_of(d);
    char text[NN_FORMAT_TEXT], range[NN_PAGE_RANGE];

    nn_markup_cell(out, "td", "n",
                   d->best >= 0 ? nn_format_score(text, nn_dossier_best(d, d->monitor)) : "n/a");
    nn_buf_printf(out, "<td class=\"n%s\">", i == c->best ? " best" : "");
    if (m == NULL) {
        nn_buf_put(out, "n/a</td><td class=\"n\">n/a</td>");
        return;
    }
    nn_buf_printf(out, "%s</td><td class=\"n\">%s</td>", nn_format_short(text, m->model),
                  nn_page_range(range, &d->findings->interval[0]));
}

static void put_run(nn_buf *out, const comparison *c, int i)
{
    const nn_dossier *d = c->run[i];
    const double seconds = nn_dossier_number(d, "seconds");
    char text[NN_FORMAT_TEXT];

    nn_buf_put(out, "<tr><th class=\"wrap\">");
    put_label(out, c, i);
    nn_buf_put(out, i == c->best ? " <span class=\"best\">best</span></th>" : "</th>");
    nn_markup_cell(out, "td", NULL, nn_dossier_text(d, "status"));
    (void)snprintf(text, sizeof text, "%.0f of %zu", nn_dossier_best(d, "epoch"), d->history.lines);
    nn_markup_cell(out, "td", "n", isfinite(nn_dossier_best(d, "epoch")) ? text : "n/a");
    put_scores(out, c, i);
    nn_markup_cell(out, "td", "n",
                   d->graph != NULL ? nn_format_count(text, d->graph->parameters) : "n/a");
    nn_markup_cell(out, "td", "n", isfinite(seconds) ? nn_format_seconds(text, seconds) : "n/a");
    nn_markup_cell(out, "td", "wrap path", d->run);
    nn_buf_put(out, "</tr>\n");
}

static void put_runs(nn_page *p, const comparison *c)
{
    const nn_measure *m = score_of(c->run[0]);
    nn_buf *out = &p->out;

    nn_buf_put(out, "<section id=\"runs\">\n<h2>Runs</h2>\n<p class=\"note\">");
    if (c->best >= 0) {
        nn_buf_put(out, "The best by ");
        nn_markup_text(out, c->by);
        nn_buf_put(out, " is marked. Intervals that overlap widely tell of no difference.");
    } else {
        nn_buf_put(out, "These runs have no score in common by which one is the best.");
    }
    nn_buf_put(out, "</p>\n<div class=\"scroll\"><table><thead><tr><th>run</th><th>status</th>"
                    "<th class=\"n\">best epoch</th><th class=\"n\">");
    nn_markup_text(out, c->run[0]->monitor);
    nn_buf_put(out, "</th><th class=\"n\">");
    if (m != NULL)
        nn_buf_printf(out, "%s, %s", m->name, c->run[0]->split);
    nn_buf_put(out, "</th><th class=\"n\">95 % interval</th><th class=\"n\">parameters</th>"
                    "<th class=\"n\">time</th><th>directory</th></tr></thead><tbody>\n");
    for (int i = 0; i < c->count; i++)
        put_run(out, c, i);
    nn_buf_put(out, "</tbody></table></div>\n");
    for (int i = 0; i < c->count; i++)
        if (*c->run[i]->gap != '\0') {
            nn_buf_put(out, "<p class=\"gap\">");
            nn_markup_text(out, c->label[i]);
            nn_buf_put(out, ": ");
            nn_markup_text(out, c->run[i]->gap);
            nn_buf_put(out, "</p>\n");
        }
    nn_buf_put(out, "</section>\n");
}

/* ---- curves ---- */

static nn_code put_curve(nn_page *p, const comparison *c, const char *name, const char *caption,
                         nn_err *err)
{
    nn_line line[MOST_LINES];
    nn_lines lines = {.about = caption, .x_name = "epoch", .line = line};

    for (int i = 0; i < c->count && lines.count < MOST_LINES; i++) {
        const nn_dossier *d = c->run[i];
        const double *x = nn_history_find(&d->history, "epoch");
        const double *y = nn_history_find(&d->history, name);

        if (x == NULL || y == NULL)
            continue;
        line[lines.count] =
            (nn_line){.label = c->label[i], .x = x, .y = y, .count = d->history.lines, .color = i};
        if (i == c->best && d->best >= 0) {
            line[lines.count].marked = true;
            line[lines.count].mark_x = x[d->best];
            line[lines.count].mark_y = y[d->best];
            lines.mark = "best";
        }
        lines.count++;
    }
    return lines.count > 0 ? nn_series_figure(p, caption, name, &lines, err) : NN_OK;
}

/* Had an earlier run this series? Then it is drawn already. */
static bool is_known(const comparison *c, int run, const char *name)
{
    for (int i = 0; i < run; i++)
        if (nn_history_find(&c->run[i]->history, name) != NULL)
            return true;
    return false;
}

static nn_code put_score_curves(nn_page *p, const comparison *c, const char *name, nn_err *err)
{
    char other[NN_DOSSIER_NAME], caption[NN_DOSSIER_NAME + 16];

    (void)snprintf(other, sizeof other, "val_%.70s", name);
    (void)snprintf(caption, sizeof caption, "%.70s, validation", name);
    NN_TRY(put_curve(p, c, other, caption, err));
    (void)snprintf(caption, sizeof caption, "%.70s, training", name);
    return put_curve(p, c, name, caption, err);
}

static nn_code put_curves(nn_page *p, const comparison *c, nn_err *err)
{
    nn_buf_put(&p->out, "<section id=\"curves\">\n<h2>Curves</h2>\n<div class=\"grid\">\n");
    for (int i = 0; i < c->count; i++) {
        const nn_history *h = &c->run[i]->history;

        for (int k = 0; k < h->count; k++)
            if (nn_series_is_score(h->series[k].name) && !is_known(c, i, h->series[k].name))
                NN_TRY(put_score_curves(p, c, h->series[k].name, err));
    }
    NN_TRY(put_curve(p, c, "lr", "learning rate", err));
    nn_buf_put(&p->out, "</div>\n</section>\n");
    return NN_OK;
}

/* ---- what differs ---- */

static void put_difference(nn_page *p, const nn_differ *d, int path)
{
    nn_buf *out = &p->out;

    nn_buf_put(out, "<tr>");
    nn_markup_cell(out, "th", "wrap", d->path.text[path]);
    for (int i = 0; i < d->runs; i++) {
        const char *value = d->value[path][i];

        nn_buf_put(out, "<td class=\"wrap\">");
        nn_markup_text_n(out, value != NULL ? value : "\u2013",
                         value != NULL ? strlen(value) : strlen("\u2013"), LONGEST_VALUE);
        nn_buf_put(out, "</td>");
    }
    nn_buf_put(out, "</tr>\n");
}

static nn_code put_differences(nn_page *p, const comparison *c, nn_err *err)
{
    nn_node *root = nn_alloc((size_t)c->count, sizeof *root);
    nn_differ d = {0};
    nn_code rc = root == NULL ? nn_err_memory(err, "the configs", 0) : NN_OK;
    int different = 0;

    for (int i = 0; rc == NN_OK && i < c->count; i++)
        root[i] = nn_doc_root(c->run[i]->resolved);
    if (rc == NN_OK)
        rc = nn_differ_take(&d, root, c->count, err);
    nn_buf_put(&p->out, "<section id=\"differences\">\n<h2>What differs in their configs</h2>\n"
                        "<div class=\"scroll\"><table><thead><tr><th>key</th>");
    for (int i = 0; i < c->count; i++) {
        nn_buf_put(&p->out, "<th>");
        put_label(&p->out, c, i);
        nn_buf_put(&p->out, "</th>");
    }
    nn_buf_put(&p->out, "</tr></thead><tbody>\n");
    for (int i = 0; rc == NN_OK && i < d.path.count; i++)
        if (!nn_differ_is_same(&d, i)) {
            put_difference(p, &d, i);
            different++;
        }
    if (different == 0)
        nn_buf_printf(&p->out, "<tr><td colspan=\"%d\">Nothing: they are the same.</td></tr>\n",
                      c->count + 1);
    nn_buf_put(&p->out, "</tbody></table></div>\n</section>\n");
    nn_differ_free(&d);
    nn_free(root);
    return rc;
}

nn_code nn_page_of_runs(nn_page *p, const nn_dossier *const *runs, int count, nn_err *err)
{
    comparison c = {.run = runs, .count = count};
    char title[64];

    c.label = nn_alloc((size_t)count, sizeof *c.label);
    if (c.label == NULL)
        return nn_err_memory(err, "a report", 0);
    name_runs(&c);
    find_best(&c);
    (void)snprintf(title, sizeof title, "%d runs compared", count);
    nn_page_head(p, title);
    nn_buf_printf(&p->out, "<header>\n<p class=\"over\">Comparison</p>\n<h1>%s</h1>\n</header>\n",
                  title);
    put_runs(p, &c);
    nn_code rc = put_curves(p, &c, err);
    if (rc == NN_OK)
        rc = put_differences(p, &c, err);
    nn_page_tail(p);
    nn_free(c.label);
    return rc == NN_OK ? nn_buf_check(&p->out, err) : rc;
}
