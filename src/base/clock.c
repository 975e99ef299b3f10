/* Time: durations and names of moments. */
#include "base/clock.h"

#include <time.h>

double nn_clock_now(void)
{
    struct timespec t = {0};

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* A moment beyond what a calendar can say is shown as its beginning. */
static const char *stamp(char *dst, const char *fmt,
                         struct tm *(*split)(const time_t *, struct tm *))
{
    const time_t now = time(NULL);
    const struct tm first = {.tm_mday = 1, .tm_year = 70};
    struct tm parts;

    if (split(&now, &parts) == NULL || strftime(dst, NN_STAMP_TEXT, fmt, &parts) == 0)
        strftime(dst, NN_STAMP_TEXT, fmt, &first);
    return dst;
}

const char *nn_clock_stamp(char *dst)
{
    return stamp(dst, "%Y%m%d-%H%M%S", localtime_r);
}

const char *nn_clock_iso(char *dst)
{
    return stamp(dst, "%Y-%m-%dT%H:%M:%SZ", gmtime_r);
}
