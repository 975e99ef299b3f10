/* Which column is a feature, which the target: by name, by index, by pattern, or by counting. */
#include "data/table_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/encoder.h"
#include "data/table_look.h"

enum { NONE = -1, INDEX_TEXT = 16, LISTED = 4 };

/* What the plan is made from. */
typedef struct source {
    const char *const *names; /* NULL without a header */
    int columns;
    const char *name; /* of the file */
    const nn_load *how;
    bool *used; /* [columns] not a feature: target, id, ... */
} source;

static int find_name(const source *s, const char *name)
{
    for (int i = 0; s->names != NULL && i < s->columns; i++)
        if (strcmp(s->names[i], name) == 0)
            return i;
    return NONE;
}

/* The name of a column, or its index as text where there are no names. */
static const char *name_of(const source *s, int column, char *dst)
{
    if (s->names != NULL)
        return s->names[column];
    snprintf(dst, INDEX_TEXT, "%d", column);
    return dst;
}

static nn_code refuse_name(const source *s, nn_node node, nn_err *err)
{
    const char *name = nn_node_text(node);
    const char *near = nn_column_nearest(name, s->names, s->columns);
    char shown[NN_SHOWN], near_shown[NN_SHOWN], hint[NN_SHOWN + 32];

    nn_text_show(shown, sizeof shown, name, strlen(name), 40);
    if (near != NULL)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?",
                 nn_text_show(near_shown, sizeof near_shown, near, strlen(near), 40));
    return nn_refuse_node(node, err, near == NULL ? NULL : hint, "%s has no column \"%s\"", s->name,
                          shown);
}

/* A column as the config names it: by its name or its index. */
static nn_code find_column(const source *s, nn_node node, int *column, nn_err *err)
{
    const double index = nn_node_number(node);
    char shown[NN_SHOWN];

    if (nn_node_is(node, NN_JSON_NUMBER)) {
        if (index < 0 || index >= s->columns || index != floor(index))
            return nn_refuse_node(node, err, NULL, "expected a column index from 0 to %d, got %g",
                                  s->columns - 1, index);
        *column = (int)index;
        return NN_OK;
    }
    if (!nn_node_is(node, NN_JSON_TEXT))
        return nn_refuse_node(node, err, NULL, "expected the name or the index of a column, got %s",
                              nn_node_show(node, shown));
    if (s->names == NULL)
        return nn_refuse_node(node, err, "give the column's index, or set csv.header to \"yes\"",
                              "%s has no header with column names", s->name);
    *column = find_name(s, nn_node_text(node));
    return *column == NONE ? refuse_name(s, node, err) : NN_OK;
}

/* ---- targets ---- */

static nn_code add_target(nn_table_plan *p, source *s, int column, nn_err *err)
{
    size_t room = (size_t)p->targets;

    NN_TRY(nn_grow(&p->target, &room, (size_t)p->targets + 1, sizeof *p->target, err));
    p->target[p->targets++] = column;
    s->used[column] = true;
    return NN_OK;
}

static nn_code find_given_targets(nn_table_plan *p, source *s, nn_node node, nn_err *err)
{
    char shown[NN_SHOWN];
    int column = NONE;

    if (!nn_node_is(node, NN_JSON_ARRAY)) {
        NN_TRY(find_column(s, node, &column, err));
        return add_target(p, s, column, err);
    }
    if (nn_node_count(node) == 0)
        return nn_refuse_node(node, err, NULL, "expected at least one column, got none");
    for (nn_node n = nn_node_first(node); n.item != NULL; n = nn_node_next(n)) {
        NN_TRY(find_column(s, n, &column, err));
        if (s->used[column])
            return nn_refuse_node(n, err, NULL, "the column %s is there twice",
                                  nn_node_show(n, shown));
        NN_TRY(add_target(p, s, column, err));
    }
    return NN_OK;
}

