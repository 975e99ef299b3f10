/* Model files: written whole, read by one validator, and the ways to name a model. */
#include "run/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/gz.h"
#include "base/mem.h"
#include "conf/tensors.h"
#include "run/rundir.h"
#include "run/settle.h"

/* Version of what nnctl keeps in the metadata; the tensors themselves are plain safetensors. */
enum { FORMAT_VERSION = 1, TENSOR_NAME_SIZE = NN_NAME_SIZE + 64 };

static const char *tensor_name(char *dst, const nn_layer *layer, const nn_weight *w)
{
    (void)snprintf(dst, TENSOR_NAME_SIZE, "%s/%s", layer->name, w->name);
    return dst;
}

/* ---- saving ---- */

/* All tensors as float32, names and values in blocks of their own. */
typedef struct packed {
    nn_tensor *tensor;              /* [count] */
    char (*name)[TENSOR_NAME_SIZE]; /* [count] */
    float *value;
    int count;
} packed;

static void packed_free(packed *p)
{
    nn_free(p->tensor);
    nn_free(p->name);
    nn_free(p->value);
}

static int count_weights(const nn_graph *g)
{
    const nn_layer *layer;
    int count = 0;

    while (nn_graph_weight(g, count, &layer) != NULL)
        count++;
    return count;
}

static void pack_weight(packed *p, int i, const nn_layer *layer, const nn_weight *w,
                        const nn_real *weights)
{
    nn_tensor *t = &p->tensor[i];

    t->name = tensor_name(p->name[i], layer, w);
    t->dtype = NN_F32;
    t->rank = w->shape.rank;
    for (int d = 0; d < w->shape.rank; d++)
        t->dim[d] = w->shape.dim[d];
    t->count = w->size.count;
    t->bytes = w->size.count * sizeof(float);
    t->data = p->value + w->at;
    for (size_t k = 0; k < w->size.count; k++)
        p->value[w->at + k] = (float)weights[w->at + k];
}

static nn_code pack(packed *p, const nn_graph *g, const nn_real *weights, nn_err *err)
{
    const nn_layer *layer;
    const nn_weight *w;

    p->count = count_weights(g);
    p->tensor = nn_alloc((size_t)p->count + 1, sizeof *p->tensor);
    p->name = nn_alloc((size_t)p->count + 1, sizeof *p->name);
    p->value = nn_alloc(g->weights_len + 1, sizeof *p->value);
    if (p->tensor == NULL || p->name == NULL || p->value == NULL)
        return nn_err_memory(err, "the model file", g->weights_len * sizeof *p->value);
    for (int i = 0; (w = nn_graph_weight(g, i, &layer)) != NULL; i++)
        pack_weight(p, i, layer, w, weights);
    return NN_OK;
}

static void write_classes(const nn_prep *prep, nn_buf *out)
{
    nn_buf_char(out, '[');
    for (int i = 0; i < prep->classes.count; i++) {
        if (i > 0)
            nn_buf_char(out, ',');
        nn_buf_json(out, prep->classes.name[i]);
    }
    nn_buf_char(out, ']');
}

nn_code nn_model_save(const char *path, const nn_setup *s, const nn_real *weights, nn_err *err)
{
    nn_buf config = {0}, prep = {0}, classes = {0};
    char version[16];
    packed p = {0};
    nn_code rc;

    nn_setup_write(s, &config);
    nn_prep_write(s->prep, &prep);
    write_classes(s->prep, &classes);
    (void)snprintf(version, sizeof version, "%d", FORMAT_VERSION);
    if ((rc = nn_buf_check(&config, err)) == NN_OK && (rc = nn_buf_check(&prep, err)) == NN_OK &&
        (rc = nn_buf_check(&classes, err)) == NN_OK &&
        (rc = pack(&p, s->graph, weights, err)) == NN_OK) {
        const nn_meta meta[] = {{"format", "nnctl"},
                                {"version", version},
                                {"config", config.data},
                                {"preprocess", prep.data},
                                {"classes", classes.data}};
        rc = nn_tensors_save(path, p.tensor, p.count, meta, sizeof meta / sizeof meta[0], false,
                             err);
    }
    packed_free(&p);
    nn_buf_free(&config);
    nn_buf_free(&prep);
    nn_buf_free(&classes);
    return rc;
}

