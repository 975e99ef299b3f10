/* Saving and loading the state of a training, with what it belongs to. */
#include "run/checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

enum { MOST_KEYS = 12 }; /* that are named when configs differ */

void nn_blocks_add(nn_blocks *blocks, const char *name, int number, nn_dtype dtype, void *data,
                   size_t count)
{
    nn_block *block = &blocks->block[blocks->count++];

    (void)snprintf(block->name, sizeof block->name, number < 0 ? "%s" : "%s_%d", name, number);
    block->dtype = dtype;
    block->data = data;
    block->count = count;
}

nn_dtype nn_real_dtype(void)
{
    return NN_REAL_IS_DOUBLE ? NN_F64 : NN_F32;
}

static size_t size_of(nn_dtype dtype)
{
    switch (dtype) {
    case NN_U8:
        return 1;
    case NN_F32:
    case NN_I32:
        return 4;
    default:
        return 8;
    }
}

uint64_t nn_blocks_bytes(const nn_blocks *blocks)
{
    uint64_t bytes = 0;

    for (int i = 0; i < blocks->count; i++)
        bytes += (uint64_t)blocks->block[i].count * size_of(blocks->block[i].dtype);
    return bytes;
}

/* ---- what a state belongs to ---- */

/* The resolved config without what may change between a stop and a resume. */
static void write_identity(const nn_setup *s, nn_buf *out)
{
    nn_config config = *s->config;
    nn_setup setup = *s;

    config.training.epochs = 1;
    config.checkpoint.every.node = (nn_node){NULL, NULL};
    config.logging = (nn_logging_conf){0};
    setup.config = &config;
    nn_setup_write(&setup, out);
}

static void write_hashes(const nn_setup *s, nn_buf *out)
{
    const nn_dataset *set[] = {s->train_set, s->validation_set};
    char hash[NN_SHA256_TEXT];

    nn_buf_printf(out, "%zu rows", s->train.count);
    for (int i = 0; i < 2; i++)
        for (int k = 0; set[i] != NULL && k < set[i]->files; k++)
            nn_buf_printf(out, " %s", nn_sha256_text(hash, set[i]->file[k].id.sha256));
}

/* What computes here: other kernels may give other last bits. */
static void write_machine(nn_buf *out)
{
    nn_buf_printf(out, "nnctl %s, %s kernels, BLAS: %s", NN_VERSION, nn_cpu_isa(), nn_blas_name());
}

/* ---- saving ---- */

static void describe(nn_tensor *t, const nn_block *block)
{
    *t = (nn_tensor){.name = block->name,
                     .dtype = block->dtype,
                     .rank = 1,
                     .dim = {(int64_t)block->count},
                     .count = block->count,
                     .data = block->data,
                     .bytes = block->count * size_of(block->dtype)};
}

nn_code nn_checkpoint_save(const char *path, const nn_setup *s, const nn_blocks *blocks,
                           nn_err *err)
{
    nn_tensor *const tensor = nn_alloc((size_t)blocks->count, sizeof *tensor);
    nn_buf config = {0}, data = {0}, machine = {0};
    nn_code rc;

    if (tensor == NULL) /* on a small stack they would not fit beside what comes below */
        return nn_err_memory(err, "a checkpoint", (size_t)blocks->count * sizeof *tensor);
    for (int i = 0; i < blocks->count; i++)
        describe(&tensor[i], &blocks->block[i]);
    write_identity(s, &config);
    write_hashes(s, &data);
    write_machine(&machine);
    if ((rc = nn_buf_check(&config, err)) == NN_OK && (rc = nn_buf_check(&data, err)) == NN_OK &&
        (rc = nn_buf_check(&machine, err)) == NN_OK) {
        const nn_meta meta[] = {{"format", "nnctl-state"},
                                {"version", "1"},
                                {"machine", machine.data},
                                {"config", config.data},
                                {"data", data.data}};
        rc = nn_tensors_save_keeping(path, NN_CHECKPOINT_OLDER, tensor, blocks->count, meta,
                                     sizeof meta / sizeof meta[0], err);
    }
    nn_buf_free(&config);
    nn_buf_free(&data);
    nn_buf_free(&machine);
    nn_free(tensor);
    return rc;
}

/* ---- comparing configs ---- */

typedef struct difference {
    nn_buf keys;
    int count;
} difference;

