/* What nnctl says, and where. */
#include "cli/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/live.h"
#include "math/pool.h"

enum { LINE = 512, ROOM = 1024 };

int nn_session_threads(const nn_session *s)
{
    return s->common.threads > 0 ? s->common.threads : nn_cpu_count();
}

nn_code nn_session_flush(nn_session *s, nn_err *err)
{
    nn_err found = {0};
    nn_code rc = nn_buf_check(&s->out, &found);

    if (rc == NN_OK && s->out.len > 0 && s->out_err.code == NN_OK) {
        nn_live_hide(s->live);
        rc = nn_fd_write(STDOUT_FILENO, "stdout", s->out.data, s->out.len, &found);
        nn_live_show(s->live);
    }
    nn_buf_clear(&s->out);
    if (rc != NN_OK && s->survives_pipe) {
        s->out_err = found;
        return NN_OK;
    }
    if (rc != NN_OK)
        *err = found;
    return rc;
}

nn_code nn_session_reserve(nn_session *s, const char *path, nn_err *err)
{
    nn_buf_reserve(&s->out, ROOM + (path == NULL ? 0 : NN_JSON_GROWTH * strlen(path)));
    const nn_code rc = nn_buf_check(&s->out, err);
    if (rc != NN_OK)
        nn_buf_free(&s->out); /* half of it is nothing, and it has been told */
    return rc;
}

bool nn_session_color(const nn_session *s, int fd)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    if (s->common.color != NN_COLOR_AUTO)
        return s->common.color == NN_COLOR_ALWAYS;
    return (no_color == NULL || no_color[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0 &&
           isatty(fd) == 1;
}

/*
 * One line on stderr in one write, so that lines of several processes do not mix. A stderr that
 * cannot be written to is no reason to stop.
 */
static void say(const nn_session *s, const char *label, const char *color, const char *text)
{
    const bool colored = label[0] != '\0' && nn_session_color(s, STDERR_FILENO);
    char line[LINE + 1];
    char all[LINE + 16];
    int len;

    /* The label and the newline count as well. */
    nn_text_show(line, sizeof line - strlen(label) - 1, text, strlen(text), LINE);
    len = snprintf(all, sizeof all, "%s%s%s%s\n", colored ? color : "", label,
                   colored ? "\033[0m" : "", line);
    nn_err ignored = {0};
    nn_live_hide(s->live);
    const nn_code rc = nn_fd_write(STDERR_FILENO, "stderr", all, (size_t)len, &ignored);
    nn_live_show(s->live);
    (void)rc;
}

static void say_error(const nn_session *s, const char *text)
{
    say(s, "nnctl: error: ", "\033[1;31m", text);
}

static void say_warning(const nn_session *s, const char *text)
{
    if (!s->common.quiet)
        say(s, "nnctl: warning: ", "\033[1;33m", text);
}

void nn_session_note(const nn_session *s, const char *fmt, ...)
{
    char text[2 * LINE];
    va_list ap;

    if (s->common.quiet)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    say(s, "", "", text);
}

void nn_session_warn(const nn_session *s, const char *fmt, ...)
{
    char text[2 * LINE];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    say_warning(s, text);
}

void nn_session_error(const nn_session *s, const nn_err *err)
{
    char text[NN_WHERE_SIZE + NN_MSG_SIZE + 2];

    snprintf(text, sizeof text, "%s%s%s", err->where, err->where[0] == '\0' ? "" : ": ", err->msg);
    say_error(s, text);
}

/* By place; what has none, and equals, stay as they were found. */
static int compare_places(const void *a, const void *b)
{
    const nn_problem *const *p = a;
    const nn_problem *const *q = b;

    if ((*p)->line != (*q)->line)
        return (*p)->line < (*q)->line ? -1 : 1;
    if ((*p)->column != (*q)->column)
        return (*p)->column < (*q)->column ? -1 : 1;
    return *p < *q ? -1 : *p > *q;
}

void nn_session_problems(nn_session *s, const nn_problems *problems)
{
    char text[NN_WHERE_SIZE + 2 * NN_MSG_SIZE];
    const nn_problem **order =
        problems->count > 1 ? nn_alloc(problems->count, sizeof order[0]) : NULL;

    for (size_t i = 0; order != NULL && i < problems->count; i++)
        order[i] = &problems->list[i];
    if (order != NULL)
        qsort(order, problems->count, sizeof order[0], compare_places);
    else if (problems->count > 1)
        say_warning(s, "not enough memory to tell what follows in the order of places");
    for (size_t i = 0; i < problems->count; i++) {
        const nn_problem *p = order != NULL ? order[i] : &problems->list[i];

        nn_problem_text(p, text, sizeof text);
        if (p->severity == NN_WARNING)
            say_warning(s, text);
        else
            say_error(s, text);
        s->told |= p->severity == NN_ERROR;
    }
    nn_free(order);
}
