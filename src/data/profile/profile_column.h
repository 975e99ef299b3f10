/* One column being looked at, value by value. For src/data/profile/ alone. */
#ifndef NN_PROFILE_COLUMN_H
#define NN_PROFILE_COLUMN_H

#include "data/hash.h"
#include "data/profile.h"

typedef struct nn_hash_set {
    uint64_t *slot; /* [slots] 0: free */
    size_t slots, count;
} nn_hash_set;

/* A field: its hash, and what it is as a number (NaN: missing, or a word whose hash stands for it).
 */
typedef struct nn_looked {
    uint64_t hash;
    double number;
    bool is_word;
} nn_looked;

/* Starts zeroed but for what is said first; released by nn_look_free. */
typedef struct nn_look {
    size_t limit;                  /* different values to tell apart */
    const nn_words *missing_words; /* of fields; the caller's */
    char point;                    /* the decimal one */
    nn_hash_set seen;
    uint64_t last;   /* that was put there */
    char before[24]; /* the last number as it was written, if it was short, */
    size_t before_len;
    nn_looked before_as; /* and what it is */
    bool repeated, many, too_many_values;
    nn_value_count value[NN_PROFILE_VALUES];
    int values;
    size_t missing, numbers, whole, words;
    double least, most, mean, squares;
    nn_histogram spread;
    uint64_t all; /* of the values in their order */
} nn_look;

NN_MUST_CHECK nn_code nn_look_field(nn_look *l, nn_field_text field, nn_looked *out, nn_err *err);
NN_MUST_CHECK nn_code nn_look_number(nn_look *l, double value, nn_err *err);
/* Hands over what was found. */
NN_MUST_CHECK nn_code nn_look_end(nn_look *l, nn_column_profile *out, nn_err *err);
void nn_look_free(nn_look *l);

#endif
