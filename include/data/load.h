/* The loaders that nn_dataset_load chooses from: a pair of array files, a CSV table, inline
 * samples. */
#ifndef NN_DATA_LOAD_H
#define NN_DATA_LOAD_H

#include "data/array.h"
#include "data/targets.h"

/* A dataset with its name, nothing else. */
NN_MUST_CHECK nn_code nn_dataset_new(nn_dataset **out, const char *name, nn_err *err);
NN_MUST_CHECK nn_code nn_dataset_add_file(nn_dataset *d, const char *path, const nn_file_id *id,
                                          nn_err *err);
/* The sample's shape: that of the source, or `wanted` (rank 0: none) when it has as many elements.
 */
NN_MUST_CHECK nn_code nn_shape_settle(nn_shape *out, const nn_shape *found, const nn_shape *wanted,
                                      const char *name, nn_err *err);

/* `y` NULL: no targets. `format` NULL: by content. */
NN_MUST_CHECK nn_code nn_pair_load(nn_dataset **out, const char *x, const char *y,
                                   const nn_array_format *format, const nn_load *how, nn_err *err);

/* Which columns of a table are asked for. */
typedef enum nn_table_targets {
    NN_TABLE_TARGETS, /* the target column as well, if it is there or needed */
    NN_TABLE_FEATURES /* only features; a target column is passed over */
} nn_table_targets;
/*
 * All bytes of a text file, nn_free'd by the caller, also on failure; NN_EDATA for what is known to
 * be something else. `id` may be NULL. A mark of UTF-8 before the text has so many bytes.
 */
NN_MUST_CHECK nn_code nn_text_bytes(char **bytes, size_t *len, const char *path, nn_file_id *id,
                                    nn_err *err);
size_t nn_text_mark(const char *bytes, size_t len);
/* Samples from tokens of text: the numbers of a vocabulary, where there is one already. */
NN_MUST_CHECK nn_code nn_text_finish(nn_dataset *d, const nn_load *how, nn_err *err);
/* Tables from files with the same columns, one behind the other. */
typedef struct nn_table_source {
    const char *const *path; /* [count] */
    int count;
    nn_gz *open; /* instead: a stream, with path[0] as its name */
} nn_table_source;
NN_MUST_CHECK nn_code nn_table_load(nn_dataset **out, const nn_table_source *source,
                                    const nn_load *how, nn_table_targets targets, nn_err *err);
/* The number of features, from the first file's first rows; 0: only the data can tell. */
NN_MUST_CHECK nn_code nn_table_peek(int *features, const nn_table_source *source,
                                    const nn_load *how, nn_err *err);

NN_MUST_CHECK nn_code nn_inline_load(nn_dataset **out, nn_node given, const nn_load *how,
                                     nn_err *err);
NN_MUST_CHECK nn_code nn_inline_peek(nn_shape *shape, nn_data_size *size, nn_node given,
                                     const nn_load *how, nn_err *err);

#endif
