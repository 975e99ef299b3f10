/* Completion for zsh. */
#include "cli/shell.h"

/* Text inside '...' of an _arguments specification: quotes, brackets and colons have meanings
 * there. */
static void put_text(nn_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            nn_buf_put(out, "'\\''");
        else if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
            nn_buf_printf(out, "\\%c", *text);
        else
            nn_buf_char(out, *text);
    }
}

static void put_action(nn_complete kind, const char *const *words, nn_buf *out)
{
    if (kind == NN_COMPLETE_DIRECTORY) {
        nn_buf_put(out, "_files -/");
    } else if (kind == NN_COMPLETE_MODEL) {
        nn_buf_put(out, "{compadd --");
        nn_complete_words(kind, words, out);
        nn_buf_put(out, " runs/*/latest(N); _files}");
    } else if (nn_complete_is_files(kind)) {
        nn_buf_put(out, "_files");
    } else {
        nn_buf_put(out, "(");
        nn_complete_words(kind, words, out);
        nn_buf_put(out, ")");
    }
}

static void put_option(void *context, const nn_option *o)
{
    nn_buf *out = context;

    nn_buf_put(out, " \\\n        ");
    if (o->letter != 0)
        nn_buf_printf(out, "'(-%c --%s)'{-%c,--%s}'", o->letter, o->name, o->letter, o->name);
    else
        nn_buf_printf(out, "'%s--%s", o->read == nn_read_each ? "*" : "", o->name);
    nn_buf_put(out, "[");
    put_text(out, o->help);
    nn_buf_put(out, "]");
    if (o->value != NULL) {
        nn_buf_put(out, ":");
        put_text(out, o->value);
        nn_buf_put(out, ":");
        put_action(o->complete, o->words, out);
    }
    nn_buf_put(out, "'");
}

static void put_argument(nn_buf *out, const nn_argument *a)
{
    nn_buf_printf(out, " \\\n        '%s:", a->optional ? ":" : "");
    put_text(out, a->name);
    nn_buf_put(out, ":");
    put_action(a->complete, NULL, out);
    nn_buf_put(out, "'");
}

static void put_described(nn_buf *out, const nn_command *c)
{
    nn_buf_printf(out, "\n        '%s:", nn_command_word(c));
    put_text(out, c->summary);
    nn_buf_put(out, "'");
}

static void put_command(nn_buf *out, const nn_command *c)
{
    nn_buf_printf(out, "    %s)\n        _arguments -s", nn_command_word(c));
    nn_options_visit(c, put_option, out);
    for (const nn_argument *a = c->arguments; a != NULL && a->name != NULL; a++)
        put_argument(out, a);
    nn_buf_put(out, " ;;\n");
}

/* The word behind a group is a member; what follows is its own. */
static void put_group(nn_buf *out, const nn_command *c)
{
    nn_buf_printf(out, "    %s)\n        local -a members=(", c->name);
    for (int i = 0; c->members[i] != NULL; i++)
        put_described(out, c->members[i]);
    nn_buf_put(out, "\n        )\n"
                    "        if (( CURRENT == 2 )); then\n"
                    "            _describe command members\n"
                    "            return\n"
                    "        fi\n"
                    "        shift words\n"
                    "        (( CURRENT-- ))\n"
                    "        case $words[1] in\n");
    for (int i = 0; c->members[i] != NULL; i++)
        put_command(out, c->members[i]);
    nn_buf_put(out, "        esac ;;\n");
}

static void write_script(nn_buf *out)
{
    nn_buf_put(out, "#compdef nnctl\n"
                    "# Completion of nnctl for zsh, made by: nnctl completion zsh\n\n"
                    "_nnctl_commands() {\n    local -a commands=(");
    for (int i = 0; nn_commands[i] != NULL; i++)
        put_described(out, nn_commands[i]);
    nn_buf_put(out, "\n    )\n    _describe command commands\n}\n\n"
                    "_nnctl() {\n    local curcontext=$curcontext state line\n"
                    "    _arguments -C -s");
    nn_options_visit(NULL, put_option, out);
    nn_buf_put(out, " \\\n        '1:command:_nnctl_commands' '*::argument:->rest'\n"
                    "    [[ $state == rest ]] || return 0\n    case $words[1] in\n");
    for (int i = 0; nn_commands[i] != NULL; i++) {
        if (nn_commands[i]->members != NULL)
            put_group(out, nn_commands[i]);
        else
            put_command(out, nn_commands[i]);
    }
    nn_buf_put(out, "    esac\n}\n\ncompdef _nnctl nnctl\n");
}

const nn_shell nn_shell_zsh = {"zsh", write_script};
