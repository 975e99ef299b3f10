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

static void write_training(const nn_setup *s, nn_buf *out)
{
    const nn_training_conf *t = &s->config->training;

    write_object("training", table_of("training"), t, out);
    /* Its default is no JSON node that could be written; a failed text has no last brace. */
    if (nn_node_is(t->batch, NN_JSON_NONE) && !out->failed) {
        out->data[--out->len] = '\0';
        nn_buf_printf(out, ",\"batch_size\":%d}", t->batch_size);
    }
}

void nn_setup_write(const nn_setup *s, nn_buf *out)
{
    const nn_config *c = s->config;

    nn_buf_put(out, "{\"name\":");
    nn_buf_json(out, c->name);
    nn_buf_printf(out, c->seed < (1ULL << 53) ? ",\"seed\":%llu" : ",\"seed\":\"%llu\"",
                  (unsigned long long)c->seed);
    write_data(s, out);
    nn_buf_put(out, ",\"validation\":");
    nn_validation_write(&c->validation, out);
    nn_buf_put(out, ",\"model\":{\"layers\":");
    nn_graph_write(s->graph, out);
    nn_buf_char(out, '}');
    write_choice("loss", &s->loss, out);
    write_choice("optimizer", &c->optimizer, out);
    write_choice("schedule", &c->schedule, out);
    write_object("regularization", &nn_penalty_table, &c->penalty, out);
    write_metrics(s, out);
    write_training(s, out);
    if (c->early.monitor != NULL)
        write_object("early_stopping", table_of("early_stopping"), &c->early, out);
    write_object("checkpoint", table_of("checkpoint"), &c->checkpoint, out);
    write_object("logging", table_of("logging"), &c->logging, out);
    nn_buf_char(out, '}');
}
