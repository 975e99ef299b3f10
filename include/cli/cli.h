/* The command line: all that main does. */
#ifndef NN_CLI_CLI_H
#define NN_CLI_CLI_H

/* Runs the command that argv asks for and returns the exit status (cli/status.h). */
int nn_cli_main(int argc, char **argv);

#endif
