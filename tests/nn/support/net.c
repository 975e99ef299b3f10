/* A network from JSON, ready to run: for tests. */
#include "nn/support/net.h"

#include "support/nn_test.h"

#include "base/mem.h"

const int net_categories[NET_COLUMNS] = {0, 5, 0, 9, 6};

nn_code net_read(net *t, const char *layers, nn_shape in, const nn_penalty *penalty, nn_err *err)
{
    const nn_json_source source = {"net.json", NN_ECONFIG, false};

    memset(t, 0, sizeof(*t));
    assert_ok(nn_doc_parse(&t->doc, &source, layers, strlen(layers), &t->problems, err), *err);
    return nn_graph_new(&t->graph, nn_doc_root(t->doc), in, penalty,
                        strstr(layers, "ColumnEmbedding") != NULL ? net_categories : NULL, err);
}

void net_start(net *t, int batch, int threads, nn_exec_mode mode)
{
    nn_err err = {0};

    assert_ok(nn_pool_new(&t->pool, threads, &err), err);
    t->weights = nn_alloc(t->graph->weights_len, sizeof(*t->weights));
    assert_non_null(t->weights);
    nn_graph_init(t->graph, 1, t->weights);
    assert_ok(nn_exec_new(&t->exec, t->graph, t->weights, t->pool, batch, mode, 7, &err), err);
}

void net_make(net *t, const char *layers, nn_shape in, int batch, int threads, nn_exec_mode mode)
{
    nn_err err = {0};

    assert_ok(net_read(t, layers, in, NULL, &err), err);
    net_start(t, batch, threads, mode);
}

void net_free(net *t)
{
    nn_exec_free(t->exec);
    nn_free(t->weights);
    nn_pool_free(t->pool);
    nn_graph_free(t->graph);
    nn_doc_free(t->doc);
    nn_problems_free(&t->problems);
}

void net_numbers(nn_real *x, size_t count, unsigned stream)
{
    const nn_rng rng = {12345, stream, 0};

    for (size_t i = 0; i < count; i++)
        x[i] = (nn_real)nn_rng_normal(&rng, i);
}

const char *net_problem(const net *t, size_t i, char *dst, size_t size)
{
    const nn_problem *p = &t->problems.list[i];

    snprintf(dst, size, "%s: %s%s%s", p->path == NULL ? "" : p->path, p->message,
             p->hint == NULL ? "" : "; ", p->hint == NULL ? "" : p->hint);
    return dst;
}
