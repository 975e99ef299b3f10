/* The graph: made from drafts, taken apart, looked up. */
#include "nn/graph.h"

#include "base/mem.h"
#include "draft.h"

#include <limits.h>
#include <string.h>

enum { ENOUGH_FAULTS = 500 };

static void free_layer(nn_layer *l)
{
    if (l == NULL)
        return;
    for (int i = 0; i < l->weights; i++)
        nn_free(l->weight[i].given);
    for (int i = 0; i < l->class->inner; i++)
        free_layer(l->inner[i]);
    nn_free(l);
}

void nn_graph_free(nn_graph *g)
{
    if (g == NULL)
        return;
    for (int i = 0; i < g->count; i++)
        free_layer(g->layer[i]);
    nn_free(g->layer);
    nn_free(g->categories);
    nn_free(g);
}

static void free_drafts(nn_drafts *d)
{
    for (int i = 0; d->list != NULL && i < d->count; i++)
        free_layer(d->list[i].layer);
    nn_free(d->list);
    nn_free(d->by_name);
    nn_free(d->order);
    nn_free(d->categories);
}

/* Is there a list of layers and an input that a graph can be made of? */
static bool check_arguments(nn_node layers, const nn_shape *input)
{
    const int count = nn_node_count(layers);
    char shown[NN_SHOWN], text[NN_SHAPE_TEXT];
    size_t len = 0;

    if (!nn_node_is(layers, NN_JSON_ARRAY) || count == 0)
        nn_node_fault(layers, NULL, "expected a list of layers, got %s",
                      nn_node_show(layers, shown));
    else if (count > NN_MAX_LAYERS)
        nn_node_fault(layers, NULL, "expected at most %d layers, got %d", NN_MAX_LAYERS, count);
    else if (!nn_shape_len_checked(input, INT_MAX, &len))
        nn_node_fault(layers, NULL, "the input %s is too large: a sample may have %d numbers",
                      nn_shape_text(text, input), INT_MAX);
    else
        return true;
    return false;
}

/* A document keeps only so many faults to itself; as long as there are fewer, none was dropped. */
static bool has_many_faults(const nn_drafts *d)
{
    return nn_problems_errors(nn_doc_problems(d->node.doc)) >= ENOUGH_FAULTS;
}

/* Everything but the shapes. */
static nn_code join_drafts(nn_drafts *d, nn_err *err)
{
    d->embeds = nn_drafts_need_embedding(d);
    d->count = nn_node_count(d->node) + d->embeds;
    d->list = nn_alloc((size_t)d->count, sizeof(*d->list));
    d->by_name = nn_alloc((size_t)d->count, sizeof(*d->by_name));
    d->order = nn_alloc((size_t)d->count, sizeof(*d->order));
    if (d->list == NULL || d->by_name == NULL || d->order == NULL)
        return nn_err_memory(err, "layers", 0);
    NN_TRY(nn_drafts_read(d, err));
    if (has_many_faults(d))
        return NN_OK;
    NN_TRY(nn_drafts_name(d, err));
    nn_drafts_wire(d);
    return nn_drafts_sort(d, err);
}

static nn_code make_drafts(nn_drafts *d, nn_err *err)
{
    NN_TRY(join_drafts(d, err));
    return has_many_faults(d) ? NN_OK : nn_drafts_plan(d, err);
}

static void count_up(nn_graph *g, const nn_layer *l)
{
    g->flops += l->flops;
    for (int i = 0; i < l->weights; i++) {
        g->parameters += l->weight[i].size.count;
        g->trainable += l->weight[i].trainable ? l->weight[i].size.count : 0;
    }
}

/* Makes a graph of faultless drafts and takes their layers. */
static nn_code assemble(nn_graph **out, nn_drafts *d, nn_err *err)
{
    nn_graph *g = nn_alloc(1, sizeof(*g));

    if (g == NULL || (g->layer = nn_alloc((size_t)d->count, sizeof(nn_layer *))) == NULL) {
        nn_free(g);
        return nn_err_memory(err, "the graph", 0);
    }
    g->count = d->count;
    g->in = d->in;
    g->categories = d->categories;
    d->categories = NULL;
    g->weights_len = d->weights_len;
    nn_choice_default(&g->head, &nn_activation_linear.kind);
    for (int i = 0; i < d->count; i++) {
        nn_draft *draft = &d->list[d->order[i]];

        g->layer[i] = draft->layer;
        draft->layer = NULL;
        count_up(g, g->layer[i]);
    }
    g->out = g->layer[g->count - 1]->out;
    if (nn_graph_absorb(g, err) != NN_OK) {
        nn_graph_free(g);
        return err->code;
    }
    *out = g;
    return NN_OK;
}

