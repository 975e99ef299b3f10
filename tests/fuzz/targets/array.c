/* IDX and NPY files: the header alone, and everything. */
#include "../fuzz.h"

#include <math.h>

#include "data/array.h"

/* What was handed out is as large as it says, and finite. */
static void check_numbers(const nn_array *a)
{
    const size_t count = a->rows * nn_shape_len(&a->shape);

    FUZZ_CHECK(a->rows > 0 && count > 0);
    fuzz_say(&a->shape, sizeof a->shape);
    for (size_t i = 0; i < count; i++) {
        const double value = nn_array_value(a, i);

        FUZZ_CHECK(isfinite(value));
        fuzz_say(&value, sizeof value);
    }
}

static void read_one(const uint8_t *bytes, size_t len, const nn_array_format *format)
{
    const uint64_t live = nn_mem_read().live;
    nn_array head = {0}, whole = {0};
    nn_gz *f = NULL;
    nn_err err = {0};
    nn_code rc = nn_gz_open_bytes(&f, "x", bytes, len, &err);

    if (rc == NN_OK)
        rc = format->head(&head, f, "x", &err);
    nn_gz_close(f);
    f = NULL;
    if (rc == NN_OK && (rc = nn_gz_open_bytes(&f, "x", bytes, len, &err)) == NN_OK)
        rc = format->load(&whole, f, "x", &err);
    nn_gz_close(f);
    if (rc == NN_OK) {
        FUZZ_CHECK(head.rows == whole.rows && nn_shape_equal(&head.shape, &whole.shape));
        check_numbers(&whole);
    }
    nn_array_free(&whole);
    fuzz_settled(rc, &err, live);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    for (const nn_kind *const *kind = nn_array_formats.kinds; *kind != NULL; kind++)
        read_one(bytes, len, (const nn_array_format *)*kind);
    return 0;
}
