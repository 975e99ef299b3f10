/* Preprocessing as JSON in the model file, and back, with bounds on everything. */
#include "data/prep.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "data/baseline.h"
#include "data/targets.h"
#include "data/vocabulary.h"

static void write_numbers(nn_buf *out, const char *key, const double *number, int count)
{
    nn_buf_printf(out, ",\"%s\":[", key);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            nn_buf_char(out, ',');
        nn_buf_double(out, number[i]);
    }
    nn_buf_char(out, ']');
}

/* One name as text, several as a list. */
static void write_targets(nn_buf *out, const nn_classes *targets)
{
    if (targets->count == 0)
        return;
    nn_buf_put(out, targets->count == 1 ? ",\"target\":" : ",\"target\":[");
    for (int i = 0; i < targets->count; i++) {
        nn_buf_put(out, i == 0 ? "" : ",");
        nn_buf_json(out, targets->name[i]);
    }
    nn_buf_put(out, targets->count == 1 ? "" : "]");
}

/* A column by its name, or by its place. */
static void write_place(nn_buf *out, const char *key, const nn_column_place *c)
{
    if (c->place < 0)
        return;
    nn_buf_printf(out, ",\"%s\":", key);
    if (c->name != NULL)
        nn_buf_json(out, c->name);
    else
        nn_buf_printf(out, "%d", c->place);
}

static void write_sequence(nn_buf *out, const nn_prep *p)
{
    const nn_windows *w = &p->windows;

    nn_buf_printf(out,
                  ",\"sequence\":{\"window\":%d,\"horizon\":%d,\"lead\":%d,\"stride\":%d,"
                  "\"season\":%d",
                  w->window, w->horizon, w->offset + 1 - w->window, w->stride, p->season);
    write_place(out, "group", &p->series_column);
    write_place(out, "order", &p->order_column);
    nn_buf_char(out, '}');
}

void nn_prep_write(const nn_prep *p, nn_buf *out)
{
    char shape[NN_SHAPE_TEXT];

    nn_buf_printf(out, "{\"task\":\"%s\",\"shape\":%s,\"scale\":\"%s\"", nn_task_words[p->task],
                  nn_shape_text(shape, &p->shape), nn_scale_words[p->scale]);
    write_numbers(out, "shift", p->shift, p->columns);
    write_numbers(out, "factor", p->factor, p->columns);
    nn_buf_printf(out, ",\"target_scale\":\"%s\"", nn_target_scale_words[p->target_scale]);
    write_numbers(out, "target_shift", p->target_shift, p->width);
    write_numbers(out, "target_factor", p->target_factor, p->width);
    nn_baseline_write(p, out);
    if (p->steps > 1)
        nn_buf_printf(out, ",\"steps\":%d", p->steps);
    write_targets(out, &p->targets);
    if (p->vocabulary != NULL) {
        nn_buf_put(out, ",\"text\":");
        nn_vocabulary_write(p->vocabulary, out);
    } else if (p->windows.window > 0) {
        write_sequence(out, p);
    }
    if (p->encoder != NULL) {
        nn_buf_put(out, ",\"table\":");
        nn_encoder_write(p->encoder, out);
    }
    nn_buf_char(out, '}');
}

/* The object as it stands, before the lists are read. */
typedef struct stored {
    int task, scale, target_scale, steps;
    nn_shape shape;
    nn_node shift, factor, target_shift, target_factor, baseline, target, table, text;
    nn_sequence_conf sequence;
} stored;