/* ---- reading tensors into a graph's weights ---- */

static bool shape_fits(const nn_tensor *t, const nn_shape *shape)
{
    bool fits = t->rank == shape->rank;

    for (int d = 0; fits && d < t->rank; d++)
        fits = t->dim[d] == shape->dim[d];
    return fits;
}

static const char *tensor_shape(char *dst, const nn_tensor *t)
{
    size_t len = (size_t)snprintf(dst, NN_SHAPE_TEXT, "[");

    for (int d = 0; d < t->rank; d++)
        len += (size_t)snprintf(dst + len, NN_SHAPE_TEXT - len, d > 0 ? ", %" PRId64 : "%" PRId64,
                                t->dim[d] < INT32_MAX ? t->dim[d] : INT32_MAX);
    (void)snprintf(dst + len, NN_SHAPE_TEXT - len, "]");
    return dst;
}

/* Values into the flat buffer; numbers that are not finite are refused unless they may be. */
static nn_code take_tensor(const nn_tensor *t, const char *path, bool nonfinite, nn_real *dst,
                           nn_err *err)
{
    size_t bad = 0;

    for (size_t i = 0; i < t->count; i++) {
        const double value = nn_tensor_value(t, i);

        bad += !(value - value == 0);
        dst[i] = (nn_real)value;
    }
    if (bad == 0 || nonfinite)
        return NN_OK;
    return nn_err_set(err, NN_EMODEL, path, "tensor \"%s\": %zu of %zu values are NaN or infinite",
                      t->name, bad, t->count);
}

static nn_code check_weight(const nn_tensors *file, const char *path, const nn_layer *layer,
                            const nn_weight *w, nn_err *err)
{
    char name[TENSOR_NAME_SIZE], expected[NN_SHAPE_TEXT], found[NN_SHAPE_TEXT];
    const nn_tensor *t = nn_tensors_find(file, tensor_name(name, layer, w));

    if (t == NULL)
        return nn_err_set(err, NN_EMODEL, path, "tensor \"%s\" is missing", name);
    if (!shape_fits(t, &w->shape))
        return nn_err_set(err, NN_EMODEL, path, "tensor \"%s\": expected shape %s, found %s", name,
                          nn_shape_text(expected, &w->shape), tensor_shape(found, t));
    return NN_OK;
}

static nn_code refuse_other(const char *path, const nn_tensor *t, nn_err *err)
{
    char shown[NN_SHOWN];

    return nn_err_set(err, NN_EMODEL, path, "tensor \"%s\" belongs to no layer of the model",
                      nn_text_show(shown, sizeof shown, t->name, strlen(t->name), 40));
}

/* A tensor that no weight of the graph asks for. */
static nn_code check_no_other(const nn_tensors *file, const char *path, const nn_graph *g,
                              nn_err *err)
{
    const int count = nn_tensors_count(file);
    bool *known = nn_alloc((size_t)count + 1, sizeof *known);
    char name[TENSOR_NAME_SIZE];
    const nn_layer *layer;
    const nn_weight *w;
    int other = 0;

    if (known == NULL)
        return nn_err_memory(err, "a list of tensors", (size_t)count);
    for (int i = 0; (w = nn_graph_weight(g, i, &layer)) != NULL; i++) {
        const nn_tensor *t = nn_tensors_find(file, tensor_name(name, layer, w));

        if (t != NULL)
            known[t - nn_tensors_at(file, 0)] = true;
    }
    while (other < count && known[other])
        other++;
    nn_free(known);
    return other == count ? NN_OK : refuse_other(path, nn_tensors_at(file, other), err);
}

