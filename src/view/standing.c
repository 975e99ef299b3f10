/* The line of progress: label, bar, words, sparkline. */
#include "view/standing.h"

#include <math.h>

#include "view/blocks.h"
#include "view/format.h"
#include "view/fitted.h"

enum {
    LEAST_BAR = 6,
    MOST_BAR = 24,
    FRAME = 3,  /* characters around the bar */
    WORTH = 20, /* room that must be left for words beside the least bar */
};

/* What matters more comes first. Scores but the first stand between LEFT and RATE. */
enum { FIRST, LEFT, SCORES, RATE = SCORES + NN_STANDING_SCORES };

static void add_words(nn_fitted *w, const nn_standing *s)
{
    char text[NN_FORMAT_TEXT];

    for (int i = 0; i < s->scores; i++)
        nn_fitted_add(w, i == 0 ? FIRST : SCORES + i, "%s %s", s->score[i].name,
                      nn_format_score(text, s->score[i].value));
    if (s->rows_per_second > 0)
        nn_fitted_add(w, RATE, "%s rows/s", nn_format_count(text, (uint64_t)s->rows_per_second));
    if (s->seconds_left > 0)
        nn_fitted_add(w, LEFT, "%s left", nn_format_seconds(text, s->seconds_left));
    else if (s->seconds > 0)
        nn_fitted_add(w, LEFT, "%s", nn_format_seconds(text, s->seconds));
}

static void put_bar(nn_buf *out, double share, int width, bool unicode)
{
    nn_buf_put(out, unicode ? " \u2595" : " [");
    nn_bar_put(out, share, width, unicode);
    nn_buf_put(out, unicode ? "\u258f" : "]");
}

/* The label, cut to the width where it must be. */
static void put_label(nn_buf *out, const char *label, int width)
{
    const size_t begin = out->len;

    nn_buf_put(out, label);
    while (!out->failed && out->len > begin && nn_text_columns(out->data + begin) > width)
        out->data[--out->len] = '\0';
}

void nn_standing_put(nn_buf *out, const nn_standing *s, int width, bool unicode)
{
    nn_fitted words = {.count = 0};
    int room = width - nn_text_columns(s->label);
    int bar = 0, spark = 0;

    add_words(&words, s);
    if (!isnan(s->share) && room >= LEAST_BAR + FRAME + WORTH) {
        bar = LEAST_BAR; /* kept before the words are chosen, grown by what they leave */
        room -= bar + FRAME;
    }
    room = nn_fitted_choose(&words, room);
    if (s->pasts > 1 && room > NN_FITTED_GAP + s->pasts) {
        spark = s->pasts;
        room -= NN_FITTED_GAP + spark;
    }
    put_label(out, s->label, width);
    if (bar > 0) {
        const int more = room < MOST_BAR - bar ? room : MOST_BAR - bar;

        put_bar(out, s->share, bar + more, unicode);
    }
    nn_fitted_put(out, &words);
    if (spark > 0) {
        nn_buf_printf(out, "%*s", NN_FITTED_GAP, "");
        nn_spark_put(out, s->past, s->pasts, spark, unicode);
    }
}
