/* A sheet of samples as one picture: each as it is, and beside it as training sees it, by epoch. */
#ifndef NN_VIEW_CONTACT_H
#define NN_VIEW_CONTACT_H

#include "data/batch.h"

typedef struct nn_contact {
    const nn_dataset *data; /* pictures: [height, width], or with channels, of which 1 or 3 show */
    const nn_prep *prep;
    const nn_augment_conf *augment;
    uint64_t seed;
    int samples; /* the first so many, a row each */
    int epochs;  /* how each looks in epochs 1, 2, ...; 0: only as it is */
} nn_contact;

/* The bytes of a PNG file. NN_EDATA at the dataset's name when its samples are no pictures. */
NN_MUST_CHECK nn_code nn_contact_write(const nn_contact *c, nn_buf *out, nn_err *err);

#endif