static nn_code find_targets(nn_table_plan *p, source *s, nn_err *err)
{
    const nn_load *how = s->how;
    const nn_encoder *e = how->encoder;
    char shown[NN_SHOWN];

    if (!nn_node_is(how->conf->target, NN_JSON_NONE))
        return find_given_targets(p, s, how->conf->target, err);
    for (int i = 0; s->names != NULL && how->targets != NULL && i < how->targets->count; i++) {
        const char *name = how->targets->name[i];
        const int column = find_name(s, name);

        if (column == NONE)
            return nn_err_set(err, NN_EDATA, s->name, "missing the target column \"%s\"",
                              nn_text_show(shown, sizeof shown, name, strlen(name), 40));
        NN_TRY(add_target(p, s, column, err));
    }
    for (int i = 0; p->targets == 0 && e != NULL && i < e->targets; i++)
        if (e->target[i] < s->columns && s->columns == e->file_columns)
            NN_TRY(add_target(p, s, e->target[i], err));
    if (p->targets == 0 && how->texts && find_name(s, "label") != NONE)
        return add_target(p, s, find_name(s, "label"), err);
    return p->targets > 0 ? NN_OK : add_target(p, s, s->columns - 1, err);
}

static bool has_names(const source *s, nn_node target)
{
    if (nn_node_is(target, NN_JSON_TEXT))
        return find_name(s, nn_node_text(target)) != NONE;
    for (nn_node n = nn_node_first(target); n.item != NULL; n = nn_node_next(n))
        if (!has_names(s, n))
            return false;
    return nn_node_is(target, NN_JSON_ARRAY);
}

/*
 * Where targets may be absent, a header tells by their names. Without such names, a table of
 * exactly the expected width has none; and where features alone are asked for, none is looked for.
 */
static bool has_targets(const source *s, nn_table_targets targets, int expected)
{
    const nn_load *how = s->how;
    const nn_node node = how->conf->target;

    if (targets == NN_TABLE_TARGETS && !how->targets_optional)
        return true;
    if (s->names != NULL && (nn_node_is(node, NN_JSON_TEXT) || nn_node_is(node, NN_JSON_ARRAY)))
        return has_names(s, node);
    if (s->names != NULL && how->targets != NULL) {
        for (int i = 0; i < how->targets->count; i++)
            if (find_name(s, how->targets->name[i]) == NONE)
                return false;
        return how->targets->count > 0;
    }
    return targets == NN_TABLE_TARGETS && s->columns != expected;
}

/* ---- features ---- */

static nn_code add_feature(nn_table_plan *p, const source *s, int column, nn_err *err)
{
    nn_raw *raw = p->raw;
    nn_raw_column *c = &raw->column[raw->count++];

    c->place = column;
    c->conf.min_count = 1;
    if (s->names != NULL && (c->name = nn_strdup(s->names[column])) == NULL)
        return nn_err_memory(err, "the column names", 0);
    p->cell[column] = raw->count - 1;
    return NN_OK;
}

/* Names the first few of the model's columns that are not there, and what is there instead. */
static nn_code refuse_missing(const source *s, const bool *known, nn_err *err)
{
    const nn_encoder *e = s->how->encoder;
    int missing = 0, others = 0;
    nn_buf text = {0};
    char shown[NN_SHOWN];

    for (int k = 0; k < e->count; k++) {
        const char *name = e->column[k].name;

        if (find_name(s, name) == NONE && missing++ < LISTED)
            nn_buf_printf(&text, "%s\"%s\"", missing == 1 ? "" : ", ",
                          nn_text_show(shown, sizeof shown, name, strlen(name), 40));
    }
    nn_buf_printf(&text, "%s (%d of %d are there)", missing > LISTED ? ", ..." : "",
                  e->count - missing, e->count);
    for (int i = 0; i < s->columns; i++) {
        if (!known[i] && !s->used[i] && others++ < LISTED)
            nn_buf_printf(&text, "%s\"%s\"", others == 1 ? "; not in the model: " : ", ",
                          nn_text_show(shown, sizeof shown, s->names[i], strlen(s->names[i]), 40));
    }
    if (nn_buf_check(&text, err) == NN_OK)
        nn_err_set(err, NN_EDATA, s->name, "missing the column%s %s%s", missing == 1 ? "" : "s",
                   text.data, others > LISTED ? ", ..." : "");
    nn_buf_free(&text);
    return err->code;
}

static nn_code refuse_twice(const source *s, int column, nn_err *err)
{
    const char *name = s->names[column];
    char shown[NN_SHOWN];

    return nn_err_set(err, NN_EDATA, s->name, "the columns %d and %d are both named \"%s\"",
                      find_name(s, name) + 1, column + 1,
                      nn_text_show(shown, sizeof shown, name, strlen(name), 40));
}

