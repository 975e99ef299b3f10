/* A dataset from the records of CSV files: opening them, planning, and what follows the reading. */
#include <string.h>

#include "base/mem.h"
#include "data/array.h"
#include "data/encoder.h"
#include "data/vocabulary.h"
#include "data/table_read.h"

typedef struct table {
    const nn_load *how;
    nn_csv_conf csv_conf;
    nn_words known; /* names that the config uses */
    nn_table_plan plan;
    nn_table_fill fill;
    char **names; /* [plan.columns] of the first file, or NULL */
} table;

/* A file that is being read. */
typedef struct input {
    nn_gz *f;
    bool owned;
    nn_csv *csv;
} input;

static void close_input(input *in)
{
    nn_csv_close(in->csv);
    if (in->owned)
        nn_gz_close(in->f);
    memset(in, 0, sizeof *in);
}

/* A file that is plainly an array is refused as such. */
static nn_code open_file(input *in, const nn_table_source *source, int i, nn_err *err)
{
    const nn_array_format *format = NULL;

    if (source->open != NULL) {
        in->f = source->open;
        return NN_OK;
    }
    NN_TRY(nn_array_sniff(&format, source->path[i], err));
    if (format != NULL)
        return nn_err_set(err, NN_EDATA, source->path[i],
                          "expected CSV, found an array file (%s): name it by the keys x and y",
                          format->kind.name);
    in->owned = true;
    return nn_gz_open(&in->f, source->path[i], err);
}

/* Names, not patterns, among what a key of the config gives. */
static nn_code add_known(nn_words *known, nn_node node, nn_err *err)
{
    const char *text = nn_node_text(node);
    int id = 0;

    for (nn_node n = nn_node_first(node); n.item != NULL; n = nn_node_next(n)) {
        if (nn_node_is(node, NN_JSON_OBJECT) && strpbrk(nn_node_key(n), "*?") == NULL)
            NN_TRY(nn_words_add(known, nn_node_key(n), strlen(nn_node_key(n)), &id, NULL, err));
        else if (nn_node_is(node, NN_JSON_ARRAY))
            NN_TRY(add_known(known, n, err));
    }
    if (*text == '\0' || strpbrk(text, "*?") != NULL)
        return NN_OK;
    return nn_words_add(known, text, strlen(text), &id, NULL, err);
}

/* What the columns of texts and their labels are called where nothing is said of them. */
static nn_code know_usual(table *t, nn_err *err)
{
    int id = 0;

    NN_TRY(nn_words_add(&t->known, "text", 4, &id, NULL, err));
    return nn_words_add(&t->known, "label", 5, &id, NULL, err);
}

static nn_code collect_known(table *t, nn_err *err)
{
    const nn_data_conf *c = t->how->conf;
    const nn_node nodes[] = {
        c->text.column, c->target, c->features, c->ignore,         c->columns,       c->id,
        c->weight,      c->group,  c->split,    c->sequence.group, c->sequence.order};

    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++)
        NN_TRY(add_known(&t->known, nodes[i], err));
    t->csv_conf.known = &t->known;
    return t->how->texts ? know_usual(t, err) : NN_OK;
}

/* A model of texts knows its columns by name, and so a header by them. */
static nn_code know_text(table *t, nn_err *err)
{
    const char *column = t->how->vocabulary->column;
    const nn_classes *targets = t->how->targets;
    int id = 0;

    t->csv_conf.sure = true;
    t->csv_conf.known = &t->known;
    for (int i = 0; targets != NULL && i < targets->count; i++)
        NN_TRY(nn_words_add(&t->known, targets->name[i], strlen(targets->name[i]), &id, NULL, err));
    return nn_words_add(&t->known, column, strlen(column), &id, NULL, err);
}

/* How the text is written: as the config or the model says; names that are known make a header. */
static nn_code settle_csv(table *t, nn_err *err)
{
    const nn_encoder *e = t->how->encoder;

    t->csv_conf = t->how->conf->csv;
    if (t->how->vocabulary != NULL && t->how->vocabulary->column != NULL)
        return know_text(t, err);
    if (e == NULL)
        return collect_known(t, err);
    if (e->delimiter != NULL)
        t->csv_conf.delimiter = e->delimiter;
    if (e->names.count > 0) {
        t->csv_conf.known = &e->names;
        t->csv_conf.sure = true;
    }
    return NN_OK;
}

