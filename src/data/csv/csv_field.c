/* One field of a CSV record, as text and as a number. */
#include "data/csv_field.h"

#include <string.h>
#include <strings.h>

enum { LONGEST = 4096 }; /* a number in another notation is not read when it is longer */

nn_field_text nn_csv_trim(nn_field_text field)
{
    while (field.len > 0 && (field.bytes[0] == ' ' || field.bytes[0] == '\t')) {
        field.bytes++;
        field.len--;
    }
    while (field.len > 0 &&
           (field.bytes[field.len - 1] == ' ' || field.bytes[field.len - 1] == '\t'))
        field.len--;
    return field;
}

nn_number nn_csv_number(nn_field_text field, char point, double *value)
{
    const nn_field_text bare = nn_csv_trim(field);
    char text[LONGEST];

    if (point == '.')
        return nn_parse_double(bare.bytes, bare.len, value);
    if (bare.len > sizeof text || memchr(bare.bytes, '.', bare.len) != NULL)
        return NN_NUMBER_BAD;
    for (size_t i = 0; i < bare.len; i++)
        text[i] = bare.bytes[i] == point ? '.' : bare.bytes[i];
    return nn_parse_double(text, bare.len, value);
}

bool nn_csv_is_missing(nn_field_text field, const nn_words *missing)
{
    const nn_field_text bare = nn_csv_trim(field);

    return bare.len == 0 || nn_words_find(missing, bare.bytes, bare.len) >= 0;
}

static bool starts_with(nn_field_text field, const char *word)
{
    return field.len >= strlen(word) && strncasecmp(field.bytes, word, strlen(word)) == 0;
}

bool nn_csv_is_like_number(nn_field_text field)
{
    nn_field_text bare = nn_csv_trim(field);
    bool digits = false;

    if (bare.len > 0 && (bare.bytes[0] == '-' || bare.bytes[0] == '+')) {
        bare.bytes++;
        bare.len--;
    }
    if (starts_with(bare, "nan(") || starts_with(bare, "0x") ||
        (bare.len == 3 && starts_with(bare, "inf")) ||
        (bare.len == 8 && starts_with(bare, "infinity")))
        return true;
    for (size_t i = 0; i < bare.len; i++) {
        const unsigned char c = (unsigned char)bare.bytes[i];

        /* Full-width digits are EF BC 90 to EF BC 99. */
        if (c == 0xEF && i + 2 < bare.len && (unsigned char)bare.bytes[i + 1] == 0xBC)
            i += 2;
        else if (c < '0' || c > '9') {
            if (strchr("., _'", c) == NULL || c == '\0')
                return false;
            continue;
        }
        digits = true;
    }
    return digits;
}
