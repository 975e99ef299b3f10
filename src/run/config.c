/* The tables of the config's objects, and reading a config by them. */
#include "run/config.h"

#include <limits.h>
#include <string.h>

#include "base/file.h"
#include "base/gz.h"
#include "base/mem.h"

#define AT(type, member) offsetof(type, member)

static const char *const nonfinite_words[] = {"stop", "skip", "rollback", NULL};
static const char *const exploding_words[] = {"stop", "warn", "ignore", NULL};

static const nn_field training_fields[] = {
    {.key = "epochs",
     .type = NN_FIELD_INT,
     .at = AT(nn_training_conf, epochs),
     .fallback = "10",
     .range = "[1,1000000000]",
     .help = "passes over the training rows"},
    {.key = "batch_size",
     .type = NN_FIELD_NODE,
     .at = AT(nn_training_conf, batch),
     .fallback = "32",
     .form = "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1,\"maximum\":1048576},"
             "{\"const\":\"full\"}],\"default\":32}",
     .help = "rows per step, or \"full\" for all of them in one step"},
    {.key = "shuffle",
     .type = NN_FIELD_BOOL,
     .at = AT(nn_training_conf, shuffle),
     .fallback = "true",
     .help = "a new order of the rows each epoch, a function of (seed, epoch)"},
    {.key = "drop_last",
     .type = NN_FIELD_BOOL,
     .at = AT(nn_training_conf, drop_last),
     .fallback = "false",
     .help = "leave out the last batch of an epoch when it is smaller"},
    {.key = "class_weight",
     .type = NN_FIELD_NODE,
     .at = AT(nn_training_conf, class_weight),
     .fallback = "\"none\"",
     .form = "{\"anyOf\":[{\"enum\":[\"none\",\"balanced\"]},{\"type\":\"object\","
             "\"additionalProperties\":{\"type\":\"number\",\"minimum\":0}}]}",
     .help = "how much a class counts: \"none\", \"balanced\", or {class: weight}; others count 1"},
    {.key = "clip_norm",
     .type = NN_FIELD_NUM,
     .at = AT(nn_training_conf, clip.norm),
     .fallback = "null",
     .range = "(0,)",
     .help = "scale all gradients down together when their norm is above this"},
    {.key = "clip_value",
     .type = NN_FIELD_NUM,
     .at = AT(nn_training_conf, clip.value),
     .fallback = "null",
     .range = "(0,)",
     .help = "cut each gradient to [-clip_value, clip_value]"},
    {.key = "on_nonfinite",
     .type = NN_FIELD_WORD,
     .at = AT(nn_training_conf, on_nonfinite),
     .fallback = "\"stop\"",
     .words = nonfinite_words,
     .help = "when a step's loss or gradients are NaN or infinite: stop (status 8), skip the step, "
             "or rollback to what the epoch began with, halving the learning rate"},
    {.key = "most_nonfinite",
     .type = NN_FIELD_INT,
     .at = AT(nn_training_conf, most_nonfinite),
     .fallback = "10",
     .range = "[1,1000000000]",
     .help = "steps of an epoch that may be skipped or rolled back; one more stops the training"},
    {.key = "on_exploding",
     .type = NN_FIELD_WORD,
     .at = AT(nn_training_conf, on_exploding),
     .fallback = "\"stop\"",
     .words = exploding_words,
     .help = "when the loss is over 10000 times that of the first steps for 100 steps: stop "
             "(status 8), or warn; both also warn of gradients over 1000 times the usual"},
    {.key = NULL},
};
static const nn_table training_table = {"training", "how the weights are fitted", training_fields};

static const nn_field early_fields[] = {
    {.key = "monitor",
     .type = NN_FIELD_TEXT,
     .at = AT(nn_early_conf, monitor),
     .fallback = "\"val_loss\"",
     .help = "the value that must get better: loss, val_loss, a metric, or val_<metric>"},
    {.key = "patience",
     .type = NN_FIELD_INT,
     .at = AT(nn_early_conf, patience),
     .fallback = "5",
     .range = "[0,1000000000]",
     .help = "epochs without improvement before training stops"},
    {.key = "min_delta",
     .type = NN_FIELD_NUM,
     .at = AT(nn_early_conf, min_delta),
     .fallback = "0",
     .range = "[0,)",
     .help = "a smaller change is no improvement"},
    {.key = NULL},
};
static const nn_table early_table = {"early_stopping", "when to stop before the last epoch",
                                     early_fields};

