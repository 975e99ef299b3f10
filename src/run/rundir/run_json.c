/* run.json: what happened in a run, rewritten whole as it goes on. */
#include "run/rundir.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/machine.h"

static void put_text(nn_buf *out, const char *key, const char *value)
{
    nn_buf_printf(out, ",\n  \"%s\": ", key);
    if (value == NULL)
        nn_buf_put(out, "null");
    else
        nn_buf_json(out, value);
}

static void put_number(nn_buf *out, const char *key, uint64_t value)
{
    nn_buf_printf(out, ",\n  \"%s\": %llu", key, (unsigned long long)value);
}

static void put_argv(nn_buf *out, int argc, char *const *argv)
{
    nn_buf_put(out, ",\n  \"argv\": [");
    for (int i = 0; i < argc; i++) {
        nn_buf_put(out, i > 0 ? ", " : "");
        nn_buf_json(out, argv[i]);
    }
    nn_buf_char(out, ']');
}

static void put_file(nn_buf *out, const char *split, const nn_dataset_file *f, bool *first)
{
    char hash[NN_SHA256_TEXT];

    nn_buf_put(out, *first ? "\n    {\"split\": " : ",\n    {\"split\": ");
    nn_buf_json(out, split);
    nn_buf_put(out, ", \"path\": ");
    nn_buf_json(out, f->path);
    nn_buf_printf(out, ", \"bytes\": %llu, \"sha256\": \"%s\"}", (unsigned long long)f->id.bytes,
                  nn_sha256_text(hash, f->id.sha256));
    *first = false;
}

static void put_files(nn_buf *out, const nn_setup *s)
{
    const nn_dataset *set[] = {s->train_set, s->validation_set, s->test_set};
    static const char *const split[] = {"train", "validation", "test"};
    bool first = true;

    nn_buf_put(out, ",\n  \"data\": [");
    for (int i = 0; i < 3; i++)
        for (int k = 0; set[i] != NULL && k < set[i]->files; k++)
            put_file(out, split[i], &set[i]->file[k], &first);
    nn_buf_put(out, first ? "]" : "\n  ]");
}

static void put_machine(nn_buf *out, const nn_run_facts *facts)
{
    char host[256], cpu[128];

    put_text(out, "host", nn_machine_host(host, sizeof host));
    put_text(out, "cpu", nn_cpu_name(cpu, sizeof cpu));
    put_text(out, "kernels", nn_cpu_isa());
    put_text(out, "blas", nn_blas_name());
    put_number(out, "threads", (uint64_t)facts->threads);
}

/* The directory that relative paths of the config start from, so that `eval RUN` finds its data. */
static void put_config(nn_buf *out, const nn_run_facts *facts)
{
    char *full =
        realpath(facts->setup->config->dir[0] != '\0' ? facts->setup->config->dir : ".", NULL);

    put_text(out, "config", facts->config_path);
    put_text(out, "config_dir", full != NULL ? full : facts->setup->config->dir);
    free(full); /* realpath's, not nn_alloc's */
}

nn_code nn_rundir_record(nn_rundir *d, const nn_run_facts *facts, nn_err *err)
{
    const nn_config *c = facts->setup->config;
    nn_buf out = {0};
    nn_code rc;

    nn_buf_put(&out, "{\n  \"status\": ");
    nn_buf_json(&out, facts->status);
    if (facts->exit_code >= 0)
        put_number(&out, "exit_code", (uint64_t)facts->exit_code);
    put_text(&out, "message", facts->message);
    put_text(&out, "version", NN_VERSION);
    put_text(&out, "name", c->name);
    put_argv(&out, facts->argc, facts->argv);
    put_config(&out, facts);
    nn_buf_printf(&out, ",\n  \"seed\": \"%llu\"", (unsigned long long)c->seed);
    put_machine(&out, facts);
    put_number(&out, "limit", facts->limit);
    nn_buf_printf(&out, ",\n  \"overfit_batch\": %s", facts->overfit_batch ? "true" : "false");
    put_files(&out, facts->setup);
    put_text(&out, "started", d->started);
    nn_buf_printf(&out, ",\n  \"seconds\": %.3f", nn_clock_now() - d->start);
    if (facts->memory != NULL)
        put_number(&out, "planned_memory_bytes", facts->memory->total);
    put_number(&out, "peak_memory_bytes", nn_machine_peak());
    nn_buf_put(&out, "\n}\n");
    if ((rc = nn_buf_check(&out, err)) == NN_OK)
        rc = nn_rundir_write(d, "run.json", out.data, out.len, err);
    nn_buf_free(&out);
    return rc;
}
