/* Small trainings for tests: a config as text, its run in a directory of its own. */
#ifndef NN_TEST_RUNS_H
#define NN_TEST_RUNS_H

#include "support/nn_test.h"

#include "run/train.h"

/* Two classes of points on two sides of a line, 40 rows, as a `data` object; inline. */
extern const char *const nn_test_points;

enum { NN_TEST_WARNINGS = 8192 };

typedef struct nn_test_run {
    char *dir; /* temporary; holds runs/ */
    nn_config *config;
    nn_setup *setup;
    nn_rundir *run;
    nn_train_result result;
    nn_code code; /* of nn_train */
    nn_err err;
    char warning[NN_TEST_WARNINGS]; /* with resumed.h: all of them, a line each */
} nn_test_run;

/* The text with " for every '; free it. */
char *nn_test_quotes(const char *text);
/* Reads the config; in `text` every ' stands for ". Fails the test when that fails. */
nn_config *nn_test_config(const char *text);
/* Sets up and trains; only nn_train may fail, see code and err. */
void nn_test_train(nn_test_run *r, const char *text, const nn_train_options *options);
/* The bytes of a file of the run ("model.safetensors"). Free with nn_free. */
char *nn_test_file(const nn_test_run *r, const char *name, size_t *len);
void nn_test_run_free(nn_test_run *r);

#endif
