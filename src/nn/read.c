/* Reads the config's layers: each one's kind, the fields of the kind, and the keys common to all.
 */
#include "draft.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

static const nn_field common_fields[] = {
    {.key = "name",
     .type = NN_FIELD_TEXT,
     .at = offsetof(nn_layer_keys, name),
     .fallback = "null",
     .help =
         "Unique: letters, digits, '.', '_', '-', at most 64; by default Keras's: dense, dense_1."},
    {.key = "trainable",
     .type = NN_FIELD_BOOL,
     .at = offsetof(nn_layer_keys, trainable),
     .fallback = "true",
     .help = "false: its weights stay as they are."},
    {.key = "inputs",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_layer_keys, inputs),
     .fallback = "null",
     .form = "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1,\"maxItems\":64}",
     .help = "Names of the layers it takes, \"input\": the model's input; by default the layer "
             "before."},
    {.key = "weights",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_layer_keys, weights),
     .fallback = "null",
     .form = "{\"type\":\"object\",\"additionalProperties\":{\"type\":[\"array\",\"number\"]}}",
     .help = "Numbers to start from, by weight: {\"kernel\": [[1, 2], [3, 4]], \"bias\": [5, 6]}."},
    {0}};

const nn_table nn_layer_common = {"layer", "What every layer can say.", common_fields};

/* A layer and what is read from its object, in one block, so that one table of fields fills it. */
typedef struct cell {
    nn_layer layer;
    nn_layer_keys keys;
    double conf[]; /* kind.conf_size bytes */
} cell;

enum { MAX_KEYS = 64 };

/* Copies fields whose structs stand `shift` bytes into a cell. */
static int add_fields(nn_field *to, int count, const nn_field *from, size_t shift)
{
    for (; from != NULL && from->key != NULL; from++) {
        assert(count < MAX_KEYS);
        to[count] = *from;
        to[count++].at += shift;
    }
    return count;
}

/* A penalty that the layer does not speak of is the network's. */
static void set_penalty(cell *c, const nn_kind *kind, nn_node node, const nn_penalty *penalty)
{
    for (const nn_field *f = kind->fields; f != NULL && f->key != NULL; f++) {
        if (f->table == &nn_penalty_table && nn_node_get(node, f->key).item == NULL)
            memcpy((char *)c->conf + f->at, penalty, sizeof(*penalty));
    }
}

static void read_fields(cell *c, const nn_kind *kind, nn_node node)
{
    static const char *const also[] = {"type", NULL};
    nn_field fields[MAX_KEYS + 1] = {{0}};
    const int common = add_fields(fields, 0, common_fields, offsetof(cell, keys));

    (void)add_fields(fields, common, kind->fields, offsetof(cell, conf));
    nn_fields_read(fields, node, also, c);
}

static void read_cell(nn_draft *d, cell *c, const nn_kind *kind, const nn_penalty *penalty)
{
    const size_t before = nn_problems_errors(nn_doc_problems(d->node.doc));

    c->layer.class = (const nn_layer_class *)kind;
    c->layer.conf = c->conf;
    nn_choice_default(&c->layer.act, &nn_activation_linear.kind);
    read_fields(c, kind, d->node);
    if (penalty != NULL)
        set_penalty(c, kind, d->node, penalty);
    if (c->layer.class->parse != NULL)
        c->layer.class->parse(&c->layer, d->node);
    c->layer.trainable = c->keys.trainable;
    d->layer = &c->layer;
    d->keys = c->keys;
    d->sound = nn_problems_errors(nn_doc_problems(d->node.doc)) == before;
}

/* Enough for the others to refer to it, although nobody knows what it computes. */
static void read_unknown(nn_draft *d)
{
    const nn_node name = nn_node_get(d->node, "name");

    d->keys.inputs = nn_node_get(d->node, "inputs");
    d->keys.name = nn_node_is(name, NN_JSON_TEXT) ? nn_node_text(name) : NULL;
}

nn_code nn_drafts_read(nn_drafts *d, nn_err *err)
{
    int i = 0;

    for (nn_node n = nn_node_first(d->node); n.item != NULL; n = nn_node_next(n), i++) {
        const nn_kind *kind = nn_family_read_type(&nn_layers, n);

        d->list[i].node = n;
        if (kind == NULL) {
            read_unknown(&d->list[i]);
            continue;
        }
        cell *c = nn_alloc(1, sizeof(cell) + kind->conf_size);
        if (c == NULL)
            return nn_err_memory(err, "a layer", sizeof(cell) + kind->conf_size);
        read_cell(&d->list[i], c, kind, d->penalty);
    }
    return NN_OK;
}
