/* Options that every command understands, and the list of commands. */
#include "cli/session.h"

#include <string.h>

static const char *const color_words[] = {"auto", "always", "never", NULL};

const nn_option nn_common_options[] = {
    {.name = "help",
     .letter = 'h',
     .at = offsetof(nn_common, help),
     .help = "show this help and exit"},
    {.name = "quiet",
     .letter = 'q',
     .at = offsetof(nn_common, quiet),
     .help = "no progress and no warnings; errors remain"},
    {.name = "verbose",
     .letter = 'v',
     .at = offsetof(nn_common, verbose),
     .help = "say more: what takes memory, the time spent, warnings of check"},
    {.name = "json",
     .at = offsetof(nn_common, json),
     .help = "write the result as JSON, and nothing else, to stdout"},
    {.name = "threads",
     .value = "N|auto",
     .read = nn_read_threads,
     .at = offsetof(nn_common, threads),
     .help = "threads to compute with; the result does not depend on it"},
    {.name = "color",
     .value = "WHEN",
     .read = nn_read_word,
     .at = offsetof(nn_common, color),
     .words = color_words,
     .complete = NN_COMPLETE_WORDS,
     .help = "auto, always or never"},
    {.name = NULL},
};

const nn_option nn_set_options[] = {
    {.name = "set",
     .value = "PATH=JSON",
     .read = nn_read_each,
     .at = offsetof(nn_common, sets),
     .complete = NN_COMPLETE_KEY,
     .help = "change a key of the config, as in training.epochs=20; repeatable"},
    {.name = NULL},
};

#define NN_COMMAND(name) extern const nn_command nn_command_##name;
#include "cli/commands.def"
#undef NN_COMMAND

const nn_command *const nn_commands[] = {
#define NN_COMMAND(name) &nn_command_##name,
#include "cli/commands.def"
#undef NN_COMMAND
    NULL};

const char *nn_command_word(const nn_command *c)
{
    const char *space = strrchr(c->name, ' ');

    return space == NULL ? c->name : space + 1;
}

const nn_command *nn_command_find(const nn_command *const *commands, const char *word)
{
    for (int i = 0; commands[i] != NULL; i++)
        if (strcmp(nn_command_word(commands[i]), word) == 0)
            return commands[i];
    return NULL;
}

void nn_commands_visit(nn_command_visit *visit, void *context)
{
    for (int i = 0; nn_commands[i] != NULL; i++) {
        const nn_command *const *member = nn_commands[i]->members;

        if (member == NULL)
            visit(context, nn_commands[i]);
        for (; member != NULL && *member != NULL; member++)
            visit(context, *member);
    }
}
