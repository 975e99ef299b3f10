/* Views and splits: which rows are for what, by (seed, data) alone. */
#include "data/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

void nn_view_free(nn_view *v)
{
    nn_free(v->row);
    memset(v, 0, sizeof *v);
}

nn_code nn_view_copy(nn_view *out, const nn_view *from, nn_err *err)
{
    *out = *from;
    if (from->row == NULL)
        return NN_OK;
    out->row = nn_alloc(from->count, sizeof *out->row);
    if (out->row == NULL) {
        memset(out, 0, sizeof *out);
        return nn_err_memory(err, "a view", from->count * sizeof *from->row);
    }
    memcpy(out->row, from->row, from->count * sizeof *out->row);
    return NN_OK;
}

static nn_code refuse(const nn_view *all, nn_err *err, double fraction, const char *side)
{
    return nn_err_set(err, NN_EDATA, all->data->name,
                      "a validation fraction of %g of %zu rows leaves none for %s", fraction,
                      all->count, side);
}

/* Is a row of one class? */
static bool has_class(const nn_dataset *d)
{
    return d->label != NULL && d->steps <= 1;
}

nn_split_method nn_split_usual(const nn_dataset *d)
{
    if (d->group != NULL)
        return NN_SPLIT_RANDOM; /* whole groups, whatever the order of the rows */
    if (d->ordered)
        return NN_SPLIT_LAST;
    return has_class(d) ? NN_SPLIT_STRATIFIED : NN_SPLIT_RANDOM;
}

static int32_t group_of(const nn_view *all, size_t i, bool by_class)
{
    return by_class ? all->data->label[nn_view_row(all, i)] : 0;
}

/* The rows of one class, or of all. */
typedef struct stratum {
    size_t number;
    size_t rows;
    size_t quota;   /* rows to hold back */
    double missing; /* what rounding down took from its share */
} stratum;

