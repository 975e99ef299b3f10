/* Reading an object by its fields, and saying everything that is wrong with it. */
#include "fields.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "doc.h"

void nn_node_expected(nn_node n, const char *hint, const char *what)
{
    char got[NN_SHOWN];

    nn_node_fault(n, hint, "expected %s, got %s", what, nn_node_show(n, got));
}

const char *nn_hint_names(const char *word, const char *const *names, const char *lead, char *dst)
{
    const char *near = word == NULL ? NULL : nn_text_nearest(word, names);
    size_t used = 0;

    if (near != NULL) {
        (void)snprintf(dst, NN_HINT_TEXT, "did you mean \"%s\"?", near);
        return dst;
    }
    if (names[0] == NULL)
        return NULL;
    used = (size_t)snprintf(dst, NN_HINT_TEXT, "%s", lead);
    for (size_t i = 0; names[i] != NULL; i++) {
        const char *comma = i == 0 ? "" : ", ";

        if (used + strlen(comma) + strlen(names[i]) + sizeof(", ...") > NN_HINT_TEXT) {
            (void)snprintf(dst + used, NN_HINT_TEXT - used, ", ...");
            break;
        }
        used += (size_t)snprintf(dst + used, NN_HINT_TEXT - used, "%s%s", comma, names[i]);
    }
    return dst;
}

/* "<noun> from 1 to 9" */
static void expected_number(nn_node n, const char *noun, const nn_range *range)
{
    char words[NN_RANGE_TEXT];
    char what[2 * NN_RANGE_TEXT];

    (void)nn_range_text(range, words);
    (void)snprintf(what, sizeof(what), "%s%s%s", noun, *words == '\0' ? "" : " ", words);
    nn_node_expected(n, NULL, what);
}

static bool is_whole_in(nn_node n, const nn_range *range)
{
    const double value = nn_node_number(n);

    return nn_node_is(n, NN_JSON_NUMBER) && nn_range_has(range, value) && value == floor(value);
}

static void read_int(const nn_field *f, nn_node n, int *at)
{
    const nn_range range = nn_field_range(f);

    if (is_whole_in(n, &range))
        *at = (int)nn_node_number(n);
    else
        expected_number(n, "an integer", &range);
}

static void read_num(const nn_field *f, nn_node n, double *at)
{
    const nn_range range = nn_field_range(f);

    if (nn_node_is(n, NN_JSON_NUMBER) && nn_range_has(&range, nn_node_number(n)))
        *at = nn_node_number(n);
    else
        expected_number(n, "a number", &range);
}

/* As a number only while a double holds it: 2^53 + 1 would silently become 2^53. */
static bool seed_of_number(nn_node n, uint64_t *seed)
{
    const double value = nn_node_number(n);
    size_t len = 0;
    const char *digits = nn_node_digits(n, &len);

    if (nn_parse_u64(digits, len, seed))
        return *seed <= (uint64_t)NN_JSON_MAX_WHOLE;
    if (!(value >= 0 && value < NN_JSON_MAX_WHOLE && value == floor(value)))
        return false;
    *seed = (uint64_t)value;
    return true;
}

static void read_seed(nn_node n, uint64_t *at)
{
    const char *text = nn_node_text(n);
    uint64_t seed = 0;

    if (nn_node_is(n, NN_JSON_NUMBER) && seed_of_number(n, &seed))
        *at = seed;
    else if (nn_node_is(n, NN_JSON_TEXT) && strchr(text, '+') == NULL &&
             nn_parse_u64(text, strlen(text), &seed))
        *at = seed;
    else
        nn_node_expected(n, "larger seeds, up to 18446744073709551615, are written as text",
                         "an integer from 0 to 9007199254740992");
}

static void read_bool(nn_node n, bool *at)
{
    if (nn_node_is(n, NN_JSON_BOOL))
        *at = nn_node_bool(n);
    else
        nn_node_expected(n, NULL, "true or false");
}

static void read_text(nn_node n, const char **at)
{
    if (nn_node_is(n, NN_JSON_TEXT))
        *at = nn_node_text(n);
    else
        nn_node_expected(n, NULL, "text");
}

static void read_word(const nn_field *f, nn_node n, int *at)
{
    char hint[NN_HINT_TEXT];
    char shown[NN_SHOWN];

    if (!nn_node_is(n, NN_JSON_TEXT)) {
        nn_node_expected(n, nn_hint_names(NULL, f->words, "one of: ", hint), "text");
        return;
    }
    for (int i = 0; f->words[i] != NULL; i++) {
        if (strcmp(f->words[i], nn_node_text(n)) == 0) {
            *at = i;
            return;
        }
    }
    nn_node_fault(n, nn_hint_names(nn_node_text(n), f->words, "expected one of: ", hint),
                  "unknown %s %s", f->key, nn_node_show(n, shown));
}

