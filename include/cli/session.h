/*
 * One call of nnctl: what was asked, and the only way to say something. stdout gets results,
 * through `out`; stderr gets progress, warnings and errors, one line each, with outside bytes made
 * visible.
 */
#ifndef NN_CLI_SESSION_H
#define NN_CLI_SESSION_H

#include "base/problems.h"
#include "base/text.h"
#include "cli/command.h"

/* What every command understands; filled by nn_common_options. */
typedef struct nn_common {
    bool help, quiet, verbose, json;
    int threads; /* 0: not given; or NN_THREADS_AUTO */
    int color;   /* nn_color */
    nn_texts sets;
} nn_common;
typedef enum nn_color { NN_COLOR_AUTO, NN_COLOR_ALWAYS, NN_COLOR_NEVER } nn_color;

extern const nn_option nn_common_options[];
extern const nn_option nn_set_options[]; /* --set alone, for commands that read a config */

struct nn_session {
    const nn_command *command;
    nn_common common;
    void *conf;       /* the command's own options */
    nn_texts words;   /* its arguments */
    const char *runs; /* the directory of all runs */
    int argc;         /* as the program was called, for the run record */
    char *const *argv;
    double start;         /* nn_clock_now */
    struct nn_live *live; /* the line that shows progress, while there is one (cli/live.h) */

    nn_buf out;         /* text on its way to stdout */
    bool survives_pipe; /* a failed write to stdout is told at the end, not at once */
    nn_err out_err;     /* that failure */
    bool told;          /* the error has been printed already */
    int status;         /* when the command ran: 0, or what else its end means */
};

static inline const char *nn_session_word(const nn_session *s, int i)
{
    return i < s->words.count ? s->words.list[i] : NULL;
}
int nn_session_threads(const nn_session *s); /* the number to use */

/* Writes s->out to stdout and empties it. */
NN_MUST_CHECK nn_code nn_session_flush(nn_session *s, nn_err *err);

/*
 * Before something that cannot be undone, as when a file gets its name: all that is in s->out is
 * there, and there is room for a line that tells of it and of this path (or NULL) in JSON.
 */
NN_MUST_CHECK nn_code nn_session_reserve(nn_session *s, const char *path, nn_err *err);

/* A line of progress; nothing with --quiet. */
void nn_session_note(const nn_session *s, const char *fmt, ...) NN_PRINTF(2, 3);
/* "nnctl: warning: ..."; nothing with --quiet. */
void nn_session_warn(const nn_session *s, const char *fmt, ...) NN_PRINTF(2, 3);
void nn_session_error(const nn_session *s, const nn_err *err);
/* All of them, in the order of their places. */
void nn_session_problems(nn_session *s, const nn_problems *problems);

/* Is colour wanted on this descriptor? */
bool nn_session_color(const nn_session *s, int fd);

#endif
