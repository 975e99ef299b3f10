/* The conditions of --fail-if: "test_accuracy<0.97". */
#ifndef NN_CLI_CONDITION_H
#define NN_CLI_CONDITION_H

#include "base/err.h"
#include "cli/session.h"
#include "nn/metric.h"

#include <stdbool.h>

typedef struct nn_condition {
    char name[64];
    int comparison; /* index of "<", "<=", ... */
    double limit;
} nn_condition;

/* A value that a condition may name. */
typedef struct nn_named {
    char name[64];
    double value; /* NaN: not defined */
} nn_named;
enum { NN_MAX_NAMED = 64 };
typedef struct nn_named_list {
    nn_named item[NN_MAX_NAMED];
    int count;
} nn_named_list;

/* prefix + name; a name that is there already stays as it is. */
void nn_named_add(nn_named_list *list, const char *prefix, const char *name, double value);

/* NN_EUSAGE also when a metric that lies between 0 and 1 is compared with a limit outside. */
NN_MUST_CHECK nn_code nn_condition_parse(nn_condition *c, const char *text, nn_err *err);
/* Is its name among these? To be asked before the work begins; NN_EUSAGE lists the names. */
NN_MUST_CHECK nn_code nn_condition_check(const nn_condition *c, const nn_named_list *list,
                                         nn_err *err);
/*
 * Sets s->status to NN_STATUS_UNMET, and says so, when it holds. A value that is not defined makes
 * every condition hold: nothing was shown to be good.
 */
void nn_condition_judge(const nn_condition *c, const nn_named_list *list, nn_session *s);

#endif
