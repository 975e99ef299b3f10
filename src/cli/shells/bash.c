/* Completion for bash. */
#include "cli/shell.h"

static void put_name(void *out, const nn_option *o)
{
    if (o->letter != 0)
        nn_buf_printf(out, " -%c", o->letter);
    nn_buf_printf(out, " --%s", o->name);
}

/* compgen expands what stands behind -W, so that "$schema" would be a variable. */
static void put_words(nn_complete kind, const char *const *words, nn_buf *out)
{
    nn_buf plain = {0};

    nn_complete_words(kind, words, &plain);
    for (size_t i = 0; i < plain.len; i++) {
        if (plain.data[i] == '$')
            nn_buf_char(out, '\\');
        nn_buf_char(out, plain.data[i]);
    }
    out->failed = out->failed || plain.failed;
    nn_buf_free(&plain);
}

/* What is offered, as the lines of a case branch. */
static void put_offer(nn_complete kind, const char *const *words, nn_buf *out)
{
    nn_buf_put(out, "        _nnctl_offer");
    if (kind == NN_COMPLETE_DIRECTORY)
        nn_buf_put(out, " -d");
    if (nn_complete_is_files(kind))
        nn_buf_put(out, " -f");
    nn_buf_put(out, " -W '");
    put_words(kind, words, out);
    nn_buf_put(out, "'\n");
    if (kind == NN_COMPLETE_MODEL)
        nn_buf_put(out, "        _nnctl_offer_runs\n");
    if (kind == NN_COMPLETE_KEY)
        nn_buf_put(out, "        compopt -o nospace 2>/dev/null\n");
}

static void put_value(void *context, const nn_option *o)
{
    nn_buf *out = context;

    if (o->value == NULL)
        return;
    nn_buf_put(out, "    ");
    if (o->letter != 0)
        nn_buf_printf(out, "-%c|", o->letter);
    nn_buf_printf(out, "--%s)\n", o->name);
    put_offer(o->complete, o->words, out);
    nn_buf_put(out, "        return ;;\n");
}

/* "_nnctl_train", "_nnctl_data_info" */
static void put_function(const nn_command *c, nn_buf *out)
{
    nn_buf_put(out, "_nnctl_");
    for (const char *letter = c->name; *letter != '\0'; letter++)
        nn_buf_char(out, *letter == ' ' ? '_' : *letter);
    nn_buf_put(out, "() {\n");
}

/* A function per command: values of options, then options, then arguments. */
static void put_command(void *context, const nn_command *c)
{
    nn_buf *out = context;

    put_function(c, out);
    nn_buf_put(out, "    case $prev in\n");
    nn_options_visit(c, put_value, out);
    nn_buf_put(out, "    esac\n    case $cur in\n    -*)\n        _nnctl_offer -W '");
    nn_options_visit(c, put_name, out);
    nn_buf_put(out, "' ;;\n    *)\n");
    const nn_argument *a = c->arguments;
    put_offer(a == NULL || a->name == NULL ? NN_COMPLETE_NOTHING : a->complete, NULL, out);
    nn_buf_put(out, "        ;;\n    esac\n}\n\n");
}

/* A group hands over to the member that is named behind it; $i is where it stands itself. */
static void put_group(const nn_command *c, nn_buf *out)
{
    put_function(c, out);
    nn_buf_printf(out,
                  "    local j\n"
                  "    for ((j = i + 1; j < COMP_CWORD; j++)); do\n"
                  "        case ${COMP_WORDS[j]} in\n"
                  "        -*) ;;\n"
                  "        *)\n"
                  "            if declare -F \"_nnctl_%s_${COMP_WORDS[j]}\" >/dev/null; then\n"
                  "                \"_nnctl_%s_${COMP_WORDS[j]}\"\n"
                  "            fi\n"
                  "            return ;;\n"
                  "        esac\n"
                  "    done\n"
                  "    _nnctl_offer -W '",
                  c->name, c->name);
    nn_options_visit(c, put_name, out);
    for (int i = 0; c->members[i] != NULL; i++)
        nn_buf_printf(out, " %s", nn_command_word(c->members[i]));
    nn_buf_put(out, "'\n}\n\n");
}

static void put_leading(nn_buf *out)
{
    nn_buf_put(out, "_nnctl_leading() {\n    case $prev in\n");
    nn_options_visit(NULL, put_value, out);
    nn_buf_put(out, "    esac\n    _nnctl_offer -W '");
    nn_options_visit(NULL, put_name, out);
    for (int i = 0; nn_commands[i] != NULL; i++)
        nn_buf_printf(out, " %s", nn_commands[i]->name);
    nn_buf_put(out, "'\n}\n\n");
}

/*
 * Names of files and runs come from outside: none of them may be expanded or cut at its spaces,
 * which -W and an unquoted $(compgen) would do.
 */
static const char helpers[] =
    "_nnctl_offer() {\n"
    "    local word\n"
    "    while IFS= read -r word; do\n"
    "        COMPREPLY+=(\"$word\")\n"
    "    done < <(compgen \"$@\" -- \"$cur\")\n"
    "}\n\n"
    "_nnctl_offer_runs() {\n"
    "    local run\n"
    "    for run in \"${NNCTL_RUNS:-runs}\"/*/latest; do\n"
    "        [[ -e $run && $run == \"$cur\"* ]] && COMPREPLY+=(\"$run\")\n"
    "    done\n"
    "}\n\n";

/* bash cuts words at '=', so that --color=al arrives as three. */
static const char main_function[] =
    "_nnctl() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} i\n"
    "    COMPREPLY=()\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == = ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        case ${COMP_WORDS[i]} in\n"
    "        -C|--directory) ((i++)) ;;\n"
    "        -*) ;;\n"
    "        *)\n"
    "            if declare -F \"_nnctl_${COMP_WORDS[i]}\" >/dev/null; then\n"
    "                \"_nnctl_${COMP_WORDS[i]}\"\n"
    "            fi\n"
    "            return ;;\n"
    "        esac\n"
    "    done\n"
    "    _nnctl_leading\n"
    "}\n"
    "complete -o filenames -F _nnctl nnctl\n";

static void write_script(nn_buf *out)
{
    nn_buf_put(out, "# Completion of nnctl for bash, made by: nnctl completion bash\n\n");
    nn_buf_put(out, helpers);
    nn_commands_visit(put_command, out);
    for (int i = 0; nn_commands[i] != NULL; i++)
        if (nn_commands[i]->members != NULL)
            put_group(nn_commands[i], out);
    put_leading(out);
    nn_buf_put(out, main_function);
}

const nn_shell nn_shell_bash = {"bash", write_script};
