/* Encoding, delimiter and header of a CSV file, told from its first bytes. */
#include "data/csv_look.h"

#include <string.h>
#include <strings.h>

#include "data/csv_field.h"

bool nn_csv_look_is_enough(const char *bytes, size_t len, int lines)
{
    const char *at = bytes;

    while (lines > 0 && (at = memchr(at, '\n', len - (size_t)(at - bytes))) != NULL) {
        at++;
        lines--;
    }
    return lines == 0;
}

const char *nn_csv_look_encoding(const char *bytes, size_t len)
{
    static const struct {
        const char *mark;
        size_t len;
        const char *name;
    } known[] = {{"\xFF\xFE\0\0", 4, "UTF-32LE"},
                 {"\0\0\xFE\xFF", 4, "UTF-32BE"},
                 {"\xFF\xFE", 2, "UTF-16LE"},
                 {"\xFE\xFF", 2, "UTF-16BE"}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (len >= known[i].len && memcmp(bytes, known[i].mark, known[i].len) == 0)
            return known[i].name;
    return NULL;
}

/* Counts `what` outside quotes in the line that begins at *at, and moves *at behind it. */
static size_t count_in_line(const char *bytes, size_t len, size_t *at, char what)
{
    bool quoted = false;
    size_t n = 0;

    for (; *at < len && (quoted || bytes[*at] != '\n'); (*at)++) {
        if (bytes[*at] == '"')
            quoted = !quoted;
        else if (!quoted && bytes[*at] == what)
            n++;
    }
    if (*at < len)
        (*at)++;
    return n;
}

char nn_csv_look_delimiter(const char *bytes, size_t len)
{
    static const char candidates[] = {'\t', ';', ','};
    size_t most = 0;
    char best = ',';

    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t at = 0;
        const size_t first = count_in_line(bytes, len, &at, candidates[i]);
        const size_t second = at < len ? count_in_line(bytes, len, &at, candidates[i]) : first;

        if (first > 0 && first == second)
            return candidates[i];
        if (first > most) {
            most = first;
            best = candidates[i];
        }
    }
    return best;
}

/* A number, or what is one in another notation. */
static bool is_number(nn_field_text field)
{
    double value = 0;

    return nn_csv_number(field, '.', &value) != NN_NUMBER_BAD || nn_csv_is_like_number(field);
}

static bool is_name(nn_field_text field)
{
    static const char *const missing[] = {"",     "na",  "n/a", "nan", "null",
                                          "none", "inf", "?",   "-",   NULL};

    if (is_number(field))
        return false;
    field = nn_csv_trim(field);
    for (size_t i = 0; missing[i] != NULL; i++)
        if (strlen(missing[i]) == field.len && strncasecmp(missing[i], field.bytes, field.len) == 0)
            return false;
    return true;
}

bool nn_csv_look_header(const nn_field_text *first, const nn_field_text *second, int columns)
{
    bool all_words = true;

    for (int i = 0; i < columns; i++) {
        if (second != NULL && is_name(first[i]) && is_number(second[i]))
            return true;
        all_words = all_words && !is_number(first[i]);
    }
    return second == NULL && all_words;
}
