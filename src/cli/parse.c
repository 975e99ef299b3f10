/* Reading a command line by option tables, in the GNU manner. */
#include "cli/option.h"

#include <stdio.h>
#include <string.h>

#include "cli/nearest.h"

typedef struct scan {
    const nn_parse *p;
    int argc;
    char *const *argv;
    int next; /* the argument to read next */
    nn_texts *words;
    nn_err *err;
} scan;

/* A row with the place that it fills, and how the user wrote it. */
typedef struct match {
    const nn_option *row;
    unsigned char *into;
    char name[NN_SHOWN]; /* "--epochs" or "-o" */
} match;

static nn_code refuse(const scan *s, const char *before, const char *word, const char *after)
{
    char shown[NN_SHOWN];

    return nn_err_set(s->err, NN_EUSAGE, s->p->where, "%s\"%s\"%s", before,
                      nn_text_show(shown, sizeof shown, word, strlen(word), 40), after);
}

/* The option with this long name (len bytes of it), or with this letter when len is 0. */
static bool find(const nn_parse *p, const char *name, size_t len, char letter, match *m)
{
    for (int i = 0; i < p->sets; i++)
        for (const nn_option *o = p->set[i].rows; o != NULL && o->name != NULL; o++) {
            const bool is_it = len == 0 ? o->letter == letter
                                        : strlen(o->name) == len && memcmp(o->name, name, len) == 0;
            if (is_it) {
                m->row = o;
                m->into = p->set[i].into;
                if (len == 0)
                    snprintf(m->name, sizeof m->name, "-%c", letter);
                else
                    snprintf(m->name, sizeof m->name, "--%s", o->name);
                return true;
            }
        }
    return false;
}

static nn_code unknown_long(const scan *s, const char *name, size_t len)
{
    char word[NN_SHOWN];
    nn_nearest nearest = {word, "--", NULL, 0};

    snprintf(word, sizeof word, "%.*s", (int)(len < NN_SHOWN ? len : NN_SHOWN), name);
    for (int i = 0; i < s->p->sets; i++)
        for (const nn_option *o = s->p->set[i].rows; o != NULL && o->name != NULL; o++)
            nn_nearest_try(&nearest, o->name);
    return nn_nearest_refuse(&nearest, s->p->where, "option", "see --help", s->err);
}

/* Puts "set its key" where the config's reader will find it. */
static nn_code assign(const scan *s, const nn_option *o, const char *text)
{
    nn_buf assignment = {0};
    nn_code rc;

    nn_buf_printf(&assignment, "%s=", o->set);
    if (o->is_text)
        nn_buf_json(&assignment, text);
    else
        nn_buf_put(&assignment, text);
    if ((rc = nn_buf_check(&assignment, s->err)) == NN_OK)
        rc = nn_texts_add(s->p->assignments, assignment.data, s->err);
    nn_buf_free(&assignment);
    return rc;
}

static nn_code take_value(const scan *s, const match *m, const char *text)
{
    union {
        int64_t i;
        uint64_t u;
        double d;
        const char *text;
    } checked;
    void *at = m->row->set != NULL ? (void *)&checked : m->into + m->row->at;
    nn_err found = {0};

    if (text[0] == '\0')
        return nn_err_set(s->err, NN_EUSAGE, s->p->where, "%s: expected %s, got an empty text",
                          m->name, m->row->value);
    const nn_code rc = m->row->read(m->row, text, at, &found);
    if (rc != NN_OK)
        return nn_err_set(s->err, rc, s->p->where, "%s: %s", m->name, found.msg);
    return m->row->set != NULL ? assign(s, m->row, text) : NN_OK;
}

/* The value of an option that stands alone is the next argument, whatever it looks like. */
static nn_code take_next(scan *s, const match *m)
{
    if (s->next == s->argc)
        return nn_err_set(s->err, NN_EUSAGE, s->p->where, "%s: expected %s after it", m->name,
                          m->row->value);
    return take_value(s, m, s->argv[s->next++]);
}

static void raise_flag(const match *m)
{
    *(bool *)(m->into + m->row->at) = true;
}

static nn_code take_long(scan *s, const char *name)
{
    const char *equals = strchr(name, '=');
    const size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
    match m;

    if (len == 0 || !find(s->p, name, len, 0, &m))
        return unknown_long(s, name, len);
    if (m.row->value == NULL) {
        if (equals != NULL)
            return nn_err_set(s->err, NN_EUSAGE, s->p->where, "%s takes no value", m.name);
        raise_flag(&m);
        return NN_OK;
    }
    return equals != NULL ? take_value(s, &m, equals + 1) : take_next(s, &m);
}

/* One or more letters behind one dash; the first that takes a value takes the rest. */
static nn_code take_letters(scan *s, const char *argument)
{
    match m;

    for (const char *c = argument + 1; *c != '\0'; c++) {
        if (!find(s->p, NULL, 0, *c, &m))
            return c == argument + 1 ? refuse(s, "unknown option ", argument, "")
                                     : refuse(s, "unknown letter in the options ", argument, "");
        if (m.row->value != NULL)
            return c[1] != '\0' ? take_value(s, &m, c + 1) : take_next(s, &m);
        raise_flag(&m);
    }
    return NN_OK;
}

static nn_code take_word(scan *s, const char *word)
{
    if (word[0] == '\0')
        return nn_err_set(s->err, NN_EUSAGE, s->p->where, "an argument is an empty text");
    return nn_texts_add(s->words, word, s->err);
}

nn_code nn_options_parse(const nn_parse *p, int argc, char *const *argv, nn_texts *words, int *used,
                         nn_err *err)
{
    scan s = {p, argc, argv, 0, words, err};
    bool ended = false;

    while (s.next < argc) {
        const char *argument = argv[s.next];
        const bool is_option = !ended && argument[0] == '-' && argument[1] != '\0';

        if (!is_option && p->stops_at_word)
            break;
        s.next++;
        if (!is_option)
            NN_TRY(take_word(&s, argument));
        else if (strcmp(argument, "--") == 0)
            ended = true;
        else if (argument[1] == '-')
            NN_TRY(take_long(&s, argument + 2));
        else
            NN_TRY(take_letters(&s, argument));
    }
    *used = s.next;
    return NN_OK;
}
