/* nnctl init: starter configs. */
#include <string.h>

#include "base/file.h"
#include "cli/nearest.h"
#include "cli/session.h"
#include "cli/template.h"

typedef struct conf {
    const char *out;
    bool force;
} conf;

/* What the template says of itself: its first line, "// ...", without the slashes. */
static const char *about(const nn_template *t, int *len)
{
    const char *text = (const char *)t->text + 3;
    const char *end = memchr(text, '\n', t->len - 3);

    *len = (int)(end - text);
    return text;
}

static void list(nn_session *s)
{
    const bool json = s->common.json;

    nn_buf_put(&s->out, json ? "[" : "");
    for (const nn_template *t = nn_templates; t->name != NULL; t++) {
        int len;
        const char *text = about(t, &len);

        if (json) {
            nn_buf_printf(&s->out, "%s{\"name\":\"%s\",\"about\":", t == nn_templates ? "" : ",",
                          t->name);
            nn_buf_json_n(&s->out, text, (size_t)len);
            nn_buf_char(&s->out, '}');
        } else {
            nn_buf_printf(&s->out, "%-12s  %.*s\n", t->name, len, text);
        }
    }
    nn_buf_put(&s->out, json ? "]\n" : "");
}

static nn_code find(const nn_template **out, const char *name, nn_err *err)
{
    nn_nearest nearest = {name, "", NULL, 0};

    for (*out = nn_templates; (*out)->name != NULL; ++*out) {
        if (strcmp((*out)->name, name) == 0)
            return NN_OK;
        nn_nearest_try(&nearest, (*out)->name);
    }
    return nn_nearest_refuse(&nearest, "init", "template", "see \"nnctl init\"", err);
}

static nn_code run(nn_session *s, nn_err *err)
{
    const conf *c = s->conf;
    const char *name = nn_session_word(s, 0);
    const nn_template *t;

    if (name == NULL && c->out != NULL)
        return nn_err_set(err, NN_EUSAGE, "init", "expected a template to write to %s", c->out);
    if (name == NULL) {
        list(s);
        return NN_OK;
    }
    NN_TRY(find(&t, name, err));
    if (c->out != NULL)
        return nn_file_write(c->out, t->text, t->len,
                             c->force ? NN_REPLACE_EXISTING : NN_REFUSE_EXISTING, err);
    nn_buf_add(&s->out, (const char *)t->text, t->len);
    return NN_OK;
}

static const nn_option options[] = {
    {.name = "out",
     .letter = 'o',
     .value = "FILE",
     .read = nn_read_text,
     .at = offsetof(conf, out),
     .complete = NN_COMPLETE_FILE,
     .help = "write the config to FILE"},
    {.name = "force", .at = offsetof(conf, force), .help = "replace FILE when it exists"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"TEMPLATE", true, NN_COMPLETE_TEMPLATE, "the name of a template; without it they are listed"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl init", "lists the templates"},
    {"nnctl init mlp -o mlp.json", "writes a config for images of digits"},
    {NULL, NULL},
};

const nn_command nn_command_init = {
    .name = "init",
    .summary = "print a starter config",
    .text = "Prints a starter config, to be changed by hand; alone, lists the templates.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .examples = examples,
    .run = run,
};
