/* nnctl check: everything that can be found wrong before training. */
#include <string.h>

#include "cli/prepare.h"
#include "run/lint.h"
#include "view/format.h"

static void put_text(nn_buf *out, const char *key, const char *text)
{
    nn_buf_printf(out, ",\"%s\":", key);
    if (text != NULL)
        nn_buf_json(out, text);
    else
        nn_buf_put(out, "null");
}

static void put_number(nn_buf *out, const char *key, int value)
{
    if (value > 0)
        nn_buf_printf(out, ",\"%s\":%d", key, value);
    else
        nn_buf_printf(out, ",\"%s\":null", key);
}

static void put_json(nn_buf *out, bool ok, const nn_problems *problems)
{
    nn_buf_printf(out, "{\"ok\":%s,\"problems\":[", ok ? "true" : "false");
    for (size_t i = 0; i < problems->count; i++) {
        const nn_problem *p = &problems->list[i];

        nn_buf_printf(out, "%s{\"severity\":\"%s\"", i == 0 ? "" : ",",
                      p->severity == NN_WARNING ? "warning" : "error");
        put_text(out, "file", p->file);
        put_number(out, "line", p->line);
        put_number(out, "column", p->column);
        put_text(out, "path", p->path);
        put_text(out, "message", p->message);
        put_text(out, "hint", p->hint);
        put_text(out, "id", p->id);
        nn_buf_char(out, '}');
    }
    nn_buf_put(out, "]}\n");
}

static void put_view(nn_buf *out, const char *name, const nn_view *view)
{
    char rows[NN_FORMAT_TEXT];

    if (view->count > 0)
        nn_buf_printf(out, ", %s %s", nn_format_count(rows, view->count), name);
}

static void put_summary(nn_buf *out, const nn_setup *setup, const nn_memory *memory)
{
    const char *name = nn_doc_name(setup->config->doc);
    char shown[NN_SHOWN];
    char parameters[NN_FORMAT_TEXT];
    char rows[NN_FORMAT_TEXT];
    char bytes[NN_FORMAT_TEXT];

    nn_buf_printf(out, "%s: ok: %s, %s parameters; rows: %s to train",
                  nn_text_show(shown, sizeof shown, name, strlen(name), 200),
                  nn_task_words[setup->task], nn_format_count(parameters, setup->graph->parameters),
                  nn_format_count(rows, setup->train.count));
    put_view(out, "to validate", &setup->validation);
    put_view(out, "to test", &setup->test);
    nn_buf_printf(out, "; training takes %s of memory\n", nn_format_bytes(bytes, memory->total));
}

/* A training that the machine has no memory for is refused here as `train` would. */
static nn_code check_memory(const nn_session *s, const nn_setup *setup, nn_memory *memory,
                            nn_err *err)
{
    nn_code rc = nn_setup_memory(setup, nn_session_threads(s), memory, err);

    if (rc == NN_OK)
        rc = nn_memory_check(memory, err);
    if (rc != NN_OK)
        nn_problems_add_err(&setup->config->problems, err, NULL);
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA, .threads = nn_session_threads(s)};
    const char *path = nn_session_word(s, 0);
    nn_prepared p = {0};
    nn_memory memory;
    nn_code rc = nn_prepare(&p, s, path, &options, err);

    if (rc == NN_OK)
        rc = nn_lint(p.setup, err);
    if (rc == NN_OK)
        rc = check_memory(s, p.setup, &memory, err);
    if (s->common.json) {
        put_json(&s->out, rc == NN_OK, nn_prepared_problems(&p));
        s->told = nn_problems_errors(nn_prepared_problems(&p)) > 0; /* the JSON says it */
    } else {
        nn_session_problems(s, nn_prepared_problems(&p));
    }
    if (rc == NN_OK && !s->common.json)
        put_summary(&s->out, p.setup, &memory);
    nn_prepared_free(&p);
    return rc;
}

static const nn_argument arguments[] = {
    {"CONFIG", false, NN_COMPLETE_FILE, "the config to check; - is stdin"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl check mlp.json", "names everything that is wrong, each with its line"},
    {"nnctl check --json mlp.json", "the same for an editor"},
    {NULL, NULL},
};

const nn_command nn_command_check = {
    .name = "check",
    .summary = "find everything that is wrong before training",
    .text = "Reads a config and its data and names everything that is wrong with them:\n"
            "keys, types, ranges, the graph, shapes, labels. Trains nothing. Warnings name\n"
            "what can be trained, but should not be: each has an id, as [no-activation].",
    .arguments = arguments,
    .takes_set = true,
    .examples = examples,
    .busy = "checking",
    .run = run,
};
