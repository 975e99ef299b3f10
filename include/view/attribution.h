/* Attributions to look at: which pixels or columns speak for a decision and which against it. */
#ifndef NN_VIEW_ATTRIBUTION_H
#define NN_VIEW_ATTRIBUTION_H

#include "data/dataset.h"
#include "data/prep.h"
#include "run/explain.h"

/* Is the sample a picture, with channels or without? */
bool nn_attribution_is_picture(const nn_prep *prep);

/* A column as the user knows it, with all that its numbers add up to. */
typedef struct nn_attributed {
    const char *name; /* escaped for nothing; lives in `text` or the prep */
    char text[NN_SHOWN];
    nn_buf value; /* what stood there */
    double share;
} nn_attributed;
/* [*count] by size, the largest first; free with nn_attributed_free. */
NN_MUST_CHECK nn_code nn_attributed_new(nn_attributed **out, int *count, const nn_prep *prep,
                                        const nn_dataset *d, const nn_explanation *x, nn_err *err);
void nn_attributed_free(nn_attributed *list, int count);

/* For the terminal: the picture, what speaks for it, and what against. */
NN_MUST_CHECK nn_code nn_attribution_blocks(nn_buf *out, const nn_prep *prep, const nn_dataset *d,
                                            const nn_explanation *x, bool color, nn_err *err);
/*
 * The same as a file: the picture in grey with blue over what speaks for the decision and orange
 * over what speaks against it, as the bytes of a PNG; or as an SVG with the picture beside it.
 */
NN_MUST_CHECK nn_code nn_attribution_png(nn_buf *out, const nn_prep *prep, const nn_dataset *d,
                                         const nn_explanation *x, nn_err *err);
NN_MUST_CHECK nn_code nn_attribution_svg(nn_buf *out, const nn_prep *prep, const nn_dataset *d,
                                         const nn_explanation *x, const char *title, nn_err *err);
/* Bars, one for each column, as an SVG; `spread` of each may be NULL. */
NN_MUST_CHECK nn_code nn_attribution_bars(nn_buf *out, const char *const *name, const double *value,
                                          const double *spread, int count, const char *title,
                                          nn_err *err);

#endif
