/* Augmentation: what is drawn for a sample, and doing it. */
#include "data/augment.h"

#include <assert.h>
#include <limits.h>
#include <math.h>

#include "base/mem.h"
#include "math/noise.h"
#include "math/warp.h"

#define AT(member) offsetof(nn_augment_conf, member)

static const char *const flip_words[] = {"none", "horizontal", "vertical", "both", NULL};

static const nn_field fields[] = {
    {.key = "shift",
     .type = NN_FIELD_NUM,
     .at = AT(shift),
     .fallback = "0",
     .range = "[0,1]",
     .help = "move the picture by up to this part of its height and width, either way"},
    {.key = "rotate",
     .type = NN_FIELD_NUM,
     .at = AT(rotate),
     .fallback = "0",
     .range = "[0,180]",
     .help = "turn it about its centre by up to so many degrees, either way"},
    {.key = "zoom",
     .type = NN_FIELD_NUM,
     .at = AT(zoom),
     .fallback = "0",
     .range = "[0,1)",
     .help = "make it larger or smaller by up to this part"},
    {.key = "flip",
     .type = NN_FIELD_WORD,
     .at = AT(flip),
     .fallback = "\"none\"",
     .words = flip_words,
     .help = "mirror every other picture: left and right (horizontal), top and bottom (vertical)"},
    {.key = "noise",
     .type = NN_FIELD_NUM,
     .at = AT(noise),
     .fallback = "0",
     .range = "[0,)",
     .help = "add normal noise of this standard deviation to the scaled numbers"},
    {.key = "erase",
     .type = NN_FIELD_NUM,
     .at = AT(erase),
     .fallback = "0",
     .range = "[0,1]",
     .help = "set a rectangle of up to this part of the height and width to 0"},
    {.key = "mixup",
     .type = NN_FIELD_NUM,
     .at = AT(mixup),
     .fallback = "0",
     .range = "[0,1]",
     .help = "blend samples, and their targets, in pairs; the shares are beta(mixup, mixup); "
             "0.2 is usual"},
    {.key = NULL},
};

const nn_table nn_augment_table = {
    .name = "augment",
    .help = "how training samples are varied, anew in every epoch; never those of other splits",
    .fields = fields};

struct nn_augment {
    nn_augment_conf conf;
    uint64_t seed;
    int height, width, channels; /* 0 when nothing happens to pictures */
    size_t len;                  /* of a sample */
    nn_real *frame;              /* [slots][frame_len]; NULL when nothing moves */
    size_t frame_len;
};

/* ---- what is asked for ---- */

static bool moves(const nn_augment_conf *c)
{
    return c->shift > 0 || c->rotate > 0 || c->zoom > 0 || c->flip != NN_FLIP_NONE;
}

static bool needs_pictures(const nn_augment_conf *c)
{
    return moves(c) || c->erase > 0;
}

bool nn_augment_is_none(const nn_augment_conf *conf)
{
    return !needs_pictures(conf) && !(conf->noise > 0) && !(conf->mixup > 0);
}

static bool is_picture(const nn_shape *s)
{
    return s->rank == 2 || s->rank == 3;
}

void nn_augment_check(const nn_augment_conf *conf, const nn_shape *shape, nn_node at)
{
    char text[NN_SHAPE_TEXT];

    if (needs_pictures(conf) && !is_picture(shape))
        nn_node_fault(at, "data.shape gives samples their form; noise and mixup do with any",
                      "expected pictures, samples of shape [height, width] or "
                      "[height, width, channels], got %s",
                      nn_shape_text(text, shape));
}

static int channels_of(const nn_shape *s)
{
    return s->rank == 3 ? s->dim[2] : 1;
}

size_t nn_augment_bytes(const nn_augment_conf *conf, const nn_shape *shape, int slots)
{
    size_t bytes = sizeof(nn_augment);

    if (moves(conf) && is_picture(shape))
        bytes += (size_t)slots * sizeof(nn_real) *
                 nn_warp_frame_len(shape->dim[0], shape->dim[1], channels_of(shape));
    return bytes;
}

