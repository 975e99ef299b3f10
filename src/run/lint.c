/* The rules in a row, and how they report. */
#include "run/lint.h"

#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"

#define NN_RULE(name, id, reason, remedy)                                                          \
    nn_code nn_rule_##name(const nn_rule *rule, const nn_facts *facts, nn_err *err);
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

/* The training table as it stands in its file, since the setup holds no more than its samples. */
static nn_code look_at_table(nn_profile **out, const nn_setup *s, nn_err *err)
{
    const nn_data_conf *data = &s->config->data;
    const char *name = nn_node_text(data->target);
    const nn_encoder *encoder = s->prep->encoder;
    nn_csv_conf csv = data->csv;
    nn_profile_options options = {.csv = &csv, .last = nn_node_is(data->target, NN_JSON_NONE)};
    char place[32];
    nn_files files = {0};

    nn_files_read(data->train, &files);
    if (encoder == NULL || encoder->count == 0 || files.path == NULL)
        return NN_OK;
    csv.header = encoder->column[0].name != NULL ? NN_HEADER_YES : NN_HEADER_NO;
    snprintf(place, sizeof place, "%.0f", nn_node_number(data->target));
    if (nn_node_is(data->target, NN_JSON_TEXT) || nn_node_is(data->target, NN_JSON_NUMBER))
        options.target = name[0] != '\0' ? name : place;
    char *path = nn_path_join(s->config->dir, files.path);
    if (path == NULL)
        return nn_err_memory(err, "a path", 0);
    const nn_code rc = nn_profile_new(out, path, &options, err);
    nn_free(path);
    return rc;
}

nn_code nn_lint(const nn_setup *s, nn_err *err)
{
    nn_profile *table = NULL;
    nn_code rc = look_at_table(&table, s, err);
    const nn_facts facts = {s, table};

    for (const nn_rule *rule = nn_rules; rc == NN_OK && rule->id != NULL; rule++)
        rc = rule->look(rule, &facts, err);
    nn_profile_free(table);
    return rc == NN_OK ? nn_problems_check(&s->config->problems, err) : rc;
}
