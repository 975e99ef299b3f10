/* The config's `columns`: reading it, and finding what it says of a column. */
#include "data/column.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/refuse.h"
#include "data/source.h"

static const char *const type_words[] = {"auto", "number", "category", "binary", NULL};
static const char *const impute_words[] = {"error", "mean",     "median", "mode",
                                           "zero",  "constant", NULL};
static const char *const encode_words[] = {"auto", "onehot", "ordinal", "embedding", NULL};
static const char *const unknown_words[] = {"error", "other", NULL};

static const nn_field fields[] = {
    {.key = "type",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_column_conf, type),
     .fallback = "\"auto\"",
     .words = type_words,
     .help = "auto: by the first rows, number, or category where most fields are words; binary: a "
             "category with two values, one feature of 0 and 1"},
    {.key = "impute",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_column_conf, impute),
     .fallback = "\"error\"",
     .words = impute_words,
     .help = "what a missing field becomes, by the training rows; mode: the most frequent value; "
             "constant: `value`"},
    {.key = "value",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_column_conf, value),
     .fallback = "null",
     .form = "{\"type\":[\"number\",\"string\"]}",
     .help = "of impute constant: a number, or a category"},
    {.key = "indicator",
     .type = NN_FIELD_BOOL,
     .at = offsetof(nn_column_conf, indicator),
     .fallback = "false",
     .help = "one more feature, 1 where the field was missing"},
    {.key = "encode",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_column_conf, encode),
     .fallback = "\"auto\"",
     .words = encode_words,
     .help =
         "categories: onehot, a feature each; ordinal, their number in the order of their bytes; "
         "embedding, numbers that are learnt, by the layer ColumnEmbedding: for many categories"},
    {.key = "unknown",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_column_conf, unknown),
     .fallback = "\"error\"",
     .words = unknown_words,
     .help = "a category that no training row has; other: as the rare ones of min_count, or none "
             "(ordinal: the most frequent; binary: one half; embedding: zeros)"},
    {.key = "scale",
     .type = NN_FIELD_WORD,
     .at = offsetof(nn_column_conf, scale),
     .fallback = "\"auto\"",
     .words = nn_scale_words,
     .help = "numbers and ordinals; auto: as the data's `scale`"},
    {.key = "log1p",
     .type = NN_FIELD_BOOL,
     .at = offsetof(nn_column_conf, log1p),
     .fallback = "false",
     .help = "numbers: take log(1 + x), before the scaling"},
    {.key = "clip",
     .type = NN_FIELD_NODE,
     .at = offsetof(nn_column_conf, clip),
     .fallback = "null",
     .form = "{\"type\":\"array\",\"items\":{\"type\":\"number\"},\"minItems\":2,\"maxItems\":2}",
     .help = "numbers: [low, high], before all else"},
    {.key = "min_count",
     .type = NN_FIELD_INT,
     .at = offsetof(nn_column_conf, min_count),
     .fallback = "1",
     .range = "[1,1000000000]",
     .help = "categories with fewer training rows are one category, \"other\""},
    {.key = NULL},
};

const nn_table nn_column_table = {
    .name = "column",
    .help = "what is said of a table's column; the key is its name, its index (from 0) in a file "
            "without a header, or a pattern with * and ?",
    .fields = fields};

const char nn_columns_form[] = "{\"type\":\"object\",\"additionalProperties\":{\"$ref\":"
                               "\"#/definitions/column\"}}";

typedef struct nn_column_rule {
    const char *pattern; /* the document's */
    nn_column_conf conf;
    bool used;
} nn_column_rule;

