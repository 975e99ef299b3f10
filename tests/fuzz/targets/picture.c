/* PNG, PGM and PPM pictures. */
#include "../fuzz.h"

#include "data/raster.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const nn_raster_form form = {.height = 3, .width = 5, .channels = 1, .resize = true};
    const uint64_t live = nn_mem_read().live;
    nn_raster p = {0};
    nn_file_id id;
    nn_err err = {0};
    nn_code rc = nn_raster_load(&p, &id, fuzz_file(bytes, len), &err);

    if (rc == NN_OK) {
        const size_t pixels = (size_t)p.height * (size_t)p.width;
        FUZZ_CHECK(pixels > 0 && pixels <= NN_RASTER_MOST_PIXELS && p.channels <= 3);
        fuzz_say(p.pixel, pixels * (size_t)p.channels);
        rc = nn_raster_fit(&p, &form, "x", &err);
    }
    nn_raster_free(&p);
    fuzz_settled(rc, &err, live);
    return 0;
}
