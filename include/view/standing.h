/* One line that shows how far a piece of work is, fitted to the width of a terminal. */
#ifndef NN_VIEW_STANDING_H
#define NN_VIEW_STANDING_H

#include "base/text.h"

enum { NN_STANDING_NAME = 64, NN_STANDING_SCORES = 17, NN_STANDING_PAST = 16 };

typedef struct nn_standing_score {
    char name[NN_STANDING_NAME];
    double value;
} nn_standing_score;

typedef struct nn_standing {
    char label[NN_STANDING_NAME]; /* "epoch 3/10" */
    double share;                 /* of what the bar stands for, 0 to 1; NaN: nobody knows */
    nn_standing_score score[NN_STANDING_SCORES];
    int scores;
    double rows_per_second; /* 0: not known yet, and so on */
    double seconds;         /* since it began; shown when the rest is not known */
    double seconds_left;
    double past[NN_STANDING_PAST]; /* a value of earlier rounds, for a sparkline */
    int pasts;
} nn_standing;

/*
 * At most `width` characters, without a newline. In a narrow line what matters least is left out:
 * the sparkline, the rate, further scores, the time left, the first score.
 */
void nn_standing_put(nn_buf *out, const nn_standing *p, int width, bool unicode);

#endif