/* The columns of a model by their names, wherever they stand; others are passed over. */
static nn_code match_names(nn_table_plan *p, const source *s, nn_err *err)
{
    const nn_encoder *e = s->how->encoder;
    nn_words wanted = {0};
    bool *known = nn_alloc((size_t)s->columns, sizeof *known);
    int *at = nn_alloc((size_t)e->count, sizeof *at); /* column + 1, by the model's order */
    nn_code rc = known == NULL || at == NULL ? nn_err_memory(err, "the columns", 0) : NN_OK;
    int id = 0, found = 0;

    for (int k = 0; rc == NN_OK && k < e->count; k++)
        rc = nn_words_add(&wanted, e->column[k].name, strlen(e->column[k].name), &id, NULL, err);
    for (int i = 0; rc == NN_OK && i < s->columns; i++) {
        const int k = nn_words_find(&wanted, s->names[i], strlen(s->names[i]));

        known[i] = k != NONE;
        if (k == NONE)
            continue;
        if (at[k] != 0)
            rc = refuse_twice(s, i, err);
        at[k] = i + 1;
        found++;
    }
    if (rc == NN_OK && found < e->count)
        rc = refuse_missing(s, known, err);
    for (int k = 0; rc == NN_OK && k < e->count; k++)
        rc = add_feature(p, s, at[k] - 1, err);
    nn_words_free(&wanted);
    nn_free(known);
    nn_free(at);
    return rc;
}

static nn_code refuse_width(const source *s, int expected, int got, nn_err *err)
{
    return nn_err_set(err, NN_EDATA, s->name, "expected %d feature columns, got %d", expected, got);
}

/* The columns of a model in a file without names: at their places, or nothing but them in order. */
static nn_code match_places(nn_table_plan *p, const source *s, nn_err *err)
{
    const nn_encoder *e = s->how->encoder;
    int left = 0;

    for (int i = 0; i < s->columns; i++)
        left += !s->used[i];
    if (s->columns == e->file_columns && s->columns != e->count) {
        for (int k = 0; k < e->count; k++)
            NN_TRY(add_feature(p, s, e->column[k].place, err));
        return NN_OK;
    }
    if (left != e->count)
        return refuse_width(s, e->count, left, err);
    for (int i = 0; i < s->columns; i++)
        if (!s->used[i])
            NN_TRY(add_feature(p, s, i, err));
    return NN_OK;
}

/* Is a column among those that a list of names, patterns and indices gives? */
static bool is_listed(const source *s, nn_node list, int column)
{
    char index[INDEX_TEXT];
    const char *name = name_of(s, column, index);

    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n))
        if (nn_node_is(n, NN_JSON_NUMBER) ? nn_node_number(n) == column
                                          : nn_glob_match(nn_node_text(n), name))
            return true;
    return false;
}

/* Every entry of a list must mean some column. */
static nn_code check_list(const source *s, nn_node list, nn_err *err)
{
    char shown[NN_SHOWN], index[INDEX_TEXT];
    int column = 0;

    if (nn_node_is(list, NN_JSON_NONE))
        return NN_OK;
    if (!nn_node_is(list, NN_JSON_ARRAY))
        return nn_refuse_node(list, err, NULL, "expected a list of column names, got %s",
                              nn_node_show(list, shown));
    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n)) {
        if (!nn_node_is(n, NN_JSON_TEXT) || s->names == NULL ||
            strpbrk(nn_node_text(n), "*?") == NULL) {
            NN_TRY(find_column(s, n, &column, err));
            continue;
        }
        for (column = 0; column < s->columns; column++)
            if (nn_glob_match(nn_node_text(n), name_of(s, column, index)))
                break;
        if (column == s->columns)
            return nn_refuse_node(n, err, NULL, "no column of %s matches %s", s->name,
                                  nn_node_show(n, shown));
    }
    return NN_OK;
}

/* Every column without another use is a feature, unless the config chooses. */
static nn_code choose_features(nn_table_plan *p, const source *s, int expected, nn_err *err)
{
    const nn_data_conf *conf = s->how->conf;
    const bool all = nn_node_is(conf->features, NN_JSON_NONE);

    NN_TRY(check_list(s, conf->features, err));
    NN_TRY(check_list(s, conf->ignore, err));
    for (int i = 0; i < s->columns; i++)
        if (!s->used[i] && (all || is_listed(s, conf->features, i)) &&
            !is_listed(s, conf->ignore, i))
            NN_TRY(add_feature(p, s, i, err));
    if (p->raw->count == 0)
        return nn_err_set(err, NN_EDATA, s->name,
                          s->columns == 1 ? "no feature columns: the only column is the target"
                                          : "no feature columns are left");
    return expected > 0 && p->raw->count != expected ? refuse_width(s, expected, p->raw->count, err)
                                                     : NN_OK;
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

        if (p->cell[i] == NONE && !s->used[i])
            continue;
        rc = nn_words_add(&seen, name, strlen(name), &id, &fresh, err);
        if (rc == NN_OK && !fresh)
            rc = refuse_twice(s, i, err);
    }
    nn_words_free(&seen);
    return rc;
}