/* Are the file's tensors those of the graph? Asked before there is memory for its weights: a config
 * can claim more than the file holds. */
static nn_code check_weights(const nn_tensors *file, const char *path, const nn_graph *g,
                             nn_err *err)
{
    const nn_layer *layer;
    const nn_weight *w;

    if (nn_tensors_count(file) != count_weights(g))
        NN_TRY(check_no_other(file, path, g, err));
    for (int i = 0; (w = nn_graph_weight(g, i, &layer)) != NULL; i++)
        NN_TRY(check_weight(file, path, layer, w, err));
    return NN_OK;
}

/* The values of tensors that check_weights has seen. */
static nn_code take_weights(const nn_tensors *file, const char *path, const nn_graph *g,
                            bool nonfinite, nn_real *weights, nn_err *err)
{
    char name[TENSOR_NAME_SIZE];
    const nn_layer *layer;
    const nn_weight *w;

    for (int i = 0; (w = nn_graph_weight(g, i, &layer)) != NULL; i++)
        NN_TRY(take_tensor(nn_tensors_find(file, tensor_name(name, layer, w)), path, nonfinite,
                           weights + w->at, err));
    return NN_OK;
}

nn_code nn_weights_load(const char *path, const nn_graph *g, nn_real *weights, nn_err *err)
{
    nn_tensors *file = NULL;
    nn_code rc = nn_tensors_load(&file, path, err);

    if (rc == NN_OK)
        rc = nn_tensors_check_crc(file, false, err);
    if (rc == NN_OK)
        rc = check_weights(file, path, g, err);
    if (rc == NN_OK)
        rc = take_weights(file, path, g, false, weights, err);
    nn_tensors_free(file);
    return rc;
}

/* ---- reading a model ---- */

static nn_code check_format(const nn_tensors *file, const char *path, nn_err *err)
{
    const char *format = nn_tensors_meta(file, "format");
    const char *version = nn_tensors_meta(file, "version");
    uint64_t number = 0;

    if (format == NULL || strcmp(format, "nnctl") != 0)
        return nn_err_set(err, NN_EMODEL, path,
                          "expected a model of nnctl, found tensors without its config; to start a "
                          "training from them, give the file to train --init-weights");
    if (version == NULL || !nn_parse_u64(version, strlen(version), &number) || number == 0)
        return nn_err_set(err, NN_EMODEL, path, "expected a format version in the metadata");
    if (number > FORMAT_VERSION)
        return nn_err_set(err, NN_EMODEL, path,
                          "this file has format version %" PRIu64
                          ", and this nnctl (%s) reads up to %d; "
                          "a newer nnctl is needed",
                          number, NN_VERSION, FORMAT_VERSION);
    return nn_tensors_check_crc(file, true, err);
}

static nn_code read_config(nn_model *m, const nn_tensors *file, nn_err *err)
{
    const char *text = nn_tensors_meta(file, "config");
    nn_config_source source = {.name = m->path, .dir = "", .code = NN_EMODEL};

    if (text == NULL)
        return nn_err_set(err, NN_EMODEL, m->path, "the metadata has no \"config\"");
    source.bytes = text;
    source.len = strlen(text);
    return nn_config_read(&m->config, &source, err);
}

/* A JSON text in the metadata as a document of its own. */
static nn_code parse_meta(nn_doc **out, const nn_model *m, const nn_tensors *file, const char *key,
                          nn_problems *problems, nn_err *err)
{
    const nn_json_source source = {m->path, NN_EMODEL, false};
    const char *text = nn_tensors_meta(file, key);

    if (text == NULL)
        return nn_err_set(err, NN_EMODEL, m->path, "the metadata has no \"%s\"", key);
    return nn_doc_parse(out, &source, text, strlen(text), problems, err);
}

