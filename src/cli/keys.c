/* The keys of a config, from its tables. */
#include "cli/keys.h"

#include <stdio.h>
#include <string.h>

#include "run/config.h"

enum { KEY = 128 };

static bool has_key(const nn_kind *kind, const char *key)
{
    for (const nn_field *f = kind->fields; f != NULL && f->key != NULL; f++)
        if (strcmp(f->key, key) == 0)
            return true;
    return false;
}

static bool is_new(const nn_family *family, int kind, const char *key)
{
    for (int i = 0; i < kind; i++)
        if (has_key(family->kinds[i], key))
            return false;
    return true;
}

/* A choice has the keys of all its kinds, since which one is chosen is not known here. */
static void put_choice(const nn_family *family, const char *prefix, nn_buf *out)
{
    nn_buf_printf(out, " %stype", prefix);
    for (int i = 0; family->kinds[i] != NULL; i++)
        for (const nn_field *f = family->kinds[i]->fields; f != NULL && f->key != NULL; f++)
            if (is_new(family, i, f->key))
                nn_buf_printf(out, " %s%s", prefix, f->key);
}

static void put_fields(const nn_field *fields, const char *prefix, nn_buf *out)
{
    char inner[KEY];

    for (const nn_field *f = fields; f->key != NULL; f++) {
        nn_buf_printf(out, " %s%s", prefix, f->key);
        if (snprintf(inner, sizeof inner, "%s%s.", prefix, f->key) >= KEY)
            continue;
        if (f->table != NULL && f->table->fields != NULL)
            put_fields(f->table->fields, inner, out);
        else if (f->type == NN_FIELD_CHOICE)
            put_choice(f->family, inner, out);
    }
}

void nn_config_keys(nn_buf *out)
{
    put_fields(nn_config_table.fields, "", out);
}