/* ---- columns with a meaning of their own ---- */

static nn_code find_role(source *s, nn_node node, int *column, nn_err *err)
{
    char shown[NN_SHOWN];

    *column = NONE;
    if (nn_node_is(node, NN_JSON_NONE))
        return NN_OK;
    NN_TRY(find_column(s, node, column, err));
    if (s->used[*column])
        return nn_refuse_node(node, err,
                              nn_node_is(s->how->conf->target, NN_JSON_NONE) &&
                                      *column == s->columns - 1
                                  ? "name the target in data.target: without it, it is the last "
                                    "column"
                                  : NULL,
                              "the column %s is in use already", nn_node_show(node, shown));
    return NN_OK;
}

static nn_code find_id(nn_table_plan *p, source *s, nn_err *err)
{
    const char *name = s->how->id;
    char shown[NN_SHOWN];

    if (name == NULL)
        return find_role(s, s->how->conf->id, &p->id, err);
    p->id = find_name(s, name);
    if (p->id != NONE)
        return NN_OK;
    return nn_err_set(err, NN_EDATA, s->name, "no column \"%s\" for the id",
                      nn_text_show(shown, sizeof shown, name, strlen(name), 40));
}

/* A column of a model's sequences in another file; a lost order is that of the rows. */
static nn_code find_place(const source *s, const nn_column_place *c, bool needed, int *column,
                          nn_err *err)
{
    char shown[NN_SHOWN];

    *column = NONE;
    if (c->name == NULL) {
        *column = c->place < s->columns ? c->place : NONE;
        return NN_OK;
    }
    *column = find_name(s, c->name);
    if (*column != NONE || !needed)
        return NN_OK;
    return nn_err_set(err, NN_EDATA, s->name, "missing the column \"%s\" that names the series",
                      nn_text_show(shown, sizeof shown, c->name, strlen(c->name), 40));
}

/* Which series a row belongs to, and when it was. */
static nn_code find_sequence(nn_table_plan *p, source *s, nn_err *err)
{
    const nn_load *how = s->how;
    const nn_sequence_conf *conf = &how->conf->sequence;

    if (how->series != NULL) {
        NN_TRY(find_place(s, how->series, true, &p->series, err));
        NN_TRY(find_place(s, how->order, false, &p->order, err));
    } else {
        NN_TRY(find_role(s, conf->group, &p->series, err));
        NN_TRY(find_role(s, conf->order, &p->order, err));
    }
    if (p->series != NONE && p->group != NONE)
        return nn_refuse_node(conf->group, err,
                              "data.group keeps series whole, sequence.group divides each in time",
                              "expected data.group or sequence.group, not both");
    if (p->series != NONE && p->series == p->order)
        return nn_refuse_node(conf->order, err, NULL, "the same column as sequence.group");
    if (p->series != NONE)
        s->used[p->series] = true;
    if (p->order != NONE)
        s->used[p->order] = true;
    return NN_OK;
}

/* The column of texts: as the model or the config says, "text", or the first without another use.
 */
static nn_code find_text(nn_table_plan *p, source *s, nn_err *err)
{
    const nn_vocabulary *v = s->how->vocabulary;
    const nn_column_place place = {v == NULL ? NULL : v->column, v == NULL ? NONE : v->place};
    char shown[NN_SHOWN];

    if (v == NULL && s->how->conf->text.column.item != NULL) {
        NN_TRY(find_role(s, s->how->conf->text.column, &p->text, err));
    } else if (v != NULL && s->names == NULL && s->columns == 1) {
        p->text = 0; /* lines of text */
    } else if (v != NULL && s->names == NULL) {
        p->text = v->place < s->columns ? v->place : NONE;
    } else if (v != NULL) {
        NN_TRY(find_place(s, &place, false, &p->text, err));
        if (p->text == NONE && place.name != NULL)
            return nn_err_set(
                err, NN_EDATA, s->name, "missing the column \"%s\" of the texts",
                nn_text_show(shown, sizeof shown, place.name, strlen(place.name), 40));
    } else {
        p->text = find_name(s, "text");
    }
    for (int i = 0; (p->text == NONE || s->used[p->text]) && i < s->columns; i++)
        p->text = s->used[i] ? NONE : i;
    if (p->text == NONE)
        return nn_err_set(err, NN_EDATA, s->name, "no column of texts is left");
    s->used[p->text] = true;
    return NN_OK;
}