static int by_missing(const void *a, const void *b)
{
    const stratum *x = a, *y = b;

    if (x->missing != y->missing)
        return x->missing > y->missing ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static int by_number(const void *a, const void *b)
{
    const stratum *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

/*
 * How many rows each group gives: its share rounded down, then one more for the largest remainders
 * (the earlier group when equal) until the sum is right. Every group keeps a row for training.
 */
static void share_out(stratum *groups, size_t count, size_t rows, size_t held)
{
    size_t given = 0, before = 0;

    for (size_t g = 0; g < count; g++) {
        const double share = (double)held * (double)groups[g].rows / (double)rows;

        groups[g].number = g;
        groups[g].quota = (size_t)floor(share);
        groups[g].missing = share - floor(share);
        given += groups[g].quota;
    }
    qsort(groups, count, sizeof *groups, by_missing);
    do {
        before = given;
        for (size_t g = 0; g < count && given < held; g++) {
            if (groups[g].quota + 1 < groups[g].rows) {
                groups[g].quota++;
                given++;
            }
        }
    } while (given < held && given > before);
    qsort(groups, count, sizeof *groups, by_number);
}

/* Marks the rows to hold: walking a seeded order, each group until its quota is full. */
static nn_code choose(bool *chosen, const nn_view *all, size_t held, bool by_class, uint64_t seed,
                      nn_err *err)
{
    const nn_rng rng = {.seed = seed, .stream = NN_RNG_SPLIT};
    const size_t count = by_class ? (size_t)all->data->classes.count : 1;
    stratum *groups = nn_alloc(count, sizeof *groups);
    uint32_t *order = nn_alloc(all->count, sizeof *order);
    nn_code rc = NN_OK;

    if (groups == NULL || order == NULL) {
        rc = nn_err_memory(err, "the split", all->count * sizeof *order);
        goto out;
    }
    for (size_t i = 0; i < all->count; i++)
        groups[group_of(all, i, by_class)].rows++;
    share_out(groups, count, all->count, held);
    nn_rng_permute(&rng, order, all->count);
    for (size_t k = 0; k < all->count; k++) {
        stratum *g = &groups[group_of(all, order[k], by_class)];

        if (g->quota > 0) {
            g->quota--;
            chosen[order[k]] = true;
        }
    }
out:
    nn_free(groups);
    nn_free(order);
    return rc;
}

/* The rows of `all` whose mark is `which`, in order. */
static nn_code gather(nn_view *out, const nn_view *all, const bool *chosen, bool which, nn_err *err)
{
    out->data = all->data;
    out->count = 0;
    out->row = nn_alloc(all->count, sizeof *out->row);
    if (out->row == NULL)
        return nn_err_memory(err, "a view", all->count * sizeof *out->row);
    for (size_t i = 0; i < all->count; i++)
        if (chosen[i] == which)
            out->row[out->count++] = (uint32_t)nn_view_row(all, i);
    return NN_OK;
}

static int32_t count_groups(const nn_view *all)
{
    int32_t most = 0;

    for (size_t i = 0; i < all->count; i++)
        if (all->data->group[nn_view_row(all, i)] > most)
            most = all->data->group[nn_view_row(all, i)];
    return most + 1;
}

/* Groups in a seeded order, each held back when that brings the sum nearer to what is wanted. */
static nn_code choose_groups(bool *chosen, const nn_view *all, size_t held, uint64_t seed,
                             nn_err *err)
{
    const nn_rng rng = {.seed = seed, .stream = NN_RNG_SPLIT};
    const int32_t *group = all->data->group;
    const size_t count = (size_t)count_groups(all);
    size_t *rows = nn_alloc(count, sizeof *rows), sum = 0;
    uint32_t *order = nn_alloc(count, sizeof *order);
    nn_code rc = NN_OK;

    if (rows == NULL || order == NULL) {
        rc = nn_err_memory(err, "the split", count * sizeof *rows);
        goto out;
    }
    for (size_t i = 0; i < all->count; i++)
        rows[group[nn_view_row(all, i)]]++;
    nn_rng_permute(&rng, order, count);
    for (size_t k = 0; k < count; k++) {
        size_t *const mine = &rows[order[k]];
        const bool nearer = sum < held && 2 * (held - sum) > *mine && sum + *mine < all->count;

        sum += nearer ? *mine : 0;
        *mine = nearer; /* from here on: is the group held back? */
    }
    for (size_t i = 0; i < all->count; i++)
        chosen[i] = rows[group[nn_view_row(all, i)]] != 0;
    if (sum == 0)
        rc = nn_err_set(err, NN_EDATA, all->data->name,
                        "no group is small enough to hold %zu of %zu rows back for validation",
                        held, all->count);
out:
    nn_free(rows);
    nn_free(order);
    return rc;
}

/* The last rows; a group that stands on both sides is refused. */
static nn_code choose_last(bool *chosen, const nn_view *all, size_t held, nn_err *err)
{
    const int32_t *group = all->data->group;
    const size_t first = all->count - held;
    char where[NN_WHERE_SIZE];
    bool *before = NULL;

    memset(chosen + first, 1, held * sizeof *chosen);
    if (group == NULL)
        return NN_OK;
    before = nn_alloc((size_t)count_groups(all), sizeof *before);
    if (before == NULL)
        return nn_err_memory(err, "the split", 0);
    for (size_t i = 0; i < first; i++)
        before[group[nn_view_row(all, i)]] = true;
    for (size_t i = first; i < all->count; i++) {
        const size_t row = nn_view_row(all, i);

        if (!before[group[row]])
            continue;
        nn_free(before);
        return nn_err_set(err, NN_EDATA, nn_dataset_where(all->data, row, where),
                          "the method \"last\" divides the group of this row; use \"random\"");
    }
    nn_free(before);
    return NN_OK;
}

/* The last rows of each series, a share of it rounded to whole rows. */
static void choose_last_of_series(bool *chosen, const nn_view *all, double fraction)
{
    const int32_t *series = all->data->series;

    for (size_t begin = 0, end = 0; begin < all->count; begin = end) {
        while (end < all->count && series[nn_view_row(all, end)] == series[nn_view_row(all, begin)])
            end++;
        for (size_t i = end - (size_t)floor(fraction * (double)(end - begin) + 0.5); i < end; i++)
            chosen[i] = true;
    }
}

static nn_code mark(bool *chosen, const nn_view *all, size_t held, nn_split_method method,
                    uint64_t seed, nn_err *err)
{
    if (all->data->ordered && all->data->series != NULL && all->data->group == NULL) {
        choose_last_of_series(chosen, all, (double)held / (double)all->count);
        return NN_OK;
    }
    if (method == NN_SPLIT_LAST)
        return choose_last(chosen, all, held, err);
    if (all->data->group != NULL)
        return choose_groups(chosen, all, held, seed, err);
    return choose(chosen, all, held, method == NN_SPLIT_STRATIFIED, seed, err);
}

nn_code nn_split(nn_view *train, nn_view *held, const nn_view *all, double fraction,
                 nn_split_method method, uint64_t seed, nn_err *err)
{
    const size_t count = (size_t)floor(fraction * (double)all->count + 0.5);
    bool *chosen = NULL;
    nn_code rc = NN_OK;

    memset(train, 0, sizeof *train);
    memset(held, 0, sizeof *held);
    if (count < 1)
        return refuse(all, err, fraction, "validation");
    if (count >= all->count)
        return refuse(all, err, fraction, "training");
    if (method == NN_SPLIT_AUTO)
        method = nn_split_usual(all->data);
    if (all->data->ordered && all->data->group == NULL && method != NN_SPLIT_LAST)
        return nn_err_set(err, NN_ECONFIG, all->data->name,
                          "rows of a sequence that are held back at random would stand between "
                          "those to train on; use the method \"last\", or keep whole series "
                          "together by data.group");
    if (method == NN_SPLIT_STRATIFIED && all->data->group != NULL)
        return nn_err_set(err, NN_ECONFIG, all->data->name,
                          "a stratified split would divide groups; use \"random\" or \"last\"");
    if (method == NN_SPLIT_STRATIFIED && !has_class(all->data))
        return nn_err_set(err, NN_ECONFIG, all->data->name,
                          "a stratified split needs %s; use \"random\" or \"last\"",
                          all->data->label == NULL ? "classes" : "one class a row");
    chosen = nn_alloc(all->count, sizeof *chosen);
    if (chosen == NULL)
        return nn_err_memory(err, "the split", all->count);
    if ((rc = mark(chosen, all, count, method, seed, err)) != NN_OK ||
        (rc = gather(train, all, chosen, false, err)) != NN_OK ||
        (rc = gather(held, all, chosen, true, err)) != NN_OK)
        goto out;
    if (held->count == 0)
        rc = nn_err_set(err, NN_EDATA, all->data->name,
                        "every class has one row only, so none can be held back for validation; "
                        "use the method \"random\"");
out:
    nn_free(chosen);
    if (rc != NN_OK) {
        nn_view_free(train);
        nn_view_free(held);
    }
    return rc;
}

nn_code nn_view_limit(nn_view *out, const nn_view *all, size_t limit, uint64_t seed, nn_err *err)
{
    const nn_rng rng = {.seed = seed, .stream = NN_RNG_LIMIT};
    uint32_t *order = NULL;
    bool *chosen = NULL;
    nn_code rc = NN_OK;

    memset(out, 0, sizeof *out);
    if (limit >= all->count && all->row == NULL) {
        *out = *all;
        return NN_OK;
    }
    order = nn_alloc(all->count, sizeof *order);
    chosen = nn_alloc(all->count, sizeof *chosen);
    if (order == NULL || chosen == NULL) {
        rc = nn_err_memory(err, "a view", all->count * sizeof *order);
    } else {
        nn_rng_permute(&rng, order, all->count);
        for (size_t i = 0; i < all->count && i < limit; i++)
            chosen[order[i]] = true;
        rc = gather(out, all, chosen, true, err);
    }
    nn_free(order);
    nn_free(chosen);
    if (rc != NN_OK)
        nn_view_free(out);
    return rc;
}

/* The rows that the split column gives to a part; all of them without such a column. */
static nn_code take_part(nn_view *out, const nn_dataset *d, nn_part part, nn_err *err)
{
    *out = (nn_view){.data = d, .count = d->rows};
    if (d->part == NULL)
        return NN_OK;
    out->count = 0;
    out->row = nn_alloc(d->rows, sizeof *out->row);
    if (out->row == NULL)
        return nn_err_memory(err, "a view", d->rows * sizeof *out->row);
    for (size_t i = 0; i < d->rows; i++)
        if (d->part[i] == part)
            out->row[out->count++] = (uint32_t)i;
    return NN_OK;
}

static nn_code take_parts(nn_parts *p, const nn_dataset *d, const nn_validation_conf *v,
                          nn_err *err)
{
    NN_TRY(take_part(&p->train, d, NN_PART_TRAIN, err));
    if (d->part == NULL)
        return NN_OK;
    NN_TRY(take_part(&p->validation, d, NN_PART_VALIDATION, err));
    NN_TRY(take_part(&p->test, d, NN_PART_TEST, err));
    if (p->train.count == 0)
        return nn_err_set(err, NN_EDATA, d->name, "the split column has no rows for train");
    if (p->validation.count > 0 && v->has_files)
        return nn_err_set(err, NN_ECONFIG, d->name,
                          "both the split column and the config's `validation` name rows");
    return NN_OK;
}

nn_code nn_parts_make(nn_parts *out, const nn_dataset *d, const nn_validation_conf *v, size_t limit,
                      uint64_t seed, nn_err *err)
{
    nn_parts p = {0};
    nn_view all = {0};
    nn_code rc = take_parts(&p, d, v, err);

    if (rc == NN_OK && limit > 0 && limit < p.train.count) {
        all = p.train;
        rc = nn_view_limit(&p.train, &all, limit, seed, err);
        nn_view_free(&all);
    }
    if (rc == NN_OK && p.validation.count == 0 && !v->has_files && v->fraction > 0) {
        nn_view_free(&p.validation);
        all = p.train;
        rc = nn_split(&p.train, &p.validation, &all, v->fraction, (nn_split_method)v->method, seed,
                      err);
        nn_view_free(&all);
    }
    if (rc != NN_OK)
        nn_parts_free(&p);
    *out = p;
    return rc;
}

void nn_parts_free(nn_parts *p)
{
    nn_view_free(&p->train);
    nn_view_free(&p->validation);
    nn_view_free(&p->test);
}
