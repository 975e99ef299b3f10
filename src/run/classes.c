/* Are there rows of every class? */
#include "run/classes.h"

#include "base/mem.h"
#include "data/dataset.h"

static nn_node key(const nn_setup *s, const char *name)
{
    const nn_node root = nn_doc_root(s->config->doc);
    const nn_node given = nn_node_get(root, name);

    return nn_node_is(given, NN_JSON_NONE) ? root : given;
}

/* How many of the classes have a row, and the first and the last of those with, or without one. */
typedef struct tally {
    int present, some, absent;
} tally;

static void tally_up(tally *t, const nn_dataset *d, const nn_view *rows, size_t *count, int classes)
{
    *t = (tally){0, -1, -1};
    for (int k = 0; k < classes; k++)
        count[k] = 0;
    for (size_t i = 0; i < rows->count; i++)
        count[d->label[nn_view_row(rows, i)]]++;
    for (int k = 0; k < classes; k++) {
        t->present += count[k] > 0;
        if (count[k] > 0 && t->some < 0)
            t->some = k;
        if (count[k] == 0 && t->absent < 0)
            t->absent = k;
    }
}

typedef struct part {
    const char *what, *key;
    const nn_dataset *set;
    const nn_view *rows;
} part;

static void check_part(const nn_setup *s, const part *p, size_t *count, int classes)
{
    const char *const *name = (const char *const *)s->train_set->classes.name;
    char shown[NN_SHOWN];
    tally t;

    if (p->rows->count == 0 || p->set == NULL || p->set->label == NULL)
        return;
    tally_up(&t, p->set, p->rows, count, classes);
    if (t.present == 1 && p->rows == nn_setup_rows(s))
        nn_node_report(key(s, p->key), s->config->data.strict_classes ? NN_ERROR : NN_WARNING,
                       "one-class", "there is nothing to tell apart",
                       "all %zu training rows are of one class, \"%s\"", p->rows->count,
                       nn_text_show(shown, sizeof shown, name[t.some], strlen(name[t.some]), 40));
    else if (t.absent >= 0 && s->config->data.strict_classes)
        nn_node_report(
            key(s, p->key), NN_ERROR, "absent-class",
            "data.strict_classes asks for rows of every class in every split",
            "none of the %zu %s rows is of class \"%s\"", p->rows->count, p->what,
            nn_text_show(shown, sizeof shown, name[t.absent], strlen(name[t.absent]), 40));
}

nn_code nn_classes_check(const nn_setup *s, nn_err *err)
{
    const nn_dataset *d = s->train_set;
    const nn_dataset *held = s->validation_set != NULL ? s->validation_set : d;
    const part parts[] = {{"training", "data", d, nn_setup_rows(s)},
                          {"validation", "validation", held, &s->validation},
                          {"test", "data", s->test_set != NULL ? s->test_set : d, &s->test}};

    if (d->classes.count == 0 || d->label == NULL || d->text || d->windows.window > 0)
        return NN_OK;
    size_t *count = nn_alloc((size_t)d->classes.count, sizeof *count);
    if (count == NULL)
        return nn_err_memory(err, "counts of classes", 0);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        check_part(s, &parts[i], count, d->classes.count);
    nn_free(count);
    return NN_OK;
}
