/*
 * Completion scripts. A shell is one file in src/cli/shells/ and one row in cli/shells.def; what it
 * offers comes from the tables of commands, options and config keys.
 */
#ifndef NN_CLI_SHELL_H
#define NN_CLI_SHELL_H

#include "base/text.h"
#include "cli/command.h"

typedef struct nn_shell {
    const char *name;
    void (*write)(nn_buf *out);
} nn_shell;

extern const nn_shell *const nn_shells[]; /* ends with NULL */

/* The words that are offered for a row, separated by spaces; nothing for files and directories. */
void nn_complete_words(nn_complete kind, const char *const *words, nn_buf *out);
bool nn_complete_is_files(nn_complete kind);

/* The options of a command (NULL: those before the command), table after table. */
typedef void nn_option_visit(void *context, const nn_option *o);
void nn_options_visit(const nn_command *c, nn_option_visit *visit, void *context);

#endif
