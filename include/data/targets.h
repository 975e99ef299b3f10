/*
 * Targets as they were read, words or numbers, before it is settled what they mean; and the rules
 * by which they become classes or numbers. Used by the loaders alone.
 */
#ifndef NN_DATA_TARGETS_H
#define NN_DATA_TARGETS_H

#include "data/refuse.h"
#include "data/source.h"
#include "data/words.h"

/* Starts zeroed but for the width; release with nn_targets_free. */
typedef struct nn_targets {
    const char *name;        /* of the file, for messages; kept by the caller, likewise below */
    const char *column;      /* of a CSV file with a header */
    nn_node node;            /* the inline list */
    const nn_dataset *table; /* whose rows have places in files; NULL for other sources */
    size_t rows;
    int width;      /* numbers a row; 1 also for a plain list */
    bool whole;     /* class numbers by the type of the file: they are kept as they are */
    bool words;     /* some row is a word, so all are */
    bool fractions; /* some text is a number that is not whole */
    size_t first_word;
    double *value; /* [rows][width]; 0 for words */
    int32_t *word; /* [rows] indices into `texts`; NULL when only numbers came */
    nn_words texts;
    bool many; /* too many different texts to be classes: they are no longer kept */
    size_t value_room, word_room;
} nn_targets;

/* Adds a row of `width` numbers, or a text that may be a number (CSV) or is a word (inline). */
NN_MUST_CHECK nn_code nn_targets_add_numbers(nn_targets *t, const double *value, nn_err *err);
NN_MUST_CHECK nn_code nn_targets_add_text(nn_targets *t, nn_field_text text, char point,
                                          uint64_t line, nn_err *err);
NN_MUST_CHECK nn_code nn_targets_add_word(nn_targets *t, const char *text, nn_err *err);

/*
 * The rules: words are classes, sorted by their bytes. Whole numbers of an integer file are class
 * numbers 0 to the largest. Other whole numbers from 0 to 999 with at most 32 different values are
 * classes when the task is AUTO (named by the numbers, sorted). Everything else is numbers. A given
 * task decides; given classes must not be left. Several class numbers a sample, of a given task,
 * are those of its steps. Fills label, steps and classes, or value and width, of `d`.
 */
NN_MUST_CHECK nn_code nn_targets_settle(nn_targets *t, const nn_load *how, nn_dataset *d,
                                        nn_err *err);

void nn_targets_free(nn_targets *t);

#endif
