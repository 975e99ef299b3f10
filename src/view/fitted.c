/* Words of a line, chosen by what they are worth. */
#include "view/fitted.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "view/blocks.h"

void nn_fitted_add(nn_fitted *w, int rank, const char *fmt, ...)
{
    va_list ap;

    if (w->count == NN_FITTED_WORDS)
        return;
    w->word[w->count].rank = rank;
    w->word[w->count].shown = false;
    va_start(ap, fmt);
    (void)vsnprintf(w->word[w->count].text, NN_FITTED_TEXT, fmt, ap);
    va_end(ap);
    w->count++;
}

/* The least rank above `rank`; INT_MAX when there is none. */
static int next_rank(const nn_fitted *w, int rank)
{
    int next = INT_MAX;

    for (int i = 0; i < w->count; i++)
        if (w->word[i].rank > rank && w->word[i].rank < next)
            next = w->word[i].rank;
    return next;
}

int nn_fitted_choose(nn_fitted *w, int room)
{
    for (int rank = next_rank(w, INT_MIN); rank < INT_MAX; rank = next_rank(w, rank)) {
        for (int i = 0; i < w->count; i++) {
            const int need = NN_FITTED_GAP + nn_text_columns(w->word[i].text);

            if (w->word[i].rank != rank || need > room)
                continue;
            w->word[i].shown = true;
            room -= need;
        }
    }
    return room;
}

void nn_fitted_put(nn_buf *out, const nn_fitted *w)
{
    for (int i = 0; i < w->count; i++)
        if (w->word[i].shown)
            nn_buf_printf(out, "%*s%s", NN_FITTED_GAP, "", w->word[i].text);
}
