/* Which column is a feature, which the target: by name, by index, or by counting. */
#include "data/table_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { NONE = -1 };

/* What the plan is made from. */
typedef struct source {
    const char *const *names; /* NULL without a header */
    int columns;
    const char *name; /* of the file */
    const nn_load *how;
    int expected; /* features; 0: any number */
} source;

static int find_name(const source *s, const char *name)
{
    for (int i = 0; s->names != NULL && i < s->columns; i++)
        if (strcmp(s->names[i], name) == 0)
            return i;
    return NONE;
}

static const char *nearest_name(const source *s, const char *name)
{
    const char *best = NULL;
    int least = 0;

    for (int i = 0; i < s->columns; i++) {
        const int distance = nn_text_distance(name, s->names[i]);

        if (nn_text_is_near(name, distance) && (best == NULL || distance < least)) {
            best = s->names[i];
            least = distance;
        }
    }
    return best;
}

/* The target as the config names it. */
static nn_code find_named_target(const source *s, nn_node node, int *column, nn_err *err)
{
    const char *name = nn_node_text(node);
    char shown[NN_SHOWN], near_shown[NN_SHOWN], hint[NN_SHOWN + 32];
    const char *near = NULL;

    if (s->names == NULL)
        return nn_refuse_node(node, err, "give the column's index, or set csv.header to \"yes\"",
                              "%s has no header with column names", s->name);
    *column = find_name(s, name);
    if (*column != NONE)
        return NN_OK;
    nn_text_show(shown, sizeof shown, name, strlen(name), 40);
    near = nearest_name(s, name);
    if (near != NULL)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?",
                 nn_text_show(near_shown, sizeof near_shown, near, strlen(near), 40));
    return nn_refuse_node(node, err, near == NULL ? NULL : hint, "%s has no column \"%s\"", s->name,
                          shown);
}

static nn_code find_target(const source *s, int *column, nn_err *err)
{
    const nn_node node = s->how->conf->target;
    const double index = nn_node_number(node);
    char shown[NN_SHOWN];

    *column = s->columns - 1;
    if (s->how->target != NULL && s->names != NULL) {
        *column = find_name(s, s->how->target);
        if (*column != NONE)
            return NN_OK;
        return nn_err_set(
            err, NN_EDATA, s->name, "missing the target column \"%s\"",
            nn_text_show(shown, sizeof shown, s->how->target, strlen(s->how->target), 40));
    }
    switch (nn_node_type(node)) {
    case NN_JSON_TEXT:
        return find_named_target(s, node, column, err);
    case NN_JSON_NUMBER:
        if (index < 0 || index >= s->columns || index != floor(index))
            return nn_refuse_node(node, err, NULL, "expected a column index from 0 to %d, got %g",
                                  s->columns - 1, index);
        *column = (int)index;
        return NN_OK;
    case NN_JSON_NONE:
        return NN_OK;
    default:
        return nn_refuse_node(node, err, NULL, "expected the name or the index of a column, got %s",
                              nn_node_show(node, shown));
    }
}

/* The features of a model, wherever they stand; other columns are passed over. */
static nn_code match_names(nn_table_plan *p, const source *s, nn_err *err)
{
    const nn_load *how = s->how;
    nn_words wanted = {0};
    nn_code rc = NN_OK;
    int id = 0, found = 0;

    for (int k = 0; rc == NN_OK && k < how->columns; k++)
        rc = nn_words_add(&wanted, how->column[k], strlen(how->column[k]), &id, NULL, err);
    for (int i = 0; rc == NN_OK && i < s->columns; i++) {
        p->feature[i] = nn_words_find(&wanted, s->names[i], strlen(s->names[i]));
        found += p->feature[i] != NONE;
    }
    nn_words_free(&wanted);
    NN_TRY(rc);
    p->features = how->columns;
    for (int k = 0; found < how->columns && k < how->columns; k++) {
        char shown[NN_SHOWN];

        if (find_name(s, how->column[k]) == NONE)
            return nn_err_set(
                err, NN_EDATA, s->name, "missing the column \"%s\" (%d of %d are there)",
                nn_text_show(shown, sizeof shown, how->column[k], strlen(how->column[k]), 40),
                found, how->columns);
    }
    return NN_OK;
}

