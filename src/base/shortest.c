/* The shortest text of a float: predictions come by the million, so this must not wait for printf.
 */
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A decimal number d.ddd * 10^exponent with `count` digits, the last of them not 0. */
typedef struct decimal {
    char digit[16];
    int count;
    int exponent;
} decimal;

/* Powers of ten that a double holds exactly. */
static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { MOST_POWER = 22 };

/* Does a double lie so near to the middle of two floats that rounding it once more could go wrong?
 */
static bool is_near_middle(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return (bits & 0x1FFFFFFF) - 0x0FFFFFFF <= 2;
}

static void split(decimal *d, uint32_t number, int exponent)
{
    int zeros = 0;

    for (; number % 10 == 0; number /= 10)
        zeros++;
    d->count = 0;
    for (uint32_t rest = number; rest > 0; rest /= 10)
        d->count++;
    for (int i = d->count - 1; i >= 0; i--, number /= 10)
        d->digit[i] = (char)('0' + number % 10);
    d->exponent = exponent + d->count + zeros - 1;
}

/*
 * Tries 6 to 9 digits. One multiplication scales the value, one division leads back: both are
 * rounded once, as all their operands are exact. false where that is not enough to be certain.
 */
static bool find_digits(decimal *d, float value, int *digits)
{
    const double size = fabs((double)value);
    int exponent = 0;

    if (!(size >= 1e-12 && size < 1e7))
        return false;
    while (size >= power[exponent + 1])
        exponent++;
    while (exponent <= 0 && size * power[-exponent] < 1)
        exponent--;
    for (*digits = 6; *digits <= 9; ++*digits) {
        const int shift = *digits - 1 - exponent;
        if (shift < 0 || shift > MOST_POWER)
            return false;
        const double scaled = size * power[shift];
        const double whole = nearbyint(scaled);
        const double back = whole / power[shift];
        if (fabs(scaled - whole) == 0.5 || is_near_middle(back))
            return false;
        if ((float)back == fabsf(value)) {
            split(d, (uint32_t)whole, -shift);
            return true;
        }
    }
    return false;
}

/* As %g writes it: 0.00012, 120.5, 1.2e-05. */
static void write_decimal(char *to, const decimal *d, int digits)
{
    const bool is_scientific = d->exponent < -4 || d->exponent >= digits;
    const int point = is_scientific ? 0 : d->exponent; /* the digit that the point stands behind */

    for (int i = point; i < 0; i++) {
        *to++ = '0';
        if (i == point)
            *to++ = '.';
    }
    for (int i = 0; i < d->count || i <= point; i++) {
        *to++ = i < d->count ? d->digit[i] : '0';
        if (i == point && i + 1 < d->count)
            *to++ = '.';
    }
    *to = '\0';
    if (is_scientific)
        snprintf(to, 16, "e%c%02d", d->exponent < 0 ? '-' : '+', abs(d->exponent));
}

static void write_whole(char *to, uint32_t number)
{
    char digit[16];
    int count = 0;

    do
        digit[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count > 0)
        *to++ = digit[--count];
    *to = '\0';
}

char *nn_format_float(char *dst, float value)
{
    char *const to = dst + (signbit(value) ? 1 : 0);
    decimal d;
    int digits;

    dst[0] = '-';
    if (fabsf(value) < 0x1p24F && value == floorf(value)) {
        write_whole(to, (uint32_t)fabsf(value));
        return dst;
    }
    if (find_digits(&d, value, &digits)) {
        write_decimal(to, &d, digits);
        return dst;
    }
    for (digits = 6; digits <= 9; digits++) {
        snprintf(dst, NN_NUMBER_TEXT, "%.*g", digits, (double)value);
        if (isnan(value) || strtof(dst, NULL) == value)
            break;
    }
    return dst;
}
