/* A dataset written in the config itself: {"x": [[..]], "y": [..]}. */
#include "data/load.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"

static nn_code read_number(nn_node n, double *out, nn_err *err)
{
    char shown[NN_SHOWN];

    if (!nn_node_is(n, NN_JSON_NUMBER))
        return nn_refuse_node(n, err, NULL, "expected a number, got %s", nn_node_show(n, shown));
    *out = nn_node_number(n);
    if (!(fabs(*out) <= (double)FLT_MAX))
        return nn_refuse_node(n, err, NULL, "a number out of the range of float32: %s",
                              nn_node_show(n, shown));
    return NN_OK;
}

/* A list of at least one, and as many as `length` unless that is 0. */
static nn_code check_list(nn_node n, int length, const char *what, nn_err *err)
{
    char shown[NN_SHOWN];

    if (!nn_node_is(n, NN_JSON_ARRAY))
        return nn_refuse_node(n, err, NULL, "expected a list of %s, got %s", what,
                              nn_node_show(n, shown));
    if (nn_node_count(n) == 0)
        return nn_refuse_node(n, err, NULL, "expected a list of %s, got an empty one", what);
    if (length > 0 && nn_node_count(n) != length)
        return nn_refuse_node(n, err, NULL, "expected %d %s, got %d", length, what,
                              nn_node_count(n));
    return NN_OK;
}

static nn_code find_member(nn_node given, const char *key, nn_node *out, nn_err *err)
{
    *out = nn_node_get(given, key);
    if (!nn_node_is(*out, NN_JSON_NONE))
        return NN_OK;
    return nn_refuse_node(given, err, NULL, "missing key \"%s\"", key);
}

/* The list of samples, its shape found from the first, which is flat. */
static nn_code find_samples(nn_node given, const nn_load *how, nn_node *x, nn_shape *shape,
                            nn_err *err)
{
    nn_shape found = {0};

    NN_TRY(find_member(given, "x", x, err));
    NN_TRY(check_list(*x, 0, "samples", err));
    NN_TRY(check_list(nn_node_first(*x), 0, "numbers", err));
    found = nn_shape_1(nn_node_count(nn_node_first(*x)));
    if (how->conf->shape.rank > 0 && nn_shape_len(&how->conf->shape) != (size_t)found.dim[0]) {
        char text[NN_SHAPE_TEXT];

        return nn_refuse_node(
            nn_node_first(*x), err, NULL, "expected %zu numbers for the shape %s, got %d",
            nn_shape_len(&how->conf->shape), nn_shape_text(text, &how->conf->shape), found.dim[0]);
    }
    return nn_shape_settle(shape, &found, &how->conf->shape, "inline", err);
}

static nn_code read_samples(nn_dataset *d, nn_node given, const nn_load *how, nn_err *err)
{
    nn_node x = {0};
    size_t len = 0, count = 0, at = 0;

    NN_TRY(find_samples(given, how, &x, &d->shape, err));
    d->rows = (size_t)nn_node_count(x);
    len = nn_shape_len(&d->shape);
    if (!nn_mul_size(d->rows, len, &count) ||
        (d->numbers = nn_alloc(count, sizeof *d->numbers)) == NULL)
        return nn_err_memory(err, "the samples", 0);
    for (nn_node row = nn_node_first(x); row.item != NULL; row = nn_node_next(row)) {
        NN_TRY(check_list(row, (int)len, "numbers", err));
        for (nn_node n = nn_node_first(row); n.item != NULL; n = nn_node_next(n)) {
            double value = 0;

            NN_TRY(read_number(n, &value, err));
            d->numbers[at++] = (float)value;
        }
    }
    return NN_OK;
}

