/* What the completion scripts of all shells share. */
#include "cli/shell.h"

#include "cli/help.h"
#include "cli/keys.h"
#include "cli/session.h"
#include "cli/template.h"

#define NN_SHELL(name) extern const nn_shell nn_shell_##name;
#include "cli/shells.def"
#undef NN_SHELL

const nn_shell *const nn_shells[] = {
#define NN_SHELL(name) &nn_shell_##name,
#include "cli/shells.def"
#undef NN_SHELL
    NULL};

static void put_words(const char *const *words, nn_buf *out)
{
    for (int i = 0; words[i] != NULL; i++)
        nn_buf_printf(out, " %s", words[i]);
}

void nn_complete_words(nn_complete kind, const char *const *words, nn_buf *out)
{
    switch (kind) {
    case NN_COMPLETE_WORDS:
        put_words(words, out);
        break;
    case NN_COMPLETE_MODEL:
        nn_buf_put(out, " @latest");
        break;
    case NN_COMPLETE_KEY:
        nn_config_keys(out);
        break;
    case NN_COMPLETE_TOPIC:
        nn_buf_put(out, " config");
        for (int i = 0; nn_commands[i] != NULL; i++)
            nn_buf_printf(out, " %s", nn_commands[i]->name);
        break;
    case NN_COMPLETE_TEMPLATE:
        for (const nn_template *t = nn_templates; t->name != NULL; t++)
            nn_buf_printf(out, " %s", t->name);
        break;
    case NN_COMPLETE_SHELL:
        for (int i = 0; nn_shells[i] != NULL; i++)
            nn_buf_printf(out, " %s", nn_shells[i]->name);
        break;
    default:
        break;
    }
}

bool nn_complete_is_files(nn_complete kind)
{
    return kind == NN_COMPLETE_FILE || kind == NN_COMPLETE_MODEL;
}

static void visit_table(const nn_option *rows, nn_option_visit *visit, void *context)
{
    for (const nn_option *o = rows; o != NULL && o->name != NULL; o++)
        visit(context, o);
}

void nn_options_visit(const nn_command *c, nn_option_visit *visit, void *context)
{
    if (c == NULL) {
        visit_table(nn_leading_options, visit, context);
    } else {
        visit_table(c->options, visit, context);
        visit_table(c->takes_set ? nn_set_options : NULL, visit, context);
    }
    visit_table(nn_common_options, visit, context);
}
