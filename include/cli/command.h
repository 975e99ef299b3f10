/*
 * What a command is. A command is one file in src/cli/commands/ that ends in an nn_command, and one
 * row in cli/commands.def.
 */
#ifndef NN_CLI_COMMAND_H
#define NN_CLI_COMMAND_H

#include "cli/option.h"

typedef struct nn_session nn_session;

typedef struct nn_argument {
    const char *name; /* "CONFIG" */
    bool optional;
    nn_complete complete;
    const char *help; /* one line */
} nn_argument;

typedef struct nn_example {
    const char *line; /* what is typed */
    const char *does; /* what it does, as a clause */
} nn_example;

typedef struct nn_command {
    const char *name;
    const char *summary;          /* one line, for the list of commands */
    const char *text;             /* what it does, in a few sentences */
    const nn_argument *arguments; /* end with a row without name; NULL: none */
    const nn_option *options;     /* its own, likewise */
    size_t conf_size;             /* bytes of the struct that they fill */
    bool takes_set;               /* reads a config, so that --set has a meaning */
    const nn_example *examples;   /* end with a row without line */
    /* On failure *err is filled. A result other than success or failure: s->status. */
    nn_code (*run)(nn_session *s, nn_err *err);
} nn_command;

extern const nn_command *const nn_commands[];        /* ends with NULL */
const nn_command *nn_command_find(const char *name); /* NULL when there is none */

#endif
