/* Names of layers: those given in the config, Keras's defaults for the rest, and finding by name.
 */
#include "draft.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_name(const char *s)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const size_t len = strspn(s, allowed);

    return s[len] == '\0' && len >= 1 && len <= NN_NAME_SIZE && isalnum((unsigned char)s[0]);
}

/* Takes over a given name if it can be one. */
static void take_given(nn_draft *d)
{
    const nn_node at = nn_node_get(d->node, "name");
    char shown[NN_SHOWN];

    if (!is_name(d->keys.name))
        nn_node_fault(
            at, NULL,
            "expected a name of letters, digits, \".\", \"_\" and \"-\", at most %d, got %s",
            NN_NAME_SIZE, nn_node_show(at, shown));
    else if (strcmp(d->keys.name, "input") == 0)
        nn_node_fault(at, "choose another name", "\"input\" is the model's input");
    else
        memcpy(d->name, d->keys.name, strlen(d->keys.name) + 1);
}

/* By name, and of the same name by the place in the list. */
static int compare(const void *a, const void *b)
{
    const nn_draft *const left = *(nn_draft *const *)a, *const right = *(nn_draft *const *)b;
    const int order = strcmp(left->name, right->name);

    return order != 0 ? order : (left > right) - (left < right);
}

static int compare_name(const void *name, const void *draft)
{
    return strcmp(name, (*(nn_draft *const *)draft)->name);
}

static nn_draft *find(const nn_drafts *d, const char *name)
{
    nn_draft *const *found =
        bsearch(name, d->by_name, (size_t)d->named, sizeof(*d->by_name), compare_name);

    return found == NULL ? NULL : *found;
}

static void sort(nn_drafts *d)
{
    qsort(d->by_name, (size_t)d->named, sizeof(*d->by_name), compare);
}

/* Of layers with the same name only the first is kept in by_name. */
static void report_repeated(nn_drafts *d)
{
    char path[NN_PATH_TEXT];
    int kept = 0;

    for (int i = 0; i < d->named; i++) {
        const nn_draft *before = kept > 0 ? d->by_name[kept - 1] : NULL;
        nn_draft *own = d->by_name[i];

        if (before == NULL || strcmp(before->name, own->name) != 0)
            d->by_name[kept++] = own;
        else
            nn_node_fault(nn_node_get(own->node, "name"), NULL,
                          "the name \"%s\" is already taken by %s", own->name,
                          nn_node_path(before->node, path, sizeof(path)));
    }
    d->named = kept;
}

/* Keras's way: an underscore before each capital that begins a word; MaxPooling2D: max_pooling2d.
 */
static void snake_case(const char *kind, char *dst, size_t size)
{
    size_t len = 0;

    for (size_t i = 0; kind[i] != '\0' && len + 2 < size; i++) {
        const bool capital = isupper((unsigned char)kind[i]) != 0;

        if (i > 0 && capital &&
            (islower((unsigned char)kind[i + 1]) || islower((unsigned char)kind[i - 1])))
            dst[len++] = '_';
        dst[len++] = (char)tolower((unsigned char)kind[i]);
    }
    dst[len] = '\0';
}

/* dense, dense_1, dense_2, ...: the first from *counter on that no layer was given. */
static void name_by_kind(const nn_drafts *d, nn_draft *draft, int *counter)
{
    char base[NN_NAME_SIZE / 2];

    snake_case(draft->layer->class->kind.name, base, sizeof(base));
    do {
        if (*counter == 0)
            snprintf(draft->name, sizeof(draft->name), "%s", base);
        else
            snprintf(draft->name, sizeof(draft->name), "%s_%d", base, *counter);
        ++*counter;
    } while (find(d, draft->name) != NULL);
}

static int kind_index(const nn_kind *kind)
{
    int i = 0;

    while (nn_layers.kinds[i] != NULL && nn_layers.kinds[i] != kind)
        i++;
    return i;
}

/* Names without `find` seeing them yet: it looks among the given names only. Returns how many. */
static int name_the_rest(nn_drafts *d, int *counters)
{
    int added = 0;

    for (int i = 0; i < d->count; i++) {
        nn_draft *draft = &d->list[i];

        if (draft->layer == NULL || draft->name[0] != '\0')
            continue;
        name_by_kind(d, draft, &counters[kind_index(&draft->layer->class->kind)]);
        d->by_name[d->named + added++] = draft;
    }
    return added;
}

nn_code nn_drafts_name(nn_drafts *d, nn_err *err)
{
    int *counters = nn_alloc((size_t)kind_index(NULL), sizeof(*counters));

    if (counters == NULL)
        return nn_err_memory(err, "layer names", 0);
    for (int i = 0; i < d->count; i++) {
        if (d->list[i].keys.name != NULL)
            take_given(&d->list[i]);
        if (d->list[i].name[0] != '\0')
            d->by_name[d->named++] = &d->list[i];
    }
    sort(d);
    report_repeated(d);
    d->named += name_the_rest(d, counters);
    sort(d);
    nn_free(counters);
    return NN_OK;
}

int nn_drafts_find(const nn_drafts *d, const char *name)
{
    const nn_draft *found = find(d, name);

    return found == NULL ? -1 : (int)(found - d->list);
}

const char *nn_drafts_nearest(const nn_drafts *d, const char *name)
{
    const char *nearest = "input";
    int least = nn_text_distance(name, nearest);

    for (int i = 0; i < d->named; i++) {
        const int distance = nn_text_distance(name, d->by_name[i]->name);

        if (distance < least) {
            least = distance;
            nearest = d->by_name[i]->name;
        }
    }
    return nn_text_is_near(name, least) ? nearest : NULL;
}
