/* Joins the layers of a list: whose output each one takes. */
#include "draft.h"

#include <stdio.h>
#include <string.h>

/* The layer that an element of `inputs` names. */
static void wire_input(nn_drafts *d, nn_draft *draft, nn_node at)
{
    const char *name = nn_node_text(at);
    char shown[NN_SHOWN], hint[NN_NAME_SIZE + 32];
    int from = nn_drafts_input(d);

    if (!nn_node_is(at, NN_JSON_TEXT)) {
        nn_node_fault(at, NULL, "expected the name of a layer, got %s", nn_node_show(at, shown));
        d->loose = true;
        return;
    }
    if (strcmp(name, "input") != 0 && (from = nn_drafts_find(d, name)) < 0) {
        const char *nearest = nn_drafts_nearest(d, name);

        snprintf(hint, sizeof(hint), "did you mean \"%s\"?", nearest == NULL ? "" : nearest);
        nn_node_fault(at, nearest == NULL ? NULL : hint, "there is no layer %s",
                      nn_node_show(at, shown));
        d->loose = true;
        return;
    }
    draft->from[draft->inputs++] = from;
}

static void wire_list(nn_drafts *d, nn_draft *draft)
{
    const nn_node list = draft->keys.inputs;
    const int count = nn_node_count(list);
    char shown[NN_SHOWN];

    if (!nn_node_is(list, NN_JSON_ARRAY) || count < 1 || count > NN_MAX_INPUTS) {
        nn_node_fault(list, NULL, "expected a list of 1 to %d layer names, got %s", NN_MAX_INPUTS,
                      nn_node_show(list, shown));
        d->loose = true;
        draft->sound = false;
        return;
    }
    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n))
        wire_input(d, draft, n);
    if (draft->inputs < count)
        draft->sound = false;
}

/* Does the kind take as many? Only asked when all of them are known. */
static void check_count(nn_draft *draft)
{
    const nn_layer_class *class = draft->layer->class;
    const bool few = draft->inputs < class->min_inputs;
    const int bound = few ? class->min_inputs : class->max_inputs;
    const char *limit = class->min_inputs == class->max_inputs ? ""
                        : few                                  ? "at least "
                                                               : "at most ";

    if (!few && draft->inputs <= class->max_inputs)
        return;
    nn_node_fault(draft->node, few ? "name them: \"inputs\": [\"a\", \"b\"]" : NULL,
                  "%s takes %s%d input%s, got %d", class->kind.name, limit, bound,
                  bound == 1 ? "" : "s", draft->inputs);
    draft->sound = false;
}

void nn_drafts_wire(nn_drafts *d)
{
    for (int i = 0; i < d->count; i++) {
        nn_draft *draft = &d->list[i];
        const nn_json_type type = nn_node_type(draft->keys.inputs);

        if (type == NN_JSON_NONE || type == NN_JSON_NULL)
            draft->from[draft->inputs++] = i - 1;
        else
            wire_list(d, draft);
        if (draft->sound && draft->layer != NULL)
            check_count(draft);
    }
}
