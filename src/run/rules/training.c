/* Rules about how it is trained and judged, and on what. */
#include "rule.h"

#include <math.h>

#include "base/mem.h"

enum { RATIO = 10, SMALL = 100, LARGE = 20, LOOKED_AT = 1000 };

nn_code nn_rule_learning_rate(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_accuracy_unbalanced(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_small_validation(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_unscaled_inputs(const nn_rule *rule, const nn_facts *facts, nn_err *err);

nn_code nn_rule_learning_rate(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    const nn_node optimizer = nn_rule_key(s, "optimizer");
    const nn_node given = nn_node_get(optimizer, "learning_rate");
    double rate;

    /* Plain steps are as small as the gradient is; the others are of about this length. */
    const double most = strcmp(s->config->optimizer.kind->name, "sgd") == 0 ? 10 : 1;

    (void)err;
    memcpy(&rate, &s->config->optimizer.conf, sizeof rate); /* every conf begins with it */
    if (rate < 1e-6 || rate > most)
        nn_rule_report(rule, nn_node_is(given, NN_JSON_NONE) ? optimizer : given,
                       "a learning rate of %g", rate);
    return NN_OK;
}

/* Does every metric count hits, whichever class they are of? */
static bool counts_hits_alone(const nn_setup *s)
{
    for (int i = 0; i < s->metrics; i++)
        if (strcmp(s->metric[i].kind->name, "accuracy") != 0 &&
            strcmp(s->metric[i].kind->name, "top_k") != 0)
            return false;
    return s->metrics > 0;
}

nn_code nn_rule_accuracy_unbalanced(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    const nn_dataset *d = s->train_set;
    const size_t classes = (size_t)d->classes.count;
    size_t least = 0, most = 0;

    if (classes < 2 || d->windows.horizon > 1 || d->steps > 1 || d->text || !counts_hits_alone(s) ||
        s->class_weight != NULL)
        return NN_OK;
    size_t *count = nn_alloc(classes, sizeof *count);
    if (count == NULL)
        return nn_err_memory(err, "counts of classes", 0);
    const nn_view *rows = nn_setup_rows(s);
    for (size_t i = 0; i < rows->count; i++)
        count[d->label[nn_view_row(rows, i)]]++;
    for (size_t k = 1; k < classes; k++) {
        least = count[k] < count[least] ? k : least;
        most = count[k] > count[most] ? k : most;
    }
    if (count[least] > 0 && count[most] / RATIO >= count[least] &&
        count[most] > RATIO * count[least])
        nn_rule_report(rule, nn_rule_key(s, "metrics"),
                       "%zu training rows of \"%.40s\", only %zu of \"%.40s\"", count[most],
                       d->classes.name[most], count[least], d->classes.name[least]);
    nn_free(count);
    return NN_OK;
}

nn_code nn_rule_small_validation(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    (void)err;
    if (s->validation.count > 0 && s->validation.count < SMALL)
        nn_rule_report(rule, nn_rule_key(s, "validation"), "%zu %s to validate",
                       s->validation.count, s->validation.count == 1 ? "row" : "rows");
    return NN_OK;
}

/* The largest number that the network is given, over rows spread evenly; *at is its place. */
static double largest_input(nn_batch *b, const nn_setup *s, uint32_t *row, nn_pool *pool,
                            size_t *at)
{
    const nn_view some = {s->train_set, row, (size_t)b->most};
    const size_t len = nn_shape_len(&s->graph->in);
    double largest = 0;

    nn_batch_fill(b, &some, s->prep, NULL, 0, b->most, NULL, pool);
    for (size_t i = 0; i < (size_t)b->n * len; i++)
        if (fabs((double)b->x[i]) > largest) {
            largest = fabs((double)b->x[i]);
            *at = i % len;
        }
    return largest;
}

nn_code nn_rule_unscaled_inputs(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    const size_t rows = s->train.count < LOOKED_AT ? s->train.count : LOOKED_AT;
    uint32_t row[LOOKED_AT];
    nn_batch *b = NULL;
    nn_pool *pool = NULL;
    size_t at = 0;
    nn_code rc;

    /* What the first layer takes as numbers of words is none of a scale. */
    if (nn_layer_is(s->graph->layer[0], "Embedding") ||
        nn_layer_is(s->graph->layer[0], "ColumnEmbedding"))
        return NN_OK;
    for (size_t i = 0; i < rows; i++)
        row[i] = (uint32_t)nn_view_row(&s->train, i * s->train.count / rows);
    if ((rc = nn_pool_new(&pool, 1, err)) == NN_OK &&
        (rc = nn_batch_new(&b, s->train_set, s->prep, (int)rows, 0, err)) == NN_OK) {
        const double largest = largest_input(b, s, row, pool, &at);

        if (largest > LARGE)
            nn_rule_report(rule, nn_rule_key(s, "data"),
                           "inputs up to %.6g, number %zu of a sample", largest, at);
    }
    nn_batch_free(b);
    nn_pool_free(pool);
    return rc;
}