static nn_code read_prep(nn_model *m, const nn_tensors *file, nn_err *err)
{
    nn_problems problems = {0};
    nn_doc *prep = NULL;
    nn_doc *classes = NULL;
    nn_code rc = parse_meta(&prep, m, file, "preprocess", &problems, err);

    if (rc == NN_OK)
        rc = parse_meta(&classes, m, file, "classes", &problems, err);
    if (rc == NN_OK)
        rc = nn_prep_read(&m->prep, nn_doc_root(prep), nn_doc_root(classes), err);
    nn_doc_free(prep);
    nn_doc_free(classes);
    nn_problems_free(&problems);
    return rc;
}

static void take_aim(nn_model *m, const nn_aim *aim)
{
    m->task = aim->task;
    m->loss = aim->loss;
    m->metrics = aim->metrics;
    memcpy(m->metric, aim->metric, sizeof aim->metric);
}

static nn_code new_weights(nn_model *m, nn_err *err)
{
    m->weights = nn_alloc(m->graph->weights_len + 1, sizeof *m->weights);
    return m->weights != NULL
               ? NN_OK
               : nn_err_memory(err, "the weights", m->graph->weights_len * sizeof *m->weights);
}

/* By the config and the preprocessing, both the file's. */
static nn_code make_graph(nn_model *m, nn_err *err)
{
    int *categories = NULL;

    NN_TRY(nn_encoder_categories(&categories, m->prep->encoder, &m->prep->shape, NN_EMODEL, err));
    const nn_code rc = nn_graph_new(&m->graph, m->config->model.layers, m->prep->shape,
                                    &m->config->penalty, categories, err);
    nn_free(categories);
    return rc;
}

static nn_code read_model(nn_model *m, const nn_tensors *file, nn_err *err)
{
    nn_aim aim;

    NN_TRY(check_format(file, m->path, err));
    NN_TRY(read_config(m, file, err));
    NN_TRY(read_prep(m, file, err));
    NN_TRY(make_graph(m, err));
    nn_settle(&aim, m->config, m->graph, m->prep->task, m->prep->classes.count,
              m->prep->classes.count > 0 ? nn_prep_steps(m->prep)
                                         : (int)nn_shape_len(&m->graph->out));
    NN_TRY(nn_problems_check(&m->config->problems, err));
    take_aim(m, &aim);
    NN_TRY(check_weights(file, m->path, m->graph, err));
    NN_TRY(new_weights(m, err));
    return take_weights(file, m->path, m->graph, m->nonfinite, m->weights, err);
}

static nn_code open_file(nn_model *m, nn_err *err)
{
    nn_tensors *file = NULL;
    nn_code rc = nn_tensors_load(&file, m->path, err);

    if (rc == NN_OK)
        rc = read_model(m, file, err);
    nn_tensors_free(file);
    return rc;
}

/* A config that gives every weight by hand needs no training. */
static nn_code open_config(nn_model *m, const char *const *sets, int set_count, nn_err *err)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA, .targets_optional = true};

    NN_TRY(nn_config_load(&m->config, m->path, sets, set_count, err));
    NN_TRY(nn_setup_new(&m->setup, m->config, &options, err));
    m->graph = m->setup->graph;
    m->prep = m->setup->prep;
    if (!nn_graph_is_given(m->graph))
        return nn_err_set(err, NN_ECONFIG, m->path,
                          "this config gives no weights; train it first, or give a model");
    m->task = m->setup->task;
    m->loss = m->setup->loss;
    m->metrics = m->setup->metrics;
    memcpy(m->metric, m->setup->metric, sizeof m->metric);
    NN_TRY(new_weights(m, err));
    nn_graph_init(m->graph, m->config->seed, m->weights);
    return NN_OK;
}

