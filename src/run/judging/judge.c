/* Scores of a model and of the naive answer by the same yardsticks, and the worst rows. */
#include "run/judge.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "data/naive.h"
#include "run/epoch.h"

/* AUC sorts a score for every class of every row; beyond so many classes nobody wants to wait. */
enum { MAX_AUC_WIDTH = 100, EXTRA = 4 };
static const char *const number_metric[] = {"mse", "rmse", "mae", "r2", NULL};
static const char *const class_metric[] = {"auc", NULL};

typedef enum who { MODEL, NAIVE, LAST, SEASONAL, WHO } who;

struct nn_judge {
    nn_subject subject;
    nn_metric_case what;
    int steps; /* answers of a sample */
    nn_choice metric[NN_MAX_METRICS + EXTRA];
    int metrics;
    void *state[WHO][NN_MAX_METRICS + EXTRA];
    double log_loss[WHO]; /* sums; NaN once an output was no probability */
    double seen;          /* what the rows count together */
    bool known[WHO];      /* whose answers there are */
    nn_real *forecast; /* [NN_EVAL_BATCH][steps][width] of naive forecasts; NULL: no time series */
    nn_real *constant; /* [NN_EVAL_BATCH][steps][width] the naive answer; NULL: not known */
    nn_each *each;     /* NULL: outputs have no scores of their own */
    nn_worst *worst;   /* [most_worst + 1], largest loss first */
    nn_real *values;   /* [most_worst + 1][2][width], numbers only */
    size_t worst_count, most_worst;
};

static const nn_metric_class *class_of(const nn_choice *metric)
{
    return (const nn_metric_class *)metric->kind;
}

static bool is_by_class(const nn_subject *s)
{
    return s->prep->classes.count > 0;
}

/* The subject's metrics, and after them what is always told. */
static int choose_metrics(const nn_subject *s, nn_choice *metric)
{
    const bool numbers = s->prep->task == NN_TASK_REGRESSION;
    int count = s->metrics;

    memcpy(metric, s->metric, (size_t)count * sizeof metric[0]);
    for (const char *const *name = numbers ? number_metric : class_metric; *name != NULL; name++) {
        const nn_kind *kind = nn_family_find(&nn_metrics, *name);
        bool known = nn_prep_is_language(s->prep) ||
                     (!numbers && nn_shape_len(&s->graph->out) > MAX_AUC_WIDTH);

        for (int i = 0; i < s->metrics; i++)
            known = known || metric[i].kind == kind;
        if (!known)
            nn_choice_default(&metric[count++], kind);
    }
    return count;
}

/*
 * The naive answer as outputs of the network: one unit of two classes is the share of the second.
 * Numbers have one for each of a sample's outputs, its steps included.
 */
static void fill_constant(nn_judge *j)
{
    const nn_prep *p = j->subject.prep;
    const size_t width = (size_t)j->what.width, count = NN_EVAL_BATCH * (size_t)j->steps * width;
    const bool one = is_by_class(&j->subject) && width == 1;

    for (size_t i = 0; i < count; i++)
        j->constant[i] = (nn_real)p->baseline[one ? 1 : i % (size_t)p->baseline_count];
}

static nn_code make_constant(nn_judge *j, nn_err *err)
{
    const nn_prep *p = j->subject.prep;
    const bool by_class = is_by_class(&j->subject), one = by_class && j->what.width == 1;
    const int outputs = by_class ? j->what.width : j->what.width * j->steps;

    if (p->baseline == NULL || p->baseline_count != (one ? 2 : outputs))
        return NN_OK;
    j->known[NAIVE] = true;
    j->constant = nn_alloc((size_t)NN_EVAL_BATCH * (size_t)j->steps,
                           (size_t)j->what.width * sizeof *j->constant);
    if (j->constant == NULL)
        return nn_err_memory(err, "the naive answer", 0);
    fill_constant(j);
    return NN_OK;
}

