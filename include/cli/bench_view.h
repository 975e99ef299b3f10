/* How a measurement of `nnctl bench` is shown: a table for people, JSON for programs. */
#ifndef NN_CLI_BENCH_VIEW_H
#define NN_CLI_BENCH_VIEW_H

#include "base/text.h"
#include "run/bench.h"

typedef struct nn_bench_report {
    const nn_bench *bench;
    const nn_graph *graph;
    const char *path;   /* of the config or model */
    const char *inputs; /* "train", "test", ... for a split, or "random" */
} nn_bench_report;

void nn_bench_put_table(const nn_bench_report *r, nn_buf *out);
void nn_bench_put_json(const nn_bench_report *r, nn_buf *out);

#endif
