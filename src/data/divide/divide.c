/* Dealing rows out: in a seeded order, each to the part that lacks the most. */
#include "data/divide.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

/* Rows that are dealt out together. */
typedef struct lot {
    uint32_t group; /* classes come in an order by chance as well */
    size_t count;   /* rows of the group */
    uint32_t turn;  /* by chance */
    uint32_t row;   /* of a lot of one row */
} lot;

typedef struct deal {
    const nn_fractions *f;
    size_t given[NN_MAX_PARTS];
    size_t all;
} deal;

/* The part that lacks the most once `count` more rows are given; the first of equals. */
static int take_turn(deal *d, size_t count)
{
    int best = 0;
    double most = 0;

    d->all += count;
    for (int k = 0; k < d->f->parts; k++) {
        const double lacks = d->f->part[k] * (double)d->all - (double)d->given[k];

        if (k == 0 || lacks > most + 1e-9) {
            most = lacks;
            best = k;
        }
    }
    d->given[best] += count;
    return best;
}

/* Class by class, so that each is spread as evenly as its rows allow. */
static int by_group(const void *a, const void *b)
{
    const lot *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->turn > y->turn) - (x->turn < y->turn);
}

/* Large groups first: the small ones fill what is left. */
static int by_count(const void *a, const void *b)
{
    const lot *x = a, *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->turn > y->turn) - (x->turn < y->turn);
}

static nn_code order_of(uint32_t **order, size_t n, uint64_t seed, uint64_t step, nn_err *err)
{
    const nn_rng rng = {seed, NN_RNG_SPLIT, step};

    *order = nn_alloc(n + 1, sizeof **order); /* there may be no groups */
    if (*order == NULL)
        return nn_err_memory(err, "the split", n * sizeof **order);
    nn_rng_permute(&rng, *order, n);
    return NN_OK;
}

static nn_code deal_rows(uint8_t *part, size_t rows, const int32_t *group, int groups, deal *d,
                         uint64_t seed, nn_err *err)
{
    lot *lots = nn_alloc(rows, sizeof *lots);
    uint32_t *order = NULL, *turn = NULL;
    nn_code rc = lots == NULL ? nn_err_memory(err, "the split", rows * sizeof *lots)
                              : order_of(&order, rows, seed, 0, err);

    if (rc == NN_OK)
        rc = order_of(&turn, (size_t)groups, seed, 1, err);
    for (size_t i = 0; rc == NN_OK && i < rows; i++)
        lots[i] = (lot){group == NULL ? 0 : turn[group[order[i]]], 1, (uint32_t)i, order[i]};
    if (rc == NN_OK)
        qsort(lots, rows, sizeof *lots, by_group);
    for (size_t i = 0; rc == NN_OK && i < rows; i++)
        part[lots[i].row] = (uint8_t)take_turn(d, 1);
    nn_free(lots);
    nn_free(order);
    nn_free(turn);
    return rc;
}

/* The most that a part may lack: of what there will be in the end, not of what was dealt so far. */
static int part_for(const deal *d, size_t rows)
{
    int best = 0;

    for (int k = 1; k < d->f->parts; k++)
        if (d->f->part[k] * (double)rows - (double)d->given[k] >
            d->f->part[best] * (double)rows - (double)d->given[best])
            best = k;
    return best;
}

static nn_code deal_groups(uint8_t *part, size_t rows, const int32_t *group, int groups, deal *d,
                           uint64_t seed, nn_err *err)
{
    lot *lots = nn_alloc((size_t)groups, sizeof *lots);
    uint8_t *part_of = nn_alloc((size_t)groups, 1);
    uint32_t *order = NULL;
    nn_code rc = lots == NULL || part_of == NULL ? nn_err_memory(err, "the split", 0)
                                                 : order_of(&order, (size_t)groups, seed, 0, err);

    for (int g = 0; rc == NN_OK && g < groups; g++)
        lots[g] = (lot){(uint32_t)g, 0, order[g], 0};
    for (size_t i = 0; rc == NN_OK && i < rows; i++)
        lots[group[i]].count++;
    if (rc == NN_OK)
        qsort(lots, (size_t)groups, sizeof *lots, by_count);
    for (int i = 0; rc == NN_OK && i < groups; i++) {
        const int k = part_for(d, rows);

        part_of[lots[i].group] = (uint8_t)k;
        d->given[k] += lots[i].count;
    }
    for (size_t i = 0; rc == NN_OK && i < rows; i++)
        part[i] = part_of[group[i]];
    nn_free(lots);
    nn_free(part_of);
    nn_free(order);
    return rc;
}

nn_code nn_divide(uint8_t *part, size_t rows, const int32_t *group, int groups, bool together,
                  const nn_fractions *f, uint64_t seed, nn_err *err)
{
    deal d = {.f = f};

    if (together)
        return deal_groups(part, rows, group, groups, &d, seed, err);
    return deal_rows(part, rows, group, groups, &d, seed, err);
}