/* A series has a past to forecast from. */
static nn_code make_forecast(nn_judge *j, const nn_dataset *d, nn_err *err)
{
    if (!nn_naive_has(d) || is_by_class(&j->subject))
        return NN_OK;
    j->known[LAST] = true;
    j->known[SEASONAL] = j->subject.prep->season > 1;
    j->forecast = nn_alloc((size_t)NN_EVAL_BATCH * (size_t)j->steps,
                           (size_t)j->what.width * sizeof *j->forecast);
    return j->forecast == NULL ? nn_err_memory(err, "naive forecasts", 0) : NN_OK;
}

static nn_code make_states(nn_judge *j, nn_err *err)
{
    for (int w = MODEL; w < WHO; w++)
        for (int i = 0; i < j->metrics; i++) {
            const nn_metric_class *class = class_of(&j->metric[i]);
            const size_t size = class->state_size(&j->metric[i].conf, &j->what);

            if ((j->state[w][i] = nn_alloc(1, size > 0 ? size : 1)) == NULL)
                return nn_err_memory(err, "metrics", size);
            class->start(&j->metric[i].conf, &j->what, j->state[w][i]);
        }
    return NN_OK;
}

static nn_code make_worst(nn_judge *j, nn_err *err)
{
    j->worst = nn_alloc(j->most_worst + 1, sizeof *j->worst);
    if (!is_by_class(&j->subject))
        j->values = nn_alloc((j->most_worst + 1) * 2, (size_t)j->what.width * sizeof *j->values);
    if (j->worst == NULL || (!is_by_class(&j->subject) && j->values == NULL))
        return nn_err_memory(err, "the worst rows", 0);
    for (size_t i = 0; j->values != NULL && i <= j->most_worst; i++)
        j->worst[i].values = j->values + i * 2 * (size_t)j->what.width;
    return NN_OK;
}

nn_code nn_judge_new(nn_judge **out, const nn_subject *subject, const nn_view *view, size_t worst,
                     nn_err *err)
{
    const size_t most = view->count;
    nn_judge *j = nn_alloc(1, sizeof *j);
    nn_code rc;

    *out = NULL;
    if (j == NULL)
        return nn_err_memory(err, "evaluation", sizeof *j);
    j->subject = *subject;
    j->steps = nn_answers(subject->prep, subject->graph);
    j->what.width = (int)nn_shape_len(&subject->graph->out) / j->steps;
    j->what.classes = subject->prep->classes.count;
    j->what.samples = most * (size_t)j->steps;
    j->most_worst = worst < j->what.samples ? worst : j->what.samples;
    j->metrics = choose_metrics(subject, j->metric);
    j->known[MODEL] = true;
    if ((rc = make_constant(j, err)) == NN_OK &&
        (rc = make_forecast(j, view->data, err)) == NN_OK && (rc = make_states(j, err)) == NN_OK &&
        (rc = nn_each_new(&j->each, subject, err)) == NN_OK)
        rc = make_worst(j, err);
    if (rc != NN_OK)
        nn_judge_free(j);
    else
        *out = j;
    return rc;
}

void nn_judge_free(nn_judge *j)
{
    if (j == NULL)
        return;
    for (int w = MODEL; w < WHO; w++)
        for (int i = 0; i < j->metrics; i++)
            nn_free(j->state[w][i]);
    nn_each_free(j->each);
    nn_free(j->constant);
    nn_free(j->forecast);
    nn_free(j->worst);
    nn_free(j->values);
    nn_free(j);
}

/* -log of what the truth was given, as far as outputs are probabilities. */
static double log_loss_of(const nn_real *y, const nn_target *t, size_t i, int width)
{
    const double least = 1e-7; /* as Keras clips */
    double sum = 0;

    if (t->label != NULL && width > 1) {
        const double p = (double)y[i * (size_t)width + (size_t)t->label[i]];
        return p >= 0 && p <= 1.000001 ? -log(p > least ? p : least) : (double)NAN;
    }
    for (int k = 0; k < width; k++) {
        const double yes = (double)y[i * (size_t)width + (size_t)k];
        const double p = nn_target_at(t, i, k) > (nn_real)0.5 ? yes : 1 - yes;

        sum += p >= -0.000001 && p <= 1.000001 ? -log(p > least ? p : least) : (double)NAN;
    }
    return sum / width;
}

