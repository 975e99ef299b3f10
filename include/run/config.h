/*
 * The config as a whole: the tables of its objects, loading with --set, and resolved.json with
 * every default filled in. What the parts mean together (task, loss, graph, data) is settled by
 * run/setup.h.
 */
#ifndef NN_RUN_CONFIG_H
#define NN_RUN_CONFIG_H

#include "data/source.h"
#include "data/split.h"
#include "nn/loss.h"
#include "nn/metric.h"
#include "nn/optimizer.h"
#include "nn/schedule.h"

/* When a step's loss or gradients are no numbers, and when they are far too large. */
typedef enum nn_nonfinite {
    NN_NONFINITE_STOP,
    NN_NONFINITE_SKIP,
    NN_NONFINITE_ROLLBACK
} nn_nonfinite;
typedef enum nn_exploding {
    NN_EXPLODING_STOP,
    NN_EXPLODING_WARN,
    NN_EXPLODING_IGNORE
} nn_exploding;

typedef struct nn_training_conf {
    int epochs;
    nn_node batch;  /* a number or "full" */
    int batch_size; /* 0: all rows in one batch */
    bool shuffle;
    bool drop_last;
    nn_node class_weight; /* NONE, "none", "balanced" or {class: weight} */
    nn_clip clip;
    int on_nonfinite, most_nonfinite; /* nn_nonfinite; steps of an epoch */
    int on_exploding;                 /* nn_exploding */
} nn_training_conf;

typedef struct nn_early_conf {
    const char *monitor; /* NULL: no early stopping */
    int patience;
    double min_delta;
} nn_early_conf;

/* Between checkpoints: epochs, or a time. */
typedef struct nn_every {
    nn_node node; /* a number, or text such as "10m" */
    int epochs;
    double seconds; /* 0: epochs count */
} nn_every;

typedef struct nn_checkpoint_conf {
    const char *monitor; /* NULL: val_loss, or loss without validation */
    nn_every every;
} nn_checkpoint_conf;

typedef struct nn_logging_conf {
    bool tensorboard;
} nn_logging_conf;

typedef struct nn_model_conf {
    nn_node layers;
} nn_model_conf;

typedef struct nn_config {
    nn_problems problems; /* everything found wrong, here and by those who read the nodes later */
    nn_doc *doc;
    char *dir;   /* of the config file: its paths are relative to it */
    char *bytes; /* as given */
    size_t len;

    const char *schema;
    const char *name;
    uint64_t seed;
    nn_data_conf data;
    nn_node validation_node;
    nn_validation_conf validation;
    nn_model_conf model;
    nn_choice loss; /* kind NULL: by task */
    nn_choice optimizer;
    nn_choice schedule;
    nn_penalty penalty;
    nn_node metrics_node;
    nn_choice metric[NN_MAX_METRICS]; /* -1 in `metrics`: by task */
    int metrics;
    nn_training_conf training;
    nn_early_conf early;
    nn_checkpoint_conf checkpoint;
    nn_logging_conf logging;
} nn_config;

extern const nn_table nn_config_table; /* the root; for schema and manual */

typedef struct nn_config_source {
    const char *name; /* as messages call it: a path, "<stdin>", "model.safetensors" */
    const char *dir;  /* NULL: the directory part of `name` */
    const char *bytes;
    size_t len;
    nn_code code;            /* what a fault of it is: NN_ECONFIG, NN_EMODEL */
    const char *const *sets; /* "PATH=JSON", in order */
    int set_count;
} nn_config_source;

/*
 * Parses and reads all of it. On a fault *out is still handed out when the JSON could be parsed, so
 * that `check` can go on; config->problems holds every fault, *err the first. Free with
 * nn_config_free.
 */
NN_MUST_CHECK nn_code nn_config_read(nn_config **out, const nn_config_source *source, nn_err *err);
/* The same from a file; "-" is stdin. */
NN_MUST_CHECK nn_code nn_config_load(nn_config **out, const char *path, const char *const *sets,
                                     int set_count, nn_err *err);
void nn_config_free(nn_config *c);

/* Run names become directories, so their alphabet is small. */
#define NN_RUN_NAME_FORM "a letter or digit, then up to 63 of A-Z a-z 0-9 . _ -"
bool nn_is_run_name(const char *name);

#endif
