/* nnctl data: the group of commands on data files. A member is a file in data/ and a row. */
#include "cli/command.h"

#define NN_DATA_COMMAND(name) extern const nn_command nn_command_data_##name;
#include "cli/data_commands.def"
#undef NN_DATA_COMMAND

static const nn_command *const members[] = {
#define NN_DATA_COMMAND(name) &nn_command_data_##name,
#include "cli/data_commands.def"
#undef NN_DATA_COMMAND
    NULL};

const nn_command nn_command_data = {
    .name = "data",
    .summary = "look at data files, convert and split them",
    .text = "Works on data files alone, without a config: CSV, IDX and NPY, gzipped or not,\n"
            "known by their content.",
    .members = members,
};
