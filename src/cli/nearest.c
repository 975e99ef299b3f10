/* "did you mean". */
#include "cli/nearest.h"

nn_code nn_nearest_refuse(const nn_nearest *n, const char *where, const char *noun,
                          const char *otherwise, nn_err *err)
{
    char shown[NN_SHOWN];

    nn_text_show(shown, sizeof shown, n->word, strlen(n->word), 40);
    if (n->name != NULL)
        return nn_err_set(err, NN_EUSAGE, where, "unknown %s \"%s%s\"; did you mean \"%s%s\"?",
                          noun, n->prefix, shown, n->prefix, n->name);
    return nn_err_set(err, NN_EUSAGE, where, "unknown %s \"%s%s\"; %s", noun, n->prefix, shown,
                      otherwise);
}
