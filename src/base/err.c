/* Errors as values: the one place where an nn_err is filled. */
#include "base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

nn_code nn_err_setv(nn_err *err, nn_code code, const char *where, const char *fmt, va_list ap)
{
    char msg[2 * NN_MSG_SIZE];

    assert(err != NULL && code != NN_OK);
    if (vsnprintf(msg, sizeof msg, fmt, ap) < 0)
        msg[0] = '\0';
    if (where == NULL)
        where = "";
    err->code = code;
    err->id = NULL;
    /* Whatever a caller let through: a message can never drive the terminal that shows it. */
    nn_text_show(err->where, sizeof err->where, where, strlen(where), sizeof err->where);
    nn_text_show(err->msg, sizeof err->msg, msg, strlen(msg), sizeof err->msg);
    return code;
}

nn_code nn_err_set(nn_err *err, nn_code code, const char *where, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    nn_err_setv(err, code, where, fmt, ap);
    va_end(ap);
    return code;
}

nn_code nn_err_sys(nn_err *err, const char *where, const char *what)
{
    const int number = errno;
    char text[128];

    if (strerror_r(number, text, sizeof text) != 0)
        snprintf(text, sizeof text, "system error %d", number);
    return nn_err_set(err, number == ENOMEM ? NN_ELIMIT : NN_EFILE, where, "%s: %s", what, text);
}

nn_code nn_err_memory(nn_err *err, const char *what, unsigned long long bytes)
{
    if (bytes == 0)
        return nn_err_set(err, NN_ELIMIT, NULL, "not enough memory for %s", what);
    return nn_err_set(err, NN_ELIMIT, NULL, "not enough memory for %s (%llu bytes)", what, bytes);
}

nn_code nn_err_reading(nn_err *err, nn_code rc, const char *file)
{
    if (rc == NN_ELIMIT && err->where[0] == '\0')
        nn_text_show(err->where, sizeof err->where, file, strlen(file), sizeof err->where);
    return rc;
}
