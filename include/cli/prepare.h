/* A config loaded and settled, with everything that is wrong with it found in one go. */
#ifndef NN_CLI_PREPARE_H
#define NN_CLI_PREPARE_H

#include "cli/session.h"
#include "run/record.h"
#include "run/setup.h"

/* Starts zeroed; release with nn_prepared_free. */
typedef struct nn_prepared {
    nn_config *config; /* NULL when the file could not be read */
    nn_setup *setup;   /* NULL on failure */
    nn_problems lost;  /* what was found when there is no config to keep it */
} nn_prepared;

/* Is what was named on the command line a config (a file, or "-"), as opposed to a model? */
NN_MUST_CHECK nn_code nn_names_config(const char *word, bool *is, nn_err *err);

/* On failure nn_prepared_problems holds at least one error. Nothing is printed. */
NN_MUST_CHECK nn_code nn_prepare(nn_prepared *p, const nn_session *s, const char *path,
                                 const nn_setup_options *options, nn_err *err);
const nn_problems *nn_prepared_problems(const nn_prepared *p);
void nn_prepared_free(nn_prepared *p);

/* The same, with the problems printed; with --verbose also what `check` would warn of (run/lint.h).
 */
NN_MUST_CHECK nn_code nn_prepare_aloud(nn_prepared *p, nn_session *s, const char *path,
                                       const nn_setup_options *options, nn_err *err);

/* The config of a run directory, with --set applied, and how that run was made; problems are
 * printed. */
NN_MUST_CHECK nn_code nn_prepare_run(nn_prepared *p, nn_session *s, const char *run,
                                     nn_record *record, nn_err *err);

#endif
