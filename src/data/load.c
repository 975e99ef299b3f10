/* Loading what the config or the command line names: which loader, which file. */
#include "data/load.h"

#include <limits.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "data/vocabulary.h"

enum { AUTO = 0 };

/* The array format that the config asks for; NULL: by content, or another kind of format. */
static const nn_array_format *format_of(const nn_data_conf *conf)
{
    return (const nn_array_format *)nn_family_find(&nn_array_formats,
                                                   nn_format_words[conf->format]);
}

static bool is_asked(const nn_data_conf *conf, const char *format)
{
    return conf->format == AUTO || strcmp(nn_format_words[conf->format], format) == 0;
}

/* The elements of a wanted shape must be countable before anyone counts them. */
static nn_code check_shape(const nn_data_conf *conf, nn_err *err)
{
    char text[NN_SHAPE_TEXT];
    size_t len = 0;

    if (nn_shape_len_checked(&conf->shape, INT_MAX, &len))
        return NN_OK;
    return nn_err_set(err, NN_ECONFIG, NULL, "data.shape: %s has more than %d elements",
                      nn_shape_text(text, &conf->shape), INT_MAX);
}

/* Does the given format go with the way the samples are named? */
static nn_code check_format(const nn_files *files, const nn_data_conf *conf, nn_err *err)
{
    const bool right = files->given.item != NULL ? is_asked(conf, "inline")
                       : files->path != NULL     ? is_asked(conf, "csv") || is_asked(conf, "text")
                                                 : conf->format == AUTO || format_of(conf) != NULL;
    const char *const fmt = "format \"%s\" does not go with these keys: x and y name array files, "
                            "path a CSV file, inline holds samples";

    if (right)
        return NN_OK;
    if (files->node.item == NULL)
        return nn_err_set(err, NN_ECONFIG, NULL, fmt, nn_format_words[conf->format]);
    return nn_refuse_node(files->node, err, NULL, fmt, nn_format_words[conf->format]);
}

static nn_code locate(char **out, const char *dir, const char *path, nn_err *err)
{
    *out = dir == NULL ? nn_strdup(path) : nn_path_join(dir, path);
    return *out == NULL ? nn_err_memory(err, "the name of a file", 0) : NN_OK;
}

/* ---- tables ---- */

typedef struct paths {
    char **path; /* [count] */
    int count;
} paths;

static void free_paths(paths *p)
{
    for (int i = 0; i < p->count; i++)
        nn_free(p->path[i]);
    nn_free(p->path);
}

/* One file, or those of a list, where they are to be found. */
static nn_code locate_all(paths *out, const nn_files *files, const char *dir, nn_err *err)
{
    const bool many = nn_node_is(files->paths, NN_JSON_ARRAY);
    nn_node n = nn_node_first(files->paths);
    const int count = many ? nn_node_count(files->paths) : 1;

    out->path = nn_alloc((size_t)count, sizeof *out->path);
    if (out->path == NULL)
        return nn_err_memory(err, "the names of files", 0);
    while (out->count < count) {
        NN_TRY(locate(&out->path[out->count], dir, many ? nn_node_text(n) : files->path, err));
        out->count++;
        n = nn_node_next(n);
    }
    return NN_OK;
}

static nn_code load_path(nn_dataset **out, const nn_files *files, const nn_load *how, nn_err *err)
{
    paths p = {0};
    nn_code rc = locate_all(&p, files, how->dir, err);
    const nn_table_source source = {(const char *const *)p.path, p.count, NULL};

    nn_load texts = *how;

    if (rc == NN_OK && nn_text_is(how))
        rc = nn_text_is_table(&texts.texts, p.path[0], how, err);
    if (rc == NN_OK && nn_text_is(how) && !texts.texts)
        rc = nn_text_load(out, source.path, p.count, how, err);
    else if (rc == NN_OK)
        rc = nn_table_load(out, &source, &texts, NN_TABLE_TARGETS, err);
    free_paths(&p);
    return rc;
}

/* What is said of columns means nothing elsewhere. */
static nn_code check_no_table(const nn_files *files, const nn_data_conf *conf, nn_err *err)
{
    const nn_node given[] = {conf->features, conf->ignore,         conf->columns,
                             conf->id,       conf->weight,         conf->group,
                             conf->split,    conf->sequence.group, conf->sequence.order};

    for (size_t i = 0; files->path == NULL && i < sizeof given / sizeof given[0]; i++)
        if (given[i].item != NULL)
            return nn_refuse_node(given[i], err, NULL,
                                  "this is for CSV files (`path`), which the data is not from");
    if (conf->text.vocabulary > 0 && files->node.item != NULL &&
        (files->path == NULL || conf->sequence.window > 0))
        return nn_refuse_node(files->node, err, NULL,
                              conf->sequence.window > 0
                                  ? "`text` and `sequence` do not go together"
                                  : "`text` is for files (`path`), which the data is not from");
    if (files->path == NULL && conf->sequence.window > 0 && files->node.item != NULL)
        return nn_refuse_node(files->node, err, NULL,
                              "`sequence` is for CSV files (`path`), which the data is not from");
    return NN_OK;
}

/* ---- arrays ---- */

static nn_code load_pair(nn_dataset **out, const nn_files *files, const nn_load *how, nn_err *err)
{
    char *x = NULL, *y = NULL;
    nn_code rc = locate(&x, how->dir, files->x, err);

    if (rc == NN_OK && files->y != NULL)
        rc = locate(&y, how->dir, files->y, err);
    else if (rc == NN_OK && !how->targets_optional)
        rc = nn_err_set(err, NN_EDATA, x, "samples without a file of targets");
    if (rc == NN_OK)
        rc = nn_pair_load(out, x, y, format_of(how->conf), how, err);
    nn_free(x);
    nn_free(y);
    return rc;
}

