/*
 * The search for mistakes of modelling in a config that could be trained as it is. A rule is a
 * function in src/run/rules/ and a row in run/rules.def.
 */
#ifndef NN_RUN_LINT_H
#define NN_RUN_LINT_H

#include "data/profile.h"
#include "run/setup.h"

/* What the rules look at. */
typedef struct nn_facts {
    const nn_setup *setup;   /* with its data */
    const nn_profile *table; /* of the training file, with its target; NULL: no CSV file */
} nn_facts;

typedef struct nn_rule nn_rule;
struct nn_rule {
    const char *id;
    const char *reason;
    const char *remedy;
    /* Reports what it finds; fails only when it could not look. */
    nn_code (*look)(const nn_rule *rule, const nn_facts *facts, nn_err *err);
};

extern const nn_rule nn_rules[]; /* ends with a row without id */

/* A warning of this rule, at a node of the config: what was found there comes first. */
void nn_rule_report(const nn_rule *rule, nn_node at, const char *fmt, ...) NN_PRINTF(3, 4);

/* All rules, on a setup with its data; warnings go to the config's problems. */
NN_MUST_CHECK nn_code nn_lint(const nn_setup *s, nn_err *err);

#endif
