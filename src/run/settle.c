/* Deciding what a network is for: task, loss, metrics, head. */
#include "run/settle.h"

#include <string.h>

static bool is_kind(const nn_choice *choice, const char *name)
{
    return choice->kind != NULL && strcmp(choice->kind->name, name) == 0;
}

static const nn_loss_class *class_of(const nn_choice *loss)
{
    return (const nn_loss_class *)loss->kind;
}

static const nn_layer *last_layer(const nn_graph *g)
{
    return g->layer[g->count - 1];
}

/* The last layer as far as a graph, or the config alone, tells of it. */
typedef struct ending {
    int width; /* 0: not known */
    bool linear;
} ending;

static ending ending_of(const nn_config *c, const nn_graph *g)
{
    const nn_node layers = c->model.layers;
    const nn_node last = nn_node_at(layers, nn_node_count(layers) - 1);
    const char *const act = nn_node_text(nn_node_get(last, "activation"));
    ending e = {0};

    if (g != NULL) {
        e.width = (int)nn_shape_len(&g->out);
        e.linear = nn_activation_is_linear(&last_layer(g)->act);
    } else {
        e.width = (int)nn_node_number(nn_node_get(last, "units"));
        e.linear = e.width > 0 && (*act == '\0' || strcmp(act, "linear") == 0);
    }
    return e;
}

nn_task nn_settle_hint(const nn_config *c, const nn_graph *g)
{
    if (c->data.task != NN_TASK_AUTO || c->loss.kind == NULL)
        return (nn_task)c->data.task;
    const nn_loss_class *class = class_of(&c->loss);
    const ending e = ending_of(c, g);

    if (class->wants_classes)
        return NN_TASK_MULTICLASS;
    if (class->wants_binary)
        return e.width == 0 ? NN_TASK_AUTO : e.width == 1 ? NN_TASK_BINARY : NN_TASK_MULTILABEL;
    /* A squared error on a linear output is a regression, whole numbers or not. */
    return e.linear ? NN_TASK_REGRESSION : NN_TASK_AUTO;
}

static void default_choice(nn_choice *out, const nn_family *family, const char *name)
{
    nn_choice_default(out, nn_family_find(family, name));
}

static const char *default_loss(nn_task task)
{
    switch (task) {
    case NN_TASK_MULTICLASS:
        return "sparse_categorical_crossentropy";
    case NN_TASK_BINARY:
    case NN_TASK_MULTILABEL:
        return "binary_crossentropy";
    default:
        return "mse";
    }
}

/*
 * A class for each step: the last layer must give a row of outputs for each. One answer for a list
 * of class numbers is how one-hot targets look.
 */
static void check_steps(const nn_aim *aim, const nn_graph *g, nn_node at)
{
    const nn_shape expected = nn_shape_2(aim->steps, aim->classes);
    char shape[NN_SHAPE_TEXT], wanted[NN_SHAPE_TEXT];

    if (g->out.rank == 1)
        nn_node_report(
            at, NN_ERROR, "output-units",
            "one-hot targets are to be class numbers, one a sample; for classes of steps "
            "give the layers before return_sequences",
            "the last layer \"%s\" gives %s, one answer a sample, but there are %d class "
            "numbers a sample",
            last_layer(g)->name, nn_shape_text(shape, &g->out), aim->steps);
    else if (!nn_shape_equal(&g->out, &expected))
        nn_node_report(at, NN_ERROR, "output-units",
                       "the number of units must be the number of classes, for every step",
                       "the last layer \"%s\" gives %s, expected %s, as each of %d steps is one of "
                       "%d classes",
                       last_layer(g)->name, nn_shape_text(shape, &g->out),
                       nn_shape_text(wanted, &expected), aim->steps, aim->classes);
}

