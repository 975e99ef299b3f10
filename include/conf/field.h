/*
 * One table per config object. A row says key, type, range, default and one line of help, and
 * drives parsing, defaults, resolved.json, the JSON schema and the manual. A kind (a layer type, a
 * loss, an optimizer, ...) is a name with such a table; a family is the list of kinds to choose
 * from.
 */
#ifndef NN_CONF_FIELD_H
#define NN_CONF_FIELD_H

#include "base/shape.h"
#include "conf/json.h"

#include <stddef.h>

typedef enum nn_field_type {
    NN_FIELD_INT,    /* int */
    NN_FIELD_SEED,   /* uint64_t: a whole number to 2^53, or any as text */
    NN_FIELD_NUM,    /* double */
    NN_FIELD_BOOL,   /* bool */
    NN_FIELD_TEXT,   /* const char *, owned by the document; NULL when absent */
    NN_FIELD_WORD,   /* int: index into `words` */
    NN_FIELD_CHOICE, /* nn_choice of `family`: "name" or {"type": "name", ...} */
    NN_FIELD_SHAPE,  /* nn_shape: a list of whole numbers (rank 0 when absent) */
    NN_FIELD_PAIR,   /* int[2]: n, or [n, n] */
    NN_FIELD_OBJECT, /* a struct in place, read by `table` */
    NN_FIELD_NODE,   /* nn_node as it stands; the owner of the table looks into it */
    NN_FIELD_LIST    /* the same for a list of members of `family`; see `common` */
} nn_field_type;

typedef struct nn_field {
    const char *key;
    nn_field_type type;
    size_t at; /* offsetof in the object's struct */
    /*
     * JSON text of the default; NULL: the key must be given; "null": may be absent, and the struct
     * then keeps what it had before reading (zero, as a rule); such a key may be given as null as
     * well. For OBJECT "{}" means: all its defaults. CHOICE: a "\"name\"" only. An absent NODE or
     * LIST becomes NONE with its document, and its owner knows what the fallback means.
     */
    const char *fallback;
    /* INT, NUM, SHAPE, PAIR: "[1,1048576]", "[0,1)", "(0,]"; NULL: any (SHAPE: from 1). */
    const char *range;
    const char *const *words; /* WORD: ends with NULL */
    /* CHOICE, LIST; NODE: optional, one member of it, for the schema. */
    const struct nn_family *family;
    /*
     * Keys of every member, whatever its kind, in a LIST or NODE of `family` (a layer's "name").
     * The members are then objects; without it a bare name will do as in CHOICE. For the schema.
     */
    const struct nn_table *common;
    const struct nn_table *table; /* OBJECT; NODE: optional, what it may hold, for the schema */
    const char *form;             /* NODE: what it may be, as JSON schema text; NULL: anything */
    const char *help;             /* one line */
} nn_field;

typedef struct nn_table {
    const char *name; /* "training" */
    const char *help;
    const nn_field *fields; /* ends with a row without key; NULL: none */
} nn_table;

typedef struct nn_kind {
    const char *name; /* as written in a config */
    const char *help;
    const nn_field *fields; /* as in nn_table */
    size_t conf_size;       /* bytes of the struct that the fields fill; 0: none */
} nn_kind;

/* The kinds to choose from. A class struct begins with its nn_kind: a kind is cast to its class. */
typedef struct nn_family {
    const char *noun; /* "layer type", "optimizer" */
    const char *help;
    const nn_kind *const *kinds; /* ends with NULL */
} nn_family;

/* A kind that was chosen, with its filled conf. */
enum { NN_CHOICE_CONF = 128 };
typedef struct nn_choice {
    const nn_kind *kind; /* NULL: none */
    union {
        double align;
        unsigned char bytes[NN_CHOICE_CONF];
    } conf;
} nn_choice;

/* NULL when there is none. */
const nn_kind *nn_family_find(const nn_family *family, const char *name);
/* Puts the fallback of every field into conf; texts are kept by `doc` (NULL: there are none). */
void nn_fields_default(const nn_field *fields, nn_doc *doc, void *conf);
/* The kind with all defaults. It must have no required key. */
void nn_choice_default(nn_choice *out, const nn_kind *kind);

/*
 * Reads an object into `conf` by its fields. Every fault is reported to the document's problems
 * (unknown keys with the nearest name, missing keys, types, ranges); reading goes on with defaults.
 * A NONE object is one without keys.
 * `also` names keys that someone else reads (ends with NULL; may be NULL).
 */
void nn_fields_read(const nn_field *fields, nn_node object, const char *const *also, void *conf);
/* Reads "name" or {"type": "name", ...}. On a fault out->kind stays as it was. */
void nn_choice_read(const nn_family *family, nn_node n, nn_choice *out);
/* Only the "type" of an object, for families whose conf lives elsewhere (layers). NULL: a fault. */
const nn_kind *nn_family_read_type(const nn_family *family, nn_node object);

/* The inverse: `"key":value` pairs, comma separated, no braces; `first` false: after a comma. */
void nn_fields_write(const nn_field *fields, const void *conf, bool first, nn_buf *out);
/* "name" when the kind has no fields, else {"type":"name",...}. */
void nn_choice_write(const nn_choice *choice, nn_buf *out);

/* JSON schema (draft-07) and Markdown reference of a whole table, with everything it refers to. */
void nn_table_schema(const nn_table *root, const char *title, nn_buf *out);
void nn_table_manual(const nn_table *root, nn_buf *out);

#endif
