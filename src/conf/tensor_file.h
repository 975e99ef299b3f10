/* The inside of a safetensors file, for the files of conf/ that read it. */
#ifndef NN_CONF_TENSOR_FILE_H
#define NN_CONF_TENSOR_FILE_H

#include "conf/json.h"
#include "conf/tensors.h"

struct nn_tensors {
    char *name;   /* of the file, for messages */
    char *header; /* [header_len] JSON, NUL-terminated */
    size_t header_len;
    unsigned char *data;
    size_t data_len;
    nn_problems problems; /* the header document's */
    nn_doc *doc;          /* owns the names and the metadata */
    nn_node meta;         /* NONE without metadata */
    nn_tensor *tensor;    /* [count] in the order of the data */
    const nn_tensor **by_name;
    int count;
};

/* Fills `doc`, `meta` and `tensor` (all but `data`) from the header; data_len is known already. */
NN_MUST_CHECK nn_code nn_tensors_read_header(nn_tensors *t, nn_err *err);

/* Element types: names as the format writes them, sizes in bytes, order when written. */
const char *nn_dtype_name(nn_dtype dtype);
size_t nn_dtype_size(nn_dtype dtype);
int nn_dtype_rank(nn_dtype dtype);
bool nn_dtype_find(const char *name, nn_dtype *out);

#endif