/*
 * A config begins with a character of text or the byte order mark of UTF-8, and holds no NUL. A
 * model file begins with a length of 8 bytes, the last of them zero; other formats for models begin
 * with a byte that is no text, and reading them as a model names them.
 */
static bool begins_as_config(const unsigned char *head, size_t len)
{
    const bool marked = len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0;
    const bool text = len > 0 && (strchr(" \t\r\n", head[0]) != NULL ||
                                  (head[0] > ' ' && head[0] < 0x7f) || marked);

    return text && memchr(head, 0, len) == NULL;
}

nn_code nn_is_config(const char *path, bool *is, nn_err *err)
{
    unsigned char head[8];
    nn_gz *f = NULL;
    size_t got = 0;
    nn_code rc;

    *is = false;
    if (nn_path_is_dir(path))
        return NN_OK;
    rc = nn_gz_open(&f, path, err);
    if (rc == NN_OK)
        rc = nn_gz_peek(f, head, sizeof head, &got, err);
    nn_gz_close(f);
    *is = rc == NN_OK && begins_as_config(head, got);
    return rc;
}

/* Which file is meant, and the run directory it belongs to. */
static nn_code find_file(nn_model *m, const char *what, const char *runs, nn_err *err)
{
    nn_code rc = NN_OK;

    if (strcmp(what, "@latest") == 0) {
        rc = nn_rundir_latest(&m->run, runs, err);
    } else if (nn_path_is_dir(what)) {
        m->run = nn_strdup(what);
        if (m->run == NULL)
            rc = nn_err_memory(err, "a path", 0);
    }
    if (rc != NN_OK)
        return rc;
    m->path = m->run != NULL ? nn_path_join(m->run, "model.safetensors") : nn_strdup(what);
    if (m->path == NULL)
        return nn_err_memory(err, "a path", 0);
    if (m->run != NULL && !nn_path_exists(m->path))
        return nn_err_set(err, NN_EFILE, m->run,
                          "expected a run directory with a model.safetensors, found none in it");
    return NN_OK;
}

static nn_code open_model(nn_model *m, const char *what, const char *runs, const char *const *sets,
                          int set_count, nn_err *err)
{
    bool config = false;

    NN_TRY(find_file(m, what, runs, err));
    if (m->run == NULL) /* what stands in a run directory is a model or nothing */
        NN_TRY(nn_is_config(m->path, &config, err));
    if (config)
        return open_config(m, sets, set_count, err);
    if (set_count > 0)
        return nn_err_set(err, NN_EUSAGE, m->path, "--set changes configs; a model's is fixed");
    return open_file(m, err);
}

static nn_code open_new(nn_model **out, const char *what, const char *runs, const char *const *sets,
                        int set_count, bool nonfinite, nn_err *err)
{
    nn_model *m = nn_alloc(1, sizeof *m);

    *out = NULL;
    if (m == NULL)
        return nn_err_memory(err, "a model", sizeof *m);
    m->nonfinite = nonfinite;
    const nn_code rc = open_model(m, what, runs, sets, set_count, err);
    if (rc != NN_OK)
        nn_model_free(m);
    else
        *out = m;
    return rc;
}

nn_code nn_model_open(nn_model **out, const char *what, const char *runs, const char *const *sets,
                      int set_count, nn_err *err)
{
    return open_new(out, what, runs, sets, set_count, false, err);
}

nn_code nn_model_open_nonfinite(nn_model **out, const char *what, const char *runs,
                                const char *const *sets, int set_count, nn_err *err)
{
    return open_new(out, what, runs, sets, set_count, true, err);
}

void nn_model_free(nn_model *m)
{
    if (m == NULL)
        return;
    if (m->setup == NULL) { /* else they are the setup's */
        nn_graph_free(m->graph);
        nn_prep_free(m->prep);
    }
    nn_setup_free(m->setup);
    nn_config_free(m->config);
    nn_free(m->weights);
    nn_free(m->path);
    nn_free(m->run);
    nn_free(m);
}