static void add_scores(nn_judge *j, who w, const nn_real *y, const nn_evaluated *b)
{
    for (int i = 0; i < j->metrics; i++)
        class_of(&j->metric[i])
            ->add(&j->metric[i].conf, j->state[w][i], y, &b->target, b->n, b->width);
    for (int i = 0; i < b->n && j->subject.prep->task != NN_TASK_REGRESSION; i++)
        if (nn_target_counts(&b->target, (size_t)i))
            j->log_loss[w] += nn_target_share(&b->target, (size_t)i) *
                              log_loss_of(y, &b->target, (size_t)i, b->width);
}

/* The row that an answer is for. */
static size_t row_of(const nn_evaluated *b, int i)
{
    const size_t row = b->row[i / b->steps];

    if (b->steps == 1 || b->data->windows.window == 0)
        return row;
    return nn_dataset_target_row(b->data, row) + (size_t)(i % b->steps);
}

/* Fills the spare place behind the worst rows. */
static void describe(nn_judge *j, const nn_evaluated *b, int i)
{
    const nn_real *y = b->y + (size_t)i * (size_t)b->width;
    nn_worst *spare = &j->worst[j->worst_count];
    nn_real *values = j->values == NULL ? NULL : j->values + (spare->values - j->values);

    spare->row = row_of(b, i);
    spare->loss = b->loss[i];
    spare->probability = NAN;
    if (b->target.label != NULL) {
        spare->truth = b->target.label[i];
        spare->said = nn_predicted_class(y, b->width);
        spare->probability = b->width > 1        ? (double)y[spare->truth]
                             : spare->truth == 1 ? (double)y[0]
                                                 : 1 - (double)y[0];
        return;
    }
    for (int k = 0; k < b->width; k++) {
        values[k] = nn_target_at(&b->target, (size_t)i, k);
        values[b->width + k] = y[k];
    }
}

/* Keeps the rows in order; of equal losses the earlier row goes first. */
static void keep_worst(nn_judge *j, const nn_evaluated *b, int i)
{
    size_t at = j->worst_count;

    if (j->most_worst == 0 || (at == j->most_worst && !(b->loss[i] > j->worst[at - 1].loss)))
        return;
    describe(j, b, i);
    const nn_worst fresh = j->worst[j->worst_count];
    for (; at > 0 && fresh.loss > j->worst[at - 1].loss; at--)
        j->worst[at] = j->worst[at - 1];
    j->worst[at] = fresh; /* with one too many, the least of them has become the spare */
    if (j->worst_count < j->most_worst)
        j->worst_count++;
}

void nn_judge_look(void *context, const nn_evaluated *b)
{
    nn_judge *j = context;

    add_scores(j, MODEL, b->y, b);
    if (j->each != NULL)
        nn_each_add(j->each, b);
    if (j->known[NAIVE])
        add_scores(j, NAIVE, j->constant, b);
    for (int w = LAST; w <= SEASONAL; w++) {
        if (!j->known[w])
            continue;
        for (int i = 0; i < b->n / b->steps; i++)
            nn_naive_forecast(b->data, b->row[i], w == LAST ? 1 : j->subject.prep->season,
                              j->forecast + (size_t)(i * b->steps) * (size_t)b->width);
        add_scores(j, (who)w, j->forecast, b);
    }
    for (int i = 0; i < b->n; i++)
        if (nn_target_counts(&b->target, (size_t)i))
            keep_worst(j, b, i);
    for (int i = 0; i < b->n; i++)
        j->seen += nn_target_share(&b->target, (size_t)i);
}

static void put(nn_verdict *v, const char *name, double model, double naive)
{
    v->measure[v->measures++] = (nn_measure){name, model, naive, NAN, NAN};
}