static const nn_field checkpoint_fields[] = {
    {.key = "monitor",
     .type = NN_FIELD_TEXT,
     .at = AT(nn_checkpoint_conf, monitor),
     .fallback = "null",
     .help = "what makes a model the best; absent: val_loss, or loss without validation"},
    {.key = "every",
     .type = NN_FIELD_NODE,
     .at = AT(nn_checkpoint_conf, every.node),
     .fallback = "1",
     .form = "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000000000},"
             "{\"type\":\"string\",\"pattern\":\"^[0-9.]+[smhd]$\"}],\"default\":1}",
     .help = "when all is written that --resume needs: after so many epochs (at most once a "
             "second), or, also within an epoch, after a time such as \"10m\""},
    {.key = NULL},
};
static const nn_table checkpoint_table = {"checkpoint", "what is kept on disk, and when",
                                          checkpoint_fields};

static const nn_field logging_fields[] = {
    {.key = "tensorboard",
     .type = NN_FIELD_BOOL,
     .at = AT(nn_logging_conf, tensorboard),
     .fallback = "false",
     .help = "write the figures of every epoch to an event file in the run directory as well"},
    {.key = NULL},
};
static const nn_table logging_table = {"logging", "for other programs to look at", logging_fields};

static const nn_field model_fields[] = {
    {.key = "layers",
     .type = NN_FIELD_LIST,
     .at = AT(nn_model_conf, layers),
     .family = &nn_layers,
     .common = &nn_layer_common,
     .help = "the layers, each taking the output of the one before it unless it has `inputs`"},
    {.key = NULL},
};
static const nn_table model_table = {"model", "the network", model_fields};

static const nn_field root_fields[] = {
    {.key = "$schema",
     .type = NN_FIELD_TEXT,
     .at = AT(nn_config, schema),
     .fallback = "null",
     .help = "for editors: the path of nnctl.schema.json"},
    {.key = "name",
     .type = NN_FIELD_TEXT,
     .at = AT(nn_config, name),
     .fallback = "\"run\"",
     .help = "names the directory under runs/: a letter or digit, then up to 63 of A-Za-z0-9._-"},
    {.key = "seed",
     .type = NN_FIELD_SEED,
     .at = AT(nn_config, seed),
     .fallback = "0",
     .help = "everything random follows from it"},
    {.key = "data",
     .type = NN_FIELD_OBJECT,
     .at = AT(nn_config, data),
     .table = &nn_data_table,
     .help = "what to learn from"},
    {.key = "validation",
     .type = NN_FIELD_NODE,
     .at = AT(nn_config, validation_node),
     .fallback = "null",
     .form = nn_validation_form,
     .help =
         "rows held back to judge each epoch: a fraction, {\"fraction\", \"method\"}, or files; "
         "0.1 when absent, 0 for none"},
    {.key = "model",
     .type = NN_FIELD_OBJECT,
     .at = AT(nn_config, model),
     .table = &model_table,
     .help = "the network"},
    {.key = "loss",
     .type = NN_FIELD_CHOICE,
     .at = AT(nn_config, loss),
     .fallback = "null",
     .family = &nn_losses,
     .help = "what is minimised; by the task when absent"},
    {.key = "optimizer",
     .type = NN_FIELD_CHOICE,
     .at = AT(nn_config, optimizer),
     .fallback = "\"adam\"",
     .family = &nn_optimizers,
     .help = "the update rule"},
    {.key = "schedule",
     .type = NN_FIELD_CHOICE,
     .at = AT(nn_config, schedule),
     .fallback = "\"constant\"",
     .family = &nn_schedules,
     .help = "how the learning rate changes"},
    {.key = "regularization",
     .type = NN_FIELD_OBJECT,
     .at = AT(nn_config, penalty),
     .fallback = "{}",
     .table = &nn_penalty_table,
     .help = "a penalty on every kernel that has none of its own"},
    {.key = "metrics",
     .type = NN_FIELD_LIST,
     .at = AT(nn_config, metrics_node),
     .fallback = "null",
     .family = &nn_metrics,
     .help = "what is reported beside the loss; by the task when absent"},
    {.key = "training",
     .type = NN_FIELD_OBJECT,
     .at = AT(nn_config, training),
     .fallback = "{}",
     .table = &training_table,
     .help = "how the weights are fitted"},
    {.key = "early_stopping",
     .type = NN_FIELD_OBJECT,
     .at = AT(nn_config, early),
     .fallback = "null",
     .table = &early_table,
     .help = "when to stop before the last epoch; never when absent"},
    {.key = "checkpoint",
     .type = NN_FIELD_OBJECT,
     .at = AT(nn_config, checkpoint),
     .fallback = "{}",
     .table = &checkpoint_table,
     .help = "what is kept on disk, and when"},
    {.key = "logging",
     .type = NN_FIELD_OBJECT,
     .at = AT(nn_config, logging),
     .fallback = "{}",
     .table = &logging_table,
     .help = "for other programs to look at"},
    {.key = NULL},
};
const nn_table nn_config_table = {
    "config", "A config is one JSON object; // and /* */ comments are allowed.", root_fields};

