/* Starter configs: the files of src/cli/templates/, carried inside the program. */
#ifndef NN_CLI_TEMPLATE_H
#define NN_CLI_TEMPLATE_H

#include <stddef.h>

typedef struct nn_template {
    const char *name; /* the file's, without .json */
    const unsigned char *text;
    size_t len;
} nn_template;

extern const nn_template nn_templates[]; /* ends with a row without name; sorted by name */

#endif
