/* Model files: config, preprocessing and weights together, and a prediction with what was read. */
#include "../fuzz.h"

#include <math.h>

#include "base/text.h"
#include "run/held.h"
#include "run/model.h"
#include "run/predict.h"

enum { MOST_LENGTH = 512, MOST_FLOPS = 1 << 20, MOST_WEIGHTS = 1 << 16 };

static nn_code look(void *context, size_t row, const nn_real *y, int n, int width, nn_err *err)
{
    (void)row;
    (void)err;
    *(double *)context += n > 0 && width > 0 ? (double)y[0] : 0;
    return NN_OK;
}

/* Two rows of small numbers, as a table without names would give them. */
static nn_code predict(const nn_model *m, nn_err *err)
{
    const size_t len = nn_shape_len(&m->prep->shape);
    const int columns = m->prep->encoder != NULL ? m->prep->encoder->file_columns : (int)len;
    nn_pool *pool = NULL;
    nn_held input = {0};
    nn_buf rows = {0};
    double sum = 0;

    for (int i = 0; i < 2 * columns; i++)
        nn_buf_printf(&rows, "%d%c", i % 7, (i + 1) % columns == 0 ? '\n' : ',');
    nn_code rc =
        nn_held_input(&input, m, fuzz_file((const uint8_t *)rows.data, rows.len), NULL, err);
    nn_buf_free(&rows);
    if (rc == NN_OK && (rc = nn_pool_new(&pool, 1, err)) == NN_OK) {
        const nn_subject subject = nn_model_subject(m, pool);

        rc = nn_predict(&subject, &input.view, look, &sum, err);
    }
    nn_pool_free(pool);
    nn_held_free(&input);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint64_t live = nn_mem_read().live;
    uint8_t *const copy = fuzz_with_crc(bytes, len);
    nn_model *m = NULL;
    nn_err err = {0};
    nn_code rc = nn_model_open(&m, fuzz_file(copy, len), "/nonexistent", NULL, 0, &err);

    free(copy);
    if (rc == NN_OK) {
        fuzz_say(m->weights, m->graph->weights_len * sizeof *m->weights);
        fuzz_say(m->config->bytes, m->config->len);
    }
    if (rc == NN_OK && m->graph->flops <= MOST_FLOPS && m->graph->weights_len <= MOST_WEIGHTS &&
        nn_shape_len(&m->prep->shape) <= MOST_LENGTH &&
        (m->prep->encoder == NULL || m->prep->encoder->file_columns <= MOST_LENGTH))
        rc = predict(m, &err);
    nn_model_free(m);
    fuzz_settled(rc, &err, live);
    return 0;
}
