/* Attributions by gradients and by occlusion. */
#include "run/explain.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "nn/exec.h"

/* Integrated gradients take more steps until they are complete to this share, or enough is enough.
 */
static const double complete_enough = 0.002;
enum { BATCH = 64, FIRST_STEPS = 64, MOST_STEPS = 16384 };

struct nn_explainer {
    const nn_model *model;
    nn_explain_conf conf;
    nn_still still;
    nn_pool *pool;
    nn_exec *exec;
    nn_batch *batch;
    nn_real *x;     /* [BATCH][len] what runs through the network */
    nn_real *dx;    /* [BATCH][len] */
    nn_real *base;  /* [len] the baseline: 0, or -1, which is none of them, for a category */
    double *share;  /* [len] */
    double *covers; /* [len] patches that a number lay under */
    size_t len;
    int width;
    double sign;   /* of the output: -1 explains class 0 of a single output */
    int unit;      /* the output that is looked at */
    double factor; /* to the units of the data */
    double shift;
};

/* ---- outputs ---- */

/* Outputs of n samples in e->x, the unit that is explained into `y`. */
static void run(nn_explainer *e, int n, bool training, double *y)
{
    const nn_real *out = nn_exec_forward(e->exec, e->x, n, training, 0);

    for (int i = 0; i < n; i++)
        y[i] = e->sign * (double)out[i * e->width + e->unit] * e->factor + e->shift;
}

/* Gradients of that unit into e->dx, for what has just run in training. */
static void run_back(nn_explainer *e, int n)
{
    nn_real *dy = nn_exec_dy(e->exec);

    memset(dy, 0, (size_t)n * (size_t)e->width * sizeof *dy);
    for (int i = 0; i < n; i++)
        dy[i * e->width + e->unit] = (nn_real)(e->sign * e->factor);
    memset(e->dx, 0, (size_t)n * e->len * sizeof *e->dx);
    nn_exec_backward(e->exec, n);
}

/* ---- what is explained ---- */

static bool is_exclusive(const nn_model *m)
{
    return m->task == NN_TASK_MULTICLASS || m->task == NN_TASK_BINARY;
}

static int outputs_of(const nn_model *m, int width)
{
    return is_exclusive(m) && width == 1 ? 2 : width;
}

static double probability_of(const nn_explainer *e, const nn_real *logits)
{
    const nn_model *m = e->model;

    if (!is_exclusive(m))
        return (double)NAN;
    if (e->width == 1) {
        const double p = nn_activation_is_linear(&m->graph->head)
                             ? (double)logits[0]
                             : 1 / (1 + exp(-(double)logits[0]));
        return e->sign < 0 ? 1 - p : p;
    }
    if (nn_activation_is_linear(&m->graph->head))
        return (double)logits[e->unit];
    double most = -INFINITY, sum = 0;
    for (int k = 0; k < e->width; k++)
        most = fmax(most, (double)logits[k]);
    for (int k = 0; k < e->width; k++)
        sum += exp((double)logits[k] - most);
    return exp((double)logits[e->unit] - most) / sum;
}

/* The likeliest class, by the scores of the sample in e->x. */
static int likeliest(const nn_explainer *e, const nn_real *logits)
{
    const bool head = !nn_activation_is_linear(&e->model->graph->head);
    int best = 0;

    if (!is_exclusive(e->model))
        return 0;
    if (e->width == 1)
        return (double)logits[0] > (head ? 0 : 0.5);
    for (int k = 1; k < e->width; k++)
        if (logits[k] > logits[best])
            best = k;
    return best;
}

/* Numbers are told in the units of the data, as far as their scaling is a straight line. */
static void choose_units(nn_explainer *e)
{
    const nn_prep *p = e->model->prep;

    e->factor = 1;
    e->shift = 0;
    if (p->task != NN_TASK_REGRESSION || p->target_scale == NN_TARGET_NONE)
        return;
    const int at = e->unit < p->width ? e->unit : 0;
    e->factor = 1 / p->target_factor[at];
    e->shift = p->target_shift[at];
}

