/* Shows a measurement: layers with their rates, the stages of a step, the share of the limit. */
#include "cli/bench_view.h"

#include <string.h>

#include "base/machine.h"
#include "math/pool.h"
#include "view/format.h"
#include "view/sheet.h"

static const struct {
    const char *name; /* for people */
    const char *key;  /* for programs */
} stages[NN_STAGES] = {
    [NN_STAGE_FILL] = {"filling batches", "fill"},
    [NN_STAGE_FORWARD] = {"layers, forward", "forward"},
    [NN_STAGE_HEAD] = {"last activation", "head"},
    [NN_STAGE_LOSS] = {"loss", "loss"},
    [NN_STAGE_METRICS] = {"metrics", "metrics"},
    [NN_STAGE_BACKWARD] = {"layers, backward", "backward"},
    [NN_STAGE_GRADIENTS] = {"norm, penalties, clipping", "gradients"},
    [NN_STAGE_UPDATE] = {"optimizer", "update"},
};

static double per_second(double amount, double seconds)
{
    return seconds > 0 ? amount / seconds : 0;
}

/* ---- for people ---- */

static void put_time(nn_sheet *sheet, double seconds)
{
    if (seconds > 0)
        nn_sheet_cell(sheet, "%.1f us", seconds * 1e6);
    else
        nn_sheet_cell(sheet, "-");
}

/* Time, samples per second and share of the limit, in one direction. */
static void put_direction(nn_sheet *sheet, const nn_bench *b, double seconds, double flops)
{
    char count[NN_FORMAT_TEXT];

    put_time(sheet, seconds);
    if (seconds > 0)
        nn_sheet_cell(sheet, "%s", nn_format_count(count, (uint64_t)(b->batch / seconds)));
    else
        nn_sheet_cell(sheet, "-");
    if (seconds > 0 && flops > 0) {
        nn_sheet_cell(sheet, "%.1f", flops / seconds * 1e-9);
        nn_sheet_cell(sheet, "%.0f %%", 100 * flops / seconds / b->limit);
    } else {
        nn_sheet_cell(sheet, "-");
        nn_sheet_cell(sheet, "-");
    }
}

static void put_layers(const nn_bench_report *r, nn_buf *out)
{
    static const nn_column columns[] = {{"layer", NN_LEFT},     {"type", NN_LEFT},
                                        {"forward", NN_RIGHT},  {"samples/s", NN_RIGHT},
                                        {"GFLOP/s", NN_RIGHT},  {"of limit", NN_RIGHT},
                                        {"backward", NN_RIGHT}, {"samples/s", NN_RIGHT},
                                        {"GFLOP/s", NN_RIGHT},  {"of limit", NN_RIGHT}};
    const nn_bench *b = r->bench;
    nn_sheet sheet;

    nn_sheet_start(&sheet, columns, b->trains ? 10 : 6);
    for (int i = 0; i < b->layers; i++) {
        const nn_layer *l = r->graph->layer[i];
        const nn_bench_layer *spent = &b->layer[i];
        char name[4 * NN_NAME_SIZE + 4];

        nn_sheet_cell(&sheet, "%s",
                      nn_text_show(name, sizeof name, l->name, strlen(l->name), NN_NAME_SIZE));
        nn_sheet_cell(&sheet, "%s", l->class->kind.name);
        put_direction(&sheet, b, spent->forward, spent->forward_flops);
        if (b->trains)
            put_direction(&sheet, b, spent->backward, spent->backward_flops);
    }
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
}

static void put_stage(nn_sheet *sheet, const nn_bench *b, const char *name, double seconds)
{
    nn_sheet_cell(sheet, "%s", name);
    put_time(sheet, seconds);
    nn_sheet_cell(sheet, "%.1f %%", 100 * per_second(seconds, b->watched));
}

static void put_stages(const nn_bench *b, nn_buf *out)
{
    static const nn_column columns[] = {
        {"of a step", NN_LEFT}, {"time", NN_RIGHT}, {"share", NN_RIGHT}};
    nn_sheet sheet;

    nn_sheet_start(&sheet, columns, 3);
    for (int i = 0; i < NN_STAGES; i++)
        if (b->stage[i] > 0)
            put_stage(&sheet, b, stages[i].name, b->stage[i]);
    put_stage(&sheet, b, "between", b->between);
    nn_sheet_write(&sheet, out);
    nn_sheet_free(&sheet);
}

