/* Settling a run: data, graph, aim, preprocessing, and what the config's parts mean together. */
#include "run/setup.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/vocabulary.h"
#include "data/windows.h"
#include "run/classes.h"
#include "run/settle.h"
#include "run/stray.h"

static size_t errors(const nn_setup *s)
{
    return nn_problems_errors(&s->config->problems);
}

/* Keeps an error value among the problems, unless its finder has reported it there already. */
static nn_code note(nn_setup *s, nn_code rc, size_t errors_before, const nn_err *err)
{
    if (rc != NN_OK && errors(s) == errors_before)
        nn_problems_add_err(&s->config->problems, err, NULL);
    return rc;
}

/* The same for what a node of the config names; with a file goes the key that wants it. */
static nn_code note_data(nn_setup *s, nn_node node, nn_code rc, size_t errors_before,
                         const nn_err *err)
{
    char path[NN_PATH_TEXT], hint[NN_PATH_TEXT + 32];

    if (rc != NN_EFILE || errors(s) != errors_before)
        return note(s, rc, errors_before, err);
    snprintf(hint, sizeof hint, "named by %s", nn_node_path(node, path, sizeof path));
    nn_problems_add_err(&s->config->problems, err, hint);
    return rc;
}

static nn_load how_to_load(const nn_setup *s, const nn_setup_options *options)
{
    const nn_load how = {.dir = s->config->dir,
                         .conf = &s->config->data,
                         .task = s->task,
                         .targets_optional = options->targets_optional,
                         .threads = options->threads};
    return how;
}

static nn_code load(nn_dataset **out, nn_setup *s, nn_node node, const nn_load *how, nn_err *err)
{
    const size_t before = errors(s);
    nn_files files = {0};

    nn_files_read(node, &files);
    if (errors(s) > before)
        return nn_problems_check(&s->config->problems, err);
    return note_data(s, node, nn_dataset_load(out, &files, how, err), before, err);
}

/* The shape of a sample from nothing but the headers of the data files, if they tell it. */
static nn_code peek(nn_setup *s, nn_node node, const nn_setup_options *options, nn_shape *shape,
                    nn_data_size *size, nn_err *err)
{
    const size_t before = errors(s);
    const nn_load how = how_to_load(s, options);
    nn_files files = {0};

    if (nn_node_is(node, NN_JSON_NONE))
        return nn_problems_check(&s->config->problems, err);
    nn_files_read(node, &files);
    if (errors(s) > before)
        return nn_problems_check(&s->config->problems, err);
    return note_data(s, node, nn_dataset_peek(shape, size, &files, &how, err), before, err);
}

/* Numbers that stand for words or categories have nothing between them. */
static void check_blending(const nn_setup *s, nn_node augment)
{
    const nn_augment_conf *conf = &s->config->data.augment;

    for (int i = 0; i < s->graph->count && (conf->noise > 0 || conf->mixup > 0); i++) {
        const nn_layer *l = s->graph->layer[i];
        const bool names = nn_layer_is(l, "Embedding") || l->class->embeds_columns;

        if (names && l->from[0] < 0)
            nn_node_fault(augment, "Dropout behind the embedding blurs as well",
                          "\"%s\" (%s) takes numbers for names, which noise and mixup would blend",
                          l->name, l->class->kind.name);
    }
}

static nn_code make_graph(nn_setup *s, const nn_shape *shape, const nn_encoder *e, nn_err *err)
{
    const size_t before = errors(s);
    nn_config *c = s->config;
    const nn_node augment = nn_node_get(nn_node_get(nn_doc_root(c->doc), "data"), "augment");
    int *categories = NULL;

    s->looked_at_layers = true;
    nn_augment_check(&c->data.augment, shape, augment);
    if (!nn_node_is(c->model.layers, NN_JSON_ARRAY))
        return nn_problems_check(&c->problems, err);
    NN_TRY(note(s, nn_encoder_categories(&categories, e, shape, NN_ECONFIG, err), before, err));
    const nn_code rc =
        nn_graph_new(&s->graph, c->model.layers, *shape, &c->penalty, categories, err);
    nn_free(categories);
    if (rc == NN_OK)
        check_blending(s, augment);
    return note(s, rc, before, err);
}

