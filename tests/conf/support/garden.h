/* A small family and tables that use every type of field, for tests. */
#ifndef GARDEN_H
#define GARDEN_H

#include "conf/field.h"

typedef struct rose_conf {
    double height;
    int petals;
} rose_conf;

typedef struct soil {
    double acid;
    const char *note;
} soil;

typedef struct garden {
    int beds;
    int depth;
    uint64_t seed;
    double sun;
    double rain;
    bool fenced;
    const char *name;
    const char *owner;
    int season;
    nn_choice plant;
    nn_choice guest;
    nn_shape plot;
    nn_shape path;
    int step[2];
    int gap[2];
    soil soil;
    soil spare;
    nn_node sign;
    nn_node rows;
} garden;

extern const nn_family plants; /* rose (keys with defaults), oak (a required key), moss (no keys) */
extern const nn_table garden_table; /* of struct garden; "beds" must be given */

#endif
