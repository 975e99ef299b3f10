/*
 * What a command is. A command is one file in src/cli/commands/ that ends in an nn_command, and one
 * row in cli/commands.def.
 */
#ifndef NN_CLI_COMMAND_H
#define NN_CLI_COMMAND_H

#include "cli/option.h"

typedef struct nn_session nn_session;

typedef struct nn_argument {
    const char *name; /* "CONFIG"; the last one may be repeated: "FILE..." */
    bool optional;
    nn_complete complete;
    const char *help; /* one line */
} nn_argument;

typedef struct nn_example {
    const char *line; /* what is typed */
    const char *does; /* what it does, as a clause */
} nn_example;

/*
 * A command that is a group does nothing but choose among its members, which are commands of two
 * words: "data info". Such a group has a directory of its own beside its file, and a table of its
 * own like cli/data_commands.def.
 */
typedef struct nn_command nn_command;
struct nn_command {
    const char *name;
    const char *summary;          /* one line, for the list of commands */
    const char *text;             /* what it does, in a few sentences */
    const nn_argument *arguments; /* end with a row without name; NULL: none */
    const nn_option *options;     /* its own, likewise */
    size_t conf_size;             /* bytes of the struct that they fill */
    bool takes_set;               /* reads a config, so that --set has a meaning */
    const char *busy; /* "loading": what the live line says while it takes long; NULL: nothing */
    const nn_example *examples; /* end with a row without line */
    /* On failure *err is filled. A result other than success or failure: s->status. */
    nn_code (*run)(nn_session *s, nn_err *err);
    const nn_command *const *members; /* of a group: ends with NULL */
};

extern const nn_command *const nn_commands[]; /* ends with NULL */
/* Among these by its last word; NULL when there is none. */
const nn_command *nn_command_find(const nn_command *const *commands, const char *word);
const char *nn_command_word(const nn_command *c); /* the last word of its name */
/* Every command that does something, in the order of the tables. */
typedef void nn_command_visit(void *context, const nn_command *c);
void nn_commands_visit(nn_command_visit *visit, void *context);

#endif
