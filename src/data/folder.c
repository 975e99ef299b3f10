/* A folder of pictures by class, as a dataset. */
#include "data/raster.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "data/load.h"

/* Names in a folder, sorted; release with free_names. */
typedef struct names {
    char **name; /* [count] */
    size_t count, room;
} names;

static void free_names(names *n)
{
    for (size_t i = 0; i < n->count; i++)
        nn_free(n->name[i]);
    nn_free(n->name);
}

static bool as_number(const char *name, uint64_t *out)
{
    return nn_parse_u64(name, strlen(name), out);
}

/* Numbers by their size and before all else, words by their bytes. */
static int by_name(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    uint64_t m = 0, n = 0;
    const bool x_is = as_number(x, &m), y_is = as_number(y, &n);

    if (x_is && y_is && m != n)
        return m < n ? -1 : 1;
    if (x_is != y_is)
        return x_is ? -1 : 1;
    return strcmp(x, y);
}

static nn_code add_name(names *n, const char *name, nn_err *err)
{
    NN_TRY(nn_grow(&n->name, &n->room, n->count + 1, sizeof *n->name, err));
    n->name[n->count] = nn_strdup(name);
    if (n->name[n->count] == NULL)
        return nn_err_memory(err, "the name of a file", 0);
    n->count++;
    return NN_OK;
}

static nn_code list(names *out, const char *dir, nn_err *err)
{
    const struct dirent *entry;
    nn_code rc = NN_OK;
    DIR *d = opendir(dir);

    if (d == NULL)
        return nn_err_sys(err, dir, "cannot open the folder");
    for (errno = 0; rc == NN_OK && (entry = readdir(d)) != NULL; errno = 0)
        if (entry->d_name[0] != '.')
            rc = add_name(out, entry->d_name, err);
    if (rc == NN_OK && errno != 0)
        rc = nn_err_sys(err, dir, "cannot read the folder");
    (void)closedir(d);
    if (out->count > 0)
        qsort(out->name, out->count, sizeof *out->name, by_name);
    return rc;
}

/* The dataset as it grows. */
typedef struct collection {
    nn_dataset *d;
    nn_raster_form form; /* all of it settled by the first picture */
    bool keeps_colour;   /* the form did not ask for grey, so nothing may lose its colours */
    size_t bytes_room, label_room;
} collection;

static nn_code add_pixels(collection *c, const nn_raster *p, int label, const char *path,
                          nn_err *err)
{
    const size_t len = (size_t)p->height * (size_t)p->width * (size_t)p->channels;
    nn_dataset *d = c->d;

    if (d->rows == NN_MAX_ROWS)
        return nn_err_set(err, NN_ELIMIT, path, "more than %d pictures", NN_MAX_ROWS);
    NN_TRY(nn_grow(&d->bytes, &c->bytes_room, (d->rows + 1) * len, 1, err));
    NN_TRY(nn_grow(&d->label, &c->label_room, d->rows + 1, sizeof *d->label, err));
    memcpy(d->bytes + d->rows * len, p->pixel, len);
    d->label[d->rows++] = label;
    return NN_OK;
}

/* The first picture settles what the form leaves open. */
static nn_code settle_form(collection *c, const nn_raster *p, const char *path, nn_err *err)
{
    nn_raster_form *form = &c->form;

    if (c->d->rows > 0 && c->keeps_colour && p->channels > form->channels)
        return nn_err_set(err, NN_EDATA, path,
                          "a picture in colour, where those before are grey; --grey makes all so");
    if (form->height == 0) {
        form->height = p->height;
        form->width = p->width;
    }
    if (form->channels == 0)
        form->channels = p->channels;
    c->d->shape = form->channels == 1 ? nn_shape_2(form->height, form->width)
                                      : nn_shape_3(form->height, form->width, form->channels);
    return NN_OK;
}

static nn_code add_picture(collection *c, int label, const char *path, nn_err *err)
{
    nn_raster p;
    nn_code rc = nn_raster_load(&p, NULL, path, err);

    if (rc == NN_OK && (rc = settle_form(c, &p, path, err)) == NN_OK &&
        (rc = nn_raster_fit(&p, &c->form, path, err)) == NN_OK)
        rc = add_pixels(c, &p, label, path, err);
    nn_raster_free(&p);
    return rc;
}

static nn_code add_class(collection *c, int label, const char *dir, nn_err *err)
{
    names files = {0};
    nn_code rc = list(&files, dir, err);

    if (rc == NN_OK && files.count == 0)
        rc = nn_err_set(err, NN_EDATA, dir, "a class without pictures");
    for (size_t i = 0; rc == NN_OK && i < files.count; i++) {
        char *path = nn_path_join(dir, files.name[i]);

        rc = path == NULL ? nn_err_memory(err, "the name of a file", 0)
                          : add_picture(c, label, path, err);
        nn_free(path);
    }
    free_names(&files);
    return rc;
}

/* A class must be a folder; what it is called is shown to people, so it must be text. */
static nn_code check_class(const char *dir, const char *name, nn_err *err)
{
    const size_t len = strlen(name);

    if (!nn_path_is_dir(dir))
        return nn_err_set(err, NN_EDATA, dir,
                          "expected nothing but a folder of pictures for each class");
    if (len > NN_MAX_CLASS_NAME || nn_utf8_check(name, len) < len)
        return nn_err_set(err, NN_EDATA, dir,
                          "the name of a class is to be UTF-8, at most %d bytes",
                          NN_MAX_CLASS_NAME);
    return NN_OK;
}

static nn_code add_classes(collection *c, const names *classes, const char *dir, nn_err *err)
{
    nn_code rc = NN_OK;

    for (size_t i = 0; rc == NN_OK && i < classes->count; i++) {
        char *path = nn_path_join(dir, classes->name[i]);

        if (path == NULL)
            rc = nn_err_memory(err, "the name of a file", 0);
        else if ((rc = check_class(path, classes->name[i], err)) == NN_OK)
            rc = add_class(c, (int)i, path, err);
        nn_free(path);
    }
    return rc;
}

static nn_code take_classes(nn_dataset *d, names *classes, nn_err *err)
{
    const nn_classes from = {classes->name, (int)classes->count};

    return nn_classes_copy(&d->classes, &from, err);
}

nn_code nn_raster_folder(nn_dataset **out, const char *dir, const nn_raster_form *form, nn_err *err)
{
    collection c = {.form = *form, .keeps_colour = form->channels == 0};
    names classes = {0};
    nn_code rc = list(&classes, dir, err);

    *out = NULL;
    if (rc == NN_OK && (classes.count < 2 || classes.count > NN_MAX_CLASSES))
        rc = nn_err_set(err, NN_EDATA, dir, "expected folders of 2 to %d classes, found %zu",
                        NN_MAX_CLASSES, classes.count);
    if (rc == NN_OK && (rc = nn_dataset_new(&c.d, dir, err)) == NN_OK &&
        (rc = add_classes(&c, &classes, dir, err)) == NN_OK)
        rc = take_classes(c.d, &classes, err);
    free_names(&classes);
    if (rc == NN_OK)
        *out = c.d;
    else
        nn_dataset_free(c.d);
    return rc;
}
