/* Rules about the columns and rows of the data. */
#include "rule.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/hash.h"

nn_code nn_rule_duplicate_column(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_identity_column(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_leak(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_shared_rows(const nn_rule *rule, const nn_facts *facts, nn_err *err);
nn_code nn_rule_time_gaps(const nn_rule *rule, const nn_facts *facts, nn_err *err);

/* Is this column of the table one that the network is given? */
static bool is_feature(const nn_facts *facts, int c)
{
    const nn_prep *prep = facts->setup->prep;
    const char *name = facts->table->column[c].name;

    if (c == facts->table->target)
        return false;
    for (int i = 0; prep->encoder != NULL && i < prep->encoder->count; i++) {
        const nn_encoded *column = &prep->encoder->column[i];

        if (name == NULL ? column->place == c
                         : column->name != NULL && strcmp(column->name, name) == 0)
            return true;
    }
    return false;
}

nn_code nn_rule_duplicate_column(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_profile *p = facts->table;
    char one[NN_SHOWN], two[NN_SHOWN];

    (void)err;
    for (int c = 0; p != NULL && c < p->columns; c++)
        if (p->column[c].same_as >= 0 && is_feature(facts, c) &&
            is_feature(facts, p->column[c].same_as))
            nn_rule_report(rule, nn_rule_key(facts->setup, "data"),
                           "\"%s\" and \"%s\" are the same in every row",
                           nn_profile_name(p, p->column[c].same_as, one),
                           nn_profile_name(p, c, two));
    return NN_OK;
}

nn_code nn_rule_identity_column(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_profile *p = facts->table;
    char name[NN_SHOWN];

    (void)err;
    for (int c = 0; p != NULL && c < p->columns; c++)
        if (nn_column_is_identity(p, c) && is_feature(facts, c))
            nn_rule_report(rule, nn_rule_key(facts->setup, "data"),
                           "\"%s\" is another one in every row", nn_profile_name(p, c, name));
    return NN_OK;
}

nn_code nn_rule_leak(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_profile *p = facts->table;
    char name[NN_SHOWN], target[NN_SHOWN];

    (void)err;
    for (int c = 0; p != NULL && p->target >= 0 && c < p->columns; c++)
        if (nn_column_is_leak(p, c) && is_feature(facts, c))
            nn_rule_report(rule, nn_rule_key(facts->setup, "data"),
                           "\"%s\" alone tells %.1f %% of what there is to know of \"%s\"",
                           nn_profile_name(p, c, name), 100 * p->column[c].tells,
                           nn_profile_name(p, p->target, target));
    return NN_OK;
}

/* ---- rows for training and for judging ---- */

static int compare_hashes(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static uint64_t hash_of(const nn_dataset *d, size_t row)
{
    const size_t len = nn_dataset_pitch(d);

    if (d->bytes != NULL)
        return nn_hash_bytes(d->bytes + row * len, len);
    return nn_hash_bytes(d->numbers + row * len, len * sizeof *d->numbers);
}

static size_t count_shared(const nn_dataset *d, const uint64_t *known, size_t count)
{
    size_t shared = 0;

    for (size_t i = 0; i < d->rows; i++) {
        const uint64_t hash = hash_of(d, i);
        shared += bsearch(&hash, known, count, sizeof *known, compare_hashes) != NULL;
    }
    return shared;
}

/* Written here by hand, samples may be the same on purpose; the same file has been told already. */
static bool is_worth_a_look(const nn_dataset *train, const nn_dataset *d)
{
    return d != NULL && train->windows.window == 0 && train->files > 0 && d->files > 0 &&
           (d->bytes == NULL) == (train->bytes == NULL) &&
           memcmp(train->file[0].id.sha256, d->file[0].id.sha256, NN_SHA256_SIZE) != 0;
}

static void look_at(const nn_rule *rule, const nn_setup *s, const nn_dataset *d, nn_node at,
                    const char *part, const uint64_t *known)
{
    if (!is_worth_a_look(s->train_set, d))
        return;
    const size_t shared = count_shared(d, known, s->train_set->rows);
    if (shared > 0)
        nn_rule_report(rule, at, "%zu of %zu %s rows stand in the training rows as well", shared,
                       d->rows, part);
}

nn_code nn_rule_shared_rows(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    const nn_dataset *train = s->train_set;
    uint64_t *known = NULL;

    if (!is_worth_a_look(train, s->test_set) && !is_worth_a_look(train, s->validation_set))
        return NN_OK;
    if ((known = nn_alloc(train->rows, sizeof *known)) == NULL)
        return nn_err_memory(err, "the comparison of rows", train->rows * sizeof *known);
    for (size_t i = 0; i < train->rows; i++)
        known[i] = hash_of(train, i);
    qsort(known, train->rows, sizeof *known, compare_hashes);
    look_at(rule, s, s->test_set, s->config->data.test, "test", known);
    look_at(rule, s, s->validation_set, nn_rule_key(s, "validation"), "validation", known);
    nn_free(known);
    return NN_OK;
}

/* ---- time ---- */

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* From the row before it in its series to this one; 0 for the first of a series. */
static double step_to(const nn_dataset *d, size_t row)
{
    if (row == 0 || (d->series != NULL && d->series[row] != d->series[row - 1]))
        return 0;
    return d->moment[row] - d->moment[row - 1];
}

/* Months and years are not all of one length. */
static bool is_usual(double step, double usual)
{
    return step > 0.75 * usual && step < 1.25 * usual;
}

static void tell_gaps(const nn_rule *rule, const nn_setup *s, double usual, size_t steps)
{
    const nn_dataset *d = s->train_set;
    size_t odd = 0, first = 0;
    char where[NN_WHERE_SIZE];

    for (size_t row = 1; row < d->rows; row++)
        if (step_to(d, row) > 0 && !is_usual(step_to(d, row), usual)) {
            first = odd == 0 ? row : first;
            odd++;
        }
    if (odd > 0)
        nn_rule_report(rule, nn_node_get(nn_rule_key(s, "data"), "sequence"),
                       "%zu of %zu steps of time are not as long as most are; the first, to "
                       "%.100s, is %.4g times as long",
                       odd, steps, nn_dataset_where(d, first, where), step_to(d, first) / usual);
}

nn_code nn_rule_time_gaps(const nn_rule *rule, const nn_facts *facts, nn_err *err)
{
    const nn_setup *s = facts->setup;
    const nn_dataset *d = s->train_set;
    double *step = NULL;
    size_t steps = 0;

    if (d->moment == NULL || d->windows.window == 0)
        return NN_OK;
    if ((step = nn_alloc(d->rows, sizeof *step)) == NULL)
        return nn_err_memory(err, "the steps of time", d->rows * sizeof *step);
    for (size_t row = 1; row < d->rows; row++)
        if (step_to(d, row) > 0)
            step[steps++] = step_to(d, row);
    qsort(step, steps, sizeof *step, compare_numbers);
    if (steps > 0)
        tell_gaps(rule, s, step[steps / 2], steps);
    nn_free(step);
    return NN_OK;
}