/* Rows other than those to train on: the same columns and classes, and the same shape. */
static nn_code load_like_train(nn_dataset **out, nn_setup *s, nn_node node, const nn_encoder *e,
                               const nn_setup_options *options, nn_err *err)
{
    const nn_dataset *train = s->train_set;
    const size_t before = errors(s);
    nn_load how = how_to_load(s, options);
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];

    how.task = s->task;
    how.targets_optional = false;
    how.encoder = e;
    how.plain = e == NULL;
    how.vocabulary = s->vocabulary;
    if (train->classes.count > 0)
        how.classes = &train->classes;
    how.steps = train->steps;
    NN_TRY(load(out, s, node, &how, err));
    if (!nn_shape_equal(&(*out)->shape, &train->shape))
        return note(s,
                    nn_err_set(err, NN_EDATA, (*out)->name,
                               "expected samples of shape %s as in %s, found %s",
                               nn_shape_text(a, &train->shape), train->name,
                               nn_shape_text(b, &(*out)->shape)),
                    before, err);
    return NN_OK;
}

/* The task is what the config says or hints, else what the targets look like. */
static nn_task task_of(const nn_setup *s)
{
    const nn_raw_text *text = s->train_set->raw_text;

    if (text != NULL && text->end == NULL)
        return NN_TASK_MULTICLASS; /* which token comes next */
    if (s->task != NN_TASK_AUTO)
        return s->task;
    return s->train_set->classes.count > 0 ? NN_TASK_MULTICLASS : NN_TASK_REGRESSION;
}

/* The same bytes for training and test give a score that says nothing. */
static void warn_of_same_files(nn_setup *s)
{
    const nn_dataset *train = s->train_set;
    const nn_dataset *test = s->test_set;

    if (test == NULL || train->files == 0 || test->files == 0)
        return;
    if (memcmp(train->file[0].id.sha256, test->file[0].id.sha256, NN_SHA256_SIZE) == 0)
        nn_node_report(s->config->data.test, NN_WARNING, "same-file",
                       "its score says how well the rows were learnt by heart",
                       "the test samples are the training samples");
}

/* What was read otherwise than it stands there. */
static void warn_of_fields(const nn_dataset *d, nn_node node, bool trained_on)
{
    if (d == NULL)
        return;
    if (d->tiny > 0)
        nn_node_warn(node, NULL, "%zu numbers are too small to be told from 0, and are read as 0",
                     d->tiny);
    if (d->unknown > 0 && !trained_on)
        nn_node_warn(node, NULL, "%zu fields have categories that no training row has", d->unknown);
}

/* The data to train on, and which of its rows are for what. */
static nn_code load_train(nn_setup *s, const nn_setup_options *options, nn_err *err)
{
    const nn_config *c = s->config;
    const nn_load how = how_to_load(s, options);
    const size_t before = errors(s);
    nn_parts parts = {0};
    size_t limit = options->limit;

    NN_TRY(load(&s->train_set, s, c->data.train, &how, err));
    s->task = task_of(s);
    if (s->train_set->ordered)
        limit = 0; /* of windows, once there are any */
    NN_TRY(note(s, nn_parts_make(&parts, s->train_set, &c->validation, limit, c->seed, err), before,
                err));
    s->train = parts.train;
    s->validation = parts.validation;
    s->test = parts.test;
    return NN_OK;
}

/* Text becomes numbers, by the tokens of its training rows. */
static nn_code read_text(nn_setup *s, nn_err *err)
{
    const bool every = s->graph != NULL && s->graph->out.rank > 1;

    NN_TRY(nn_vocabulary_fit(&s->vocabulary, &s->train, &s->config->data.text, every, err));
    return nn_vocabulary_apply(s->vocabulary, s->train_set, err);
}

/* A table becomes samples, by what its training rows say. */
static nn_code encode(nn_encoder **out, nn_setup *s, nn_err *err)
{
    const nn_data_conf *conf = &s->config->data;
    const size_t before = errors(s);
    const bool sequence = conf->sequence.window > 0;
    const nn_windows windows = nn_sequence_windows(&conf->sequence);
    const nn_shape any = {0}, *shape = sequence ? &any : &conf->shape;

    if (s->train_set->raw_text != NULL)
        return note(s, read_text(s, err), before, err);
    if (s->train_set->raw == NULL)
        return NN_OK;
    NN_TRY(note(s, nn_encoder_fit(out, &s->train, conf, err), before, err));
    NN_TRY(
        note(s, nn_encoder_apply(*out, s->train_set, s->train_set->raw, shape, err), before, err));
    if (!sequence)
        return NN_OK;
    return note(s, nn_dataset_window(s->train_set, &windows, &conf->shape, err), before, err);
}

