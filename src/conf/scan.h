/*
 * The strict pass over a JSON text before cJSON sees it: cJSON builds trees, it does not validate.
 * Private to conf/.
 */
#ifndef NN_CONF_SCAN_H
#define NN_CONF_SCAN_H

#include "conf/json.h"

struct cJSON;

/* Where a value stands. Spots come in document order: a parent before its children. */
typedef struct nn_spot {
    const struct cJSON *item; /* filled when the tree is there */
    uint32_t begin;           /* offset of the value */
    uint32_t key;             /* offset of its key; of the value itself in an array */
    int parent;               /* index of the spot around it; -1: the root */
    int position;             /* among its siblings, from 0 */
    int origin;               /* which text: 0 the document, k the k-th --set */
} nn_spot;

/* 2^53: up to here every whole number is a double, beyond it a JSON number may mean its neighbour.
 */
#define NN_JSON_MAX_WHOLE 9007199254740992.0

enum { NN_SCAN_MESSAGE = 320 };

typedef struct nn_scan {
    /* Given by the caller; the text is NUL-terminated, and comments in it are overwritten by
     * spaces. */
    char *text;
    size_t len;
    bool comments;
    size_t max_text;
    /* Found; `spots` is the caller's to nn_free, also after a fault. */
    nn_spot *spots;
    size_t count;
    size_t capacity;
    /* The fault, when there is one. */
    size_t fault_at;
    const char *hint; /* a literal, or NULL */
    char message[NN_SCAN_MESSAGE];
    /* The scanner's own. */
    size_t at;
    int depth;
    nn_err *err;
} nn_scan;

/* NN_ECONFIG: a fault, described in *s and not in *err. NN_ELIMIT: no memory, in *err. */
NN_MUST_CHECK nn_code nn_scan_run(nn_scan *s, nn_err *err);
/* Length of the number that begins at `at`, by its characters. */
size_t nn_scan_number_len(const char *text, size_t at);

#endif