static void differ(difference *d, nn_node n)
{
    char path[NN_PATH_TEXT];

    if (d->count++ < MOST_KEYS)
        nn_buf_printf(&d->keys, "%s%s", d->count > 1 ? ", " : "",
                      nn_node_path(n, path, sizeof path));
}

static bool same_text(difference *d, nn_node a, nn_node b)
{
    nn_buf x = {0}, y = {0};

    nn_node_write(a, &x);
    nn_node_write(b, &y);
    d->keys.failed |= x.failed || y.failed;
    const bool same = d->keys.failed || (x.len == y.len && memcmp(x.data, y.data, x.len) == 0);
    nn_buf_free(&x);
    nn_buf_free(&y);
    return same;
}

static void compare(difference *d, nn_node a, nn_node b);

static void compare_objects(difference *d, nn_node a, nn_node b)
{
    for (nn_node n = nn_node_first(a); !nn_node_is(n, NN_JSON_NONE); n = nn_node_next(n)) {
        const nn_node other = nn_node_get(b, nn_node_key(n));

        if (nn_node_is(other, NN_JSON_NONE))
            differ(d, n);
        else
            compare(d, n, other);
    }
    for (nn_node n = nn_node_first(b); !nn_node_is(n, NN_JSON_NONE); n = nn_node_next(n))
        if (nn_node_is(nn_node_get(a, nn_node_key(n)), NN_JSON_NONE))
            differ(d, n);
}

static bool are_alike(nn_node a, nn_node b)
{
    return nn_node_is(a, NN_JSON_ARRAY) && nn_node_is(b, NN_JSON_ARRAY) &&
           nn_node_count(a) == nn_node_count(b);
}

/* The deepest keys whose values differ. Depth is bounded by that of JSON documents. */
static void compare(difference *d, nn_node a, nn_node b)
{
    if (same_text(d, a, b))
        return;
    if (nn_node_is(a, NN_JSON_OBJECT) && nn_node_is(b, NN_JSON_OBJECT)) {
        compare_objects(d, a, b);
    } else if (are_alike(a, b)) {
        a = nn_node_first(a);
        b = nn_node_first(b);
        for (; !nn_node_is(a, NN_JSON_NONE); a = nn_node_next(a), b = nn_node_next(b))
            compare(d, a, b);
    } else {
        differ(d, a);
    }
}

static nn_code name_differences(const char *path, const char *saved, const char *now, nn_err *err)
{
    const nn_json_source source = {path, NN_EMODEL, false};
    nn_problems problems = {0};
    difference d = {.count = 0};
    nn_doc *a = NULL;
    nn_doc *b = NULL;
    nn_code rc;

    if ((rc = nn_doc_parse(&a, &source, saved, strlen(saved), &problems, err)) == NN_OK &&
        (rc = nn_doc_parse(&b, &source, now, strlen(now), &problems, err)) == NN_OK) {
        compare(&d, nn_doc_root(a), nn_doc_root(b));
        if ((rc = nn_buf_check(&d.keys, err)) == NN_OK)
            rc = nn_err_set(err, NN_EMODEL, path,
                            "cannot go on: these keys would change what was trained already: %s%s",
                            d.keys.data != NULL ? d.keys.data : "?",
                            d.count > MOST_KEYS ? ", ..." : "");
    }
    nn_buf_free(&d.keys);
    nn_doc_free(a);
    nn_doc_free(b);
    nn_problems_free(&problems);
    return rc;
}

/* ---- loading ---- */

static nn_code check_config(const char *path, const nn_setup *s, const char *saved, nn_err *err)
{
    nn_buf now = {0};
    nn_code rc;

    write_identity(s, &now);
    if ((rc = nn_buf_check(&now, err)) == NN_OK && strcmp(saved, now.data) != 0)
        rc = name_differences(path, saved, now.data, err);
    nn_buf_free(&now);
    return rc;
}

/* Both texts begin with the number of rows. */
static bool same_rows(const char *a, const char *b)
{
    const size_t len = strcspn(a, " ");

    return strcspn(b, " ") == len && memcmp(a, b, len) == 0;
}

static nn_code check_data(const char *path, const nn_setup *s, const char *saved, bool allowed,
                          nn_checkpoint_notes *notes, nn_err *err)
{
    nn_buf now = {0};
    nn_code rc;

    write_hashes(s, &now);
    if ((rc = nn_buf_check(&now, err)) == NN_OK && strcmp(saved, now.data) != 0) {
        if (!allowed)
            rc = nn_err_set(err, NN_EMODEL, path,
                            "cannot go on: the training data is not what it was when this was "
                            "saved; --allow-changed-data goes on with as many other rows");
        else if (!same_rows(saved, now.data))
            rc = nn_err_set(err, NN_EMODEL, path,
                            "cannot go on: this was saved with another number of training rows");
        notes->other_data = rc == NN_OK;
    }
    nn_buf_free(&now);
    return rc;
}

