/* Looking on while a model is evaluated. */
#include "run/findings.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

enum { WORST = 12, COUNT = 0, LOSS, HITS, SQUARES, ERRORS, TRUTHS, TRUTH_SQUARES };

/* What the evaluator shows its batches to. */
typedef struct collector {
    nn_findings *f;
    const nn_subject *subject;
    nn_bootstrap *draws;
    size_t samples, seen;                   /* answers there are, and that were looked at */
    nn_real *residual[NN_FINDINGS_OUTPUTS]; /* [samples] */
} collector;

/* ---- classes ---- */

static void keep_wrong(nn_findings *f, const nn_mistake *m)
{
    int at = f->wrong_count;

    f->mistakes++;
    if (at == NN_FINDINGS_WRONG && m->sure <= f->wrong[at - 1].sure)
        return;
    at -= at == NN_FINDINGS_WRONG;
    for (; at > 0 && f->wrong[at - 1].sure < m->sure; at--)
        f->wrong[at] = f->wrong[at - 1];
    f->wrong[at] = *m;
    f->wrong_count += f->wrong_count < NN_FINDINGS_WRONG;
}

static void add_sureness(nn_findings *f, double sure, bool right)
{
    const double at = sure * NN_FINDINGS_BINS;

    if (!(sure >= 0 && sure <= 1.001))
        return; /* outputs that are no probabilities say nothing of it */
    nn_sureness *bin = &f->sureness[at < NN_FINDINGS_BINS ? (int)at : NN_FINDINGS_BINS - 1];
    bin->count++;
    bin->sure += sure;
    bin->right += right;
}

static double probability(const nn_real *y, int width, int k)
{
    return width > 1 ? (double)y[k] : k == 1 ? (double)y[0] : 1 - (double)y[0];
}

static bool look_at_class(collector *c, const nn_evaluated *b, int i)
{
    const nn_real *y = b->y + (size_t)i * (size_t)b->width;
    nn_mistake m = {.row = b->row[i / b->steps],
                    .truth = b->target.label[i],
                    .said = nn_predicted_class(y, b->width)};

    m.sure = probability(y, b->width, m.said);
    m.chance = probability(y, b->width, m.truth);
    add_sureness(c->f, m.sure, m.said == m.truth);
    if (m.said != m.truth)
        keep_wrong(c->f, &m);
    return m.said == m.truth;
}

/* The share of the outputs that are right. */
static double look_at_labels(collector *c, const nn_evaluated *b, int i)
{
    const nn_real *y = b->y + (size_t)i * (size_t)b->width;
    int right = 0;

    for (int k = 0; k < b->width; k++) {
        const bool said = y[k] > (nn_real)0.5;
        const bool truth = nn_target_at(&b->target, (size_t)i, k) > (nn_real)0.5;

        add_sureness(c->f, (double)(said ? y[k] : 1 - y[k]), said == truth);
        right += said == truth;
        if (k >= c->f->labels)
            continue;
        c->f->yes_no[k].hits += said && truth;
        c->f->yes_no[k].misses += !said && truth;
        c->f->yes_no[k].alarms += said && !truth;
    }
    return (double)right / b->width;
}

/* ---- numbers ---- */

static void keep_point(collector *c, const nn_evaluated *b, int i)
{
    nn_findings *f = c->f;
    const size_t at = f->points;

    for (int k = 0; k < f->outputs; k++) {
        f->truth[k][at] = (float)nn_target_at(&b->target, (size_t)i, k);
        f->said[k][at] = (float)b->y[(size_t)i * (size_t)b->width + (size_t)k];
        f->residual[k][at] = f->said[k][at] - f->truth[k][at];
    }
    f->points++;
}

static void look_at_numbers(collector *c, const nn_evaluated *b, int i, double *sums)
{
    const nn_real *y = b->y + (size_t)i * (size_t)b->width;
    const size_t most = c->samples < NN_FINDINGS_POINTS ? c->samples : NN_FINDINGS_POINTS;

    for (int k = 0; k < b->width; k++) {
        const double truth = (double)nn_target_at(&b->target, (size_t)i, k);
        const double off = (double)y[k] - truth;

        sums[SQUARES] += off * off / b->width;
        sums[ERRORS] += fabs(off) / b->width;
        sums[TRUTHS] += truth / b->width;
        sums[TRUTH_SQUARES] += truth * truth / b->width;
        if (k < c->f->outputs)
            c->residual[k][c->seen] = (nn_real)off;
    }
    /* The points are spread evenly over the split. */
    if (c->f->points < most && c->seen * most / c->samples >= c->f->points)
        keep_point(c, b, i);
}

