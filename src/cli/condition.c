/* The conditions of --fail-if. */
#include "cli/condition.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/status.h"

/* The longer ones first, so that "<=" is not read as "<". */
static const char *const comparisons[] = {"<=", ">=", "==", "!=", "<", ">"};
enum { LE, GE, EQ, NE, LT, GT, COMPARISONS };

static const char blanks[] = " \t";

void nn_named_add(nn_named_list *list, const char *prefix, const char *name, double value)
{
    nn_named *item = &list->item[list->count];

    if (list->count == NN_MAX_NAMED)
        return;
    snprintf(item->name, sizeof item->name, "%s%s", prefix, name);
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->item[i].name, item->name) == 0)
            return;
    item->value = value;
    list->count++;
}

/* A metric of classes that is better when higher is a share, so it lies between 0 and 1. */
static bool is_share(const char *name)
{
    static const char *const prefixes[] = {"", "val_", "test_"};

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        const size_t len = strlen(prefixes[i]);
        const nn_kind *kind =
            strncmp(name, prefixes[i], len) == 0 ? nn_family_find(&nn_metrics, name + len) : NULL;
        const nn_metric_class *class = (const nn_metric_class *)kind;
        if (class != NULL)
            return class->for_classes && class->higher_is_better;
    }
    return false;
}

static nn_code bad_form(const char *text, nn_err *err)
{
    char shown[NN_SHOWN];

    return nn_err_set(err, NN_EUSAGE, "--fail-if",
                      "expected NAME < NUMBER (or <= > >= == !=), got \"%s\"",
                      nn_text_show(shown, sizeof shown, text, strlen(text), 40));
}

nn_code nn_condition_parse(nn_condition *c, const char *text, nn_err *err)
{
    const char *name = text + strspn(text, blanks);
    const size_t len = strcspn(name, " \t<>=!");
    const char *rest = name + len + strspn(name + len, blanks);
    int i = 0;

    while (i < COMPARISONS && strncmp(rest, comparisons[i], strlen(comparisons[i])) != 0)
        i++;
    if (len == 0 || len >= sizeof c->name || i == COMPARISONS)
        return bad_form(text, err);
    rest += strlen(comparisons[i]);
    rest += strspn(rest, blanks);
    size_t digits = strlen(rest);
    while (digits > 0 && strchr(blanks, rest[digits - 1]) != NULL)
        digits--;
    if (nn_parse_double(rest, digits, &c->limit) != NN_NUMBER_OK)
        return bad_form(text, err);
    memcpy(c->name, name, len);
    c->name[len] = '\0';
    c->comparison = i;
    if (is_share(c->name) && (c->limit < 0 || c->limit > 1))
        return nn_err_set(err, NN_EUSAGE, "--fail-if", "%s lies between 0 and 1, got %.*s", c->name,
                          (int)(digits < 40 ? digits : 40), rest);
    return NN_OK;
}

static const nn_named *find(const nn_condition *c, const nn_named_list *list)
{
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->item[i].name, c->name) == 0)
            return &list->item[i];
    return NULL;
}

nn_code nn_condition_check(const nn_condition *c, const nn_named_list *list, nn_err *err)
{
    char shown[NN_SHOWN];
    nn_buf names = {0};
    nn_code rc;

    if (find(c, list) != NULL)
        return NN_OK;
    for (int i = 0; i < list->count; i++)
        nn_buf_printf(&names, "%s%s", i == 0 ? "" : ", ", list->item[i].name);
    if ((rc = nn_buf_check(&names, err)) == NN_OK)
        rc =
            nn_err_set(err, NN_EUSAGE, "--fail-if", "unknown value \"%s\"; there are %s",
                       nn_text_show(shown, sizeof shown, c->name, strlen(c->name), 40), names.data);
    nn_buf_free(&names);
    return rc;
}

static bool holds(const nn_condition *c, double value)
{
    switch (c->comparison) {
    case LE:
        return value <= c->limit;
    case GE:
        return value >= c->limit;
    case EQ:
        return value == c->limit;
    case NE:
        return value != c->limit;
    case LT:
        return value < c->limit;
    default:
        return value > c->limit;
    }
}

void nn_condition_judge(const nn_condition *c, const nn_named_list *list, nn_session *s)
{
    const double value = find(c, list)->value;
    char shown[NN_NUMBER_TEXT];
    char limit[NN_NUMBER_TEXT];

    if (!isnan(value) && !holds(c, value))
        return;
    s->status = NN_STATUS_UNMET;
    if (isnan(value))
        nn_session_warn(s, "--fail-if: %s is not defined on these samples", c->name);
    else
        nn_session_warn(s, "--fail-if: %s is %s, and that is %s %s", c->name,
                        nn_format_double(shown, value), comparisons[c->comparison],
                        nn_format_double(limit, c->limit));
}