static void choose_target(nn_explainer *e, nn_explanation *out)
{
    const nn_real *logits = nn_exec_forward(e->exec, e->x, 1, false, 0);

    out->target = e->conf.target >= 0 ? e->conf.target : likeliest(e, logits);
    e->unit = e->width == 1 ? 0 : out->target;
    e->sign = is_exclusive(e->model) && e->width == 1 && out->target == 0 ? -1 : 1;
    choose_units(e);
    out->probability = probability_of(e, logits);
}

/* ---- gradients ---- */

static void put_samples(nn_explainer *e, int n, double first, double step)
{
    for (int k = 0; k < n; k++)
        for (size_t i = 0; i < e->len; i++)
            e->x[(size_t)k * e->len + i] = (nn_real)((double)e->batch->x[i] * (first + k * step));
}

static void by_gradient(nn_explainer *e)
{
    double y[BATCH];

    put_samples(e, 1, 1, 0);
    run(e, 1, true, y);
    run_back(e, 1);
    for (size_t i = 0; i < e->len; i++)
        e->share[i] = (double)e->dx[i] * (double)e->batch->x[i];
}

/* The middle of each of so many equal steps from the baseline to the sample. */
static void walk(nn_explainer *e, int steps)
{
    double y[BATCH];

    memset(e->share, 0, e->len * sizeof *e->share);
    for (int at = 0; at < steps; at += BATCH) {
        const int n = steps - at < BATCH ? steps - at : BATCH;

        put_samples(e, n, (at + 0.5) / steps, 1.0 / steps);
        run(e, n, true, y);
        run_back(e, n);
        for (int k = 0; k < n; k++)
            for (size_t i = 0; i < e->len; i++)
                e->share[i] += (double)e->dx[(size_t)k * e->len + i];
    }
    for (size_t i = 0; i < e->len; i++)
        e->share[i] *= (double)e->batch->x[i] / steps;
}

static double sum_of(const nn_explainer *e)
{
    double sum = 0;

    for (size_t i = 0; i < e->len; i++)
        sum += e->share[i];
    return sum;
}

static void by_integration(nn_explainer *e, nn_explanation *out)
{
    const double difference = out->output - out->baseline;

    for (out->steps = FIRST_STEPS;; out->steps *= 4) {
        walk(e, out->steps);
        if (fabs(sum_of(e) - difference) <= complete_enough * fabs(difference) ||
            out->steps >= MOST_STEPS)
            return;
    }
}

/* ---- occlusion ---- */

/* Some numbers of a sample: a rectangle of all channels, or a run. */
typedef struct patch {
    int top, left, height, width; /* height 0: the numbers from `left` on, `width` of them */
} patch;

static bool is_picture(const nn_prep *p)
{
    const nn_shape *s = &p->shape;

    return p->windows.window == 0 && (s->rank == 2 || s->rank == 3) && s->dim[0] > 1 &&
           s->dim[1] > 1;
}

/* Numbers from one row of a window to the next; the whole sample when it is no window. */
static size_t pitch_of(const nn_prep *p, size_t len)
{
    return p->encoder != NULL ? (size_t)p->encoder->features : len;
}

typedef void visit_fn(nn_explainer *e, size_t at, void *context);

static void visit(nn_explainer *e, const patch *p, visit_fn *fn, void *context)
{
    const nn_shape *s = &e->model->prep->shape;
    const int channels = s->rank == 3 ? s->dim[2] : 1;

    if (p->height == 0) {
        for (size_t row = 0; row < e->len; row += pitch_of(e->model->prep, e->len))
            for (int i = 0; i < p->width; i++)
                fn(e, row + (size_t)(p->left + i), context);
        return;
    }
    for (int y = p->top; y < p->top + p->height; y++)
        for (int x = p->left; x < p->left + p->width; x++)
            for (int c = 0; c < channels; c++)
                fn(e, ((size_t)y * (size_t)s->dim[1] + (size_t)x) * (size_t)channels + (size_t)c,
                   context);
}

static void hide(nn_explainer *e, size_t at, void *context)
{
    e->x[*(const size_t *)context * e->len + at] = e->base[at];
}

