/* Between the tokens of a dataset and a vocabulary. */
#ifndef NN_DATA_VOCABULARY_H
#define NN_DATA_VOCABULARY_H

#include "data/source.h"
#include "data/split.h"

/*
 * The vocabulary of these rows of a dataset with raw text: the most frequent tokens, of equal ones
 * those that are less by their bytes. `every`: a plain file's tokens are all told from those
 * before.
 */
NN_MUST_CHECK nn_code nn_vocabulary_fit(nn_vocabulary **out, const nn_view *train,
                                        const nn_text_conf *conf, bool every, nn_err *err);
/*
 * Makes samples of the raw text, which is gone then: of a table, rows of `length` tokens, those
 * that are shorter padded behind; of a plain file, numbers of which windows are to be made, labels
 * alike and their names as classes.
 */
NN_MUST_CHECK nn_code nn_vocabulary_apply(const nn_vocabulary *v, nn_dataset *d, nn_err *err);

/* The windows of a plain file. */
nn_windows nn_vocabulary_windows(const nn_vocabulary *v);

/* Does the data come as text? By the config, or the model. */
bool nn_text_is(const nn_load *how);
/* Plain text files, each a series of its own. */
NN_MUST_CHECK nn_code nn_text_load(nn_dataset **out, const char *const *path, int count,
                                   const nn_load *how, nn_err *err);
/* Is it a table of texts with their labels? By the config, or by a first line "text,label". */
NN_MUST_CHECK nn_code nn_text_is_table(bool *is, const char *path, const nn_load *how, nn_err *err);
/* Raw text to fill, by what the config or the model says. */
NN_MUST_CHECK nn_code nn_raw_text_new(nn_raw_text **out, const nn_load *how, bool table,
                                      nn_err *err);

#endif
