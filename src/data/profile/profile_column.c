/* Looking at one column: range, moments, different values. */
#include "profile_column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/csv_field.h"

enum { FIRST_SLOTS = 64, FEW_CLASSES = 32, SMALL_CLASS = 1000 };

/* Puts a hash where it belongs; true when it is new. 0 is no hash. */
static bool put(nn_hash_set *s, uint64_t hash)
{
    size_t at = (size_t)hash & (s->slots - 1);

    while (s->slot[at] != 0) {
        if (s->slot[at] == hash)
            return false;
        at = (at + 1) & (s->slots - 1);
    }
    s->slot[at] = hash;
    s->count++;
    return true;
}

static nn_code add(nn_hash_set *s, uint64_t hash, bool *fresh, nn_err *err)
{
    if (2 * (s->count + 1) > s->slots) {
        nn_hash_set larger = {.slots = s->slots == 0 ? FIRST_SLOTS : 2 * s->slots};

        larger.slot = nn_alloc(larger.slots, sizeof *larger.slot);
        if (larger.slot == NULL)
            return nn_err_memory(err, "the values of a column", larger.slots * sizeof hash);
        for (size_t i = 0; i < s->slots; i++)
            if (s->slot[i] != 0)
                (void)put(&larger, s->slot[i]);
        nn_free(s->slot);
        *s = larger;
    }
    *fresh = put(s, hash == 0 ? 1 : hash);
    return NN_OK;
}

static void drop_values(nn_look *l)
{
    for (int i = 0; i < l->values; i++)
        nn_free(l->value[i].text);
    l->values = 0;
}

/* Counts a value; with one too many of them, counting makes no sense any more. */
static nn_code count_value(nn_look *l, uint64_t hash, const char *text, size_t len, nn_err *err)
{
    if (l->too_many_values)
        return NN_OK;
    for (int i = 0; i < l->values; i++)
        if (l->value[i].hash == hash) {
            l->value[i].count++;
            return NN_OK;
        }
    if (l->values == NN_PROFILE_VALUES) {
        drop_values(l);
        l->too_many_values = true;
        return NN_OK;
    }
    char *copy = nn_strndup(text, len);
    if (copy == NULL)
        return nn_err_memory(err, "a value of a column", len);
    l->value[l->values++] = (nn_value_count){copy, hash, 1};
    return NN_OK;
}

static nn_code note(nn_look *l, uint64_t hash, nn_err *err)
{
    bool fresh = false;

    l->all = nn_hash_mix(l->all, hash);
    if (l->many)
        return NN_OK;
    if (hash == l->last && l->seen.count > 0) {
        l->repeated = true;
        return NN_OK;
    }
    l->last = hash;
    NN_TRY(add(&l->seen, hash, &fresh, err));
    l->repeated = l->repeated || !fresh;
    l->many = l->seen.count >= l->limit;
    return NN_OK;
}

static void measure(nn_look *l, double value)
{
    const double away = value - l->mean;

    l->least = l->numbers == 0 || value < l->least ? value : l->least;
    l->most = l->numbers == 0 || value > l->most ? value : l->most;
    l->numbers++;
    l->whole += value == floor(value);
    l->mean += away / (double)l->numbers;
    l->squares += away * (value - l->mean);
    nn_histogram_add(&l->spread, value);
}

/* Is it the number that was there before, letter by letter? */
static bool is_as_before(const nn_look *l, nn_field_text field)
{
    return l->before_len > 0 && field.len == l->before_len &&
           memcmp(field.bytes, l->before, field.len) == 0;
}

static void keep_number(nn_look *l, nn_field_text field, const nn_looked *as)
{
    l->before_len = field.len <= sizeof l->before ? field.len : 0;
    memcpy(l->before, field.bytes, l->before_len);
    l->before_as = *as;
}

nn_code nn_look_field(nn_look *l, nn_field_text field, nn_looked *out, nn_err *err)
{
    if (is_as_before(l, field)) {
        *out = l->before_as;
        measure(l, out->number);
        NN_TRY(count_value(l, out->hash, field.bytes, field.len, err));
        return note(l, out->hash, err);
    }
    const nn_field_text bare = nn_csv_trim(field);
    double value = 0;

    *out = (nn_looked){0, NAN, false};
    if (nn_csv_is_missing(bare, l->missing_words)) {
        l->missing++;
        l->all = nn_hash_mix(l->all, 0);
        return NN_OK;
    }
    const nn_number kind = nn_csv_number(bare, l->point, &value);
    if (kind == NN_NUMBER_OK || kind == NN_NUMBER_TINY) {
        measure(l, value);
        out->number = value;
        out->hash = nn_hash_number(value);
        keep_number(l, field, out);
    } else {
        l->words++;
        out->is_word = true;
        out->hash = nn_hash_bytes(bare.bytes, bare.len);
    }
    NN_TRY(count_value(l, out->hash, bare.bytes, bare.len, err));
    return note(l, out->hash, err);
}

nn_code nn_look_number(nn_look *l, double value, nn_err *err)
{
    const uint64_t hash = nn_hash_number(value);
    char text[NN_NUMBER_TEXT];

    measure(l, value);
    if (!l->too_many_values) {
        nn_format_double(text, value);
        NN_TRY(count_value(l, hash, text, strlen(text), err));
    }
    return note(l, hash, err);
}

/* The most common first; of equals the one that reads first: numbers by size, texts by bytes. */
static int compare_counts(const void *a, const void *b)
{
    const nn_value_count *x = a, *y = b;
    double m, n;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    if (nn_parse_double(x->text, strlen(x->text), &m) == NN_NUMBER_OK &&
        nn_parse_double(y->text, strlen(y->text), &n) == NN_NUMBER_OK && m != n)
        return m < n ? -1 : 1;
    return strcmp(x->text, y->text);
}

nn_code nn_look_end(nn_look *l, nn_column_profile *out, nn_err *err)
{
    out->missing = l->missing;
    out->numbers = l->numbers;
    out->words = l->words;
    out->whole = l->whole;
    out->least = l->numbers > 0 ? l->least : (double)NAN;
    out->most = l->numbers > 0 ? l->most : (double)NAN;
    out->mean = l->numbers > 0 ? l->mean : (double)NAN;
    out->deviation = l->numbers > 0 ? sqrt(l->squares / (double)l->numbers) : (double)NAN;
    out->spread = l->spread;
    out->distinct = l->many ? NN_PROFILE_DISTINCT : l->seen.count;
    out->unique = !l->repeated && l->seen.count > 0;
    out->same_as = -1;
    out->tells = NAN;
    if (l->values == 0)
        return NN_OK;
    out->value = nn_alloc((size_t)l->values, sizeof *out->value);
    if (out->value == NULL)
        return nn_err_memory(err, "the values of a column", 0);
    memcpy(out->value, l->value, (size_t)l->values * sizeof *out->value);
    out->values = l->values;
    l->values = 0; /* handed over */
    qsort(out->value, (size_t)out->values, sizeof *out->value, compare_counts);
    return NN_OK;
}

void nn_look_free(nn_look *l)
{
    drop_values(l);
    nn_free(l->seen.slot);
}

bool nn_column_is_constant(const nn_column_profile *c)
{
    return c->distinct + (c->missing > 0) <= 1;
}

bool nn_column_is_category(const nn_column_profile *c)
{
    if (c->words > 0)
        return true;
    return c->numbers > 0 && c->whole == c->numbers && c->distinct <= FEW_CLASSES &&
           c->least >= 0 && c->most < SMALL_CLASS;
}
