/* Members of a family chosen as a config would, and whether a table of cases misses one. */
#ifndef NN_TESTS_NN_CHOOSE_H
#define NN_TESTS_NN_CHOOSE_H

#include "conf/field.h"

typedef struct nn_chosen {
    nn_choice choice;
    nn_doc *doc; /* texts of the conf live here */
    nn_problems problems;
} nn_chosen;

/* `json` is "\"name\"" or an object with its type. Anything wrong with it fails the test. */
void nn_test_choose(nn_chosen *out, const nn_family *family, const char *json);
void nn_test_unchoose(nn_chosen *chosen);
/* Fails the test unless it is refused with exactly this message. */
void nn_test_refuse(const nn_family *family, const char *json, const char *message);

/* Fails the test when a kind is in none of `cases`, the first of `count` texts `stride` bytes
 * apart. */
void nn_test_covers(const nn_family *family, const char *const *cases, size_t count, size_t stride);

#endif
