/* When a row was: numbers, and dates and times as ISO 8601 writes them. */
#include "data/sequence.h"

#include "base/text.h"

typedef struct cursor {
    const char *at, *end;
} cursor;

static bool take(cursor *c, const char *one_of)
{
    for (; c->at < c->end && *one_of != '\0'; one_of++)
        if (*c->at == *one_of) {
            c->at++;
            return true;
        }
    return false;
}

/* Exactly so many digits, a number from least to most. */
static bool digits(cursor *c, int count, int least, int most, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++) {
        if (c->at == c->end || *c->at < '0' || *c->at > '9')
            return false;
        *out = 10 * *out + (*c->at++ - '0');
    }
    return *out >= least && *out <= most;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01, in the calendar of today for all times. */
static int64_t day_number(int year, int month, int day)
{
    const int64_t y = month <= 2 ? year - 1 : year; /* years begin in March, leap days end them */
    const int64_t era = y / 400, of_era = y % 400;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool take_fraction(cursor *c, double *seconds)
{
    double unit = 0.1;

    if (c->at == c->end || *c->at < '0' || *c->at > '9')
        return false;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++, unit /= 10)
        *seconds += unit * (*c->at - '0');
    return true;
}

/* "Z", "+02:00", "+0200", or nothing, in seconds to take off. */
static bool take_zone(cursor *c, int *zone)
{
    const bool west = c->at < c->end && *c->at == '-';
    int hours = 0, minutes = 0;

    *zone = 0;
    if (c->at == c->end || take(c, "Z"))
        return true;
    if (!take(c, "+-") || !digits(c, 2, 0, 23, &hours))
        return false;
    (void)take(c, ":");
    if (!digits(c, 2, 0, 59, &minutes))
        return false;
    *zone = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

/* What follows the day: nothing, or a time. */
static bool take_time(cursor *c, double *seconds)
{
    int hour = 0, minute = 0, second = 0, zone = 0;

    *seconds = 0;
    if (c->at == c->end)
        return true;
    if (!take(c, " T") || !digits(c, 2, 0, 24, &hour) || !take(c, ":") ||
        !digits(c, 2, 0, 59, &minute))
        return false;
    if (take(c, ":")) {
        if (!digits(c, 2, 0, 60, &second) || (take(c, ".") && !take_fraction(c, seconds)))
            return false;
    }
    if (!take_zone(c, &zone))
        return false;
    *seconds += hour * 3600 + minute * 60 + second - zone;
    return c->at == c->end;
}

static bool read_date(const char *text, size_t len, double *moment)
{
    cursor c = {text, text + len};
    int year = 0, month = 0, day = 1;
    double seconds = 0;

    if (!digits(&c, 4, 0, 9999, &year) || !take(&c, "-/") || !digits(&c, 2, 1, 12, &month))
        return false;
    if (take(&c, "-/") && !digits(&c, 2, 1, days_in(year, month), &day))
        return false;
    if (!take_time(&c, &seconds))
        return false;
    *moment = (double)day_number(year, month, day) * 86400 + seconds;
    return true;
}

bool nn_moment_read(const char *text, size_t len, double *moment, bool *is_date)
{
    *is_date = false;
    if (nn_parse_double(text, len, moment) == NN_NUMBER_OK)
        return true;
    *is_date = read_date(text, len, moment);
    return *is_date;
}
