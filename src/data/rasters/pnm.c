/* PGM and PPM: a header in words, then numbers in words (P2, P3) or bytes (P5, P6). */
#include "data/raster.h"

#include "base/mem.h"

/* What is left of the file, and of what it was told to hold. */
typedef struct reader {
    const unsigned char *at, *end;
    const char *name;
    unsigned most; /* the brightest value */
    bool words;
} reader;

static bool is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is(const unsigned char *head, size_t len)
{
    const unsigned char kind = len >= 3 ? head[1] : 0;

    return len >= 3 && head[0] == 'P' &&
           (kind == '2' || kind == '3' || kind == '5' || kind == '6') &&
           (is_space(head[2]) || head[2] == '#');
}

static void skip_space(reader *r)
{
    while (r->at < r->end && (is_space(*r->at) || *r->at == '#')) {
        const bool comment = *r->at++ == '#';

        while (comment && r->at < r->end && *r->at != '\n')
            r->at++;
    }
}

/* The next number, at most 1,000,000, which is more than anything may be. */
static nn_code take_number(reader *r, const char *what, unsigned *out, nn_err *err)
{
    unsigned value = 0;

    skip_space(r);
    if (r->at == r->end)
        return nn_err_set(err, NN_EDATA, r->name, "the file ends where %s is due", what);
    if (!is_digit(*r->at))
        return nn_err_set(err, NN_EDATA, r->name, "expected %s, found the byte %02x", what, *r->at);
    for (; r->at < r->end && is_digit(*r->at); r->at++) {
        value = value * 10 + (unsigned)(*r->at - '0');
        if (value > 1000000)
            return nn_err_set(err, NN_EDATA, r->name, "%s is too large", what);
    }
    *out = value;
    return NN_OK;
}

static nn_code take_sample(reader *r, unsigned *out, nn_err *err)
{
    if (r->words)
        NN_TRY(take_number(r, "a pixel", out, err));
    else
        *out = *r->at++;
    if (!r->words && r->most > 255)
        *out = *out << 8 | *r->at++;
    if (*out > r->most)
        return nn_err_set(err, NN_EDATA, r->name, "a pixel of %u, where the brightest is to be %u",
                          *out, r->most);
    return NN_OK;
}

/* Before anything is allocated: can what is left hold so many samples? */
static nn_code check_left(const reader *r, uint64_t samples, nn_err *err)
{
    const uint64_t left = (uint64_t)(r->end - r->at);
    const uint64_t least = r->words ? 2 * samples - 1 : r->most > 255 ? 2 * samples : samples;

    if (left < least)
        return nn_err_set(err, NN_EDATA, r->name,
                          "expected %llu bytes of pixels or more, found %llu",
                          (unsigned long long)least, (unsigned long long)left);
    return NN_OK;
}

static nn_code take_pixels(nn_raster *out, reader *r, nn_err *err)
{
    const size_t len = (size_t)out->height * (size_t)out->width * (size_t)out->channels;

    for (size_t i = 0; i < len; i++) {
        unsigned value = 0;

        NN_TRY(take_sample(r, &value, err));
        out->pixel[i] = (uint8_t)((value * 255 + r->most / 2) / r->most);
    }
    if (r->words)
        skip_space(r);
    if (r->at < r->end)
        return nn_err_set(err, NN_EDATA, r->name, "%zu bytes too many behind the pixels",
                          (size_t)(r->end - r->at));
    return NN_OK;
}

static nn_code read(nn_raster *out, unsigned char *bytes, size_t len, const char *name, nn_err *err)
{
    const int kind = bytes[1] - '0';
    const int channels = kind == 3 || kind == 6 ? 3 : 1;
    reader r = {bytes + 2, bytes + len, name, 0, kind < 5};
    unsigned width = 0, height = 0;
    nn_code rc;

    NN_TRY(take_number(&r, "the width", &width, err));
    NN_TRY(take_number(&r, "the height", &height, err));
    NN_TRY(take_number(&r, "the brightest value", &r.most, err));
    if (r.most == 0 || r.most > 65535)
        return nn_err_set(err, NN_EDATA, name, "expected a brightest value from 1 to 65535, got %u",
                          r.most);
    if (r.at == r.end || !is_space(*r.at))
        return nn_err_set(err, NN_EDATA, name, "expected a space behind the brightest value");
    r.at++;
    NN_TRY(nn_raster_check(height, width, name, err));
    NN_TRY(check_left(&r, (uint64_t)width * height * (unsigned)channels, err));
    NN_TRY(nn_raster_new(out, (int)height, (int)width, channels, err));
    if ((rc = take_pixels(out, &r, err)) != NN_OK)
        nn_raster_free(out);
    return rc;
}

const nn_raster_format nn_raster_pnm = {"PGM or PPM", is, read};
