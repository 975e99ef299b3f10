/* safetensors files as such: what is accepted adds up. */
#include "../fuzz.h"

#include "conf/tensors.h"

static void check_tensors(const nn_tensors *t, size_t len)
{
    size_t bytes = 0;

    for (int i = 0; i < nn_tensors_count(t); i++) {
        const nn_tensor *const one = nn_tensors_at(t, i);
        size_t count = 1;

        for (int d = 0; d < one->rank; d++)
            count *= (size_t)one->dim[d];
        FUZZ_CHECK(count == one->count && nn_tensors_find(t, one->name) == one);
        for (size_t k = 0; k < count; k++)
            (void)nn_tensor_value(one, k);
        bytes += one->bytes;
        fuzz_say(one->name, strlen(one->name) + 1);
        fuzz_say(one->data, one->bytes);
    }
    FUZZ_CHECK(bytes + 8 < len);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint64_t live = nn_mem_read().live;
    nn_tensors *t = NULL;
    nn_err err = {0};
    nn_code rc = nn_tensors_parse(&t, "x.safetensors", bytes, len, &err);

    if (rc == NN_OK) {
        check_tensors(t, len);
        fuzz_say(&len, sizeof len);
        rc = nn_tensors_check_crc(t, false, &err);
        fuzz_said = rc == NN_OK ? fuzz_said : 0;
    }
    nn_tensors_free(t);
    fuzz_settled(rc, &err, live);
    return 0;
}
