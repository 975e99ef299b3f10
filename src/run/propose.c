/* Proposing a config: what each column becomes, the size of the network, how long to train. */
#include "run/propose.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

enum { MANY_WORDS = 50, UNBALANCED = 10, FEW_VALIDATION = 1000, EMBEDDED = 8 };

typedef struct plan {
    const nn_profile *p;
    const nn_column_profile *target;
    bool classes;
    size_t features; /* numbers that the network is given, about */
} plan;

/* Why a column is left out; NULL: it is not. */
static const char *reason_to_ignore(const plan *l, int c)
{
    const nn_column_profile *column = &l->p->column[c];

    if (column->numbers + column->words == 0)
        return "empty";
    if (nn_column_is_constant(column))
        return "always the same";
    if (column->same_as >= 0 && column->same_as != l->p->target)
        return "the same as another column";
    if (nn_column_is_identity(l->p, c))
        return "another value in every row: a name or number of the row";
    if (column->words > 0 && column->distinct > MANY_WORDS &&
        2 * column->distinct > column->words + column->numbers)
        return "too many different words";
    return NULL;
}

/* Does the column say which rows are for training, and which for other things? */
static bool is_split(const nn_column_profile *c)
{
    static const char *const parts[] = {"train", "validation", "test", NULL};
    bool trains = false;

    for (int i = 0; i < c->values; i++) {
        int k = 0;

        while (parts[k] != NULL && strcmp(parts[k], c->value[i].text) != 0)
            k++;
        if (parts[k] == NULL)
            return false;
        trains = trains || k == 0;
    }
    return trains && c->values > 1 && c->missing == 0;
}

/* The first of them; -1: none. */
static int split_column(const plan *l)
{
    for (int c = 0; c < l->p->columns; c++)
        if (c != l->p->target && is_split(&l->p->column[c]))
            return c;
    return -1;
}

static bool is_feature(const plan *l, int c)
{
    return c != l->p->target && c != split_column(l) && reason_to_ignore(l, c) == NULL;
}

/* A name as the config writes it: text, or the place in a file without a header. */
static void put_name(const plan *l, int c, bool as_key, nn_buf *out)
{
    if (l->p->column[c].name != NULL)
        nn_buf_json(out, l->p->column[c].name);
    else
        nn_buf_printf(out, as_key ? "\"%d\"" : "%d", c);
}

/* A name inside a comment, where a line feed or the like would end it. */
static void put_shown(const plan *l, int c, nn_buf *out)
{
    char shown[NN_SHOWN];

    nn_buf_put(out, nn_profile_name(l->p, c, shown));
}

static void put_run_name(const char *path, nn_buf *out)
{
    const char *base = nn_path_base(path);
    char name[48];
    size_t len = 0;

    for (; *base != '\0' && *base != '.' && len + 1 < sizeof name; base++)
        if (isalnum((unsigned char)*base) || (len > 0 && (*base == '-' || *base == '_')))
            name[len++] = *base;
    name[len] = '\0';
    nn_buf_printf(out, "    \"name\": \"%s\",\n", len > 0 ? name : "table");
}

/* ---- columns ---- */

static void put_ignored(const plan *l, nn_buf *out)
{
    bool first = true;

    for (int c = 0; c < l->p->columns; c++) {
        const char *why = c == l->p->target || c == split_column(l) ? NULL : reason_to_ignore(l, c);

        if (why == NULL)
            continue;
        nn_buf_put(out, first ? ",\n        \"ignore\": [\n" : ",\n");
        nn_buf_printf(out, "            // %s\n            ", why);
        put_name(l, c, false, out);
        first = false;
    }
    nn_buf_put(out, first ? "" : "\n        ]");
}

static void put_key(const char *text, bool *first, nn_buf *out)
{
    nn_buf_printf(out, "%s%s", *first ? "" : ", ", text);
    *first = false;
}

/* Numbers of one sign that lie far apart learn better on a logarithmic scale. */
static bool is_skewed(const nn_column_profile *c)
{
    return c->least >= 0 && c->deviation > 2 * c->mean;
}

