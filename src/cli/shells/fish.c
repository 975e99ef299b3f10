/* Completion for fish. */
#include "cli/shell.h"

typedef struct place {
    nn_buf *out;
    const nn_command *command; /* NULL: before the command */
    const nn_command *group;   /* that the command is a member of, or NULL */
} place;

static void put_quoted(nn_buf *out, const char *text)
{
    nn_buf_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            nn_buf_char(out, '\\');
        nn_buf_char(out, *text);
    }
    nn_buf_char(out, '\'');
}

static void put_start(const place *at)
{
    if (at->command == NULL)
        nn_buf_put(at->out, "complete -c nnctl -n __fish_use_subcommand");
    else if (at->group == NULL)
        nn_buf_printf(at->out, "complete -c nnctl -n '__fish_seen_subcommand_from %s'",
                      at->command->name);
    else
        nn_buf_printf(at->out,
                      "complete -c nnctl -n '__fish_seen_subcommand_from %s; and "
                      "__fish_seen_subcommand_from %s'",
                      at->group->name, nn_command_word(at->command));
}

static void put_offer(nn_buf *out, nn_complete kind, const char *const *words)
{
    if (kind == NN_COMPLETE_DIRECTORY) {
        nn_buf_put(out, " -a '(__fish_complete_directories)'");
        return;
    }
    if (nn_complete_is_files(kind))
        nn_buf_put(out, " -F");
    nn_buf_put(out, " -a '");
    nn_complete_words(kind, words, out);
    if (kind == NN_COMPLETE_MODEL)
        nn_buf_put(out, " (for run in runs/*/latest; echo $run; end)");
    nn_buf_put(out, "'");
}

static void put_option(void *context, const nn_option *o)
{
    const place *at = context;

    put_start(at);
    nn_buf_printf(at->out, " -l %s", o->name);
    if (o->letter != 0)
        nn_buf_printf(at->out, " -s %c", o->letter);
    if (o->value != NULL) {
        nn_buf_put(at->out, " -r");
        put_offer(at->out, o->complete, o->words);
    }
    nn_buf_put(at->out, " -d ");
    put_quoted(at->out, o->help);
    nn_buf_char(at->out, '\n');
}

/* A command as it is offered where it may stand, and then what is offered behind it. */
static void put_command(nn_buf *out, const nn_command *group, const nn_command *c)
{
    place at = {out, group, NULL};

    put_start(&at);
    nn_buf_printf(out, " -a %s -d ", nn_command_word(c));
    put_quoted(out, c->summary);
    nn_buf_char(out, '\n');
    at.command = c;
    at.group = group;
    for (int i = 0; c->members != NULL && c->members[i] != NULL; i++)
        put_command(out, c, c->members[i]);
    nn_options_visit(c, put_option, &at);
    for (const nn_argument *a = c->arguments; a != NULL && a->name != NULL; a++) {
        put_start(&at);
        put_offer(out, a->complete, NULL);
        nn_buf_char(out, '\n');
    }
}

static void write_script(nn_buf *out)
{
    place at = {out, NULL, NULL};

    nn_buf_put(out, "# Completion of nnctl for fish, made by: nnctl completion fish\n"
                    "complete -c nnctl -f\n");
    nn_options_visit(NULL, put_option, &at);
    for (int i = 0; nn_commands[i] != NULL; i++)
        put_command(out, NULL, nn_commands[i]);
}

const nn_shell nn_shell_fish = {"fish", write_script};