/* One target: a word, a number, or a list of numbers in row[width]; all alike. */
static nn_code add_target(nn_targets *t, nn_node n, nn_json_type type, double *row, nn_err *err)
{
    char shown[NN_SHOWN];
    int k = 0;

    if (nn_node_type(n) != type)
        return nn_refuse_node(n, err, NULL, "expected %s as in the first row, got %s",
                              type == NN_JSON_TEXT     ? "a word"
                              : type == NN_JSON_NUMBER ? "a number"
                                                       : "a list of numbers",
                              nn_node_show(n, shown));
    if (type == NN_JSON_TEXT &&
        (nn_node_text(n)[0] == '\0' || strlen(nn_node_text(n)) > NN_MAX_CLASS_NAME))
        return nn_refuse_node(n, err, NULL, "a class name has 1 to %d bytes", NN_MAX_CLASS_NAME);
    if (type == NN_JSON_TEXT)
        return nn_targets_add_word(t, nn_node_text(n), err);
    if (type == NN_JSON_NUMBER) {
        NN_TRY(read_number(n, &row[0], err));
        return nn_targets_add_numbers(t, row, err);
    }
    NN_TRY(check_list(n, t->width, "numbers", err));
    for (nn_node m = nn_node_first(n); m.item != NULL; m = nn_node_next(m))
        NN_TRY(read_number(m, &row[k++], err));
    return nn_targets_add_numbers(t, row, err);
}

static nn_code collect(nn_targets *t, nn_node y, size_t rows, nn_err *err)
{
    const nn_node first = nn_node_first(y);
    const nn_json_type type = nn_node_type(first);
    char shown[NN_SHOWN];
    double *row = NULL;
    nn_code rc = NN_OK;

    if (rows != (size_t)nn_node_count(y))
        return nn_refuse_node(y, err, NULL, "%d targets for %zu samples", nn_node_count(y), rows);
    if (type != NN_JSON_TEXT && type != NN_JSON_NUMBER && type != NN_JSON_ARRAY)
        return nn_refuse_node(first, err, NULL, "expected a number, a word or a list, got %s",
                              nn_node_show(first, shown));
    if (type == NN_JSON_ARRAY) {
        NN_TRY(check_list(first, 0, "numbers", err));
        t->width = nn_node_count(first);
    }
    row = nn_alloc((size_t)t->width, sizeof *row);
    if (row == NULL)
        return nn_err_memory(err, "a row of targets", 0);
    for (nn_node n = first; rc == NN_OK && n.item != NULL; n = nn_node_next(n))
        rc = add_target(t, n, type, row, err);
    nn_free(row);
    return rc;
}

static nn_code read_targets(nn_dataset *d, nn_node given, const nn_load *how, nn_err *err)
{
    nn_targets t = {.name = "inline", .width = 1};
    nn_code rc = NN_OK;

    if (how->targets_optional && nn_node_is(nn_node_get(given, "y"), NN_JSON_NONE))
        return NN_OK;
    NN_TRY(find_member(given, "y", &t.node, err));
    NN_TRY(check_list(t.node, 0, "targets", err));
    rc = collect(&t, t.node, d->rows, err);
    if (rc == NN_OK)
        rc = nn_targets_settle(&t, how, d, err);
    nn_targets_free(&t);
    return rc;
}

static nn_code check_keys(nn_node given, nn_err *err)
{
    char shown[NN_SHOWN];

    if (!nn_node_is(given, NN_JSON_OBJECT))
        return nn_refuse_node(given, err, NULL, "expected an object with x and y, got %s",
                              nn_node_show(given, shown));
    for (nn_node n = nn_node_first(given); n.item != NULL; n = nn_node_next(n)) {
        const char *key = nn_node_key(n);

        if (strcmp(key, "x") != 0 && strcmp(key, "y") != 0)
            return nn_refuse_node(n, err, NULL, "unknown key \"%s\", expected x and y",
                                  nn_text_show(shown, sizeof shown, key, strlen(key), 40));
    }
    return NN_OK;
}

nn_code nn_inline_load(nn_dataset **out, nn_node given, const nn_load *how, nn_err *err)
{
    nn_dataset *d = NULL;
    nn_code rc = check_keys(given, err);

    *out = NULL;
    if (rc == NN_OK)
        rc = nn_dataset_new(&d, "inline", err);
    if (rc == NN_OK)
        rc = read_samples(d, given, how, err);
    if (rc == NN_OK)
        rc = read_targets(d, given, how, err);
    if (rc != NN_OK)
        nn_dataset_free(d);
    else
        *out = d;
    return rc;
}

nn_code nn_inline_peek(nn_shape *shape, nn_data_size *size, nn_node given, const nn_load *how,
                       nn_err *err)
{
    nn_node x = {0};

    NN_TRY(check_keys(given, err));
    NN_TRY(find_samples(given, how, &x, shape, err));
    size->rows = (size_t)nn_node_count(x);
    size->bytes = size->rows * sizeof(float) * (nn_shape_len(shape) + 1);
    return NN_OK;
}
