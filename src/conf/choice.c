/* Families: choosing a kind by its name, with its own keys. */
#include "fields.h"

#include <assert.h>
#include <string.h>

#include "doc.h"

static const char *const type_key[] = {"type", NULL};

const nn_kind *nn_family_find(const nn_family *family, const char *name)
{
    for (const nn_kind *const *k = family->kinds; *k != NULL; k++) {
        if (strcmp((*k)->name, name) == 0)
            return *k;
    }
    return NULL;
}

void nn_family_names(const nn_family *family, const char **names)
{
    size_t count = 0;

    for (const nn_kind *const *k = family->kinds; *k != NULL; k++) {
        assert(count + 1 < NN_MAX_NAMES);
        names[count++] = (*k)->name;
    }
    names[count] = NULL;
}

void nn_choice_default(nn_choice *out, const nn_kind *kind)
{
    assert(kind->conf_size <= NN_CHOICE_CONF);
    *out = (nn_choice){.kind = kind};
    nn_fields_default(kind->fields, NULL, &out->conf);
}

/* The kind that a text names, or a fault and NULL. */
static const nn_kind *find_named(const nn_family *family, nn_node name)
{
    const nn_kind *kind = nn_family_find(family, nn_node_text(name));
    const char *names[NN_MAX_NAMES];
    char hint[NN_HINT_TEXT];
    char shown[NN_SHOWN];

    if (kind != NULL)
        return kind;
    nn_family_names(family, names);
    nn_node_fault(name, nn_hint_names(nn_node_text(name), names, "expected one of: ", hint),
                  "unknown %s %s", family->noun, nn_node_show(name, shown));
    return NULL;
}

static void expected_name(const nn_family *family, nn_node n, const char *what)
{
    const char *names[NN_MAX_NAMES];
    char hint[NN_HINT_TEXT];

    nn_family_names(family, names);
    nn_node_expected(n, nn_hint_names(NULL, names, "known names: ", hint), what);
}

const nn_kind *nn_family_read_type(const nn_family *family, nn_node object)
{
    const nn_node type = nn_node_get(object, "type");

    if (!nn_node_is(object, NN_JSON_OBJECT))
        nn_node_expected(object, NULL, "an object");
    else if (type.item == NULL)
        nn_node_fault(object, NULL, "required key \"type\" is missing");
    else if (!nn_node_is(type, NN_JSON_TEXT))
        expected_name(family, type, "text");
    else
        return find_named(family, type);
    return NULL;
}

void nn_choice_read_or(const nn_family *family, nn_node n, const nn_kind *implied, nn_choice *out)
{
    const nn_kind *kind = NULL;
    nn_node object = {n.doc, NULL};

    if (nn_node_is(n, NN_JSON_TEXT)) {
        kind = find_named(family, n);
    } else if (nn_node_is(n, NN_JSON_OBJECT)) {
        object = n;
        if (implied != NULL && nn_node_spot(n)->origin > 0 && nn_node_get(n, "type").item == NULL)
            kind = implied;
        else
            kind = nn_family_read_type(family, n);
    } else if (n.item != NULL) {
        expected_name(family, n, "a name or an object");
    }
    if (kind == NULL)
        return;
    assert(kind->conf_size <= NN_CHOICE_CONF);
    *out = (nn_choice){.kind = kind};
    nn_fields_read_at(kind->fields, object, n, type_key, &out->conf);
}

void nn_choice_read(const nn_family *family, nn_node n, nn_choice *out)
{
    nn_choice_read_or(family, n, NULL, out);
}
