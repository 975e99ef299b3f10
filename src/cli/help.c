/* Help for the terminal. */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "cli/environment.h"
#include "cli/session.h"
#include "math/pool.h"
#include "math/real.h"

enum { HELP_COLUMN = 28 };

const nn_option nn_leading_options[] = {
    {.name = "directory",
     .letter = 'C',
     .value = "DIR",
     .read = nn_read_text,
     .at = offsetof(nn_leading, directory),
     .complete = NN_COMPLETE_DIRECTORY,
     .help = "go to DIR first"},
    {.name = "version",
     .letter = 'V',
     .at = offsetof(nn_leading, version),
     .help = "show the version and exit"},
    {.name = NULL},
};

/* "  term      what it means"; a long term has the meaning on the next line. */
static void put_item(nn_buf *out, const char *term, const char *meaning)
{
    const int len = (int)strlen(term);

    nn_buf_printf(out, "  %s", term);
    if (2 + len + 2 > HELP_COLUMN)
        nn_buf_printf(out, "\n%*s", HELP_COLUMN, "");
    else
        nn_buf_printf(out, "%*s", HELP_COLUMN - 2 - len, "");
    nn_buf_printf(out, "%s\n", meaning);
}

void nn_help_option(const nn_option *o, nn_buf *out)
{
    if (o->letter != 0)
        nn_buf_printf(out, "-%c, ", o->letter);
    nn_buf_printf(out, "--%s", o->name);
    if (o->value != NULL)
        nn_buf_printf(out, " %s", o->value);
}

static void put_options(nn_buf *out, const char *title, const nn_option *rows)
{
    nn_buf term = {0};

    if (title != NULL)
        nn_buf_printf(out, "\n%s:\n", title);
    for (const nn_option *o = rows; o != NULL && o->name != NULL; o++) {
        nn_buf_clear(&term);
        if (o->letter == 0)
            nn_buf_put(&term, "    "); /* long names stand under each other */
        nn_help_option(o, &term);
        if (nn_buf_check(&term, &(nn_err){0}) == NN_OK)
            put_item(out, term.data, o->help);
    }
    out->failed |= term.failed;
    nn_buf_free(&term);
}

void nn_help_usage(const nn_command *c, nn_buf *out)
{
    nn_buf_printf(out, "nnctl %s%s [OPTIONS]", c->name, c->members != NULL ? " COMMAND" : "");
    if (c->members != NULL)
        nn_buf_put(out, " [ARGUMENTS]");
    for (const nn_argument *a = c->arguments; a != NULL && a->name != NULL; a++)
        nn_buf_printf(out, a->optional ? " [%s]" : " %s", a->name);
}

void nn_help_overview(nn_buf *out)
{
    nn_buf_put(out, "usage: nnctl [-C DIR] COMMAND [OPTIONS] [ARGUMENTS]\n\n"
                    "Trains and runs neural networks on the CPU, from one JSON config.\n\n"
                    "Commands:\n");
    for (int i = 0; nn_commands[i] != NULL; i++)
        put_item(out, nn_commands[i]->name, nn_commands[i]->summary);
    put_options(out, "Options before the command", nn_leading_options);
    put_options(out, "Options of every command", nn_common_options);
    nn_buf_put(out, "\nEnvironment:\n");
    for (const nn_variable *v = nn_variables; v->name != NULL; v++)
        put_item(out, v->name, v->help);
    nn_buf_put(out,
               "\n\"nnctl help COMMAND\" explains a command, \"nnctl help config\" the keys of a "
               "config.\n");
}

void nn_help_command(const nn_command *c, nn_buf *out)
{
    nn_buf_put(out, "usage: ");
    nn_help_usage(c, out);
    nn_buf_printf(out, "\n\n%s\n", c->text);
    if (c->members != NULL)
        nn_buf_put(out, "\nCommands:\n");
    for (int i = 0; c->members != NULL && c->members[i] != NULL; i++)
        put_item(out, c->members[i]->name, c->members[i]->summary);
    if (c->arguments != NULL) {
        nn_buf_put(out, "\nArguments:\n");
        for (const nn_argument *a = c->arguments; a->name != NULL; a++)
            put_item(out, a->name, a->help);
    }
    if (c->options != NULL || c->takes_set)
        nn_buf_put(out, "\nOptions:\n");
    put_options(out, NULL, c->options);
    if (c->takes_set)
        put_options(out, NULL, nn_set_options);
    put_options(out, "Options of every command", nn_common_options);
    if (c->examples != NULL)
        nn_buf_put(out, "\nExamples:\n");
    for (const nn_example *e = c->examples; e != NULL && e->line != NULL; e++)
        nn_buf_printf(out, "  %s\n      %s\n", e->line, e->does);
}

void nn_help_version(bool json, nn_buf *out)
{
    const char *precision = NN_REAL_IS_DOUBLE ? "float64" : "float32";

    if (json) {
        nn_buf_put(out, "{\"version\":\"" NN_VERSION "\",\"blas\":");
        nn_buf_json(out, nn_blas_name());
        nn_buf_printf(out, ",\"kernels\":\"%s\",\"precision\":\"%s\"}\n", nn_cpu_isa(), precision);
        return;
    }
    nn_buf_printf(out, "nnctl " NN_VERSION "\nBLAS: %s\nkernels: %s, %s\n", nn_blas_name(),
                  nn_cpu_isa(), precision);
}