static const nn_field fields[] = {
    {.key = "task", .type = NN_FIELD_WORD, .at = offsetof(stored, task), .words = nn_task_words},
    {.key = "shape", .type = NN_FIELD_SHAPE, .at = offsetof(stored, shape)},
    {.key = "scale", .type = NN_FIELD_WORD, .at = offsetof(stored, scale), .words = nn_scale_words},
    {.key = "shift", .type = NN_FIELD_NODE, .at = offsetof(stored, shift)},
    {.key = "factor", .type = NN_FIELD_NODE, .at = offsetof(stored, factor)},
    {.key = "target_scale",
     .type = NN_FIELD_WORD,
     .at = offsetof(stored, target_scale),
     .words = nn_target_scale_words},
    {.key = "target_shift", .type = NN_FIELD_NODE, .at = offsetof(stored, target_shift)},
    {.key = "target_factor", .type = NN_FIELD_NODE, .at = offsetof(stored, target_factor)},
    {.key = "baseline",
     .type = NN_FIELD_NODE,
     .at = offsetof(stored, baseline),
     .fallback = "null"},
    {.key = "steps",
     .type = NN_FIELD_INT,
     .at = offsetof(stored, steps),
     .fallback = "1",
     .range = "[1,1048576]"},
    {.key = "target", .type = NN_FIELD_NODE, .at = offsetof(stored, target), .fallback = "null"},
    {.key = "sequence",
     .type = NN_FIELD_OBJECT,
     .at = offsetof(stored, sequence),
     .fallback = "null",
     .table = &nn_sequence_table},
    {.key = "text", .type = NN_FIELD_NODE, .at = offsetof(stored, text), .fallback = "null"},
    {.key = "table", .type = NN_FIELD_NODE, .at = offsetof(stored, table), .fallback = "null"},
    {.key = NULL},
};

/* A list of `count` finite numbers; factors are not zero, since they are divided by. */
static nn_code read_numbers(double **out, nn_node list, int count, bool factor, nn_err *err)
{
    char shown[NN_SHOWN];
    double *number = NULL;

    if (!nn_node_is(list, NN_JSON_ARRAY) || nn_node_count(list) != count)
        return nn_refuse_node(list, err, NULL, "expected a list of %d numbers, got %s", count,
                              nn_node_show(list, shown));
    if (count == 0)
        return NN_OK; /* as with an Embedding, which scales nothing */
    if ((*out = number = nn_alloc((size_t)count, sizeof *number)) == NULL)
        return nn_err_memory(err, "the scaling", 0);
    for (nn_node n = nn_node_first(list); n.item != NULL; n = nn_node_next(n)) {
        *number = nn_node_number(n);
        if (!nn_node_is(n, NN_JSON_NUMBER) || !isfinite(*number) || (factor && *number == 0))
            return nn_refuse_node(n, err, NULL, "expected a finite number%s, got %s",
                                  factor ? " other than 0" : "", nn_node_show(n, shown));
        number++;
    }
    return NN_OK;
}

/* A list of different, not empty texts into name[count], behind which the array has a NULL. */
static nn_code read_names(char ***out, int *read, nn_node list, nn_err *err)
{
    nn_words seen = {0};
    nn_code rc = NN_OK;
    char shown[NN_SHOWN];
    int id = 0;

    *out = nn_alloc((size_t)nn_node_count(list) + 1, sizeof **out);
    if (*out == NULL)
        return nn_err_memory(err, "a list of names", 0);
    for (nn_node n = nn_node_first(list); rc == NN_OK && n.item != NULL; n = nn_node_next(n)) {
        const char *text = nn_node_text(n);
        bool fresh = false;

        if (!nn_node_is(n, NN_JSON_TEXT) || strlen(text) > NN_MAX_CLASS_NAME) {
            rc = nn_refuse_node(n, err, NULL, "expected a name of at most %d bytes, got %s",
                                NN_MAX_CLASS_NAME, nn_node_show(n, shown));
            continue;
        }
        rc = nn_words_add(&seen, text, strlen(text), &id, &fresh, err);
        if (rc == NN_OK && !fresh)
            rc = nn_refuse_node(n, err, NULL, "the name %s is there twice", nn_node_show(n, shown));
        if (rc == NN_OK && ((*out)[*read] = nn_strdup(text)) == NULL)
            rc = nn_err_memory(err, "a name", 0);
        *read += rc == NN_OK;
    }
    nn_words_free(&seen);
    return rc;
}