bool nn_glob_match(const char *pattern, const char *name)
{
    const char *star = NULL, *retry = NULL;

    while (*name != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            retry = name;
        } else if (*pattern == *name || *pattern == '?') {
            const int len = *pattern == '?' ? nn_utf8_len(name, strlen(name)) : 1;

            pattern++;
            name += len > 0 ? len : 1;
        } else if (star != NULL) {
            pattern = star + 1; /* the star takes one more byte */
            name = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static nn_code check_clip(nn_node clip, nn_err *err)
{
    const nn_node low = nn_node_first(clip), high = nn_node_next(low);
    char shown[NN_SHOWN];

    if (nn_node_is(clip, NN_JSON_NONE) ||
        (nn_node_is(clip, NN_JSON_ARRAY) && nn_node_count(clip) == 2 &&
         nn_node_is(low, NN_JSON_NUMBER) && nn_node_is(high, NN_JSON_NUMBER) &&
         nn_node_number(low) < nn_node_number(high)))
        return NN_OK;
    return nn_refuse_node(clip, err, NULL, "expected [low, high] with low < high, got %s",
                          nn_node_show(clip, shown));
}

/* What can be said without the data. */
static nn_code check(const nn_column_conf *c, nn_err *err)
{
    const bool given = nn_node_is(c->value, NN_JSON_NUMBER) || nn_node_is(c->value, NN_JSON_TEXT);
    char shown[NN_SHOWN];

    NN_TRY(check_clip(c->clip, err));
    if (c->impute == NN_IMPUTE_CONSTANT && !given)
        return nn_refuse_node(c->node, err, NULL,
                              "impute constant needs a `value`, a number or a category, got %s",
                              nn_node_show(c->value, shown));
    if (c->impute != NN_IMPUTE_CONSTANT && !nn_node_is(c->value, NN_JSON_NONE))
        return nn_refuse_node(c->value, err, NULL, "a value goes with impute constant alone");
    if (c->indicator && c->impute == NN_IMPUTE_ERROR)
        return nn_refuse_node(c->node, err, NULL,
                              "an indicator needs `impute`, which says what the field becomes");
    return NN_OK;
}

nn_code nn_columns_read(nn_columns *out, nn_node object, nn_err *err)
{
    char shown[NN_SHOWN];

    if (nn_node_is(object, NN_JSON_NONE))
        return NN_OK;
    if (!nn_node_is(object, NN_JSON_OBJECT))
        return nn_refuse_node(object, err, NULL, "expected an object of columns, got %s",
                              nn_node_show(object, shown));
    for (nn_node n = nn_node_first(object); n.item != NULL; n = nn_node_next(n)) {
        const nn_problems *problems = nn_doc_problems(n.doc);
        const size_t before = nn_problems_errors(problems);
        nn_column_rule *rule = NULL;

        NN_TRY(nn_grow(&out->rule, &out->room, out->count + 1, sizeof *out->rule, err));
        rule = &out->rule[out->count++];
        nn_fields_read(fields, n, NULL, &rule->conf);
        rule->conf.node = n;
        rule->pattern = nn_node_key(n);
        if (nn_problems_errors(problems) > before)
            return nn_problems_check(problems, err);
        NN_TRY(check(&rule->conf, err));
    }
    return NN_OK;
}

nn_column_conf nn_columns_find(nn_columns *c, const char *name)
{
    nn_column_conf none = {.min_count = 1};
    nn_column_rule *found = NULL;

    for (size_t i = 0; i < c->count; i++) {
        nn_column_rule *rule = &c->rule[i];
        const bool same = strcmp(rule->pattern, name) == 0;

        if (same || nn_glob_match(rule->pattern, name)) {
            rule->used = true;
            if (found == NULL || same)
                found = rule;
        }
    }
    return found == NULL ? none : found->conf;
}

const char *nn_column_nearest(const char *name, const char *const *names, int count)
{
    const char *best = NULL;
    int least = 0;

    for (int i = 0; i < count; i++) {
        const int distance = nn_text_distance(name, names[i]);

        if (nn_text_is_near(name, distance) && (best == NULL || distance < least)) {
            best = names[i];
            least = distance;
        }
    }
    return best;
}

nn_code nn_columns_check_used(const nn_columns *c, const char *table, const char *const *names,
                              int count, nn_err *err)
{
    for (size_t i = 0; i < c->count; i++) {
        const char *pattern = c->rule[i].pattern, *near = NULL;
        char shown[NN_SHOWN], hint[NN_SHOWN + 32];

        if (c->rule[i].used)
            continue;
        near = nn_column_nearest(pattern, names, names == NULL ? 0 : count);
        if (near != NULL && strcmp(near, pattern) == 0)
            snprintf(hint, sizeof hint, "that column is there, but for another use");
        else if (near != NULL)
            snprintf(hint, sizeof hint, "did you mean \"%s\"?",
                     nn_text_show(shown, sizeof shown, near, strlen(near), 40));
        return nn_refuse_node(c->rule[i].conf.node, err, near == NULL ? NULL : hint,
                              "%s has no such feature column", table);
    }
    return NN_OK;
}

void nn_columns_free(nn_columns *c)
{
    nn_free(c->rule);
    memset(c, 0, sizeof *c);
}