static void look(void *context, const nn_evaluated *b)
{
    collector *c = context;

    nn_judge_look(c->f->judge, b);
    for (int i = 0; i < b->n; i++) {
        double sums[NN_BOOTSTRAP_SUMS] = {[COUNT] = 1, [LOSS] = b->loss[i]};

        if (!nn_target_counts(&b->target, (size_t)i))
            continue;
        if (b->target.label != NULL)
            sums[HITS] = look_at_class(c, b, i);
        else if (c->f->outputs > 0)
            look_at_numbers(c, b, i, sums);
        else
            sums[HITS] = look_at_labels(c, b, i);
        nn_bootstrap_add(c->draws, sums);
        c->seen++;
    }
}

/* ---- intervals ---- */

static double mean_loss(const double *s)
{
    return s[LOSS] / s[COUNT];
}

static double accuracy(const double *s)
{
    return s[HITS] / s[COUNT];
}

static double mse(const double *s)
{
    return s[SQUARES] / s[COUNT];
}

static double rmse(const double *s)
{
    return sqrt(mse(s));
}

static double mae(const double *s)
{
    return s[ERRORS] / s[COUNT];
}

/* Of one output; see `is_summed`. */
static double r2(const double *s)
{
    const double spread = s[TRUTH_SQUARES] - s[TRUTHS] * s[TRUTHS] / s[COUNT];

    return spread > 0 ? 1 - s[SQUARES] / spread : (double)NAN;
}

typedef struct known {
    const char *name;
    bool numbers;
    nn_statistic *statistic;
} known;
static const known known_statistics[] = {
    {"accuracy", false, accuracy},
    {"mse", true, mse},
    {"rmse", true, rmse},
    {"mae", true, mae},
    {"r2", true, r2},
};
enum { KNOWN = sizeof known_statistics / sizeof known_statistics[0] };

/*
 * An interval is shown only for a score that the sums give again, on all samples: what a metric of
 * this name means for several outputs is the metric's to say.
 */
static bool is_same(double a, double b)
{
    return fabs(a - b) <= 1e-4 * fmax(fabs(a), 1e-6);
}

static void total(const nn_bootstrap *b, double *sums)
{
    for (size_t i = 0; i < NN_BOOTSTRAP_BLOCKS; i++)
        for (int k = 0; k < NN_BOOTSTRAP_SUMS; k++)
            sums[k] += b->sum[i][k];
}

static nn_code find_intervals(nn_findings *f, const nn_bootstrap *draws, uint64_t seed, nn_err *err)
{
    nn_statistic *statistic[KNOWN + 1] = {mean_loss};
    nn_interval found[KNOWN + 1];
    double sums[NN_BOOTSTRAP_SUMS] = {0};
    int count = 1;

    for (int i = 0; i < KNOWN; i++)
        if (known_statistics[i].numbers == (f->outputs > 0))
            statistic[count++] = known_statistics[i].statistic;
    NN_TRY(nn_bootstrap_run(draws, statistic, count, seed, found, err));
    total(draws, sums);
    f->loss = found[0];
    for (int m = 0; m < f->verdict.measures; m++) {
        f->interval[m] = (nn_interval){NAN, NAN};
        for (int i = 0; i < KNOWN; i++)
            for (int k = 1; k < count; k++)
                if (strcmp(f->verdict.measure[m].name, known_statistics[i].name) == 0 &&
                    statistic[k] == known_statistics[i].statistic &&
                    is_same(statistic[k](sums), f->verdict.measure[m].model))
                    f->interval[m] = found[k];
    }
    return NN_OK;
}

/* ---- the whole ---- */

/* Of one answer. */
static int outputs_of(const nn_subject *s)
{
    return (int)nn_shape_len(&s->graph->out) / nn_answers(s->prep, s->graph);
}

static nn_code make_numbers(collector *c, nn_err *err)
{
    nn_findings *f = c->f;
    const int width = outputs_of(c->subject);

    if (c->subject->prep->task != NN_TASK_REGRESSION)
        return NN_OK;
    f->outputs = width < NN_FINDINGS_OUTPUTS ? width : NN_FINDINGS_OUTPUTS;
    for (int k = 0; k < f->outputs; k++) {
        f->truth[k] = nn_alloc(NN_FINDINGS_POINTS, sizeof *f->truth[k]);
        f->said[k] = nn_alloc(NN_FINDINGS_POINTS, sizeof *f->said[k]);
        f->residual[k] = nn_alloc(NN_FINDINGS_POINTS, sizeof *f->residual[k]);
        c->residual[k] = nn_alloc(c->samples + 1, sizeof *c->residual[k]);
        if (f->truth[k] == NULL || f->said[k] == NULL || f->residual[k] == NULL ||
            c->residual[k] == NULL)
            return nn_err_memory(err, "the findings", c->samples * sizeof(nn_real));
    }
    return NN_OK;
}

