/* nnctl help: the overview, a command, the keys of a config, the manual page, the schema. */
#include "cli/help.h"

#include <string.h>

#include "cli/nearest.h"
#include "cli/session.h"
#include "run/config.h"

typedef struct conf {
    bool man;
    bool schema;
} conf;

/* A member of a group: help data info. */
static nn_code explain_member(const nn_command *group, const char *word, nn_buf *out, nn_err *err)
{
    const nn_command *member =
        group == NULL || group->members == NULL ? NULL : nn_command_find(group->members, word);
    nn_nearest nearest = {word, "", NULL, 0};

    if (member != NULL) {
        nn_help_command(member, out);
        return NN_OK;
    }
    for (int i = 0; group != NULL && group->members != NULL && group->members[i] != NULL; i++)
        nn_nearest_try(&nearest, nn_command_word(group->members[i]));
    return nn_nearest_refuse(&nearest, "help", "topic", "expected one topic", err);
}

static nn_code explain(const char *topic, nn_buf *out, nn_err *err)
{
    const nn_command *command = nn_command_find(nn_commands, topic);
    nn_nearest nearest = {topic, "", NULL, 0};

    if (command != NULL) {
        nn_help_command(command, out);
        return NN_OK;
    }
    if (strcmp(topic, "config") == 0) {
        nn_buf_put(out, "# The config\n\nThis page is what `nnctl help config` prints.\n\n");
        nn_table_manual(&nn_config_table, out);
        return NN_OK;
    }
    nn_nearest_try(&nearest, "config");
    for (int i = 0; nn_commands[i] != NULL; i++)
        nn_nearest_try(&nearest, nn_commands[i]->name);
    return nn_nearest_refuse(&nearest, "help", "topic", "expected a command, or config", err);
}

static nn_code run(nn_session *s, nn_err *err)
{
    const conf *c = s->conf;
    const char *topic = nn_session_word(s, 0);

    if (c->man + c->schema + (topic != NULL) > 1)
        return nn_err_set(err, NN_EUSAGE, "help",
                          "expected a topic, --man or --schema, not several");
    if (c->man)
        nn_help_manual(&s->out);
    else if (c->schema)
        nn_table_schema(&nn_config_table, "nnctl config", &s->out);
    else if (nn_session_word(s, 1) != NULL)
        return explain_member(nn_command_find(nn_commands, topic), nn_session_word(s, 1), &s->out,
                              err);
    else if (topic != NULL)
        return explain(topic, &s->out, err);
    else
        nn_help_overview(&s->out);
    return NN_OK;
}

static const nn_option options[] = {
    {.name = "man", .at = offsetof(conf, man), .help = "the manual page, for man -l -"},
    {.name = "schema",
     .at = offsetof(conf, schema),
     .help = "the JSON schema of a config, for editors"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"TOPIC", true, NN_COMPLETE_TOPIC, "a command, or config for the keys of a config"},
    {"MEMBER", true, NN_COMPLETE_NOTHING, "of a group of commands, as in help data info"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl help train", "explains train and its options"},
    {"nnctl help config", "explains every key of a config"},
    {"nnctl help --man | man -l -", "shows the manual page"},
    {NULL, NULL},
};

const nn_command nn_command_help = {
    .name = "help",
    .summary = "explain a command, the config, or print the manual page",
    .text = "Explains a command or the keys of a config; alone, lists the commands.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .examples = examples,
    .run = run,
};
