/* Flattening configs and laying them side by side. */
#include "view/differ.h"

#include <string.h>

#include "base/mem.h"

/* An object, or a list of such, is looked into; everything else is a value. */
static bool is_inner(nn_node n)
{
    const nn_node first = nn_node_first(n);

    if (nn_node_is(n, NN_JSON_OBJECT))
        return first.item != NULL;
    return nn_node_is(n, NN_JSON_ARRAY) && nn_node_is(first, NN_JSON_OBJECT);
}

static nn_code keep(nn_differ *d, int run, nn_node n, nn_err *err)
{
    char path[NN_PATH_TEXT];
    nn_buf text = {0};
    int id = 0;
    bool fresh = false;

    (void)nn_node_path(n, path, sizeof path);
    /* first, so that there is no path without its place */
    NN_TRY(nn_grow(&d->value, &d->room, (size_t)d->path.count + 1, sizeof *d->value, err));
    NN_TRY(nn_words_add(&d->path, path, strlen(path), &id, &fresh, err));
    if (fresh && (d->value[id] = nn_alloc((size_t)d->runs, sizeof **d->value)) == NULL)
        return nn_err_memory(err, "the configs", 0);
    nn_node_write(n, &text);
    if (nn_buf_check(&text, err) != NN_OK) {
        nn_buf_free(&text);
        return err->code;
    }
    nn_free(d->value[id][run]); /* two paths of 256 characters may have become the same */
    d->value[id][run] = text.data;
    return NN_OK;
}

/* As deep as JSON may be (NN_JSON_MAX_DEPTH). */
static nn_code walk(nn_differ *d, int run, nn_node n, nn_err *err)
{
    if (!is_inner(n))
        return keep(d, run, n, err);
    for (nn_node child = nn_node_first(n); child.item != NULL; child = nn_node_next(child))
        NN_TRY(walk(d, run, child, err));
    return NN_OK;
}

nn_code nn_differ_take(nn_differ *d, const nn_node *root, int runs, nn_err *err)
{
    d->runs = runs;
    for (int i = 0; i < runs; i++)
        NN_TRY(walk(d, i, root[i], err));
    return NN_OK;
}

bool nn_differ_is_same(const nn_differ *d, int path)
{
    char *const *value = d->value[path];

    for (int i = 1; i < d->runs; i++)
        if ((value[0] == NULL) != (value[i] == NULL) ||
            (value[0] != NULL && strcmp(value[0], value[i]) != 0))
            return false;
    return true;
}

void nn_differ_free(nn_differ *d)
{
    for (int i = 0; i < d->path.count; i++)
        for (int k = 0; d->value != NULL && d->value[i] != NULL && k < d->runs; k++)
            nn_free(d->value[i][k]);
    for (int i = 0; d->value != NULL && i < d->path.count; i++)
        nn_free(d->value[i]);
    nn_free(d->value);
    nn_words_free(&d->path);
    memset(d, 0, sizeof *d);
}
