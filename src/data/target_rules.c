/* The rules that make classes or numbers of targets. */
#include "data/targets.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    FEW = 32,
    SMALL = 1000
}; /* different whole numbers, and below what, that AUTO takes for classes */

/* A fault of one row, with the place that the user can open. */
static nn_code fault(const nn_targets *t, size_t row, nn_err *err, const char *fmt, ...)
    NN_PRINTF(4, 5);
static nn_code fault(const nn_targets *t, size_t row, nn_err *err, const char *fmt, ...)
{
    char what[NN_MSG_SIZE];
    char where[NN_WHERE_SIZE];
    char shown[NN_SHOWN];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    if (t->node.item != NULL)
        return nn_refuse_node(nn_node_at(t->node, (int)row), err, NULL, "%s", what);
    if (t->table == NULL)
        return nn_err_set(err, NN_EDATA, t->name, "sample %zu: %s", row, what);
    nn_dataset_where(t->table, row, where);
    if (t->column == NULL)
        return nn_err_set(err, NN_EDATA, where, "%s", what);
    return nn_err_set(err, NN_EDATA, where, "column \"%s\": %s",
                      nn_text_show(shown, sizeof shown, t->column, strlen(t->column), 40), what);
}

/* The first row of words where numbers are due. */
static nn_code refuse_words(const nn_targets *t, const char *why, nn_err *err)
{
    const char *text = t->texts.text[t->word[t->first_word]];
    char shown[NN_SHOWN];

    return fault(t, t->first_word, err, "expected a number, got \"%s\"; %s",
                 nn_text_show(shown, sizeof shown, text, strlen(text), 40), why);
}

