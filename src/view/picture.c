/* Pictures of half blocks: the upper dot is the text's colour, the lower one its background. */
#include "view/picture.h"

enum { GREYS = 24, FIRST_GREY = 232 }; /* in the palette of 256 */

static double dot_at(const nn_picture *p, int row, int column)
{
    return row < p->height ? p->dot[row * p->width + column] : 0;
}

static int grey(double dot)
{
    const int level = (int)(dot * GREYS);

    return FIRST_GREY + (level < 0 ? 0 : level >= GREYS ? GREYS - 1 : level);
}

static void put_line(const nn_picture *p, int row, bool color, nn_buf *out)
{
    static const char *const blocks[] = {" ", "\u2580", "\u2584", "\u2588"};

    for (int i = 0; i < p->width; i++) {
        const double upper = dot_at(p, row, i), lower = dot_at(p, row + 1, i);

        if (color)
            nn_buf_printf(out, "\033[38;5;%d;48;5;%dm\u2580", grey(upper), grey(lower));
        else
            nn_buf_put(out, blocks[(upper >= 0.5) + 2 * (lower >= 0.5)]);
    }
    nn_buf_put(out, color ? "\033[0m" : "");
}

void nn_pictures_put(const nn_picture *pictures, int count, bool color, nn_buf *out)
{
    for (int row = 0; count > 0 && row < pictures[0].height; row += 2) {
        for (int i = 0; i < count; i++) {
            nn_buf_put(out, i == 0 ? "" : " ");
            put_line(&pictures[i], row, color, out);
        }
        nn_buf_char(out, '\n');
    }
}
