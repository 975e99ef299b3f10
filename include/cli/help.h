/* Help, from the tables of commands and options. */
#ifndef NN_CLI_HELP_H
#define NN_CLI_HELP_H

#include "cli/command.h"

#include "base/text.h"

/* What may stand before the command. */
typedef struct nn_leading {
    const char *directory; /* -C */
    bool version;
} nn_leading;
extern const nn_option nn_leading_options[];

void nn_help_overview(nn_buf *out);
void nn_help_command(const nn_command *c, nn_buf *out);
/* "nnctl train [OPTIONS] CONFIG" */
void nn_help_usage(const nn_command *c, nn_buf *out);
/* "-o, --out DIR" */
void nn_help_option(const nn_option *o, nn_buf *out);
/* The manual page in roff (man macros). */
void nn_help_manual(nn_buf *out);
void nn_help_version(bool json, nn_buf *out);

#endif