static nn_code open_input(input *in, table *t, const nn_table_source *source, int i, nn_err *err)
{
    NN_TRY(open_file(in, source, i, err));
    NN_TRY(settle_csv(t, err));
    return nn_csv_open(&in->csv, in->f, source->path[i], &t->csv_conf, err);
}

/* ---- what the first file settles ---- */

static nn_code copy_text(char **out, const char *text, nn_err *err)
{
    *out = nn_strdup(text);
    return *out == NULL ? nn_err_memory(err, "the column names", 0) : NN_OK;
}

/* The names of all columns, for the other files, and of the targets. */
static nn_code keep_names(table *t, const nn_csv *csv, nn_err *err)
{
    const char *const *names = nn_csv_names(csv);
    nn_dataset *d = t->fill.d;

    if (names == NULL)
        return NN_OK;
    t->names = nn_alloc((size_t)t->plan.columns, sizeof *t->names);
    d->targets.name = nn_alloc((size_t)t->plan.targets + 1, sizeof *d->targets.name);
    if (t->names == NULL || d->targets.name == NULL)
        return nn_err_memory(err, "the column names", 0);
    for (int i = 0; i < t->plan.columns; i++)
        NN_TRY(copy_text(&t->names[i], names[i], err));
    for (int k = 0; k < t->plan.targets; k++) {
        NN_TRY(copy_text(&d->targets.name[k], names[t->plan.target[k]], err));
        d->targets.count++;
    }
    if (d->targets.count != 1)
        return NN_OK;
    NN_TRY(copy_text(&d->target_column, d->targets.name[0], err));
    t->fill.targets.column = d->target_column;
    return NN_OK;
}

/* Delimiters at the ends of lines make a last column without name or content. */
static nn_code check_last_column(const table *t, nn_csv *csv, nn_err *err)
{
    const char *const *names = nn_csv_names(csv);
    const int last = t->plan.columns - 1;
    const nn_field_text *fields = NULL;
    nn_err later = {0};
    char where[NN_WHERE_SIZE];
    bool empty = false;

    if (names != NULL && names[last][0] != '\0')
        return NN_OK;
    nn_csv_hold(csv);
    if (nn_csv_next(csv, &fields, &later) == NN_OK && fields != NULL)
        empty = fields[last].len == 0;
    nn_csv_where(csv, where);
    nn_csv_back(csv);
    if (!empty)
        return NN_OK;
    return nn_err_set(err, NN_EDATA, where,
                      "the last column is empty: the lines end with a delimiter");
}

static nn_code keep_place(nn_column_place *out, const nn_csv *csv, int column, nn_err *err)
{
    const char *const *names = nn_csv_names(csv);

    out->place = column;
    return column < 0 || names == NULL ? NN_OK : copy_text(&out->name, names[column], err);
}

static nn_code start(table *t, nn_csv *csv, const char *name, nn_table_targets targets, nn_err *err)
{
    NN_TRY(nn_table_plan_make(&t->plan, csv, name, t->how, targets, err));
    t->fill.targets.width = t->plan.targets > 0 ? t->plan.targets : 1;
    t->fill.targets.table = t->fill.d;
    NN_TRY(check_last_column(t, csv, err));
    NN_TRY(keep_place(&t->fill.d->series_column, csv,
                      t->plan.series >= 0 ? t->plan.series : t->plan.group, err));
    NN_TRY(keep_place(&t->fill.d->order_column, csv, t->plan.order, err));
    NN_TRY(keep_place(&t->fill.d->text_column, csv, t->plan.text, err));
    return keep_names(t, csv, err);
}

/* ---- reading ---- */

static nn_code read_file(table *t, const nn_table_source *source, int i, nn_table_targets targets,
                         nn_err *err)
{
    const char *name = source->path[i];
    const nn_file_id none = {0};
    const size_t before = t->fill.d->rows;
    input in = {0};
    nn_code rc = open_input(&in, t, source, i, err);

    if (rc == NN_OK)
        rc = i == 0 ? start(t, in.csv, name, targets, err)
                    : nn_table_plan_check((const char *const *)t->names, t->plan.columns,
                                          source->path[0], in.csv, name, err);
    if (rc == NN_OK)
        rc = nn_dataset_add_file(t->fill.d, name, &none, err);
    if (rc == NN_OK)
        rc = nn_table_read(&t->fill, &t->plan, in.csv, name, t->how->threads, err);
    if (rc == NN_OK && t->fill.d->rows == before)
        rc = nn_err_set(err, NN_EDATA, name, "a header but no rows");
    if (rc == NN_OK)
        rc = nn_gz_end(in.f, err);
    if (rc == NN_OK)
        nn_gz_id(in.f, &t->fill.d->file[i].id);
    close_input(&in);
    return rc;
}

