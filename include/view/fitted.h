/*
 * The words of a line that has to fit a terminal: they stand in the order in which they are read,
 * and where there is no room for all, those that matter least are left out.
 */
#ifndef NN_VIEW_FITTED_H
#define NN_VIEW_FITTED_H

#include "base/text.h"

enum { NN_FITTED_WORDS = 48, NN_FITTED_TEXT = 112, NN_FITTED_GAP = 2 /* spaces before each */ };

/* Starts zeroed. */
typedef struct nn_fitted {
    struct {
        char text[NN_FITTED_TEXT];
        int rank; /* lower matters more */
        bool shown;
    } word[NN_FITTED_WORDS];
    int count;
} nn_fitted;

/* More than NN_FITTED_WORDS are left out. */
void nn_fitted_add(nn_fitted *w, int rank, const char *fmt, ...) NN_PRINTF(3, 4);
/* Decides what is shown in this many characters; returns those that are left. */
int nn_fitted_choose(nn_fitted *w, int room);
void nn_fitted_put(nn_buf *out, const nn_fitted *w);

#endif
