/* Numbers, sizes and durations as people read them. */
#include "view/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *nn_format_count(char *dst, uint64_t n)
{
    char digits[NN_FORMAT_TEXT];
    const int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
    char *to = dst;

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return dst;
}

const char *nn_format_bytes(char *dst, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes / 1024;
    size_t unit = 0;

    if (bytes < 1024) {
        snprintf(dst, NN_FORMAT_TEXT, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
        return dst;
    }
    /* 1023.95 would be shown as 1024.0 of the smaller unit. */
    for (; value >= 1023.95 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        value /= 1024;
    snprintf(dst, NN_FORMAT_TEXT, "%.1f %s", value, units[unit]);
    return dst;
}

const char *nn_format_seconds(char *dst, double seconds)
{
    const uint64_t whole = seconds > 0 ? (uint64_t)(seconds + 0.5) : 0;

    if (seconds < 0.0995)
        snprintf(dst, NN_FORMAT_TEXT, "%.1f ms", 1e3 * seconds);
    else if (seconds < 59.95)
        snprintf(dst, NN_FORMAT_TEXT, seconds < 9.995 ? "%.2f s" : "%.1f s", seconds);
    else if (whole < 3600)
        snprintf(dst, NN_FORMAT_TEXT, "%" PRIu64 "m%02" PRIu64 "s", whole / 60, whole % 60);
    else
        snprintf(dst, NN_FORMAT_TEXT, "%" PRIu64 "h%02" PRIu64 "m", whole / 3600, whole / 60 % 60);
    return dst;
}

const char *nn_format_score(char *dst, double value)
{
    const double size = fabs(value);

    if (isnan(value))
        snprintf(dst, NN_FORMAT_TEXT, "n/a");
    else if (size == 0 || (size >= 0.001 && size < 99999.5))
        snprintf(dst, NN_FORMAT_TEXT, "%.4f", value);
    else
        snprintf(dst, NN_FORMAT_TEXT, "%.3e", value);
    return dst;
}

const char *nn_format_short(char *dst, double value)
{
    const double size = fabs(value);
    char count[NN_FORMAT_TEXT];

    if (isnan(value))
        snprintf(dst, NN_FORMAT_TEXT, "n/a");
    else if (size >= 9999.5 && size < 1e15)
        snprintf(dst, NN_FORMAT_TEXT, "%s%s", value < 0 ? "-" : "",
                 nn_format_count(count, (uint64_t)(size + 0.5)));
    else if (size >= 0.001 && size < 10)
        snprintf(dst, NN_FORMAT_TEXT, "%.4f", value);
    else
        snprintf(dst, NN_FORMAT_TEXT, "%.4g", value);
    return dst;
}

const char *nn_format_rate(char *dst, double value)
{
    snprintf(dst, NN_FORMAT_TEXT, "%.4g", value);
    return dst;
}