/* Every column but the target is a feature, in order. */
static nn_code take_all(nn_table_plan *p, const source *s, int target, nn_err *err)
{
    for (int i = 0; i < s->columns; i++)
        p->feature[i] = i == target ? NONE : p->features++;
    if (p->features == 0)
        return nn_err_set(err, NN_EDATA, s->name,
                          "no feature columns: the only column is the target");
    if (s->expected > 0 && p->features != s->expected)
        return nn_err_set(err, NN_EDATA, s->name, "expected %d feature columns, got %d",
                          s->expected, p->features);
    return NN_OK;
}

/* Columns that are used must be told apart by their names. */
static nn_code check_names(const nn_table_plan *p, const source *s, nn_err *err)
{
    nn_words seen = {0};
    nn_code rc = NN_OK;

    for (int i = 0; rc == NN_OK && s->names != NULL && i < s->columns; i++) {
        const char *name = s->names[i];
        bool fresh = true;
        int id = 0;
        char shown[NN_SHOWN];

        if (p->feature[i] == NONE && i != p->target)
            continue;
        rc = nn_words_add(&seen, name, strlen(name), &id, &fresh, err);
        if (rc == NN_OK && !fresh)
            rc = nn_err_set(err, NN_EDATA, s->name, "the columns %d and %d are both named \"%s\"",
                            find_name(s, name) + 1, i + 1,
                            nn_text_show(shown, sizeof shown, name, strlen(name), 40));
    }
    nn_words_free(&seen);
    return rc;
}

/*
 * Where targets may be absent, a header tells by the target's name. Without such a name, a table of
 * exactly the expected width has none; and where features alone are asked for, none is looked for.
 */
static bool has_target(const source *s, nn_table_targets targets)
{
    const nn_node node = s->how->conf->target;
    const char *name = s->how->target;

    if (targets == NN_TABLE_TARGETS && !s->how->targets_optional)
        return true;
    if (name == NULL && nn_node_is(node, NN_JSON_TEXT))
        name = nn_node_text(node);
    if (s->names != NULL && name != NULL)
        return find_name(s, name) != NONE;
    return targets == NN_TABLE_TARGETS && s->columns != s->expected;
}

static nn_code make(nn_table_plan *p, const source *s, nn_table_targets targets, nn_err *err)
{
    int target = NONE;

    p->feature = nn_alloc((size_t)s->columns, sizeof *p->feature);
    if (p->feature == NULL)
        return nn_err_memory(err, "the columns", 0);
    if (has_target(s, targets))
        NN_TRY(find_target(s, &target, err));
    if (s->how->column != NULL && s->names != NULL)
        NN_TRY(match_names(p, s, err));
    else
        NN_TRY(take_all(p, s, target, err));
    p->target = targets == NN_TABLE_TARGETS ? target : NONE;
    return check_names(p, s, err);
}

nn_code nn_table_plan_make(nn_table_plan *p, const nn_csv *csv, const char *name,
                           const nn_load *how, nn_table_targets targets, nn_err *err)
{
    const nn_shape *shape = &how->conf->shape;
    const source s = {.names = nn_csv_names(csv),
                      .columns = nn_csv_columns(csv),
                      .name = name,
                      .how = how,
                      .expected = how->columns > 0  ? how->columns
                                  : shape->rank > 0 ? (int)nn_shape_len(shape)
                                                    : 0};

    p->columns = s.columns;
    return make(p, &s, targets, err);
}

void nn_table_plan_free(nn_table_plan *p)
{
    nn_free(p->feature);
    memset(p, 0, sizeof *p);
}
