/* A fault in the config that a loader found: to the document's problems, and as an error value. */
#include "data/targets.h"

#include <stdio.h>

nn_code nn_refuse_node(nn_node at, nn_err *err, const char *hint, const char *fmt, ...)
{
    const nn_problems *list = nn_doc_problems(at.doc);
    const size_t before = list->count;
    char where[NN_WHERE_SIZE];
    const nn_problem *p = NULL;
    va_list ap;

    va_start(ap, fmt);
    nn_node_faultv(at, hint, fmt, ap);
    va_end(ap);
    if (list->count == before)
        return nn_err_memory(err, "the list of problems", 0);
    p = &list->list[list->count - 1];
    snprintf(where, sizeof where, "%.250s:%d:%d", p->file == NULL ? "" : p->file, p->line,
             p->column);
    return nn_err_set(err, p->code, where, "%s: %s%s%s", p->path == NULL ? "" : p->path, p->message,
                      hint == NULL ? "" : "; ", hint == NULL ? "" : hint);
}