static nn_code as_numbers(nn_targets *t, nn_task task, nn_dataset *d, nn_err *err)
{
    const size_t width = (size_t)t->width;
    const size_t count = t->rows * width;
    char text[NN_NUMBER_TEXT];

    if (t->words)
        return refuse_words(t, "words are classes: task multiclass or binary", err);
    d->value = nn_alloc(count, sizeof *d->value);
    if (d->value == NULL)
        return nn_err_memory(err, "the targets", count * sizeof *d->value);
    d->width = t->width;
    for (size_t i = 0; i < count; i++) {
        const double value = t->value[i];

        if (task == NN_TASK_MULTILABEL && value != 0 && value != 1)
            return fault(t, i / width, err, "multilabel targets are 0 or 1, got %s",
                         nn_format_double(text, value));
        if (fabs(value) > (double)FLT_MAX)
            return fault(t, i / width, err, "a target out of the range of float32: %s",
                         nn_format_double(text, value));
        d->value[i] = (float)value;
    }
    return NN_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Words become classes in the order of their bytes. */
static nn_code classes_of_words(const nn_targets *t, nn_dataset *d, nn_err *err)
{
    const nn_classes texts = {.name = t->texts.text, .count = t->texts.count};

    NN_TRY(nn_classes_copy(&d->classes, &texts, err));
    qsort(d->classes.name, (size_t)d->classes.count, sizeof *d->classes.name, compare_names);
    for (size_t i = 0; i < t->rows; i++) {
        char *const *at = bsearch(&t->texts.text[t->word[i]], d->classes.name,
                                  (size_t)d->classes.count, sizeof *d->classes.name, compare_names);

        d->label[i] = (int32_t)(at - d->classes.name);
    }
    return NN_OK;
}

static nn_code name_classes(nn_dataset *d, const double *number, size_t count, nn_err *err)
{
    char text[NN_NUMBER_TEXT];

    d->classes.name = nn_alloc(count + 1, sizeof *d->classes.name);
    if (d->classes.name == NULL)
        return nn_err_memory(err, "the class names", 0);
    for (size_t i = 0; i < count; i++) {
        d->classes.name[i] =
            nn_strdup(nn_format_double(text, number == NULL ? (double)i : number[i]));
        if (d->classes.name[i] == NULL)
            return nn_err_memory(err, "the class names", 0);
        d->classes.count++;
    }
    return NN_OK;
}

/* Class numbers as they are: the classes are 0 to the largest. */
static nn_code classes_to_largest(const nn_targets *t, nn_task task, nn_dataset *d, nn_err *err)
{
    const size_t width = (size_t)t->width, labels = t->rows * width;
    int count = task == NN_TASK_BINARY ? 2 : 1;

    for (size_t i = 0; i < labels; i++) {
        if (t->value[i] >= NN_MAX_CLASSES)
            return fault(t, i / width, err,
                         "class number %.0f is over the limit of %d classes; numbers to "
                         "be predicted need the task regression",
                         t->value[i], NN_MAX_CLASSES);
        d->label[i] = (int32_t)t->value[i];
        if (d->label[i] >= count)
            count = d->label[i] + 1;
    }
    return name_classes(d, NULL, (size_t)count, err);
}

/* A class for each different number; a label is the number's position among them. */
static nn_code classes_of_numbers(const nn_targets *t, nn_dataset *d, nn_err *err)
{
    const size_t labels = t->rows * (size_t)t->width;
    double *number = nn_alloc(labels, sizeof *number);
    size_t count = 0;
    nn_code rc = NN_OK;

    if (number == NULL)
        return nn_err_memory(err, "the class numbers", labels * sizeof *number);
    memcpy(number, t->value, labels * sizeof *number);
    qsort(number, labels, sizeof *number, compare_numbers);
    for (size_t i = 0; i < labels; i++)
        if (i == 0 || number[i] != number[count - 1])
            number[count++] = number[i];
    if (count > NN_MAX_CLASSES)
        rc =
            nn_err_set(err, NN_EDATA, t->name, "%zu different targets, expected at most %d classes",
                       count, NN_MAX_CLASSES);
    for (size_t i = 0; rc == NN_OK && i < labels; i++) {
        const double *at = bsearch(&t->value[i], number, count, sizeof *number, compare_numbers);

        d->label[i] = (int32_t)(at - number);
    }
    if (rc == NN_OK)
        rc = name_classes(d, number, count, err);
    nn_free(number);
    return rc;
}

/* Columns of a table are no steps of time. `known`: what a sample has to have; 0: any number. */
static nn_code check_class_numbers(const nn_targets *t, int known, nn_err *err)
{
    const double most = 9007199254740992.0; /* beyond 2^53 whole numbers are no longer told apart */
    const size_t width = (size_t)t->width, labels = t->rows * width;
    char text[NN_NUMBER_TEXT];

    if (t->table != NULL)
        known = 1;
    if (known == 1 && t->width != 1)
        return nn_err_set(err, NN_EDATA, t->name,
                          "expected one class number a sample, got %d numbers", t->width);
    if (known > 0 && t->width != known)
        return nn_err_set(err, NN_EDATA, t->name,
                          "expected %d class numbers a sample, one for each step, got %d", known,
                          t->width);
    for (size_t i = 0; i < labels; i++) {
        const double value = t->value[i];

        if (value < 0 || value > most || value != floor(value))
            return fault(t, i / width, err,
                         "expected a class number (a whole number from 0), got %s",
                         nn_format_double(text, value));
    }
    return NN_OK;
}

/* "a, b, c, ..." */
static const char *list_classes(const nn_classes *c, char *dst, size_t size)
{
    size_t len = 0;
    char shown[NN_SHOWN];

    dst[0] = '\0';
    for (int i = 0; i < c->count && len + 48 < size; i++) {
        const char *name = i == 10 ? "..." : c->name[i];

        nn_text_show(shown, sizeof shown, name, strlen(name), 20);
        len += (size_t)snprintf(dst + len, size - len, "%s%.40s", i == 0 ? "" : ", ", shown);
        if (i == 10)
            break;
    }
    return dst;
}

/* Are they "0", "1", ... in order? Then a range says it shorter. */
static bool are_counted(const nn_classes *c)
{
    char text[NN_NUMBER_TEXT];

    for (int i = 0; i < c->count; i++) {
        snprintf(text, sizeof text, "%d", i);
        if (strcmp(text, c->name[i]) != 0)
            return false;
    }
    return true;
}

static nn_code refuse_class(const nn_targets *t, size_t row, const char *name,
                            const nn_classes *known, nn_err *err)
{
    char list[256];
    char shown[NN_SHOWN];

    nn_text_show(shown, sizeof shown, name, strlen(name), 40);
    if (are_counted(known))
        return fault(t, row, err, "expected a class from 0 to %d, got %s", known->count - 1, shown);
    return fault(t, row, err, "unknown class \"%s\"; the classes are %s", shown,
                 list_classes(known, list, sizeof list));
}

/* Labels by the names that were given from outside instead of the names found here. */
static nn_code use_known(const nn_targets *t, const nn_classes *known, nn_dataset *d, nn_err *err)
{
    nn_words names = {0};
    nn_code rc = NN_OK;
    int id = 0;

    for (int i = 0; rc == NN_OK && i < known->count; i++)
        rc = nn_words_add(&names, known->name[i], strlen(known->name[i]), &id, NULL, err);
    for (size_t i = 0; rc == NN_OK && i < t->rows * (size_t)t->width; i++) {
        const char *name = d->classes.name[d->label[i]];

        d->label[i] = nn_words_find(&names, name, strlen(name));
        if (d->label[i] < 0)
            rc = refuse_class(t, i / (size_t)t->width, name, known, err);
    }
    nn_words_free(&names);
    NN_TRY(rc);
    nn_classes_free(&d->classes);
    return nn_classes_copy(&d->classes, known, err);
}

static nn_code as_classes(nn_targets *t, nn_task task, const nn_load *how, nn_dataset *d,
                          nn_err *err)
{
    const nn_classes *known = how->classes;
    const size_t labels = t->rows * (size_t)t->width;
    char list[256];

    if (!t->words)
        NN_TRY(check_class_numbers(t, how->steps, err));
    d->steps = t->width;
    d->label = nn_alloc(labels, sizeof *d->label);
    if (d->label == NULL)
        return nn_err_memory(err, "the labels", labels * sizeof *d->label);
    NN_TRY(t->words   ? classes_of_words(t, d, err)
           : t->whole ? classes_to_largest(t, task, d, err)
                      : classes_of_numbers(t, d, err));
    if (known != NULL && known->count > 0)
        return use_known(t, known, d, err);
    if (task == NN_TASK_BINARY && d->classes.count > 2)
        return nn_err_set(err, NN_EDATA, t->name, "task binary: expected 2 classes, got %d: %s",
                          d->classes.count, list_classes(&d->classes, list, sizeof list));
    return NN_OK;
}

/* Whole numbers from 0 to 999, at most 32 different ones. */
static bool are_few(const nn_targets *t)
{
    bool seen[SMALL] = {false};
    int count = 0;

    for (size_t i = 0; i < t->rows && count <= FEW; i++) {
        const double value = t->value[i];

        if (!(value >= 0 && value < SMALL && value == floor(value)))
            return false;
        count += !seen[(int)value];
        seen[(int)value] = true;
    }
    return count <= FEW;
}

static nn_task task_of(const nn_targets *t, const nn_load *how)
{
    if (how->task != NN_TASK_AUTO)
        return how->task;
    if (t->words || (how->classes != NULL && how->classes->count > 0))
        return NN_TASK_MULTICLASS;
    if (t->width > 1)
        return NN_TASK_REGRESSION;
    return t->whole || are_few(t) ? NN_TASK_MULTICLASS : NN_TASK_REGRESSION;
}

nn_code nn_targets_settle(nn_targets *t, const nn_load *how, nn_dataset *d, nn_err *err)
{
    const nn_task task = task_of(t, how);

    if (t->words && t->fractions && how->task == NN_TASK_AUTO)
        return refuse_words(t, "other targets are numbers with fractions", err);
    if (task == NN_TASK_MULTICLASS || task == NN_TASK_BINARY)
        return as_classes(t, task, how, d, err);
    return as_numbers(t, task, d, err);
}
