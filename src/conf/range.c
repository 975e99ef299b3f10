/* Ranges: "[0,1)" as bounds and as words. */
#include "fields.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static double bound(const char *text, size_t len, double missing)
{
    double value = missing;

    if (len > 0) {
        const nn_number read = nn_parse_double(text, len, &value);

        assert(read == NN_NUMBER_OK);
        (void)read;
    }
    return value;
}

static nn_range parse(const char *text)
{
    const char *comma = strchr(text, ',');
    const char *end = text + strlen(text) - 1;
    nn_range range = {0};

    assert(comma != NULL && strchr("[(", *text) != NULL && strchr("])", *end) != NULL);
    range.low = bound(text + 1, (size_t)(comma - text - 1), -INFINITY);
    range.high = bound(comma + 1, (size_t)(end - comma - 1), INFINITY);
    range.open_low = *text == '(';
    range.open_high = *end == ')';
    return range;
}

nn_range nn_field_range(const nn_field *f)
{
    nn_range range = {-INFINITY, INFINITY, false, false};

    if (f->range != NULL)
        range = parse(f->range);
    else if (f->type == NN_FIELD_SHAPE)
        range.low = 1;
    if (!nn_field_is_whole(f))
        return range;
    range.low = fmax(range.low + (range.open_low ? 1 : 0), INT_MIN);
    range.high = fmin(range.high - (range.open_high ? 1 : 0), INT_MAX);
    range.open_low = range.open_high = false;
    return range;
}

bool nn_range_has(const nn_range *range, double value)
{
    const bool above = range->open_low ? value > range->low : value >= range->low;
    const bool below = range->open_high ? value < range->high : value <= range->high;

    return isfinite(value) && above && below;
}

const char *nn_range_text(const nn_range *range, char *dst)
{
    char low[NN_NUMBER_TEXT];
    char high[NN_NUMBER_TEXT];

    (void)nn_format_double(low, range->low);
    (void)nn_format_double(high, range->high);
    if (isinf(range->low) && isinf(range->high))
        dst[0] = '\0';
    else if (isinf(range->high))
        (void)snprintf(dst, NN_RANGE_TEXT, "%s %s", range->open_low ? "above" : "of at least", low);
    else if (isinf(range->low))
        (void)snprintf(dst, NN_RANGE_TEXT, "%s %s", range->open_high ? "below" : "of at most",
                       high);
    else if (range->open_low)
        (void)snprintf(dst, NN_RANGE_TEXT, "above %s and %s %s", low,
                       range->open_high ? "below" : "at most", high);
    else
        (void)snprintf(dst, NN_RANGE_TEXT, "from %s to %s%s", low, range->open_high ? "below " : "",
                       high);
    return dst;
}
