/* Writing a settled config back as JSON: every default and every choice filled in. */
#include "run/setup.h"

#include <string.h>

/* `"key":{fields}` with a comma before it. */
static void write_object(const char *key, const nn_table *table, const void *conf, nn_buf *out)
{
    nn_buf_printf(out, ",\"%s\":{", key);
    nn_fields_write(table->fields, conf, true, out);
    nn_buf_char(out, '}');
}

static void write_choice(const char *key, const nn_choice *choice, nn_buf *out)
{
    nn_buf_printf(out, ",\"%s\":", key);
    nn_choice_write(choice, out);
}

static void write_metrics(const nn_setup *s, nn_buf *out)
{
    nn_buf_put(out, ",\"metrics\":[");
    for (int i = 0; i < s->metrics; i++) {
        if (i > 0)
            nn_buf_char(out, ',');
        nn_choice_write(&s->metric[i], out);
    }
    nn_buf_char(out, ']');
}

static const nn_table *table_of(const char *key)
{
    const nn_field *f = nn_config_table.fields;

    while (strcmp(f->key, key) != 0)
        f++;
    return f->table;
}

/* The data object with the task as it was settled, so that the resolved config means the same
 * again. */
static void write_data(const nn_setup *s, nn_buf *out)
{
    nn_data_conf data = s->config->data;

    data.task = s->task;
    write_object("data", &nn_data_table, &data, out);
}

/* The value that makes a model the best, which hangs on whether there are rows to validate. */
static void write_checkpoint(const nn_setup *s, nn_buf *out)
{
    nn_checkpoint_conf c = s->config->checkpoint;

    if (c.monitor == NULL)
        c.monitor = s->validation.count > 0 ? "val_loss" : "loss";
    write_object("checkpoint", table_of("checkpoint"), &c, out);
}

static void write_validation(const nn_setup *s, nn_buf *out)
{
    nn_validation_conf v = s->config->validation;

    if (v.method == NN_SPLIT_AUTO && s->train_set != NULL)
        v.method = (int)nn_split_usual(s->train_set);
    nn_buf_put(out, ",\"validation\":");
    nn_validation_write(&v, out);
}

void nn_setup_write(const nn_setup *s, nn_buf *out)
{
    const nn_config *c = s->config;

    nn_buf_put(out, "{\"name\":");
    nn_buf_json(out, c->name);
    nn_buf_printf(out, c->seed < (1ULL << 53) ? ",\"seed\":%llu" : ",\"seed\":\"%llu\"",
                  (unsigned long long)c->seed);
    write_data(s, out);
    write_validation(s, out);
    nn_buf_put(out, ",\"model\":{\"layers\":");
    nn_graph_write(s->graph, out);
    nn_buf_char(out, '}');
    write_choice("loss", &s->loss, out);
    write_choice("optimizer", &c->optimizer, out);
    write_choice("schedule", &c->schedule, out);
    write_object("regularization", &nn_penalty_table, &c->penalty, out);
    write_metrics(s, out);
    write_object("training", table_of("training"), &c->training, out);
    if (c->early.monitor != NULL)
        write_object("early_stopping", table_of("early_stopping"), &c->early, out);
    write_checkpoint(s, out);
    write_object("logging", table_of("logging"), &c->logging, out);
    nn_buf_char(out, '}');
}
