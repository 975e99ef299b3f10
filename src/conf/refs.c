/* What tables refer to: the chapters of the schema and of the manual. */
#include "fields.h"

#include <assert.h>

bool nn_field_ref(const nn_field *f, nn_ref *out)
{
    if (f->table != NULL)
        *out = (nn_ref){NULL, f->table};
    else if (f->family != NULL)
        *out = (nn_ref){f->family, f->common};
    else
        return false;
    return true;
}

const char *nn_ref_name(const nn_ref *ref)
{
    return ref->table != NULL ? ref->table->name : ref->family->noun;
}

const char *nn_ref_help(const nn_ref *ref)
{
    return ref->family != NULL ? ref->family->help : ref->table->help;
}

void nn_ref_put_word(const nn_ref *ref, char space, nn_buf *out)
{
    for (const char *c = nn_ref_name(ref); *c != '\0'; c++)
        nn_buf_char(out, *c == ' ' ? space : *c);
}

bool nn_kind_needs_keys(const nn_kind *kind)
{
    NN_EACH_FIELD(f, kind->fields)
    {
        if (f->fallback == NULL)
            return true;
    }
    return false;
}

static bool is_listed(const nn_refs *refs, const nn_ref *ref)
{
    for (size_t i = 0; i < refs->count; i++) {
        if (refs->list[i].family == ref->family && refs->list[i].table == ref->table)
            return true;
    }
    return false;
}

void nn_refs_collect(nn_refs *refs, const nn_field *fields)
{
    NN_EACH_FIELD(f, fields)
    {
        nn_ref ref = {0};

        if (!nn_field_ref(f, &ref) || is_listed(refs, &ref))
            continue;
        assert(refs->count < NN_MAX_REFS);
        refs->list[refs->count++] = ref;
        if (ref.table != NULL)
            nn_refs_collect(refs, ref.table->fields);
        for (size_t i = 0; ref.family != NULL && ref.family->kinds[i] != NULL; i++)
            nn_refs_collect(refs, ref.family->kinds[i]->fields);
    }
}