static nn_code make_frames(nn_augment *a, int slots, nn_err *err)
{
    a->frame_len = nn_warp_frame_len(a->height, a->width, a->channels);
    if (a->frame_len > INT_MAX)
        return nn_err_set(err, NN_ELIMIT, NULL,
                          "pictures of %d x %d x %d are too large to be moved", a->height, a->width,
                          a->channels);
    a->frame = nn_alloc((size_t)slots, a->frame_len * sizeof *a->frame);
    if (a->frame == NULL)
        return nn_err_memory(err, "augmentation", (size_t)slots * a->frame_len * sizeof *a->frame);
    return NN_OK;
}

nn_code nn_augment_new(nn_augment **out, const nn_augment_conf *conf, const nn_shape *shape,
                       int slots, uint64_t seed, nn_err *err)
{
    nn_augment *a = nn_alloc(1, sizeof *a);
    nn_code rc = NN_OK;

    *out = NULL;
    if (a == NULL)
        return nn_err_memory(err, "augmentation", sizeof *a);
    a->conf = *conf;
    a->seed = seed;
    a->len = nn_shape_len(shape);
    if (needs_pictures(conf)) {
        assert(is_picture(shape));
        a->height = shape->dim[0];
        a->width = shape->dim[1];
        a->channels = channels_of(shape);
    }
    if (moves(conf))
        rc = make_frames(a, slots, err);
    if (rc != NN_OK)
        nn_augment_free(a);
    else
        *out = a;
    return rc;
}

void nn_augment_free(nn_augment *a)
{
    if (a == NULL)
        return;
    nn_free(a->frame);
    nn_free(a);
}

/* ---- what is drawn ---- */

/*
 * Every row has 2^32 blocks of four random words to itself, and every use its own among them, so
 * that switching one use on changes nothing about the others.
 */
enum { MOVE_BLOCK = 0, FLIP_BLOCK = 1, ERASE_BLOCK = 2, PARTNER_BLOCK = 3, SHARE_BLOCK = 4 };
enum { SHARE_TRIES = 128, NOISE_BLOCK = SHARE_BLOCK + SHARE_TRIES };

static nn_rng rng_of(const nn_augment *a, uint64_t epoch)
{
    const nn_rng rng = {a->seed, NN_RNG_AUGMENT, epoch};
    return rng;
}

static uint64_t block_of(uint32_t row, int use)
{
    return ((uint64_t)row << 32) + (uint64_t)use;
}

/* Four numbers in (0, 1]: a logarithm of them is finite. */
static void draw(double u[4], const nn_augment *a, uint64_t epoch, uint32_t row, int use)
{
    const nn_rng rng = rng_of(a, epoch);
    uint32_t word[4];

    nn_rng_block(&rng, block_of(row, use), word);
    for (int i = 0; i < 4; i++)
        u[i] = ((double)word[i] + 1) * 0x1p-32;
}

/* From (0, 1] to (-most, most]. */
static double either_way(double u, double most)
{
    return (2 * u - 1) * most;
}

