/* Where a value stands, and what is wrong with it. */
#include "doc.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The document nests as deep as the scanner lets it, and --set may hang as much below that. */
enum { MAX_STEPS = 2 * NN_JSON_MAX_DEPTH + 1 };

/* Appends one step of a path, as much as fits. */
static size_t put_step(const nn_spot *spot, char *dst, size_t size, size_t used)
{
    const char *key = spot->item->string;
    char shown[NN_SHOWN];
    int wrote = 0;

    if (key == NULL)
        wrote = snprintf(dst + used, size - used, "[%d]", spot->position);
    else
        wrote = snprintf(dst + used, size - used, "%s%s", used == 0 ? "" : ".",
                         nn_text_show(shown, sizeof(shown), key, strlen(key), 40));
    used += (size_t)wrote;
    return used < size ? used : size - 1;
}

const char *nn_node_path(nn_node n, char *dst, size_t size)
{
    int chain[MAX_STEPS];
    int steps = 0;
    size_t used = 0;

    dst[0] = '\0';
    if (n.item == NULL)
        return dst;
    for (int i = n.item->valueint; n.doc->spots[i].parent >= 0; i = n.doc->spots[i].parent) {
        assert(steps < MAX_STEPS);
        chain[steps++] = i;
    }
    while (steps > 0)
        used = put_step(&n.doc->spots[chain[--steps]], dst, size, used);
    return dst;
}

/* A place in the spot's own text; `path` is told unless the name of a --set says it already. */
static nn_place place_at(nn_node n, size_t offset, const char *path)
{
    const nn_origin *origin = &n.doc->origins[n.item == NULL ? 0 : nn_node_spot(n)->origin];
    const bool is_set = origin->line == NULL;
    const bool is_told = is_set && strcmp(origin->name + sizeof(NN_SET_PREFIX) - 1, path) == 0;
    nn_place place = {origin->name, 0, 0, is_told ? "" : path};

    if (n.item != NULL)
        nn_origin_locate(origin, offset, &place.line, &place.column);
    return place;
}

nn_place nn_node_place(nn_node n, char *path, size_t size)
{
    return place_at(n, n.item == NULL ? 0 : nn_node_spot(n)->begin, nn_node_path(n, path, size));
}

static void report(nn_doc *doc, nn_severity severity, nn_place place, const char *id,
                   const char *hint, const char *fmt, va_list ap)
{
    if (doc->reported[severity] >= NN_DOC_MAX_REPORTED)
        return;
    doc->reported[severity]++;
    nn_problems_addv(doc->problems, severity, doc->code, place, id, hint, fmt, ap);
}

void nn_node_faultv(nn_node at, const char *hint, const char *fmt, va_list ap)
{
    char path[NN_PATH_TEXT];

    report(at.doc, NN_ERROR, nn_node_place(at, path, sizeof(path)), NULL, hint, fmt, ap);
}

void nn_node_fault(nn_node at, const char *hint, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    nn_node_faultv(at, hint, fmt, ap);
    va_end(ap);
}

void nn_node_warn(nn_node at, const char *hint, const char *fmt, ...)
{
    char path[NN_PATH_TEXT];
    va_list ap;

    va_start(ap, fmt);
    report(at.doc, NN_WARNING, nn_node_place(at, path, sizeof(path)), NULL, hint, fmt, ap);
    va_end(ap);
}

void nn_node_report(nn_node at, nn_severity severity, const char *id, const char *hint,
                    const char *fmt, ...)
{
    char path[NN_PATH_TEXT];
    va_list ap;

    va_start(ap, fmt);
    report(at.doc, severity, nn_node_place(at, path, sizeof(path)), id, hint, fmt, ap);
    va_end(ap);
}

void nn_node_fault_key(nn_node member, const char *hint, const char *fmt, ...)
{
    const nn_spot *spot = nn_node_spot(member);
    const nn_node around = {member.doc, member.doc->spots[spot->parent].item};
    char path[NN_PATH_TEXT];
    va_list ap;

    va_start(ap, fmt);
    report(member.doc, NN_ERROR,
           place_at(member, spot->key, nn_node_path(around, path, sizeof(path))), NULL, hint, fmt,
           ap);
    va_end(ap);
}
