/*
 * Everything a run needs, settled together: config, data, task, preprocessing, graph, loss,
 * metrics. All faults go to config->problems, so that one run names them all.
 */
#ifndef NN_RUN_SETUP_H
#define NN_RUN_SETUP_H

#include "data/batch.h"
#include "nn/graph.h"
#include "run/config.h"

typedef enum nn_setup_depth {
    NN_SETUP_SHAPES, /* headers of the data files only: `show` */
    NN_SETUP_DATA    /* the data itself, splits and preprocessing: `train`, `check` */
} nn_setup_depth;

typedef struct nn_setup_options {
    nn_setup_depth depth;
    size_t limit;          /* first rows after the seeded shuffle; 0: all */
    bool targets_optional; /* y may be absent (predict with a config) */
    int threads;           /* to read tables with; 0 and 1: one */
} nn_setup_options;

typedef struct nn_setup {
    nn_config *config;               /* not owned */
    nn_dataset *train_set;           /* NULL with NN_SETUP_SHAPES */
    nn_dataset *validation_set;      /* only when the config names files for it */
    nn_dataset *test_set;            /* NULL: none */
    nn_data_size size;               /* of all data by its headers; rows: to train on, 0: unknown */
    nn_view train, validation, test; /* count 0: none */
    nn_view rows;                    /* that windows to train on are made of; see nn_setup_rows */
    nn_prep *prep;
    nn_vocabulary *vocabulary; /* of text; the preprocessing's, or until there is one the setup's */
    nn_graph *graph;
    nn_task task; /* never AUTO once the data was read */
    nn_choice loss;
    nn_choice metric[NN_MAX_METRICS];
    int metrics;
    double *class_weight; /* [classes], or NULL */
    int batch_size;
    bool looked_at_layers; /* their faults are among the problems */
} nn_setup;

/* On failure *out is NULL and *err the first fault; config->problems has them all (warnings as
 * well). */
NN_MUST_CHECK nn_code nn_setup_new(nn_setup **out, nn_config *config,
                                   const nn_setup_options *options, nn_err *err);
void nn_setup_free(nn_setup *s);
/* The rows of the training data that are trained on, each of them once. */
const nn_view *nn_setup_rows(const nn_setup *s);
/* The config with every default and every settled choice filled in; parses back to the same setup.
 */
void nn_setup_write(const nn_setup *s, nn_buf *out);

typedef struct nn_memory_part {
    const char *name; /* "data", "weights", ... */
    uint64_t bytes;
} nn_memory_part;
enum { NN_MEMORY_PARTS = 10 };
typedef struct nn_memory {
    nn_memory_part part[NN_MEMORY_PARTS]; /* largest first */
    uint64_t total;
    uint64_t held; /* of it, by what is loaded already */
    bool data;     /* the data is in it: it was loaded, or its headers tell its size */
} nn_memory;
/* What training takes. NN_ELIMIT when it is more than can be counted. */
NN_MUST_CHECK nn_code nn_setup_memory(const nn_setup *s, int threads, nn_memory *out, nn_err *err);
/* NN_ELIMIT, naming the largest parts, when the machine cannot give the rest. */
NN_MUST_CHECK nn_code nn_memory_check(const nn_memory *memory, nn_err *err);
/* Does the kernel, against its habit, not say how much is to be had, so that all passes the check? */
bool nn_memory_is_unknown(void);

#endif