/* Reports a bad element and goes on with the next. */
static void read_shape(const nn_field *f, nn_node n, nn_shape *at)
{
    const nn_range range = nn_field_range(f);
    nn_shape shape = {0};
    bool ok = true;
    size_t len = 0;

    if (!nn_node_is(n, NN_JSON_ARRAY) || nn_node_first(n).item == NULL) {
        nn_node_expected(n, NULL, "a list of integers");
        return;
    }
    for (nn_node e = nn_node_first(n); e.item != NULL; e = nn_node_next(e)) {
        if (shape.rank == NN_MAX_RANK) {
            nn_node_fault(n, NULL, "expected at most %d integers, got %d", NN_MAX_RANK,
                          nn_node_count(n));
            return;
        }
        if (is_whole_in(e, &range))
            shape.dim[shape.rank] = (int)nn_node_number(e);
        else
            expected_number(e, "an integer", &range);
        ok = ok && is_whole_in(e, &range);
        shape.rank++;
    }
    if (ok && range.low >= 1 && !nn_shape_len_checked(&shape, PTRDIFF_MAX / 8, &len))
        nn_node_fault(n, NULL, "expected a shape that fits into memory");
    else if (ok)
        *at = shape;
}

static void read_pair(const nn_field *f, nn_node n, int *at)
{
    const nn_range range = nn_field_range(f);
    const nn_node a = nn_node_is(n, NN_JSON_ARRAY) ? nn_node_first(n) : n;
    const nn_node b = nn_node_is(n, NN_JSON_ARRAY) ? nn_node_next(a) : n;

    if (nn_node_is(n, NN_JSON_ARRAY) && nn_node_count(n) != 2) {
        nn_node_fault(n, NULL, "expected one integer or two, got %d", nn_node_count(n));
    } else if (!is_whole_in(a, &range)) {
        expected_number(a, "an integer", &range);
    } else if (!is_whole_in(b, &range)) {
        expected_number(b, "an integer", &range);
    } else {
        at[0] = (int)nn_node_number(a);
        at[1] = (int)nn_node_number(b);
    }
}

static void read_member(const nn_field *f, nn_node n, void *at)
{
    switch (f->type) {
    case NN_FIELD_INT:
        read_int(f, n, at);
        break;
    case NN_FIELD_SEED:
        read_seed(n, at);
        break;
    case NN_FIELD_NUM:
        read_num(f, n, at);
        break;
    case NN_FIELD_BOOL:
        read_bool(n, at);
        break;
    case NN_FIELD_TEXT:
        read_text(n, at);
        break;
    case NN_FIELD_WORD:
        read_word(f, n, at);
        break;
    case NN_FIELD_CHOICE:
        nn_choice_read_or(f->family, n, nn_field_default_kind(f), at);
        break;
    case NN_FIELD_SHAPE:
        read_shape(f, n, at);
        break;
    case NN_FIELD_PAIR:
        read_pair(f, n, at);
        break;
    case NN_FIELD_OBJECT:
        nn_fields_read(f->table->fields, n, NULL, at);
        break;
    case NN_FIELD_LIST:
        if (!nn_node_is(n, NN_JSON_ARRAY))
            nn_node_expected(n, NULL, "a list");
        *(nn_node *)at = n;
        break;
    case NN_FIELD_NODE:
        *(nn_node *)at = n;
        break;
    }
}

static bool is_known(const char *key, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(key, *names) == 0)
            return true;
    }
    return false;
}

static void check_keys(const nn_field *fields, nn_node object, const char *const *also)
{
    const char *names[NN_MAX_NAMES];
    char hint[NN_HINT_TEXT];
    char shown[NN_SHOWN];
    size_t count = 0;

    for (; also != NULL && *also != NULL; also++)
        names[count++] = *also;
    NN_EACH_FIELD(f, fields)
    {
        assert(count + 1 < NN_MAX_NAMES);
        names[count++] = f->key;
    }
    names[count] = NULL;
    for (nn_node m = nn_node_first(object); m.item != NULL; m = nn_node_next(m)) {
        const char *key = nn_node_key(m);

        if (is_known(key, names) || m.doc->reported[NN_ERROR] >= NN_DOC_MAX_REPORTED)
            continue;
        nn_node_fault_key(m, nn_hint_names(key, names, "known keys: ", hint), "unknown key \"%s\"",
                          nn_text_show(shown, sizeof(shown), key, strlen(key), 40));
    }
}

void nn_fields_read_at(const nn_field *fields, nn_node object, nn_node blame,
                       const char *const *also, void *conf)
{
    nn_fields_default(fields, object.doc, conf);
    if (object.item != NULL && !nn_node_is(object, NN_JSON_OBJECT)) {
        nn_node_expected(object, NULL, "an object");
        return;
    }
    check_keys(fields, object, also);
    NN_EACH_FIELD(f, fields)
    {
        const nn_node member = nn_node_get(object, f->key);

        if (member.item == NULL && f->fallback == NULL)
            nn_node_fault(blame, NULL, "required key \"%s\" is missing", f->key);
        else if (member.item != NULL &&
                 !(nn_field_is_optional(f) && nn_node_is(member, NN_JSON_NULL)))
            read_member(f, member, (char *)conf + f->at);
    }
}

void nn_fields_read(const nn_field *fields, nn_node object, const char *const *also, void *conf)
{
    nn_fields_read_at(fields, object, object, also, conf);
}