/* Is it a state, and whole? */
static nn_code check_whole(const nn_tensors *file, const char *path, nn_err *err)
{
    static const char *const needed[] = {"config", "data", "machine"};
    const char *format = nn_tensors_meta(file, "format");
    const char *version = nn_tensors_meta(file, "version");
    bool is_known = version != NULL && strcmp(version, "1") == 0;

    if (format == NULL || strcmp(format, "nnctl-state") != 0)
        return nn_err_set(err, NN_EMODEL, path,
                          "expected the state of a training; to start from these weights, give the "
                          "file to train --init-weights");
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        is_known = is_known && nn_tensors_meta(file, needed[i]) != NULL;
    if (!is_known)
        return nn_err_set(err, NN_EMODEL, path,
                          "this state was not written by this version of nnctl");
    return nn_tensors_check_crc(file, true, err);
}

static nn_code open_whole(nn_tensors **file, const char *path, nn_err *err)
{
    NN_TRY(nn_tensors_load(file, path, err));
    const nn_code rc = check_whole(*file, path, err);
    if (rc == NN_OK)
        return NN_OK;
    nn_tensors_free(*file);
    *file = NULL;
    return rc;
}

/* The newest of the two that can be read; *path is the one. */
static nn_code open_newest(nn_tensors **file, const char **path, const char *older,
                           nn_checkpoint_notes *notes, nn_err *err)
{
    nn_err first = {0}, second = {0};
    const nn_code rc = open_whole(file, *path, &first);

    if (rc == NN_OK || rc == NN_ELIMIT || !nn_path_exists(older)) {
        *err = first;
        return rc;
    }
    if (open_whole(file, older, &second) != NN_OK)
        return nn_err_set(err, NN_EMODEL, first.where,
                          "%.200s; nor will the state before it do: %.200s", first.msg, second.msg);
    (void)snprintf(notes->unread, sizeof notes->unread,
                   "%s: %s; going on from the state before it, %s", first.where, first.msg,
                   nn_path_base(older));
    *path = older;
    return NN_OK;
}

static nn_code take_block(const nn_tensors *file, const char *path, const nn_block *block,
                          nn_err *err)
{
    const nn_tensor *t = nn_tensors_find(file, block->name);

    if (t == NULL || t->dtype != block->dtype || t->count != block->count)
        return nn_err_set(err, NN_EMODEL, path, "the state's \"%s\" is missing or of another size",
                          block->name);
    memcpy(block->data, t->data, t->bytes);
    return NN_OK;
}

static nn_code note_machine(nn_checkpoint_notes *notes, const char *path, const char *saved,
                            nn_err *err)
{
    char shown[2 * NN_SHOWN];
    nn_buf now = {0};
    nn_code rc;

    write_machine(&now);
    if ((rc = nn_buf_check(&now, err)) == NN_OK && strcmp(saved, now.data) != 0)
        (void)snprintf(
            notes->elsewhere, sizeof notes->elsewhere,
            "%.200s: was saved by %s, and goes on with %s: the last bits may differ from "
            "those of a run that was never stopped",
            path, nn_text_show(shown, sizeof shown, saved, strlen(saved), 100), now.data);
    nn_buf_free(&now);
    return rc;
}

nn_code nn_checkpoint_load(const char *path, const char *older, const nn_setup *s,
                           nn_blocks *blocks, bool other_data, nn_checkpoint_notes *notes,
                           nn_err *err)
{
    nn_tensors *file = NULL;
    nn_code rc = open_newest(&file, &path, older, notes, err);

    if (rc == NN_OK)
        rc = check_config(path, s, nn_tensors_meta(file, "config"), err);
    if (rc == NN_OK)
        rc = check_data(path, s, nn_tensors_meta(file, "data"), other_data, notes, err);
    for (int i = 0; rc == NN_OK && i < blocks->count; i++)
        rc = take_block(file, path, &blocks->block[i], err);
    if (rc == NN_OK)
        rc = note_machine(notes, path, nn_tensors_meta(file, "machine"), err);
    nn_tensors_free(file);
    return rc;
}
