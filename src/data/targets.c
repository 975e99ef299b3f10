/* Collecting targets row by row: numbers as long as all are numbers, the texts as long as they are
 * few. */
#include "data/targets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "data/csv_field.h"

static nn_code add_value(nn_targets *t, const double *value, nn_err *err)
{
    const size_t width = (size_t)t->width;
    size_t need = 0;

    if (!nn_mul_size(t->rows + 1, width, &need))
        return nn_err_memory(err, "the targets", 0);
    NN_TRY(nn_grow(&t->value, &t->value_room, need, sizeof *t->value, err));
    for (size_t i = 0; i < width; i++)
        t->value[t->rows * width + i] = value[i] + 0.0; /* -0 becomes 0 */
    return NN_OK;
}

nn_code nn_targets_add_numbers(nn_targets *t, const double *value, nn_err *err)
{
    NN_TRY(add_value(t, value, err));
    t->rows++;
    return NN_OK;
}

/* Keeps the text under its number. Beyond the limit on classes only numbers can go on, without
 * texts. */
static nn_code keep_text(nn_targets *t, const char *bytes, size_t len, nn_err *err)
{
    int id = 0;

    if (t->many)
        return NN_OK;
    NN_TRY(nn_words_add(&t->texts, bytes, len, &id, NULL, err));
    NN_TRY(nn_grow(&t->word, &t->word_room, t->rows + 1, sizeof *t->word, err));
    t->word[t->rows] = id;
    if (t->texts.count > NN_MAX_CLASSES) {
        t->many = true;
        nn_words_free(&t->texts);
    }
    return NN_OK;
}

enum { FLAW_TEXT = 64 };

/*
 * What no label may be: empty, too long, not UTF-8, or a number that is none. NULL when it is fine;
 * dst: FLAW_TEXT.
 */
static const char *flaw_of(nn_field_text text, char *dst)
{
    static const char *const not_numbers[] = {"nan", "inf", "infinity", NULL};
    const size_t valid = nn_utf8_check(text.bytes, text.len);
    nn_field_text bare = nn_csv_trim(text);

    if (bare.len == 0)
        return "a missing target";
    if (text.len > NN_MAX_CLASS_NAME)
        return "a class name of more than 1024 bytes";
    if (valid < text.len) {
        (void)snprintf(dst, FLAW_TEXT, "a target that is not UTF-8 at byte %zu", valid + 1);
        return dst;
    }
    if (bare.bytes[0] == '-' || bare.bytes[0] == '+') {
        bare.bytes++;
        bare.len--;
    }
    for (size_t i = 0; not_numbers[i] != NULL; i++)
        if (strlen(not_numbers[i]) == bare.len &&
            strncasecmp(not_numbers[i], bare.bytes, bare.len) == 0)
            return "a target that is NaN or infinite";
    return NULL;
}

static nn_code refuse_line(const nn_targets *t, uint64_t line, nn_err *err, const char *what)
{
    char where[NN_WHERE_SIZE];

    snprintf(where, sizeof where, "%.250s:%llu", t->name, (unsigned long long)line);
    return nn_err_set(err, NN_EDATA, where, "%s", what);
}

nn_code nn_targets_add_text(nn_targets *t, nn_field_text text, char point, uint64_t line,
                            nn_err *err)
{
    char said[FLAW_TEXT];
    const char *flaw = flaw_of(text, said);
    double value = 0;
    nn_number kind = NN_NUMBER_OK;

    if (flaw != NULL)
        return refuse_line(t, line, err, flaw);
    kind = nn_csv_number(text, point, &value);
    if (kind == NN_NUMBER_HUGE)
        return refuse_line(t, line, err, "a target out of the range of numbers");
    if (kind == NN_NUMBER_BAD) {
        if (!t->words)
            t->first_word = t->rows;
        t->words = true;
        value = 0;
    }
    t->fractions = t->fractions || value != floor(value);
    NN_TRY(keep_text(t, text.bytes, text.len, err));
    if (t->words && t->many)
        return refuse_line(t, line, err, "words as targets, and more than 65536 different ones");
    return nn_targets_add_numbers(t, &value, err);
}

nn_code nn_targets_add_word(nn_targets *t, const char *text, nn_err *err)
{
    const double none = 0;

    t->words = true;
    NN_TRY(keep_text(t, text, strlen(text), err));
    return nn_targets_add_numbers(t, &none, err);
}

void nn_targets_free(nn_targets *t)
{
    nn_free(t->value);
    nn_free(t->word);
    nn_words_free(&t->texts);
    memset(t, 0, sizeof *t);
}
