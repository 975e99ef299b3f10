/* Bars and sparklines. */
#include "view/blocks.h"

#include <math.h>

enum { EIGHTHS = 8 };

void nn_bar_put(nn_buf *out, double share, int width, bool unicode)
{
    static const char *const part[EIGHTHS] = {" ",      "\u258f", "\u258e", "\u258d",
                                              "\u258c", "\u258b", "\u258a", "\u2589"};
    const double held = share > 0 ? fmin(share, 1) : 0;
    const int steps = (int)(held * width * EIGHTHS + 0.5);
    const int full = unicode ? steps / EIGHTHS : (int)(held * width + 0.5);

    for (int i = 0; i < width; i++) {
        if (i < full)
            nn_buf_put(out, unicode ? "\u2588" : "#");
        else if (!unicode)
            nn_buf_char(out, '.');
        else
            nn_buf_put(out, part[i == full ? steps % EIGHTHS : 0]);
    }
}

/* Least and greatest of the finite values; false when there are none. */
static bool find_range(const double *value, int count, double *least, double *most)
{
    bool found = false;

    for (int i = 0; i < count; i++) {
        if (!isfinite(value[i]))
            continue;
        *least = found ? fmin(*least, value[i]) : value[i];
        *most = found ? fmax(*most, value[i]) : value[i];
        found = true;
    }
    return found;
}

/* A character for each value by its height between the two; NaN and what is beyond: a space. */
static void put_heights(nn_buf *out, const double *value, int count, double least, double most,
                        bool unicode)
{
    static const char *const block[EIGHTHS] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                               "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char ascii[EIGHTHS + 1] = "_.-=+*%#";

    for (int i = 0; i < count; i++) {
        const double height = most > least ? (value[i] - least) / (most - least) : 0;
        const int level = isfinite(value[i]) ? (int)(height * (EIGHTHS - 1) + 0.5) : -1;

        if (level < 0)
            nn_buf_char(out, ' ');
        else if (unicode)
            nn_buf_put(out, block[level]);
        else
            nn_buf_char(out, ascii[level]);
    }
}

void nn_spark_put(nn_buf *out, const double *value, int count, int width, bool unicode)
{
    double least = 0, most = 0;

    if (count > width) {
        value += count - width;
        count = width;
    }
    find_range(value, count, &least, &most);
    for (int i = count; i < width; i++)
        nn_buf_char(out, ' ');
    put_heights(out, value, count, least, most, unicode);
}

void nn_counts_put(nn_buf *out, const size_t *count, int bins, bool unicode)
{
    double most = 0;

    for (int i = 0; i < bins; i++)
        most = fmax(most, (double)count[i]);
    for (int i = 0; i < bins; i++) {
        const double height = count[i] > 0 ? (double)count[i] : (double)NAN;

        put_heights(out, &height, 1, 0, most, unicode);
    }
}

int nn_text_columns(const char *text)
{
    int columns = 0;

    for (; *text != '\0'; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}