/* Numbers need no encoder: the samples are the rows as they are. */
static nn_code take_plain(nn_dataset *d, const nn_shape *wanted, nn_err *err)
{
    const nn_shape found = nn_shape_1(d->raw->count);

    NN_TRY(nn_shape_settle(&d->shape, &found, wanted, d->name, err));
    nn_raw_free(d->raw);
    d->raw = NULL;
    return NN_OK;
}

/* Series that are never divided are series all the same. */
static nn_code order_rows(nn_dataset *d, nn_err *err)
{
    if (d->group != NULL) {
        d->series = nn_alloc(d->rows, sizeof *d->series);
        if (d->series == NULL)
            return nn_err_memory(err, "the series", d->rows * sizeof *d->series);
        memcpy(d->series, d->group, d->rows * sizeof *d->series);
    }
    return nn_series_sort(d, err);
}

static nn_code finish(table *t, nn_err *err)
{
    const nn_load *how = t->how;
    const bool sequence = how->conf->sequence.window > 0;
    const nn_windows windows = nn_sequence_windows(&how->conf->sequence);
    const nn_shape any = {0}, *shape = sequence ? &any : &how->conf->shape;
    nn_dataset *d = t->fill.d;

    d->raw = t->plan.raw;
    t->plan.raw = NULL;
    d->shape = nn_shape_1(how->texts ? 1 : d->raw->count);
    if (t->plan.targets > 0)
        NN_TRY(nn_targets_settle(&t->fill.targets, how, d, err));
    if (how->texts) {
        nn_raw_free(d->raw);
        d->raw = NULL;
        return nn_text_finish(d, how, err);
    }
    if (sequence)
        NN_TRY(order_rows(d, err));
    if (how->encoder != NULL)
        NN_TRY(nn_encoder_apply(how->encoder, d, d->raw, shape, err));
    else if (how->plain)
        NN_TRY(take_plain(d, shape, err));
    if (sequence && d->raw == NULL)
        return nn_dataset_window(d, &windows, &how->conf->shape, err);
    return NN_OK;
}

static void release(table *t)
{
    for (int i = 0; t->names != NULL && i < t->plan.columns; i++)
        nn_free(t->names[i]);
    nn_free(t->names);
    nn_words_free(&t->known);
    nn_table_fill_free(&t->fill);
    nn_table_plan_free(&t->plan);
}

static nn_code new_dataset(table *t, const char *name, nn_err *err)
{
    NN_TRY(nn_dataset_new(&t->fill.d, name, err));
    if (t->how->texts)
        NN_TRY(nn_raw_text_new(&t->fill.d->raw_text, t->how, true, err));
    t->fill.d->table = true;
    t->fill.targets.name = t->fill.d->name;
    return NN_OK;
}

nn_code nn_table_load(nn_dataset **out, const nn_table_source *source, const nn_load *how,
                      nn_table_targets targets, nn_err *err)
{
    table t = {.how = how};
    nn_code rc = new_dataset(&t, source->path[0], err);

    for (int i = 0; rc == NN_OK && i < source->count; i++)
        rc = read_file(&t, source, i, targets, err);
    if (rc == NN_OK)
        rc = finish(&t, err);
    release(&t);
    if (rc != NN_OK)
        nn_dataset_free(t.fill.d);
    *out = rc == NN_OK ? t.fill.d : NULL;
    return rc;
}

/* Words, and fields that may be missing, become features that only the rows can tell. */
static bool is_plain(const nn_raw *raw)
{
    for (int k = 0; k < raw->count; k++)
        if (raw->column[k].is_word || raw->column[k].conf.indicator)
            return false;
    return true;
}

