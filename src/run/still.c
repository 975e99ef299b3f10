/* Building a network again with everything frozen that differs between training and inference. */
#include "run/still.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "run/settle.h"

/* Keys that make training random, wherever a layer has them, and what switches them off. */
static const char *const random_keys[] = {"rate", "stddev", "dropout", "recurrent_dropout", NULL};

/* The assignments to make; a layer has some of them. */
typedef struct changes {
    char **text; /* [count] */
    size_t room;
    int count;
} changes;

static nn_code add(changes *c, const char *fmt, const char *path, const char *key, nn_err *err)
{
    nn_buf text = {0};

    NN_TRY(nn_grow(&c->text, &c->room, (size_t)c->count + 1, sizeof *c->text, err));
    nn_buf_printf(&text, fmt, path, key);
    if (nn_buf_check(&text, err) != NN_OK) {
        nn_buf_free(&text);
        return err->code;
    }
    c->text[c->count++] = text.data;
    return NN_OK;
}

/* A layer, and the one inside it. */
static nn_code still_layer(changes *c, nn_node layer, const char *path, nn_err *err)
{
    const nn_node inner = nn_node_get(layer, "layer");
    char deeper[NN_PATH_TEXT];

    for (int i = 0; random_keys[i] != NULL; i++)
        if (nn_node_is(nn_node_get(layer, random_keys[i]), NN_JSON_NUMBER))
            NN_TRY(add(c, "%s.%s=0", path, random_keys[i], err));
    if (!nn_node_is(inner, NN_JSON_OBJECT))
        return NN_OK;
    (void)snprintf(deeper, sizeof deeper, "%.200s.layer", path);
    return still_layer(c, inner, deeper, err);
}

static nn_code still_layers(changes *c, nn_node layers, nn_err *err)
{
    char path[64];
    int i = 0;

    for (nn_node l = nn_node_first(layers); l.item != NULL; l = nn_node_next(l), i++) {
        (void)snprintf(path, sizeof path, "model.layers[%d]", i);
        NN_TRY(still_layer(c, l, path, err));
        NN_TRY(add(c, "%s.%s=false", path, "trainable", err));
    }
    return NN_OK;
}

static nn_code read_again(nn_still *s, const nn_model *m, const changes *c, nn_err *err)
{
    nn_buf text = {0};
    nn_code rc;

    nn_node_write(nn_doc_root(m->config->doc), &text);
    if ((rc = nn_buf_check(&text, err)) == NN_OK) {
        const nn_config_source source = {.name = m->path,
                                         .dir = "",
                                         .bytes = text.data,
                                         .len = text.len,
                                         .code = NN_EMODEL,
                                         .sets = (const char *const *)c->text,
                                         .set_count = c->count};
        rc = nn_config_read(&s->config, &source, err);
    }
    nn_buf_free(&text);
    return rc;
}

/* The two graphs have the same weights in the same order, if not in the same places. */
static nn_code copy_weights(nn_still *s, const nn_model *m, nn_err *err)
{
    s->weights = nn_alloc(s->graph->weights_len + 1, sizeof *s->weights);
    if (s->weights == NULL)
        return nn_err_memory(err, "the weights", s->graph->weights_len * sizeof *s->weights);
    for (int i = 0; i < s->graph->count; i++)
        for (int k = 0; k < s->graph->layer[i]->weights; k++) {
            const nn_weight *to = &s->graph->layer[i]->weight[k];
            const nn_weight *from = &m->graph->layer[i]->weight[k];

            memcpy(s->weights + to->at, m->weights + from->at, from->size.count * sizeof(nn_real));
        }
    return NN_OK;
}

nn_code nn_still_new(nn_still *s, const nn_model *m, nn_err *err)
{
    changes c = {0};
    nn_aim aim;
    nn_code rc = still_layers(&c, m->config->model.layers, err);

    memset(s, 0, sizeof *s);
    if (rc == NN_OK)
        rc = read_again(s, m, &c, err);
    if (rc == NN_OK)
        rc = nn_graph_new(&s->graph, s->config->model.layers, m->prep->shape, NULL,
                          m->graph->categories, err);
    if (rc == NN_OK) {
        nn_settle(&aim, s->config, s->graph, m->prep->task, m->prep->classes.count,
                  m->prep->classes.count > 0 ? nn_prep_steps(m->prep)
                                             : (int)nn_shape_len(&s->graph->out));
        rc = nn_problems_check(&s->config->problems, err);
    }
    if (rc == NN_OK)
        rc = copy_weights(s, m, err);
    for (int i = 0; i < c.count; i++)
        nn_free(c.text[i]);
    nn_free(c.text);
    return rc;
}

void nn_still_free(nn_still *s)
{
    nn_graph_free(s->graph);
    nn_config_free(s->config);
    nn_free(s->weights);
    memset(s, 0, sizeof *s);
}