/* The parts of the training data become parts of its windows. */
static nn_code make_windows(nn_setup *s, const nn_setup_options *options, nn_err *err)
{
    const size_t before = errors(s);
    nn_parts parts = {s->train, s->validation, s->test};
    nn_code rc = NN_OK;

    if (s->train_set->windows.window == 0)
        return NN_OK;
    rc = nn_view_copy(&s->rows, &s->train, err);
    if (rc == NN_OK)
        rc = nn_parts_window(&parts, options->limit, s->config->seed, err);
    s->train = parts.train;
    s->validation = parts.validation;
    s->test = parts.test;
    return note(s, rc, before, err);
}

/* All samples of a file of its own. */
static nn_code take_all(nn_setup *s, nn_view *view, const nn_dataset *d, nn_err *err)
{
    const size_t before = errors(s);

    nn_view_free(view);
    return note(s, nn_view_all(view, d, err), before, err);
}

/* Validation and test rows that have files of their own. */
static nn_code load_others(nn_setup *s, const nn_encoder *e, const nn_setup_options *options,
                           nn_err *err)
{
    const nn_config *c = s->config;

    if (!nn_node_is(c->data.test, NN_JSON_NONE)) {
        if (s->test.count > 0)
            nn_node_fault(c->data.test, NULL, "both this and the split column name test rows");
        NN_TRY(nn_problems_check(&c->problems, err));
        NN_TRY(load_like_train(&s->test_set, s, c->data.test, e, options, err));
        NN_TRY(take_all(s, &s->test, s->test_set, err));
    }
    if (c->validation.has_files) {
        NN_TRY(load_like_train(&s->validation_set, s, c->validation.files.node, e, options, err));
        NN_TRY(take_all(s, &s->validation, s->validation_set, err));
    }
    warn_of_same_files(s);
    warn_of_fields(s->train_set, c->data.train, true);
    warn_of_fields(s->test_set, c->data.test, false);
    warn_of_fields(s->validation_set, c->validation.files.node, false);
    return NN_OK;
}

static int class_named(const nn_classes *classes, const char *name)
{
    for (int i = 0; i < classes->count; i++)
        if (strcmp(classes->name[i], name) == 0)
            return i;
    return -1;
}

static void balanced_weights(nn_setup *s)
{
    const int classes = s->train_set->classes.count;

    const nn_view *rows = nn_setup_rows(s);
    const size_t labels = s->train_set->steps > 1 ? (size_t)s->train_set->steps : 1;

    for (size_t i = 0; i < rows->count; i++)
        for (size_t k = 0; k < labels; k++)
            s->class_weight[s->train_set->label[nn_view_row(rows, i) * labels + k]] += 1;
    for (int k = 0; k < classes; k++)
        if (s->class_weight[k] > 0)
            s->class_weight[k] = (double)(rows->count * labels) / (classes * s->class_weight[k]);
}

static void given_weights(nn_setup *s, nn_node object)
{
    const nn_classes *classes = &s->train_set->classes;
    char shown[NN_SHOWN];

    for (int k = 0; k < classes->count; k++)
        s->class_weight[k] = 1;
    for (nn_node n = nn_node_first(object); !nn_node_is(n, NN_JSON_NONE); n = nn_node_next(n)) {
        const int k = class_named(classes, nn_node_key(n));
        const char *near = nn_text_nearest(nn_node_key(n), (const char *const *)classes->name);

        if (k < 0)
            nn_node_fault(n, near, "there is no such class in the data");
        else if (!nn_node_is(n, NN_JSON_NUMBER) || nn_node_number(n) < 0)
            nn_node_fault(n, NULL, "expected a number from 0, got %s", nn_node_show(n, shown));
        else
            s->class_weight[k] = nn_node_number(n);
    }
}

