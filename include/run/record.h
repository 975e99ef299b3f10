/* What a run directory says of how its run was made, to go on with it or to judge its model. */
#ifndef NN_RUN_RECORD_H
#define NN_RUN_RECORD_H

#include "run/config.h"

typedef struct nn_record {
    nn_config *config; /* resolved.json, its paths relative to where the config was */
    char *config_path; /* as it was given */
    size_t limit;      /* of --limit; 0: none */
    bool overfit_batch;
} nn_record;

/* `sets` are applied to the resolved config. Free with nn_record_free, also after a failure. */
NN_MUST_CHECK nn_code nn_record_read(nn_record *r, const char *run, const char *const *sets,
                                     int set_count, nn_err *err);
void nn_record_free(nn_record *r);

#endif
