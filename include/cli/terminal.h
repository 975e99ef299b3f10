/* What the terminal behind a descriptor can show. */
#ifndef NN_CLI_TERMINAL_H
#define NN_CLI_TERMINAL_H

#include <stdbool.h>

/* Characters of a line, as of now; 0 when the descriptor is no terminal. */
int nn_terminal_columns(int fd);
/* TERM=dumb, or none at all: no escape sequences. */
bool nn_terminal_is_dumb(void);
/* Blocks and dots beyond ASCII: by the locale's encoding, and not on a dumb terminal. */
bool nn_terminal_has_unicode(void);

#endif
