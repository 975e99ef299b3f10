/*
 * An encoder turns the columns of a table into the numbers of a sample: missing fields are filled,
 * numbers clipped and put on a logarithmic scale, words made categories. It is fitted on training
 * rows alone and travels in the model file.
 */
#ifndef NN_DATA_ENCODER_H
#define NN_DATA_ENCODER_H

#include "data/raw.h"
#include "data/source.h"
#include "data/split.h"

typedef enum nn_encoding {
    NN_ENCODING_NUMBER,
    NN_ENCODING_ONEHOT,
    NN_ENCODING_ORDINAL,  /* the index of the category */
    NN_ENCODING_BINARY,   /* the same, of two */
    NN_ENCODING_EMBEDDING /* the index, for a layer that embeds it; -1: none of them */
} nn_encoding;

typedef struct nn_encoded {
    char *name; /* of the column; NULL without a header */
    int place;  /* where it stood in the file that it was fitted on, from 0 */
    int kind;   /* nn_encoding */
    bool impute;
    double fill;    /* a missing field becomes this number, or the category with this index */
    bool indicator; /* the last feature is 1 where the field is missing, else 0 */
    bool clip;
    double low, high;
    bool log1p;     /* after the clipping */
    int scale;      /* nn_scale, never AUTO: of the number, after all this */
    nn_words words; /* the categories, sorted by their bytes */
    bool pooled;    /* one more category, "other", stands for the rare and the unknown ones */
    /* No error: an unknown category is none of them; ordinal: `fill`; binary: one half. */
    bool lenient;
    int at, width; /* its features */
} nn_encoded;

typedef struct nn_encoder {
    nn_encoded *column; /* [count] */
    int count;
    int features;
    int *target; /* [targets] places of the target columns, for files without a header */
    int targets;
    int file_columns; /* of the file that it was fitted on */
    char *delimiter;  /* as in nn_csv_conf; NULL: found by looking */
    int decimal;
    nn_words missing;
    nn_words names; /* of columns and targets: one of them makes a first record a header */
} nn_encoder;

/* Fits to these rows of a raw table. What the config asks for in vain goes to its document. */
NN_MUST_CHECK nn_code nn_encoder_fit(nn_encoder **out, const nn_view *train,
                                     const nn_data_conf *conf, nn_err *err);
void nn_encoder_free(nn_encoder *e);
/*
 * Makes samples of raw rows, in place of them. `raw` says what they hold; when it is the dataset's
 * own it is gone then. `shape`: of a sample; rank 0: a row.
 */
NN_MUST_CHECK nn_code nn_encoder_apply(const nn_encoder *e, nn_dataset *d, const nn_raw *raw,
                                       const nn_shape *shape, nn_err *err);
/* How each feature is scaled: scale[features]. */
void nn_encoder_scales(const nn_encoder *e, nn_scale *scale);
/*
 * How many categories each feature is the number of, 0 for a number: (*out)[features], the
 * caller's. NULL when none is (and `e` may be NULL). `code` where the shape of a sample does not
 * end in the features, so that nothing could tell them apart.
 */
NN_MUST_CHECK nn_code nn_encoder_categories(int **out, const nn_encoder *e, const nn_shape *shape,
                                            nn_code code, nn_err *err);
/* "age", "city=Bonn", "city=other", "age is missing" for each feature; NULL without a header. */
NN_MUST_CHECK nn_code nn_encoder_names(const nn_encoder *e, char ***out, nn_err *err);
/* Where a column is refused: by its name, or by its index. */
const char *nn_encoded_name(const nn_encoded *c, char *dst);

void nn_encoder_write(const nn_encoder *e, nn_buf *out);
NN_MUST_CHECK nn_code nn_encoder_read(nn_encoder **out, nn_node object, nn_err *err);

#endif
