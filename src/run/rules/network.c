/* Rules about the network alone. */
#include "rule.h"

#include "base/mem.h"
#include "run/evaluate.h"

enum { DEEP = 4 };

nn_code nn_rule_no_activation(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_saturating_stack(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_dropout_last(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_bias_before_normalization(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_many_parameters(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_mask_lost(const nn_rule *rule, const nn_facts *facts, nn_err *err);

/* The layer whose output layer i takes, or NULL: the graph's input, or several layers. */
static const nn_layer *before(const nn_graph *g, const nn_layer *l)
{
    return l->inputs == 1 && l->from[0] >= 0 ? g->layer[l->from[0]] : NULL;
}

static bool is_linear(const nn_layer *l)
{
    return nn_activation_is_linear(&l->act);
}

/* Does what stands before it reach a Dense layer behind it as a linear function? */
static bool is_passage(const nn_layer *l)
{
    return l->is_view || l->is_identity_in_eval ||
           (nn_layer_is(l, "BatchNormalization") && is_linear(l));
}

nn_code nn_rule_no_activation(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    const nn_graph *g = s->graph;

    (void)err;
    for (int i = 0; i < g->count; i++) {
        const nn_layer *l = before(g, g->layer[i]);

        if (!nn_layer_is(g->layer[i], "Dense"))
            continue;
        while (l != NULL && is_passage(l))
            l = before(g, l);
        if (l != NULL && nn_layer_is(l, "Dense") && is_linear(l))
            nn_rule_report(rule, nn_rule_layer(s, l), "no activation between \"%s\" and \"%s\"",
                           l->name, g->layer[i]->name);
    }
    return NN_OK;
}

static bool is_saturating(const nn_layer *l)
{
    const char *name = l->act.kind == NULL ? "" : l->act.kind->name;

    if (l->is_absorbed) /* the layer before it has its activation */
        return false;
    return strcmp(name, "sigmoid") == 0 || strcmp(name, "tanh") == 0;
}

/* How many saturating layers an input goes through up to here; a normalisation begins anew. */
static int saturating_depth(const nn_layer *l, const int *depth)
{
    int most = 0;

    if (nn_layer_is(l, "BatchNormalization") || nn_layer_is(l, "LayerNormalization"))
        return 0;
    for (int k = 0; k < l->inputs; k++)
        if (l->from[k] >= 0 && depth[l->from[k]] > most)
            most = depth[l->from[k]];
    return most + is_saturating(l);
}

nn_code nn_rule_saturating_stack(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    const nn_graph *g = s->graph;
    int *depth = nn_alloc((size_t)g->count, sizeof *depth);
    int deepest = 0;

    if (depth == NULL)
        return nn_err_memory(err, "the check of the layers", 0);
    for (int i = 0; i < g->count; i++) {
        depth[i] = saturating_depth(g->layer[i], depth);
        if (depth[i] > depth[deepest])
            deepest = i;
    }
    if (depth[deepest] > DEEP)
        nn_rule_report(rule, nn_rule_layer(s, g->layer[deepest]),
                       "\"%s\" is the last of %d layers of sigmoid or tanh",
                       g->layer[deepest]->name, depth[deepest]);
    nn_free(depth);
    return NN_OK;
}

nn_code nn_rule_dropout_last(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    const nn_layer *l = s->graph->layer[s->graph->count - 1];

    (void)err;
    if (l->is_identity_in_eval)
        nn_rule_report(rule, nn_rule_layer(s, l), "%s is the last layer", l->class->kind.name);
    return NN_OK;
}

static bool has_bias(const nn_layer *l)
{
    for (int i = 0; i < l->weights; i++)
        if (strcmp(l->weight[i].name, "bias") == 0)
            return true;
    return false;
}

nn_code nn_rule_bias_before_normalization(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    const nn_graph *g = s->graph;

    (void)err;
    for (int i = 0; i < g->count; i++) {
        const nn_layer *l = before(g, g->layer[i]);

        if (nn_layer_is(g->layer[i], "BatchNormalization") && l != NULL && is_linear(l) &&
            has_bias(l))
            nn_rule_report(rule, nn_rule_layer(s, l), "\"%s\" has a bias before \"%s\"", l->name,
                           g->layer[i]->name);
    }
    return NN_OK;
}

/* Anything that keeps a network from learning its rows by heart. */
static bool is_regularized(const nn_setup *s)
{
    const nn_graph *g = s->graph;

    if (s->config->early.monitor != NULL)
        return true;
    for (int i = 0; i < g->count; i++) {
        const nn_layer *l = g->layer[i];

        if (l->is_identity_in_eval)
            return true;
        for (int k = 0; k < l->weights; k++)
            if (l->weight[k].penalty.l1 > 0 || l->weight[k].penalty.l2 > 0)
                return true;
    }
    return strcmp(s->config->optimizer.kind->name, "adamw") == 0;
}

nn_code nn_rule_many_parameters(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    (void)err;
    const size_t told = s->train.count * (size_t)nn_answers(s->prep, s->graph);

    if (s->graph->trainable / 10 > told && !is_regularized(s))
        nn_rule_report(rule, nn_rule_key(s, "model"), "%zu trainable parameters for %zu rows",
                       s->graph->trainable, s->train.count);
    return NN_OK;
}

nn_code nn_rule_mask_lost(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    const nn_graph *g = s->graph;

    (void)err;
    for (int i = 0; i < g->count; i++) {
        const nn_layer *l = g->layer[i];

        for (int k = 0; k < l->inputs && !l->heeds_mask && l->mask_out < 0; k++) {
            if (l->mask_in[k] < 0)
                continue;
            nn_rule_report(rule, nn_rule_layer(s, l),
                           "\"%s\" (%s) does not know the mask that \"%s\" makes", l->name,
                           l->class->kind.name, g->layer[l->mask_in[k]]->name);
            break;
        }
    }
    return NN_OK;
}
