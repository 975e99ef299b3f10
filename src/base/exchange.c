/* Two names that change places. */
#if defined(__linux__)
#define _GNU_SOURCE /* renameat2 */
#endif
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/text.h"

/* 0, or -1 with errno; ENOSYS where there is no such call. */
static int exchange_at_once(const char *a, const char *b)
{
#if defined(RENAME_EXCHANGE)
    return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
#elif defined(__APPLE__)
    return renamex_np(a, b, RENAME_SWAP);
#else
    (void)a;
    (void)b;
    errno = ENOSYS;
    return -1;
#endif
}

/* By way of a third name; what cannot be finished is undone. */
static int exchange_in_steps(const char *a, const char *b)
{
    nn_buf third = {0};
    int failed = -1;

    nn_buf_printf(&third, "%s.old", a);
    if (third.failed) {
        errno = ENOMEM;
    } else if (rename(b, third.data) == 0) {
        failed = rename(a, b);
        const int reason = errno;

        failed = rename(third.data, failed == 0 ? a : b) != 0 ? -1 : failed;
        errno = failed != 0 ? reason : errno;
    }
    nn_buf_free(&third);
    return failed;
}

nn_code nn_path_exchange(const char *a, const char *b, nn_err *err)
{
    int failed = exchange_at_once(a, b);

    if (failed != 0 && (errno == ENOSYS || errno == EINVAL))
        failed = exchange_in_steps(a, b);
    return failed == 0 ? NN_OK : nn_err_sys(err, b, "cannot put a new one in its place");
}
