/* nnctl bench: how fast a network trains or predicts on this machine. */
#include <string.h>

#include "base/mem.h"
#include "cli/bench_view.h"
#include "cli/prepare.h"
#include "run/held.h"

typedef struct conf {
    int64_t batch; /* 0: as the config says, or as predict does it */
    double seconds;
    bool predict;
    bool dense;
} conf;

static const double usual_seconds = 2;

static nn_bench_options options_of(const nn_session *s)
{
    const conf *c = s->conf;

    return (nn_bench_options){.seconds = c->seconds > 0 ? c->seconds : usual_seconds,
                              .batch = c->batch > 0 ? (int)c->batch : NN_EVAL_BATCH,
                              .dense = c->dense};
}

static void put(nn_session *s, const nn_bench_report *report)
{
    if (s->common.json)
        nn_bench_put_json(report, &s->out);
    else
        nn_bench_put_table(report, &s->out);
}

/* ---- a config ---- */

static nn_code predict_untrained(nn_bench **out, const nn_setup *s, nn_pool *pool,
                                 const nn_bench_options *options, nn_err *err)
{
    nn_real *weights = nn_alloc(s->graph->weights_len + 1, sizeof *weights);
    nn_code rc;

    if (weights == NULL)
        return nn_err_memory(err, "the weights", s->graph->weights_len * sizeof *weights);
    nn_graph_init(s->graph, s->config->seed, weights);
    const nn_subject subject = nn_setup_subject(s, weights, pool);
    rc = nn_bench_predict(out, &subject, &s->train, options, err);
    nn_free(weights);
    return rc;
}

static nn_code measure_config(nn_session *s, nn_setup *setup, const char *path, nn_err *err)
{
    const conf *c = s->conf;
    const nn_bench_options options = options_of(s);
    nn_memory memory;
    nn_bench *bench = NULL;
    nn_pool *pool = NULL;
    nn_code rc;

    if (c->batch > 0)
        setup->batch_size = (int)c->batch;
    NN_TRY(nn_setup_memory(setup, nn_session_threads(s), &memory, err));
    NN_TRY(nn_memory_check(&memory, err));
    if ((rc = nn_pool_new(&pool, nn_session_threads(s), err)) == NN_OK)
        rc = c->predict ? predict_untrained(&bench, setup, pool, &options, err)
                        : nn_bench_train(&bench, setup, pool, &options, err);
    if (rc == NN_OK)
        put(s, &(nn_bench_report){bench, setup->graph, path, c->dense ? "random" : "train"});
    nn_bench_free(bench);
    nn_pool_free(pool);
    return rc;
}

static nn_code bench_config(nn_session *s, const char *path, nn_err *err)
{
    const nn_setup_options options = {.depth = NN_SETUP_DATA, .threads = nn_session_threads(s)};
    nn_prepared p = {0};
    nn_code rc = nn_prepare_aloud(&p, s, path, &options, err);

    if (rc == NN_OK)
        rc = measure_config(s, p.setup, path, err);
    nn_prepared_free(&p);
    return rc;
}

/* ---- a model ---- */

/* The samples that `eval` would take; without them, random numbers. */
static void find_samples(nn_session *s, nn_held *held, const nn_model *m)
{
    const conf *c = s->conf;
    nn_err err = {0};

    if (!c->dense && (m->run != NULL || m->setup != NULL) &&
        nn_held_split(held, m, NULL, &err) != NN_OK) {
        nn_session_warn(s, "%s%s%s; measured with random inputs", err.where,
                        err.where[0] == '\0' ? "" : ": ", err.msg);
        memset(held, 0, sizeof *held);
    }
}

static nn_code measure_model(nn_session *s, const nn_model *m, const nn_held *held, nn_err *err)
{
    const nn_bench_options options = options_of(s);
    const nn_view *view = held->view.count > 0 ? &held->view : NULL;
    nn_bench *bench = NULL;
    nn_pool *pool = NULL;
    nn_code rc;

    if ((rc = nn_pool_new(&pool, nn_session_threads(s), err)) == NN_OK) {
        const nn_subject subject = nn_model_subject(m, pool);
        rc = nn_bench_predict(&bench, &subject, view, &options, err);
    }
    if (rc == NN_OK)
        put(s, &(nn_bench_report){bench, m->graph, m->path, view != NULL ? held->split : "random"});
    nn_bench_free(bench);
    nn_pool_free(pool);
    return rc;
}

static nn_code bench_model(nn_session *s, const char *name, nn_err *err)
{
    const nn_texts *sets = &s->common.sets;
    nn_held held = {.threads = nn_session_threads(s)};
    nn_model *m = NULL;
    nn_code rc =
        nn_model_open(&m, name, s->runs, (const char *const *)sets->list, sets->count, err);

    if (rc == NN_OK) {
        find_samples(s, &held, m);
        rc = measure_model(s, m, &held, err);
    }
    nn_held_free(&held);
    nn_model_free(m);
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    const char *name = nn_session_word(s, 0);
    bool is_config = false;

    NN_TRY(nn_names_config(name, &is_config, err));
    return is_config ? bench_config(s, name, err) : bench_model(s, name, err);
}

#define AT(member) offsetof(conf, member)

static const nn_option options[] = {
    {.name = "batch-size",
     .value = "N",
     .read = nn_read_int,
     .at = AT(batch),
     .least = 1,
     .most = 1048576,
     .help = "samples in a step; the config's by default, 256 to predict"},
    {.name = "seconds",
     .value = "TIME",
     .read = nn_read_seconds,
     .at = AT(seconds),
     .help = "how long to measure; 2s by default"},
    {.name = "predict",
     .at = AT(predict),
     .help = "measure prediction with a config's first weights, not training"},
    {.name = "dense",
     .at = AT(dense),
     .help = "take random inputs without any zeros, which cost no arithmetic"},
    {.name = NULL},
};

static const nn_argument arguments[] = {
    {"CONFIG|MODEL", false, NN_COMPLETE_MODEL,
     "a config, which is trained, or a model, which predicts"},
    {NULL, false, NN_COMPLETE_NOTHING, NULL},
};

static const nn_example examples[] = {
    {"nnctl bench mlp.json", "steps of training, layer by layer"},
    {"nnctl bench mlp.json --threads 1 --batch-size 128", "on one thread, with larger batches"},
    {"nnctl bench @latest --batch-size 1", "predictions of the newest model, one at a time"},
    {NULL, NULL},
};

const nn_command nn_command_bench = {
    .name = "bench",
    .summary = "measure how fast a config trains or a model predicts",
    .text = "Measures steps of training (of a config) or prediction (of a model): samples per\n"
            "second in all and layer by layer, and the arithmetic per second as a share of\n"
            "what this machine's matrix products reach, measured beside it. All times are\n"
            "medians of many rounds after a warm-up. Nothing is written. Steps that skip\n"
            "arithmetic, with inputs that are zero, can pass 100 %.",
    .arguments = arguments,
    .options = options,
    .conf_size = sizeof(conf),
    .takes_set = true,
    .examples = examples,
    .run = run,
};