static void add_drop(nn_explainer *e, size_t at, void *context)
{
    e->share[at] += *(const double *)context;
    e->covers[at]++;
}

/* The i-th patch; false past the last. Patches of pictures overlap by a half. */
static bool patch_at(const nn_explainer *e, int i, patch *p)
{
    const nn_shape *s = &e->model->prep->shape;
    const nn_encoder *columns = e->model->prep->encoder;

    if (columns != NULL) {
        if (i >= columns->count)
            return false;
        *p = (patch){0, columns->column[i].at, 0, columns->column[i].width};
        return true;
    }
    if (!is_picture(e->model->prep)) {
        *p = (patch){0, i, 0, 1};
        return (size_t)i < e->len;
    }
    const int less = s->dim[0] < s->dim[1] ? s->dim[0] : s->dim[1];
    int side = e->conf.patch > 0 ? e->conf.patch : (less + 7) / 8;
    side = side < less ? side : less;
    const int step = side > 1 ? side / 2 : 1;
    const int rows = (s->dim[0] - side + step - 1) / step + 1;
    const int columns_of = (s->dim[1] - side + step - 1) / step + 1;
    if (i >= rows * columns_of)
        return false;
    const int top = i / columns_of * step, left = i % columns_of * step;
    *p = (patch){top + side > s->dim[0] ? s->dim[0] - side : top,
                 left + side > s->dim[1] ? s->dim[1] - side : left, side, side};
    return true;
}

/* What the output loses under a patch, for each number under it the mean over its patches. */
static void by_occlusion(nn_explainer *e, double output)
{
    patch p[BATCH];
    double y[BATCH];

    memset(e->share, 0, e->len * sizeof *e->share);
    memset(e->covers, 0, e->len * sizeof *e->covers);
    for (int first = 0; patch_at(e, first, &p[0]); first += BATCH) {
        int n = 0;

        for (; n < BATCH && patch_at(e, first + n, &p[n]); n++) {
            size_t k = (size_t)n;

            memcpy(e->x + k * e->len, e->batch->x, e->len * sizeof *e->x);
            visit(e, &p[n], hide, &k);
        }
        run(e, n, false, y);
        for (int k = 0; k < n; k++) {
            double drop = output - y[k];

            /* A column of several numbers is told once. */
            if (p[k].height == 0)
                drop /=
                    (double)p[k].width * (double)e->len / (double)pitch_of(e->model->prep, e->len);
            visit(e, &p[k], add_drop, &drop);
        }
    }
    for (size_t i = 0; i < e->len; i++)
        e->share[i] /= e->covers[i] > 0 ? e->covers[i] : 1;
}

void nn_explain(nn_explainer *e, const nn_view *view, size_t i, nn_explanation *out)
{
    double y[2];

    *out = (nn_explanation){.row = nn_view_row(view, i), .share = e->share, .len = e->len};
    nn_batch_fill(e->batch, view, e->model->prep, NULL, i, 1, NULL, e->pool);
    put_samples(e, 1, 1, 0);
    choose_target(e, out);
    put_samples(e, 2, 0, 1);
    memcpy(e->x, e->base, e->len * sizeof *e->x);
    run(e, 2, false, y);
    out->baseline = y[0];
    out->output = y[1];
    if (e->conf.method == NN_EXPLAIN_GRADIENT)
        by_gradient(e);
    else if (e->conf.method == NN_EXPLAIN_INTEGRATED)
        by_integration(e, out);
    else
        by_occlusion(e, out->output);
    out->sum = sum_of(e);
}

int nn_explained_columns(const nn_explanation *x, const nn_prep *prep)
{
    return prep->encoder != NULL ? prep->encoder->count : (int)x->len;
}

double nn_explained_column(const nn_explanation *x, const nn_prep *prep, int column)
{
    const nn_encoded *c = prep->encoder != NULL ? &prep->encoder->column[column] : NULL;
    const size_t at = c != NULL ? (size_t)c->at : (size_t)column;
    const size_t width = c != NULL ? (size_t)c->width : 1;
    double sum = 0;

    for (size_t row = 0; row < x->len; row += pitch_of(prep, x->len))
        for (size_t k = at; k < at + width; k++)
            sum += x->share[row + k];
    return sum;
}

