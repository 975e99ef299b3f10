/* Numbers as text: a strict grammar without a locale, and the shortest text that reads back. */
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A double depends on at most 767 significant digits and on whether any follows them. */
enum { MOST_DIGITS = 780 };

/* The value is 0.d1d2d3... * 10^exponent, the digits without leading zeros. */
typedef struct decimal {
    bool negative;
    char digit[MOST_DIGITS + 1];
    size_t digits;
    long long exponent;
} decimal;

static bool is_digit(const char *s, const char *end)
{
    return s < end && *s >= '0' && *s <= '9';
}

static const char *take_sign(const char *s, const char *end, bool *negative)
{
    *negative = s < end && *s == '-';
    return s < end && (*s == '-' || *s == '+') ? s + 1 : s;
}

/* Appends a run of digits, which may be empty. */
static const char *take_digits(const char *s, const char *end, bool after_point, decimal *d)
{
    for (; is_digit(s, end); s++) {
        if (d->digits == 0 && *s == '0') {
            d->exponent -= after_point;
            continue;
        }
        d->exponent += !after_point;
        if (d->digits < MOST_DIGITS)
            d->digit[d->digits++] = *s;
        else if (*s != '0')
            d->digit[MOST_DIGITS] = '1'; /* stands for all that follows */
    }
    return s;
}

static const char *take_exponent(const char *s, const char *end, decimal *d)
{
    /* Far beyond the length of any text in memory, and far from overflow. */
    const long long most = 1000000000000000;
    long long exponent = 0;
    bool negative;

    s = take_sign(s, end, &negative);
    if (!is_digit(s, end))
        return NULL;
    for (; is_digit(s, end); s++)
        if (exponent < most)
            exponent = exponent * 10 + (*s - '0');
    d->exponent += negative ? -exponent : exponent;
    return s;
}

static bool read_decimal(const char *s, size_t len, decimal *d)
{
    const char *const end = s + len;

    d->digits = 0;
    d->exponent = 0;
    d->digit[MOST_DIGITS] = '0';
    s = take_sign(s, end, &d->negative);
    if (!is_digit(s, end) && !(s < end && *s == '.' && is_digit(s + 1, end)))
        return false;
    s = take_digits(s, end, false, d);
    if (s < end && *s == '.')
        s = take_digits(s + 1, end, true, d);
    if (s < end && (*s == 'e' || *s == 'E') && (s = take_exponent(s + 1, end, d)) == NULL)
        return false;
    return s == end;
}

/* An exponent of up to three digits behind its 'e'; NULL when there is none or a longer one. */
static const char *scan_exponent(const char *s, const char *end, int *exponent)
{
    const char *first = NULL;
    bool negative = false;
    int value = 0;

    first = s = take_sign(s, end, &negative);
    for (; is_digit(s, end) && s - first < 4; s++)
        value = 10 * value + (*s - '0');
    *exponent = negative ? -value : value;
    return s == first || s - first > 3 ? NULL : s;
}

/* Whole numbers to 2^53 and small powers of ten are exact doubles, and one operation rounds once.
 */
const char *nn_scan_double(const char *s, const char *end, char point, double *out)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const uint64_t most = 1ULL << 53;
    uint64_t whole = 0;
    bool negative = false;
    int scale = 0;

    s = take_sign(s, end, &negative);
    const char *const first = s;
    for (; is_digit(s, end); s++)
        whole = 10 * whole + (uint64_t)(*s - '0'); /* what overflows has too many digits below */
    ptrdiff_t digits = s - first;
    if (s < end && *s == point) {
        const char *const behind = ++s;

        for (; is_digit(s, end); s++)
            whole = 10 * whole + (uint64_t)(*s - '0');
        digits += s - behind;
        scale = -(int)(s - behind < 100 ? s - behind : 100);
    }
    if (digits == 0 || digits > 18 || whole > most)
        return NULL;
    if (s < end && (*s == 'e' || *s == 'E')) {
        int exponent = 0;

        if ((s = scan_exponent(s + 1, end, &exponent)) == NULL)
            return NULL;
        scale += exponent;
    }
    if (scale < -22 || scale > 22)
        return NULL;
    const double size = scale < 0 ? (double)whole / power[-scale] : (double)whole * power[scale];
    *out = negative ? -size : size;
    return s;
}

