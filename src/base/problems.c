/* A list of everything found wrong. */
#include "base/problems.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static void release(nn_problem *p)
{
    nn_free(p->file);
    nn_free(p->path);
    nn_free(p->message);
    nn_free(p->hint);
}

/* A copy of an optional text; an empty one counts as none. */
static char *copy(const char *text, bool *failed)
{
    char *const fresh = text == NULL || *text == '\0' ? NULL : nn_strdup(text);

    *failed = *failed || (fresh == NULL && text != NULL && *text != '\0');
    return fresh;
}

void nn_problems_addv(nn_problems *list, nn_severity severity, nn_code code, nn_place at,
                      const char *id, const char *hint, const char *fmt, va_list ap)
{
    nn_problem p = {
        .severity = severity, .code = code, .line = at.line, .column = at.column, .id = id};
    nn_buf message = {0};
    nn_err ignored;
    bool failed = false;

    nn_buf_printfv(&message, fmt, ap);
    p.message = message.data;
    p.file = copy(at.file, &failed);
    p.path = copy(at.path, &failed);
    p.hint = copy(hint, &failed);
    if (failed || message.failed ||
        nn_grow(&list->list, &list->capacity, list->count + 1, sizeof p, &ignored) != NN_OK) {
        list->lost = true;
        release(&p);
        return;
    }
    list->list[list->count++] = p;
}

void nn_problems_add(nn_problems *list, nn_severity severity, nn_code code, nn_place at,
                     const char *hint, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    nn_problems_addv(list, severity, code, at, NULL, hint, fmt, ap);
    va_end(ap);
}

void nn_problems_report(nn_problems *list, nn_severity severity, nn_code code, nn_place at,
                        const char *id, const char *hint, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    nn_problems_addv(list, severity, code, at, id, hint, fmt, ap);
    va_end(ap);
}

/* Cuts ":number" off the end of a text of *len bytes; 0 when there is none. */
static int cut_number(const char *text, size_t *len)
{
    size_t i = *len;
    uint64_t number = 0;

    while (i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9')
        i--;
    if (i < 2 || text[i - 1] != ':' || !nn_parse_u64(text + i, *len - i, &number) ||
        number > INT32_MAX)
        return 0;
    *len = i - 1;
    return (int)number;
}

void nn_problems_add_err(nn_problems *list, const nn_err *err, const char *hint)
{
    nn_place at = {0};
    char file[NN_WHERE_SIZE];
    size_t len = strlen(err->where);

    at.line = cut_number(err->where, &len);
    if (at.line != 0 && (at.column = cut_number(err->where, &len)) != 0) {
        const int last = at.line; /* two numbers: what was cut first is the column */

        at.line = at.column;
        at.column = last;
    }
    memcpy(file, err->where, len);
    file[len] = '\0';
    at.file = file;
    nn_problems_report(list, NN_ERROR, err->code, at, err->id, hint, "%s", err->msg);
}

size_t nn_problems_errors(const nn_problems *list)
{
    size_t errors = 0;

    for (size_t i = 0; i < list->count; i++)
        errors += list->list[i].severity == NN_ERROR;
    return errors;
}

/* "file:12:20", or nothing. */
static void where_text(const nn_problem *p, char *dst, size_t size)
{
    const char *const file = p->file == NULL ? "" : p->file;

    if (p->file == NULL || p->line <= 0)
        snprintf(dst, size, "%s", file);
    else if (p->column <= 0)
        snprintf(dst, size, "%s:%d", file, p->line);
    else
        snprintf(dst, size, "%s:%d:%d", file, p->line, p->column);
}

/* "path: message; hint [id]" */
static void what_text(const nn_problem *p, char *dst, size_t size)
{
    snprintf(dst, size, "%s%s%s%s%s%s%s%s", p->path == NULL ? "" : p->path,
             p->path == NULL ? "" : ": ", p->message, p->hint == NULL ? "" : "; ",
             p->hint == NULL ? "" : p->hint, p->id == NULL ? "" : " [", p->id == NULL ? "" : p->id,
             p->id == NULL ? "" : "]");
}

void nn_problem_text(const nn_problem *p, char *dst, size_t size)
{
    char where[NN_WHERE_SIZE], what[2 * NN_MSG_SIZE], line[sizeof where + sizeof what + 2];

    where_text(p, where, sizeof where);
    what_text(p, what, sizeof what);
    snprintf(line, sizeof line, "%s%s%s", where, where[0] == '\0' ? "" : ": ", what);
    nn_text_show(dst, size, line, strlen(line), sizeof line);
}

nn_code nn_problems_check(const nn_problems *list, nn_err *err)
{
    char where[NN_WHERE_SIZE], what[2 * NN_MSG_SIZE];

    for (size_t i = 0; i < list->count; i++) {
        const nn_problem *const p = &list->list[i];

        if (p->severity != NN_ERROR)
            continue;
        where_text(p, where, sizeof where);
        what_text(p, what, sizeof what);
        return nn_err_set(err, p->code, where, "%s", what);
    }
    /* What was lost may have been an error: never call that well. */
    return list->lost ? nn_err_memory(err, "the list of problems", 0) : NN_OK;
}

void nn_problems_free(nn_problems *list)
{
    for (size_t i = 0; i < list->count; i++)
        release(&list->list[i]);
    nn_free(list->list);
    *list = (nn_problems){0};
}
