/* The directions of a conversion. For src/data/convert/ alone. */
#ifndef NN_CONVERT_H
#define NN_CONVERT_H

#include "data/convert.h"

/* From arrays, to a table or to arrays of another format. */
NN_MUST_CHECK nn_code nn_convert_array(const nn_convert *c, const nn_array *x, nn_converted *done,
                                       nn_err *err);
/* From a table to arrays. */
NN_MUST_CHECK nn_code nn_convert_table(const nn_convert *c, nn_converted *done, nn_err *err);
/* From a folder of pictures to arrays. */
NN_MUST_CHECK nn_code nn_convert_folder(const nn_convert *c, nn_converted *done, nn_err *err);

#endif
