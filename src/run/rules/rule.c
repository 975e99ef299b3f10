/* Places in the config for the rules. */
#include "rule.h"

/* The layers stand in the graph in an order of their own; names tell, and without them places. */
nn_node nn_rule_layer(const nn_setup *s, const nn_layer *l)
{
    const nn_node layers = s->config->model.layers;

    for (nn_node n = nn_node_first(layers); !nn_node_is(n, NN_JSON_NONE); n = nn_node_next(n))
        if (strcmp(nn_node_text(nn_node_get(n, "name")), l->name) == 0)
            return n;
    const nn_node at = nn_node_at(layers, l->index);
    const char *type = nn_node_text(nn_node_get(at, "type"));
    return strcmp(type, l->class->kind.name) == 0 ? at : layers;
}

nn_node nn_rule_key(const nn_setup *s, const char *key)
{
    const nn_node root = nn_doc_root(s->config->doc);
    const nn_node given = nn_node_get(root, key);

    return nn_node_is(given, NN_JSON_NONE) ? root : given;
}