/* Where each pixel of the moved picture comes from: the move backwards, about the centre. */
static nn_warp_map draw_map(const nn_augment *a, uint64_t epoch, uint32_t row)
{
    const nn_augment_conf *c = &a->conf;
    const double middle_y = 0.5 * (a->height - 1), middle_x = 0.5 * (a->width - 1);
    double u[4], flip[4];

    draw(u, a, epoch, row, MOVE_BLOCK);
    draw(flip, a, epoch, row, FLIP_BLOCK);
    const double off_y = middle_y + either_way(u[0], c->shift) * a->height;
    const double off_x = middle_x + either_way(u[1], c->shift) * a->width;
    const double angle = either_way(u[2], c->rotate) * (3.14159265358979323846 / 180);
    const double size = 1 + either_way(u[3], c->zoom);
    const double along = cos(angle) / size, across = sin(angle) / size;
    const double y_sign = (c->flip & NN_FLIP_VERTICAL) && flip[0] <= 0.5 ? -1 : 1;
    const double x_sign = (c->flip & NN_FLIP_HORIZONTAL) && flip[1] <= 0.5 ? -1 : 1;
    const nn_warp_map map = {
        .place_y = middle_y - y_sign * (along * off_y - across * off_x),
        .place_x = middle_x - x_sign * (across * off_y + along * off_x),
        .down_y = y_sign * along,
        .down_x = x_sign * across,
        .right_y = -y_sign * across,
        .right_x = x_sign * along,
    };
    return map;
}

/* A length of 0 to `most` parts of `whole`, and where it begins. */
static int draw_span(int *begin, double length, double place, double most, int whole)
{
    const int len = (int)(length * most * whole + 0.5);

    *begin = (int)(place * (whole - len) + 0.5);
    return len;
}

static void erase(const nn_augment *a, uint64_t epoch, uint32_t row, nn_real *x)
{
    const size_t line = (size_t)a->width * (size_t)a->channels;
    double u[4];
    int top, left;

    draw(u, a, epoch, row, ERASE_BLOCK);
    const int height = draw_span(&top, u[0], u[1], a->conf.erase, a->height);
    const int width = draw_span(&left, u[2], u[3], a->conf.erase, a->width);
    for (int i = top; i < top + height; i++)
        for (int j = left * a->channels; j < (left + width) * a->channels; j++)
            x[(size_t)i * line + (size_t)j] = 0;
}

/* ---- doing it ---- */

void nn_augment_picture(const nn_augment *a, uint64_t epoch, uint32_t row, int slot, nn_real *x)
{
    if (a->frame != NULL) {
        const nn_warp_map map = draw_map(a, epoch, row);
        nn_real *frame = a->frame + (size_t)slot * a->frame_len;

        nn_warp_frame(frame, x, a->height, a->width, a->channels);
        nn_warp(x, frame, &map, a->height, a->width, a->channels);
    }
    if (a->conf.erase > 0)
        erase(a, epoch, row, x);
}

void nn_augment_noise(const nn_augment *a, uint64_t epoch, uint32_t row, nn_real *x)
{
    const nn_rng rng = rng_of(a, epoch);

    if (a->conf.noise > 0)
        nn_noise_add(x, a->len, (nn_real)a->conf.noise, &rng, block_of(row, NOISE_BLOCK));
}

bool nn_augment_mixes(const nn_augment *a)
{
    return a->conf.mixup > 0;
}

/*
 * Beta(alpha, alpha) by Jöhnk's method: of two powers of uniform numbers whose sum is not above 1,
 * the first one's share. Powers of 1/alpha may vanish, so their logarithms are compared.
 */
static double draw_share(const nn_augment *a, uint64_t epoch, uint32_t row)
{
    double u[4];

    for (int i = 0; i < SHARE_TRIES; i++) { /* each succeeds at least every other time */
        draw(u, a, epoch, row, SHARE_BLOCK + i);
        const double first = log(u[0]) / a->conf.mixup, second = log(u[1]) / a->conf.mixup;

        if (exp(first) + exp(second) <= 1)
            return 1 / (1 + exp(second - first));
    }
    return 0.5;
}

nn_mix nn_augment_mix(const nn_augment *a, uint64_t epoch, uint32_t row, size_t count)
{
    const nn_rng rng = rng_of(a, epoch);
    const nn_mix mix = {.share = draw_share(a, epoch, row),
                        /* nn_rng_below takes half a block */
                        .partner =
                            (size_t)nn_rng_below(&rng, 2 * block_of(row, PARTNER_BLOCK), count)};
    return mix;
}
