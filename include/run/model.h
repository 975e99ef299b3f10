/* A trained (or hand-set) model: graph, weights, preprocessing; from and to model files. */
#ifndef NN_RUN_MODEL_H
#define NN_RUN_MODEL_H

#include "run/setup.h"

typedef struct nn_model {
    char *path;        /* of the file that was read; the config for a hand-set model */
    char *run;         /* the run directory, or NULL */
    nn_config *config; /* as stored in the model; its paths are never opened */
    nn_graph *graph;
    nn_real *weights; /* [graph->weights_len] */
    nn_prep *prep;
    nn_task task;
    nn_choice loss;
    nn_choice metric[NN_MAX_METRICS];
    int metrics;
    bool nonfinite;  /* its weights may be NaN or infinite */
    nn_setup *setup; /* only for a hand-set model: its config's data; else NULL */
} nn_model;

/*
 * `what`: a run directory (its best model), a model file, "@latest", or a config that gives every
 * weight by hand. `runs` is the directory that holds the runs (for @latest).
 */
NN_MUST_CHECK nn_code nn_model_open(nn_model **out, const char *what, const char *runs,
                                    const char *const *sets, int set_count, nn_err *err);
/* The same; weights may be NaN or infinite, to look at what is left of a training. */
NN_MUST_CHECK nn_code nn_model_open_nonfinite(nn_model **out, const char *what, const char *runs,
                                              const char *const *sets, int set_count, nn_err *err);
void nn_model_free(nn_model *m);

/* Writes a model file whole or not at all, replacing an older one of that name. */
NN_MUST_CHECK nn_code nn_model_save(const char *path, const nn_setup *s, const nn_real *weights,
                                    nn_err *err);
/* Copies every tensor of a safetensors file into `weights`: names and shapes must match the
 * graph's. */
NN_MUST_CHECK nn_code nn_weights_load(const char *path, const nn_graph *g, nn_real *weights,
                                      nn_err *err);
/* Is it a config (as opposed to a run directory or a model file)? By looking at the first byte. */
NN_MUST_CHECK nn_code nn_is_config(const char *path, bool *is, nn_err *err);

#endif
