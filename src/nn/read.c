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

/* Reads the keys of its kind, and those of every layer if it is not an inner one. */
static void read_fields(cell *c, const nn_kind *kind, nn_node node, bool is_inner)
{
    static const char *const also[] = {"type", NULL};
    nn_field fields[MAX_KEYS + 1] = {{0}};
    const int common = add_fields(fields, 0, is_inner ? NULL : common_fields, offsetof(cell, keys));

    (void)add_fields(fields, common, kind->fields, offsetof(cell, conf));
    nn_fields_read(fields, node, also, c);
}

static size_t count_faults(nn_node n)
{
    return nn_problems_errors(nn_doc_problems(n.doc));
}

static nn_code read_cell(cell **out, const nn_kind *kind, nn_node node, bool is_inner,
                         const nn_penalty *penalty, nn_err *err);

/* All of them are made from one and the same object, which is read no more once it has a fault. */
static nn_code read_inner(nn_layer *l, nn_node node, const nn_penalty *penalty, nn_err *err)
{
    const size_t before = count_faults(node);

    for (int i = 0; i < l->class->inner && count_faults(node) == before; i++) {
        const nn_kind *kind = nn_family_read_type(&nn_layers, node);
        cell *c = NULL;

        if (kind == NULL)
            break;
        NN_TRY(read_cell(&c, kind, node, true, penalty, err));
        l->inner[i] = &c->layer;
        if (c->layer.class->min_inputs > 1)
            nn_node_fault(node, NULL, "expected a layer of one input, got %s", kind->name);
    }
    return NN_OK;
}

/* On failure *out holds what there is, for release. */
static nn_code read_cell(cell **out, const nn_kind *kind, nn_node node, bool is_inner,
                         const nn_penalty *penalty, nn_err *err)
{
    cell *c = nn_alloc(1, sizeof(cell) + kind->conf_size);

    if (c == NULL)
        return nn_err_memory(err, "a layer", sizeof(cell) + kind->conf_size);
    *out = c;
    c->layer.class = (const nn_layer_class *)kind;
    c->layer.conf = c->conf;
    nn_choice_default(&c->layer.act, &nn_activation_linear.kind);
    read_fields(c, kind, node, is_inner);
    if (penalty != NULL)
        set_penalty(c, kind, node, penalty);
    if (c->layer.class->inner > 0 && nn_node_get(node, "layer").item != NULL)
        NN_TRY(read_inner(&c->layer, nn_node_get(node, "layer"), penalty, err));
    if (c->layer.class->parse != NULL)
        c->layer.class->parse(&c->layer, node);
    c->layer.trainable = c->keys.trainable;
    return NN_OK;
}

/* Enough for the others to refer to it, although nobody knows what it computes. */
static void read_unknown(nn_draft *d)
{
    const nn_node name = nn_node_get(d->node, "name");

    d->keys.inputs = nn_node_get(d->node, "inputs");
    d->keys.name = nn_node_is(name, NN_JSON_TEXT) ? nn_node_text(name) : NULL;
}

static nn_code read_draft(nn_draft *d, const nn_kind *kind, const nn_penalty *penalty, nn_err *err)
{
    const size_t before = count_faults(d->node);
    cell *c = NULL;
    const nn_code rc = read_cell(&c, kind, d->node, false, penalty, err);

    if (c != NULL) {
        d->layer = &c->layer;
        d->keys = c->keys;
    }
    d->sound = count_faults(d->node) == before;
    return rc;
}

/* The layer before all others, which says nothing of itself. */
static nn_code add_embedding(nn_drafts *d, const nn_kind *kind, nn_err *err)
{
    cell *c = nn_alloc(1, sizeof(cell) + kind->conf_size);

    if (c == NULL)
        return nn_err_memory(err, "a layer", sizeof(cell) + kind->conf_size);
    c->layer.class = (const nn_layer_class *)kind;
    c->layer.conf = c->conf;
    c->layer.trainable = true;
    nn_choice_default(&c->layer.act, &nn_activation_linear.kind);
    nn_fields_default(kind->fields, NULL, c->conf);
    d->list[0] = (nn_draft){.node = d->node, .layer = &c->layer, .sound = true};
    return NN_OK;
}

/* The kind that embeds columns. */
static const nn_kind *find_embedding(void)
{
    const nn_kind *const *kind = nn_layers.kinds;

    while (!((const nn_layer_class *)*kind)->embeds_columns)
        kind++;
    return *kind;
}

bool nn_drafts_need_embedding(const nn_drafts *d)
{
    const char *const name = find_embedding()->name;

    for (nn_node n = nn_node_first(d->node); n.item != NULL; n = nn_node_next(n))
        if (strcmp(nn_node_text(nn_node_get(n, "type")), name) == 0)
            return false;
    for (size_t k = 0; d->categories != NULL && k < (size_t)nn_shape_last(&d->in); k++)
        if (d->categories[k] > 0)
            return true;
    return false;
}

nn_code nn_drafts_read(nn_drafts *d, nn_err *err)
{
    int i = d->embeds ? 1 : 0;

    if (d->embeds)
        NN_TRY(add_embedding(d, find_embedding(), err));
    for (nn_node n = nn_node_first(d->node); n.item != NULL; n = nn_node_next(n), i++) {
        const nn_kind *kind = nn_family_read_type(&nn_layers, n);

        d->list[i].node = n;
        if (kind == NULL) {
            read_unknown(&d->list[i]);
            continue;
        }
        NN_TRY(read_draft(&d->list[i], kind, d->penalty, err));
    }
    return NN_OK;
}