/* The C library's correctly rounded conversion, without the point that a locale may change. */
static double convert_long(const decimal *d)
{
    char text[MOST_DIGITS + 32];
    const size_t digits = d->digits == MOST_DIGITS ? MOST_DIGITS + 1 : d->digits;
    const long long scale = d->exponent - (long long)digits;

    if (d->exponent > 400 || d->exponent < -400)
        return d->exponent > 0 ? HUGE_VAL : 0;
    memcpy(text, d->digit, digits);
    snprintf(text + digits, sizeof text - digits, "e%lld", scale);
    return strtod(text, NULL);
}

nn_number nn_parse_double(const char *s, size_t len, double *out)
{
    decimal d;
    double value = 0;

    if (nn_scan_double(s, s + len, '.', &value) == s + len) {
        *out = value;
        return NN_NUMBER_OK;
    }
    value = 0;
    if (!read_decimal(s, len, &d))
        return NN_NUMBER_BAD;
    if (d.digits > 0)
        value = convert_long(&d);
    if (isinf(value))
        return NN_NUMBER_HUGE;
    *out = d.negative ? -value : value;
    return d.digits > 0 && value == 0 ? NN_NUMBER_TINY : NN_NUMBER_OK;
}

/* The digits after a sign; false when there is none, something else, or more than 64 bits hold. */
static bool read_u64(const char *s, const char *end, uint64_t *out)
{
    uint64_t value = 0;

    if (s == end)
        return false;
    for (; s < end; s++) {
        const unsigned digit = (unsigned)(*s - '0');

        if (!is_digit(s, end) || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool nn_parse_u64(const char *s, size_t len, uint64_t *out)
{
    bool negative;
    const char *const first = take_sign(s, s + len, &negative);

    return !negative && read_u64(first, s + len, out);
}

bool nn_parse_i64(const char *s, size_t len, int64_t *out)
{
    bool negative;
    uint64_t size;
    const char *const first = take_sign(s, s + len, &negative);

    if (!read_u64(first, s + len, &size) || size > (uint64_t)INT64_MAX + negative)
        return false;
    if (negative)
        *out = size == 0 ? 0 : -(int64_t)(size - 1) - 1; /* reaches INT64_MIN without overflow */
    else
        *out = (int64_t)size;
    return true;
}

/* Texts that need no search: true when dst is filled. */
static bool format_plain(char *dst, double value)
{
    if (isnan(value))
        snprintf(dst, NN_NUMBER_TEXT, "nan");
    else if (isinf(value))
        snprintf(dst, NN_NUMBER_TEXT, value < 0 ? "-inf" : "inf");
    else if (fabs(value) < 1e15 && value == floor(value))
        snprintf(dst, NN_NUMBER_TEXT, "%.0f", value);
    else
        return false;
    return true;
}

char *nn_format_double(char *dst, double value)
{
    if (format_plain(dst, value))
        return dst;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(dst, NN_NUMBER_TEXT, "%.*g", digits, value);
        if (strtod(dst, NULL) == value)
            break;
    }
    return dst;
}

void nn_buf_double(nn_buf *buf, double value)
{
    char text[NN_NUMBER_TEXT];

    nn_buf_put(buf, isfinite(value) ? nn_format_double(text, value) : "null");
}

void nn_buf_float(nn_buf *buf, float value)
{
    char text[NN_NUMBER_TEXT];

    nn_buf_put(buf, isfinite(value) ? nn_format_float(text, value) : "null");
}

bool nn_parse_seconds(const char *s, size_t len, double *out)
{
    static const struct {
        char letter;
        double seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    double unit = 1, value = 0;

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (len > 0 && s[len - 1] == units[i].letter) {
            unit = units[i].seconds;
            len--;
            break;
        }
    if (nn_parse_double(s, len, &value) != NN_NUMBER_OK || value <= 0)
        return false;
    *out = value * unit;
    return true;
}