/* The id may be a feature when a prediction asks for it; a group may be the id. */
static nn_code find_roles(nn_table_plan *p, source *s, nn_err *err)
{
    const nn_data_conf *conf = s->how->conf;

    NN_TRY(find_id(p, s, err));
    NN_TRY(find_role(s, conf->group, &p->group, err));
    NN_TRY(find_role(s, conf->weight, &p->weight, err));
    NN_TRY(find_role(s, conf->split, &p->split, err));
    if (p->id != NONE && s->how->id == NULL)
        s->used[p->id] = true;
    if (p->group != NONE)
        s->used[p->group] = true;
    if (p->weight != NONE)
        s->used[p->weight] = true;
    if (p->split != NONE)
        s->used[p->split] = true;
    return NN_OK;
}

/* What is forecast may be learnt from: its past is known. */
static void remember_past(const nn_table_plan *p, source *s)
{
    const nn_sequence_conf *conf = &s->how->conf->sequence;

    for (int k = 0; conf->window > 0 && conf->lead > 0 && k < p->targets; k++)
        s->used[p->target[k]] = false;
}

/* ---- all of it ---- */

/* What the config, or the model, says of each feature. */
static nn_code settle_columns(nn_table_plan *p, const source *s, nn_csv *csv, nn_err *err)
{
    const nn_encoder *e = s->how->encoder;
    nn_columns rules = {0};
    nn_code rc = NN_OK;
    char index[INDEX_TEXT];

    p->gaps = nn_alloc((size_t)p->raw->count, sizeof *p->gaps);
    if (p->gaps == NULL)
        return nn_err_memory(err, "the columns", 0);
    for (int k = 0; e != NULL && k < e->count; k++) {
        p->raw->column[k].is_word = e->column[k].kind != NN_ENCODING_NUMBER;
        p->gaps[k] = e->column[k].impute;
    }
    if (e != NULL || s->how->plain || s->how->texts)
        return NN_OK;
    rc = nn_columns_read(&rules, s->how->conf->columns, err);
    for (int k = 0; rc == NN_OK && k < p->raw->count; k++) {
        nn_raw_column *c = &p->raw->column[k];

        c->conf = nn_columns_find(&rules, name_of(s, c->place, index));
        p->gaps[k] = c->conf.impute != NN_IMPUTE_ERROR;
    }
    if (rc == NN_OK)
        rc = nn_columns_check_used(&rules, s->name, s->names, s->columns, err);
    if (rc == NN_OK)
        rc = nn_table_look(p->raw, csv, &p->missing, p->point, err);
    nn_columns_free(&rules);
    return rc;
}

/* Columns whose fields are kept as text get a slot each. */
static void give_slots(nn_table_plan *p)
{
    for (int i = 0; i < p->columns; i++) {
        const int cell = p->cell[i];
        bool text = (cell != NONE && p->raw->column[cell].is_word) || i == p->id ||
                    i == p->weight || i == p->group || i == p->split || i == p->series ||
                    i == p->order || i == p->text;

        for (int k = 0; k < p->targets; k++)
            text = text || p->target[k] == i;
        p->slot[i] = text ? p->slots++ : NONE;
    }
}

static nn_code keep_targets(nn_table_plan *p, nn_err *err)
{
    p->raw->target = nn_alloc((size_t)p->targets + 1, sizeof *p->raw->target);
    if (p->raw->target == NULL)
        return nn_err_memory(err, "the columns", 0);
    p->raw->targets = p->targets;
    for (int k = 0; k < p->targets; k++)
        p->raw->target[k] = p->target[k];
    return NN_OK;
}

static nn_code take_rules(nn_table_plan *p, const nn_load *how, nn_err *err)
{
    const nn_encoder *e = how->encoder;
    int id = 0;

    p->point = nn_decimal_words[e != NULL ? e->decimal : how->conf->csv.decimal][0];
    if (e == NULL)
        return nn_csv_missing(&p->missing, how->conf->csv.missing, err);
    for (int i = 0; i < e->missing.count; i++)
        NN_TRY(nn_words_add(&p->missing, e->missing.text[i], strlen(e->missing.text[i]), &id, NULL,
                            err));
    return NN_OK;
}

