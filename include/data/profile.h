/*
 * A look at a data file before anything is asked of it: what its columns hold, which of them say
 * nothing or too much, which rows repeat. A CSV file is read once, forward, in memory that does not
 * grow with its rows but for eight bytes each; array files are loaded.
 */
#ifndef NN_DATA_PROFILE_H
#define NN_DATA_PROFILE_H

#include "data/array.h"
#include "data/csv.h"
#include "data/histogram.h"
#include "data/text_profile.h"

enum {
    NN_PROFILE_VALUES = 64,        /* different values of a column that are kept and counted */
    NN_PROFILE_DISTINCT = 1 << 16, /* beyond so many they are no longer told apart */
    NN_PROFILE_ROWS = 1 << 22,     /* rows that are remembered, to find them again */
    NN_PROFILE_FEW = 20            /* with fewer rows nothing is said of identities and leaks */
};

typedef struct nn_value_count {
    char *text;
    uint64_t hash;
    size_t count;
} nn_value_count;

typedef struct nn_column_profile {
    char *name; /* NULL without a header */
    size_t missing, numbers, words;
    size_t whole;                        /* numbers without a fraction */
    double least, most, mean, deviation; /* of the numbers; NaN without any */
    nn_histogram spread;                 /* of the numbers */
    size_t distinct;       /* different values; NN_PROFILE_DISTINCT: that many or more */
    bool unique;           /* no value came twice, as far as they were told apart */
    nn_value_count *value; /* [values] the most common first; none when there are too many */
    int values;
    int same_as;  /* an earlier column with the same values in every row; -1: none */
    double tells; /* how much of the target it gives away alone, from 0 to 1; NaN: not known */
} nn_column_profile;

typedef struct nn_profile {
    char *path;
    const char *format; /* "csv", "idx", "npy", "text" */
    size_t rows;
    size_t repeated;           /* rows that came before already */
    nn_column_profile *column; /* arrays: one, of all their numbers */
    int columns;
    int target; /* the column that was named as such; -1: none */

    char delimiter; /* CSV */
    bool header;

    nn_shape shape; /* arrays: of one sample */
    nn_store store;
    bool whole;
    size_t constant; /* places of a sample that are the same in every one */

    nn_text_profile *text; /* of a plain text, which has neither rows nor columns; else NULL */

    uint64_t *row; /* [remembered] hashes of rows, sorted; columns count in any order */
    size_t remembered;
} nn_profile;

typedef struct nn_profile_options {
    bool text;              /* a plain text, whatever its name and looks */
    const char *target;     /* a column's name, or its place from 0; NULL: none */
    bool last;              /* the last column is the target */
    const nn_csv_conf *csv; /* NULL: found by looking */
    /* Rows are the same when they agree in these columns ([compared]); NULL: in all of them. */
    const char *const *compare;
    int compared;
} nn_profile_options;

/*
 * NN_EUSAGE when there is no such target. A file whose name ends in .txt, .text or .md (.gz behind
 * it or not) is a plain text unless it can be read as a table of numbers or of several columns.
 */
NN_MUST_CHECK nn_code nn_profile_new(nn_profile **out, const char *path,
                                     const nn_profile_options *options, nn_err *err);
void nn_profile_free(nn_profile *p); /* NULL is fine */

/* Rows of `b` that stand in `a` as well. Both must have been compared in the same columns. */
size_t nn_profile_shared(const nn_profile *a, const nn_profile *b);

/* Column `c` as messages call it: its name, or "column 3" (from 1); dst NN_SHOWN. */
const char *nn_profile_name(const nn_profile *p, int c, char *dst);

/* What a column is taken for. */
bool nn_column_is_constant(const nn_column_profile *c);
bool nn_column_is_category(const nn_column_profile *c); /* words, or few whole numbers from 0 */
bool nn_column_is_identity(const nn_profile *p, int c); /* numbers its rows, or names them */
bool nn_column_is_leak(const nn_profile *p, int c);     /* gives the target away */

#endif
