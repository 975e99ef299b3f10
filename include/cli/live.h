/*
 * The live line: while work is under way, the last line of the terminal says how far it is. A
 * thread of its own draws it, ten times a second at most; the work only leaves numbers when it is
 * asked for them, so that it neither formats nor writes. Where stderr is no terminal, or with
 * --quiet, there is none, and every call does nothing.
 */
#ifndef NN_CLI_LIVE_H
#define NN_CLI_LIVE_H

#include "cli/session.h"
#include "view/standing.h"

typedef struct nn_live nn_live;

/*
 * Begins a line for the session, drawn once `after` seconds have passed; one that is there already
 * begins anew. Without the memory or the thread for it there is simply none.
 */
void nn_live_start(nn_session *s, const char *label, double after);
/* Begins one anew that is there already, for the next part of the work. */
void nn_live_begin(nn_live *live, const char *label, double after);
/* Takes it from the screen; nothing when there is none. */
void nn_live_stop(nn_session *s);

/* Is the line new, drawn, or out of the way since the last nn_live_tell? Cheap, for every step. */
bool nn_live_asks(const nn_live *live);
/* What the next lines say; copied. */
void nn_live_tell(nn_live *live, const nn_standing *now);
/* The same for work that counts rows: asks, and works out the share, the rate and the rest. */
void nn_live_count(nn_live *live, size_t done, size_t total);

/*
 * Around everything else that goes to the terminal: the line makes room, and comes back below when
 * it is drawn next, with figures that are asked for anew. NULL is fine.
 */
void nn_live_hide(nn_live *live);
void nn_live_show(nn_live *live);

#endif
