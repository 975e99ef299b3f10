/* One field of a CSV record, as text and as a number. */
#include "data/csv_field.h"

enum { SHORT = 64 }; /* numbers with a bare point are shorter */

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

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

nn_number nn_csv_number(nn_field_text field, double *value)
{
    const nn_field_text bare = nn_csv_trim(field);
    nn_number kind = nn_parse_double(bare.bytes, bare.len, value);
    char full[3 * SHORT];
    size_t len = 0, points = 0;

    if (kind != NN_NUMBER_BAD || bare.len >= SHORT)
        return kind;
    /* A digit on one side of the point is enough: the other side is given a zero. */
    for (size_t i = 0; i < bare.len; i++) {
        const bool point = bare.bytes[i] == '.';
        const bool before = i > 0 && is_digit(bare.bytes[i - 1]);
        const bool after = i + 1 < bare.len && is_digit(bare.bytes[i + 1]);

        if (point && !before && after)
            full[len++] = '0';
        full[len++] = bare.bytes[i];
        if (point && before && !after)
            full[len++] = '0';
        points += point;
    }
    return points == 1 ? nn_parse_double(full, len, value) : kind;
}