bool nn_is_run_name(const char *name)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const size_t len = strlen(name);

    return len >= 1 && len <= 64 && strchr(first, name[0]) != NULL && strspn(name, rest) == len;
}

static void read_name(nn_config *c, nn_node root)
{
    char shown[NN_SHOWN];
    const nn_node n = nn_node_get(root, "name");

    if (c->name == NULL)
        c->name = "run";
    if (!nn_is_run_name(c->name))
        nn_node_fault(n, NULL, "expected " NN_RUN_NAME_FORM ", got %s", nn_node_show(n, shown));
}

static void read_batch_size(nn_config *c)
{
    char shown[NN_SHOWN];
    const nn_node n = c->training.batch;
    const double size = nn_node_number(n);

    c->training.batch_size = 32;
    if (nn_node_is(n, NN_JSON_NONE))
        return;
    if (nn_node_is(n, NN_JSON_TEXT) && strcmp(nn_node_text(n), "full") == 0)
        c->training.batch_size = 0;
    else if (nn_node_is(n, NN_JSON_NUMBER) && size >= 1 && size <= 1048576 && size == (int)size)
        c->training.batch_size = (int)size;
    else
        nn_node_fault(n, NULL, "expected an integer from 1 to 1048576, or \"full\", got %s",
                      nn_node_show(n, shown));
}

static void read_every(nn_every *every)
{
    char shown[NN_SHOWN];
    const nn_node n = every->node;
    const double epochs = nn_node_number(n);

    every->epochs = 1;
    if (nn_node_is(n, NN_JSON_NONE))
        return;
    if (nn_node_is(n, NN_JSON_NUMBER) && epochs >= 1 && epochs <= 1e9 && epochs == (int)epochs)
        every->epochs = (int)epochs;
    else if (!nn_node_is(n, NN_JSON_TEXT) ||
             !nn_parse_seconds(nn_node_text(n), strlen(nn_node_text(n)), &every->seconds))
        nn_node_fault(n, NULL,
                      "expected an integer from 1 to 1000000000, or a time such as \"10m\", got %s",
                      nn_node_show(n, shown));
}

static void read_metrics(nn_config *c)
{
    c->metrics = nn_node_is(c->metrics_node, NN_JSON_NONE) ? -1 : 0;
    if (c->metrics < 0 || !nn_node_is(c->metrics_node, NN_JSON_ARRAY))
        return; /* the field's reader has reported what is no list */
    for (nn_node n = nn_node_first(c->metrics_node); !nn_node_is(n, NN_JSON_NONE);
         n = nn_node_next(n)) {
        if (c->metrics == NN_MAX_METRICS) {
            nn_node_fault(n, NULL, "expected at most %d metrics", NN_MAX_METRICS);
            return;
        }
        nn_choice *choice = &c->metric[c->metrics];
        nn_choice_read(&nn_metrics, n, choice);
        for (int i = 0; i < c->metrics; i++)
            if (choice->kind != NULL && c->metric[i].kind == choice->kind)
                nn_node_fault(n, NULL, "the metric \"%s\" is named twice", choice->kind->name);
        c->metrics += choice->kind != NULL;
    }
}

/* Nobody trains for nothing by accident. */
static void check_rate(const nn_config *c)
{
    const nn_node optimizer = nn_node_get(nn_doc_root(c->doc), "optimizer");
    nn_rate rate;

    memcpy(&rate, c->optimizer.conf.bytes, sizeof rate); /* every optimizer's conf begins with it */
    if (c->optimizer.kind != NULL && rate.learning_rate == 0 && !rate.allow_zero_lr)
        nn_node_fault(nn_node_get(optimizer, "learning_rate"),
                      "set allow_zero_lr beside it when nothing is to be learnt",
                      "expected a number above 0, got 0");
}

