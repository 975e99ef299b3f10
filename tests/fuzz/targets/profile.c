/* The look at a data file that `data info` and `init --from` take. */
#include "../fuzz.h"

#include "data/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint64_t live = nn_mem_read().live;
    const nn_profile_options options = {.last = true};
    nn_profile *p = NULL;
    nn_err err = {0};
    const nn_code rc = nn_profile_new(&p, fuzz_file(bytes, len), &options, &err);

    if (rc == NN_OK)
        FUZZ_CHECK(p->rows > 0 && p->repeated < p->rows && p->columns > 0);
    nn_profile_free(p);
    fuzz_settled(rc, &err, live);
    return 0;
}