static nn_code weigh_classes(nn_setup *s, nn_err *err)
{
    const nn_node n = s->config->training.class_weight;
    const char *word = nn_node_text(n);
    char shown[NN_SHOWN];

    if (nn_node_is(n, NN_JSON_NONE) || strcmp(word, "none") == 0)
        return NN_OK;
    if (!nn_node_is(n, NN_JSON_OBJECT) && strcmp(word, "balanced") != 0) {
        nn_node_fault(n, NULL, "expected \"none\", \"balanced\" or {class: weight}, got %s",
                      nn_node_show(n, shown));
        return NN_OK;
    }
    if (s->train_set->classes.count == 0) {
        nn_node_fault(n, NULL, "class weights need classes, but the task is %s",
                      nn_task_words[s->task]);
        return NN_OK;
    }
    s->class_weight = nn_alloc((size_t)s->train_set->classes.count, sizeof *s->class_weight);
    if (s->class_weight == NULL)
        return nn_err_memory(err, "class weights", 0);
    if (nn_node_is(n, NN_JSON_OBJECT))
        given_weights(s, n);
    else
        balanced_weights(s);
    return NN_OK;
}

static void check_monitor(const nn_setup *s, const char *object, const char *name)
{
    const nn_node root = nn_doc_root(s->config->doc);
    const nn_node parent = nn_node_get(root, object);
    const nn_node given = nn_node_get(parent, "monitor");
    const nn_node at = nn_node_is(given, NN_JSON_NONE) ? parent : given;
    nn_monitor monitor;
    nn_buf names = {0};

    if (!nn_monitor_find(&monitor, name, s->metric, s->metrics)) {
        nn_buf_put(&names, "there are loss, val_loss");
        for (int i = 0; i < s->metrics; i++)
            nn_buf_printf(&names, ", %s, val_%s", s->metric[i].kind->name, s->metric[i].kind->name);
        nn_node_fault(at, names.data, "no value of this name is measured");
        nn_buf_free(&names);
    } else if (monitor.validation && s->validation.count == 0) {
        nn_node_report(at, NN_ERROR, "no-validation",
                       "set `validation`, or monitor a training value",
                       "%s needs validation rows, and there are none", name);
    }
}

static void check_monitors(const nn_setup *s)
{
    const nn_config *c = s->config;
    const nn_schedule_class *schedule = (const nn_schedule_class *)c->schedule.kind;

    if (c->early.monitor != NULL)
        check_monitor(s, "early_stopping", c->early.monitor);
    if (c->checkpoint.monitor != NULL)
        check_monitor(s, "checkpoint", c->checkpoint.monitor);
    if (schedule != NULL && schedule->monitor != NULL)
        check_monitor(s, "schedule", schedule->monitor(&c->schedule.conf));
}

static void settle_batch(nn_setup *s)
{
    const nn_config *c = s->config;
    const size_t rows = s->train.count;

    s->batch_size = c->training.batch_size;
    if (s->batch_size == 0 || (size_t)s->batch_size > rows) {
        if (s->batch_size != 0 && c->training.drop_last)
            nn_node_fault(c->training.batch, "take a smaller batch_size",
                          "drop_last leaves no batch: there are %zu training rows", rows);
        else if (s->batch_size != 0 && !nn_node_is(c->training.batch, NN_JSON_NONE))
            nn_node_report(c->training.batch, NN_WARNING, "batch-over-rows", NULL,
                           "there are only %zu training rows: all of them make one batch", rows);
        s->batch_size = (int)rows;
    }
}

/* A layer that takes statistics of the batch must not meet a batch of one row. */
static void check_single_rows(const nn_setup *s)
{
    const nn_config *c = s->config;
    const size_t batch = (size_t)s->batch_size;
    const bool has_batch = !nn_node_is(c->training.batch, NN_JSON_NONE);
    const nn_node at = has_batch ? c->training.batch : c->model.layers;

    for (int i = 0; i < s->graph->count; i++) {
        const nn_layer *l = s->graph->layer[i];

        if (!l->needs_two || !l->trainable)
            continue;
        if (batch == 1)
            nn_node_report(at, NN_ERROR, "single-row-batch", "take a larger batch_size",
                           "the %s layer \"%s\" cannot train on batches of one row",
                           l->class->kind.name, l->name);
        else if (s->train.count % batch == 1 && !c->training.drop_last)
            nn_node_report(at, NN_ERROR, "single-row-batch",
                           "set training.drop_last, or take another batch_size",
                           "%zu training rows in batches of %zu leave one row over, and the %s "
                           "layer \"%s\" cannot train on a batch of one row",
                           s->train.count, batch, l->class->kind.name, l->name);
        else
            continue;
        return; /* the others would say the same */
    }
}

