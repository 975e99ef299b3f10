/*
 * A report as one HTML page that needs nothing else: no script, no file, no network. A section is
 * one file in src/view/sections/ and one row in view/sections.def; it is left out where it has
 * nothing to show.
 */
#ifndef NN_VIEW_PAGE_H
#define NN_VIEW_PAGE_H

#include "run/dossier.h"
#include "view/markup.h"
#include "view/plot.h"

/* A plot as a file of its own. */
typedef struct nn_plate {
    char name[128]; /* of the file, without .svg: letters, digits, dashes */
    nn_buf svg;
} nn_plate;

typedef struct nn_page {
    nn_buf out;
    bool keeps_plates;
    nn_plate *plate; /* [plates] */
    size_t plates, room;
} nn_page;

/* Both write a whole page. Starts zeroed but for keeps_plates; nn_page_free, also after a failure.
 */
NN_MUST_CHECK nn_code nn_page_of_run(nn_page *p, const nn_dossier *d, nn_err *err);
/* At least two runs. */
NN_MUST_CHECK nn_code nn_page_of_runs(nn_page *p, const nn_dossier *const *runs, int count,
                                      nn_err *err);
void nn_page_free(nn_page *p);

/* ---- for sections ---- */

typedef struct nn_section {
    const char *id, *title;
    bool (*applies)(const nn_dossier *d);
    nn_code (*write)(nn_page *p, const nn_dossier *d, nn_err *err);
} nn_section;

/* A framed picture: its caption, which may come from outside; the plot follows. */
void nn_page_figure(nn_page *p, const char *caption, const char *remark);
/* The plot of this name is written; it began at `from` (p->out.len before it). */
NN_MUST_CHECK nn_code nn_page_plate(nn_page *p, size_t from, const char *name, nn_err *err);
void nn_page_figure_end(nn_page *p);

/* What both kinds of pages begin and end with. */
void nn_page_head(nn_page *p, const char *title);
void nn_page_tail(nn_page *p);
/* A term with its value and a small remark below it, in a list of the class "stats". */
void nn_page_stat(nn_page *p, const char *class, const char *term, const char *value,
                  const char *remark);
/* " (0.949 to 0.967)"; nothing when it is not known. dst NN_PAGE_RANGE bytes. */
enum { NN_PAGE_RANGE = 112 };
const char *nn_page_range(char *dst, const nn_interval *i);

#endif
