/* The nearest name, for "did you mean". */
#include "base/text.h"

#include <limits.h>
#include <string.h>

/* Longer words are equal or far apart: names have a bound, and so has the work. */
enum { LONGEST = 64 };

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* ASCII only: names of keys, options and commands are. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The restricted Damerau distance, on the last three rows of the usual table. */
int nn_text_distance(const char *a, const char *b)
{
    const size_t m = strlen(a), n = strlen(b);
    int rows[3][LONGEST + 1]; /* [i % 3][letters of b] */

    if (m > LONGEST || n > LONGEST)
        return strcmp(a, b) == 0 ? 0 : INT_MAX;
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = (int)j;
    for (size_t i = 1; i <= m; i++) {
        int *const now = rows[i % 3], *const last = rows[(i + 2) % 3];

        now[0] = (int)i;
        for (size_t j = 1; j <= n; j++) {
            const char x = lower(a[i - 1]), y = lower(b[j - 1]);

            now[j] = smaller(smaller(last[j], now[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]))
                now[j] = smaller(now[j], rows[(i + 1) % 3][j - 2] + 1);
        }
    }
    return rows[m % 3][n];
}

bool nn_text_is_near(const char *word, int distance)
{
    const size_t len = strlen(word);

    return distance <= (len >= 8 ? 3 : (int)((len + 1) / 3));
}

const char *nn_text_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    int least = 0;

    for (; *names != NULL; names++) {
        const int distance = nn_text_distance(word, *names);

        if (best == NULL || distance < least) {
            best = *names;
            least = distance;
        }
    }
    return best != NULL && nn_text_is_near(word, least) ? best : NULL;
}
