/*
 * Runs a network one step of time at a time: a copy of its layers, planned for sequences of a
 * single step, on the weights of the original.
 */
#include "nn/stepper.h"

#include "base/mem.h"
#include "past.h"

#include <limits.h>
#include <string.h>

struct nn_stepper {
    const nn_graph *whole;
    nn_graph step; /* has the whole graph's weights */
    nn_moment *moment;
    nn_past past;
    size_t past_bytes;
    int sequences;
    int most_steps; /* 0: there is no end */
    nn_exec *exec;
};

static void free_copy(nn_layer *l)
{
    for (int i = 0; l != NULL && i < l->class->inner; i++)
        free_copy(l->inner[i]);
    if (l != NULL)
        nn_free(l->conf);
    nn_free(l);
}

void nn_stepper_free(nn_stepper *s)
{
    if (s == NULL)
        return;
    nn_exec_free(s->exec);
    for (int i = 0; s->step.layer != NULL && i < s->step.count; i++)
        free_copy(s->step.layer[i]);
    nn_free(s->step.layer);
    nn_free(s->moment);
    nn_free(s->past.bytes);
    nn_free(s);
}

/* With a conf of its own, in which plans are laid down as well. NULL without memory. */
static nn_layer *copy_layer(const nn_layer *l)
{
    const size_t conf = l->class->kind.conf_size;
    nn_layer *copy = nn_alloc(1, sizeof(*copy));

    if (copy == NULL)
        return NULL;
    *copy = *l;
    memset(copy->inner, 0, sizeof(copy->inner));
    copy->conf = nn_alloc(1, conf > 0 ? conf : 1);
    if (copy->conf == NULL) {
        free_copy(copy);
        return NULL;
    }
    memcpy(copy->conf, l->conf, conf);
    for (int i = 0; i < l->class->inner; i++) {
        if ((copy->inner[i] = copy_layer(l->inner[i])) == NULL) {
            free_copy(copy);
            return NULL;
        }
    }
    return copy;
}

/* Nothing that plan adds to, or sets only when it is true. */
static void forget_plan(nn_layer *l)
{
    l->weights = 0;
    l->mask_out = -1;
    l->heeds_mask = false;
    l->sight = NN_SEES_ALL;
    l->past_bytes = l->saved_per_sample = l->saved_fixed = l->scratch_bytes = 0;
    l->work_per_sample = l->work_fixed = 0;
    l->most_steps = 0;
    l->flops = l->flops_within = 0;
    for (int i = 0; i < l->class->inner; i++)
        forget_plan(l->inner[i]);
}

static nn_code cannot(const nn_layer *l, const char *why, nn_err *err)
{
    return nn_err_set(err, NN_EMODEL, NULL, "the network cannot run step by step: \"%s\" (%s) %s",
                      l->name, l->class->kind.name, why);
}

/* A sequence of numbers is one if whoever takes it looks them up one by one. */
static bool input_is_in_time(const nn_graph *g)
{
    for (int i = 0; i < g->count; i++) {
        const nn_layer *l = g->layer[i];

        for (int k = 0; k < l->inputs; k++) {
            if (l->from[k] < 0 && l->sight == NN_SEES_ALL)
                return g->in.rank > 1;
        }
    }
    return true;
}

static nn_shape one_step(nn_shape shape)
{
    shape.dim[0] = 1;
    return shape;
}

/* Does an input of layer l come step by step? */
static bool takes_steps(const nn_stepper *s, const nn_layer *l, int k)
{
    const nn_layer *from = l->from[k] < 0 ? NULL : s->whole->layer[l->from[k]];

    if (from == NULL)
        return input_is_in_time(s->whole);
    if (!s->moment[from->index].in_time)
        return false;
    /* The last output of a recurrent layer has no steps any more. */
    return from->sight == NN_SEES_EACH || from->out.rank == from->in[0].rank;
}

static nn_code plan_step(nn_layer *l, const nn_layer *whole, nn_err *err)
{
    const int weights = l->weights;

    for (int k = 0; k < l->inputs; k++)
        l->in[k] = one_step(l->in[k]);
    forget_plan(l);
    NN_TRY(l->class->plan(l, err));
    l->gives = l->out;
    l->scratch_bytes = nn_line_bytes(l->scratch_bytes);
    l->weights = weights;
    memcpy(l->weight, whole->weight, sizeof(l->weight));
    l->past_bytes = whole->past_bytes;
    l->most_steps = whole->most_steps;
    return NN_OK;
}