static nn_code make_labels(collector *c, nn_err *err)
{
    const int width = outputs_of(c->subject);

    if (c->subject->prep->task != NN_TASK_MULTILABEL)
        return NN_OK;
    c->f->labels = width < NN_FINDINGS_LABELS ? width : NN_FINDINGS_LABELS;
    c->f->yes_no = nn_alloc((size_t)c->f->labels, sizeof *c->f->yes_no);
    return c->f->yes_no != NULL ? NN_OK : nn_err_memory(err, "the findings", 0);
}

static nn_code make_parts(collector *c, const nn_view *view, nn_err *err)
{
    const bool numbers = c->subject->prep->task == NN_TASK_REGRESSION;

    c->draws = nn_alloc(1, sizeof *c->draws);
    if (c->draws == NULL)
        return nn_err_memory(err, "the bootstrap", sizeof *c->draws);
    NN_TRY(make_numbers(c, err));
    NN_TRY(make_labels(c, err));
    return nn_judge_new(&c->f->judge, c->subject, view, numbers ? WORST : 0, err);
}

/* The evaluator's matrix is gone with it. */
static nn_code keep_confusion(nn_findings *f, nn_err *err)
{
    const size_t cells = (size_t)f->scores.classes * (size_t)f->scores.classes;

    if (f->scores.confusion == NULL)
        return NN_OK;
    f->confusion = nn_alloc(cells, sizeof *f->confusion);
    if (f->confusion == NULL)
        return nn_err_memory(err, "the confusion matrix", cells * sizeof *f->confusion);
    memcpy(f->confusion, f->scores.confusion, cells * sizeof *f->confusion);
    f->scores.confusion = f->confusion;
    return NN_OK;
}

static nn_code evaluate(collector *c, const nn_view *view, uint64_t seed, nn_err *err)
{
    const nn_task task = c->subject->prep->task;
    const bool exclusive = task != NN_TASK_REGRESSION && task != NN_TASK_MULTILABEL &&
                           !nn_prep_is_language(c->subject->prep);
    nn_evaluator *e = NULL;

    NN_TRY(nn_evaluator_new(&e, c->subject, view->data, view->count, exclusive, err));
    nn_evaluate_watched(e, view, look, c, &c->f->scores);
    nn_judge_end(c->f->judge, &c->f->scores, &c->f->verdict);
    const nn_code rc = keep_confusion(c->f, err);
    nn_evaluator_free(e);
    NN_TRY(rc);
    for (int k = 0; k < c->f->outputs; k++)
        nn_histogram_fill(&c->f->spread[k], c->residual[k], c->seen);
    return find_intervals(c->f, c->draws, seed, err);
}

nn_code nn_findings_new(nn_findings **out, const nn_subject *subject, const nn_view *view,
                        uint64_t seed, nn_err *err)
{
    const size_t answers = (size_t)nn_answers(subject->prep, subject->graph);
    collector c = {.subject = subject, .samples = view->count * answers};
    nn_code rc;

    *out = NULL;
    c.f = nn_alloc(1, sizeof *c.f);
    if (c.f == NULL)
        return nn_err_memory(err, "the findings", sizeof *c.f);
    if ((rc = make_parts(&c, view, err)) == NN_OK)
        rc = evaluate(&c, view, seed, err);
    for (int k = 0; k < NN_FINDINGS_OUTPUTS; k++)
        nn_free(c.residual[k]);
    nn_free(c.draws);
    if (rc != NN_OK)
        nn_findings_free(c.f);
    else
        *out = c.f;
    return rc;
}

void nn_findings_free(nn_findings *f)
{
    if (f == NULL)
        return;
    for (int k = 0; k < NN_FINDINGS_OUTPUTS; k++) {
        nn_free(f->truth[k]);
        nn_free(f->said[k]);
        nn_free(f->residual[k]);
    }
    nn_free(f->yes_no);
    nn_free(f->confusion);
    nn_judge_free(f->judge);
    nn_free(f);
}

double nn_findings_calibration_error(const nn_findings *f)
{
    double off = 0;
    size_t count = 0;

    for (int i = 0; i < NN_FINDINGS_BINS; i++) {
        off += fabs(f->sureness[i].sure - f->sureness[i].right);
        count += f->sureness[i].count;
    }
    return count > 0 ? off / (double)count : (double)NAN;
}
