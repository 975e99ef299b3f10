/* Undoing the encoding of a column, for people to read. */
#include "data/decode.h"

#include <math.h>

static void put_category(const nn_encoded *c, int category, nn_buf *out)
{
    if (category >= 0 && category < c->words.count)
        nn_buf_put(out, c->words.text[category]);
    else
        nn_buf_put(out, c->pooled && category == c->words.count ? "other" : "unknown");
}

static int hot_one(const nn_encoded *c, const float *x)
{
    const int width = c->words.count + c->pooled;

    for (int k = 0; k < width; k++)
        if (x[k] > 0.5f)
            return k;
    return -1;
}

void nn_decode(const nn_encoded *c, const nn_dataset *d, size_t first, nn_buf *out)
{
    const size_t at = first + (size_t)c->at;
    const float one = (float)nn_dataset_value(d, at);
    const float *x = d->bytes != NULL ? &one : d->numbers + at; /* bytes stand for themselves */

    if (c->indicator && x[c->width - 1] > 0.5f)
        nn_buf_put(out, "missing");
    else if (c->kind == NN_ENCODING_NUMBER)
        nn_buf_float(out, c->log1p ? (float)expm1((double)x[0]) : x[0]);
    else if (c->kind == NN_ENCODING_ONEHOT)
        put_category(c, hot_one(c, x), out);
    else
        put_category(c, x[0] == floorf(x[0]) ? (int)x[0] : -1, out);
}
