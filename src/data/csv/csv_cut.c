/* Ends of records, found by hopping from quote to quote. */
#include "data/csv_cut.h"

#include <stdbool.h>
#include <string.h>

static const char *find(const char *from, const char *end, char what)
{
    return from == end ? NULL : memchr(from, what, (size_t)(end - from));
}

size_t nn_csv_cut(const char *bytes, size_t len, size_t from, size_t least)
{
    const char *const end = bytes + len, *const start = bytes + least;
    const char *at = bytes + from, *quote = NULL;
    bool quoted = false;

    while ((quote = find(at, start, '"')) != NULL) {
        quoted = !quoted;
        at = quote + 1;
    }
    for (at = start;; at = quote + 1, quoted = !quoted) {
        const char *feed = quoted ? NULL : find(at, end, '\n');

        quote = find(at, feed == NULL ? end : feed, '"');
        if (quote == NULL)
            return feed == NULL ? 0 : (size_t)(feed + 1 - bytes);
    }
}

size_t nn_csv_cut_last(const char *bytes, size_t len)
{
    const char *const end = bytes + len;
    const char *at = bytes, *last = NULL;
    bool quoted = false;

    while (at < end) {
        const char *quote = find(at, end, '"');
        const char *const stop = quote == NULL ? end : quote;

        for (const char *c = stop; !quoted && c > at; c--) {
            if (c[-1] == '\n') {
                last = c;
                break;
            }
        }
        at = quote == NULL ? end : quote + 1;
        quoted = !quoted;
    }
    return last == NULL ? 0 : (size_t)(last - bytes);
}

uint64_t nn_csv_count_lines(const char *bytes, size_t len)
{
    const char *const end = bytes + len;
    uint64_t lines = 0;

    while ((bytes = find(bytes, end, '\n')) != NULL) {
        bytes++;
        lines++;
    }
    return lines;
}
