/* nnctl completion: prints a completion script. */
#include <string.h>

#include "cli/nearest.h"
#include "cli/session.h"
#include "cli/shell.h"

static nn_code run(nn_session *s, nn_err *err)
{
    const char *name = nn_session_word(s, 0);
    nn_nearest nearest = {name, "", NULL, 0};

    for (int i = 0; nn_shells[i] != NULL; i++) {
        if (strcmp(nn_shells[i]->name, name) == 0) {
            nn_shells[i]->write(&s->out);
            return NN_OK;
        }
        nn_nearest_try(&nearest, nn_shells[i]->name);
    }
    return nn_nearest_refuse(&nearest, "completion", "shell", "see \"nnctl completion --help\"",
                             err);
}

static const nn_argument arguments[] = {
    {"SHELL", false, NN_COMPLETE_SHELL, "bash, zsh or fish"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"eval \"$(nnctl completion bash)\"", "switches completion on in this bash"},
    {"nnctl completion fish | source", "the same in fish"},
    {NULL, NULL},
};

const nn_command nn_command_completion = {
    .name = "completion",
    .summary = "print a completion script for bash, zsh or fish",
    .text = "Prints a script that completes commands, options, their values, files and\n"
            "config keys.",
    .arguments = arguments,
    .examples = examples,
    .run = run,
};