/* What has to be said of a feature; nothing for numbers without gaps. */
static void put_settings(const nn_column_profile *c, nn_buf *out)
{
    bool first = true;

    if (c->words > 0 && c->distinct == 2)
        put_key("\"type\": \"binary\"", &first, out);
    else if (c->words > 0)
        put_key("\"type\": \"category\"", &first, out);
    if (c->words > 0)
        put_key("\"unknown\": \"other\"", &first, out);
    if (c->words > 0 && c->distinct > MANY_WORDS)
        put_key("\"min_count\": 2, \"encode\": \"embedding\"", &first, out);
    if (c->words == 0 && is_skewed(c))
        put_key("\"log1p\": true", &first, out);
    if (c->missing > 0) {
        put_key(c->words > 0 ? "\"impute\": \"mode\"" : "\"impute\": \"median\"", &first, out);
        put_key("\"indicator\": true", &first, out);
    }
}

static void put_columns(const plan *l, nn_buf *out)
{
    bool first = true;
    nn_buf settings = {0};

    for (int c = 0; c < l->p->columns; c++) {
        nn_buf_clear(&settings);
        nn_buf_put(&settings, "");
        if (is_feature(l, c))
            put_settings(&l->p->column[c], &settings);
        if (settings.failed || settings.len == 0)
            continue;
        nn_buf_put(out, first ? ",\n        \"columns\": {\n            " : ",\n            ");
        put_name(l, c, true, out);
        nn_buf_printf(out, ": {%s}", settings.data);
        first = false;
    }
    nn_buf_put(out, first ? "" : "\n        }");
    out->failed |= settings.failed;
    nn_buf_free(&settings);
}

static void put_leaks(const plan *l, nn_buf *out)
{
    for (int c = 0; c < l->p->columns; c++) {
        if (!is_feature(l, c) || !nn_column_is_leak(l->p, c))
            continue;
        nn_buf_put(out, "        // Beware: ");
        put_shown(l, c, out);
        nn_buf_printf(out,
                      " alone tells %.1f %% of the target. Ignore it unless it is known "
                      "beforehand.\n",
                      100 * l->p->column[c].tells);
    }
}

static bool is_unbalanced(const plan *l)
{
    const nn_column_profile *t = l->target;

    return l->classes && t->values > 1 &&
           t->value[0].count > UNBALANCED * t->value[t->values - 1].count;
}

static void put_data(const plan *l, const char *path, nn_buf *out)
{
    nn_buf_put(out, "    \"data\": {\n");
    put_leaks(l, out);
    nn_buf_put(out, "        \"train\": {\"path\": ");
    nn_buf_json(out, path);
    nn_buf_put(out, "},\n        \"target\": ");
    put_name(l, l->p->target, false, out);
    nn_buf_printf(out, ",\n        \"task\": \"%s\"",
                  !l->classes               ? "regression"
                  : l->target->distinct > 2 ? "multiclass"
                                            : "binary");
    if (!l->classes)
        nn_buf_printf(out, ",\n        \"target_scale\": \"%s\"",
                      is_skewed(l->target) ? "log1p" : "standard");
    nn_buf_put(out, ",\n        \"scale\": \"standard\"");
    nn_buf_put(out, l->p->header ? "" : ",\n        \"csv\": {\"header\": \"no\"}");
    if (split_column(l) >= 0) {
        nn_buf_put(out, ",\n        // Which rows are for training, and which for a test.\n        "
                        "\"split\": ");
        put_name(l, split_column(l), false, out);
    }
    put_ignored(l, out);
    put_columns(l, out);
    nn_buf_put(out, "\n    },\n");
}

/* ---- network and training ---- */

static void put_hidden(int units, nn_buf *out)
{
    nn_buf_printf(out,
                  "            {\"type\": \"Dense\", \"units\": %d, \"activation\": \"relu\", "
                  "\"kernel_initializer\": \"he_normal\"},\n",
                  units);
}

/* As much as the rows can teach; early stopping keeps it from learning them by heart. */
static void put_model(const plan *l, nn_buf *out)
{
    const size_t rows = l->p->rows;
    const int units = rows < 200 ? 16 : rows < 3000 ? 32 : rows < 20000 ? 64 : 128;

    nn_buf_put(out, "    \"model\": {\n        \"layers\": [\n");
    put_hidden(l->features > 200 ? 2 * units : units, out);
    put_hidden(units, out);
    if (!l->classes)
        nn_buf_put(out, "            {\"type\": \"Dense\", \"units\": 1}\n");
    else if (l->target->distinct == 2)
        nn_buf_put(out, "            {\"type\": \"Dense\", \"units\": 1, \"activation\": "
                        "\"sigmoid\"}\n");
    else
        nn_buf_printf(out,
                      "            {\"type\": \"Dense\", \"units\": %zu, \"activation\": "
                      "\"softmax\"}\n",
                      l->target->distinct);
    nn_buf_put(out, "        ]\n    },\n");
}

