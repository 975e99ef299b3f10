/* The manual page in roff, from the same tables as --help. */
#include "cli/help.h"

#include <stdio.h>

#include "cli/environment.h"
#include "cli/session.h"
#include "cli/status.h"

/* Text where a dot or quote at the start of a line, and backslashes, mean themselves. */
static void put_text(nn_buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        const bool at_start = c == text || c[-1] == '\n';
        if (at_start && (*c == '.' || *c == '\''))
            nn_buf_put(out, "\\&");
        if (*c == '\\')
            nn_buf_put(out, "\\e");
        else if (*c == '-')
            nn_buf_put(out, "\\-");
        else if (*c == '\n' && c[1] == '\n')
            nn_buf_put(out, "\n.PP"); /* an empty line begins a paragraph */
        else
            nn_buf_char(out, *c);
    }
    nn_buf_char(out, '\n');
}

static void put_item(nn_buf *out, const char *term, const char *meaning)
{
    nn_buf_put(out, ".TP\n.B ");
    put_text(out, term);
    put_text(out, meaning);
}

static void put_options(nn_buf *out, const nn_option *rows)
{
    nn_buf term = {0};

    for (const nn_option *o = rows; o != NULL && o->name != NULL; o++) {
        nn_buf_clear(&term);
        nn_help_option(o, &term);
        if (nn_buf_check(&term, &(nn_err){0}) == NN_OK)
            put_item(out, term.data, o->help);
    }
    out->failed |= term.failed;
    nn_buf_free(&term);
}

static void put_command(void *context, const nn_command *c)
{
    nn_buf *out = context;
    nn_buf usage = {0};

    nn_help_usage(c, &usage);
    nn_buf_put(out, ".SS ");
    if (nn_buf_check(&usage, &(nn_err){0}) == NN_OK)
        put_text(out, usage.data);
    out->failed |= usage.failed;
    nn_buf_free(&usage);
    put_text(out, c->text);
    for (const nn_argument *a = c->arguments; a != NULL && a->name != NULL; a++)
        put_item(out, a->name, a->help);
    put_options(out, c->options);
    if (c->takes_set)
        put_options(out, nn_set_options);
}

static void put_statuses(nn_buf *out)
{
    char number[16];

    nn_buf_put(out, ".SH EXIT STATUS\n");
    for (int status = 0; status < 256; status++) /* the table is in the order of nn_code */
        for (const nn_status *row = nn_statuses; row->meaning != NULL; row++)
            if (row->status == status) {
                snprintf(number, sizeof number, "%d", status);
                put_item(out, number, row->meaning);
            }
}

static void put_examples(void *context, const nn_command *c)
{
    for (const nn_example *e = c->examples; e->line != NULL; e++)
        put_item(context, e->line, e->does);
}

void nn_help_manual(nn_buf *out)
{
    nn_buf_put(out,
               ".TH NNCTL 1 2026-11-20 \"nnctl " NN_VERSION "\"\n"
               ".SH NAME\nnnctl \\- train and run neural networks on the CPU\n"
               ".SH SYNOPSIS\n.B nnctl\n[\\fB\\-C\\fR \\fIDIR\\fR]\n\\fICOMMAND\\fR\n"
               "[\\fIOPTIONS\\fR]\n[\\fIARGUMENTS\\fR]\n"
               ".SH DESCRIPTION\n"
               "Trains and runs neural networks on the CPU, from one JSON config.\n"
               "Results go to standard output; progress, warnings and errors to standard error.\n"
               "The same program, config, seed and data give the same bytes, at any number of\n"
               "threads.\n"
               ".SH OPTIONS\nBefore the command:\n");
    put_options(out, nn_leading_options);
    nn_buf_put(out, ".PP\nOf every command:\n");
    put_options(out, nn_common_options);
    nn_buf_put(out, ".SH COMMANDS\n");
    nn_commands_visit(put_command, out);
    nn_buf_put(out, ".SH CONFIG\n.B nnctl help config\nexplains every key of a config.\n"
                    ".SH ENVIRONMENT\n");
    for (const nn_variable *v = nn_variables; v->name != NULL; v++)
        put_item(out, v->name, v->help);
    put_statuses(out);
    nn_buf_put(out, ".SH EXAMPLES\n");
    nn_commands_visit(put_examples, out);
}
