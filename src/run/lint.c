/* The rules in a row, and how they report. */
#include "run/lint.h"

#include <stdio.h>

#define NN_RULE(name, id, reason, remedy)                                                          \
    nn_code nn_rule_##name(const nn_rule *rule, const nn_setup *s, nn_err *err);
#include "run/rules.def"
#undef NN_RULE

const nn_rule nn_rules[] = {
#define NN_RULE(name, id, reason, remedy) {id, reason, remedy, nn_rule_##name},
#include "run/rules.def"
#undef NN_RULE
    {NULL, NULL, NULL, NULL}};

void nn_rule_report(const nn_rule *rule, nn_node at, const char *fmt, ...)
{
    char found[NN_MSG_SIZE];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(found, sizeof found, fmt, ap);
    va_end(ap);
    nn_node_report(at, NN_WARNING, rule->id, rule->remedy, "%s: %s", found, rule->reason);
}

nn_code nn_lint(const nn_setup *s, nn_err *err)
{
    for (const nn_rule *rule = nn_rules; rule->id != NULL; rule++)
        NN_TRY(rule->look(rule, s, err));
    return NN_OK;
}
