/* Figures of lines, as reports of one run and of several have them. */
#ifndef NN_VIEW_SERIES_H
#define NN_VIEW_SERIES_H

#include "view/page.h"

/* Is this series of metrics.jsonl a loss or metric of the training rows? */
bool nn_series_is_score(const char *name);
NN_MUST_CHECK nn_code nn_series_figure(nn_page *p, const char *caption, const char *plate,
                                       const nn_lines *lines, nn_err *err);

#endif
