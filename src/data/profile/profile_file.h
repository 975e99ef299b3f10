/* The two kinds of files that a profile is made of. For src/data/profile/ alone. */
#ifndef NN_PROFILE_FILE_H
#define NN_PROFILE_FILE_H

#include "data/profile.h"

/* Fill everything but path and format. */
NN_MUST_CHECK nn_code nn_profile_table(nn_profile *p, const nn_profile_options *options,
                                       nn_err *err);
NN_MUST_CHECK nn_code nn_profile_array(nn_profile *p, const nn_array_format *format, nn_err *err);
/* Remembers the hash of a row, as long as there is room for it. */
NN_MUST_CHECK nn_code nn_profile_remember(nn_profile *p, size_t *room, uint64_t hash, nn_err *err);
/* Counts those that came before, when all are there. */
void nn_profile_find_repeated(nn_profile *p);

#endif
