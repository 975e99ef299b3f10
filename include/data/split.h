/* Views: some rows of a dataset, in an order. Splits are functions of (seed, data) alone. */
#ifndef NN_DATA_SPLIT_H
#define NN_DATA_SPLIT_H

#include "data/source.h"

typedef struct nn_view {
    const nn_dataset *data;
    uint32_t *row; /* [count] rows of data; NULL: all rows in order */
    size_t count;
} nn_view;

static inline size_t nn_view_row(const nn_view *v, size_t i)
{
    return v->row == NULL ? i : v->row[i];
}

typedef enum nn_split_method {
    NN_SPLIT_AUTO,
    NN_SPLIT_STRATIFIED,
    NN_SPLIT_RANDOM,
    NN_SPLIT_LAST
} nn_split_method;

/* The config's `validation`: a fraction, {"fraction", "method"}, or files of its own. */
typedef struct nn_validation_conf {
    double fraction; /* 0: none */
    int method;      /* nn_split_method; AUTO: stratified for classes, random for numbers */
    bool has_files;
    nn_files files;
    nn_node node;
} nn_validation_conf;
void nn_validation_read(nn_node n, nn_validation_conf *out); /* NONE: the default, 0.1 */
extern const char nn_validation_form[];                      /* its JSON schema */
void nn_validation_write(const nn_validation_conf *v, nn_buf *out);

/* What AUTO means for these rows: never AUTO. */
nn_split_method nn_split_usual(const nn_dataset *d);
/*
 * Splits `all` into *train and *held (rows keep their order), with all rows of a group on one side.
 * Both are freed by nn_view_free.
 */
NN_MUST_CHECK nn_code nn_split(nn_view *train, nn_view *held, const nn_view *all, double fraction,
                               nn_split_method method, uint64_t seed, nn_err *err);
/* The first `limit` rows of `all` after the seeded shuffle, in their order. */
NN_MUST_CHECK nn_code nn_view_limit(nn_view *out, const nn_view *all, size_t limit, uint64_t seed,
                                    nn_err *err);

/* What the rows of the training data are for. Views with count 0: none. */
typedef struct nn_parts {
    nn_view train, validation, test;
} nn_parts;
/*
 * A `split` column decides; without one, or where it names no validation rows, `v` says what is
 * held back. `limit` rows, 0: all, are trained on and held back.
 */
NN_MUST_CHECK nn_code nn_parts_make(nn_parts *out, const nn_dataset *d, const nn_validation_conf *v,
                                    size_t limit, uint64_t seed, nn_err *err);
void nn_parts_free(nn_parts *p);
NN_MUST_CHECK nn_code nn_view_copy(nn_view *out, const nn_view *from, nn_err *err);
void nn_view_free(nn_view *v);

#endif
