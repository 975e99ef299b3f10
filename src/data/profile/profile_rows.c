/* Rows that repeat, in a file and between two: by their hashes. */
#include "profile_file.h"

#include <stdlib.h>

#include "base/mem.h"

nn_code nn_profile_remember(nn_profile *p, size_t *room, uint64_t hash, nn_err *err)
{
    if (p->remembered == NN_PROFILE_ROWS)
        return NN_OK;
    NN_TRY(nn_grow(&p->row, room, p->remembered + 1, sizeof *p->row, err));
    p->row[p->remembered++] = hash;
    return NN_OK;
}

static int compare_hashes(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

void nn_profile_find_repeated(nn_profile *p)
{
    if (p->remembered > 0)
        qsort(p->row, p->remembered, sizeof *p->row, compare_hashes);
    for (size_t i = 1; i < p->remembered; i++)
        p->repeated += p->row[i] == p->row[i - 1];
}

size_t nn_profile_shared(const nn_profile *a, const nn_profile *b)
{
    size_t shared = 0, at = 0;

    for (size_t i = 0; i < b->remembered; i++) {
        while (at < a->remembered && a->row[at] < b->row[i])
            at++;
        shared += at < a->remembered && a->row[at] == b->row[i];
    }
    return shared;
}