/* Means over the classes that were true or said; 0 stands for what is not defined of those. */
static void average_classes(const nn_scores *s, nn_verdict *v, double *balanced, double *naive)
{
    double precision = 0, recall = 0, f1 = 0, hits = 0;
    size_t support = 0;
    int met = 0, true_ones = 0;

    for (int k = 0; k < s->classes; k++) {
        const nn_class_score c = nn_class_score_of(s->confusion, s->classes, k);

        if (isnan(c.f1))
            continue;
        support += c.support;
        met++;
        precision += isnan(c.precision) ? 0 : c.precision;
        recall += isnan(c.recall) ? 0 : c.recall;
        f1 += c.f1;
        hits += isnan(c.recall) ? 0 : c.recall;
        true_ones += !isnan(c.recall);
    }
    const double n = met > 0 ? (double)met : (double)NAN;
    v->macro = (nn_class_score){precision / n, recall / n, f1 / n, support};
    *balanced = true_ones > 0 ? hits / true_ones : (double)NAN;
    *naive = true_ones > 0 ? 1.0 / true_ones : (double)NAN;
}

static int most_common(const nn_prep *p)
{
    int best = 0;

    for (int k = 1; k < p->baseline_count; k++)
        if (p->baseline[k] > p->baseline[best])
            best = k;
    return best;
}

/* The measures by name; the values of `v` are not defined yet. */
static void name_measures(const nn_subject *s, const nn_choice *metric, int metrics, nn_verdict *v)
{
    memset(v, 0, sizeof *v);
    v->macro = (nn_class_score){NAN, NAN, NAN, 0};
    v->naive_class = -1;
    for (int i = 0; i < metrics; i++)
        put(v, nn_metric_name(&metric[i]), NAN, NAN);
    if (s->prep->task != NN_TASK_REGRESSION)
        put(v, "log_loss", NAN, NAN);
    if (nn_prep_is_language(s->prep))
        put(v, "perplexity", NAN, NAN);
    else if (is_by_class(s))
        put(v, "balanced_accuracy", NAN, NAN);
}

void nn_judge_names(const nn_subject *subject, nn_verdict *out)
{
    nn_choice metric[NN_MAX_METRICS + EXTRA];

    name_measures(subject, metric, choose_metrics(subject, metric), out);
}

/* On the rows that it was taken from, the mean explains nothing at all: not 1e-16 either. */
static double no_dust(double value)
{
    return fabs(value) < 1e-12 ? 0 : value;
}

void nn_judge_end(nn_judge *j, const nn_scores *scores, nn_verdict *out)
{
    const bool known = j->known[NAIVE];
    const double n = j->seen;
    int at = 0;

    name_measures(&j->subject, j->metric, j->metrics, out);
    for (; at < j->metrics; at++) {
        const nn_choice *m = &j->metric[at];

        double *const score[WHO] = {&out->measure[at].model, &out->measure[at].naive,
                                    &out->measure[at].last, &out->measure[at].seasonal};

        for (int w = MODEL; w < WHO; w++) {
            const double value =
                j->known[w] ? class_of(m)->value(&m->conf, j->state[w][at]) : (double)NAN;
            *score[w] = w == MODEL ? value : no_dust(value);
        }
    }
    if (j->subject.prep->task != NN_TASK_REGRESSION) {
        out->measure[at].model = j->log_loss[MODEL] / n;
        out->measure[at++].naive = known ? j->log_loss[NAIVE] / n : (double)NAN;
    }
    if (nn_prep_is_language(j->subject.prep)) {
        out->measure[at].model = exp(out->measure[at - 1].model);
        out->measure[at].naive = exp(out->measure[at - 1].naive);
    } else if (is_by_class(&j->subject) && scores->confusion != NULL)
        average_classes(scores, out, &out->measure[at].model, &out->measure[at].naive);
    out->last = j->known[LAST];
    out->season = j->known[SEASONAL] ? j->subject.prep->season : 0;
    out->naive = known ? j->subject.prep->baseline : NULL;
    if (known && is_by_class(&j->subject))
        out->naive_class = most_common(j->subject.prep);
    if (j->each != NULL)
        out->each = nn_each_end(j->each, &out->outputs, &out->each_names);
    out->worst = j->worst;
    out->worst_count = j->worst_count;
}
