/*
 * Samples in memory as they came from the file (bytes stay bytes), with their targets. A dataset is
 * immutable; splits and batches refer to its rows.
 */
#ifndef NN_DATA_DATASET_H
#define NN_DATA_DATASET_H

#include "base/gz.h"
#include "base/shape.h"
#include "data/csv.h"

typedef enum nn_task {
    NN_TASK_AUTO,
    NN_TASK_MULTICLASS,
    NN_TASK_BINARY,
    NN_TASK_MULTILABEL,
    NN_TASK_REGRESSION
} nn_task;
extern const char *const nn_task_words[]; /* "auto", "multiclass", ...; ends with NULL */

/* Names of classes, in the order of their numbers. */
typedef struct nn_classes {
    char **name; /* [count], and a NULL behind them */
    int count;
} nn_classes;
NN_MUST_CHECK nn_code nn_classes_copy(nn_classes *out, const nn_classes *from, nn_err *err);
void nn_classes_free(nn_classes *c);

typedef struct nn_dataset_file {
    char *path;
    nn_file_id id;
    size_t first; /* its first row; of tables only */
} nn_dataset_file;

/* A column of a file: by its name, or where it stands. */
typedef struct nn_column_place {
    char *name; /* NULL: the file that it was found in has no header */
    int place;  /* from 0; -1: there is none */
} nn_column_place;

struct nn_raw;      /* data/raw.h */
struct nn_raw_text; /* data/text.h */

/*
 * How samples are made of rows that follow each other: `window` rows are a sample, and its targets
 * are those of `horizon` rows, of which the first is `offset` behind the sample's first row.
 * Nothing is copied: the sample's row is its first one, and its rows lie one behind the other.
 */
typedef struct nn_windows {
    int window; /* 0: every row is a sample */
    int horizon;
    int offset;
    int stride; /* rows from one sample to the next */
} nn_windows;

/* What a table's `split` column says a row is for. */
typedef enum nn_part { NN_PART_TRAIN, NN_PART_VALIDATION, NN_PART_TEST } nn_part;

typedef struct nn_dataset {
    char *name; /* for messages: the x file, the CSV file, "inline" */
    bool table; /* the samples were rows of a CSV file */
    size_t rows;
    nn_shape shape; /* of one sample */
    uint8_t *bytes; /* [rows][shape], or NULL; exactly one of the two is given (of wide tables
                       that hold nothing but bytes as well) */
    float *numbers; /* [rows][shape]; with windows [rows][shape without the window's rows] */
    nn_windows windows;

    int32_t *label;     /* [rows][steps] class numbers; NULL: the targets are numbers or absent */
    int steps;          /* labels of a row when each of its steps has one; 0: it has one */
    float *value;       /* [rows][width] numbers; NULL likewise */
    int width;          /* targets of a sample: with windows those of all rows of its horizon */
    nn_classes classes; /* count 0: targets are numbers or absent */

    char **column; /* names of the features, [shape's length]; NULL when the source has none */
    char *target_column;   /* of the only target; NULL likewise */
    nn_classes targets;    /* names of all target columns */
    nn_dataset_file *file; /* [files] */
    int files;

    /*
     * Tables. Until they are encoded (data/encoder.h), `raw` says what the columns of `numbers`
     * hold: [rows][raw->count], a number, NaN for a missing field, or the index of a word.
     */
    struct nn_raw *raw;
    struct nn_raw_text *raw_text; /* text that is to become numbers by a vocabulary; else NULL */
    nn_column_place text_column;
    bool text;       /* the samples are numbers of tokens */
    uint64_t *line;  /* [rows] */
    float *weight;   /* [rows] or NULL: all 1 */
    int32_t *group;  /* [rows] or NULL: rows with the same number stay together in splits */
    uint8_t *part;   /* [rows] nn_part, or NULL */
    int32_t *series; /* [rows] or NULL: rows with the same number follow each other in time */
    double *moment;  /* [rows] or NULL: when, as the order column says */
    nn_column_place series_column, order_column;
    bool ordered;   /* rows follow each other in time: they are not to be dealt out at random */
    char *ids;      /* texts of the id column, one behind the other, each with a NUL; NULL: none */
    size_t *id_at;  /* [rows] */
    size_t tiny;    /* fields so small that they were read as 0 */
    size_t unknown; /* fields with categories that no training row has, taken as "other" */
} nn_dataset;

void nn_dataset_free(nn_dataset *d); /* frees what it holds and d itself; NULL is fine */
/* "file:118" of a table's row, or "file" with the sample's number in the message; dst
 * NN_WHERE_SIZE. */
const char *nn_dataset_where(const nn_dataset *d, size_t row, char *dst);
const char *nn_dataset_id(const nn_dataset *d, size_t row); /* NULL without an id column */
double nn_dataset_value(const nn_dataset *d, size_t i);     /* the i-th number of x */
/* Turns `count` bytes of a table into numbers, with room for `room`; returns the bytes, now the
 * caller's, in *bytes (NULL: frees them). */
NN_MUST_CHECK nn_code nn_dataset_widen(nn_dataset *d, size_t count, size_t room, uint8_t **bytes,
                                       nn_err *err);

/* Numbers of one row in x. */
static inline size_t nn_dataset_pitch(const nn_dataset *d)
{
    const size_t len = nn_shape_len(&d->shape);

    return d->windows.window > 0 ? len / (size_t)d->windows.window : len;
}

/* Where the sample of a row begins in x. */
static inline size_t nn_dataset_at(const nn_dataset *d, size_t row)
{
    return row * nn_dataset_pitch(d);
}

/* Rows that a sample's targets come from, the first of them, and the numbers in each. */
static inline int nn_dataset_horizon(const nn_dataset *d)
{
    return d->windows.window > 0 ? d->windows.horizon : 1;
}

static inline size_t nn_dataset_target_row(const nn_dataset *d, size_t row)
{
    return d->windows.window > 0 ? row + (size_t)d->windows.offset : row;
}

/* Labels of a sample, and where they begin. */
static inline int nn_dataset_labels(const nn_dataset *d)
{
    return d->windows.window > 0 ? d->windows.horizon : d->steps > 0 ? d->steps : 1;
}

static inline size_t nn_dataset_label_at(const nn_dataset *d, size_t row)
{
    return d->windows.window > 0 ? nn_dataset_target_row(d, row)
                                 : row * (size_t)nn_dataset_labels(d);
}

static inline size_t nn_dataset_target_pitch(const nn_dataset *d)
{
    return (size_t)(d->width / nn_dataset_horizon(d));
}

#endif
