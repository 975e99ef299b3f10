/*
 * A list of everything found wrong, for checks that report all problems at once instead of the
 * first. Starts zeroed; release with nn_problems_free.
 */
#ifndef NN_BASE_PROBLEMS_H
#define NN_BASE_PROBLEMS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum nn_severity { NN_ERROR, NN_WARNING } nn_severity;

typedef struct nn_problem {
    nn_severity severity;
    nn_code code; /* what kind of fault: NN_ECONFIG, NN_EDATA, ... */
    char *file;   /* as the user named it; NULL when no file is meant */
    int line;     /* from 1; 0 = unknown */
    int column;
    char *path;     /* "model.layers[2].units"; NULL when none */
    char *message;  /* "expected ..., got ..." */
    char *hint;     /* what to do; NULL when the message says it */
    const char *id; /* of a mistake of modelling: a literal that stays, "no-activation"; or NULL */
} nn_problem;

typedef struct nn_problems {
    nn_problem *list;
    size_t count;
    size_t capacity;
    bool lost; /* memory ran out while one was added */
} nn_problems;

typedef struct nn_place {
    const char *file;
    int line, column;
    const char *path;
} nn_place;

/* Copies everything. `hint` may be NULL. */
void nn_problems_add(nn_problems *list, nn_severity severity, nn_code code, nn_place at,
                     const char *hint, const char *fmt, ...) NN_PRINTF(6, 7);
/* The same with a name for the kind of mistake, which may be NULL. */
void nn_problems_report(nn_problems *list, nn_severity severity, nn_code code, nn_place at,
                        const char *id, const char *hint, const char *fmt, ...) NN_PRINTF(7, 8);
void nn_problems_addv(nn_problems *list, nn_severity severity, nn_code code, nn_place at,
                      const char *id, const char *hint, const char *fmt, va_list ap);
/* Takes over an error value as a problem; `hint` may be NULL. */
void nn_problems_add_err(nn_problems *list, const nn_err *err, const char *hint);
size_t nn_problems_errors(const nn_problems *list);
/* NN_OK without errors; else the first error's code, with its place and message in *err. */
NN_MUST_CHECK nn_code nn_problems_check(const nn_problems *list, nn_err *err);
/* "file:12:20: path: message; hint [id]", as after "nnctl: error: ". */
void nn_problem_text(const nn_problem *p, char *dst, size_t size);
void nn_problems_free(nn_problems *list);

#endif
