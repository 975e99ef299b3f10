/* The end of a conversion that writes two files. */
#include "convert.h"

nn_code nn_convert_commit(nn_out *x, nn_out *y, nn_err *err)
{
    const nn_code rc = nn_out_commit(x, err);

    if (rc == NN_OK && y != NULL)
        return nn_out_commit(y, err);
    nn_out_abort(y);
    return rc;
}
