/* Places blocks by their lifetime. */
#include "layout.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Larger blocks first; equal ones in the order given. */
static int compare(const void *a, const void *b)
{
    const nn_block *const left = *(nn_block *const *)a, *const right = *(nn_block *const *)b;

    if (left->bytes != right->bytes)
        return left->bytes > right->bytes ? -1 : 1;
    return (left > right) - (left < right);
}

static bool meet(const nn_block *a, const nn_block *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The smallest gap between those of `placed` (sorted by offset) that are needed at the same time.
 */
static size_t find_gap(const nn_block *b, nn_block *const *placed, int count)
{
    size_t end = 0, best = 0, best_bytes = 0;

    for (int i = 0; i < count; i++) {
        const nn_block *other = placed[i];

        if (!meet(b, other))
            continue;
        const size_t gap = other->at > end ? other->at - end : 0;
        if (gap >= b->bytes && (best_bytes == 0 || gap < best_bytes)) {
            best = end;
            best_bytes = gap;
        }
        if (other->at + other->bytes > end)
            end = other->at + other->bytes;
    }
    return best_bytes > 0 ? best : end;
}

static void insert(nn_block *b, nn_block **placed, int count)
{
    int i = count;

    while (i > 0 && placed[i - 1]->at > b->at)
        i--;
    memmove(placed + i + 1, placed + i, (size_t)(count - i) * sizeof(*placed));
    placed[i] = b;
}

nn_code nn_layout_place(nn_block *block, int count, size_t *total, nn_err *err)
{
    nn_block **work = nn_alloc(2 * (size_t)count, sizeof(nn_block *));
    nn_block **placed = work + count;

    if (work == NULL)
        return nn_err_memory(err, "the layout of memory", 2 * (size_t)count * sizeof(nn_block *));
    for (int i = 0; i < count; i++)
        work[i] = &block[i];
    qsort(work, (size_t)count, sizeof(*work), compare);
    *total = 0;
    for (int i = 0; i < count && work[i]->bytes > 0; i++) {
        work[i]->at = find_gap(work[i], placed, i);
        insert(work[i], placed, i);
        if (work[i]->at + work[i]->bytes > *total)
            *total = work[i]->at + work[i]->bytes;
    }
    nn_free(work);
    return NN_OK;
}
