/*
 * Errors as values. An nn_err lives on the caller's stack, starts zeroed, is filled once by whoever
 * found the fault, and is passed as the last parameter. Nothing below cli/ prints or exits.
 *
 * `where` is a place that the user can open: "file:line", "file:line:column", or a path.
 * `msg` says "expected X, got Y" and what to do: lower case, no full stop. Bytes from outside go
 * into it through nn_text_show (base/text.h).
 */
#ifndef NN_BASE_ERR_H
#define NN_BASE_ERR_H

#include "base/limits.h"

#include <stdarg.h>

typedef enum nn_code {
    NN_OK = 0,
    NN_EUSAGE,    /* the command line */
    NN_ECONFIG,   /* JSON, key, type, range, graph, shapes */
    NN_EDATA,     /* contents of a data file */
    NN_EMODEL,    /* contents of a model or checkpoint */
    NN_EFILE,     /* file system: missing, permission, full, exists */
    NN_ELIMIT,    /* memory, threads, a documented limit */
    NN_EDIVERGED, /* training met NaN or Inf */
    NN_ESTOPPED,  /* a signal or a time limit; the state is on disk */
    NN_EBUG       /* a broken promise inside nnctl */
} nn_code;

enum { NN_WHERE_SIZE = 320 };

typedef struct nn_err {
    nn_code code;
    char where[NN_WHERE_SIZE];
    char msg[NN_MSG_SIZE];
    const char *id; /* a literal that names this kind of mistake; NULL, as nn_err_set leaves it */
} nn_err;

#if defined(__GNUC__)
#define NN_MUST_CHECK   __attribute__((warn_unused_result))
#define NN_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define NN_MUST_CHECK
#define NN_PRINTF(f, a)
#endif

/* Leaves the function with the code of `call` unless that is NN_OK. For code that holds nothing. */
#define NN_TRY(call)                                                                               \
    do {                                                                                           \
        const nn_code nn_try_code = (call);                                                        \
        if (nn_try_code != NN_OK)                                                                  \
            return nn_try_code;                                                                    \
    } while (0)

/* Fills *err and returns `code`, for `return nn_err_set(...)`. `where` may be NULL. */
nn_code nn_err_set(nn_err *err, nn_code code, const char *where, const char *fmt, ...)
    NN_PRINTF(4, 5);
nn_code nn_err_setv(nn_err *err, nn_code code, const char *where, const char *fmt, va_list ap);

/* For a failed system call: NN_EFILE, "<what>: <text of errno>". ENOMEM gives NN_ELIMIT. */
nn_code nn_err_sys(nn_err *err, const char *where, const char *what);

/* Out of memory while making `what` (`bytes` may be 0 = unknown). */
nn_code nn_err_memory(nn_err *err, const char *what, unsigned long long bytes);
/* Passes `rc` on. Where memory ran out and no place is named, it was while `file` was read. */
nn_code nn_err_reading(nn_err *err, nn_code rc, const char *file);

#endif