static nn_code keep_categories(nn_drafts *d, const int *categories, nn_err *err)
{
    const size_t features = (size_t)nn_shape_last(&d->in);

    if (categories == NULL)
        return NN_OK;
    d->categories = nn_alloc(features, sizeof(*d->categories));
    if (d->categories == NULL)
        return nn_err_memory(err, "the columns", features * sizeof(*d->categories));
    memcpy(d->categories, categories, features * sizeof(*d->categories));
    return NN_OK;
}

nn_code nn_graph_new(nn_graph **out, nn_node layers, nn_shape input, const nn_penalty *penalty,
                     const int *categories, nn_err *err)
{
    const nn_problems *problems = nn_doc_problems(layers.doc);
    const size_t before = nn_problems_errors(problems);
    nn_drafts d = {.node = layers, .in = input, .penalty = penalty};
    nn_code rc = NN_OK;

    if (!has_many_faults(&d) && check_arguments(layers, &input) &&
        (rc = keep_categories(&d, categories, err)) == NN_OK)
        rc = make_drafts(&d, err);
    if (rc == NN_OK && (nn_problems_errors(problems) > before || has_many_faults(&d)))
        rc = nn_problems_check(problems, err);
    else if (rc == NN_OK)
        rc = assemble(out, &d, err);
    free_drafts(&d);
    return rc;
}

nn_code nn_graph_check(nn_node layers, nn_err *err)
{
    const nn_shape any = nn_shape_1(1);
    nn_drafts d = {.node = layers};
    nn_code rc = NN_OK;

    if (!has_many_faults(&d) && check_arguments(layers, &any))
        rc = join_drafts(&d, err);
    free_drafts(&d);
    return rc != NN_OK ? rc : nn_problems_check(nn_doc_problems(layers.doc), err);
}

const nn_layer *nn_graph_find(const nn_graph *g, const char *name)
{
    for (int i = 0; i < g->count; i++) {
        if (strcmp(g->layer[i]->name, name) == 0)
            return g->layer[i];
    }
    return NULL;
}

bool nn_graph_split_head(nn_graph *g, const char *activation)
{
    nn_choice *last = &g->layer[g->count - 1]->act;

    if (strcmp(g->head.kind->name, activation) == 0)
        return true;
    if (strcmp(last->kind->name, activation) != 0 || !nn_activation_is_linear(&g->head))
        return false;
    g->head = *last;
    nn_choice_default(last, &nn_activation_linear.kind);
    return true;
}

const nn_weight *nn_graph_weight(const nn_graph *g, int i, const nn_layer **layer)
{
    for (int k = 0; k < g->count; k++) {
        const nn_layer *l = g->layer[k];

        if (i < l->weights) {
            *layer = l;
            return &l->weight[i];
        }
        i -= l->weights;
    }
    return NULL;
}

bool nn_graph_is_given(const nn_graph *g)
{
    const nn_layer *l = NULL;
    const nn_weight *w = NULL;
    int i = 0;

    while ((w = nn_graph_weight(g, i, &l)) != NULL && w->given != NULL)
        i++;
    return w == NULL;
}

void nn_graph_init(const nn_graph *g, uint64_t seed, nn_real *weights)
{
    const nn_layer *l = NULL;
    const nn_weight *w = NULL;

    for (int i = 0; (w = nn_graph_weight(g, i, &l)) != NULL; i++) {
        const nn_rng rng = {seed, NN_RNG_INIT + (uint32_t)i, 0};
        const nn_initializer *init = (const nn_initializer *)w->init.kind;

        if (w->given != NULL)
            memcpy(weights + w->at, w->given, w->size.count * sizeof(*weights));
        else
            init->fill(&w->init.conf, &rng, &w->size, weights + w->at);
    }
}