static nn_code read_classes(nn_prep *p, nn_node list, nn_err *err)
{
    const bool by_class = p->task == NN_TASK_MULTICLASS || p->task == NN_TASK_BINARY;
    char shown[NN_SHOWN];

    if (!nn_node_is(list, NN_JSON_ARRAY) || nn_node_count(list) > NN_MAX_CLASSES)
        return nn_refuse_node(list, err, NULL, "expected a list of at most %d classes, got %s",
                              NN_MAX_CLASSES, nn_node_show(list, shown));
    if (!by_class && nn_node_count(list) > 0)
        return nn_refuse_node(list, err, NULL, "classes, but the task is %s",
                              nn_task_words[p->task]);
    return nn_node_count(list) == 0 ? NN_OK
                                    : read_names(&p->classes.name, &p->classes.count, list, err);
}

static nn_code read_targets(nn_prep *p, nn_node given, nn_err *err)
{
    const char *text = nn_node_text(given);
    char shown[NN_SHOWN];

    if (nn_node_is(given, NN_JSON_NONE))
        return NN_OK;
    if (nn_node_is(given, NN_JSON_ARRAY) && nn_node_count(given) > 1) {
        NN_TRY(read_names(&p->targets.name, &p->targets.count, given, err));
    } else if (nn_node_is(given, NN_JSON_TEXT)) {
        p->targets.name = nn_alloc(2, sizeof *p->targets.name);
        if (p->targets.name == NULL || (p->targets.name[0] = nn_strdup(text)) == NULL)
            return nn_err_memory(err, "the preprocessing", 0);
        p->targets.count = 1;
        p->target_column = p->targets.name[0];
    } else {
        return nn_refuse_node(given, err, NULL, "expected a name, or a list of them, got %s",
                              nn_node_show(given, shown));
    }
    return NN_OK;
}

/* The table's encoder makes as many features as the shape has. */
static nn_code read_table(nn_prep *p, nn_node table, nn_err *err)
{
    if (nn_node_is(table, NN_JSON_NONE))
        return NN_OK;
    NN_TRY(nn_encoder_read(&p->encoder, table, err));
    const size_t rows = p->windows.window > 0 ? (size_t)p->windows.window : 1;
    if ((size_t)p->encoder->features * rows != nn_shape_len(&p->shape))
        return nn_refuse_node(table, err, NULL, "its columns make %d features, the shape has %zu",
                              p->encoder->features, nn_shape_len(&p->shape));
    p->column_count = p->encoder->column[0].name == NULL ? 0 : p->encoder->features;
    return nn_encoder_names(p->encoder, &p->column, err);
}

static nn_code read_place(nn_column_place *out, nn_node n, nn_err *err)
{
    char shown[NN_SHOWN];
    const double place = nn_node_number(n);

    out->place = -1;
    if (nn_node_is(n, NN_JSON_NONE))
        return NN_OK;
    if (nn_node_is(n, NN_JSON_TEXT)) {
        out->place = 0;
        out->name = nn_strdup(nn_node_text(n));
        return out->name == NULL ? nn_err_memory(err, "a column name", 0) : NN_OK;
    }
    if (!nn_node_is(n, NN_JSON_NUMBER) || place < 0 || place > NN_CSV_MAX_COLUMNS ||
        place != (int)place)
        return nn_refuse_node(n, err, NULL, "expected the name or the index of a column, got %s",
                              nn_node_show(n, shown));
    out->place = (int)place;
    return NN_OK;
}

static nn_code read_sequence(nn_prep *p, const stored *s, nn_node object, nn_err *err)
{
    const nn_sequence_conf *conf = &s->sequence;
    const size_t len = nn_shape_len(&p->shape);

    if (conf->window == 0)
        return NN_OK;
    p->windows = nn_sequence_windows(conf);
    p->season = conf->season > 0 ? conf->season : 1;
    if (len % (size_t)conf->window != 0)
        return nn_refuse_node(nn_node_get(object, "sequence"), err, NULL,
                              "a shape of %zu numbers is no window of %d rows", len, conf->window);
    NN_TRY(read_place(&p->series_column, conf->group, err));
    return read_place(&p->order_column, conf->order, err);
}

