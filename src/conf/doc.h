/* The inside of a document, for the files of conf/ alone. */
#ifndef NN_CONF_DOC_H
#define NN_CONF_DOC_H

#include <cjson/cJSON.h>

#include "scan.h"

/* What the name of an origin begins with when it is an assignment; its path follows. */
#define NN_SET_PREFIX "--set "

enum { NN_DOC_MAX_REPORTED = 1000 }; /* faults that are listed, and as many warnings */

/* A text that values came from. */
typedef struct nn_origin {
    char *name; /* as it stands in messages: "configs/mlp.json", "--set training.epochs" */
    char *text; /* NUL-terminated, comments blanked, no byte order mark */
    size_t len;
    uint32_t *line; /* offsets at which the lines begin; NULL: places have no lines */
    size_t lines;
} nn_origin;

struct nn_doc {
    nn_code code;
    nn_problems *problems;
    int reported[2]; /* by severity; a hostile document may hold millions of faults */
    cJSON *root;
    nn_spot *spots; /* item->valueint is an item's index here; cJSON itself never reads valueint */
    size_t count;
    size_t capacity;
    nn_origin *origins; /* [0] is the document */
    size_t origin_count;
    size_t origin_capacity;
    char **kept; /* texts that live as long as the document */
    size_t kept_count;
    size_t kept_capacity;
};

/* nn_doc_parse with another limit on texts: a model's header holds a whole config as one text. */
NN_MUST_CHECK nn_code nn_doc_parse_limit(nn_doc **out, const nn_json_source *source,
                                         const char *text, size_t len, size_t max_text,
                                         nn_problems *problems, nn_err *err);
/* Takes copies; *origin is its index. */
NN_MUST_CHECK nn_code nn_doc_add_origin(nn_doc *doc, const char *name, const char *text, size_t len,
                                        int *origin, nn_err *err);
/*
 * Scans and builds the last origin's text. NN_ECONFIG: a fault, in *scan (whose spots are
 * released). The tree is the caller's until it hangs in the document.
 */
NN_MUST_CHECK nn_code nn_doc_build(nn_doc *doc, nn_scan *scan, cJSON **tree, nn_err *err);
/* Refuses objects that hold a key twice, among the spots from `from` on. */
NN_MUST_CHECK nn_code nn_doc_check_repeated(nn_doc *doc, size_t from, nn_err *err);
/* Gives a new item without children a spot. */
NN_MUST_CHECK nn_code nn_doc_add_spot(nn_doc *doc, cJSON *item, int origin, nn_err *err);
/* A copy that lives with the document; NULL (and the problem list says so) when memory is out. */
const char *nn_doc_keep(nn_doc *doc, const char *text, size_t len);
/* Line and column from 1, in bytes; 0 where the origin has no lines. */
void nn_origin_locate(const nn_origin *origin, size_t offset, int *line, int *column);

const nn_spot *nn_node_spot(nn_node n);
/* The characters of a number as they were written. */
const char *nn_node_digits(nn_node n, size_t *len);
/* Reports at the key of a member, with the path of the object that holds it. */
void nn_node_fault_key(nn_node member, const char *hint, const char *fmt, ...) NN_PRINTF(3, 4);

#endif