static nn_code copy_source(nn_config *c, const nn_config_source *source, nn_err *err)
{
    c->bytes = nn_strndup(source->bytes, source->len);
    c->len = source->len;
    c->dir = source->dir != NULL ? nn_strdup(source->dir) : nn_path_dir(source->name);
    if (c->bytes == NULL || c->dir == NULL)
        return nn_err_memory(err, "the config", source->len);
    return NN_OK;
}

static nn_code apply_sets(nn_config *c, const nn_config_source *source, nn_err *err)
{
    for (int i = 0; i < source->set_count; i++)
        NN_TRY(nn_doc_set(c->doc, source->sets[i], err));
    return NN_OK;
}

static nn_code parse(nn_config *c, const nn_config_source *source, nn_err *err)
{
    const nn_json_source json = {source->name, source->code, source->code == NN_ECONFIG};

    NN_TRY(copy_source(c, source, err));
    if (source->code == NN_ECONFIG) /* written by hand: all that is wrong with it is of use */
        NN_TRY(nn_doc_parse_whole(&c->doc, &json, source->bytes, source->len, &c->problems, err));
    else
        NN_TRY(nn_doc_parse(&c->doc, &json, source->bytes, source->len, &c->problems, err));
    return apply_sets(c, source, err);
}

nn_code nn_config_read(nn_config **out, const nn_config_source *source, nn_err *err)
{
    nn_config *c = nn_alloc(1, sizeof *c);
    nn_code rc;

    *out = NULL;
    if (c == NULL)
        return nn_err_memory(err, "the config", sizeof *c);
    *out = c; /* also when parsing fails: the problems found are in it */
    if ((rc = parse(c, source, err)) != NN_OK)
        return rc;
    const nn_node root = nn_doc_root(c->doc);
    nn_fields_read(root_fields, root, NULL, c);
    read_name(c, root);
    check_rate(c);
    read_batch_size(c);
    read_every(&c->checkpoint.every);
    read_metrics(c);
    nn_validation_read(c->validation_node, &c->validation);
    return nn_problems_check(&c->problems, err);
}

/* All of stdin, for `nnctl train -`. */
static nn_code read_stdin(char **bytes, size_t *len, nn_err *err)
{
    nn_gz *f = NULL;
    nn_code rc;
    char *block = nn_alloc(NN_JSON_MAX_BYTES + 1, 1);

    if (block == NULL)
        return nn_err_memory(err, "stdin", NN_JSON_MAX_BYTES);
    if ((rc = nn_gz_open_fd(&f, "<stdin>", 0, err)) == NN_OK)
        rc = nn_gz_read(f, block, NN_JSON_MAX_BYTES + 1, len, err);
    nn_gz_close(f);
    if (rc == NN_OK && *len > NN_JSON_MAX_BYTES)
        rc = nn_err_set(err, NN_ECONFIG, "<stdin>", "expected a config of at most %d bytes",
                        NN_JSON_MAX_BYTES);
    if (rc != NN_OK) {
        nn_free(block);
        return rc;
    }
    *bytes = block;
    return NN_OK;
}

nn_code nn_config_load(nn_config **out, const char *path, const char *const *sets, int set_count,
                       nn_err *err)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    char *bytes = NULL;
    size_t len = 0;
    nn_code rc;

    *out = NULL;
    if (is_stdin)
        rc = read_stdin(&bytes, &len, err);
    else
        rc = nn_file_read(&bytes, &len, path, NN_JSON_MAX_BYTES, err);
    if (rc == NN_OK) {
        const nn_config_source source = {is_stdin ? "<stdin>" : path,
                                         is_stdin ? "" : NULL,
                                         bytes,
                                         len,
                                         NN_ECONFIG,
                                         sets,
                                         set_count};
        rc = nn_config_read(out, &source, err);
    }
    nn_free(bytes);
    return rc;
}

void nn_config_free(nn_config *c)
{
    if (c == NULL)
        return;
    nn_doc_free(c->doc);
    nn_problems_free(&c->problems);
    nn_free(c->bytes);
    nn_free(c->dir);
    nn_free(c);
}