nn_code nn_table_peek(int *features, const nn_table_source *source, const nn_load *how, nn_err *err)
{
    table t = {.how = how};
    input in = {0};
    nn_code rc = open_input(&in, &t, source, 0, err);

    *features = 0;
    if (rc == NN_OK)
        rc = nn_table_plan_make(&t.plan, in.csv, source->path[0], how, NN_TABLE_TARGETS, err);
    if (rc == NN_OK && is_plain(t.plan.raw))
        *features = t.plan.raw->count;
    close_input(&in);
    release(&t);
    return rc;
}

/* ---- rows as they come in ---- */

struct nn_rows {
    nn_load how; /* what it points to stays the caller's */
    table t;
    input in;
    char *name;
    bool planned;
};

static nn_code open_rows(nn_rows *r, const char *path, int fd, nn_err *err)
{
    r->name = nn_strdup(path == NULL ? "<stdin>" : path);
    if (r->name == NULL)
        return nn_err_memory(err, "a path", 0);
    r->in.owned = true;
    return path == NULL ? nn_gz_open_fd(&r->in.f, r->name, fd, err)
                        : nn_gz_open(&r->in.f, r->name, err);
}

nn_code nn_rows_open(nn_rows **out, const char *path, int fd, const nn_load *how, nn_err *err)
{
    nn_rows *r = nn_alloc(1, sizeof *r);
    nn_code rc = NN_OK;

    *out = NULL;
    if (r == NULL)
        return nn_err_memory(err, "the reader of a table", sizeof *r);
    r->how = *how;
    r->how.texts = how->vocabulary != NULL;
    r->t.how = &r->how;
    rc = open_rows(r, path, fd, err);
    if (rc != NN_OK)
        nn_rows_close(r);
    else
        *out = r;
    return rc;
}

/* The first rows settle what the columns are. */
static nn_code start_rows(nn_rows *r, nn_err *err)
{
    NN_TRY(settle_csv(&r->t, err));
    NN_TRY(nn_csv_open(&r->in.csv, r->in.f, r->name, &r->t.csv_conf, err));
    return nn_table_plan_make(&r->t.plan, r->in.csv, r->name, &r->how, NN_TABLE_FEATURES, err);
}

static nn_code read_rows(nn_rows *r, nn_err *err)
{
    const nn_file_id none = {0};
    table *t = &r->t;

    NN_TRY(nn_dataset_add_file(t->fill.d, r->name, &none, err));
    NN_TRY(nn_table_read_some(&t->fill, &t->plan, r->in.csv, r->name, err));
    return t->fill.d->rows == 0 ? nn_gz_end(r->in.f, err) : NN_OK;
}

/* The rows become samples; the words that they met are forgotten, or a long stream would fill up.
 */
static nn_code encode_rows(nn_rows *r, nn_err *err)
{
    nn_raw *raw = r->t.plan.raw;
    nn_dataset *d = r->t.fill.d;
    const nn_shape found = nn_shape_1(raw->count), *wanted = &r->how.conf->shape;

    if (r->how.texts)
        return nn_text_finish(d, &r->how, err);
    if (r->how.encoder == NULL)
        return nn_shape_settle(&d->shape, &found, wanted, d->name, err);
    NN_TRY(nn_encoder_apply(r->how.encoder, d, raw, wanted, err));
    for (int k = 0; k < raw->count; k++)
        nn_words_free(&raw->column[k].words);
    return NN_OK;
}

nn_code nn_rows_next(nn_rows *r, nn_dataset **out, nn_err *err)
{
    table *t = &r->t;
    const uint64_t blank = t->fill.blank;
    nn_code rc = r->planned ? NN_OK : start_rows(r, err);

    *out = NULL;
    if (rc == NN_OK) {
        r->planned = true;
        t->fill = (nn_table_fill){.blank = blank};
        rc = new_dataset(t, r->name, err);
    }
    if (rc == NN_OK)
        rc = read_rows(r, err);
    if (rc == NN_OK && t->fill.d->rows > 0)
        rc = encode_rows(r, err);
    if (rc == NN_OK && t->fill.d->rows > 0) {
        *out = t->fill.d;
        t->fill.d = NULL;
    }
    nn_dataset_free(t->fill.d);
    t->fill.d = NULL;
    nn_table_fill_free(&t->fill);
    return nn_err_reading(err, rc, r->name);
}

void nn_rows_close(nn_rows *r)
{
    if (r == NULL)
        return;
    release(&r->t);
    close_input(&r->in);
    nn_free(r->name);
    nn_free(r);
}