/* The last layer must give as many numbers as the targets have. */
static void check_width(const nn_aim *aim, const nn_graph *g, int width, nn_node layers)
{
    const nn_layer *last = last_layer(g);
    const nn_node at = nn_node_at(layers, nn_node_count(layers) - 1);
    const int out = (int)nn_shape_len(&g->out);
    char shape[NN_SHAPE_TEXT];

    if (aim->steps > 1) {
        check_steps(aim, g, at);
        return;
    }
    if (aim->classes > 0 && nn_shape_last(&g->out) != out)
        nn_node_report(at, NN_ERROR, "output-units", "put a Flatten before it, or behind it",
                       "the classes of a sample stand in one row, but the last layer \"%s\" gives "
                       "%s",
                       last->name, nn_shape_text(shape, &g->out));
    else if (out == width || aim->task == NN_TASK_BINARY) /* which one output has made it */
        return;
    else if (aim->classes > 0)
        nn_node_report(at, NN_ERROR, "output-units",
                       "the number of units must be the number of classes",
                       "the last layer \"%s\" gives %s, but the data has %d class%s", last->name,
                       nn_shape_text(shape, &g->out), aim->classes, aim->classes == 1 ? "" : "es");
    else
        nn_node_report(at, NN_ERROR, "output-units",
                       "the number of units must be the number of target values",
                       "the last layer \"%s\" gives %s, but a target has %d %s", last->name,
                       nn_shape_text(shape, &g->out), width, width == 1 ? "value" : "values");
}

static void check_loss_task(const nn_aim *aim, const nn_graph *g, nn_node root)
{
    const nn_loss_class *class = class_of(&aim->loss);
    const char *task = nn_task_words[aim->task];
    const int out = (int)nn_shape_len(&g->out);
    const nn_node loss = nn_node_get(root, "loss");
    const nn_node at = nn_node_is(loss, NN_JSON_NONE) ? nn_node_get(root, "model") : loss;

    if (class->wants_classes && aim->classes == 0)
        nn_node_report(at, NN_ERROR, "loss-task", "use mse, mae or huber for numbers",
                       "%s is for classes, but the task is %s", class->kind.name, task);
    else if (class->wants_classes && out == 1)
        nn_node_report(at, NN_ERROR, "output-units",
                       "use binary_crossentropy with one sigmoid unit, or give two softmax units",
                       "%s needs one output per class, the last layer gives one", class->kind.name);
    else if (class->wants_binary && aim->classes > 0 && out > 1)
        nn_node_report(
            at, NN_ERROR, "softmax-binary",
            "use categorical_crossentropy with softmax, or set the task to multilabel",
            "binary_crossentropy over %d outputs does not fit classes that exclude each other",
            out);
    else if (class->wants_binary && aim->task == NN_TASK_REGRESSION)
        nn_node_report(at, NN_ERROR, "loss-task", "use mse, mae or huber for numbers",
                       "binary_crossentropy is for 0 and 1, but the task is regression");
}

/* The name of the mistake of this activation before this loss. */
static const char *head_mistake(const nn_loss_class *loss, const nn_choice *act)
{
    if (loss->wants_binary && is_kind(act, "softmax"))
        return "softmax-binary";
    if (loss->wants_classes && is_kind(act, "sigmoid"))
        return "sigmoid-multiclass";
    return "loss-head";
}

/* The activation that the network ends in, be it that of a layer inside its last one. */
static const nn_choice *last_act(const nn_graph *g)
{
    const nn_layer *l = last_layer(g);

    while (l->class->inner > 0 && nn_activation_is_linear(&l->act))
        l = l->inner[0];
    return &l->act;
}

/*
 * A cross-entropy is computed with the softmax or sigmoid before it. Everything else before it is a
 * mistake that would train to nonsense without a word.
 */
