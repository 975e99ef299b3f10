/* Datasets and names of classes: releasing, copying, looking at single numbers. */
#include "data/load.h"

#include <stdio.h>

#include "base/mem.h"
#include "data/raw.h"
#include "data/text.h"

const char *const nn_task_words[] = {"auto",       "multiclass", "binary",
                                     "multilabel", "regression", NULL};

nn_code nn_classes_copy(nn_classes *out, const nn_classes *from, nn_err *err)
{
    nn_classes copy = {0};

    *out = copy;
    if (from->count == 0)
        return NN_OK;
    copy.name = nn_alloc((size_t)from->count + 1, sizeof *copy.name);
    if (copy.name == NULL)
        return nn_err_memory(err, "the class names", 0);
    for (; copy.count < from->count; copy.count++) {
        copy.name[copy.count] = nn_strdup(from->name[copy.count]);
        if (copy.name[copy.count] == NULL) {
            nn_classes_free(&copy);
            return nn_err_memory(err, "the class names", 0);
        }
    }
    *out = copy;
    return NN_OK;
}

void nn_classes_free(nn_classes *c)
{
    for (int i = 0; i < c->count; i++)
        nn_free(c->name[i]);
    nn_free(c->name);
    c->name = NULL;
    c->count = 0;
}

nn_code nn_dataset_new(nn_dataset **out, const char *name, nn_err *err)
{
    nn_dataset *d = nn_alloc(1, sizeof *d);

    *out = d;
    if (d != NULL)
        d->name = nn_strdup(name);
    if (d != NULL && d->name != NULL)
        return NN_OK;
    nn_free(d);
    *out = NULL;
    return nn_err_memory(err, "a dataset", sizeof *d);
}

nn_code nn_dataset_add_file(nn_dataset *d, const char *path, const nn_file_id *id, nn_err *err)
{
    size_t room = (size_t)d->files;
    nn_dataset_file *file = NULL;

    NN_TRY(nn_grow(&d->file, &room, (size_t)d->files + 1, sizeof *d->file, err));
    file = &d->file[d->files];
    file->path = nn_strdup(path);
    if (file->path == NULL)
        return nn_err_memory(err, "the name of a file", 0);
    file->id = *id;
    file->first = d->rows;
    d->files++;
    return NN_OK;
}

nn_code nn_shape_settle(nn_shape *out, const nn_shape *found, const nn_shape *wanted,
                        const char *name, nn_err *err)
{
    char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];

    *out = found->rank == 0 ? nn_shape_1(1) : *found;
    if (wanted->rank == 0)
        return NN_OK;
    if (nn_shape_len(wanted) != nn_shape_len(out))
        return nn_err_set(err, NN_EDATA, name,
                          "samples of shape %s (%zu values), expected the shape %s (%zu)",
                          nn_shape_text(a, out), nn_shape_len(out), nn_shape_text(b, wanted),
                          nn_shape_len(wanted));
    *out = *wanted;
    return NN_OK;
}

void nn_dataset_free(nn_dataset *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; d->column != NULL && i < nn_dataset_pitch(d); i++)
        nn_free(d->column[i]);
    for (int i = 0; i < d->files; i++)
        nn_free(d->file[i].path);
    nn_free(d->file);
    nn_free(d->column);
    nn_free(d->target_column);
    nn_classes_free(&d->targets);
    nn_raw_free(d->raw);
    if (d->raw_text != NULL)
        nn_raw_text_free(d->raw_text);
    nn_free(d->raw_text);
    nn_free(d->text_column.name);
    nn_free(d->line);
    nn_free(d->weight);
    nn_free(d->group);
    nn_free(d->part);
    nn_free(d->series);
    nn_free(d->moment);
    nn_free(d->series_column.name);
    nn_free(d->order_column.name);
    nn_free(d->ids);
    nn_free(d->id_at);
    nn_classes_free(&d->classes);
    nn_free(d->bytes);
    nn_free(d->numbers);
    nn_free(d->label);
    nn_free(d->value);
    nn_free(d->name);
    nn_free(d);
}

void nn_raw_free(nn_raw *raw)
{
    if (raw == NULL)
        return;
    for (int i = 0; i < raw->count; i++) {
        nn_free(raw->column[i].name);
        nn_words_free(&raw->column[i].words);
    }
    nn_free(raw->column);
    nn_free(raw->target);
    nn_free(raw);
}

const char *nn_dataset_where(const nn_dataset *d, size_t row, char *dst)
{
    const char *name = d->name;

    for (int i = 0; i < d->files && d->file[i].first <= row; i++)
        name = d->file[i].path;
    if (d->line == NULL)
        snprintf(dst, NN_WHERE_SIZE, "%.300s", name);
    else
        snprintf(dst, NN_WHERE_SIZE, "%.250s:%llu", name, (unsigned long long)d->line[row]);
    return dst;
}

const char *nn_dataset_id(const nn_dataset *d, size_t row)
{
    return d->ids == NULL ? NULL : d->ids + d->id_at[row];
}

nn_code nn_dataset_widen(nn_dataset *d, size_t count, size_t room, uint8_t **bytes, nn_err *err)
{
    float *const numbers = nn_alloc(room, sizeof *numbers);

    if (numbers == NULL)
        return nn_err_memory(err, "the rows", room * sizeof *numbers);
    for (size_t i = 0; i < count; i++)
        numbers[i] = (float)d->bytes[i];
    if (bytes != NULL)
        *bytes = d->bytes;
    else
        nn_free(d->bytes);
    d->bytes = NULL;
    d->numbers = numbers;
    return NN_OK;
}

double nn_dataset_value(const nn_dataset *d, size_t i)
{
    return d->bytes != NULL ? (double)d->bytes[i] : (double)d->numbers[i];
}
