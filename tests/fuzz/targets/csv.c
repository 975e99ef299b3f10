/* CSV: records one by one, and a table whose columns are encoded by what they hold. */
#include "../fuzz.h"

#include <math.h>

#include "data/csv.h"
#include "data/encoder.h"
#include "data/load.h"
#include "data/profile.h"

static nn_code read_records(const uint8_t *bytes, size_t len, size_t *rows, nn_err *err)
{
    const nn_csv_conf conf = {0};
    const nn_field_text *field = NULL;
    nn_gz *f = NULL;
    nn_csv *csv = NULL;
    nn_code rc = nn_gz_open_bytes(&f, "t.csv", bytes, len, err);

    if (rc == NN_OK)
        rc = nn_csv_open(&csv, f, "t.csv", &conf, err);
    while (rc == NN_OK && (rc = nn_csv_next(csv, &field, err)) == NN_OK && field != NULL) {
        for (int i = 0; i < nn_csv_columns(csv); i++) {
            FUZZ_CHECK(field[i].len <= NN_CSV_MAX_FIELD && field[i].bytes[field[i].len] == '\0');
            fuzz_say(field[i].bytes, field[i].len + 1);
        }
        ++*rows;
    }
    nn_csv_close(csv);
    nn_gz_close(f);
    return rc;
}

static nn_code encode(nn_dataset *d, const nn_data_conf *conf, nn_err *err)
{
    const nn_view all = {.data = d, .count = d->rows};
    nn_encoder *encoder = NULL;
    nn_code rc = NN_OK;

    if (d->raw == NULL)
        return NN_OK;
    rc = nn_encoder_fit(&encoder, &all, conf, err);
    if (rc == NN_OK)
        rc = nn_encoder_apply(encoder, d, d->raw, &conf->shape, err);
    for (size_t i = 0; rc == NN_OK && i < d->rows * nn_shape_len(&d->shape); i++)
        FUZZ_CHECK(!isinf(nn_dataset_value(d, i)));
    nn_encoder_free(encoder);
    return rc;
}

static nn_code read_table(const uint8_t *bytes, size_t len, size_t *rows, nn_err *err)
{
    const char *const name[] = {"t.csv"};
    const nn_data_conf conf = {0};
    const nn_load how = {.conf = &conf};
    nn_table_source source = {.path = name, .count = 1};
    nn_dataset *d = NULL;
    nn_code rc = nn_gz_open_bytes(&source.open, name[0], bytes, len, err);

    if (rc == NN_OK)
        rc = nn_table_load(&d, &source, &how, NN_TABLE_TARGETS, err);
    if (rc == NN_OK) {
        *rows = d->rows;
        rc = encode(d, &conf, err);
    }
    nn_dataset_free(d);
    nn_gz_close(source.open);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint64_t live = nn_mem_read().live;
    size_t records = 0, rows = 0;
    nn_err err = {0}, table_err = {0};
    const nn_code rc = read_records(bytes, len, &records, &err);

    fuzz_settled(rc, &err, live);
    if (rc != NN_OK)
        fuzz_said = 0;
    const nn_code table_rc = read_table(bytes, len, &rows, &table_err);
    fuzz_settled(table_rc, &table_err, live);
    if (table_rc == NN_OK)
        FUZZ_CHECK(rc == NN_OK && rows == records);
    return 0;
}