/* An embedding must have a row for every number of the vocabulary. */
static void check_vocabulary(const nn_setup *s)
{
    const nn_node first = nn_node_at(s->config->model.layers, 0);
    const nn_node rows = nn_node_get(first, "input_dim");

    if (s->vocabulary == NULL || !nn_layer_is(s->graph->layer[0], "Embedding"))
        return;
    const int count = nn_vocabulary_count(s->vocabulary);
    if (nn_node_number(rows) < count)
        nn_node_report(rows, NN_ERROR, "vocabulary-size", "or lower data.text.vocabulary",
                       "the text has a vocabulary of %d numbers, so expected at least %d, got %.0f",
                       count, count, nn_node_number(rows));
}

static bool is_never_negative(const nn_choice *act)
{
    static const char *const name[] = {"relu", "sigmoid", "softmax", "hard_sigmoid", "softplus"};

    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
        if (act->kind != NULL && strcmp(act->kind->name, name[i]) == 0)
            return true;
    return false;
}

/* The first training row with a target below 0, as the network is to learn it; -1: none. */
static double negative_row(const nn_setup *s)
{
    const nn_dataset *d = s->train_set;
    const nn_view *rows = nn_setup_rows(s);
    const size_t width = nn_dataset_target_pitch(d);

    for (size_t i = 0; i < rows->count; i++)
        for (size_t k = 0; k < width; k++)
            if (d->value[nn_view_row(rows, i) * width + k] < 0)
                return (double)nn_view_row(rows, i);
    return -1;
}

/* A last layer that cannot give the numbers that are wanted of it. */
static void check_reach(const nn_setup *s)
{
    const nn_node layers = s->config->model.layers;
    const nn_layer *last = s->graph->layer[s->graph->count - 1];
    const nn_node at = nn_node_at(layers, nn_node_count(layers) - 1);
    const char *const remedy = "give the last layer a linear activation";

    if (s->task != NN_TASK_REGRESSION || s->train_set->value == NULL ||
        !is_never_negative(&last->act))
        return;
    if (s->config->data.target_scale == NN_TARGET_STANDARD)
        nn_node_report(at, NN_ERROR, "negative-targets", remedy,
                       "%s is never below 0, but targets scaled to mean 0 are",
                       last->act.kind->name);
    else if (s->config->data.target_scale != NN_TARGET_MINMAX && negative_row(s) >= 0)
        nn_node_report(at, NN_ERROR, "negative-targets", remedy,
                       "%s is never below 0, but the target of row %.0f is", last->act.kind->name,
                       negative_row(s));
}

static nn_code settle_aim(nn_setup *s, nn_err *err)
{
    const nn_dataset *d = s->train_set;
    const size_t before = errors(s);
    nn_aim aim;

    NN_TRY(note(s, nn_stray_check(s, err), before, err));
    nn_settle(&aim, s->config, s->graph, s->task, d->classes.count,
              d->label != NULL   ? nn_dataset_labels(d)
              : d->value != NULL ? d->width
                                 : (int)nn_shape_len(&s->graph->out));
    s->task = aim.task;
    s->loss = aim.loss;
    s->metrics = aim.metrics;
    memcpy(s->metric, aim.metric, sizeof aim.metric);
    NN_TRY(weigh_classes(s, err));
    check_monitors(s);
    settle_batch(s);
    check_single_rows(s);
    check_vocabulary(s);
    check_reach(s);
    return nn_problems_check(&s->config->problems, err);
}

/* Everything that needs the data. *e is the encoder of a table, until the preprocessing takes it.
 */
static nn_code settle_data(nn_setup *s, const nn_setup_options *options, nn_encoder **e,
                           nn_err *err)
{
    nn_config *c = s->config;
    nn_encoder *taken = NULL;

    NN_TRY(load_train(s, options, err));
    NN_TRY(encode(e, s, err));
    NN_TRY(make_windows(s, options, err));
    NN_TRY(load_others(s, *e, options, err));
    if (s->graph == NULL)
        NN_TRY(make_graph(s, &s->train_set->shape, *e, err));
    NN_TRY(settle_aim(s, err));
    taken = *e;
    *e = NULL;
    NN_TRY(note(
        s, nn_prep_fit(&s->prep, nn_setup_rows(s), taken, &c->data, s->task, &c->problems, err),
        errors(s), err));
    s->prep->vocabulary = s->vocabulary;
    return nn_classes_check(s, err);
}