/* The length of a sample is that of the shape; a plain file's classes are its tokens. */
static nn_code read_text(nn_prep *p, nn_node text, nn_node classes, nn_err *err)
{
    const nn_vocabulary *v = NULL;

    if (nn_node_is(text, NN_JSON_NONE))
        return NN_OK;
    NN_TRY(nn_vocabulary_read(&p->vocabulary, text, err));
    v = p->vocabulary;
    if (nn_shape_len(&p->shape) != (size_t)v->length)
        return nn_refuse_node(text, err, NULL, "a length of %d, but the shape has %zu", v->length,
                              nn_shape_len(&p->shape));
    if (p->windows.window > 0 || p->scale != NN_SCALE_NONE)
        return nn_refuse_node(text, err, NULL, "text is no sequence and is not scaled");
    if (v->table)
        return NN_OK;
    if (nn_node_count(classes) != nn_vocabulary_count(v))
        return nn_refuse_node(text, err, NULL, "%d tokens, but there are %d classes",
                              nn_vocabulary_count(v), nn_node_count(classes));
    p->windows = nn_vocabulary_windows(v);
    p->season = 1;
    return NN_OK;
}

static nn_code read_scaling(nn_prep *p, const stored *s, nn_err *err)
{
    p->columns = nn_prep_columns(p);
    NN_TRY(read_numbers(&p->shift, s->shift, p->columns, false, err));
    NN_TRY(read_numbers(&p->factor, s->factor, p->columns, true, err));
    p->width = nn_node_count(s->target_shift);
    NN_TRY(read_numbers(&p->target_shift, s->target_shift, p->width, false, err));
    return read_numbers(&p->target_factor, s->target_factor, p->width, true, err);
}

static nn_code check_kinds(const stored *s, nn_node object, nn_err *err)
{
    size_t len = 0;

    if (s->task == NN_TASK_AUTO)
        return nn_refuse_node(nn_node_get(object, "task"), err, NULL,
                              "\"auto\" is no task of a model");
    if (s->scale == NN_SCALE_AUTO)
        return nn_refuse_node(nn_node_get(object, "scale"), err, NULL,
                              "\"auto\" is no scaling of a model");
    if (!nn_shape_len_checked(&s->shape, INT_MAX, &len))
        return nn_refuse_node(nn_node_get(object, "shape"), err, NULL,
                              "expected a shape of 1 to %d elements", INT_MAX);
    return NN_OK;
}

static nn_code fill(nn_prep *p, nn_node object, nn_node classes, nn_err *err)
{
    const size_t before = nn_problems_errors(nn_doc_problems(object.doc));
    stored s = {0};

    nn_fields_read(fields, object, NULL, &s);
    if (nn_problems_errors(nn_doc_problems(object.doc)) > before)
        return nn_problems_check(nn_doc_problems(object.doc), err);
    NN_TRY(check_kinds(&s, object, err));
    p->task = (nn_task)s.task;
    p->scale = (nn_scale)s.scale;
    p->target_scale = (nn_target_scale)s.target_scale;
    p->shape = s.shape;
    p->steps = s.steps;
    NN_TRY(read_sequence(p, &s, object, err));
    NN_TRY(read_text(p, s.text, classes, err));
    NN_TRY(read_table(p, s.table, err));
    NN_TRY(read_scaling(p, &s, err));
    NN_TRY(read_classes(p, classes, err));
    NN_TRY(nn_baseline_read(p, s.baseline, err));
    return read_targets(p, s.target, err);
}

nn_code nn_prep_read(nn_prep **out, nn_node object, nn_node classes, nn_err *err)
{
    nn_prep *p = nn_alloc(1, sizeof *p);
    nn_code rc = NN_OK;

    *out = NULL;
    if (p == NULL)
        return nn_err_memory(err, "the preprocessing", sizeof *p);
    rc = fill(p, object, classes, err);
    if (rc != NN_OK)
        nn_prep_free(p);
    else
        *out = p;
    return rc;
}
