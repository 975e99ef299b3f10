/* Settling a run: data, graph, aim, preprocessing, and what the config's parts mean together. */
#include "run/setup.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "run/settle.h"

static size_t errors(const nn_setup *s)
{
    return nn_problems_errors(&s->config->problems);
}

/* Keeps an error value among the problems, unless its finder has reported it there already. */
static nn_code note(nn_setup *s, nn_code rc, size_t errors_before, const nn_err *err)
{
    if (rc != NN_OK && errors(s) == errors_before)
        nn_problems_add_err(&s->config->problems, err);
    return rc;
}

static nn_load how_to_load(const nn_setup *s, bool targets_optional)
{
    const nn_load how = {.dir = s->config->dir,
                         .conf = &s->config->data,
                         .task = s->task,
                         .targets_optional = targets_optional};
    return how;
}

static nn_code load(nn_dataset **out, nn_setup *s, nn_node node, const nn_load *how, nn_err *err)
{
    const size_t before = errors(s);
    nn_files files = {0};

    nn_files_read(node, &files);
    if (errors(s) > before)
        return nn_problems_check(&s->config->problems, err);
    return note(s, nn_dataset_load(out, &files, how, err), before, err);
}

/* The graph, from nothing but the headers of the data files. */
static nn_code make_graph(nn_setup *s, bool targets_optional, nn_err *err)
{
    const size_t before = errors(s);
    const nn_load how = how_to_load(s, targets_optional);
    nn_config *c = s->config;
    nn_files files = {0};
    nn_shape shape;
    size_t rows;

    if (nn_node_is(c->data.train, NN_JSON_NONE))
        return nn_problems_check(&c->problems, err);
    nn_files_read(c->data.train, &files);
    if (errors(s) > before)
        return nn_problems_check(&c->problems, err);
    NN_TRY(note(s, nn_dataset_peek(&shape, &rows, &files, &how, err), before, err));
    nn_augment_check(&c->data.augment, &shape,
                     nn_node_get(nn_node_get(nn_doc_root(c->doc), "data"), "augment"));
    if (!nn_node_is(c->model.layers, NN_JSON_ARRAY))
        return nn_problems_check(&c->problems, err);
    return note(s, nn_graph_new(&s->graph, c->model.layers, shape, &c->penalty, err), before, err);
}

/* A split other than the training rows: the same columns and classes, and the same shape. */
static nn_code load_like_train(nn_dataset **out, nn_setup *s, nn_node node, nn_err *err)
{
    const nn_dataset *train = s->train_set;
    const size_t before = errors(s);
    nn_load how = how_to_load(s, false);
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];

    how.task = s->task;
    if (train->classes.count > 0)
        how.classes = &train->classes;
    if (train->column != NULL) {
        how.column = train->column;
        how.columns = (int)nn_shape_len(&train->shape);
    }
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
        nn_node_warn(s->config->data.test, "its score says how well the rows were learnt by heart",
                     "the test samples are the training samples");
}

static nn_code load_all(nn_setup *s, const nn_setup_options *options, nn_err *err)
{
    nn_config *c = s->config;
    const nn_load how = how_to_load(s, options->targets_optional);

    NN_TRY(load(&s->train_set, s, c->data.train, &how, err));
    s->task = task_of(s);
    if (!nn_node_is(c->data.test, NN_JSON_NONE))
        NN_TRY(load_like_train(&s->test_set, s, c->data.test, err));
    warn_of_same_files(s);
    if (c->validation.has_files)
        NN_TRY(load_like_train(&s->validation_set, s, c->validation.files.node, err));
    return NN_OK;
}

static nn_code split(nn_setup *s, size_t limit, nn_err *err)
{
    const nn_config *c = s->config;
    nn_view all = {0};
    nn_code rc =
        nn_view_limit(&all, s->train_set, limit > 0 ? limit : s->train_set->rows, c->seed, err);

    if (rc == NN_OK && (c->validation.has_files || c->validation.fraction <= 0)) {
        s->train = all; /* handed over */
        memset(&all, 0, sizeof all);
    } else if (rc == NN_OK) {
        rc = nn_split(&s->train, &s->validation, &all, c->validation.fraction,
                      (nn_split_method)c->validation.method, c->seed, err);
    }
    nn_view_free(&all);
    if (s->validation_set != NULL)
        s->validation = (nn_view){s->validation_set, NULL, s->validation_set->rows};
    if (s->test_set != NULL)
        s->test = (nn_view){s->test_set, NULL, s->test_set->rows};
    return rc;
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

    for (size_t i = 0; i < s->train.count; i++)
        s->class_weight[s->train_set->label[nn_view_row(&s->train, i)]] += 1;
    for (int k = 0; k < classes; k++)
        if (s->class_weight[k] > 0)
            s->class_weight[k] = (double)s->train.count / (classes * s->class_weight[k]);
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
            nn_node_fault(at, "take a larger batch_size",
                          "the %s layer \"%s\" cannot train on batches of one row",
                          l->class->kind.name, l->name);
        else if (s->train.count % batch == 1 && !c->training.drop_last)
            nn_node_fault(at, "set training.drop_last, or take another batch_size",
                          "%zu training rows in batches of %zu leave one row over, and the %s "
                          "layer \"%s\" cannot train on a batch of one row",
                          s->train.count, batch, l->class->kind.name, l->name);
        else
            continue;
        return; /* the others would say the same */
    }
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
    const size_t width = (size_t)d->width;

    for (size_t i = 0; i < s->train.count; i++)
        for (size_t k = 0; k < width; k++)
            if (d->value[nn_view_row(&s->train, i) * width + k] < 0)
                return (double)nn_view_row(&s->train, i);
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
    nn_aim aim;

    nn_settle(&aim, s->config, s->graph, s->task, d->classes.count,
              d->value != NULL ? d->width : (int)nn_shape_len(&s->graph->out));
    s->task = aim.task;
    s->loss = aim.loss;
    s->metrics = aim.metrics;
    memcpy(s->metric, aim.metric, sizeof aim.metric);
    NN_TRY(weigh_classes(s, err));
    check_monitors(s);
    settle_batch(s);
    check_single_rows(s);
    check_reach(s);
    return nn_problems_check(&s->config->problems, err);
}

static nn_code settle_data(nn_setup *s, const nn_setup_options *options, nn_err *err)
{
    nn_config *c = s->config;
    const size_t before = errors(s);

    NN_TRY(load_all(s, options, err));
    NN_TRY(note(s, split(s, options->limit, err), before, err));
    NN_TRY(settle_aim(s, err));
    return note(s, nn_prep_fit(&s->prep, &s->train, &c->data, s->task, &c->problems, err),
                errors(s), err);
}

static nn_code settle(nn_setup *s, const nn_setup_options *options, nn_err *err)
{
    NN_TRY(make_graph(s, options->targets_optional, err));
    s->task = nn_settle_hint(s->config, s->graph);
    NN_TRY(nn_problems_check(&s->config->problems, err)); /* no data is read for a wrong config */
    if (options->depth == NN_SETUP_DATA)
        NN_TRY(settle_data(s, options, err));
    return nn_problems_check(&s->config->problems, err);
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

void nn_setup_free(nn_setup *s)
{
    if (s == NULL)
        return;
    nn_view_free(&s->train);
    if (s->validation_set == NULL) /* else it has no rows of its own */
        nn_view_free(&s->validation);
    nn_dataset_free(s->train_set);
    nn_dataset_free(s->validation_set);
    nn_dataset_free(s->test_set);
    nn_prep_free(s->prep);
    nn_graph_free(s->graph);
    nn_free(s->class_weight);
    nn_free(s);
}
