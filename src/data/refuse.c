/* A fault in the config that a loader found: to the document's problems, and as an error value. */
#include "data/refuse.h"

#include <stdio.h>

nn_code nn_refuse_node(nn_node at, nn_err *err, const char *hint, const char *fmt, ...)
{
    const nn_problems *list = nn_doc_problems(at.doc);
    char path[NN_PATH_TEXT], where[NN_WHERE_SIZE], what[NN_MSG_SIZE];
    const nn_place place = nn_node_place(at, path, sizeof path);
    const size_t before = list->count;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    nn_node_fault(at, hint, "%s", what);
    if (place.line > 0)
        snprintf(where, sizeof where, "%.250s:%d:%d", place.file, place.line, place.column);
    else
        snprintf(where, sizeof where, "%.250s", place.file);
    /* A document that has reported a great many faults reports no more: the error is there all the
     * same. */
    return nn_err_set(err, list->count > before ? list->list[before].code : NN_ECONFIG, where,
                      "%s%s%s%s%s", place.path, place.path[0] == '\0' ? "" : ": ", what,
                      hint == NULL ? "" : "; ", hint == NULL ? "" : hint);
}
