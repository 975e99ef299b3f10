/* Asking the terminal and the environment. */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { FEW_COLUMNS = 20, USUAL_COLUMNS = 80 };

int nn_terminal_columns(int fd)
{
    struct winsize size;

    if (isatty(fd) != 1)
        return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL_COLUMNS;
    return size.ws_col < FEW_COLUMNS ? FEW_COLUMNS : size.ws_col;
}

bool nn_terminal_is_dumb(void)
{
    const char *term = getenv("TERM");

    return term == NULL || strcmp(term, "dumb") == 0;
}

static bool names_utf8(const char *locale)
{
    const char *encoding = strchr(locale, '.');

    return encoding != NULL &&
           (strncasecmp(encoding, ".utf-8", 6) == 0 || strncasecmp(encoding, ".utf8", 5) == 0);
}

bool nn_terminal_has_unicode(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    if (nn_terminal_is_dumb())
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && value[0] != '\0') /* the first that is set decides */
            return names_utf8(value);
    }
    return false;
}
