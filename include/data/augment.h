/*
 * Augmentation: training samples that look a little different in every epoch. What happens to a
 * sample is a function of (seed, epoch, row) alone, whoever fills the batch, in whatever order.
 *
 * Shift, rotation, zoom, mirroring and erasing change the picture as it came from the file, empty
 * places being 0 there; then it is scaled; noise is added to the scaled numbers. Mixup blends two
 * samples that have gone through all this, and their targets with them.
 */
#ifndef NN_DATA_AUGMENT_H
#define NN_DATA_AUGMENT_H

#include "base/rng.h"
#include "base/shape.h"
#include "conf/field.h"
#include "math/real.h"

typedef enum nn_flip { NN_FLIP_NONE, NN_FLIP_HORIZONTAL, NN_FLIP_VERTICAL, NN_FLIP_BOTH } nn_flip;

typedef struct nn_augment_conf {
    double shift;  /* at most this part of the height and width, either way */
    double rotate; /* at most so many degrees, either way */
    double zoom;   /* scaled by 1 - zoom to 1 + zoom */
    int flip;      /* nn_flip: mirrored, each with probability 1/2 */
    double noise;  /* standard deviation, in scaled units */
    double erase;  /* a rectangle of at most this part of the height and width is set to 0 */
    double mixup;  /* alpha of the beta distribution of the shares; 0: none */
} nn_augment_conf;
extern const nn_table nn_augment_table;

bool nn_augment_is_none(const nn_augment_conf *conf);
/* Reports to the document of `at` when samples of this shape are no pictures but should be. */
void nn_augment_check(const nn_augment_conf *conf, const nn_shape *shape, nn_node at);
/* What nn_augment_new would take, in bytes. */
size_t nn_augment_bytes(const nn_augment_conf *conf, const nn_shape *shape, int slots);

typedef struct nn_augment nn_augment;

/* `slots` calls may work at the same time, each with a slot of its own. */
NN_MUST_CHECK nn_code nn_augment_new(nn_augment **out, const nn_augment_conf *conf,
                                     const nn_shape *shape, int slots, uint64_t seed, nn_err *err);
void nn_augment_free(nn_augment *a); /* NULL is fine */

/* A sample before scaling, in place: all that happens to pictures. */
void nn_augment_picture(const nn_augment *a, uint64_t epoch, uint32_t row, int slot, nn_real *x);
/* A sample after scaling, in place. */
void nn_augment_noise(const nn_augment *a, uint64_t epoch, uint32_t row, nn_real *x);

/* Which of `count` samples a row is mixed with, and the share that it keeps itself. */
typedef struct nn_mix {
    double share;
    size_t partner;
} nn_mix;
bool nn_augment_mixes(const nn_augment *a);
nn_mix nn_augment_mix(const nn_augment *a, uint64_t epoch, uint32_t row, size_t count);

#endif
