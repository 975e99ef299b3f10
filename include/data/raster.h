/*
 * Single pictures: PNG, PGM and PPM files, told by their content, gzipped or not. A format is one
 * file in src/data/rasters/ and one row in data/rasters.def. Whatever the file has becomes 8 bits
 * a channel, grey or red, green and blue; what is transparent lies on white.
 */
#ifndef NN_DATA_RASTER_H
#define NN_DATA_RASTER_H

#include "base/gz.h"
#include "data/dataset.h"

typedef struct nn_raster {
    int height, width;
    int channels;   /* 1 or 3 */
    uint8_t *pixel; /* [height][width][channels] */
} nn_raster;

typedef struct nn_raster_format {
    const char *name;
    bool (*is)(const unsigned char *head, size_t len); /* by the first (up to 64) bytes */
    /* From the whole file, whose bytes it may overwrite. On failure *out is empty. */
    nn_code (*read)(nn_raster *out, unsigned char *bytes, size_t len, const char *name,
                    nn_err *err);
} nn_raster_format;

/* Is this file a picture, by its first bytes? */
NN_MUST_CHECK nn_code nn_raster_sniff(bool *is, const char *path, nn_err *err);
/* `id` may be NULL. */
NN_MUST_CHECK nn_code nn_raster_load(nn_raster *out, nn_file_id *id, const char *path, nn_err *err);
void nn_raster_free(nn_raster *p);
/* For the formats: sides within the limits, and the memory for pixels. */
NN_MUST_CHECK nn_code nn_raster_check(unsigned height, unsigned width, const char *name,
                                      nn_err *err);
NN_MUST_CHECK nn_code nn_raster_new(nn_raster *out, int height, int width, int channels,
                                    nn_err *err);

/* What a picture is to be made into. */
typedef struct nn_raster_form {
    int height, width; /* 0: as it is */
    int channels;      /* 1, 3; 0: as it is */
    bool resize;       /* without it another size is refused */
    bool invert;       /* black and white exchanged */
} nn_raster_form;

/*
 * Makes it so, in place. Colour becomes grey by the weights 0.299, 0.587, 0.114; sizes change by
 * averaging what falls together, or linearly between pixels where it grows. The proportions are not
 * kept.
 */
NN_MUST_CHECK nn_code nn_raster_fit(nn_raster *p, const nn_raster_form *form, const char *name,
                                    nn_err *err);

/*
 * Takes over the sides and channels of samples of this shape, unless its rank is 0. A shape that no
 * picture has is NN_EDATA at `name`.
 */
NN_MUST_CHECK nn_code nn_raster_form_of(nn_raster_form *form, const nn_shape *shape,
                                        const char *name, nn_err *err);

/*
 * A picture as a dataset of one sample without targets, of this shape (rank 0: its own), which must
 * be [height, width] or [height, width, channels].
 */
NN_MUST_CHECK nn_code nn_raster_dataset(nn_dataset **out, const char *path, const nn_shape *shape,
                                        const nn_raster_form *form, nn_err *err);
/*
 * A folder of pictures by class, a folder of files for each, as a dataset. Classes are in the order
 * of their names (as numbers, where all are numbers), files in the order of theirs; names with a
 * dot in front are passed over. All pictures must have, or be brought to, the form of the first.
 */
NN_MUST_CHECK nn_code nn_raster_folder(nn_dataset **out, const char *dir,
                                       const nn_raster_form *form, nn_err *err);

#endif