static void take_head(const nn_aim *aim, nn_graph *g, nn_node root)
{
    const nn_loss_class *class = class_of(&aim->loss);
    const nn_choice *act = &last_layer(g)->act;
    const nn_node layers = nn_node_get(nn_node_get(root, "model"), "layers");
    const nn_node at = nn_node_at(layers, nn_node_count(layers) - 1);

    if (is_kind(act, "softmax") && nn_shape_last(&g->out) == 1) {
        nn_node_report(at, NN_ERROR, "softmax-one-unit", "use sigmoid for one unit",
                       "softmax over one unit is always 1");
        return;
    }
    if (class->head == NULL)
        return;
    if (nn_loss_from_logits(&aim->loss)) {
        if (!nn_activation_is_linear(last_act(g)))
            nn_node_report(at, NN_ERROR, "loss-head", "take the activation away, or from_logits",
                           "from_logits expects a linear last layer, got %s",
                           last_act(g)->kind->name);
        else
            default_choice(&g->head, &nn_activations, class->head);
        return;
    }
    if (nn_graph_split_head(g, class->head))
        return;
    const bool softmax_like = is_kind(act, "softmax") || is_kind(act, "sigmoid");
    if (nn_activation_is_linear(act) || softmax_like)
        nn_node_report(at, NN_ERROR, head_mistake(class, act),
                       "give the last layer that activation (or set from_logits)",
                       "%s expects %s in the last layer, got %s", class->kind.name, class->head,
                       act->kind->name);
}

static void default_metrics(nn_aim *aim)
{
    default_choice(&aim->metric[0], &nn_metrics,
                   aim->task == NN_TASK_REGRESSION ? "mae" : "accuracy");
    aim->metrics = 1;
}

static void settle_metrics(nn_aim *aim, const nn_config *c)
{
    const bool classes = aim->task != NN_TASK_REGRESSION;

    if (c->metrics < 0) {
        default_metrics(aim);
        return;
    }
    nn_node n = nn_node_first(c->metrics_node);
    for (int i = 0; i < c->metrics; i++, n = nn_node_next(n)) {
        const nn_metric_class *class = (const nn_metric_class *)c->metric[i].kind;

        aim->metric[i] = c->metric[i];
        if (classes ? !class->for_classes : !class->for_numbers)
            nn_node_report(n, NN_ERROR, "metric-task", NULL,
                           "the metric \"%s\" is for %s, but the task is %s", class->kind.name,
                           classes ? "numbers" : "classes", nn_task_words[aim->task]);
    }
    aim->metrics = c->metrics;
}

/* Two classes are one yes-or-no number or two that exclude each other, as the network has it. */
static nn_task task_for(nn_task task, int classes, int outputs)
{
    if (classes != 2)
        return task;
    return outputs == 1 ? NN_TASK_BINARY : NN_TASK_MULTICLASS;
}

void nn_settle(nn_aim *aim, nn_config *c, nn_graph *g, nn_task task, int classes, int width)
{
    const nn_node root = nn_doc_root(c->doc);
    const nn_node layers = c->model.layers;

    memset(aim, 0, sizeof *aim);
    aim->steps = classes > 0 ? width : 1;
    aim->task = task_for(task, classes, (int)nn_shape_len(&g->out) / aim->steps);
    aim->classes = classes;
    if (c->loss.kind != NULL)
        aim->loss = c->loss;
    else
        default_choice(&aim->loss, &nn_losses, default_loss(aim->task));
    check_width(aim, g, classes > 0 ? classes : width, layers);
    if (aim->steps == 1 || g->out.rank > 1) { /* else nothing that they say would be of use */
        check_loss_task(aim, g, root);
        take_head(aim, g, root);
    }
    settle_metrics(aim, c);
}

bool nn_monitor_find(nn_monitor *out, const char *name, const nn_choice *metric, int metrics)
{
    out->validation = strncmp(name, "val_", 4) == 0;
    out->metric = -1;
    out->higher_is_better = false;
    if (out->validation)
        name += 4;
    if (strcmp(name, "loss") == 0)
        return true;
    for (int i = 0; i < metrics; i++)
        if (is_kind(&metric[i], name)) {
            out->metric = i;
            out->higher_is_better = ((const nn_metric_class *)metric[i].kind)->higher_is_better;
            return true;
        }
    return false;
}