void nn_bench_put_table(const nn_bench_report *r, nn_buf *out)
{
    const nn_bench *b = r->bench;
    const double rate = per_second(b->flops, b->step);
    char shown[NN_SHOWN], a[NN_FORMAT_TEXT];

    nn_buf_printf(out, "%s: %s, batch size %d, %s; %d thread%s, %s\n\n",
                  nn_text_show(shown, sizeof shown, r->path, strlen(r->path), 200),
                  b->trains ? "training" : "prediction", b->batch,
                  strcmp(r->inputs, "random") == 0 ? "random inputs" : r->inputs, b->threads,
                  b->threads == 1 ? "" : "s", nn_cpu_isa());
    put_layers(r, out);
    nn_buf_char(out, '\n');
    put_stages(b, out);
    nn_buf_printf(out, "\nsamples/s      %s (%.1f us a step)\n",
                  nn_format_count(a, (uint64_t)per_second(b->batch, b->step)), b->step * 1e6);
    nn_buf_printf(out, "GFLOP/s        %.1f, %.0f %% of the limit\n", rate * 1e-9,
                  100 * per_second(rate, b->limit));
    nn_buf_printf(out, "limit          %.1f GFLOP/s, as sgemm reaches on %d thread%s\n",
                  b->limit * 1e-9, b->threads, b->threads == 1 ? "" : "s");
    nn_buf_printf(out, "threads idle   %.0f %%\n", 100 * b->idle);
    nn_buf_printf(out, "peak memory    %s\n", nn_format_bytes(a, nn_machine_peak()));
}

/* ---- for programs ---- */

static void put_number(nn_buf *out, const char *key, double value)
{
    nn_buf_printf(out, ",\"%s\":", key);
    nn_buf_double(out, value);
}

static void put_direction_json(nn_buf *out, const char *key, const nn_bench *b, double seconds,
                               double flops)
{
    nn_buf_printf(out, ",\"%s\":{\"seconds\":", key);
    nn_buf_double(out, seconds);
    put_number(out, "samples_per_second", per_second(b->batch, seconds));
    put_number(out, "gflops", per_second(flops, seconds) * 1e-9);
    put_number(out, "share", per_second(per_second(flops, seconds), b->limit));
    nn_buf_char(out, '}');
}

static void put_layers_json(const nn_bench_report *r, nn_buf *out)
{
    const nn_bench *b = r->bench;

    nn_buf_put(out, ",\"layers\":[");
    for (int i = 0; i < b->layers; i++) {
        const nn_layer *l = r->graph->layer[i];

        nn_buf_put(out, i == 0 ? "{\"name\":" : ",{\"name\":");
        nn_buf_json(out, l->name);
        nn_buf_printf(out, ",\"type\":\"%s\"", l->class->kind.name);
        put_direction_json(out, "forward", b, b->layer[i].forward, b->layer[i].forward_flops);
        if (b->trains)
            put_direction_json(out, "backward", b, b->layer[i].backward,
                               b->layer[i].backward_flops);
        nn_buf_char(out, '}');
    }
    nn_buf_char(out, ']');
}

void nn_bench_put_json(const nn_bench_report *r, nn_buf *out)
{
    const nn_bench *b = r->bench;
    const double rate = per_second(b->flops, b->step);

    nn_buf_printf(out, "{\"mode\":\"%s\",\"inputs\":\"%s\",\"batch_size\":%d,\"threads\":%d",
                  b->trains ? "train" : "predict", r->inputs, b->batch, b->threads);
    nn_buf_printf(out, ",\"isa\":\"%s\",\"blas\":", nn_cpu_isa());
    nn_buf_json(out, nn_blas_name());
    nn_buf_printf(out, ",\"steps\":%zu", b->steps);
    put_number(out, "step_seconds", b->step);
    put_number(out, "samples_per_second", per_second(b->batch, b->step));
    put_number(out, "gflops", rate * 1e-9);
    put_number(out, "limit_gflops", b->limit * 1e-9);
    put_number(out, "share", per_second(rate, b->limit));
    put_number(out, "idle", b->idle);
    put_layers_json(r, out);
    nn_buf_put(out, ",\"stages\":{\"between\":");
    nn_buf_double(out, b->between);
    for (int i = 0; i < NN_STAGES; i++)
        if (b->stage[i] > 0)
            put_number(out, stages[i].key, b->stage[i]);
    nn_buf_printf(out, "},\"peak_memory_bytes\":%llu}\n", (unsigned long long)nn_machine_peak());
}