static int batch_size(size_t rows)
{
    return rows < 64 ? 8 : rows < 20000 ? 32 : rows < 200000 ? 128 : 512;
}

/* Some tens of thousands of steps, whatever the rows. */
static int epochs(size_t rows)
{
    const size_t wanted = 30000 * (size_t)batch_size(rows) / rows;

    return wanted < 20 ? 20 : wanted > 300 ? 300 : (int)wanted;
}

static void put_training(const plan *l, nn_buf *out)
{
    const size_t rows = l->p->rows;
    const int most = epochs(rows);

    nn_buf_put(out, "    \"optimizer\": {\"type\": \"adam\", \"learning_rate\": 0.003},\n"
                    "    \"schedule\": {\"type\": \"cosine\"},\n"
                    "    \"regularization\": {\"l2\": 0.0003},\n");
    if (is_unbalanced(l))
        nn_buf_printf(out,
                      "    // Accuracy alone says little: %.0f %% of the rows are of one class.\n",
                      100 * (double)l->target->value[0].count / (double)rows);
    if (l->classes)
        nn_buf_put(out, is_unbalanced(l) ? "    \"metrics\": [\"accuracy\", \"f1\", \"auc\"],\n"
                                         : "    \"metrics\": [\"accuracy\"],\n");
    else
        nn_buf_put(out, "    \"metrics\": [\"mae\", \"r2\"],\n");
    nn_buf_printf(out, "    \"training\": {\"epochs\": %d, \"batch_size\": %d%s},\n", most,
                  batch_size(rows), is_unbalanced(l) ? ", \"class_weight\": \"balanced\"" : "");
    nn_buf_put(out, "    // The best model is kept; training ends when it has not become better "
                    "for so many epochs.\n");
    nn_buf_printf(out, "    \"early_stopping\": {\"patience\": %d}\n}\n",
                  most / 5 > 5 ? most / 5 : 5);
}

/* ---- all of it ---- */

static nn_code check_target(const plan *l, nn_err *err)
{
    const nn_column_profile *t = l->target;
    char name[NN_SHOWN];

    nn_profile_name(l->p, l->p->target, name);
    if (t->missing > 0)
        return nn_err_set(err, NN_EDATA, l->p->path,
                          "the target \"%s\" is missing in %zu rows; leave these rows out", name,
                          t->missing);
    if (t->distinct < 2)
        return nn_err_set(err, NN_EDATA, l->p->path, "the target \"%s\" is the same in every row",
                          name);
    if (t->words > 0 && 2 * t->distinct > l->p->rows)
        return nn_err_set(err, NN_EDATA, l->p->path,
                          "the target \"%s\" has %zu different words in %zu rows: too many for "
                          "classes",
                          name, t->distinct, l->p->rows);
    return NN_OK;
}

/* How many numbers a column becomes, about. */
static size_t width_of(const nn_column_profile *c)
{
    if (c->words == 0)
        return 1;
    return c->distinct > MANY_WORDS ? EMBEDDED : c->distinct;
}

nn_code nn_propose(nn_buf *out, const nn_profile *table, const char *path, nn_err *err)
{
    const nn_column_profile *target = &table->column[table->target];
    plan l = {table, target, nn_column_is_category(target), 0};

    NN_TRY(check_target(&l, err));
    for (int c = 0; c < table->columns; c++)
        if (is_feature(&l, c))
            l.features += width_of(&table->column[c]);
    if (l.features == 0)
        return nn_err_set(err, NN_EDATA, table->path, "no column is left to learn from");
    nn_buf_put(out, "// ");
    put_shown(&l, table->target, out);
    nn_buf_printf(out, " from %zu rows of a table, as proposed by nnctl init\n{\n", table->rows);
    put_run_name(path, out);
    nn_buf_put(out, "    \"seed\": 1,\n");
    put_data(&l, path, out);
    nn_buf_printf(out, "    \"validation\": %s,\n", table->rows < FEW_VALIDATION ? "0.2" : "0.1");
    put_model(&l, out);
    put_training(&l, out);
    return nn_buf_check(out, err);
}
