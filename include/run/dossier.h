/*
 * Everything that a report tells of one run, gathered: what its files say, and what its best model
 * does on its data. What cannot be had (the data is gone, nothing was trained yet) is told in
 * `gap`, and the rest is there all the same; only memory that runs out is an error (NN_ELIMIT).
 */
#ifndef NN_RUN_DOSSIER_H
#define NN_RUN_DOSSIER_H

#include "run/anatomy.h"
#include "run/findings.h"
#include "run/held.h"
#include "run/history.h"

enum { NN_DOSSIER_GAP = 1024, NN_DOSSIER_NAME = 80 };

typedef struct nn_dossier {
    char *run;      /* the directory */
    nn_doc *record; /* run.json */
    nn_problems problems;
    nn_doc *resolved; /* resolved.json */
    char *config;     /* the bytes given; likewise below */
    size_t config_len;
    char *resolved_text;
    size_t resolved_len;
    nn_history history; /* metrics.jsonl */
    nn_history timing;

    char monitor[NN_DOSSIER_NAME]; /* what makes an epoch the best: "val_loss" */
    bool higher_is_better;
    long best; /* its line in the history; -1: none */

    const nn_graph *graph; /* NULL: there is no model (yet); likewise below */
    const nn_prep *prep;
    const nn_real *weights;
    nn_task task;
    uint64_t model_bytes;  /* of the model file; 0: not known */
    nn_view view;          /* count 0: the data could not be had */
    const char *split;     /* that the findings are of: "test" */
    nn_findings *findings; /* NULL: none */
    nn_anatomy *anatomy;
    char gap[NN_DOSSIER_GAP]; /* why something is not there; "": all is */

    nn_model *model; /* owned, when the run was opened from its directory */
    nn_held held;
    nn_real *loaded; /* owned, of a training that has just ended */
} nn_dossier;

/* From the directory. `split` NULL: test, else validation, else train. */
NN_MUST_CHECK nn_code nn_dossier_open(nn_dossier **out, const char *run, const char *split,
                                      int threads, nn_err *err);
/* Of a training that has just ended, whose data is loaded still; the setup must outlive it. */
NN_MUST_CHECK nn_code nn_dossier_of(nn_dossier **out, const char *run, const nn_setup *s,
                                    int threads, nn_err *err);
void nn_dossier_free(nn_dossier *d); /* NULL is fine */

/* A text or number of run.json; "" and NaN when it is not there. */
const char *nn_dossier_text(const nn_dossier *d, const char *key);
double nn_dossier_number(const nn_dossier *d, const char *key);
/* The value of the best epoch; NaN: there is none. */
double nn_dossier_best(const nn_dossier *d, const char *series);

#endif
