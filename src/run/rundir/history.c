/* Reading the log of a run, line by line. */
#include "run/history.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "conf/json.h"

enum { MOST_BYTES = 1 << 28 };

static nn_series *series_named(nn_history *h, const char *name)
{
    for (int i = 0; i < h->count; i++)
        if (strcmp(h->series[i].name, name) == 0)
            return &h->series[i];
    return NULL;
}

static nn_code add_series(nn_history *h, size_t lines, const char *name, nn_series **out,
                          nn_err *err)
{
    nn_series fresh = {nn_strdup(name), nn_alloc(lines, sizeof(double))};

    if (fresh.name == NULL || fresh.value == NULL) {
        nn_free(fresh.name);
        nn_free(fresh.value);
        return nn_err_memory(err, "the log of a run", lines * sizeof(double));
    }
    for (size_t i = 0; i < lines; i++)
        fresh.value[i] = NAN;
    h->series[h->count] = fresh;
    *out = &h->series[h->count++];
    return NN_OK;
}

static nn_code take_line(nn_history *h, size_t lines, const char *where, const char *text,
                         size_t len, nn_err *err)
{
    const nn_json_source source = {where, NN_EDATA, false};
    nn_problems problems = {0};
    nn_doc *doc = NULL;
    nn_code rc = nn_doc_parse(&doc, &source, text, len, &problems, err);

    if (rc == NN_OK && !nn_node_is(nn_doc_root(doc), NN_JSON_OBJECT))
        rc = nn_err_set(err, NN_EDATA, where, "expected an object in each line of a log");
    for (nn_node n = rc == NN_OK ? nn_node_first(nn_doc_root(doc)) : (nn_node){0};
         rc == NN_OK && n.item != NULL; n = nn_node_next(n)) {
        nn_series *s = series_named(h, nn_node_key(n));

        if (!nn_node_is(n, NN_JSON_NUMBER))
            continue; /* null: not defined */
        if (s == NULL && h->count < NN_HISTORY_SERIES)
            rc = add_series(h, lines, nn_node_key(n), &s, err);
        if (s != NULL)
            s->value[h->lines] = nn_node_number(n);
    }
    nn_doc_free(doc);
    nn_problems_free(&problems);
    return rc;
}

static nn_code take_lines(nn_history *h, const char *path, const char *bytes, size_t len,
                          nn_err *err)
{
    char where[NN_WHERE_SIZE];
    const char *end;
    size_t lines = 0;

    for (size_t i = 0; i < len; i++)
        lines += bytes[i] == '\n';
    for (const char *line = bytes; (end = memchr(line, '\n', len - (size_t)(line - bytes))) != NULL;
         line = end + 1) {
        (void)snprintf(where, sizeof where, "%.300s:%zu", path, h->lines + 1);
        NN_TRY(take_line(h, lines, where, line, (size_t)(end - line), err));
        h->lines++;
    }
    return NN_OK;
}

nn_code nn_history_read(nn_history *h, const char *path, nn_err *err)
{
    char *bytes = NULL;
    size_t len = 0;
    nn_code rc = nn_file_read(&bytes, &len, path, MOST_BYTES, err);

    memset(h, 0, sizeof *h);
    if (rc == NN_OK)
        rc = take_lines(h, path, bytes, len, err);
    nn_free(bytes);
    return rc;
}

void nn_history_free(nn_history *h)
{
    for (int i = 0; i < h->count; i++) {
        nn_free(h->series[i].name);
        nn_free(h->series[i].value);
    }
    memset(h, 0, sizeof *h);
}

const double *nn_history_find(const nn_history *h, const char *name)
{
    for (int i = 0; i < h->count; i++)
        if (strcmp(h->series[i].name, name) == 0)
            return h->series[i].value;
    return NULL;
}

long nn_history_best(const nn_history *h, const double *value, bool higher_is_better)
{
    long best = -1;

    for (size_t i = 0; i < h->lines; i++)
        if (!isnan(value[i]) &&
            (best < 0 || (higher_is_better ? value[i] > value[best] : value[i] < value[best])))
            best = (long)i;
    return best;
}