/* A layer among those that are run step by step. */
static nn_code add_moment(nn_stepper *s, int i, nn_err *err)
{
    nn_layer *l = s->step.layer[i];
    const nn_layer *whole = s->whole->layer[i];
    size_t bytes = 0;
    int steps = 0;

    for (int k = 0; k < l->inputs; k++)
        steps += takes_steps(s, l, k);
    if (steps == 0)
        return NN_OK;
    if (whole->sight == NN_SEES_ALL)
        return cannot(
            l,
            "sees steps that come after, or mixes steps; attention with `causal`, Conv1D with "
            "padding \"causal\" and strides 1, and recurrent layers without go_backwards "
            "only look back",
            err);
    if (steps < l->inputs)
        return cannot(l, "joins steps with what has none", err);
    s->moment[i].in_time = true;
    NN_TRY(plan_step(l, whole, err));
    s->moment[i].past = s->past_bytes;
    if (!nn_mul_size((size_t)s->sequences, whole->past_bytes, &bytes) ||
        !nn_add_size(s->past_bytes, nn_line_bytes(bytes), &s->past_bytes))
        return nn_err_memory(err, "what layers remember", SIZE_MAX);
    if (whole->most_steps > 0 && (s->most_steps == 0 || whole->most_steps < s->most_steps))
        s->most_steps = whole->most_steps;
    return NN_OK;
}

static nn_code copy_graph(nn_stepper *s, nn_err *err)
{
    const nn_graph *g = s->whole;

    s->step = *g;
    s->step.layer = nn_alloc((size_t)g->count, sizeof(nn_layer *));
    s->moment = nn_alloc((size_t)g->count, sizeof(*s->moment));
    if (s->step.layer == NULL || s->moment == NULL)
        return nn_err_memory(err, "a stepper", 0);
    for (int i = 0; i < g->count; i++) {
        if ((s->step.layer[i] = copy_layer(g->layer[i])) == NULL)
            return nn_err_memory(err, "a stepper", sizeof(nn_layer));
    }
    return NN_OK;
}

static nn_code make_step(nn_stepper *s, nn_err *err)
{
    NN_TRY(copy_graph(s, err));
    if (s->whole->in.rank == 0 || !input_is_in_time(s->whole))
        return nn_err_set(err, NN_EMODEL, NULL,
                          "the network cannot run step by step: its input is not a sequence");
    s->step.in = one_step(s->whole->in);
    for (int i = 0; i < s->step.count; i++)
        NN_TRY(add_moment(s, i, err));
    s->step.out = s->step.layer[s->step.count - 1]->out;
    s->past.bytes = s->past_bytes > 0 ? nn_alloc(1, s->past_bytes) : NULL;
    if (s->past_bytes > 0 && s->past.bytes == NULL)
        return nn_err_memory(err, "what layers remember", s->past_bytes);
    return NN_OK;
}

nn_code nn_stepper_new(nn_stepper **out, const nn_graph *g, nn_real *weights, nn_pool *pool,
                       int sequences, nn_err *err)
{
    nn_stepper *s = nn_alloc(1, sizeof(*s));
    nn_code rc = NN_OK;

    if (s == NULL)
        return nn_err_memory(err, "a stepper", sizeof(*s));
    s->whole = g;
    s->sequences = sequences;
    if ((rc = make_step(s, err)) != NN_OK ||
        (rc = nn_exec_new(&s->exec, &s->step, weights, pool, sequences, NN_INFER, 0, err)) !=
            NN_OK) {
        nn_stepper_free(s);
        return rc;
    }
    s->past.layer = s->moment;
    nn_exec_take_past(s->exec, &s->past);
    *out = s;
    return NN_OK;
}

size_t nn_stepper_inputs(const nn_stepper *s)
{
    return nn_shape_len(&s->step.in);
}

size_t nn_stepper_outputs(const nn_stepper *s)
{
    return nn_shape_len(&s->step.out);
}

void nn_stepper_reset(nn_stepper *s)
{
    s->past.position = 0;
    if (s->past.bytes != NULL)
        memset(s->past.bytes, 0, s->past_bytes);
}

size_t nn_stepper_left(const nn_stepper *s)
{
    return s->most_steps == 0 ? SIZE_MAX : (size_t)(s->most_steps - s->past.position);
}

nn_real *nn_stepper_run(nn_stepper *s, const nn_real *x)
{
    nn_real *y = nn_exec_forward(s->exec, x, s->sequences, false, 0);

    if (s->past.position < INT_MAX)
        s->past.position++;
    return y;
}
