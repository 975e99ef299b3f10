/* nnctl init: starter configs. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/nearest.h"
#include "cli/session.h"
#include "cli/template.h"
#include "run/propose.h"

typedef struct conf {
    const char *out;
    const char *from;
    const char *target;
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

static nn_code put(nn_session *s, const char *text, size_t len, nn_err *err)
{
    const conf *c = s->conf;

    if (c->out != NULL)
        return nn_file_write(c->out, text, len, c->force ? NN_REPLACE_EXISTING : NN_REFUSE_EXISTING,
                             err);
    nn_buf_add(&s->out, text, len);
    return NN_OK;
}

/*
 * The table as a config in that place will find it: as it was given when the config stands in the
 * current directory, else from the root. nn_free it.
 */
static nn_code locate(char **path, const conf *c, nn_err *err)
{
    char *dir = c->out == NULL ? nn_strdup(".") : nn_path_dir(c->out);
    char root[PATH_MAX];

    if (dir == NULL)
        return nn_err_memory(err, "a path", 0);
    const bool is_here = strcmp(dir, ".") == 0;
    nn_free(dir);
    if (!is_here && realpath(c->from, root) == NULL)
        return nn_err_sys(err, c->from, "cannot be found");
    *path = nn_strdup(is_here ? c->from : root);
    return *path == NULL ? nn_err_memory(err, "a path", 0) : NN_OK;
}

/* A config made for a table. */
static nn_code propose(nn_session *s, nn_err *err)
{
    const conf *c = s->conf;
    const nn_profile_options options = {.target = c->target, .last = c->target == NULL};
    nn_profile *table = NULL;
    nn_buf text = {0};
    char *path = NULL;
    nn_code rc;

    if (c->out != NULL && nn_path_is_same(c->out, c->from))
        return nn_err_set(err, NN_EUSAGE, c->out, "this file is an input as well");
    rc = nn_profile_new(&table, c->from, &options, err);
    if (rc == NN_OK && table->text == NULL && strcmp(table->format, "csv") != 0)
        rc = nn_err_set(err, NN_EUSAGE, c->from,
                        "--from is for CSV files and text; for arrays take a template, such as "
                        "mlp");
    if (rc == NN_OK && (rc = locate(&path, c, err)) == NN_OK)
        rc = table->text != NULL ? nn_propose_text(&text, table->text, path, err)
                                 : nn_propose(&text, table, path, err);
    if (rc == NN_OK)
        rc = put(s, text.data, text.len, err);
    nn_profile_free(table);
    nn_buf_free(&text);
    nn_free(path);
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const conf *c = s->conf;
    const char *name = nn_session_word(s, 0);
    const nn_template *t;

    if (c->from != NULL && name != NULL)
        return nn_err_set(err, NN_EUSAGE, "init", "expected a template or --from, not both");
    if (c->from == NULL && c->target != NULL)
        return nn_err_set(err, NN_EUSAGE, "init", "--target belongs to --from");
    if (c->from != NULL)
        return propose(s, err);
    if (name == NULL && c->out != NULL)
        return nn_err_set(err, NN_EUSAGE, "init", "expected a template to write to %s", c->out);
    if (name == NULL) {
        list(s);
        return NN_OK;
    }
    NN_TRY(find(&t, name, err));
    return put(s, (const char *)t->text, t->len, err);
}

static const nn_option options[] = {
    {.name = "from",
     .value = "FILE",
     .read = nn_read_text,
     .at = offsetof(conf, from),
     .complete = NN_COMPLETE_FILE,
     .help = "look at this CSV or text file and propose a config for it"},
    {.name = "target",
     .value = "COLUMN",
     .read = nn_read_text,
     .at = offsetof(conf, target),
     .help = "what is to be predicted, by name or place; without it the last column"},
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
    {"nnctl init --from houses.csv --target price -o houses.json",
     "writes a config that predicts the price, ready to train"},
    {"nnctl init --from tales.txt -o tales.json", "one of a text, for nnctl generate"},
    {NULL, NULL},
};

const nn_command nn_command_init = {
    .name = "init",
    .summary = "print a starter config",
    .text = "Prints a starter config, to be changed by hand; alone, lists the templates. With\n"
            "--from it looks at a table or a text, and what it prints can be trained as it is.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .examples = examples,
    .run = run,
};
