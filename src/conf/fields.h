/* What the files about fields share. Private to conf/. */
#ifndef NN_CONF_FIELDS_H
#define NN_CONF_FIELDS_H

#include "conf/field.h"

/* Fields of a table or kind: ends at a row without key; NULL is empty. */
#define NN_EACH_FIELD(f, fields)                                                                   \
    for (const nn_field *f = (fields); f != NULL && f->key != NULL; f++)

typedef struct nn_range {
    double low, high; /* infinite: no bound */
    bool open_low, open_high;
} nn_range;

enum { NN_RANGE_TEXT = 128 };

/* The range of a field, with the bounds of its type: whole numbers are closed and fit int. */
nn_range nn_field_range(const nn_field *f);
bool nn_range_has(const nn_range *range, double value);
/* "from 1 to 9", "above 0", "" for any; dst holds NN_RANGE_TEXT bytes. */
const char *nn_range_text(const nn_range *range, char *dst);

static inline bool nn_field_is_whole(const nn_field *f)
{
    return f->type == NN_FIELD_INT || f->type == NN_FIELD_SHAPE || f->type == NN_FIELD_PAIR;
}

static inline bool nn_field_is_optional(const nn_field *f)
{
    return f->fallback != NULL && f->fallback[0] == 'n'; /* "null" */
}

/* The kind that a CHOICE's fallback names; NULL: none. */
const nn_kind *nn_field_default_kind(const nn_field *f);

/* As nn_fields_read; faults of the whole are blamed on `blame`, where `object` may be NONE. */
void nn_fields_read_at(const nn_field *fields, nn_node object, nn_node blame,
                       const char *const *also, void *conf);
/* As nn_choice_read; `implied` is the kind of an object that --set made, where none was named. */
void nn_choice_read_or(const nn_family *family, nn_node n, const nn_kind *implied, nn_choice *out);

/* "expected <what>, got <n>" at n. */
void nn_node_expected(nn_node n, const char *hint, const char *what);

/* Room for a list of names in a hint: a line of messages has 512 bytes in all. */
enum { NN_HINT_TEXT = 256, NN_MAX_NAMES = 256 };
/*
 * A question whether the nearest name was meant, or `lead` and the names, as many as fit. `word`
 * may be NULL: no name was meant. dst holds NN_HINT_TEXT bytes. NULL when there are no names.
 */
const char *nn_hint_names(const char *word, const char *const *names, const char *lead, char *dst);
/* The names of the kinds, ending with NULL; names holds NN_MAX_NAMES. */
void nn_family_names(const nn_family *family, const char **names);

/* What a field refers to: a table, a family as a choice, or the members of a family. */
typedef struct nn_ref {
    const nn_family *family; /* NULL: the table alone */
    const nn_table *table; /* with a family: the keys common to its members; NULL: a name will do */
} nn_ref;

enum { NN_MAX_REFS = 64 };
typedef struct nn_refs {
    nn_ref list[NN_MAX_REFS];
    size_t count;
} nn_refs;

/* Everything that the fields refer to, directly or not, each once and in order of appearance. */
void nn_refs_collect(nn_refs *refs, const nn_field *fields);
/* What one field refers to; false: nothing. A NODE may refer to both: its table then. */
bool nn_field_ref(const nn_field *f, nn_ref *out);
/* "layer", "optimizer": unique in a program by the choice of its names. */
const char *nn_ref_name(const nn_ref *ref);
const char *nn_ref_help(const nn_ref *ref);
/* The name with its spaces replaced: a word for links. */
void nn_ref_put_word(const nn_ref *ref, char space, nn_buf *out);
/* Must a member of the kind be an object, since some key has no default? */
bool nn_kind_needs_keys(const nn_kind *kind);

#endif