/*
 * Something is wrong already. The layers may have faults as well, though a fault of the data hides
 * what they take, and so may the files that are not open yet.
 */
static void look_further(nn_setup *s, const nn_setup_options *options)
{
    const nn_config *c = s->config;
    const bool no_train = s->train_set == NULL, no_test = s->test_set == NULL;
    const bool has_test = !nn_node_is(c->data.test, NN_JSON_NONE);
    nn_shape shape = {0};
    nn_data_size size;
    nn_err later = {0};
    nn_code rc = NN_OK;

    if (!s->looked_at_layers && c->data.shape.rank > 0)
        rc = make_graph(s, &c->data.shape, NULL, &later);
    else if (!s->looked_at_layers && nn_node_is(c->model.layers, NN_JSON_ARRAY))
        rc = nn_graph_check(c->model.layers, &later);
    if (no_train && has_test)
        rc = peek(s, c->data.test, options, &shape, &size, &later);
    if (c->validation.has_files && (no_train || (has_test && no_test)))
        rc = peek(s, c->validation.files.node, options, &shape, &size, &later);
    (void)rc; /* what was found is among the problems */
}

/* The other files count as well where the training data's size is known without reading it. */
static void add_sizes(nn_setup *s, const nn_setup_options *options)
{
    const nn_load how = how_to_load(s, options);
    const nn_node node[] = {s->config->data.test, s->config->validation.files.node};

    for (size_t i = 0; s->size.rows > 0 && i < sizeof node / sizeof node[0]; i++) {
        const size_t before = errors(s);
        nn_files files = {0};
        nn_data_size size = {0};
        nn_shape shape;
        nn_err later = {0};

        if (!nn_node_is(node[i], NN_JSON_OBJECT))
            continue;
        nn_files_read(node[i], &files);
        if (errors(s) == before && nn_dataset_peek(&shape, &size, &files, &how, &later) == NN_OK)
            s->size.bytes += size.bytes;
    }
}

static nn_code settle(nn_setup *s, const nn_setup_options *options, nn_err *err)
{
    nn_shape shape = {0};
    nn_encoder *encoder = NULL;
    nn_code rc = NN_OK;

    rc = peek(s, s->config->data.train, options, &shape, &s->size, err);
    if (rc == NN_OK && shape.rank > 0)
        rc = make_graph(s, &shape, NULL, err);
    if (rc == NN_OK) {
        s->task = nn_settle_hint(s->config, s->graph);
        rc = nn_problems_check(&s->config->problems, err); /* a wrong config reads no data */
    }
    if (rc == NN_OK && (options->depth == NN_SETUP_DATA || s->graph == NULL))
        rc = settle_data(s, options, &encoder, err);
    nn_encoder_free(encoder);
    if (rc == NN_OK && s->train_set == NULL)
        add_sizes(s, options);
    if (rc == NN_OK)
        rc = nn_problems_check(&s->config->problems, err);
    if (rc != NN_OK)
        look_further(s, options);
    return rc;
}

nn_code nn_setup_new(nn_setup **out, nn_config *config, const nn_setup_options *options,
                     nn_err *err)
{
    nn_setup *s = nn_alloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return nn_err_memory(err, "the run", sizeof *s);
    s->config = config;
    s->task = (nn_task)config->data.task;
    const nn_code rc = settle(s, options, err);
    if (rc != NN_OK) {
        nn_setup_free(s);
        return rc;
    }
    *out = s;
    return NN_OK;
}

const nn_view *nn_setup_rows(const nn_setup *s)
{
    return s->rows.count > 0 ? &s->rows : &s->train;
}

void nn_setup_free(nn_setup *s)
{
    if (s == NULL)
        return;
    nn_view_free(&s->train);
    nn_view_free(&s->validation);
    nn_view_free(&s->test);
    nn_view_free(&s->rows);
    nn_dataset_free(s->train_set);
    nn_dataset_free(s->validation_set);
    nn_dataset_free(s->test_set);
    if (s->prep == NULL)
        nn_vocabulary_free(s->vocabulary);
    nn_prep_free(s->prep);
    nn_graph_free(s->graph);
    nn_free(s->class_weight);
    nn_free(s);
}