/* Are these the files that the config was written for? */
static nn_code check_hashes(const nn_dataset *d, nn_node wanted, nn_err *err)
{
    char hash[NN_SHA256_TEXT];

    for (int i = 0; wanted.item != NULL && i < d->files; i++) {
        const nn_node n = nn_node_is(wanted, NN_JSON_ARRAY) ? nn_node_at(wanted, i) : wanted;

        if (strcmp(nn_sha256_text(hash, d->file[i].id.sha256), nn_node_text(n)) != 0)
            return nn_err_set(err, NN_EDATA, d->file[i].path,
                              "expected the SHA-256 %s, found %s; this is not the file that the "
                              "config was written for",
                              nn_node_text(n), hash);
    }
    return NN_OK;
}

static nn_code load_any(nn_dataset **out, const nn_files *files, const nn_load *how, nn_err *err)
{
    if (files->given.item != NULL)
        return nn_inline_load(out, files->given, how, err);
    if (files->path != NULL)
        return load_path(out, files, how, err);
    return load_pair(out, files, how, err);
}

nn_code nn_dataset_load(nn_dataset **out, const nn_files *files, const nn_load *how, nn_err *err)
{
    const char *const path = files->path != NULL ? files->path : files->x;

    *out = NULL;
    NN_TRY(check_shape(how->conf, err));
    NN_TRY(check_format(files, how->conf, err));
    NN_TRY(check_no_table(files, how->conf, err));
    NN_TRY(nn_err_reading(err, load_any(out, files, how, err), path != NULL ? path : ""));
    const nn_code rc = check_hashes(*out, files->sha256, err);
    if (rc != NN_OK) {
        nn_dataset_free(*out);
        *out = NULL;
    }
    return rc;
}

static nn_code peek_path(nn_shape *shape, const nn_files *files, const nn_load *how, nn_err *err)
{
    paths p = {0};
    const nn_sequence_conf *sequence = &how->conf->sequence;
    nn_shape found = {.rank = 1};
    nn_load texts = *how;
    nn_code rc = locate_all(&p, files, how->dir, err);
    const nn_table_source source = {(const char *const *)p.path, p.count, NULL};

    memset(shape, 0, sizeof *shape);
    if (rc == NN_OK && nn_text_is(how)) {
        rc = nn_text_is_table(&texts.texts, p.path[0], how, err);
        found.dim[0] = how->conf->text.length;
        if (found.dim[0] == 0 && !texts.texts)
            found.dim[0] = NN_TEXT_LENGTH;
    } else if (rc == NN_OK) {
        rc = nn_table_peek(&found.dim[0], &source, how, err);
    }
    const bool known = found.dim[0] > 0;
    if (sequence->window > 0)
        found = nn_shape_2(sequence->window, found.dim[0]);
    if (rc == NN_OK && known)
        rc = nn_shape_settle(shape, &found, &how->conf->shape, p.path[0], err);
    free_paths(&p);
    return rc;
}

static nn_code peek_pair(nn_shape *shape, nn_data_size *size, const nn_files *files,
                         const nn_load *how, nn_err *err)
{
    char *path = NULL;
    nn_array head = {0};
    nn_code rc = locate(&path, how->dir, files->x, err);

    if (rc == NN_OK)
        rc = nn_array_head(&head, path, format_of(how->conf), err);
    if (rc == NN_OK)
        rc = nn_shape_settle(shape, &head.shape, &how->conf->shape, path, err);
    size->rows = head.rows;
    size->bytes = (uint64_t)head.rows *
                  ((head.store == NN_STORE_U8 ? 1 : sizeof(float)) * nn_shape_len(&head.shape) +
                   sizeof(int32_t));
    nn_array_free(&head);
    nn_free(path);
    return rc;
}

nn_code nn_dataset_peek(nn_shape *shape, nn_data_size *size, const nn_files *files,
                        const nn_load *how, nn_err *err)
{
    memset(size, 0, sizeof *size);
    NN_TRY(check_shape(how->conf, err));
    NN_TRY(check_format(files, how->conf, err));
    NN_TRY(check_no_table(files, how->conf, err));
    if (files->given.item != NULL)
        return nn_inline_peek(shape, size, files->given, how, err);
    if (files->path != NULL)
        return peek_path(shape, files, how, err);
    return peek_pair(shape, size, files, how, err);
}

static nn_code load_rows(nn_dataset **out, const char *path, int fd, const nn_load *how,
                         nn_err *err)
{
    const char *const name = path == NULL ? "<stdin>" : path;
    nn_table_source source = {&name, 1, NULL};
    nn_load texts = *how;
    texts.texts = how->vocabulary != NULL;
    nn_code rc = path == NULL ? nn_gz_open_fd(&source.open, name, fd, err)
                              : nn_gz_open(&source.open, path, err);

    if (rc == NN_OK)
        rc = nn_table_load(out, &source, &texts, NN_TABLE_FEATURES, err);
    nn_gz_close(source.open);
    return nn_err_reading(err, rc, name);
}

nn_code nn_dataset_load_input(nn_dataset **out, const char *path, int fd, const nn_load *how,
                              nn_err *err)
{
    const nn_array_format *format = NULL;

    *out = NULL;
    NN_TRY(check_shape(how->conf, err));
    if (path != NULL)
        NN_TRY(nn_array_sniff(&format, path, err));
    if (format == NULL)
        return load_rows(out, path, fd, how, err);
    return nn_pair_load(out, path, NULL, format, how, err);
}
