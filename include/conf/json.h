/*
 * A JSON document with places. A strict scan goes first (UTF-8, number grammar, control bytes,
 * depth, repeated keys, end of text; // and slash-star comments are allowed) and remembers where
 * every value stands; cJSON then builds the tree. Nodes are handles into the document and live as
 * long as it does.
 *
 * Faults are added to the document's problem list with file, line, column and path, so that one run
 * names them all.
 */
#ifndef NN_CONF_JSON_H
#define NN_CONF_JSON_H

#include "base/limits.h"
#include "base/problems.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct nn_doc nn_doc;

typedef struct nn_node {
    nn_doc *doc;
    const struct cJSON *item; /* NULL: there is no such value */
} nn_node;

typedef enum nn_json_type {
    NN_JSON_NONE, /* no such value */
    NN_JSON_NULL,
    NN_JSON_BOOL,
    NN_JSON_NUMBER,
    NN_JSON_TEXT,
    NN_JSON_ARRAY,
    NN_JSON_OBJECT
} nn_json_type;

typedef struct nn_json_source {
    const char *name; /* as the user named it, for messages */
    nn_code code;  /* what a fault of this document is: NN_ECONFIG, or NN_EMODEL inside a model */
    bool comments; /* allowed? not inside model files */
} nn_json_source;

/*
 * Parses `text`. A syntax fault goes to `problems` and gives source->code with *err filled as well;
 * so does a repeated key. Too many bytes, or no memory: NN_ELIMIT. Nothing is handed out then.
 * `problems` must outlive the document.
 */
NN_MUST_CHECK nn_code nn_doc_parse(nn_doc **out, const nn_json_source *source, const char *text,
                                   size_t len, nn_problems *problems, nn_err *err);
/*
 * The same, but repeated keys are only among the problems, so that what else is wrong can be looked
 * for: the first of them is the one that is read. Whoever goes on asks the problems at the end.
 */
NN_MUST_CHECK nn_code nn_doc_parse_whole(nn_doc **out, const nn_json_source *source,
                                         const char *text, size_t len, nn_problems *problems,
                                         nn_err *err);
void nn_doc_free(nn_doc *doc); /* NULL is fine */
nn_node nn_doc_root(nn_doc *doc);
nn_problems *nn_doc_problems(nn_doc *doc);
const char *nn_doc_name(const nn_doc *doc);

/*
 * Applies "model.layers[0].units=64" (NN_EUSAGE when the path or text cannot be meant). A right
 * side that is not JSON is taken as a string. Missing objects on the way are made, and a name there
 * becomes the "type" of one ("adam" means {"type": "adam"}); array elements must exist. Nodes taken
 * before the call may be gone after it. Places of such values read "--set model.layers[0].units".
 * After a failure the document is good for nothing but nn_doc_free.
 */
NN_MUST_CHECK nn_code nn_doc_set(nn_doc *doc, const char *assignment, nn_err *err);

nn_json_type nn_node_type(nn_node n);
bool nn_node_is(nn_node n, nn_json_type type);
nn_node nn_node_get(nn_node object, const char *key); /* NONE when absent or not an object */
nn_node nn_node_at(nn_node array, int i);             /* linear: walk with first/next instead */
nn_node nn_node_first(nn_node parent);                /* first element or member */
nn_node nn_node_next(nn_node n);
int nn_node_count(nn_node parent);
const char *nn_node_key(nn_node member);
double nn_node_number(nn_node n); /* 0 when it is none; likewise below */
bool nn_node_bool(nn_node n);
const char *nn_node_text(nn_node n); /* "" when it is none; lives with the document */

/* "model.layers[2].units" into dst; returned. */
enum { NN_PATH_TEXT = 256 };
const char *nn_node_path(nn_node n, char *dst, size_t size);
nn_place nn_node_place(nn_node n, char *path, size_t size); /* place.path points to `path` */

/* Reports a fault or a warning at a node. `hint` may be NULL. */
void nn_node_fault(nn_node at, const char *hint, const char *fmt, ...) NN_PRINTF(3, 4);
void nn_node_warn(nn_node at, const char *hint, const char *fmt, ...) NN_PRINTF(3, 4);
void nn_node_faultv(nn_node at, const char *hint, const char *fmt, va_list ap);
/* The same for a mistake that has a name (base/problems.h), which may be NULL. */
void nn_node_report(nn_node at, nn_severity severity, const char *id, const char *hint,
                    const char *fmt, ...) NN_PRINTF(5, 6);
/* What stands there, for "got %s": "ten" with its quotes, a number, "a list"; dst NN_SHOWN. */
const char *nn_node_show(nn_node n, char *dst);

/* The node as compact JSON. */
void nn_node_write(nn_node n, nn_buf *out);

#endif