static nn_code make(nn_table_plan *p, source *s, nn_csv *csv, nn_table_targets targets, nn_err *err)
{
    const nn_load *how = s->how;
    const nn_shape *shape = &how->conf->shape;
    const int expected = how->encoder != NULL            ? how->encoder->count
                         : how->texts                    ? 1
                         : how->plain && shape->rank > 0 ? (int)nn_shape_len(shape)
                                                         : 0;

    p->raw = nn_alloc(1, sizeof *p->raw);
    if (p->raw != NULL)
        p->raw->column = nn_alloc((size_t)s->columns, sizeof *p->raw->column);
    p->cell = nn_alloc((size_t)s->columns, sizeof *p->cell);
    p->slot = nn_alloc((size_t)s->columns, sizeof *p->slot);
    s->used = nn_alloc((size_t)s->columns, sizeof *s->used);
    if (p->raw == NULL || p->raw->column == NULL || p->cell == NULL || p->slot == NULL ||
        s->used == NULL)
        return nn_err_memory(err, "the columns", 0);
    p->raw->file_columns = s->columns;
    p->raw->csv = how->conf->csv;
    for (int i = 0; i < s->columns; i++)
        p->cell[i] = NONE;
    NN_TRY(take_rules(p, how, err));
    if (has_targets(s, targets, expected))
        NN_TRY(find_targets(p, s, err));
    p->id = p->weight = p->group = p->split = p->series = p->order = p->text = NONE;
    NN_TRY(targets == NN_TABLE_FEATURES ? find_id(p, s, err) : find_roles(p, s, err));
    NN_TRY(find_sequence(p, s, err));
    remember_past(p, s);
    if (how->texts)
        NN_TRY(find_text(p, s, err));
    else if (how->encoder == NULL)
        NN_TRY(choose_features(p, s, expected, err));
    else if (s->names != NULL && how->encoder->column[0].name != NULL)
        NN_TRY(match_names(p, s, err));
    else
        NN_TRY(match_places(p, s, err));
    NN_TRY(check_names(p, s, err));
    NN_TRY(settle_columns(p, s, csv, err));
    if (targets == NN_TABLE_FEATURES)
        p->targets = 0;
    NN_TRY(keep_targets(p, err));
    give_slots(p);
    return NN_OK;
}

nn_code nn_table_plan_make(nn_table_plan *p, nn_csv *csv, const char *name, const nn_load *how,
                           nn_table_targets targets, nn_err *err)
{
    source s = {
        .names = nn_csv_names(csv), .columns = nn_csv_columns(csv), .name = name, .how = how};

    p->columns = s.columns;
    const nn_code rc = make(p, &s, csv, targets, err);
    nn_free(s.used);
    return rc;
}

nn_code nn_table_plan_check(const char *const *names, int columns, const char *first,
                            const nn_csv *csv, const char *name, nn_err *err)
{
    const char *const *own = nn_csv_names(csv);
    char shown[NN_SHOWN], expected[NN_SHOWN];

    if (nn_csv_columns(csv) != columns)
        return nn_err_set(err, NN_EDATA, name, "expected %d columns as in %s, got %d", columns,
                          first, nn_csv_columns(csv));
    if ((own == NULL) != (names == NULL))
        return nn_err_set(err, NN_EDATA, name, "expected %s header as in %s, got %s",
                          names == NULL ? "no" : "a", first, names == NULL ? "one" : "none");
    for (int i = 0; own != NULL && i < columns; i++)
        if (strcmp(own[i], names[i]) != 0)
            return nn_err_set(
                err, NN_EDATA, name, "column %d: expected \"%s\" as in %s, got \"%s\"", i + 1,
                nn_text_show(expected, sizeof expected, names[i], strlen(names[i]), 40), first,
                nn_text_show(shown, sizeof shown, own[i], strlen(own[i]), 40));
    return NN_OK;
}

void nn_table_plan_free(nn_table_plan *p)
{
    nn_raw_free(p->raw);
    nn_free(p->cell);
    nn_free(p->slot);
    nn_free(p->gaps);
    nn_free(p->target);
    nn_words_free(&p->missing);
    memset(p, 0, sizeof *p);
}
