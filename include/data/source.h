/*
 * The config's `data` object, and loading what it names: files relative to the config's directory
 * into datasets with targets understood (classes or numbers).
 */
#ifndef NN_DATA_SOURCE_H
#define NN_DATA_SOURCE_H

#include "conf/field.h"
#include "data/augment.h"
#include "data/dataset.h"
#include "data/sequence.h"
#include "data/text.h"

typedef enum nn_scale {
    NN_SCALE_AUTO, /* unit for bytes, standard for CSV numbers, else none */
    NN_SCALE_NONE,
    NN_SCALE_UNIT,
    NN_SCALE_STANDARD,
    NN_SCALE_MINMAX,
    NN_SCALE_ROBUST /* by median and quartiles */
} nn_scale;
extern const char *const nn_scale_words[];

typedef enum nn_target_scale {
    NN_TARGET_NONE,
    NN_TARGET_STANDARD,
    NN_TARGET_MINMAX,
    NN_TARGET_LOG1P
} nn_target_scale;
extern const char *const nn_target_scale_words[];

extern const char *const nn_format_words[]; /* "auto", the array formats, "csv", "inline" */

/* {"x": FILE, "y": FILE}, {"path": FILE} or {"inline": {"x": [[..]], "y": [..]}} */
typedef struct nn_files {
    const char *x, *y, *path;
    nn_node paths;  /* "path" as a list of files that are read as one; then `path` is the first */
    nn_node given;  /* the "inline" object */
    nn_node sha256; /* what the files must be: a text, or a list with one for each; or NONE */
    nn_node node;   /* where it stands, for messages */
} nn_files;
void nn_files_read(nn_node object, nn_files *out); /* reports to the document's problems */
extern const nn_table nn_files_table;

typedef struct nn_data_conf {
    nn_node train, test; /* test may be NONE */
    int format;          /* 0 by content; else as nn_format_words */
    int task;            /* nn_task */
    nn_shape shape;      /* rank 0: from the file */
    int scale;           /* nn_scale */
    nn_node target;      /* CSV: name or index, or a list of them; NONE: the last column */
    int target_scale;
    nn_node features, ignore;         /* CSV: names and patterns, or NONE */
    nn_node id, weight, group, split; /* CSV: name or index of a column with a meaning of its own */
    nn_node columns;                  /* CSV: data/column.h */
    nn_csv_conf csv;
    nn_sequence_conf sequence;
    nn_text_conf text;
    nn_augment_conf augment; /* of the batches that are trained on */
    bool strict_classes;     /* every split has rows of every class */
} nn_data_conf;
extern const nn_table nn_data_table;

/* How to understand a source; also made up by `predict` from a model's stored preprocessing. */
typedef struct nn_load {
    const char *dir; /* paths are relative to it; NULL: the current directory */
    const nn_data_conf *conf;
    nn_task task; /* AUTO: classes for words and few whole numbers, else numbers */
    /* The classes must be these (a test split, a model); NULL: find them. */
    const nn_classes *classes;
    int steps; /* labels that a sample then has to have; 0: any number */
    /*
     * CSV: how a model's columns are found and encoded, so that the dataset comes encoded; NULL: it
     * comes raw.
     */
    const struct nn_encoder *encoder;
    const nn_vocabulary *vocabulary; /* a model's of text; NULL: the dataset comes raw, if any */
    bool texts;                      /* CSV: a column of texts is all there is to learn from */
    bool plain;                /* CSV: a model that knows no columns: all are numbers, not raw */
    const nn_classes *targets; /* CSV: names of a model's targets; NULL: as conf->target says */
    const char *id;            /* CSV: name of the id column; NULL: as conf->id says */
    /* CSV: the columns of a model's sequences; NULL: as conf->sequence says */
    const nn_column_place *series, *order;
    /* predict: y may be absent (an x file alone, CSV without the target column) */
    bool targets_optional;
    int threads; /* to read with; 0 and 1: the caller's alone */
} nn_load;

/*
 * NN_EDATA, NN_EFILE, NN_ELIMIT in *err with file and line. What is wrong in the config itself
 * (inline samples, a target column that does not exist) is reported to its document as well, with
 * the document's code: such an error is not to be added to the problems again.
 */
NN_MUST_CHECK nn_code nn_dataset_load(nn_dataset **out, const nn_files *files, const nn_load *how,
                                      nn_err *err);
/* What a file of samples becomes in memory; rows 0: only the data can tell. */
typedef struct nn_data_size {
    size_t rows;
    uint64_t bytes; /* of samples and one target each */
} nn_data_size;

/*
 * Shape and size of the samples without reading the data. Rank 0: only the data can tell, since
 * words become as many features as there are different ones.
 */
NN_MUST_CHECK nn_code nn_dataset_peek(nn_shape *shape, nn_data_size *size, const nn_files *files,
                                      const nn_load *how, nn_err *err);
/* For predict: one IDX, NPY or CSV file by content, or CSV rows from an open descriptor. */
NN_MUST_CHECK nn_code nn_dataset_load_input(nn_dataset **out, const char *path, int fd,
                                            const nn_load *how, nn_err *err);

/* The same bit by bit, for CSV rows that come in through a pipe. */
typedef struct nn_rows nn_rows;
/* `path` NULL: from `fd`. */
NN_MUST_CHECK nn_code nn_rows_open(nn_rows **out, const char *path, int fd, const nn_load *how,
                                   nn_err *err);
/* The rows that have come in, waiting for one at least; NULL at the end, even at first. */
NN_MUST_CHECK nn_code nn_rows_next(nn_rows *r, nn_dataset **out, nn_err *err);
void nn_rows_close(nn_rows *r); /* NULL is fine */

#endif