/* ---- making ---- */

static nn_code check(const nn_explainer *e, nn_err *err)
{
    const nn_model *m = e->model;
    const int outputs = outputs_of(m, e->width);

    if (e->conf.target >= outputs)
        return nn_err_set(err, NN_EUSAGE, "explain", "expected a target from 0 to %d, got %d",
                          outputs - 1, e->conf.target);
    if (e->conf.method == NN_EXPLAIN_OCCLUSION)
        return NN_OK;
    if (m->graph->categories != NULL)
        return nn_err_set(err, NN_EUSAGE, "explain",
                          "embedded columns are names, which have no gradient; take --method "
                          "occlusion or permutation");
    for (int i = 0; i < m->graph->count; i++)
        if (strcmp(m->graph->layer[i]->class->kind.name, "Embedding") == 0)
            return nn_err_set(err, NN_EUSAGE, "explain",
                              "the inputs of an Embedding are names, which have no gradient; take "
                              "--method occlusion");
    return NN_OK;
}

static void choose_base(nn_explainer *e)
{
    const nn_encoder *columns = e->model->prep->encoder;

    for (size_t row = 0; columns != NULL && row < e->len; row += (size_t)columns->features)
        for (int i = 0; i < columns->count; i++)
            if (columns->column[i].kind == NN_ENCODING_EMBEDDING)
                e->base[row + (size_t)columns->column[i].at] = -1;
}

static nn_code make(nn_explainer *e, const nn_dataset *like, nn_err *err)
{
    NN_TRY(check(e, err));
    NN_TRY(nn_still_new(&e->still, e->model, err));
    NN_TRY(nn_batch_new(&e->batch, like, e->model->prep, 1, 0, err));
    NN_TRY(
        nn_exec_new(&e->exec, e->still.graph, e->still.weights, e->pool, BATCH, NN_TRAIN, 0, err));
    e->x = nn_alloc(BATCH * e->len, sizeof *e->x);
    e->dx = nn_alloc(BATCH * e->len, sizeof *e->dx);
    e->base = nn_alloc(e->len, sizeof *e->base);
    e->share = nn_alloc(e->len, sizeof *e->share);
    e->covers = nn_alloc(e->len, sizeof *e->covers);
    if (e->x == NULL || e->dx == NULL || e->base == NULL || e->share == NULL || e->covers == NULL)
        return nn_err_memory(err, "the explanation", 2 * BATCH * e->len * sizeof *e->x);
    choose_base(e);
    nn_exec_want_input_gradient(e->exec, e->dx);
    return NN_OK;
}

nn_code nn_explainer_new(nn_explainer **out, const nn_model *m, const nn_dataset *like,
                         const nn_explain_conf *conf, nn_pool *pool, nn_err *err)
{
    nn_explainer *e = NULL;
    nn_code rc;

    *out = NULL;
    if (m->prep->vocabulary != NULL)
        return nn_err_set(err, NN_EUSAGE, m->path,
                          "expected a model of numbers, this is one of text");
    e = nn_alloc(1, sizeof *e);
    if (e == NULL)
        return nn_err_memory(err, "the explanation", sizeof *e);
    e->model = m;
    e->conf = *conf;
    e->pool = pool;
    e->len = nn_shape_len(&m->prep->shape);
    e->width = (int)nn_shape_len(&m->graph->out);
    if ((rc = make(e, like, err)) != NN_OK)
        nn_explainer_free(e);
    else
        *out = e;
    return rc;
}

void nn_explainer_free(nn_explainer *e)
{
    if (e == NULL)
        return;
    nn_exec_free(e->exec);
    nn_batch_free(e->batch);
    nn_still_free(&e->still);
    nn_free(e->x);
    nn_free(e->dx);
    nn_free(e->base);
    nn_free(e->share);
    nn_free(e->covers);
    nn_free(e);
}
